package page_test

import (
	"testing"
	"time"

	"arengo/web/page"
)

type processDemo struct {
	page.Base
	Eyebrow, Lead string
	Now           page.Now
	Facts, Who    page.Facts
	Track         page.Track
	Spine         page.Spine
	Results       page.Block
	Log           page.Log
}

type cockpitDemo struct {
	page.Base
	Lead   string
	Days   []page.Day
	Tracks []page.Track
}

type questionDemo struct {
	page.Base
	Track   page.Track
	Options page.Options
	Scale   page.Scale
	Field   page.Field
	Saved   page.Saved
	Ends    time.Time
}

type resultsDemo struct {
	page.Base
	Funnel     page.Funnel
	Table      page.Table
	Gate       page.Gate
	Figure     page.Figure
	Card       page.Card
	Lint       page.Lint
	Answers    page.Answers
	Pagination page.Pagination
}

func newProcessDemo() processDemo {
	b := demoBase("Che cosa serve all’Area vasta, deciso insieme")
	b.Crumbs = []page.Crumb{{Label: "Percorsi", Href: "/"}, {Label: "Toscana", Href: "/?territorio=Toscana"}, {Label: "Next Generation Siena"}}
	return processDemo{
		Base: b, Eyebrow: "Next Generation Siena", Lead: "25 Comuni chiedono a chi vive, lavora e studia qui quali bisogni vengono prima e quali soluzioni provare. Il risultato entra nella strategia di Area vasta.",
		Now: demoNow(), Track: demoTrack(), Spine: demoSpine(), Log: demoLog(),
		Facts:   page.Facts{Items: []page.Fact{{Term: "Chi lo promuove", Text: "Comune di Siena, capofila, con 24 Comuni"}, {Term: "Chi decide alla fine", Text: "L’Assemblea dei sindaci dell’Area vasta, entro il 21 aprile 2027"}}},
		Who:     page.Facts{Tight: true, Items: []page.Fact{{Term: "Formazione", Text: "Euronike"}, {Term: "Costo", Text: "84.000 euro, bilancio dei Comuni"}}},
		Results: page.Block{Items: []page.Item{{Label: "Sei zone, dodici indicatori: lo studio del territorio", Href: "#r2", Note: "30 ottobre 2026"}}},
	}
}

func newCockpitDemo() cockpitDemo {
	b := demoBase("Da fare oggi")
	b.Workspace, b.Section, b.Path = true, "today", "/oggi"
	b.Owner, b.Contact = page.Link{Label: "Codesign Toscana", Href: "/"}, nil
	b.Viewer = &page.Viewer{Name: "Marta Bindi", Staff: true, Promoter: true, Todo: 9}
	mini := demoTrack()
	mini.Mini, mini.Label, mini.Title = true, "Fasi di Next Generation Siena", page.Link{Label: "Next Generation Siena", Href: "/gestione/siena"}
	return cockpitDemo{Base: b, Lead: "2 in ritardo, 2 per oggi, 2 nei prossimi 7 giorni.", Days: demoDays(), Tracks: []page.Track{mini}}
}

func newQuestionDemo() questionDemo {
	b := demoBase("domanda 12 di 20, Vivere l’Area vasta")
	b.Bare, b.Narrow, b.NoRating, b.NoIndex, b.Opened = true, true, true, true, "/q/x/aperto"
	b.Errors = []page.FieldError{{Field: "q12", Message: "hai scritto 652 caratteri. Togline almeno 52; il testo è rimasto com’era."}, {Field: "q1", Message: "scegli una risposta."}}
	track := demoTrack()
	track.Inside, track.Share, track.Strong = true, .6, "Domanda 12 di 20"
	return questionDemo{
		Base: b, Track: track, Ends: rome(time.November, 30, 0, 0), Saved: page.Saved{At: rome(time.November, 23, 9, 14)},
		Options: page.Options{Name: "q1", Legend: "Che legame hai con l’Area vasta di Siena?", Heading: true, Hint: "Scegli la risposta più vicina a te.", Choices: []page.Choice{{Value: "1", Label: "Ci vivo"}, {Value: "2", Label: "Ci lavoro o ci studio, ma vivo altrove", Selected: true}}},
		Scale:   page.Scale{Name: "q7", Legend: "Quanto è facile per te spostarti senza usare l’auto?", Hint: "Da 1, per niente facile, a 5, molto facile.", Low: 1, High: 5, Value: "2", LowText: "Per niente facile", HighText: "Molto facile", None: &page.Choice{Value: "ns", Label: "Non saprei"}},
		Field:   page.Field{Name: "q12", Label: "Racconta un bisogno del tuo territorio che oggi nessuno ascolta", Hint: "Al massimo 600 caratteri. Non scrivere nomi o dati di altre persone.", Type: "textarea", Rows: 6, Value: "A Chiusi l’ultimo autobus per Montepulciano parte alle 19:10."},
	}
}

func hostileFigure() page.Figure {
	return page.Figure{ID: "x", Title: `<b>&"`, Bars: []page.Bar{{Label: `<script>alert(1)</script>`, Share: 1}}}
}

