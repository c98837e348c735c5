package page_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"arengo/web/page"
	"arengo/web/page/pagetest"
	"arengo/web/templates"
)

// rome is an instant of the demo's story, in Rome.
func rome(month time.Month, day, hour, minute int) time.Time {
	year := 2026
	if month < time.July {
		year = 2027
	}
	return time.Date(year, month, day, hour, minute, 0, 0, page.Rome)
}

// demoBase is Monday 23 November 2026, 9:10.
func demoBase(title string) page.Base {
	return page.Base{
		Lang: "it", Title: title, Path: "/percorsi/siena", CSRF: "t0ken", Section: "processes",
		Owner: page.Link{Label: "Comune di Siena e 24 Comuni", Href: "/"}, Now: rome(time.November, 23, 9, 10).UTC(),
		Contact: &page.Contact{Text: "Un percorso del Comune di Siena, capofila, e di 24 Comuni dell’Area vasta.", Email: "partecipa@esempio.siena.it", Phone: "0577 000 000", Hours: "dal lunedì al venerdì, 9–13"},
	}
}

// demoTemplates is the shared layout and partials with the pages of testdata.
func demoTemplates(t testing.TB) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, from := range []fs.FS{templates.FS, os.DirFS("testdata")} {
		for _, pattern := range []string{"layout.html", "partial/*.html", "demo/*.html"} {
			files, err := fs.Glob(from, pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				data, err := fs.ReadFile(from, file)
				if err != nil {
					t.Fatal(err)
				}
				out[file] = &fstest.MapFile{Data: data}
			}
		}
	}
	return out
}

func demoRenderer(t testing.TB) *page.Renderer {
	t.Helper()
	return pagetest.RendererOf(t, page.Config{Templates: demoTemplates(t)})
}

var phases = []string{"Avvio e formazione", "Territorio e popolazione", "Ascolto", "Analisi e verifica", "Governance pubblica", "Co-progettazione", "Report finale"}

func demoTrack() page.Track {
	t := page.Track{}
	for i, name := range phases {
		s := page.Next
		if i < 2 {
			s = page.Done
		} else if i == 2 {
			s = page.Current
		}
		t.Steps = append(t.Steps, page.Step{Name: name, State: s})
	}
	return t
}

func demoSpine() page.Spine {
	return page.Spine{Wide: true, Phases: []page.Phase{
		{Number: 1, Title: phases[0], State: page.Done, From: rome(time.September, 24, 0, 0), Until: rome(time.October, 8, 0, 0), Body: []page.Block{
			{Text: "Incontro di apertura con 61 amministratrici, amministratori e tecnici. Poi quattro moduli di formazione su PNRR, raccolta fondi, gestione di progetti e servizi associati, a cura di Euronike."},
			{Fold: "Incontri e documenti (1)", Items: []page.Item{{Label: "Resoconto della fase 1", Href: "#doc", Note: "pagina web e PDF, 220 kB"}}},
		}},
		{Number: 2, Title: phases[1], State: page.Done, From: rome(time.October, 8, 0, 0), Until: rome(time.November, 2, 0, 0), Body: []page.Block{{Text: "Definita la popolazione di riferimento: 168.420 persone di almeno 16 anni, in sei zone."}}},
		{Number: 3, Title: phases[2], State: page.Current, From: rome(time.November, 2, 0, 0), Until: rome(time.November, 30, 0, 0), Note: "prorogata di 7 giorni", Body: []page.Block{
			{Heading: "Che cosa puoi fare adesso", Items: []page.Item{
				{Label: "Rispondi al questionario “Vivere l’Area vasta”", Href: "/q/x", Note: "Fino a domenica 29 novembre alle 23:59. Hanno risposto in 903."},
				{Label: "Iscriviti a un focus group", Href: "#iscriviti", Note: "Quattro incontri da 12 posti; se le richieste superano i posti si sorteggia, con criteri pubblici."},
			}},
			{Heading: "Perché è stata prorogata", Text: "Il maltempo del 16 e 17 novembre ha interrotto i collegamenti in sei Comuni."},
		}},
		{Number: 4, Title: phases[3], State: page.Next, From: rome(time.November, 30, 0, 0), Until: rome(time.January, 25, 0, 0), Body: []page.Block{
			{Text: "Le risposte vengono analizzate, poi discusse in quattro focus group.", Items: []page.Item{{At: rome(time.December, 3, 17, 30), Label: "Focus group Valdichiana, Montepulciano"}, {At: rome(time.January, 14, 18, 0), Label: "Focus group Siena, online"}}},
		}},
		{Number: 5, Title: phases[4], State: page.Next, From: rome(time.January, 25, 0, 0), Until: rome(time.February, 8, 0, 0), Slot: page.Slot{}},
		{Number: 6, Title: phases[5], State: page.Next, When: "da decidere"},
	}}
}

