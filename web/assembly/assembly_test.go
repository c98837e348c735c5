package assembly_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	domain "arengo/process/assembly"
	"arengo/web/assembly"
	"arengo/web/gathering/gatheringtest"
	"arengo/web/webtest"
)

// ends is the end of gatheringtest.Evening.
var ends = time.Date(2026, time.March, 26, 18, 30, 0, 0, time.UTC)

func world(t *testing.T) *gatheringtest.World {
	t.Helper()
	return gatheringtest.New(t, domain.Kind{}, gatheringtest.Pages, assembly.Routes)
}

// held is an assembly after its end, as the timer left it.
func held(t *testing.T) *gatheringtest.World {
	t.Helper()
	w := world(t)
	w.Open("convene")
	w.At(ends.Add(time.Hour))
	if got := w.State(w.Activity); got != "held" {
		t.Fatalf("the timer left it %s", got)
	}
	return w
}

func TestConveneNeedsAnAgenda(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := w.Desk()
	b.Send(w.Staff(), w.Staff()+"/incontri", "starts", "2026-03-26T18:00", "ends", "2026-03-26T19:30", "place", "Palazzo Patrizi").Back()
	gate := b.Page(w.Staff()).Find("#avanza")
	if !strings.Contains(gate.Text(), "Scrivi l’ordine del giorno") || gate.Find("button").Length() != 0 {
		t.Fatalf("convened without an agenda: %s", gate.Text())
	}
	edit := w.Staff() + "/incontri/1"
	b.Send(edit, edit, "agenda", "1. Saluti\n2. Bilancio").Back()
	gate = b.Page(w.Staff()).Find("#avanza")
	if gate.Find("form[action$=avanza] button").Text() != "Convoca l’assemblea" {
		t.Errorf("the gate stays shut: %s", gate.Text())
	}
}

func TestPublicPageBefore(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Open("convene")
	p := w.Visitor().Page(w.Public())
	text := p.Find("#contenuto").Text()
	for _, want := range []string{"Giovedì 26 marzo 2026 alle 18:00", "Palazzo Patrizi, Siena", "Ordine del giorno", "Domande", "L’ingresso è libero"} {
		if !strings.Contains(text, want) {
			t.Errorf("the public page lacks %q", want)
		}
	}
	if strings.Contains(text, "collegamento per partecipare") {
		t.Error("an assembly has no link to join")
	}
	ics := w.Visitor().Get(p.Find(`a[href$=".ics"]`).AttrOr("href", ""))
	if ics.Code != http.StatusOK || !strings.Contains(ics.Body, "LOCATION:Palazzo Patrizi\\, Siena") {
		t.Errorf("%d\n%s", ics.Code, ics.Body)
	}
	w.Registers("Anna Neri", "anna@example.org")
	if got := w.Visitor().Page(w.Link("anna@example.org")).Find("#stato").Text(); !strings.Contains(got, "confermata") {
		t.Error(got)
	}
}

func TestMinutesAreWrittenAndPublished(t *testing.T) {
	t.Parallel()
	w := held(t)
	b := w.Desk()
	editor := w.Staff() + "/verbale"
	bad := b.Send(editor, editor, "present", "molte", "body", "# Decisioni")
	if bad.Code != http.StatusUnprocessableEntity || bad.Doc.Find("#verbale-body").Text() != "# Decisioni" ||
		bad.Doc.Find("#verbale-present").AttrOr("value", "") != "molte" ||
		bad.Doc.Find(`.ar-errors a[href="#verbale-present"]`).Length() != 1 {
		t.Fatalf("%d %s", bad.Code, bad.Body)
	}
	b.Send(editor, editor, "present", "84", "body", "# Decisioni\n\nSi farà la **navetta**. <script>alert(1)</script>").Back()
	if w.Visitor().Page(w.Public()).Find("#verbale").Length() != 0 {
		t.Error("a draft of the minutes is public")
	}
	before := w.Fingerprint()
	b.Page(editor)
	if w.Fingerprint() != before {
		t.Error("reading changed something")
	}
	b.Send(w.Staff(), editor+"/pubblica").Back()
	public := w.Visitor().Page(w.Public())
	minutes := public.Find("section[aria-labelledby=verbale]")
	if !strings.Contains(minutes.Text(), "84 persone presenti") || minutes.Find("strong").Text() != "navetta" || minutes.Find("script").Length() != 0 {
		t.Errorf("minutes: %s", minutes.Text())
	}
	if n := w.Notices(w.Activity, "meeting-materials"); n != 1 {
		t.Errorf("%d notices of the minutes", n)
	}
	w.Must(w.Advance(w.Activity, "minute", ""))
	p := b.Page(editor)
	if p.Find("textarea").Length() != 0 || p.Find(`form[action="`+editor+`"]`).Length() != 0 {
		t.Error("closed minutes can be edited")
	}
	// A form that was open when the assembly was closed keeps its text.
	late := b.PostForm(editor, url.Values{"revision": {"1"}, "body": {"Un’ultima cosa"}})
	if late.Code != http.StatusConflict || !strings.Contains(late.Body, "Un’ultima cosa") {
		t.Errorf("%d: the text is lost", late.Code)
	}
}

