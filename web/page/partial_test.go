package page_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/web/page"
	"arengo/web/page/pagetest"
)

// partialsDemo holds one of each partial's structs.
type partialsDemo struct {
	page.Base
	Spine                   page.Spine
	Track, Inside, Finished page.Track
	Now                     page.Now
	Deadline, Officer       page.Deadline
	Chips                   []page.Chip
	Sources                 []page.Source
	Days                    []page.Day
	Gate, OpenGate          page.Gate
	Log                     page.Log
	Option                  page.Option
	Options                 page.Options
	Scale                   page.Scale
	Fields                  []page.Field
	Saved                   page.Saved
	Answers                 page.Answers
	Funnel                  page.Funnel
	Meter                   page.Meter
	Figure, Hostile, Empty  page.Figure
	Card                    page.Card
	Facts                   page.Facts
	Table                   page.Table
	Items                   page.Items
	Rule                    page.Rule
	Lint                    page.Lint
	Pagination              page.Pagination
	Link                    page.Link
}

func newPartialsDemo() partialsDemo {
	q := newQuestionDemo()
	end := rome(time.November, 30, 0, 0)
	d := partialsDemo{
		Base: demoBase("Prova"), Spine: demoSpine(), Track: demoTrack(), Inside: q.Track, Now: demoNow(),
		Deadline: page.Deadline{At: end}, Officer: page.Deadline{At: end, Note: "Nota."},
		Chips:   []page.Chip{{State: page.Current, Label: "a"}, {State: page.Done, Label: "b"}, {State: page.Late, Label: "c"}, {State: page.ToConfirm, Label: "d"}, {Label: "e", Icon: "it-clock"}},
		Sources: []page.Source{{Kind: "law", Text: "art. 14"}, {Kind: "template", Text: "7 giorni"}, {Kind: "tbc", Text: "30 giorni"}},
		Days:    demoDays(), Gate: demoGate(), OpenGate: page.Gate{ID: "aperto", Heading: "Avanza", Action: &page.Action{Label: "Avanza ora", Href: "/avanza", Post: true, Primary: true}},
		Log: demoLog(), Options: q.Options, Scale: q.Scale, Saved: q.Saved, Answers: demoAnswers(), Funnel: demoFunnel(),
		Option: page.Option{Name: "privacy", Value: "1", Type: "checkbox", Label: "Ho letto", Required: true},
		Fields: []page.Field{q.Field, {Name: "email", Label: "E-mail", Type: "email", Required: true, Complete: "email"}, {Name: "fine", Label: "Nuovo ultimo giorno", Type: "select", Empty: "Scegli un giorno", Choices: []page.Choice{{Value: "30", Label: "Lunedì 30 novembre", Selected: true}}}},
		Meter:  page.Meter{Rate: .254, Target: .4, Full: .6}, Figure: demoFigure(), Hostile: hostileFigure(), Card: demoCard(), Table: demoTable(), Lint: demoLint(), Pagination: demoPages(),
		Facts: page.Facts{Tight: true, Items: []page.Fact{{Term: "Costo", Text: "84.000 euro", Link: page.Link{Label: "Dettagli", Href: "#costo"}}}},
		Items: page.Items{Groups: []page.ItemGroup{{Heading: "Servizi", Items: []page.Question{{Number: 7, Label: "Auto", Href: "#d7"}, {Number: 8, Label: "Perché", Href: "#d8", Branch: true, Current: true}}}}},
		Rule:  page.Rule{Words: "la vede chi ha risposto 1 o 2.", Slot: page.Slot{Name: "demo-slot", Data: "comandi <qui>"}},
		Link:  page.Link{Label: "Modifica", Href: "#m", Hidden: "alla domanda 4"},
	}
	for _, s := range d.Track.Steps {
		d.Finished.Steps = append(d.Finished.Steps, page.Step{Name: s.Name, State: page.Done})
	}
	d.Options.Heading, d.Base.Errors = false, q.Errors
	return d
}

// want is a fact about the document: how many elements a selector finds and,
// when set, what the text of the first contains in each language.
type want struct {
	selector string
	count    int
	it, en   string
}

