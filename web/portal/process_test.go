package portal_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/web/page"
)

const slug = "/percorsi/next-generation-siena"

// lived is a world in which things have happened: the process was published
// and extended, a webinar is open, an outcome is out.
func lived(t testing.TB) (*world, process.Activity) {
	t.Helper()
	w := newWorld(t)
	w.publish()
	w.Clock.Advance(24 * time.Hour)
	w.move("launch", "")
	a, err := w.Core.CreateActivity(t.Context(), w.Process.ID, w.Promoter, process.NewActivity{Kind: "webinar", Title: "Domande e risposte", Phase: "listening"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
		Title: "Domande e risposte", Starts: "2026-03-12T18:00", Ends: "2026-03-12T19:00", JoinURL: "https://incontri.example.org/x",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Must(w.Advance(a, "open", ""))
	w.Clock.Advance(time.Hour)
	end := time.Date(2026, time.March, 31, 22, 0, 0, 0, time.UTC)
	if _, err := w.Core.Extend(t.Context(), w.Process.ID, w.helper, process.NewEnd{End: end, Reason: "Il maltempo ha interrotto i collegamenti."}); err != nil {
		t.Fatal(err)
	}
	w.outcome("Trasporto serale a chiamata")
	return w, a
}

func TestUnpublishedProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"", "/report", "/esiti", "/registro.csv", "/documenti/project-sheet"} {
		t.Run("Visitor"+path, func(*testing.T) { w.Visitor().Get(slug + path).Is(http.StatusNotFound) })
	}
	t.Run("Stranger", func(*testing.T) {
		w.Visitor().Post(slug+"/segui", url.Values{"email": {"a@example.org"}}).Is(http.StatusNotFound)
	})
	t.Run("Staff", func(t *testing.T) {
		a := w.SignedIn(w.helper).Get(slug).Is(http.StatusOK)
		if got := a.Text(".ar-preview"); !strings.Contains(got, "non è ancora pubblico") {
			t.Errorf("no mark of the preview: %q", got)
		}
	})
	t.Run("List", func(t *testing.T) {
		if a := w.Visitor().Get("/").Is(http.StatusOK); strings.Contains(a.Body, "Next Generation") {
			t.Error("an unpublished process is in the list")
		}
	})
}

func TestProcessPage(t *testing.T) {
	t.Parallel()
	w, a := lived(t)
	page := w.Visitor().Get(slug).Is(http.StatusOK)
	href := slug + "/webinar/" + a.PublicID
	for name, want := range map[string][2]string{
		"Title":     {"h1", "Next Generation Siena"},
		"Eyebrow":   {".ar-eyebrow", "Comune di Siena e un altro Comune"},
		"Now":       {".ar-now", "Si tiene giovedì 12 marzo 2026 alle 18:00"},
		"NowZone":   {".ar-now", "Ora di Roma (CET, UTC+1)"},
		"Track":     {".ar-band", "Fase 2 di 3: Ascolto"},
		"Done":      {"#fase-1", "fine prevista: 11 marzo 2026"},
		"Extended":  {"#fase-2", "prorogata di"},
		"Why":       {"#fase-2", "Il maltempo ha interrotto i collegamenti."},
		"Expected":  {"#fase-3", "date previste"},
		"Assembly":  {"#fase-3", "Assemblea pubblica"},
		"Document":  {"#fase-1", "Scheda di progetto"},
		"Partner":   {".ar-facts--tight", "Formazione"},
		"Firm":      {".ar-facts--tight", "Euronike"},
		"Helper":    {".ar-facts--tight", "Marta Bindi"},
		"Extension": {"table", "Proroga di “Ascolto”"},
		"Published": {"table", "Percorso pubblicato."},
		"Drawing":   {".ar-flow svg desc", "Adesso: Ascolto."},
		"InWords":   {".ar-flow ul", "2. Ascolto Adesso"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := page.Text(want[0]); !strings.Contains(got, want[1]) {
				t.Errorf("%s is %q, want %q in it", want[0], got, want[1])
			}
		})
	}
	if got := page.Find(`.ar-now a[href="` + href + `"]`).Length(); got != 1 {
		t.Errorf("%d links from the panel to %s", got, href)
	}
	for _, name := range []string{"Lucia Ferri", "Marta Bindi"} {
		if strings.Contains(page.Find("table").Text(), name) {
			t.Errorf("the public log names %s", name)
		}
	}
	english := w.Visitor()
	english.Lang = "en"
	if got := english.Get(slug).Text(".ar-band"); !strings.Contains(got, "Listening") {
		t.Errorf("in English the track is %q", got)
	}
	if got := english.Get(slug).Text(".ar-flow ul"); !strings.Contains(got, "2. Listening Now") {
		t.Errorf("in English the flow in words is %q", got)
	}
}