func demoNow() page.Now {
	return page.Now{
		Chip: &page.Chip{State: page.Current, Label: "Aperto ora", Icon: "it-clock"}, Heading: "Rispondi al questionario",
		Deadline: &page.Deadline{Lead: "Chiude", At: rome(time.November, 30, 0, 0)},
		Action:   &page.Action{Label: "Rispondi alle domande", Href: "/q/x", Primary: true, Large: true},
		Then:     []string{"20 domande, circa 8 minuti. Può rispondere chi ha almeno 16 anni e vive, lavora o studia in uno dei 25 Comuni."},
		Notes:    []string{"Hai ricevuto una e-mail? Usa quel collegamento: ritrovi la bozza su ogni dispositivo."},
	}
}

func demoLog() page.Log {
	return page.Log{Entries: []page.LogEntry{
		{At: rome(time.November, 18, 11, 32).Add(8 * time.Second), What: "Proroga di “Ascolto” dal 22 al 29 novembre.", Who: "Marta Bindi, facilitatrice", Reason: "collegamenti interrotti in sei Comuni"},
		{At: rome(time.November, 2, 0, 0), What: "Da “Territorio e popolazione” ad “Ascolto”. Questionario aperto, 2.480 inviti."},
	}}
}

func demoDays() []page.Day {
	return []page.Day{
		{ID: "d1", State: page.Late, Heading: "In ritardo", Tasks: []page.Task{
			{State: page.Late, Verb: "Pubblica", Object: "il verbale del secondo tavolo", Context: "Mobilità dolce in Val d’Elsa", Due: rome(time.November, 21, 0, 0), Source: &page.Source{Kind: "template", Text: "7 giorni dopo l’incontro"}, Action: page.Action{Label: "Carica il verbale", Hidden: ": il verbale del secondo tavolo", Href: "#verbale", Primary: true}},
			{State: page.Late, Verb: "Correggi", Object: "41 indirizzi respinti", Context: "Next Generation Siena · questionario", Due: rome(time.November, 23, 0, 0), Then: "41 persone non ricevono nulla", Action: page.Action{Label: "Apri i 41 indirizzi", Href: "#respinti"}},
		}},
		{ID: "d2", State: page.Current, Heading: "Oggi", Tasks: []page.Task{
			{State: page.Current, Verb: "Approva", Object: "il sollecito a 1.536 persone", Context: "Next Generation Siena · questionario", Due: rome(time.November, 23, 17, 30), Then: "parte alle 18:00", Action: page.Action{Label: "Leggi e approva", Href: "#sollecito", Primary: true, Post: true}},
			{State: page.Current, Verb: "Sorteggia", Object: "12 persone per il focus group Valdichiana", Context: "Next Generation Siena · focus group del 3 dicembre", Due: rome(time.November, 24, 0, 0), Then: "19 iscritte e iscritti", Action: page.Action{Label: "Apri il sorteggio", Href: "#sorteggio", Primary: true}},
		}},
		{ID: "d3", State: page.Next, Heading: "Prossimi 7 giorni", Tasks: []page.Task{
			{State: page.Next, Verb: "Invia", Object: "il rapporto finale all’Autorità regionale", Context: "Mobilità dolce in Val d’Elsa", Due: rome(time.November, 28, 0, 0), Source: &page.Source{Kind: "law", Text: "180 giorni, L.R. Toscana 46/2013"}, Action: page.Action{Label: "Completa il rapporto", Href: "#rapporto"}},
			{State: page.Next, Verb: "Decidi", Object: "se chiudere o prorogare il questionario", Context: "Next Generation Siena", Due: rome(time.November, 30, 0, 0), Then: "massimo: martedì 1° dicembre", Source: &page.Source{Kind: "tbc", Text: "i 30 giorni sono una proposta del modello"}, Action: page.Action{Label: "Vedi le risposte", Href: "#risposte"}},
		}},
		{ID: "d4", State: page.Next, Heading: "Poi", Text: "Mercoledì 2 dicembre: invito al focus group Val d’Orcia e Amiata.", Link: page.Link{Label: "Vedi i prossimi mesi", Href: "#mesi"}},
	}
}
