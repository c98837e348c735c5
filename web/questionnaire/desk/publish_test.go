package desk_test

import (
	"testing"

	"arengo/process"
	"arengo/process/document"
	domain "arengo/process/questionnaire"
)

// over publishes the questions of a questionnaire and closes it, without
// waiting for answers.
func (w *world) over(a process.Activity) {
	w.T.Helper()
	q, err := w.service.Load(w.T.Context(), w.Process.ID, a.ID)
	w.Must(err)
	q.Definition = area(w.T)
	q, err = w.service.Save(w.T.Context(), w.Promoter, q)
	w.Must(err)
	_, err = w.service.PublishDefinition(w.T.Context(), w.Process.ID, a.ID, w.Promoter, q.Revision)
	w.Must(err)
	w.Exec(`UPDATE workflow_instance SET state = 'closed' WHERE process_id = ? AND activity_id = ?`, w.Process.ID, a.ID)
}

// TestEachQuestionnaireHasItsWords: the results of the second of two
// questionnaires stand under their own title and comment.
func TestEachQuestionnaireHasItsWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.Activity("questionnaire")
	w.over(w.activity)
	w.over(second)
	publish := func(a process.Activity, title, body string) {
		w.Must(w.service.PublishResults(t.Context(), w.Process.ID, a.ID, w.Promoter, domain.Publication{Title: title, Body: body}))
	}
	publish(w.activity, "Primo titolo", "Primo commento")
	publish(second, "Secondo titolo", "Secondo commento")
	other := "/percorsi/" + w.Process.Slug + "/questionnaire/" + second.PublicID
	w.look(w.public).Is(200).Says("Primo titolo", "Primo commento").Hides("Secondo")
	w.look(other).Is(200).Says("Secondo titolo", "Secondo commento").Hides("Primo")
	desk := w.Get("/gestione/" + w.Process.Slug + "/questionnaire/" + second.PublicID + "/risultati").Is(200)
	if body := desk.Text("#body"); body != "Secondo commento" {
		t.Errorf("the form of the second has %q", body)
	}
}

// TestPublishingAgain begins from the text that stands and does not write over
// what a colleague wrote meanwhile, here on the page of documents.
func TestPublishingAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.over(w.activity)
	const form = `form[method=post]:has(#body)`
	at := w.root + "/risultati"
	first := w.Get(at).Is(200)
	w.Submit(first, form, "title", "Che cosa avete detto", "body", "Muoversi.").To(at)
	w.Submit(first, form, "title", "Che cosa avete detto", "body", "Muoversi.").To(at) // a second click

	open := w.Get(at).Is(200)
	if body, title := open.Text("#body"), open.Find("#title").AttrOr("value", ""); body != "Muoversi." || title != "Che cosa avete detto" {
		t.Fatalf("the form begins with %q, %q", title, body)
	}
	w.Must(document.New(w.Core).Save(t.Context(), w.Promoter, document.Document{
		ProcessID: w.Process.ID, Code: domain.ResultsDocument, Title: "Che cosa avete detto", Body: "Muoversi e curarsi.", Revision: 1,
	}))
	stale := w.Submit(open, form, "body", "Muoversi, la sera.").Is(409)
	if body := stale.Text("#body"); body != "Muoversi, la sera." {
		t.Errorf("what was written became %q", body)
	}
	stale.Says("Nel frattempo qualcun altro", "Muoversi e curarsi.")
	w.look(w.public).Says("Muoversi e curarsi.")
	w.Submit(stale, form).To(at)
	w.look(w.public).Says("Muoversi, la sera.")
}
