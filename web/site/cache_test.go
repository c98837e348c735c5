package site

import (
	"strconv"
	"testing"
	"time"
)

var noon = time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC)

func TestAnswerIsRenewedByOneReader(t *testing.T) {
	t.Parallel()
	var k answers
	if _, ok := k.find("/", noon, time.Second); ok {
		t.Fatal("found what nobody kept")
	}
	k.put("/", &answer{body: []byte("old"), until: noon.Add(time.Second)})
	late := noon.Add(1500 * time.Millisecond)
	for i, want := range []bool{false, true, true} { // the first makes it anew
		if _, ok := k.find("/", late, time.Second); ok != want {
			t.Errorf("reader %d finds it: %v, want %v", i, ok, want)
		}
	}
	k.put("/", &answer{body: []byte("new"), until: late.Add(time.Second)})
	if a, ok := k.find("/", late, time.Second); !ok || string(a.body) != "new" {
		t.Errorf("got %q, %v, want the new answer", a.body, ok)
	}
	if _, ok := k.find("/", late.Add(time.Hour), time.Second); ok {
		t.Error("an answer of an hour ago is shown")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	var k answers
	body := make([]byte, maxAnswerSize)
	for i := range 100 {
		k.put(strconv.Itoa(i), &answer{body: body, until: noon})
		k.put(strconv.Itoa(i), &answer{body: body, until: noon}) // again, which adds nothing
		held := 0
		for _, a := range k.kept {
			held += len(a.body)
		}
		if held != k.size || held > maxSize {
			t.Fatalf("%d bytes are kept, counted %d, want at most %d", held, k.size, maxSize)
		}
	}
	for i := range 2 * maxAnswers {
		k.put("/"+strconv.Itoa(i), &answer{until: noon})
	}
	if len(k.kept) > maxAnswers {
		t.Errorf("%d answers are kept, want at most %d", len(k.kept), maxAnswers)
	}
}
