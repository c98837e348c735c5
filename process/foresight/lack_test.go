package foresight_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/foresight"
)

// asking is the path with a first phase that asks for two webinars and for documents.
var asking = strings.Replace(path, "term: {length: 7d}, allows: [edit, extend]}", `term: {length: 7d}, allows: [edit, extend],
    activities: [{kind: webinar, count: {min: 2}}, {kind: questionnaire}],
    artefacts: [{code: notes, title: {it: Verbali, en: Minutes}, required: true, public: true}, {code: more, title: {it: Altro, en: More}}]}`, 1) + `
  - {id: skip, event: skip, from: [preparation], to: over, by: [promoter], title: {it: Rinuncia, en: Give up}}
`

// What the phase that a move leaves asks for and has not is foreseen of the moves that
// lead on, until it is there; a move that gives up is not held against it.
func TestLacks(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, asking, "2026-03-19")
	says := func(want ...foresight.Lack) {
		t.Helper()
		same := func(a, b foresight.Lack) bool {
			return a.Kind == b.Kind && a.Missing == b.Missing && a.Written == b.Written && a.Document.In("it") == b.Document.In("it")
		}
		if got := w.looks(nil)["listen"].Lacks; !slices.EqualFunc(got, want, same) {
			t.Errorf("lacks %+v, want %+v", got, want)
		}
	}
	notes := foresight.Lack{Document: map[string]string{"it": "Verbali"}}
	says(foresight.Lack{Kind: "webinar", Missing: 2}, notes)
	if got := w.looks(nil)["skip"].Lacks; got != nil {
		t.Errorf("giving up lacks %+v", got)
	}
	_, err := w.Core.CreateActivity(t.Context(), w.Process.ID, w.Promoter, process.NewActivity{Kind: "webinar", Title: "Incontro", Phase: "preparation"})
	w.Must(err)
	documents := document.New(w.Core)
	w.Must(documents.Save(t.Context(), w.Promoter, document.Document{ProcessID: w.Process.ID, Code: "notes", Title: "Verbali", Body: "Testo"}))
	notes.Written = true
	says(foresight.Lack{Kind: "webinar", Missing: 1}, notes)
	w.Must(documents.Publish(t.Context(), w.Promoter, w.Process.ID, "notes", true))
	says(foresight.Lack{Kind: "webinar", Missing: 1})
}
