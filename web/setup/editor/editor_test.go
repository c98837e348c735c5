package editor_test

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/seat"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/web/page"
	"arengo/web/setup/editor"
	"arengo/web/webtest"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

const pages = "editor/phases editor/add editor/phase editor/import"

// world is the pages of this package over a process of a shipped template, with
// its promoter, a second one, and its editor.
type world struct {
	*worldtest.World
	*webtest.Site

	marta, luca, editor *webtest.Browser
	at                  string // the list of phases
}

func newWorld(t *testing.T, template string) *world {
	t.Helper()
	source, err := fixtures.Template(template)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{World: worldtest.Build(t, worldtest.Config{
		Template: template, Path: string(source), Start: time.Date(2027, time.January, 11, 9, 0, 0, 0, time.UTC),
		Kinds: []process.Kind{webinar.Kind{}, assembly.Kind{}}, Known: []string{"questionnaire", "focusgroup", "codesign"},
	})}
	w.Settle("marta@comune.example.org", "Marta Bindi")
	w.Site = webtest.Serve(w.World, pages, editor.Routes)
	luca, who := w.Actor("luca@comune.example.org", "Luca Neri"), w.Actor("redazione@comune.example.org", "Redazione")
	w.Member(luca, process.RolePromoter)
	w.Member(who, process.RoleEditor)
	w.marta, w.luca, w.editor = w.SignedIn(w.Promoter), w.SignedIn(luca), w.SignedIn(who)
	w.at = "/gestione/" + w.Process.Slug + "/fasi"
	return w
}

// done requires that a form was taken, and gives the page that it leads to.
func done(b *webtest.Browser, a *webtest.Answer) *webtest.Answer {
	return b.Page(a.Is(http.StatusSeeOther).Location())
}

// press sends the form of a button.
func press(b *webtest.Browser, from *webtest.Answer, button string, changes ...string) *webtest.Answer {
	return b.Submit(from, "form:has(button[value='"+button+"'])", append([]string{"@fai", button}, changes...)...)
}

// act presses a button of the draft or of a phase in the list.
func (w *world) act(b *webtest.Browser, value string) *webtest.Answer {
	w.T.Helper()
	return b.PostForm(w.at, url.Values{"fai": {value}, "revision": {w.revision(b)}})
}

func (w *world) revision(b *webtest.Browser) string {
	return b.Page(w.at).Find("input[name=revision]").First().AttrOr("value", "")
}

