package staff_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/staff/gate"
	"arengo/workflow/history"
)

// form is the one of the page that asks for what.
func form(doc *goquery.Selection, what string) *goquery.Selection {
	return doc.Find("form").Has(`input[name=what][value=` + what + `]`).First()
}

// instants are those of some times, which the same zone writes.
func instants(times *goquery.Selection) []string {
	return times.Map(func(_ int, one *goquery.Selection) string { return one.AttrOr("datetime", "") })
}

// A process is suspended and goes on: what rests is listed before, the page and
// the cockpit say it meanwhile, and the log afterwards.
func TestSuspendAndResume(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	path := s.home() + "/proroga"
	ask := fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Suspend))
	ask.Set("reason", "")
	doc := s.send(s.Facilitator, path, ask).Is(http.StatusUnprocessableEntity)
	if doc.Find(`.ar-errors a[href="#sospensione-motivo"]`).Length() != 1 {
		t.Errorf("no reason: %s", doc.Find("main").Text())
	}
	ask.Set("reason", "Sciopero dei trasporti")
	for _, s.lang = range []string{"en", "it"} {
		doc = s.send(s.Facilitator, path, ask).Is(http.StatusOK)
	}
	if doc.Find("tbody tr").Length() == 0 || !strings.Contains(doc.Find("main").Text(), "si ferma, finché non si riprende") {
		t.Errorf("preview: %s", doc.Find("main").Text())
	}
	confirm := fields(form(doc.Find("main"), gate.Suspend))
	if confirm.Get("preview") != "" {
		t.Fatalf("%v", confirm)
	}
	if to := s.post(s.Facilitator, path, confirm); to != s.home() {
		t.Error(to)
	}
	s.send(s.Facilitator, path, confirm).Is(http.StatusConflict)
	page := s.get(s.Facilitator, s.home())
	if !strings.Contains(page.Find(".ar-chip--late").Text(), "Sospeso") || !strings.Contains(page.Find("#proroga").Text(), "riprendi o annulla") {
		t.Errorf("held: %s", page.Find("main").Text())
	}
	if facts := page.Find("main dl").First().Text(); !strings.Contains(facts, "In sospeso da") || strings.Contains(facts, "Manca") {
		t.Errorf("the phase counts days while it rests: %s", facts)
	}
	if !strings.Contains(s.get(s.Facilitator, "/oggi").Find("main").Text(), "in sospeso da") {
		t.Error("the cockpit does not say that it rests")
	}
	same := fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Resume))
	same.Set("reason", "Lo sciopero è già finito")
	if text := s.send(s.Facilitator, path, same).Is(http.StatusOK).Find("main").Text(); !strings.Contains(text, "Nessuna data cambia: la fine resta ") || !strings.Contains(text, "Cambia il motivo") {
		t.Errorf("on the same day: %s", text)
	}
	s.At(noon(30))
	if s.state() != "listening" {
		t.Fatal("it moved while it rested")
	}
	ask = fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Resume))
	ask.Set("reason", "Lo sciopero è finito")
	doc = s.send(s.Facilitator, path, ask).Is(http.StatusOK)
	if days := instants(doc.Find("main table tbody tr:not(:contains('Fine prevista')) td:last-child time")); len(days) < 2 || !slices.IsSorted(days) {
		t.Errorf("the new dates are not in order: %v", days)
	}
	s.post(s.Facilitator, path, fields(form(doc.Find("main"), gate.Resume)))
	log := s.get(s.Facilitator, s.home()).Find("#registro ~ table").Text()
	for _, want := range []string{"Sospensione di", "Sciopero dei trasporti", "Ripresa di", "Lo sciopero è finito"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q: %s", want, log)
		}
	}
}

