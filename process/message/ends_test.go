package message_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/foresight"
	"arengo/process/processtest"
	"arengo/process/worldtest"
	"arengo/workflow/history"
)

// procedure has a phase in which nobody takes part.
const procedure = `
workflow: procedure
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator, guarantor]
initial: apply
states:
  apply: {title: {it: Domanda preliminare, en: Application}, term: {length: 30d}, allows: [extend, shorten, hold], reminders: [{before: 7d, to: promoter}]}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [apply], to: over, by: [promoter]}
`

// The end of a phase concerns those who lead the process and those who follow it,
// but not who moved it, who knows; the message says what it is about.
func TestTheEndOfAPhaseConcernsWhoLeadsIt(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "procedure", Path: procedure})
	w.Settle("lucia@comune.example.org", "Lucia")
	marta, anna := w.Actor("marta@example.org", "Marta"), w.Actor("anna@regione.example.org", "Anna")
	w.Member(marta, process.RoleFacilitator)
	w.Member(anna, process.RoleGuarantor)
	follower := w.Person("segue@example.org")
	w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)`, w.Process.ID, follower, w.Start, w.Start)
	w.Publish()
	sent := w.Post()
	sent()

	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt.AddDate(0, 0, 10), Reason: "Mancano le firme"})
	w.Must(err)
	if got := sent(); len(got) != 0 {
		t.Fatalf("told at once: %d", len(got))
	}
	w.Clock.Advance(history.Grace)
	got := sent()
	var to []string
	for _, m := range got {
		to = append(to, m.Recipients...)
		text := strings.Join(strings.Fields(m.Subject()+" "+m.Text()), " ")
		for _, want := range []string{"La fase finisce più tardi: " + w.Process.Title, "la fase «Domanda preliminare»", "Mancano le firme"} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q: %s", want, text)
			}
		}
		if strings.Contains(text, "hai già") || m.Recipients[0] != "segue@example.org" && !strings.Contains(text, "perché lavori a questo percorso") {
			t.Error(text)
		}
	}
	if slices.Sort(to); !slices.Equal(to, []string{"anna@regione.example.org", "marta@example.org", "segue@example.org"}) {
		t.Errorf("told %q", to)
	}
}

// Who moves an end and takes it back within the grace has told nobody; of a third
// thought only that is told, and a phase that is over by then has no end to tell.
func TestAnEndIsToldAfterAGrace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		days []int // beyond the first end, half a grace apart
		then string
		want int
	}{
		"there and back": {days: []int{10, 0}},
		"at last":        {days: []int{10, 0, 4}, want: 1},
		"over":           {days: []int{10}, then: "end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := worldtest.Build(t, worldtest.Config{Template: "procedure", Path: procedure})
			w.Settle("lucia@comune.example.org", "Lucia")
			w.Member(w.Actor("marta@example.org", "Marta"), process.RoleFacilitator)
			w.Publish()
			sent := w.Post()
			sent()
			inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
			w.Must(err)
			before := 0
			for _, days := range c.days {
				change := w.Core.Extend
				if days < before {
					change = w.Core.Shorten
				}
				before = days
				_, err := change(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt.AddDate(0, 0, days), Reason: "Pochi"})
				w.Must(err)
				w.Clock.Advance(history.Grace / 2)
				if got := sent(); len(got) != 0 {
					t.Errorf("told within the grace: %d", len(got))
				}
			}
			if c.then != "" {
				w.Must(w.Advance(process.Activity{}, c.then, ""))
			}
			w.Clock.Advance(time.Hour)
			got := sent()
			ends := 0
			for _, m := range got {
				if strings.HasPrefix(m.Subject(), "La fase finisce") {
					ends++
				}
			}
			if ends != c.want {
				t.Errorf("%d messages, want %d", ends, c.want)
			}
		})
	}
}

// bounded is a public process whose term is bounded, with a document that may decide to
// go beyond, and what is sent from now on.
func bounded(t *testing.T, code, title, term string) (*worldtest.World, func() []*processtest.Message) {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "procedure", Path: strings.Replace(procedure, "term: {length: 30d}", term, 1)})
	w.Settle("lucia@comune.example.org", "Lucia")
	w.Member(w.Actor("marta@example.org", "Marta"), process.RoleFacilitator)
	w.Publish()
	w.Must(document.New(w.Core).Save(t.Context(), w.Promoter, document.Document{ProcessID: w.Process.ID, Code: code, Title: title, Body: "Si proroga."}))
	sent := w.Post()
	sent()
	return w, sent
}

// Of an end beyond the law the message names the law and the act.
func TestAnEndBeyondTheLawNamesLawAndAct(t *testing.T) {
	t.Parallel()
	w, sent := bounded(t, "act", "Deliberazione",
		"term: {length: 30d, max: 40d, law: {source: \"L.R. 9/2000\", article: \"art. 3\", confidence: R}}, artefacts: [{code: act, title: {it: Deliberazione, en: Decision}}]")
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt.AddDate(0, 0, 20), Reason: "Alluvione", Exception: true, Act: "act"})
	w.Must(err)
	w.Clock.Advance(time.Hour)
	got := sent()
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	text := strings.Join(strings.Fields(got[0].Text()), " ")
	if want := "Va oltre il massimo di legge (art. 3, L.R. 9/2000), per un’eccezione scritta. L’atto che la decide: «Deliberazione»."; !strings.Contains(text, want) {
		t.Errorf("it does not say %q: %s", want, text)
	}
}

// An end beyond the bound of the definition alone is told as an exception too, and
// the act by the title that its author gave it.
func TestAnEndBeyondTheModelIsAnException(t *testing.T) {
	t.Parallel()
	w, sent := bounded(t, "delibera-12", "Delibera 12", "term: {length: 30d, max: 40d}")
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	for act, want := range map[string]string{"": "", "delibera-12": " L’atto che la decide: «Delibera 12»."} {
		inst.DueAt = inst.DueAt.AddDate(0, 0, 20)
		_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt, Reason: "Alluvione", Exception: true, Act: act})
		w.Must(err)
		w.Clock.Advance(time.Hour)
		got := sent()
		if len(got) != 1 {
			t.Fatalf("%d messages", len(got))
		}
		text := strings.Join(strings.Fields(got[0].Text()), " ")
		if want = "Va oltre il termine massimo, per un’eccezione scritta." + want; !strings.Contains(text, want+" Guarda le nuove date") {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
}

// Before an end is changed, one reads how many will be told: nobody, where it goes
// back to the one that they know.
func TestNobodyWillBeToldOfAnEndThatTheyKnow(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "procedure", Path: procedure})
	w.Settle("lucia@comune.example.org", "Lucia")
	w.Member(w.Actor("marta@example.org", "Marta"), process.RoleFacilitator)
	w.Publish()
	sent := w.Post()
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	day := func(n int) time.Time { return inst.DueAt.AddDate(0, 0, n) }
	told := func(when string, end time.Time, want int) {
		t.Helper()
		n, err := foresight.New(w.Core).Told(t.Context(), w.Process.Ref(), w.Promoter, end, w.Clock.Time())
		w.Must(err)
		if n != want {
			t.Errorf("%s: %d would be told, want %d", when, n, want)
		}
	}
	told("first", day(10), 1)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: day(10), Reason: "Pochi"})
	w.Must(err)
	told("back within the grace", day(0), 0)
	told("to another day within it", day(4), 1)
	w.Clock.Advance(time.Hour)
	sent()
	told("back after it was told", day(0), 1)
	told("on from what was told", day(12), 1)
}

// Who moved an end knows that one, though nobody told them: a later change by
// somebody else is news to them, from the end that they themselves had set.
func TestWhoMovedAnEndIsToldOfTheNextChange(t *testing.T) {
	t.Parallel()
	for name, days := range map[string]int{"back to the first end": 0, "in between": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := worldtest.Build(t, worldtest.Config{Template: "procedure", Path: procedure})
			w.Settle("lucia@comune.example.org", "Lucia")
			marta := w.Actor("marta@example.org", "Marta")
			w.Member(marta, process.RoleFacilitator)
			w.Publish()
			sent := w.Post()
			sent()
			inst, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
			w.Must(err)
			end := func(days int) process.NewEnd {
				return process.NewEnd{End: inst.DueAt.AddDate(0, 0, days), Reason: "Pochi"}
			}
			_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, end(10))
			w.Must(err)
			w.Clock.Advance(time.Hour)
			if got := sent(); len(got) != 1 || got[0].Recipients[0] != "marta@example.org" {
				t.Fatalf("%d told of the first change", len(got))
			}
			_, err = w.Core.Shorten(t.Context(), w.Process.ID, marta, end(days))
			w.Must(err)
			w.Clock.Advance(time.Hour)
			got := sent()
			if len(got) != 1 || got[0].Recipients[0] != "lucia@comune.example.org" {
				t.Fatalf("%d told of the second change", len(got))
			}
			text := strings.Join(strings.Fields(got[0].Subject()+" "+got[0].Text()), " ")
			for _, want := range []string{"La fase finisce prima", "prima era venerdì 17 aprile"} {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q: %s", want, text)
				}
			}
		})
	}
}
