package questionnaire_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/meeting/meetingtest"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	pages "arengo/web/questionnaire"
	"arengo/web/webtest"
)

const trial = `
title: {it: Prova, en: Trial}
intro: {it: Poche domande di prova., en: A few trial questions.}
sections:
  - code: one
    title: {it: Uno, en: One}
    items:
      - {code: link, type: single, required: true, text: {it: "Che legame hai?", en: "What is your link?"},
         options: [{code: live, text: {it: Ci vivo, en: I live here}}, {code: work, text: {it: Ci lavoro, en: I work here}}]}
      - {code: years, type: number, text: {it: "Da quanti anni?", en: "For how many years?"}, min: 0, max: 120,
         show_if: {all: true, rules: [{item: link, op: is, value: live}]}}
      - {code: place, type: municipality, text: {it: Dove?, en: Where?},
         options: [{code: "052032", text: {it: Siena, en: Siena}}, {code: "052011", text: {it: Chiusi, en: Chiusi}}]}
  - code: two
    title: {it: Due, en: Two}
    items:
      - {code: pause, type: note, text: {it: Quasi finito, en: Nearly done}, help: {it: Restano tre domande., en: Three questions are left.}}
      - {code: trust, type: scale, text: {it: Quanta fiducia?, en: How much trust?},
         scale: {min: 1, max: 5, low: {it: nessuna, en: none}, high: {it: molta, en: a lot}, unsure: {it: Non so, en: I cannot say}}}
      - {code: themes, type: multiple, max: 2, text: {it: Quali temi?, en: Which themes?},
         options: [{code: bus, text: {it: Autobus, en: Buses}}, {code: school, text: {it: Scuola, en: School}}, {code: home, text: {it: Casa, en: Housing}}]}
      - {code: more, type: long_text, text: {it: Altro?, en: Anything else?}, max: 50}
`

var closes = time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC)

// world is an open questionnaire and the browser of somebody who was invited.
type world struct {
	*meetingtest.World
	*webtest.Site
	*webtest.Browser

	activity process.Activity
	service  *questionnaire.Service
	token    string
}

func newWorld(t testing.TB, opened bool) *world {
	t.Helper()
	return worldOf(t, opened, trial)
}

func worldOf(t testing.TB, opened bool, source string) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, questionnaire.Kind{})}
	ctx := t.Context()
	w.service = questionnaire.New(w.Core)
	w.activity = w.Activity("questionnaire")
	person := w.Person("miriam@example.org")
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, person, meetingtest.Start)
	def, err := form.ParseYAML([]byte(source))
	w.Must(err)
	q, err := w.service.Load(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	q.Definition = def
	q, err = w.service.Save(ctx, w.Promoter, q)
	w.Must(err)
	if opened {
		_, err = w.service.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
		w.Must(err)
		w.Must(w.service.SetEnd(ctx, w.Process.ID, w.activity.ID, w.Promoter, "2026-03-29"))
		w.Must(w.Advance(w.activity, "prepare", ""))
		w.Must(w.Advance(w.activity, "open", ""))
	}
	_, err = roster.New(w.Core).Invite(ctx, w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	var id int64
	w.Must(w.DB.NewRaw(`SELECT id FROM invitation WHERE process_id = ?`, w.Process.ID).Scan(ctx, &id))
	w.token = w.Core.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: w.Process.ID, Subject: id, Version: 1})
	w.Site = webtest.Serve(w.World.World, "", pages.Routes)
	w.Browser = w.Visitor()
	return w
}

// at is an address under the token.
func (w *world) at(path string) string { return "/i/questionnaire/" + w.token + path }

// open asks for a page and follows where it leads.
func (w *world) open(path string) *webtest.Answer {
	w.T.Helper()
	return w.Follow(w.Get(path))
}

// fill sends the main form of a page, with changes, and follows.
func (w *world) fill(a *webtest.Answer, changes ...string) *webtest.Answer {
	w.T.Helper()
	return w.Follow(w.Submit(a, "main form[method=post]", changes...))
}

// send posts values that no form holds and follows.
func (w *world) send(path string, values url.Values) *webtest.Answer {
	w.T.Helper()
	return w.Follow(w.Post(path, values))
}

// one answers a question and goes on, with every value ticked.
func one(name string, values ...string) []string {
	changes := []string{"-vai", "avanti"}
	for _, v := range values {
		changes = append(changes, name, v)
	}
	return changes
}

func back() []string { return []string{"-vai", "indietro"} }

// want fails unless the page has the status and the heading.
func (w *world) want(a *webtest.Answer, status int, heading string) {
	w.T.Helper()
	if got := a.Text("h1"); a.Code != status || got != heading {
		w.T.Fatalf("%s: %d %q, want %d %q", a.Path, a.Code, got, status, heading)
	}
}

func (w *world) rows(table string) int {
	w.T.Helper()
	return w.Count(fmt.Sprintf(`SELECT count(*) FROM %s WHERE process_id = ?`, table), w.Process.ID)
}
