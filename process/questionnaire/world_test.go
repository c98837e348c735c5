package questionnaire_test

import (
	"net/url"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting/meetingtest"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
)

// definition has a required choice, a branch on it and a free text.
const definition = `
title: {it: Prova, en: Trial}
sections:
  - code: one
    title: {it: Uno, en: One}
    items:
      - {code: link, type: single, required: true, text: {it: "Che legame hai?", en: "What is your link?"},
         options: [{code: live, text: {it: Ci vivo, en: I live here}}, {code: work, text: {it: Ci lavoro, en: I work here}}]}
      - {code: years, type: number, text: {it: "Da quanti anni?", en: "For how many years?"}, min: 0, max: 120,
         show_if: {all: true, rules: [{item: link, op: is, value: live}]}}
      - {code: trust, type: scale, text: {it: Quanta fiducia?, en: How much trust?}, scale: {min: 1, max: 5}}
      - {code: more, type: long_text, text: {it: Altro?, en: Anything else?}, max: 50}
`

// world is a process with one questionnaire and some people.
type world struct {
	*meetingtest.World
	service  *questionnaire.Service
	roster   *roster.Service
	activity process.Activity
	people   []process.PersonID
}

func parsed(t testing.TB) form.Definition {
	t.Helper()
	def, err := form.ParseYAML([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return def
}

// draft sets up a questionnaire whose questions are published and that closes
// at the end of 29 March, when the clocks go forward.
func draft(t testing.TB, people int) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, questionnaire.Kind{})}
	w.service, w.roster = questionnaire.New(w.Core), roster.New(w.Core)
	w.activity = w.Activity("questionnaire")
	w.people = w.People(people)
	for _, p := range w.people {
		w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, p, meetingtest.Start)
	}
	q, err := w.service.Load(t.Context(), w.Process.ID, w.activity.ID)
	w.Must(err)
	q.Definition = parsed(t)
	q, err = w.service.Save(t.Context(), w.Promoter, q)
	w.Must(err)
	_, err = w.service.PublishDefinition(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
	w.Must(err)
	w.Must(w.service.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, "2026-03-29"))
	return w
}

// end is the instant at which draft's questionnaires close: half past midnight
// would be too late, and the day is one of 23 hours.
var end = time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC)

// open is draft with everybody invited and the answering open.
func open(t testing.TB, people int) *world {
	t.Helper()
	w := draft(t, people)
	_, err := w.roster.Invite(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	w.Must(w.Advance(w.activity, "prepare", ""))
	w.Must(w.Advance(w.activity, "open", ""))
	return w
}

func (w *world) invitation(person process.PersonID) (id int64) {
	w.T.Helper()
	w.Must(w.DB.NewRaw(`SELECT id FROM invitation WHERE process_id = ? AND activity_id = ? AND person_id = ?`,
		w.Process.ID, w.activity.ID, person).Scan(w.T.Context(), &id))
	return id
}

// token is the link of the nth person.
func (w *world) token(n int) string {
	w.T.Helper()
	return w.Core.Links().Token(process.Link{
		Purpose: process.LinkAnswer, Process: w.Process.ID, Subject: w.invitation(w.people[n]), Version: 1,
	})
}

func (w *world) save(token, code string, values ...string) (questionnaire.Saved, error) {
	w.T.Helper()
	return w.service.SaveAnswer(w.T.Context(), token, code, url.Values{code: values})
}

func (w *world) mustSave(token, code string, values ...string) {
	w.T.Helper()
	saved, err := w.save(token, code, values...)
	w.Must(err)
	if len(saved.Problems) > 0 {
		w.T.Fatalf("answer to %s: %v", code, saved.Problems)
	}
}

func (w *world) visit(token string) questionnaire.Visit {
	w.T.Helper()
	v, err := w.service.Visit(w.T.Context(), token)
	w.Must(err)
	return v
}

func (w *world) count(table string) (n int) {
	w.T.Helper()
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM `+table+` WHERE process_id = ? AND activity_id = ?`, w.Process.ID, w.activity.ID).
		Scan(w.T.Context(), &n))
	return n
}

func wantKey(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	if e, ok := fault.As(err); !ok || e.Code != code || e.Key != key {
		t.Fatalf("got %v, want %s %s", err, code, key)
	}
}
