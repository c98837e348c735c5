package site

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
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

// One reader's failure, an error page or a panic, must not leave the others
// with the old answer: the next one makes it anew.
func TestAnswerIsRenewedAfterAFailure(t *testing.T) {
	t.Parallel()
	gin.SetMode(gin.TestMode)
	s := &Site{CacheFor: 1}
	for name, fail := range map[string]func(*Request){
		"ErrorPage": func(r *Request) { r.c.String(http.StatusServiceUnavailable, "no") },
		"Panic":     func(*Request) { panic("no") },
	} {
		t.Run(name, func(t *testing.T) {
			path := "/" + name
			fails := true
			route := Open(path, func(r *Request) error {
				if fails {
					fail(r)
					return nil
				}
				r.c.String(http.StatusOK, "new")
				return nil
			})
			route.Cache, route.OwnClock = time.Hour, true
			engine := gin.New()
			engine.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.Status(http.StatusInternalServerError) }))
			if err := s.Mount(engine, []Route{route}); err != nil {
				t.Fatal(err)
			}
			ask := func() string {
				w := httptest.NewRecorder()
				engine.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				return w.Body.String()
			}
			lang := chooseLanguage(httptest.NewRequest(http.MethodGet, path, nil))
			s.cache.put(lang+path, &answer{body: []byte("old"), until: time.Now().Add(-time.Minute)})
			ask()
			fails = false
			if got := ask(); got != "new" {
				t.Errorf("after a failure the next reader is shown %q", got)
			}
		})
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