func TestMinutesConflictKeepsBothTexts(t *testing.T) {
	t.Parallel()
	w := held(t)
	b := w.Desk()
	editor := w.Staff() + "/verbale"
	mine := webtest.Values(b.Page(editor).Find(`form[action="` + editor + `"]`))
	b.Send(editor, editor, "body", "Il testo dell’altra persona", "present", "10").Back()
	mine.Set("body", "Il mio testo")
	a := b.Post(editor, mine)
	if a.Code != http.StatusConflict || a.Doc.Find("#verbale-body").Text() != "Il mio testo" ||
		!strings.Contains(a.Doc.Find("section[aria-labelledby=conflitto]").Text(), "Il testo dell’altra persona") {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	b.Post(editor, webtest.Values(a.Doc.Find(`form[action="`+editor+`"]`))).Back()
	m, err := w.Meetings.Minutes(t.Context(), w.Process.ID, w.Activity.ID)
	w.Must(err)
	if m.Body != "Il mio testo" || m.Revision != 2 {
		t.Errorf("%+v", m)
	}
	stale := b.PostForm(editor+"/pubblica", url.Values{"revision": {"1"}})
	if stale.Code != http.StatusConflict {
		t.Errorf("a text that nobody read was published: %d", stale.Code)
	}
}

func TestCallOffADraftIsQuiet(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := w.Desk()
	b.Send(w.Staff(), w.Staff()+"/annulla").Back()
	if got := w.State(w.Activity); got != "cancelled" || w.Notices(w.Activity, "") != 0 {
		t.Errorf("state %s, %d notices", got, w.Notices(w.Activity, ""))
	}
	if a := w.Visitor().Get(w.Public()); a.Code != http.StatusNotFound {
		t.Errorf("a draft that nobody saw answers %d", a.Code)
	}
}

// TestDiscardADraftWhoseDatePassed gets rid of what nobody ever heard of; of a
// convened assembly that has begun, the button is gone and the form refused.
func TestDiscardADraftWhoseDatePassed(t *testing.T) {
	t.Parallel()
	w := world(t)
	_, err := w.Meetings.Schedule(t.Context(), w.Process.ID, w.Activity.ID, w.Promoter, gatheringtest.Evening)
	w.Must(err)
	w.Clock.Set(ends.Add(-time.Hour))
	w.Desk().Send(w.Staff(), w.Staff()+"/annulla").Back()
	if got := w.State(w.Activity); got != "cancelled" {
		t.Errorf("the draft is %s", got)
	}
	w = world(t)
	w.Open("convene")
	b := w.Desk()
	stale := webtest.Values(b.Page(w.Staff()).Find(`form[action$="/annulla"]`))
	w.Clock.Set(ends.Add(-time.Hour))
	stale.Set("reason", "Sala allagata")
	a := b.Post(w.Staff()+"/annulla", stale)
	if text := a.Doc.Find(".ar-errors").Text(); a.Code != http.StatusConflict || !strings.Contains(text, "già cominciato") {
		t.Errorf("%d %s", a.Code, text)
	}
	if n := b.Page(w.Staff()).Find("#annulla").Length(); n != 0 || w.State(w.Activity) != "convened" {
		t.Errorf("%d forms, state %s", n, w.State(w.Activity))
	}
}

func TestCancelOneOfTwo(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Open("convene")
	b := w.Desk()
	b.Send(w.Staff(), w.Staff()+"/incontri", "starts", "2026-04-02T18:00", "ends", "2026-04-02T19:30", "agenda", "Seguito", "title", "Seconda sera").Back()
	second := w.Staff() + "/incontri/2"
	b.Send(second, second+"/annulla", "reason", "Sala occupata").Back()
	if text := b.Page(w.Staff()).Find("#incontro-2").Text(); !strings.Contains(text, "Annullato") {
		t.Error(text)
	}
	if a := b.Get(second); a.Code != http.StatusNotFound {
		t.Errorf("a cancelled meeting can be edited: %d", a.Code)
	}
	if got := w.State(w.Activity); got != "convened" {
		t.Errorf("the assembly is %s", got)
	}
}

func TestNoAttendanceByName(t *testing.T) {
	t.Parallel()
	w := held(t)
	b := w.Desk()
	if a := b.PostForm(w.Staff()+"/presenze", url.Values{}); a.Code != http.StatusNotFound {
		t.Errorf("%d", a.Code)
	}
}

// A meeting or a material that is sent twice is there, and told, once.
func TestFormsMakeOneThing(t *testing.T) {
	t.Parallel()
	w := world(t)
	w.Open("convene")
	b := w.Desk()
	form := `form[action="` + w.Staff() + `/incontri"]`
	bad := b.Submit(b.Page(w.Staff()), form, "starts", "2026-04-02T18:00", "ends", "").Is(http.StatusUnprocessableEntity)
	told := w.Notices(w.Activity, "")
	b.Twice(bad, form, "ends", "2026-04-02T19:30", "agenda", "Seguito")
	b.Get(w.Staff()).Is(http.StatusOK).Says("Avevi già inviato questo modulo")
	if n := w.Count(`SELECT count(*) FROM meeting`); n != 2 {
		t.Errorf("%d meetings, want 2", n)
	}
	if n := w.Notices(w.Activity, "") - told; n != 1 {
		t.Errorf("%d notices of one new meeting", n)
	}

	w.At(ends.AddDate(0, 0, 14))
	b.Twice(b.Page(w.Staff()), `form[action$="/materiali"]`, "kind", "document", "title", "Bilancio", "url", "https://example.org/b")
	if n, told := w.Count(`SELECT count(*) FROM material`), w.Notices(w.Activity, "meeting-materials"); n != 1 || told != 1 {
		t.Errorf("%d materials, told %d times", n, told)
	}
}
