package outline_test

import (
	"strings"
	"testing"
	"time"

	"arengo/workflow/rehearse"
	"arengo/workflow/rehearse/outline"
)

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

var report = &rehearse.Report{
	Definition: "path", Version: 2, Title: "Percorso", Zone: "Europe/Rome", Start: "2026-03-08", People: 40, Assumed: []string{"Una cosa."},
	End:      rehearse.End{Reached: true, Title: "Concluso", At: at("2026-04-01 22:00"), Days: 25},
	Warnings: []rehearse.Warning{{Level: rehearse.Severe, Text: "Grave.", Do: "Rimedia.", Activity: "Questionario"}},
	Acts:     []rehearse.Act{{On: "2026-03-09", Due: "2026-03-11", Who: "promoter", What: "Pubblica", Late: true}},
	Transitions: []rehearse.Transition{
		{At: at("2026-03-31 22:30"), Text: "Chiudi", By: "timer", Title: "Chiuso", Late: true, Counts: at("2026-03-30 22:00")},
	},
	Deadlines: []rehearse.Deadline{{Due: at("2026-03-30 22:00"), Fired: at("2026-03-31 22:30"), Text: "Fine", Late: true}},
	Messages: []rehearse.Message{
		{At: at("2026-03-10 08:00"), Subject: "Ciao", People: 3, Activity: "Questionario"}, {At: at("2026-03-10 08:00"), Kind: "reminder", Pointless: true},
	},
	Incidents: []rehearse.Incident{{At: at("2026-03-10 08:00"), Why: []string{"Manca il verbale"}}},
}

// A month is that of the process's zone, and at one instant the deadline comes
// before what it does.
func TestMonths(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	months := outline.Months(report, rome)
	if len(months) != 2 || months[0].Month != time.March || months[1].Month != time.April {
		t.Fatalf("%+v", months)
	}
	var sorts []string
	for _, l := range months[1].Lines {
		sorts = append(sorts, string(l.Sort))
	}
	if got := strings.Join(sorts, " "); got != "deadline move" {
		t.Errorf("in April: %s", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string]string{
		"it": `Prova generale: Percorso (path@2)
Comincia l’8 marzo 2026, con 40 persone; seme 0.

La prova suppone
  Una cosa.

Da guardare (!! grave, ! da correggere, - da sapere)
  !! Grave. [Questionario]
     Rimedia.

marzo 2026
  09 10:00  DA FARE    promotore: Pubblica · entro l’11 marzo 2026 (in ritardo)
  10 09:00  FERMO      Manca il verbale
  10 09:00  MESSAGGIO  «Ciao» a 3 [Questionario]
  10 09:00  MESSAGGIO  «reminder» a 0 (non parte: nessuno da avvisare)

aprile 2026
  01 00:30  SCADENZA   Fine (in ritardo: era per 31 marzo 2026, ore 00:00)
  01 00:30  PASSAGGIO  Chiudi (la scadenza) → Chiuso (in ritardo: era per 31 marzo 2026, ore 00:00)

Arriva alla fine: “Concluso”, 2 aprile 2026, dopo 25 giorni.
`,
		"en": "It comes to its end: “Concluso”, 2 April 2026, after 25 days.\n",
	} {
		if got := outline.Text(report, lang); !strings.HasSuffix(got, want) {
			t.Errorf("%s:\n%s", lang, got)
		}
	}
}