// TestAPhaseIsAdded adds a phase, completes it, sees what moves, and uses it.
func TestAPhaseIsAdded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	b := w.marta
	list := b.Page(w.at)
	if list.Find("li.ar-phase").Length() != 6 || list.Find("#bozza").Length() != 0 {
		t.Fatalf("%d phases", list.Find("li.ar-phase").Length())
	}
	list.Says("Percorso d’area", "30 giorni", "Finisce da sola alla scadenza")
	form := b.Page(list.Find("#fase-exploration a[href*=nuova]").AttrOr("href", ""))
	if form.Find("select[name=after] option[selected]").AttrOr("value", "") != "exploration" {
		t.Error("the place is not chosen")
	}
	bad := b.Submit(form, "main form", "title_it", "", "purpose_it", "Rivedere i dati", "length", "molti")
	bad.Refused(http.StatusUnprocessableEntity, "length")
	if bad.Find("textarea[name=purpose_it]").Text() != "Rivedere i dati" {
		t.Error("what was written is lost")
	}
	b.Submit(bad, "main form", "length", "10").Refused(http.StatusUnprocessableEntity, "title_it")
	phase := done(b, b.Submit(bad, "main form", "title_it", "Verifica", "length", "10"))
	phase.Says("Fase: Verifica", "Si spostano 5 fasi", "non c’era", "ven 12 mar – dom 21 mar", "Ultima modifica (Marta Bindi): aggiunta “Verifica”")
	if phase.Find("input[name=title_en]").AttrOr("value", "") != "Verifica" {
		t.Error("the Italian name does not stand for the English one")
	}

	phase = done(b, press(b, phase, "parole", "title_en", "Review"))
	phase = done(b, press(b, phase, "durata", "length", "15", "min", "5", "max", "20", "lasts", "term", "end", "auto"))
	phase = done(b, press(b, phase, "attivita", "kind", "webinar", "count", "2", "at_entry", "ready", "at_exit", "over"))
	phase.Says("Webinar: almeno 2. Pronte prima di cominciare. Concluse prima di passare oltre")
	phase = done(b, press(b, phase, "ricorda", "days", "3", "to", "facilitator"))
	phase.Says("3 giorni prima della fine: facilitatore")
	phase = done(b, press(b, phase, "togli:webinar"))
	phase.Hides("Webinar: almeno 2")

	flow := b.Page(w.at)
	if !strings.Contains(flow.Find("section[aria-labelledby=disegno] svg").Text(), "Verifica") {
		t.Error("the phase is not drawn")
	}
	list = done(b, w.act(b, "usa"))
	if list.Find("li.ar-phase").Length() != 7 || list.Find("#bozza").Length() != 0 {
		t.Error("the draft is still there")
	}
	def, _, err := w.Core.Definition(t.Context(), w.DB, w.Process)
	w.Must(err)
	st, _ := def.State("verifica")
	if def.Name != edit.NameFor("area-path", int64(w.Process.ID)) || st.Title["en"] != "Review" || st.AtEnd == "" || st.Term.Max.Days != 20 {
		t.Errorf("%s: %+v", def.Name, st)
	}
}

// TestProblemsAreShownAtTheirPhase makes a phase shorter than its reminder.
func TestProblemsAreShownAtTheirPhase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	b := w.marta
	phase := b.Page(w.at + "/fase/preparation")
	phase = done(b, press(b, phase, "durata", "length", "5", "max", ""))
	phase.Says("C’è un problema da risolvere", "Preparazione", "7 giorni prima della fine di un termine di 5 giorni non arriva mai", "Togli il promemoria, oppure allunga la fase")
	if phase.Find("button[value=usa]").Length() != 0 {
		t.Error("it can be used though it has problems")
	}
	if href := phase.Find("section[aria-labelledby=bozza] ul a").AttrOr("href", ""); href != w.at+"/fase/preparation?modulo=promemoria#promemoria" {
		t.Errorf("the problem leads to %s", href)
	}
	w.act(b, "usa").Is(http.StatusConflict).Says("Prima correggi i problemi")
	list := b.Page(w.at)
	list.Says("1 problema", "Il disegno si vede quando non ci sono più problemi")
	remove := phase.Find("#promemoria button").First().AttrOr("value", "")
	phase = done(b, press(b, phase, remove))
	phase.Says("Tutto in ordine")

	en := w.SignedIn(w.Promoter)
	en.Lang = "en"
	en.Page(w.at).Says("You have changed the phases", "Use these phases")
	en.Page(w.at + "/fase/preparation").Says("Length and end")
	en.Page(w.at + "/nuova").Says("Where it stands")
	en.Page(w.at + "/importa").Says("Check and upload")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	b := w.marta
	order := func(a *webtest.Answer) string {
		var out []string
		for _, s := range a.Find("li.ar-phase").Nodes {
			for _, attr := range s.Attr {
				if attr.Key == "id" {
					out = append(out, strings.TrimPrefix(attr.Val, "fase-"))
				}
			}
		}
		return strings.Join(out, " ")
	}
	for _, x := range []struct{ act, want string }{
		{"su:analysis", "preparation analysis exploration governance codesign report"},
		{"su:analysis", "analysis preparation exploration governance codesign report"},
		{"giu:codesign", "analysis preparation exploration governance report codesign"},
		{"togli:preparation", "analysis exploration governance report codesign"},
		{"annulla", "analysis preparation exploration governance report codesign"},
		{"modello", "preparation exploration analysis governance codesign report"},
		{"annulla", "analysis preparation exploration governance report codesign"},
	} {
		if got := order(done(b, w.act(b, x.act))); got != x.want {
			t.Fatalf("after %s: %s, want %s", x.act, got, x.want)
		}
	}
	w.act(b, "balla").Is(http.StatusUnprocessableEntity)
	w.act(b, "togli:nulla").Is(http.StatusNotFound)
	b.Get(w.at + "/fase/nulla").Is(http.StatusNotFound)
	b.Get(w.at + "/fase/closed").Is(http.StatusNotFound)
}