// An end that was over before the suspension moves with it, and is listed like any.
func TestResumingMovesAnEndThatWasOver(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.Write("project-sheet", false)
	s.At(noon(6))
	_, err := s.Core.Advance(t.Context(), s.Process.ID, s.Facilitator, process.Move{Transition: "analyse"})
	s.Must(err)
	path := s.home() + "/proroga"
	s.At(noon(20))
	ask := fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Suspend))
	ask.Set("reason", "Sciopero dei trasporti")
	s.post(s.Facilitator, path, fields(form(s.send(s.Facilitator, path, ask).Is(http.StatusOK).Find("main"), gate.Suspend)))
	s.At(noon(25))
	ask = fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Resume))
	ask.Set("reason", "Lo sciopero è finito")
	if rows := s.send(s.Facilitator, path, ask).Is(http.StatusOK).Find("tbody tr").First().Text(); !strings.Contains(rows, "Fine") {
		t.Errorf("the end is not listed: %s", rows)
	}
}

// What was called off goes on by those whom its definition names, and by nobody
// else of its staff.
func TestReopenProcess(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(2))
	s.cancel()
	link := s.reopening()
	doc := s.get(s.Promoter, link)
	ask := fields(doc.Find("main form").First())
	ask.Set("reason", "I fondi sono arrivati")
	ask["tell"] = []string{"facilitator"}
	path, _, _ := strings.Cut(link, "?")
	if path != s.home()+"/riapri" || ask.Get("end") == "" {
		t.Fatalf("%s: %v", link, ask)
	}
	armed := func() int {
		return s.Count(`SELECT count(*) FROM deadline WHERE process_id = ? AND activity_id = 0 AND cancelled_at IS NULL AND fired_at IS NULL`, s.Process.ID)
	}
	for _, s.lang = range []string{"en", "it"} {
		doc = s.send(s.Promoter, path, ask).Is(http.StatusOK)
	}
	if text := doc.Text("main"); !strings.Contains(text, "una persona, appena lo fai") || strings.Contains(text, "minuto") {
		t.Errorf("a reopening is told at once, and it says: %s", text)
	}
	listed := doc.Find("#cambia ~ table").First().Find("tbody tr").Length()
	if listed == 0 || armed() != 0 || s.state() != "cancelled" || !strings.Contains(doc.Text("main"), "Fine di “Ascolto”") {
		t.Errorf("%d dates listed, %d armed: %s", listed, armed(), doc.Text("main"))
	}
	late := maps.Clone(ask)
	late.Set("end", "2029-01-01")
	if doc := s.send(s.Promoter, path, late).Is(http.StatusUnprocessableEntity); doc.Find("#riapri-fine-e").Length() != 1 {
		t.Errorf("too late: %s", doc.Text("main"))
	}
	ask = fields(doc.Find("main form").Not(":has(input[name=preview])"))
	s.send(s.Editor, path, ask).Is(http.StatusConflict)
	if s.state() != "cancelled" {
		t.Fatal("somebody else reopened it")
	}
	_, err := s.Core.Advance(t.Context(), s.Process.ID, s.Promoter, process.Move{Transition: "reopen", Reason: "Sì", Tell: []string{"silent"}})
	if e, ok := fault.As(err); !ok || e.Key != "workflow.tell_unknown" {
		t.Errorf("got %v", err)
	}
	s.post(s.Facilitator, path, ask)
	if s.state() != "listening" || armed() != listed-1 { // the end of the phase after it is expected, not armed
		t.Errorf("the state is %s, with %d deadlines of %d", s.state(), armed(), listed)
	}
	words := page.Words{Lang: "it", Zone: s.Process.Location()}
	since := page.Cap(words.Date(s.Start)) + ", di nuovo in corso da " + words.Date(noon(2))
	home := strings.Join(strings.Fields(s.get(s.Promoter, s.home()).Text("main")), " ")
	for _, want := range []string{since, "Riapertura: da “Annullato” a “Ascolto”"} {
		if !strings.Contains(home, want) {
			t.Errorf("it does not say %q: %s", want, home)
		}
	}
	s.At(noon(3))
	if n := s.Count(`SELECT count(*) FROM notice WHERE process_id = ? AND kind = 'reopened' AND due_at = created_at`, s.Process.ID); n != 1 {
		t.Errorf("%d notices that leave at once", n)
	}
}