func TestProcessPageAtTheEnds(t *testing.T) {
	t.Parallel()
	t.Run("Ended", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.publish()
		for _, move := range []string{"launch", "write", "close"} {
			w.Clock.Advance(48 * time.Hour)
			w.move(move, "")
		}
		a := w.Visitor().Get(slug).Is(http.StatusOK)
		if got := a.Text(".ar-now"); !strings.Contains(got, "Leggi il report") {
			t.Errorf("panel %q", got)
		}
	})
	t.Run("Refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.publish()
		w.move("launch", "")
		w.move("refuse", "Manca il costo.")
		a := w.Visitor().Get(slug).Is(http.StatusOK)
		if got := a.Text(".ar-now"); !strings.Contains(got, "Il percorso è finito: Non ammesso") || !strings.Contains(got, "Manca il costo.") {
			t.Errorf("panel %q", got)
		}
		for _, untrue := range []string{"Leggi il report che", "Il percorso è concluso", "Percorso concluso", "3 fasi su 3", "Ti scriviamo", "Segui il percorso"} {
			if strings.Contains(a.Body, untrue) {
				t.Errorf("a process that was refused says %q", untrue)
			}
		}
		if card := w.Visitor().Get("/").Is(http.StatusOK).Text("main"); !strings.Contains(card, "Non ammesso") {
			t.Errorf("the list says %q", card)
		}
	})
	t.Run("Cancelled", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.publish()
		w.move("cancel", "Mancano i fondi.")
		a := w.Visitor().Get(slug).Is(http.StatusOK)
		if got := a.Text(".ar-now"); !strings.Contains(got, "annullato") || !strings.Contains(got, "Mancano i fondi.") {
			t.Errorf("panel %q", got)
		}
		if got := a.Text("#fase-1"); !strings.Contains(got, "Interrotta") || strings.Contains(got, "Conclusa") {
			t.Errorf("the phase that was broken off: %q", got)
		}
		if got := a.Text("#fase-2"); !strings.Contains(got, "non svolta") || strings.Contains(got, "da venire") {
			t.Errorf("a phase that never was: %q", got)
		}
		if got := a.Text("#fase-1"); strings.Contains(got, "fine prevista") {
			t.Errorf("the phase that was broken off had an end: %q", got)
		}
		if got := a.Text(".ar-flow ul"); !strings.Contains(got, "1. Preparazione Interrotta") {
			t.Errorf("the flow in words: %q", got)
		}
		for _, promise := range []string{"Ti scriviamo", "I primi risultati compaiono", "Segui il percorso"} {
			if strings.Contains(a.Body, promise) {
				t.Errorf("a cancelled process still says %q", promise)
			}
		}
	})
}