// Two people who change the phases at once are told of each other.
func TestConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	mine := w.marta.Page(w.at + "/fase/analysis")
	list, add := w.marta.Page(w.at), w.marta.Page(w.at+"/nuova")
	theirs := w.luca.Page(w.at + "/fase/analysis")
	done(w.luca, press(w.luca, theirs, "parole", "title_it", "Lettura dei risultati"))
	met := press(w.marta, mine, "parole", "title_it", "Analisi dei dati").Is(http.StatusConflict)
	met.Says("Luca Neri", "Lettura dei risultati", "Analisi dei dati")
	if met.Find("#parole input[name=title_it]").AttrOr("value", "") != "Analisi dei dati" {
		t.Error("what was written is lost")
	}
	press(w.marta, list, "togli:analysis").Is(http.StatusConflict).Says("Luca Neri")
	w.marta.Submit(add, "main form", "title_it", "Altra").Is(http.StatusConflict).Says("Luca Neri")
	done(w.marta, press(w.marta, met, "parole")).Says("Fase: Analisi dei dati")
}

// What a law gives shows its article and cannot be edited away.
func TestLaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "tuscany-debate")
	b := w.marta
	list := b.Page(w.at)
	list.Says("L.R. Toscana 46/2013", "Non si può togliere")
	if list.Find("button[value='togli:debate']").Length() != 0 || list.Find("button[value='togli:report']").Length() != 0 {
		t.Error("a phase of law is offered to be taken away")
	}
	w.act(b, "togli:debate").Is(http.StatusUnprocessableEntity).Says("La legge chiede questa fase")
	phase := b.Page(w.at + "/fase/debate")
	phase.Says("La legge permette al massimo 90 giorni", "art. 11, comma 1, lett. b")
	if phase.Find("input[name=max]").Length() != 0 || phase.Find("input[name=lasts]").Length() != 0 {
		t.Error("a bound of law is a field")
	}
	press(b, phase, "durata", "length", "120").Refused(http.StatusUnprocessableEntity, "length")
	phase = done(b, press(b, phase, "durata", "length", "60"))
	phase.Says("Si spostano 3 fasi")
	file := b.Page(w.at + "/fase/filing")
	if file.Find("button[value='condizione:file:opening-report-there']").Length() != 0 {
		t.Error("a condition of law can be taken away")
	}
	done(b, press(b, file, "condizione:file:guarantor-named")).Hides("Aggiungi l’Autorità fra le persone")
}

// A phase is offered to move only where the move leaves the law whole.
func TestOnlyLawfulMovesAreOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "emilia-romagna")
	list := w.marta.Page(w.at)
	for button, want := range map[string]int{"giu:decision": 0, "su:monitoring": 0, "su:decision": 0, "giu:validation": 0} {
		if n := list.Find("button[value='" + button + "']").Length(); n != want {
			t.Errorf("%s is offered %d times, want %d", button, n, want)
		}
	}
	local := newWorld(t, "tuscany-local")
	if n := local.marta.Page(local.at).Find("button[value^='su:'], button[value^='giu:']").Length(); n != 0 {
		t.Errorf("phases that the law puts in order have %d buttons to move", n)
	}
	for button, want := range map[string]string{
		"su:evaluation": "Per la legge la fase “Valutazione” viene dopo “Domanda preliminare” (L.R. Toscana 46/2013, art. 14",
		"su:report":     "Per la legge la fase “Rapporto finale” viene dopo “Processo partecipativo” (L.R. Toscana 46/2013",
	} {
		local.act(local.marta, button).Is(http.StatusUnprocessableEntity).Says(want)
	}
	free := newWorld(t, "area-path")
	if n := free.marta.Page(free.at).Find("button[value^='su:'], button[value^='giu:']").Length(); n != 10 {
		t.Errorf("six phases without a law have %d buttons to move", n)
	}
}