// What a law bounds goes on from its first opening: beyond that a promoter writes an
// exception, which the log calls by its name.
func TestReopenBeyondTheLaw(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Lawful(t))
	s.Publish()
	s.At(noon(2))
	s.cancel()
	s.At(noon(60))
	link := s.reopening()
	path, _, _ := strings.Cut(link, "?")
	doc := s.get(s.Promoter, link)
	ask := fields(doc.Find("main form").First())
	if text := doc.Text("main"); doc.Find("#riapri-eccezione[required]").Length() != 1 || !strings.Contains(text, "art. 11") || !strings.Contains(text, "quel giorno è passato") {
		t.Fatal(text)
	}
	if s.get(s.Facilitator, link).Find("#riapri-eccezione").Length() != 0 {
		t.Error("the facilitator may write an exception")
	}
	ask.Set("reason", "I fondi sono arrivati")
	ask.Set("end", noon(70).Format(time.DateOnly))
	for _, s.lang = range []string{"en", "it"} {
		refused := s.send(s.Promoter, path, ask).Is(http.StatusUnprocessableEntity)
		if text := refused.Find("#riapri-fine-e").Text(); !strings.Contains(text, "art. 11") {
			t.Error(text)
		}
	}
	ask.Set("exception", "1")
	if text := s.send(s.Promoter, path, ask).Is(http.StatusUnprocessableEntity).Find("#riapri-atto-e").Text(); !strings.Contains(text, "serve anche l’atto") {
		t.Errorf("without an act: %q", text)
	}
	s.Write("resolution", true)
	ask.Set("act", "resolution")
	doc = s.send(s.Promoter, path, ask).Is(http.StatusOK)
	if text := doc.Text("main"); !strings.Contains(text, "va oltre il massimo di legge: art. 11") || !strings.Contains(text, "Atto nel registro pubblico: resolution") {
		t.Errorf("the preview of an exception: %s", text)
	}
	ask = fields(doc.Find("main form").Not(":has(input[name=preview])"))
	s.send(s.Facilitator, path, ask).Is(http.StatusForbidden)
	s.post(s.Promoter, path, ask)
	if s.state() != "listening" {
		t.Fatal(s.state())
	}
	log := s.get(s.Promoter, s.home()).Find("#registro ~ table")
	if !strings.Contains(log.Text(), "(eccezione al massimo di legge: art. 11)") || log.Find(`a[href$="/documenti/resolution"]`).Length() != 1 {
		t.Error(log.Text())
	}
}

