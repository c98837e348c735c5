package setup_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/roster"
	"arengo/web/webtest"
)

// TestEveryPageInEachLanguage opens every page of a process with partners,
// numbers, contacts and activities in Italian and English; the browser checks
// markup and texts of each.
func TestEveryPageInEachLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	home := "/gestione/" + p.Slug
	at := w.lucia.Submit(w.lucia.Page(home+"/ente"), "main form", "@fai", "tutti")
	at = moved(w.lucia, w.lucia.Submit(at, "main form", "@fai", "salva", "firm", "Studio", "part", "ascolto", "kind", "firm"), home+"/popolazione")
	moved(w.lucia, w.lucia.Submit(at, "main form"), home+"/date")
	w.load(p, []byte("email;nome;comune\nanna@example.org;Anna;Siena\nluca@example.org;Luca;\n"))
	for _, kind := range []string{"webinar", "assembly"} {
		_, err := w.Core.CreateActivity(t.Context(), p.ID, w.Promoter, process.NewActivity{Kind: kind, Title: "Prova", Phase: "governance"})
		w.Must(err)
	}
	paths := []string{
		"/gestione/nuovo", "/gestione/nuovo/percorso?modello=area-path", home + "/impostazioni", home + "/ente", home + "/date",
		home + "/date?calcola=1&starts_on=2027-02-01&days.preparation=30&days.exploration=40&days.analysis=45&days.governance=30&days.codesign=60&days.report=30", home + "/popolazione", home + "/persone", home + "/documenti",
		home + "/documenti/project-sheet", home + "/documenti/nuovo", home + "/contatti", home + "/contatti?q=anna&stato=reachable",
		home + "/contatti/importa", home + "/attivita", home + "/attivita?tipo=assembly&fase=governance", home + "/pubblica",
	}
	h1 := map[string]string{}
	for _, lang := range []string{"it", "en"} {
		w.lucia.Lang = lang
		for _, path := range paths {
			got := w.lucia.Page(path)
			title := got.Find("h1").Text()
			if got.Find("html").AttrOr("lang", "") != lang || title == "" {
				t.Errorf("%s in %s has the title %q in %q", path, lang, title, got.Find("html").AttrOr("lang", ""))
			}
			if strings.Contains(got.Body, "setup.") {
				t.Errorf("%s in %s shows a key", path, lang)
			}
			if got.Find(".ar-preview").Length() > 0 {
				t.Errorf("%s claims to be a preview: a field of the page hides one of the frame", path)
			}
			if lang == "it" {
				h1[path] = title
			} else if h1[path] == title && !strings.Contains(path, "project-sheet") {
				t.Errorf("%s is not translated: %q", path, title)
			}
		}
	}
}

// load puts contacts on the list through the two forms.
func (w *world) load(p process.Process, data []byte) *webtest.Answer {
	w.T.Helper()
	b := w.lucia
	report := b.Upload(b.Page("/gestione/"+p.Slug+"/contatti/importa"), "elenco.csv", data)
	if report.Code != http.StatusOK {
		w.T.Fatalf("dry run: %d %s", report.Code, report.Find(".ar-errors").Text())
	}
	done := b.Submit(report, "form[action$='/conferma']")
	if done.Code != http.StatusOK {
		w.T.Fatalf("import: %d %s", done.Code, done.Find(".ar-errors").Text())
	}
	return done
}

func TestOnlyStaffOfTheProcessEnter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	w.Must(w.Core.AddMember(t.Context(), p.ID, w.Promoter, process.Person{Email: "altro@example.org"}, process.RoleExpert))
	for _, page := range []string{"impostazioni", "ente", "date", "popolazione", "documenti", "pubblica", "persone", "contatti", "contatti/importa", "contatti/modello.csv", "attivita"} {
		if got := w.nobody.Get("/gestione/" + p.Slug + "/" + page); got.Code != http.StatusForbidden {
			t.Errorf("%s: an expert gets %d, want 403", page, got.Code)
		}
		if got := w.nobody.PostForm("/gestione/"+p.Slug+"/"+page, url.Values{"title": {"Mio"}}); got.Code != http.StatusForbidden && got.Code != http.StatusNotFound && got.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: an expert posts and gets %d", page, got.Code)
		}
	}
	if got := w.nobody.Get("/gestione/nuovo"); got.Code != http.StatusForbidden {
		t.Errorf("somebody who is no promoter may begin a process: %d", got.Code)
	}
	w.Must(w.Core.AddMember(t.Context(), p.ID, w.Promoter, process.Person{Email: "altro@example.org"}, process.RoleFacilitator))
	got := w.nobody.Page("/gestione/" + p.Slug + "/contatti")
	if got.Find("nav a[href$='/persone']").Length() != 0 {
		t.Error("a facilitator is shown a page that is not theirs")
	}
}

func TestConflictKeepsBothTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := "/gestione/" + p.Slug + "/impostazioni"
	mine, theirs := w.lucia.Page(at), w.marco.Page(at)
	moved(w.marco, w.marco.Submit(theirs, "main form", "summary", "Il testo di Marco"), "/gestione/"+p.Slug+"/ente")
	got := w.lucia.Submit(mine, "main form", "summary", "Il testo di Lucia")
	got.Refused(http.StatusConflict, "")
	row := got.Find("#conflitto").Parent().Find("tbody tr")
	if row.Length() != 1 || !strings.Contains(row.Text(), "Il testo di Marco") || !strings.Contains(row.Text(), "Il testo di Lucia") {
		t.Errorf("the two texts are not side by side: %q", row.Text())
	}
	if got.Find("textarea[name=summary]").Text() != "Il testo di Lucia" || w.Reload(p).Summary != "Il testo di Marco" {
		t.Error("a text was lost")
	}
	moved(w.lucia, w.lucia.Submit(got, "main form"), "/gestione/"+p.Slug+"/ente")
	if w.Reload(p).Summary != "Il testo di Lucia" {
		t.Error("the second saving did not count")
	}
}

func TestConflictOfWhatHasNoRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	home := "/gestione/" + p.Slug
	mine, theirs := w.lucia.Page(home+"/ente"), w.marco.Page(home+"/ente")
	moved(w.marco, w.marco.Submit(theirs, "main form", "@fai", "salva", "firm", "Impresa di Marco", "part", "", "kind", "firm"), home+"/popolazione")
	got := w.lucia.Submit(mine, "main form", "@fai", "salva", "firm", "Impresa di Lucia", "part", "tutto", "kind", "firm")
	got.Refused(http.StatusConflict, "")
	if !strings.Contains(got.Find("#conflitto").Parent().Text(), "Impresa di Marco") || got.Find("input[name=firm]").First().AttrOr("value", "") != "Impresa di Lucia" {
		t.Error("the page does not show both")
	}

	counts, again := w.lucia.Page(home+"/popolazione"), w.marco.Page(home+"/popolazione")
	field := counts.Find("input[name^='units.']").First().AttrOr("name", "")
	moved(w.marco, w.marco.Submit(again, "main form", field, "111"), home+"/date")
	got = w.lucia.Submit(counts, "main form", field, "222")
	got.Refused(http.StatusConflict, "")
	if row := got.Find("#conflitto").Parent().Find("tbody").Text(); !strings.Contains(row, "111") || !strings.Contains(row, "222") {
		t.Errorf("the numbers are not side by side: %q", row)
	}

	doc := home + "/documenti/project-sheet"
	mine, theirs = w.lucia.Page(doc), w.marco.Page(doc)
	moved(w.marco, w.marco.Submit(theirs, "main form", "@fai", "salva", "body", "Di Marco"), home+"/documenti")
	got = w.lucia.Submit(mine, "main form", "@fai", "salva", "body", "Di Lucia")
	got.Refused(http.StatusConflict, "")
	if got.Find("textarea[name=body]").Text() != "Di Lucia" || !strings.Contains(got.Find("#conflitto").Parent().Text(), "Di Marco") {
		t.Error("a document was lost")
	}

	preview := w.lucia.Submit(w.lucia.Page(home+"/date"), "#calcolo", "starts_on", "2027-03-01")
	other := w.marco.Submit(w.marco.Page(home+"/date"), "#calcolo", "starts_on", "2027-04-01")
	moved(w.marco, w.marco.Submit(other, ".ar-now form"), home+"/persone")
	got = w.lucia.Submit(preview, ".ar-now form")
	got.Refused(http.StatusConflict, "")
	if got.Find("#starts_on").AttrOr("value", "") != "2027-03-01" || !strings.Contains(got.Find("#conflitto").Parent().Text(), "2027-04-01") {
		t.Error("the dates do not stand side by side")
	}
	moved(w.lucia, w.lucia.Submit(got, ".ar-now form"), home+"/persone")
}

func TestTermsOutsideTheirBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.Page("/gestione/" + p.Slug + "/date")
	for field, values := range map[string][]string{"days.exploration": {"61", "20", "", "molti", "0", "99999"}, "starts_on": {"", "domani"}} {
		for _, v := range values {
			t.Run(fmt.Sprintf("%s=%q", field, v), func(t *testing.T) {
				got := w.lucia.Submit(at, "#calcolo", field, v)
				got.Refused(http.StatusUnprocessableEntity, field)
				if got.Find(".ar-now").Length() != 0 {
					t.Error("it could still be saved")
				}
				if got.Find(`[name="`+field+`"]`).First().AttrOr("value", "-") != v {
					t.Error("what was typed is gone")
				}
			})
		}
	}
	if text := at.Find("table").Text(); !strings.Contains(text, "Da 21 a 60 giorni.") {
		t.Errorf("the table does not name the bounds: %s", text)
	}
	// A form that leaves the preview out is refused by the same rule.
	preview := w.lucia.Submit(at, "#calcolo", "days.exploration", "50")
	w.lucia.Submit(preview, ".ar-now form", "days.exploration", "61").Refused(http.StatusUnprocessableEntity, "days.exploration")
}

func TestContactByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	b, list := w.lucia, "/gestione/"+p.Slug+"/contatti"
	blank := b.Page(list + "/nuovo")
	b.Submit(blank, "main form", "email", "anna").Refused(http.StatusUnprocessableEntity, "email")
	if w.contacts(p) != 0 {
		t.Fatal("a refused person is on the list")
	}
	b.Twice(blank, "main form", "email", "anna@example.org", "name", "Anna Verdi")
	if n := w.contacts(p); n != 1 {
		t.Fatalf("%d contacts after a double click", n)
	}
	at := b.Page(list)
	edit := b.Page(at.Find("#cerca").Parent().Find("tbody a").AttrOr("href", ""))
	b.Submit(edit, "main form", "email", "").Refused(http.StatusUnprocessableEntity, "email")
	b.Submit(edit, "main form", "email", "anna.verdi@example.org", "name", "Anna Verdi Rossi").To(list + "#cerca")
	got := b.Page(list)
	if text := got.Find("#cerca").Parent().Text(); !strings.Contains(text, "anna.verdi@example.org") || !strings.Contains(text, "Anna Verdi Rossi") {
		t.Errorf("the list says %s", text)
	}
	b.Submit(b.Page(list+"/nuovo"), "main form", "email", w.Promoter.Email).To(list + "#cerca")
	mine := b.Page(b.Page(list+"?q=lucia").Find("#cerca").Parent().Find("tbody a").AttrOr("href", ""))
	if mine.Find("[name=email], [name=name], [name=language]").Length() != 0 || mine.Find("[name=place]").Length() != 1 {
		t.Error("somebody with a role can be renamed")
	}
	if gone := b.Get(list + "/nessuno"); gone.Code != http.StatusNotFound {
		t.Errorf("nobody's page answers %d", gone.Code)
	}
}

func TestContactsImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	b, list := w.lucia, "/gestione/"+p.Slug+"/contatti"
	all := b.Submit(b.Page("/gestione/"+p.Slug+"/ente"), "main form", "@fai", "tutti")
	moved(b, b.Submit(all, "main form", "@fai", "salva"), "/gestione/"+p.Slug+"/popolazione")
	from := b.Page(list + "/importa")
	b.Upload(from, "vuoto.csv", nil).Refused(http.StatusUnprocessableEntity, "file")
	b.Upload(from, "senza.csv", []byte("nome;cognome\nAnna;Rossi\n")).Refused(http.StatusUnprocessableEntity, "file")
	b.Upload(from, "grande.csv", bytes.Repeat([]byte("a"), int(roster.DefaultLimits.Bytes)+1)).Refused(http.StatusUnprocessableEntity, "file")

	report := b.Upload(from, "contatti.csv", fixtures.ContactsSample())
	if report.Code != http.StatusOK {
		t.Fatalf("dry run: %d", report.Code)
	}
	problems := report.Find("#problemi").Parent().Find("tbody tr")
	if problems.Length() < 2 || !strings.Contains(problems.Text(), "Ripete l’indirizzo") || !strings.Contains(problems.Text(), "non è un indirizzo email") {
		t.Errorf("problems: %s", problems.Text())
	}
	if n := w.contacts(p); n != 0 {
		t.Fatalf("the dry run loaded %d contacts", n)
	}
	b.Submit(report, "form[action$='/conferma']", "data", "YWFh").Refused(http.StatusConflict, "")
	b.Submit(report, "form[action$='/conferma']", "data", "%%%").Refused(http.StatusConflict, "")
	for range 2 { // sent twice, loaded once
		done := b.Submit(report, "form[action$='/conferma']")
		if done.Code != http.StatusOK || !strings.Contains(done.Find("h1").Text(), "caricato") {
			t.Fatalf("import: %d %s", done.Code, done.Find("h1").Text())
		}
	}
	loaded := w.contacts(p)
	if want := 20 - problems.FilterFunction(notLoaded).Length(); loaded != want {
		t.Errorf("%d contacts loaded, want %d", loaded, want)
	}
	found := b.Page(list)
	if rows := found.Find("#cerca").Parent().Find("tbody tr").Length(); rows != loaded {
		t.Errorf("%d rows are listed, want %d", rows, loaded)
	}
	who := b.Page(found.Find("#cerca").Parent().Find("tbody a").First().AttrOr("href", ""))
	got := b.Submit(who, "form[action$='/togli']", "@person", who.Find("button[name=person]").AttrOr("value", ""))
	moved(b, got, list)
	if n := w.contacts(p); n != loaded-1 {
		t.Errorf("%d contacts after one was taken off", n)
	}
	sample := b.Get(list + "/modello.csv")
	if again := b.Upload(from, "modello.csv", []byte(sample.Body)); again.Find("#problemi").Length() != 0 {
		t.Errorf("our own sample has problems: %s", again.Find("#problemi").Parent().Text())
	}
}

func notLoaded(_ int, s *goquery.Selection) bool { return s.Find("strong").Length() == 0 }

func (w *world) contacts(p process.Process) int {
	w.T.Helper()
	return w.Count(`SELECT count(*) FROM contact WHERE process_id = ?`, p.ID)
}

func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.Page("/gestione/" + p.Slug + "/persone")
	if at.Find("form[action$='/togli']").Length() != 0 {
		t.Error("the last promoter could be taken away")
	}
	add := "form[action$='/persone']"
	got := w.lucia.Submit(at, add, "email", "non un indirizzo", "name", "Fabio")
	got.Refused(http.StatusUnprocessableEntity, "email")
	if got.Find("input[name=name]").AttrOr("value", "") != "Fabio" {
		t.Error("the name was lost")
	}
	next := moved(w.lucia, w.lucia.Submit(got, add, "email", "fabio@example.org", "role", process.RoleFacilitator), at.Path)
	w.lucia.Submit(next, add, "email", "fabio@example.org", "role", process.RoleFacilitator).Refused(http.StatusConflict, "")
	button := next.Find("form[action$='/togli'] button")
	moved(w.lucia, w.lucia.Submit(next, "form[action$='/togli']", "@person", button.AttrOr("value", "")), at.Path)
	members, err := w.Core.Members(t.Context(), p.ID)
	w.Must(err)
	if len(members) != 1 {
		t.Errorf("%d members left", len(members))
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	list := "/gestione/" + p.Slug + "/documenti"
	at := w.lucia.Page(list + "/nuovo")
	w.lucia.Submit(at, "main form", "@fai", "salva", "title", "Più idee", "body", "").Refused(http.StatusUnprocessableEntity, "body")
	preview := w.lucia.Submit(at, "main form", "@fai", "anteprima", "title", "Più idee", "body", "## Uno\n\n**due** <script>alert(1)</script>")
	if preview.Find("#anteprima").Parent().Find("strong").Text() != "due" || preview.Find("main script").Length() != 0 {
		t.Errorf("preview: %s", preview.Find("#anteprima").Parent().Text())
	}
	moved(w.lucia, w.lucia.Submit(preview, "main form", "@fai", "pubblica"), list)
	saved := w.lucia.Page(list + "/piu-idee")
	if saved.Find("button[value=ritira]").Length() != 1 || !strings.Contains(saved.Find("textarea").Text(), "## Uno") {
		t.Error("the document was not saved and published")
	}
	moved(w.lucia, w.lucia.Submit(saved, "main form", "@fai", "ritira"), list)
	moved(w.lucia, w.lucia.Submit(at, "main form", "@fai", "salva", "title", "Più idee", "body", "Altro"), list)
	if got := w.lucia.Page(list); got.Find("a[href$='/piu-idee-2']").Length() != 1 {
		t.Error("a second document of that title took the first one's place")
	}
	if got := w.lucia.Get(list + "/mai-visto"); got.Code != http.StatusNotFound {
		t.Errorf("an unknown document: %d", got.Code)
	}
}