// A reminder says when it comes, before and after, as people write it.
func TestReminderWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "focus-group-kit")
	page := w.marta.Page(w.at)
	page.Says("5 giorni dopo la fine delle attività: ").Hides("dopo della")
	w.marta.Page(w.at).Says("prima della fine: ")
}

func TestFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	b := w.marta
	file := b.Get(w.at + "/fasi.yaml").Is(http.StatusOK)
	if got := file.Header.Get("Content-Disposition"); !strings.Contains(got, edit.NameFor("area-path", int64(w.Process.ID))+".yaml") {
		t.Errorf("it is called %s", got)
	}
	source := file.Body
	form := b.Page(w.at + "/importa")
	wrong := b.Upload(form, "mio.yaml", []byte(strings.Replace(source, "kind: assembly", "kind: sagra", 1)+"\nsorpresa: 1\n")).Is(http.StatusUnprocessableEntity)
	wrong.Says("Nel file “mio.yaml” ci sono 2 problemi", "chiave sconosciuta", "sagra", "Riga")
	b.Upload(form, "grande.yaml", []byte(strings.Repeat("#", 257<<10))).Refused(http.StatusUnprocessableEntity, "file")
	b.Upload(form, "vuoto.yaml", nil).Refused(http.StatusUnprocessableEntity, "file")
	if b.Page(w.at).Find("#bozza").Length() != 0 {
		t.Fatal("a file with problems was taken")
	}
	list := done(b, b.Upload(form, "mio.yaml", []byte(strings.Replace(source, "it: Analisi", "it: Lettura", 1))))
	list.Says("Lettura", "caricato il file “mio.yaml”")
	b.Upload(form, "mio.yaml", []byte(source)).Is(http.StatusConflict).Says("Intanto")
}

// A file takes nothing away that the law asks for, and says what it would.
func TestFileOfLaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "tuscany-debate")
	b := w.marta
	own := b.Get(w.at + "/fasi.yaml").Is(http.StatusOK).Body
	other, err := os.ReadFile("../../../fixtures/templates/area-path.yaml")
	if err != nil {
		t.Fatal(err)
	}
	form := b.Page(w.at + "/importa")
	refused := b.Upload(form, "altro.yaml", other).Is(http.StatusUnprocessableEntity)
	refused.Says("manca la fase “Dibattito pubblico”", "L.R. Toscana 46/2013")
	if b.Page(w.at).Find("#bozza").Length() != 0 {
		t.Fatal("a file that loses phases of law was taken")
	}
	b.Upload(form, "lungo.yaml", []byte(strings.Replace(own, "max: 90d", "max: 300d", 1))).Is(http.StatusUnprocessableEntity).Says("il termine viene dalla legge")
	done(b, b.Upload(form, "mio.yaml", []byte(strings.Replace(own, "length: 90d", "length: 80d", 1))))
}