func TestLogFile(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	a := w.Visitor().Get(slug + "/registro.csv").Is(http.StatusOK)
	body, marked := strings.CutPrefix(a.Body, "\ufeff")
	if !marked || !strings.Contains(a.Header.Get("Content-Disposition"), "registro-next-generation-siena.csv") {
		t.Errorf("mark %v, header %v", marked, a.Header)
	}
	c := csv.NewReader(strings.NewReader(body))
	c.Comma = ';'
	rows, err := c.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	// Created, sheet published, published, launched, webinar opened, extended; newest last.
	if len(rows) != 7 || !strings.HasPrefix(rows[2][2], "Documento pubblicato: Scheda di progetto") || rows[0][1] != "quando" {
		t.Fatalf("%d rows: %v", len(rows), rows)
	}
	for n, row := range rows[1:] { // every row is of the chain, the publication too
		if row[0] == "" || len(row[5]) != 64 {
			t.Errorf("row %d has no number or fingerprint: %q", n, row)
		}
	}
	// The webinar that was made before it was announced keeps its number to itself.
	if page := w.Visitor().Get(slug).Text("main"); rows[5][0] == "5" || !strings.Contains(page, "I numeri che mancano sono passaggi di attività") {
		t.Errorf("the page does not say why there is %q after %q", rows[5][0], rows[4][0])
	}
	last := rows[6]
	if !strings.HasPrefix(last[2], "Proroga") || last[3] != "Chi facilita" || last[4] != "Il maltempo ha interrotto i collegamenti." || len(last[5]) != 64 {
		t.Errorf("last row %q", last)
	}
	if at, err := time.Parse(time.RFC3339, last[1]); err != nil || !strings.HasSuffix(last[1], "+01:00") {
		t.Errorf("time %v, %v", at, err)
	}
	for _, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("cell %q is a formula", cell)
			}
		}
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	a := w.Visitor().Get(slug + "/documenti/project-sheet").Is(http.StatusOK)
	if got := a.Text("article strong"); got != "strategia" {
		t.Errorf("the document's text is %q", got)
	}
	w.Visitor().Get(slug + "/documenti/final-report").Is(http.StatusNotFound)
	w.Visitor().Get(slug + "/documenti/niente").Is(http.StatusNotFound)
}

func TestReport(t *testing.T) {
	t.Parallel()
	w, _ := lived(t)
	w.write("final-report", "Report conclusivo", "I **bisogni** raccolti.")
	for path, wants := range map[string][]string{
		"/report": {"47.320 persone", "1. Preparazione", "Domande e risposte", "Trasporto serale a chiamata", "Accolto in parte", "Sì nei giorni feriali.", "I bisogni raccolti."},
		"/esiti":  {"Trasporto serale a chiamata", "Accolto in parte", "Sì nei giorni feriali."},
	} {
		t.Run(path, func(t *testing.T) {
			a := w.Visitor().Get(slug + path).Is(http.StatusOK)
			for _, want := range wants {
				if !strings.Contains(a.Text("main"), want) {
					t.Errorf("no %q", want)
				}
			}
		})
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	w, a := lived(t)
	home := w.Visitor().Get("/").Is(http.StatusOK)
	for selector, want := range map[string]string{
		".ar-lead":          "Un percorso pubblico. Uno è aperto oggi alla partecipazione.",
		".ar-card--now":     "giovedì 12 marzo, 18:00",
		".ar-card .ar-chip": "Aperto ora",
		"#incontri":         "Domande e risposte",
		"#esiti":            "Uno ha già una risposta motivata.",
		"#territori":        "Provincia di Siena",
	} {
		if got := home.Text(selector); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q in it", selector, got, want)
		}
	}
	if home.Find(`#incontri a[href="`+slug+`/webinar/`+a.PublicID+`"]`).Length() != 1 {
		t.Error("the coming meeting has no link")
	}
	home.Find(".ar-nav a").Each(func(_ int, s *goquery.Selection) {
		if _, id, ok := strings.Cut(s.AttrOr("href", ""), "#"); ok && home.Find("#"+id).Length() != 1 {
			t.Errorf("the navigation leads to #%s, which is nowhere", id)
		}
	})
	for query, found := range map[string]int{
		"?q=asciano": 1, "?q=nulla": 0, "?territorio=09": 1, "?territorio=052": 1, "?territorio=99": 0,
		"?stato=running": 1, "?stato=ended": 0, "?pagina=7": 0, "?pagina=x": 1,
	} {
		if got := w.Visitor().Get("/" + query).Is(http.StatusOK).Find(".ar-card").Length(); got != found {
			t.Errorf("%s finds %d, want %d", query, got, found)
		}
	}
}

func TestEmptyHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, lang := range page.Languages {
		b := w.Visitor()
		b.Lang = lang
		a := b.Get("/").Is(http.StatusOK)
		if a.Find("#incontri, #esiti, #bandi, #territori").Length() != 4 {
			t.Errorf("%s: a section of the empty page is missing", lang)
		}
	}
}