// What a phase allows and asks of nobody is not there because nobody made it.
func TestAnActivityThatNobodyMustMake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source, err := fixtures.Template("tuscany-local")
	w.Must(err)
	_, err = w.Core.Definitions().Add("tuscany-local", source)
	w.Must(err)
	w.lucia.Submit(w.lucia.Page("/gestione/nuovo/percorso?modello=tuscany-local"), newProcess, "title", "Prova locale")
	at := w.lucia.Page("/gestione/prova-locale/attivita").Find(".ar-spine")
	if text := at.Text(); !strings.Contains(text, "Questionario: non è un obbligo") || at.Find(".ar-mark--ok").Length() != 0 {
		t.Errorf("a questionnaire that nobody made reads as there: %s", text)
	}
}

func TestActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.Page("/gestione/" + p.Slug + "/attivita")
	if text := at.Find(".ar-spine").Text(); !strings.Contains(text, "ne mancano 3") {
		t.Errorf("the three focus groups are not asked for: %s", text)
	}
	link := at.Find(".ar-spine a[href*='tipo=assembly']")
	if link.Length() != 1 {
		t.Fatal("no link to create the assembly")
	}
	filled := w.lucia.Page(strings.TrimSuffix(link.AttrOr("href", ""), "#nuova"))
	w.lucia.Submit(filled, "#nuova form", "title", "", "intro", "Vieni").Refused(http.StatusUnprocessableEntity, "title")
	made := w.lucia.Submit(filled, "#nuova form", "title", "Incontro")
	if made.Code != http.StatusSeeOther || !strings.HasPrefix(made.Location(), "/gestione/"+p.Slug+"/assembly/") {
		t.Fatalf("created: %d %s", made.Code, made.Location())
	}
	if got := w.lucia.Page(at.Path); got.Find(".ar-spine a[href*='tipo=assembly']").Length() != 0 || got.Find("a[href='"+made.Location()+"']").Length() != 1 {
		t.Error("the phase still lacks its assembly")
	}
}

func TestPartnersKeepKnownOrganisations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.Page("/gestione/" + p.Slug + "/ente")
	w.lucia.Submit(at, "main form", "@fai", "salva", "firm", "", "part", "comunicazione", "kind", "firm").Refused(http.StatusUnprocessableEntity, "firm-1")
	w.lucia.Submit(at, "main form", "@fai", "salva", "firm", "comune di siena", "part", "", "kind", "firm")
	var kind string
	w.One(&kind, `SELECT kind FROM organisation WHERE name = 'Comune di Siena'`)
	if kind != "municipality" {
		t.Errorf("typing its name made the municipality a %s", kind)
	}
}

func TestPopulationReadsNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.Page("/gestione/" + p.Slug + "/popolazione")
	field := at.Find("input[name^='units.']").AttrOr("name", "")
	for _, typed := range []string{"tanti", "12,5", "1.2345", "-3"} {
		w.lucia.Submit(at, "main form", field, typed).Refused(http.StatusUnprocessableEntity, field)
	}
	moved(w.lucia, w.lucia.Submit(at, "main form", field, "53.901"), "/gestione/"+p.Slug+"/date")
	units, err := w.Core.Population(t.Context(), p.ID)
	w.Must(err)
	if len(units) != 1 || units[0].Units != 53901 {
		t.Errorf("population %+v", units)
	}
}