func TestOnlyThePromoter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	for _, path := range []string{"", "/nuova", "/fase/analysis", "/importa", "/fasi.yaml"} {
		w.editor.Get(w.at + path).Is(http.StatusForbidden)
	}
	for path, form := range map[string]url.Values{
		"":               {"fai": {"togli:analysis"}},
		"/nuova":         {"title_it": {"Altra"}, "length": {"5"}, "unit": {"d"}},
		"/fase/analysis": {"fai": {"parole"}, "title_it": {"Altra"}},
		"/importa":       {},
	} {
		form.Set("revision", "0")
		w.editor.PostForm(w.at+path, form).Is(http.StatusForbidden)
		w.Visitor().PostForm(w.at+path, form).Is(http.StatusUnauthorized)
	}
	if w.marta.Page(w.at).Find("#bozza").Length() != 0 {
		t.Error("somebody else changed the phases")
	}
}

// The pages are short until something is done, and then say beside it what came
// of it.
func TestFolded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	b := w.marta
	list := b.Page(w.at)
	if all, open := list.Find("li.ar-phase details").Length(), list.Find("li.ar-phase details[open]").Length(); all != 6 || open != 0 {
		t.Errorf("%d of %d phases are unfolded", open, all)
	}
	list = done(b, press(b, list, "su:analysis"))
	if open := list.Find("details[open]").Closest("li"); open.Length() != 1 || open.AttrOr("id", "") != "fase-analysis" {
		t.Error("the phase that moved is not the one unfolded")
	}
	moved := list.Text("#fase-analysis")
	if !strings.Contains(moved, "Si spostano") || !strings.Contains(moved, "Prima ") || list.Find(`#fase-analysis s`).Length() != 1 || list.Find(`#fase-analysis a[href="#bozza"]`).Length() != 1 {
		t.Errorf("beside the phase: %s", moved)
	}
	if still := list.Find("#fase-report s").Length(); still != 0 {
		t.Error("a phase that stays shows other dates")
	}

	phase := b.Page(w.at + "/fase/preparation")
	if open := phase.Find("main section details[open]").Not(".ar-now details, .ar-panel details").Length(); open != 0 {
		t.Errorf("%d forms are unfolded", open)
	}
	wrong := press(b, phase, "durata", "length", "molti").Refused(http.StatusUnprocessableEntity, "length")
	if wrong.Find("#durata details[open] #length").Length() != 1 {
		t.Error("the field that was refused is folded away")
	}
	phase = done(b, press(b, wrong, "durata", "length", "5", "max", ""))
	if near := phase.Text("#durata"); phase.Find("#durata details[open]").Length() != 1 || !strings.Contains(near, "C’è un problema da risolvere") {
		t.Errorf("beside the form: %s", near)
	}
	if near := phase.Text("#promemoria"); phase.Find("#promemoria details[open]").Length() != 1 || !strings.Contains(near, "non arriva mai") {
		t.Errorf("beside the reminders: %s", near)
	}
	if near := b.Page(w.at).Text("#fase-preparation"); !strings.Contains(near, "non arriva mai") {
		t.Errorf("in the list: %s", near)
	}
}

// A public process goes on by the page of the versions.
func TestPublic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	w.World.Publish()
	b := w.marta
	b.Page(w.at).Says("Il percorso è pubblico")
	done(b, w.act(b, "su:analysis")).Says("Prepara la nuova versione")
	to := w.act(b, "usa").Is(http.StatusSeeOther).Location()
	if want := "/gestione/" + w.Process.Slug + "/versione?modello=" + url.QueryEscape(edit.NameFor("area-path", int64(w.Process.ID))+"@1"); to != want {
		t.Errorf("it leads to %s, want %s", to, want)
	}
}

