package questionnaire_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/questionnaire"
	"arengo/process/retention"
	"arengo/workflow/history"
)

// What participants are told of their names is done, once and no earlier; the
// answers, the counts and the chain of the log stay.
func TestNamesAreErasedAfterTheirTime(t *testing.T) {
	t.Parallel()
	w := open(t, 4)
	ctx := t.Context()
	for n := range 2 {
		w.mustSave(w.token(n), "link", "live")
		_, err := w.service.Submit(ctx, w.token(n))
		w.Must(err)
	}
	w.mustSave(w.token(2), "link", "work") // a draft
	other := w.NewProcess("Un altro percorso")
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, other.ID, w.people[3], w.Start)
	w.Exec(`INSERT INTO consent (process_id, activity_id, person_id, purpose, version, given_at) VALUES (?, ?, ?, 'participation', 1, ?)`,
		w.Process.ID, w.activity.ID, w.people[0], w.Start)
	w.Exec(`INSERT INTO suppression (address, reason, since) SELECT email, 'refused', ? FROM person WHERE id = ?`, w.Start, w.people[1])
	w.At(end.Add(time.Hour))
	w.Must(w.Advance(process.Activity{}, "end", ""))
	ended, err := w.Core.Now(ctx, w.DB)
	w.Must(err)

	names := retention.New(w.Core)
	sweep := func(at time.Time, want int) {
		t.Helper()
		n, err := names.Sweep(ctx, at)
		w.Must(err)
		if n != want {
			t.Fatalf("%d processes erased, want %d", n, want)
		}
	}
	sweep(ended.AddDate(0, 0, 364), 0)
	if w.count("response_identity") != 2 || w.count("draft") != 1 {
		t.Fatal("erased before its time")
	}
	late := ended.AddDate(0, 0, 366)
	w.Clock.Set(late)
	sweep(late, 1)
	sweep(late, 0)
	for what, got := range map[string]int{
		"identities": w.count("response_identity"), "drafts": w.count("draft"),
		"texts of the log":  w.Count(`SELECT count(*) FROM transition_text WHERE process_id = ?`, w.Process.ID),
		"people in consent": w.Count(`SELECT count(*) FROM consent WHERE process_id = ? AND person_id IS NOT NULL`, w.Process.ID),
		"refused addresses": w.Count(`SELECT count(*) FROM suppression`),
	} {
		if got != 0 {
			t.Errorf("%d %s are left", got, what)
		}
	}
	for n, who := range w.people {
		var email string
		w.One(&email, `SELECT email FROM person WHERE id = ?`, who)
		if erased := strings.HasSuffix(email, "@erased.invalid"); erased != (n < 3) {
			t.Errorf("person %d is %q", n, email)
		}
	}
	if w.count("response") != 2 || w.count("invitation") != 4 || w.count("consent") != 1 {
		t.Error("answers or counts are gone")
	}
	if n := w.Count(`SELECT count(*) FROM transition_log WHERE process_id = ? AND transition = 'erase'`, w.Process.ID); n != 1 {
		t.Errorf("%d rows of the log", n)
	}
	w.Must(history.Verify(ctx, history.In(w.DB), int64(w.Process.ID)))
	if w.Promoter.Email == "" || w.Count(`SELECT count(*) FROM person WHERE email = ?`, w.Promoter.Email) != 1 {
		t.Error("who has a role was erased")
	}
}

// Two questionnaires of one process publish a document each; the first keeps
// the address that it always had.
func TestEachQuestionnairePublishesItsOwn(t *testing.T) {
	t.Parallel()
	w := answered(t, 2)
	ctx := t.Context()
	second := w.Activity("questionnaire")
	w.At(end.Add(time.Hour))
	w.Must(w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Promoter, questionnaire.Publication{Title: "Primi", Body: "Uno"}))
	q, err := w.service.Load(ctx, w.Process.ID, second.ID)
	w.Must(err)
	q.Definition = parsed(t)
	q, err = w.service.Save(ctx, w.Promoter, q)
	w.Must(err)
	_, err = w.service.PublishDefinition(ctx, w.Process.ID, second.ID, w.Promoter, q.Revision)
	w.Must(err)
	w.Exec(`UPDATE workflow_instance SET state = 'closed' WHERE process_id = ? AND activity_id = ?`, w.Process.ID, second.ID)
	for range 2 {
		w.Must(w.service.PublishResults(ctx, w.Process.ID, second.ID, w.Promoter, questionnaire.Publication{Title: "Secondi", Body: "Due"}))
	}
	docs, err := document.New(w.Core).Published(ctx, w.Process)
	w.Must(err)
	found := map[string]string{}
	for _, d := range docs {
		found[d.Code] = d.Body
	}
	if len(found) != 2 || found["results"] != "Uno" || found["results-"+strings.ToLower(second.PublicID)] != "Due" {
		t.Errorf("documents %v", found)
	}
}