// TestTwoSaveAtOnce sends, as from two tabs, two forms that were made from the same list at the
// same moment: one is kept, the other comes back with the conflict.
func TestTwoSaveAtOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path   string
		button []string
		kept   string
	}{
		{"ente", []string{"@fai", "salva"}, `SELECT o.name FROM process_partner pp JOIN organisation o ON o.id = pp.organisation_id WHERE pp.process_id = ?`},
		{"popolazione", nil, `SELECT units::text FROM population WHERE process_id = ?`},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.draft()
			at := w.lucia.Page("/gestione/" + p.Slug + "/" + tc.path)
			forms := [][]string{
				{"firm", "Studio Ascolto", "part", "", "kind", "firm"}, {"firm", "Studio Parola", "part", "", "kind", "firm"},
			}
			if tc.button == nil {
				units := at.Find("input[name^='units.']").AttrOr("name", "")
				forms = [][]string{{units, "100"}, {units, "200"}}
			}
			got := make([]*webtest.Answer, 2)
			var all sync.WaitGroup
			for i := range got {
				all.Go(func() { got[i] = w.lucia.Submit(at, "main form", append(tc.button, forms[i]...)...) })
			}
			all.Wait()
			won, lost := 0, 1
			if got[won].Code != http.StatusSeeOther {
				won, lost = lost, won
			}
			if got[won].Code != http.StatusSeeOther || got[lost].Code != http.StatusConflict {
				t.Fatalf("answered %d and %d, want one redirect and one conflict", got[0].Code, got[1].Code)
			}
			var kept []string
			w.Must(w.DB.NewRaw(tc.kept, p.ID).Scan(t.Context(), &kept))
			want := []string{"Studio Ascolto", "Studio Parola"}[won]
			if tc.button == nil {
				want = []string{"100", "200"}[won]
			}
			if len(kept) != 1 || kept[0] != want {
				t.Errorf("kept %q, want the first to save, %q", kept, want)
			}
			again := w.lucia.Submit(got[lost], "main form", tc.button...)
			if again.Code != http.StatusSeeOther {
				t.Errorf("saving over the conflict: %d", again.Code)
			}
		})
	}
}

func TestDetailsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.Page("/gestione/" + p.Slug + "/impostazioni")
	for field, value := range map[string]string{
		"title": "", "summary": strings.Repeat("è", 2001), "decider": strings.Repeat("è", 301), "contact": strings.Repeat("è", 201), "email": "nessuno@",
	} {
		t.Run(field, func(*testing.T) {
			got := w.lucia.Submit(at, "main form", field, value)
			got.Refused(http.StatusUnprocessableEntity, field)
		})
	}
	moved(w.lucia, w.lucia.Submit(at, "main form", "decider", "Il Consiglio", "email", ""), "/gestione/"+p.Slug+"/ente")
	if now := w.Reload(p); now.Decider != "Il Consiglio" || now.ContactEmail != "" {
		t.Errorf("saved %+v", now)
	}
}

func TestOnlyPromotersOfALeadCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(`INSERT INTO organisation (public_id, name, kind, created_at) VALUES ('altrove', 'Comune di Firenze', 'municipality', ?)`, monday)
	at := w.lucia.Page("/gestione/nuovo/percorso?modello=area-path")
	if n := at.Find("select[name=organisation] option[value!='']").Length(); n != 1 {
		t.Errorf("%d organisations offered, want the one that she is a promoter of", n)
	}
	got := w.lucia.Submit(at, "main form", "title", "Mio", "organisation", "altrove", "starts_on", "2027-01-11")
	if got.Code != http.StatusForbidden {
		t.Errorf("a foreign lead: %d, want 403", got.Code)
	}
	w.lucia.Submit(at, "main form", "title", "Mio", "starts_on", "2027-13-40").Refused(http.StatusUnprocessableEntity, "starts_on")
	if got := w.lucia.Get("/gestione/nuovo/percorso?modello=webinar"); got.Location() != "/gestione/nuovo" {
		t.Errorf("the workflow of an activity was taken for a template: %d %s", got.Code, got.Location())
	}
}