// Beyond a maximum of law the article and the law stand before the eyes, and an act
// is asked for; once the one extension is used up, who may write no exception reads
// by which rule, and is offered no day.
func TestBeyondTheMaximumOfLaw(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Lawful(t))
	s.Publish()
	s.At(noon(3))
	path := s.home() + "/proroga"
	ask := fields(form(s.get(s.Facilitator, path).Find("main"), gate.Extend))
	ask.Set("end", s.Start.AddDate(0, 0, 25).Format(time.DateOnly))
	ask.Set("reason", "Le scuole erano chiuse")
	ask.Del("preview")
	s.post(s.Facilitator, path, ask)

	theirs := s.get(s.Facilitator, path).Find("main")
	for _, want := range []string{"Massimo di legge: art. 11 (L.R. 46/2013, da verificare).", "Si proroga una volta sola", "già stata usata (" + page.Words{Lang: "it"}.Date(noon(3)), "solo chi promuove"} {
		if !strings.Contains(theirs.Text(), want) {
			t.Errorf("the facilitator does not read %q: %s", want, theirs.Text())
		}
	}
	if theirs.Find("#proroga-fine, #proroga-eccezione").Length() != 0 {
		t.Error("the facilitator is offered a day that is always refused")
	}
	hers := s.get(s.Promoter, path).Find("main")
	if n := strings.Count(hers.Text(), "Massimo di legge:"); n != 1 {
		t.Errorf("the promoter reads the rule %d times", n)
	}
	ask = fields(form(hers, gate.Extend))
	ask.Set("end", s.Start.AddDate(0, 0, 60).Format(time.DateOnly))
	ask.Set("reason", "Lo ha deciso la Giunta")
	if errs := s.send(s.Facilitator, path, ask).Is(http.StatusConflict).Find(".ar-errors li"); errs.Length() != 1 || !strings.Contains(errs.Text(), "chi promuove") {
		t.Errorf("%d errors: %s", errs.Length(), errs.Text())
	}
	mine := s.send(s.Promoter, path, ask)
	if errs := mine.Find(`.ar-errors li`); errs.Length() != 1 || !strings.Contains(errs.Text(), "Supera il massimo di legge") || errs.Find(`a[href="#proroga-eccezione"]`).Length() != 1 {
		t.Errorf("%d errors: %s", errs.Length(), errs.Text())
	}
	ask.Set("exception", "1")
	if e := s.send(s.Promoter, path, ask).Is(http.StatusUnprocessableEntity).Find("#proroga-atto-e").Text(); !strings.Contains(e, "art. 11") {
		t.Errorf("without an act: %q", e)
	}
	s.Write("resolution", true)
	ask.Set("act", "resolution")
	seen := s.send(s.Promoter, path, ask).Is(http.StatusOK)
	if text := seen.Text("main"); !strings.Contains(text, "va oltre il massimo di legge: art. 11 (L.R. 46/2013") || !strings.Contains(text, "Atto nel registro pubblico: resolution") {
		t.Error(text)
	}
	s.post(s.Promoter, path, fields(form(seen.Find("main"), gate.Extend)))
	home := s.get(s.Facilitator, s.home())
	if row := home.Find(`#registro ~ table tr`).Has(`a[href$="/documenti/resolution"]`); !strings.Contains(row.Text(), "(eccezione al massimo di legge: art. 11)") {
		t.Errorf("the log: %s", row.Text())
	}
	if text := home.Find("main").Text(); !strings.Contains(text, "La fine di adesso va oltre, per un’eccezione scritta") {
		t.Errorf("the bound contradicts the end: %s", text)
	}
}

// An exception that goes beyond the template, and not beyond the law further on, is
// none to the law: neither before it is saved nor in the log, which the next one is.
func TestBeyondTheTemplateWithinTheLaw(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Bounded(t))
	s.Publish()
	s.At(noon(3))
	s.Write("resolution", true)
	path := s.home() + "/proroga"
	extends := func(days int, act, says, hides string) {
		t.Helper()
		ask := fields(form(s.get(s.Promoter, path).Find("main"), gate.Extend))
		ask.Set("end", s.Start.AddDate(0, 0, days).Format(time.DateOnly))
		ask.Set("reason", "Le scuole erano chiuse")
		ask.Set("exception", "1")
		ask.Set("act", act)
		seen := s.send(s.Promoter, path, ask).Is(http.StatusOK)
		if text := seen.Find(".ar-panel--late").Text(); !strings.Contains(text, says) || strings.Contains(text, hides) {
			t.Errorf("%d days: %s", days, text)
		}
		s.post(s.Promoter, path, fields(form(seen.Find("main"), gate.Extend)))
	}
	extends(30, "", "oltre il termine massimo", "massimo di legge")
	extends(60, "resolution", "oltre il massimo di legge: art. 11", "oltre il termine massimo")
	log := s.get(s.Facilitator, s.home()).Find("#registro ~ table").Text()
	ours, law := strings.Index(log, "(eccezione al termine massimo)"), strings.Index(log, "(eccezione al massimo di legge: art. 11)")
	if strings.Count(log, "(eccezione") != 2 || law < 0 || ours < law { // the newest first
		t.Errorf("the log: %s", log)
	}
}

