package document_test

import (
	"strings"
	"testing"

	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/meeting/meetingtest"
)

func TestSave(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t)
	s := document.New(w.Core)
	save := func(d document.Document) error {
		d.ProcessID = w.Process.ID
		return s.Save(t.Context(), w.Promoter, d)
	}
	w.Must(save(document.Document{Code: "sheet", Title: "Scheda", Body: "Uno"}))
	w.Must(save(document.Document{Code: "sheet", Title: "Scheda", Body: "Due", Revision: 1}))

	for name, tt := range map[string]struct {
		d    document.Document
		code fault.Code
	}{
		"ErrStale":    {document.Document{Code: "sheet", Title: "Scheda", Body: "Tre", Revision: 1}, fault.Conflict},
		"ErrAgainNew": {document.Document{Code: "sheet", Title: "Scheda", Body: "Tre"}, fault.Conflict},
		"ErrNoTitle":  {document.Document{Code: "x", Body: "b"}, fault.Invalid},
		"ErrNoBody":   {document.Document{Code: "x", Title: "t"}, fault.Invalid},
		"ErrCode":     {document.Document{Code: "../x", Title: "t", Body: "b"}, fault.Invalid},
		"ErrLong":     {document.Document{Code: "x", Title: strings.Repeat("t", 201), Body: "b"}, fault.Invalid},
	} {
		if err := save(tt.d); !fault.Is(err, tt.code) {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	d, err := s.Load(t.Context(), w.Process, "sheet", "it")
	w.Must(err)
	if d.Body != "Due" || d.Revision != 2 {
		t.Errorf("what was refused changed something: %+v", d)
	}
	if err := s.Save(t.Context(), w.Stranger, document.Document{ProcessID: w.Process.ID, Code: "y", Title: "t", Body: "b"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger wrote: %v", err)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t)
	s := document.New(w.Core)
	publish := func(code string, public bool) error {
		return s.Publish(t.Context(), w.Promoter, w.Process.ID, code, public)
	}
	if err := publish("sheet", true); !fault.Is(err, fault.NotFound) {
		t.Errorf("published what nobody wrote: %v", err)
	}
	w.Must(s.Save(t.Context(), w.Promoter, document.Document{ProcessID: w.Process.ID, Code: "sheet", Title: "Scheda", Body: "Uno"}))
	w.Must(publish("sheet", true))
	first, err := s.Published(t.Context(), w.Process)
	w.Must(err)
	w.Clock.Advance(1000)
	w.Must(publish("sheet", true))
	second, err := s.Published(t.Context(), w.Process)
	w.Must(err)
	if len(first) != 1 || len(second) != 1 || !first[0].PublishedAt.Equal(*second[0].PublishedAt) {
		t.Error("publishing twice must keep the first date")
	}
	w.Must(publish("sheet", false))
	if list, err := s.Published(t.Context(), w.Process); err != nil || len(list) != 0 {
		t.Errorf("taken back, yet %d are public (%v)", len(list), err)
	}
}
