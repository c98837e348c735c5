package rehearsal_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/focusgroup"
	"arengo/process/questionnaire"
	"arengo/process/rehearsal"
	"arengo/process/webinar"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse"
)

// Every notice that a definition may send has words, with as little as the model
// knows of it.
func TestEveryNoticeHasWords(t *testing.T) {
	t.Parallel()
	if len(definition.Notices) < 20 {
		t.Fatalf("%d notices", len(definition.Notices))
	}
	for _, lang := range definition.Locales {
		for _, kind := range definition.Notices {
			words, err := rehearsal.Voice{}.Write(rehearse.Telling{
				Kind: kind, Lang: lang, Process: "Percorso", Promoter: "Comune", Phase: "Ascolto", Action: "Avvia", Zone: time.UTC,
			})
			if err != nil || words.Subject == "" || words.Keeps == 0 {
				t.Errorf("%s in %s: %+v, %v", kind, lang, words, err)
			}
		}
	}
}

func TestOwnNotice(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	words, err := rehearsal.Voice{}.Write(rehearse.Telling{
		Kind: "asked", Lang: "it", Process: "P", Phase: "F", Promoter: "O", Reason: "R", Zone: rome, Due: time.Date(2026, 4, 21, 22, 0, 0, 0, time.UTC),
		Dates:  map[string]time.Time{"first": time.Date(2026, 5, 1, 0, 0, 0, 0, rome), "last": {}},
		Notice: &definition.Notice{Subject: definition.Text{"it": "{process} {phase} {due} {organisation} {reason} {date:first} {date:last}"}, Text: definition.Text{"it": "x"}},
	})
	if err != nil || words.Subject != "P F martedì 21 aprile 2026 alle 23:59 O R venerdì 1° maggio 2026 una data ancora da fissare" {
		t.Errorf("%q, %v", words.Subject, err)
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	kinds, err := rehearsal.Kinds(process.NewKinds(questionnaire.Kind{}, focusgroup.Kind{}, webinar.Kind{}), "en")
	if err != nil || len(kinds) != 3 {
		t.Fatalf("%d kinds, %v", len(kinds), err)
	}
	if k := kinds[0]; k.Title != "Questionnaire" || k.Invited != rehearse.Everyone || k.Registered != 0 {
		t.Errorf("%+v", k)
	}
	if k := kinds[1]; k.Invited < 1 || k.Rate == 0 {
		t.Errorf("%+v", k)
	}
	if k := kinds[2]; k.Invited != 0 || k.Registered < 1 {
		t.Errorf("%+v", k)
	}
}