// Before it is saved one reads whether a change uses an extension up, gives it back
// or does not; one that is taken back within the grace can be given again, and the
// log says why.
func TestAnExtensionTakenBackIsGivenAgain(t *testing.T) {
	t.Parallel()
	s := staged(cockpittest.Lawful(t))
	s.Publish()
	s.At(noon(3))
	path := s.home() + "/proroga"
	changes := func(what string, days int, says ...string) {
		t.Helper()
		ask := fields(form(s.get(s.Facilitator, path).Find("main"), what))
		ask.Set("end", s.Start.AddDate(0, 0, days).Format(time.DateOnly))
		ask.Set("reason", "Le scuole erano chiuse")
		seen := s.send(s.Facilitator, path, ask).Is(http.StatusOK)
		for _, words := range says {
			if text := seen.Text("main"); !strings.Contains(text, words) {
				t.Errorf("%s: not told %q: %s", what, words, text)
			}
		}
		s.post(s.Facilitator, path, fields(form(seen.Find("main"), what)))
	}
	const single = "La proroga possibile è una sola: è questa. Se entro un minuto riporti la fine dov’era, non conta."
	changes(gate.Extend, 25, single)
	s.Clock.Advance(history.Grace / 2)
	changes(gate.Shorten, 19, "Se salvi entro le 12:01:00 la proroga non conta come usata", "conosce già questa fine")
	changes(gate.Extend, 26, single)
	s.Clock.Advance(history.Grace)
	if text := s.get(s.Facilitator, path).Text("main"); !strings.Contains(text, "già stata usata") {
		t.Errorf("told, and yet not used: %s", text)
	}
	changes(gate.Shorten, 19, "La proroga resta usata, anche se anticipi la fine")
	if text := s.get(s.Facilitator, path).Text("main"); !strings.Contains(text, "già stata usata") {
		t.Errorf("given back after people were told: %s", text)
	}
	const want = "anticipata da venerdì 3 aprile 2026 a sabato 28 marzo 2026 (proroga ritirata entro un minuto: non conta)"
	if text := s.get(s.Facilitator, s.home()).Text("main"); strings.Count(text, "non conta)") != 1 || !strings.Contains(text, want) {
		t.Errorf("the log does not say %q once: %s", want, text)
	}
}

// Beyond the longest term a promoter is led to the box for a written exception;
// who facilitates reads whose it is. The act by which an extension was decided
// stands in the log, and a draft of it is told before it is saved.
func TestBeyondTheLongestTerm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(3))
	path := s.home() + "/proroga"
	ask := fields(form(s.get(s.Promoter, path).Find("main"), gate.Extend))
	ask.Set("end", "2026-12-31")
	ask.Set("reason", "Le scuole erano chiuse")
	refused := s.send(s.Promoter, path, ask).Is(http.StatusUnprocessableEntity)
	if to := refused.Find(`.ar-errors a[href="#proroga-eccezione"]`); to.Length() != 1 || !strings.Contains(to.Text(), "eccezione scritta") {
		t.Errorf("nothing leads to the exception: %s", refused.Find(".ar-errors").Text())
	}
	if refused.Find(`input#proroga-eccezione[name=exception]`).Length() != 1 {
		t.Error("the box is not there")
	}
	theirs := s.send(s.Facilitator, path, ask).Is(http.StatusUnprocessableEntity)
	if text := theirs.Find(".ar-errors").Text(); !strings.Contains(text, "chi promuove il percorso") || theirs.Find(`#proroga-eccezione`).Length() != 0 {
		t.Errorf("the facilitator reads: %s", text)
	}
	s.lang = "en"
	if en := s.send(s.Promoter, path, ask).Find(".ar-errors").Text(); !strings.Contains(en, "written exception") {
		t.Errorf("in English: %s", en)
	}
	s.lang = "it"

	s.Write("resolution", false)
	ask.Set("exception", "1")
	ask.Set("act", "resolution")
	ask.Set("preview", "1")
	if text := s.send(s.Facilitator, path, ask).Find("main").Text(); !strings.Contains(text, "chi promuove") {
		t.Errorf("the facilitator sees what an exception would move: %s", text)
	}
	preview := s.send(s.Promoter, path, ask).Is(http.StatusOK)
	if text := preview.Find("main").Text(); !strings.Contains(text, "non è ancora pubblicato") {
		t.Errorf("the draft of the act is not told: %s", text)
	}
	s.post(s.Promoter, path, fields(form(preview.Find("main"), gate.Extend)))
	row := s.get(s.Facilitator, s.home()).Find(`#registro ~ table tr`).Has(`a[href$="/documenti/resolution"]`)
	if row.Length() != 1 || !strings.Contains(row.Text(), "(eccezione al termine massimo)") || !strings.Contains(row.Text(), "(non pubblicato)") {
		t.Errorf("the log does not lead to the act: %s", row.Text())
	}
}