func TestPartials(t *testing.T) {
	t.Parallel()
	wants := []want{
		{"head > title", 1, "Errore: Prova · Arengo", "Error: Prova · Arengo"},
		{"#t-spine li.ar-phase", 6, "24 settembre – 7 ottobre 2026", "24 September – 7 October 2026"},
		{"#t-spine li.is-now[aria-current=step]", 1, "2 – 29 novembre 2026", "2 – 29 November 2026"},
		{"#t-spine .ar-chip--done", 2, "Conclusa", "Finished"},
		{"#t-spine details.ar-more", 1, "Incontri", ""},
		{"#t-spine li.ar-phase:nth-child(4) time", 2, "Giovedì 3 dicembre, 17:30", "Thursday 3 December, 17:30"},
		{"#t-track li", 7, "conclusa", "finished"},
		{"#t-track .ar-track-caption", 1, "Fase 3 di 7: Ascolto", "Phase 3 of 7: Ascolto"},
		{"#t-inside ol.ar-at-60", 1, "", ""},
		{"#t-inside .ar-track-caption strong", 1, "Domanda 12 di 20", ""},
		{"#t-finished .ar-track-caption", 1, "Percorso concluso, 7 fasi su 7", "Process finished, 7 phases of 7"},
		{"#t-now .ar-now .btn-primary.btn-lg", 1, "Rispondi alle domande", ""},
		{"#t-now .ar-deadline", 1, "Mancano 6 giorni.", "6 days left."},
		{"#t-deadline time[datetime='2026-11-29T23:59:59+01:00']", 1, "Domenica 29 novembre 2026 alle 23:59", "Sunday 29 November 2026 at 23:59"},
		{"#t-deadline .ar-deadline > span", 1, "Ora di Roma (CET, UTC+1).", "Rome time (CET, UTC+1)."},
		{"#t-officer time", 1, "alle 23:59", "at 23:59"},
		{"#t-chips .ar-chip", 5, "", ""},
		{"#t-chips .ar-chip--late", 1, "c", "c"},
		{"#t-sources .ar-source", 3, "Legge", "Law"},
		{"#t-sources .ar-chip--tbc", 1, "Da verificare", "To be confirmed"},
		{"#t-days .ar-day", 4, "In ritardo: 2", ""},
		{"#t-days .ar-task", 6, "Scaduto venerdì 20 novembre, 3 giorni fa", "Due Friday 20 November, 3 days ago"},
		{"#t-days .is-now .ar-when", 2, "Oggi entro le 17:30", "Today by 17:30"},
		{"#t-days .is-next .ar-when", 2, "Venerdì 27 novembre, fra 4 giorni", "Friday 27 November, in 4 days"},
		{"#t-days form[method=post] input[name=csrf][value=t0ken]", 1, "", ""},
		{"#t-gate ol > li", 2, "Manca", "Missing"},
		{"#t-gate .ar-gate-head p", 1, "2 motivi lo impediscono", "2 reasons prevent it"},
		{"#t-open .is-open form button", 1, "Avanza ora", ""},
		{"#t-log tbody tr", 2, "18 novembre 2026, 11:32:08", "18 November 2026, 11:32:08"},
		{"#t-log tbody tr:nth-child(2) td:nth-child(3)", 1, "Automatico", "Automatic"},
		{"#t-log time[datetime='2026-11-02T00:00:00+01:00']", 1, "00:00:00", "00:00:00"},
		{"#t-option input[type=checkbox][required]", 1, "", ""},
		{"#t-options fieldset.has-error input[type=radio]", 2, "", ""},
		{"#t-options input[checked]", 1, "", ""},
		{"#t-options .ar-error-text", 1, "Errore: scegli una risposta.", "Error: scegli una risposta."},
		{"#t-scale .ar-scale input", 5, "", ""},
		{"#t-scale input[value='2'][checked]", 1, "", ""},
		{"#t-fields textarea[aria-invalid=true][aria-describedby='q12-h q12-e']", 1, "A Chiusi", "A Chiusi"},
		{"#t-fields label[for=q12]", 1, "(facoltativo)", "(optional)"},
		{"#t-fields input[type=email][required][autocomplete=email]", 1, "", ""},
		{"#t-fields select option[selected]", 1, "Lunedì 30 novembre", ""},
		{"#t-saved .ar-saved[role=status]", 1, "Bozza salvata alle 9:14", "Draft saved at 9:14"},
		{"#t-answers .ar-edit a", 2, "Modifica alla domanda 1, Legame con l’Area vasta", "Edit question 1, Legame con l’Area vasta"},
		{"#t-answers .ar-empty", 1, "Nessuna risposta", "No answer"},
		{"#t-funnel li.ar-at-36", 1, "903 36,4\u00a0%", "903 36.4%"},
		{"#t-funnel li.is-silent", 1, "1.577", "1,577"},
		{"#t-meter .ar-meter.is-below i.ar-at-42", 1, "", ""},
		{"#t-meter b.ar-at-67", 1, "", ""},
		{"#t-figure svg[role=img] > title", 2, "Servizi", "Servizi"},
		{"#t-figure svg[role=img] > desc", 2, "Barre orizzontali", ""},
		{"#t-figure svg.ar-wide > rect[stroke-width='2']", 3, "", ""},
		{"#t-figure svg.ar-wide > text[font-weight]", 3, "58,5\u00a0%", "58.5%"},
		{"#t-figure svg.ar-narrow > text[font-weight]", 3, "58,5\u00a0%", "58.5%"},
		{"#t-hostile svg title", 2, "<b>&\"", "<b>&\""},
		{"#t-hostile svg script, #t-hostile svg b", 0, "", ""},
		{"#t-empty *", 0, "", ""},
		{"#t-figure tbody tr:nth-child(1) td:nth-child(3)", 1, "58,5\u00a0%", "58.5%"},
		{"#t-figure tbody tr:nth-child(4) td", 2, "protetto", "protected"},
		{"#t-card .ar-card--now h3 a[href='/percorsi/siena']", 1, "Next Generation Siena", ""},
		{"#t-card .ar-card-end > p", 1, "fino a domenica 29 novembre 2026 alle 23:59", "until Sunday 29 November 2026 at 23:59"},
		{"#t-facts dl.ar-facts--tight dd a", 1, "Dettagli", ""},
		{"#t-table td[data-label=Tasso] .ar-meter", 2, "", ""},
		{"#t-table tbody tr:nth-child(3) td", 2, "protetto", "protected"},
		{"#t-items li.is-now.is-branch a[aria-current=true]", 1, "Domanda 8: Perché", "Question 8: Perché"},
		{"#t-rule .ar-rule", 1, "comandi <qui>", "In words: la vede"},
		{"#t-lint li", 3, "Problema", "Problem"},
		{"#t-pagination li", 9, "Pagina precedente", "Previous page"},
		{"#t-pagination a[aria-current=page]", 1, "5", "5"},
		{"#t-link a .visually-hidden", 1, "alla domanda 4", ""},
	}
	r := demoRenderer(t)
	for _, lang := range page.Languages {
		doc := pagetest.Doc(t, r, "demo/partials", pagetest.WithLang(newPartialsDemo(), lang))
		pagetest.Check(t, doc)
		for _, w := range wants {
			text := map[string]string{"it": w.it, "en": w.en}[lang]
			t.Run(fmt.Sprintf("%s %s", lang, w.selector), func(t *testing.T) { compare(t, doc, w, text) })
		}
	}
}

func compare(t *testing.T, doc *goquery.Document, w want, text string) {
	t.Helper()
	found := doc.Find(w.selector)
	if found.Length() != w.count {
		t.Fatalf("%d elements, want %d", found.Length(), w.count)
	}
	if got := squeeze(found.First().Text()); !strings.Contains(got, text) {
		t.Errorf("%q does not contain %q", got, text)
	}
}

// squeeze writes white space as one space, but keeps the non-breaking ones.
func squeeze(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
}