// Every word that a draft may need is there: audiences, anchors, steps, forms.
func TestWords(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, to := range definition.Audiences {
		keys = append(keys, "editor.to."+to)
	}
	for _, anchor := range definition.Anchors {
		keys = append(keys, "editor.of."+strings.TrimSuffix(anchor, ":"), "editor.past."+strings.TrimSuffix(anchor, ":"))
	}
	for _, anchor := range definition.UntilAnchors {
		keys = append(keys, "editor.until."+strings.TrimSuffix(anchor, ":"))
	}
	for _, act := range []string{"add", "remove", "move", "rename", "term", "need", "unneed", "remind", "unremind", "require", "import", "drop"} {
		keys = append(keys, "editor.act."+act)
	}
	for _, form := range []string{"words", "term", "needs", "reminders", "requires", "other"} {
		keys = append(keys, "editor.remedy."+form)
	}
	if len(keys) < 40 || slices.Contains(keys, "editor.to.") {
		t.Fatal(keys)
	}
	for _, lang := range []string{"it", "en"} {
		for _, key := range keys {
			if got := page.T(lang, key, map[string]any{"name": "x", "subject": "y"}); got == "" || strings.Contains(got, key) {
				t.Errorf("%s has no text for %s: %q", lang, key, got)
			}
		}
	}
}

// TestProblemsOfAFileAreInOnesLanguage: no word of the libraries that read YAML
// and expressions stands on an Italian page, unless it is marked as English.
func TestProblemsOfAFileAreInOnesLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	form := w.marta.Page(w.at + "/importa")
	source := w.marta.Get(w.at + "/fasi.yaml").Body
	i := strings.Index(source, "guard: ")
	j := i + strings.Index(source[i:], "\n")
	for data, want := range map[string]string{
		"a: b: c\n":   "questo qui non può stare",
		"a:\n\t- b\n": "fai i rientri con gli spazi",
		source[:i] + "guard: now == 3" + source[j:]:         "== non va tra un istante e un numero intero",
		source[:i] + "guard: process.publihed" + source[j:]: "volevi scrivere \"published\"?",
		source[:i] + "guard: has(process)" + source[j:]:     "l’espressione non è valida (",
		"a: >x\n  b\n": "la riga non è YAML valido (",
	} {
		page := w.marta.Upload(form, "x.yaml", []byte(data))
		page.Find(`main table [lang="en"]`).Remove()
		text := page.Text("main table")
		if !strings.Contains(text, want) {
			t.Errorf("%.30q: %s", data, text)
		}
		for _, english := range []string{"found", "not allowed", "cannot start", "undefined", "mapping", "invalid", "argument"} {
			if strings.Contains(text, english) {
				t.Errorf("%.30q: %s", data, text)
			}
		}
	}
}

// A length that was chosen on the page of the dates is the one that its phase has.
func TestChosenLength(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	w.Must(w.Core.SetDates(t.Context(), w.Process.ID, w.Promoter, process.Dates{
		Start: civil.Date{Year: 2027, Month: time.February, Day: 1}, Days: map[string]int{"exploration": 45}, Revision: w.Reload(w.Process).Revision,
	}))
	if got := w.marta.Page(w.at).Text("#fase-exploration"); !strings.Contains(got, "45 giorni, scelti nelle date al posto di 30 giorni") {
		t.Errorf("the phase says %q", got)
	}
}

// TestAnActivityInAPhaseThatGoesIsMoved names it with the page that moves it, before
// the phases are used and when that is refused.
func TestAnActivityInAPhaseThatGoesIsMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	a := w.NewActivity("webinar", "governance", "Presentazione")
	list := done(w.marta, w.act(w.marta, "togli:governance"))
	to := "/gestione/" + w.Process.Slug + "/attivita/" + a.PublicID + "/fase"
	if href := list.Says("Un’attività sta in una fase che hai tolto").Find("#bozza ~ ul a[href$='/fase']").AttrOr("href", ""); href != to {
		t.Errorf("it is moved at %q", href)
	}
	w.act(w.marta, "usa").Is(http.StatusConflict).Says("“Presentazione”", "spostala in un’altra fase")
	w.Must(seat.Do(t.Context(), w.Core, w.Process.ID, w.Promoter, seat.Move{Activity: a.ID, From: "governance", To: "exploration"}))
	w.marta.Page(w.at).Hides("sta in una fase che hai tolto")
	done(w.marta, w.act(w.marta, "usa"))
}