// What a move drops and sets is listed where it is made: calling a process off
// ends its deadlines and those of what is open.
func TestMovesListTheirDates(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	main := s.get(s.Promoter, s.home()).Find("main")
	standing := func(activity bool) int {
		return s.Count(`SELECT count(*) FROM deadline WHERE process_id = ? AND (activity_id > 0) = ? AND cancelled_at IS NULL AND fired_at IS NULL`, s.Process.ID, activity)
	}
	called := main.Find("#mossa-cancel")
	if n := called.Find("table").First().Find("tbody tr").Length(); n == 0 || n != standing(false) {
		t.Errorf("calling it off lists %d dates of %d: %s", n, standing(false), called.Text())
	}
	if n := called.Find("tbody tr").Length(); n != standing(false)+standing(true) || !strings.Contains(called.Text(), "Fine della fase di adesso") {
		t.Errorf("calling it off lists %d dates, of %d and %d: %s", n, standing(false), standing(true), called.Text())
	}
	s.lang = "en"
	if text := s.get(s.Promoter, s.home()).Find("#mossa-cancel").Text(); !strings.Contains(text, "End of the present phase") {
		t.Error(text)
	}
}

// A suspension that is refused keeps which activities were to rest.
func TestRefusedSuspensionKeepsWhatWasChosen(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	a := s.NewActivity("questionnaire", "listening", "Questionario")
	s.Exec(`UPDATE workflow_instance SET state = 'open' WHERE process_id = ? AND activity_id = ?`, s.Process.ID, a.ID)
	s.At(noon(6))
	path := s.home() + "/proroga"
	ask := fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Suspend))
	ask.Set("reason", "Sciopero")
	doc := s.send(s.Facilitator, path, ask).Is(http.StatusOK)
	confirm := fields(form(doc.Find("main"), gate.Suspend))
	if len(confirm["with"]) == 0 {
		t.Fatalf("nothing can follow: %s", doc.Text("main"))
	}
	confirm.Del("with")
	good := confirm.Get("revision")
	confirm.Set("revision", "999")
	doc = s.send(s.Facilitator, path, confirm).Is(http.StatusConflict)
	again := fields(form(doc.Find("main"), gate.Suspend))
	if doc.Find("input[name=with]").Length() == 0 || len(again["with"]) != 0 || again.Get("revision") != good || doc.Find(".ar-errors").Length() != 1 {
		t.Errorf("%v: %s", again, doc.Text("main"))
	}
	s.post(s.Facilitator, path, again)
	if n := s.Count(`SELECT count(*) FROM workflow_instance WHERE process_id = ? AND held_at IS NOT NULL`, s.Process.ID); n != 1 {
		t.Errorf("%d rest", n)
	}
}

// A slip of the year is refused, with an exception too: everybody would be told.
func TestFarEndIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	for day, want := range map[string]string{
		"2062-03-30": "più di 10 anni", "9999-12-31": "più di 10 anni", "2026-02-30": "non è un giorno", "0001-01-01": "", "": "manca",
	} {
		ask := fields(form(s.get(s.Promoter, s.home()).Find("#proroga"), gate.Extend))
		ask.Set("end", day)
		ask.Set("reason", "Serve più tempo")
		ask.Set("exception", "1")
		doc := s.send(s.Promoter, s.home()+"/proroga", ask).Is(http.StatusUnprocessableEntity)
		if doc.Find("#proroga-fine-e").Length() != 1 || !strings.Contains(doc.Text(".ar-errors"), want) {
			t.Errorf("%q: %s", day, doc.Text(".ar-errors"))
		}
	}
}