func demoFigure() page.Figure {
	return page.Figure{ID: "servizi", Title: "Servizi che i Comuni dovrebbero gestire insieme", Desc: "Barre orizzontali. Trasporti e mobilità 58,5 %.", Table: "Gli stessi numeri, su 1.046 persone", LabelHead: "Servizio", CountHead: "Persone", Caption: "Barre piene: oltre la metà di chi ha risposto.", Bars: []page.Bar{
		{Label: "Trasporti e mobilità", Count: 612, Share: .585, Strong: true}, {Label: "Sanità e sociale di prossimità", Count: 547, Share: .523, Strong: true}, {Label: "Progetti e fondi europei", Count: 398, Share: .38}, {Label: "Uffici tecnici", Suppressed: true},
	}}
}

func demoGate() page.Gate {
	return page.Gate{ID: "gate", Heading: "Avanza ad “Analisi e verifica”: ora non si può", InOrder: []string{"popolazione definita", "4 sale confermate"}, Note: "Quando i motivi sono zero, qui compare il pulsante.", Reasons: []page.Reason{
		{Mark: "missing", Title: "La traccia del focus group Valdichiana", Text: "Serve un documento per ognuno dei 4 focus group; 3 ci sono.", Action: &page.Action{Label: "Carica la traccia", Href: "#traccia", Primary: true}},
		{Mark: "wait", Title: "Il questionario è ancora aperto", Text: "Chiude domenica 29 novembre alle 23:59.", Action: &page.Action{Label: "Chiudi prima", Href: "#chiudi"}},
	}}
}

func demoTable() page.Table {
	row := func(zone, count string, rate float64, text string) page.Row {
		return page.Row{Cells: []page.Cell{{Text: zone}, {Text: count}, {Text: text, Meter: &page.Meter{Rate: rate, Target: .4, Full: .6}}}}
	}
	return page.Table{Caption: "Tasso di risposta per zona, obiettivo 40 %", Stack: true, Heads: []page.Head{{Label: "Zona"}, {Label: "Risposte", Right: true}, {Label: "Tasso"}}, Rows: []page.Row{
		row("Val d’Orcia e Amiata", "61 su 240", .254, "25,4 %"), row("Chianti", "91 su 200", .455, "45,5 %"),
		{Cells: []page.Cell{{Text: "Radicofani"}, {Suppressed: true}, {Suppressed: true}}},
	}}
}

func demoCard() page.Card {
	mini := demoTrack()
	mini.Mini = true
	return page.Card{Now: true, Link: page.Link{Label: "Next Generation Siena", Href: "/percorsi/siena"}, Chip: &page.Chip{State: page.Current, Label: "Aperto ora", Icon: "it-clock"}, Meta: []string{"Siena e 24 Comuni, Toscana", "Sviluppo locale"}, Track: &mini, Strong: "Rispondi al questionario", Deadline: rome(time.November, 30, 0, 0)}
}

func demoFunnel() page.Funnel {
	return page.NewFunnel(page.FunnelStep{Label: "Invitati", Count: 2480}, page.FunnelStep{Label: "Hanno aperto il collegamento", Count: 1347}, page.FunnelStep{Label: "Hanno inviato", Count: 903}, page.FunnelStep{Label: "Non hanno ancora inviato", Count: 1577, Silent: true})
}

func demoLint() page.Lint {
	return page.Lint{Findings: []page.Finding{{Level: "error", Strong: "Domanda 17 non può mai comparire:", Text: "chiede due risposte diverse alla domanda 1.", Link: page.Link{Label: "Correggi la 17", Href: "#d17"}}, {Level: "warn", Text: "Raggruppa l’età in quattro fasce."}, {Level: "ok", Text: "Nessun ciclo."}}}
}

func demoAnswers() page.Answers {
	return page.Answers{Groups: []page.AnswerGroup{{Heading: "Tu e il territorio", Items: []page.Answer{{Number: 1, Question: "Legame con l’Area vasta", Text: "Ci vivo", Edit: "/q/x?d=1"}, {Number: 13, Question: "Spazi pubblici", Edit: "/q/x?d=13"}}}}}
}

func newResultsDemo() resultsDemo {
	b := demoBase("Vivere l’Area vasta")
	b.Workspace, b.Viewer, b.Flash = true, &page.Viewer{Name: "Marta Bindi", Staff: true}, "Sollecito approvato: parte alle 18:00."
	return resultsDemo{Base: b, Funnel: demoFunnel(), Table: demoTable(), Gate: demoGate(), Figure: demoFigure(), Card: demoCard(), Lint: demoLint(), Answers: demoAnswers(), Pagination: demoPages()}
}

func demoPages() page.Pagination {
	return page.Paginate(5, 9, func(n int) string { return "?pagina=" + string(rune('0'+n)) })
}

// demos are the sample pages by template name.
func demos(testing.TB) map[string]page.View {
	return map[string]page.View{"demo/process": newProcessDemo(), "demo/cockpit": newCockpitDemo(), "demo/question": newQuestionDemo(), "demo/results": newResultsDemo()}
}
