package setup_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/roster"
)

// TestEveryPageInEachLanguage opens every page of a process with partners,
// numbers, contacts and activities in Italian and English; the browser checks
// markup and texts of each.
func TestEveryPageInEachLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	home := "/gestione/" + p.Slug
	at := w.lucia.send(w.lucia.page(home+"/ente"), "main form", "fai=tutti", fill{})
	at = w.lucia.moved(w.lucia.send(at, "main form", "fai=salva", fill{"firm": {"Studio"}, "part": {"ascolto"}, "kind": {"firm"}}), home+"/popolazione")
	w.lucia.moved(w.lucia.send(at, "main form", "", fill{}), home+"/date")
	w.load(p, []byte("email;nome;comune\nanna@example.org;Anna;Siena\nluca@example.org;Luca;\n"))
	for _, kind := range []string{"webinar", "assembly"} {
		_, err := w.core.CreateActivity(t.Context(), p.ID, w.lucia.actor, process.NewActivity{Kind: kind, Title: "Prova", Phase: "governance"})
		w.must(err)
	}
	paths := []string{
		"/gestione/nuovo", "/gestione/nuovo/percorso?modello=area-path", home + "/impostazioni", home + "/ente", home + "/date",
		home + "/date?calcola=1&starts_on=2027-02-01&days.preparation=30&days.exploration=40&days.analysis=45&days.governance=30&days.codesign=60&days.report=30", home + "/popolazione", home + "/persone", home + "/documenti",
		home + "/documenti/project-sheet", home + "/documenti/nuovo", home + "/contatti", home + "/contatti?q=anna&stato=reachable",
		home + "/contatti/importa", home + "/attivita", home + "/attivita?tipo=assembly&fase=governance", home + "/pubblica",
	}
	h1 := map[string]string{}
	for _, lang := range []string{"it", "en"} {
		w.lucia.lang = lang
		for _, path := range paths {
			got := w.lucia.page(path)
			title := got.Find("h1").Text()
			if got.Find("html").AttrOr("lang", "") != lang || title == "" {
				t.Errorf("%s in %s has the title %q in %q", path, lang, title, got.Find("html").AttrOr("lang", ""))
			}
			if strings.Contains(got.body, "setup.") {
				t.Errorf("%s in %s shows a key", path, lang)
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
func (w *world) load(p process.Process, data []byte) answer {
	w.t.Helper()
	b := w.lucia
	report := b.upload(b.page("/gestione/"+p.Slug+"/contatti/importa"), "elenco.csv", data)
	if report.status != http.StatusOK {
		w.t.Fatalf("dry run: %d %s", report.status, report.Find(".ar-errors").Text())
	}
	done := b.send(report, "form[action$='/conferma']", "", fill{})
	if done.status != http.StatusOK {
		w.t.Fatalf("import: %d %s", done.status, done.Find(".ar-errors").Text())
	}
	return done
}

func TestOnlyStaffOfTheProcessEnter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	w.must(w.core.AddMember(t.Context(), p.ID, w.lucia.actor, process.Person{Email: "altro@example.org"}, process.RoleExpert))
	for _, page := range []string{"impostazioni", "ente", "date", "popolazione", "documenti", "pubblica", "persone", "contatti", "contatti/importa", "contatti/modello.csv", "attivita"} {
		if got := w.nobody.get("/gestione/" + p.Slug + "/" + page); got.status != http.StatusForbidden {
			t.Errorf("%s: an expert gets %d, want 403", page, got.status)
		}
		if got := w.nobody.post("/gestione/"+p.Slug+"/"+page, fill{"title": {"Mio"}}); got.status != http.StatusForbidden && got.status != http.StatusNotFound {
			t.Errorf("%s: an expert posts and gets %d", page, got.status)
		}
	}
	if got := w.nobody.get("/gestione/nuovo"); got.status != http.StatusForbidden {
		t.Errorf("somebody who is no promoter may begin a process: %d", got.status)
	}
	w.must(w.core.AddMember(t.Context(), p.ID, w.lucia.actor, process.Person{Email: "altro@example.org"}, process.RoleFacilitator))
	got := w.nobody.page("/gestione/" + p.Slug + "/contatti")
	if got.Find("nav a[href$='/persone']").Length() != 0 {
		t.Error("a facilitator is shown a page that is not theirs")
	}
}

func TestConflictKeepsBothTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := "/gestione/" + p.Slug + "/impostazioni"
	mine, theirs := w.lucia.page(at), w.marco.page(at)
	w.marco.moved(w.marco.send(theirs, "main form", "", fill{"summary": {"Il testo di Marco"}}), "/gestione/"+p.Slug+"/ente")
	got := w.lucia.send(mine, "main form", "", fill{"summary": {"Il testo di Lucia"}})
	refused(t, got, http.StatusConflict, "")
	row := got.Find("#conflitto").Parent().Find("tbody tr")
	if row.Length() != 1 || !strings.Contains(row.Text(), "Il testo di Marco") || !strings.Contains(row.Text(), "Il testo di Lucia") {
		t.Errorf("the two texts are not side by side: %q", row.Text())
	}
	if got.Find("textarea[name=summary]").Text() != "Il testo di Lucia" || w.reload(p).Summary != "Il testo di Marco" {
		t.Error("a text was lost")
	}
	w.lucia.moved(w.lucia.send(got, "main form", "", fill{}), "/gestione/"+p.Slug+"/ente")
	if w.reload(p).Summary != "Il testo di Lucia" {
		t.Error("the second saving did not count")
	}
}

func TestConflictOfWhatHasNoRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	home := "/gestione/" + p.Slug
	mine, theirs := w.lucia.page(home+"/ente"), w.marco.page(home+"/ente")
	w.marco.moved(w.marco.send(theirs, "main form", "fai=salva", fill{"firm": {"Impresa di Marco"}, "part": {""}, "kind": {"firm"}}), home+"/popolazione")
	got := w.lucia.send(mine, "main form", "fai=salva", fill{"firm": {"Impresa di Lucia"}, "part": {"tutto"}, "kind": {"firm"}})
	refused(t, got, http.StatusConflict, "")
	if !strings.Contains(got.Find("#conflitto").Parent().Text(), "Impresa di Marco") || got.Find("input[name=firm]").First().AttrOr("value", "") != "Impresa di Lucia" {
		t.Error("the page does not show both")
	}

	counts, again := w.lucia.page(home+"/popolazione"), w.marco.page(home+"/popolazione")
	field := counts.Find("input[name^='units.']").First().AttrOr("name", "")
	w.marco.moved(w.marco.send(again, "main form", "", fill{field: {"111"}}), home+"/date")
	got = w.lucia.send(counts, "main form", "", fill{field: {"222"}})
	refused(t, got, http.StatusConflict, "")
	if row := got.Find("#conflitto").Parent().Find("tbody").Text(); !strings.Contains(row, "111") || !strings.Contains(row, "222") {
		t.Errorf("the numbers are not side by side: %q", row)
	}

	doc := home + "/documenti/project-sheet"
	mine, theirs = w.lucia.page(doc), w.marco.page(doc)
	w.marco.moved(w.marco.send(theirs, "main form", "fai=salva", fill{"body": {"Di Marco"}}), home+"/documenti")
	got = w.lucia.send(mine, "main form", "fai=salva", fill{"body": {"Di Lucia"}})
	refused(t, got, http.StatusConflict, "")
	if got.Find("textarea[name=body]").Text() != "Di Lucia" || !strings.Contains(got.Find("#conflitto").Parent().Text(), "Di Marco") {
		t.Error("a document was lost")
	}

	preview := w.lucia.send(w.lucia.page(home+"/date"), "#calcolo", "", fill{"starts_on": {"2027-03-01"}})
	other := w.marco.send(w.marco.page(home+"/date"), "#calcolo", "", fill{"starts_on": {"2027-04-01"}})
	w.marco.moved(w.marco.send(other, ".ar-now form", "", fill{}), home+"/persone")
	got = w.lucia.send(preview, ".ar-now form", "", fill{})
	refused(t, got, http.StatusConflict, "")
	if got.Find("#starts_on").AttrOr("value", "") != "2027-03-01" || !strings.Contains(got.Find("#conflitto").Parent().Text(), "2027-04-01") {
		t.Error("the dates do not stand side by side")
	}
	w.lucia.moved(w.lucia.send(got, ".ar-now form", "", fill{}), home+"/persone")
}

func TestTermsOutsideTheirBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.page("/gestione/" + p.Slug + "/date")
	for field, values := range map[string][]string{"days.exploration": {"61", "20", "", "molti", "0", "99999"}, "starts_on": {"", "domani"}} {
		for _, v := range values {
			t.Run(fmt.Sprintf("%s=%q", field, v), func(t *testing.T) {
				got := w.lucia.send(at, "#calcolo", "", fill{field: {v}})
				refused(t, got, http.StatusUnprocessableEntity, field)
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
	preview := w.lucia.send(at, "#calcolo", "", fill{"days.exploration": {"50"}})
	refused(t, w.lucia.send(preview, ".ar-now form", "", fill{"days.exploration": {"61"}}), http.StatusUnprocessableEntity, "days.exploration")
}

func TestContactsImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	b, list := w.lucia, "/gestione/"+p.Slug+"/contatti"
	all := b.send(b.page("/gestione/"+p.Slug+"/ente"), "main form", "fai=tutti", fill{})
	b.moved(b.send(all, "main form", "fai=salva", fill{}), "/gestione/"+p.Slug+"/popolazione")
	from := b.page(list + "/importa")
	refused(t, b.upload(from, "vuoto.csv", nil), http.StatusUnprocessableEntity, "file")
	refused(t, b.upload(from, "senza.csv", []byte("nome;cognome\nAnna;Rossi\n")), http.StatusUnprocessableEntity, "file")
	refused(t, b.upload(from, "grande.csv", bytes.Repeat([]byte("a"), int(roster.DefaultLimits.Bytes)+1)), http.StatusUnprocessableEntity, "file")

	report := b.upload(from, "contatti.csv", fixtures.ContactsSample())
	if report.status != http.StatusOK {
		t.Fatalf("dry run: %d", report.status)
	}
	problems := report.Find("#problemi").Parent().Find("tbody tr")
	if problems.Length() < 2 || !strings.Contains(problems.Text(), "Ripete l’indirizzo") || !strings.Contains(problems.Text(), "non è un indirizzo email") {
		t.Errorf("problems: %s", problems.Text())
	}
	if n := w.contacts(p); n != 0 {
		t.Fatalf("the dry run loaded %d contacts", n)
	}
	refused(t, b.send(report, "form[action$='/conferma']", "", fill{"data": {"YWFh"}}), http.StatusConflict, "")
	refused(t, b.send(report, "form[action$='/conferma']", "", fill{"data": {"%%%"}}), http.StatusConflict, "")
	for range 2 { // sent twice, loaded once
		done := b.send(report, "form[action$='/conferma']", "", fill{})
		if done.status != http.StatusOK || !strings.Contains(done.Find("h1").Text(), "caricato") {
			t.Fatalf("import: %d %s", done.status, done.Find("h1").Text())
		}
	}
	loaded := w.contacts(p)
	if want := 20 - problems.FilterFunction(notLoaded).Length(); loaded != want {
		t.Errorf("%d contacts loaded, want %d", loaded, want)
	}
	found := b.page(list)
	if rows := found.Find("#cerca").Parent().Find("tbody tr").Length(); rows != loaded {
		t.Errorf("%d rows are listed, want %d", rows, loaded)
	}
	who := found.Find("button[name=person]").First()
	got := b.send(found, "form:has(button[value='"+who.AttrOr("value", "")+"'])", "person="+who.AttrOr("value", ""), fill{})
	b.moved(got, list)
	if n := w.contacts(p); n != loaded-1 {
		t.Errorf("%d contacts after one was taken off", n)
	}
	sample := b.get(list + "/modello.csv")
	if again := b.upload(from, "modello.csv", []byte(sample.body)); again.Find("#problemi").Length() != 0 {
		t.Errorf("our own sample has problems: %s", again.Find("#problemi").Parent().Text())
	}
}

func notLoaded(_ int, s *goquery.Selection) bool { return s.Find("strong").Length() == 0 }

func (w *world) contacts(p process.Process) int {
	w.t.Helper()
	var n int
	w.one(&n, `SELECT count(*) FROM contact WHERE process_id = ?`, p.ID)
	return n
}

func TestPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.page("/gestione/" + p.Slug + "/persone")
	if at.Find("form[action$='/togli']").Length() != 0 {
		t.Error("the last promoter could be taken away")
	}
	add := "form[action$='/persone']"
	got := w.lucia.send(at, add, "", fill{"email": {"non un indirizzo"}, "name": {"Fabio"}})
	refused(t, got, http.StatusUnprocessableEntity, "email")
	if got.Find("input[name=name]").AttrOr("value", "") != "Fabio" {
		t.Error("the name was lost")
	}
	next := w.lucia.moved(w.lucia.send(got, add, "", fill{"email": {"fabio@example.org"}, "role": {process.RoleFacilitator}}), at.path)
	refused(t, w.lucia.send(next, add, "", fill{"email": {"fabio@example.org"}, "role": {process.RoleFacilitator}}), http.StatusConflict, "")
	button := next.Find("form[action$='/togli'] button")
	w.lucia.moved(w.lucia.send(next, "form[action$='/togli']", "person="+button.AttrOr("value", ""), fill{}), at.path)
	members, err := w.core.Members(t.Context(), p.ID)
	w.must(err)
	if len(members) != 1 {
		t.Errorf("%d members left", len(members))
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	list := "/gestione/" + p.Slug + "/documenti"
	at := w.lucia.page(list + "/nuovo")
	refused(t, w.lucia.send(at, "main form", "fai=salva", fill{"title": {"Più idee"}, "body": {""}}), http.StatusUnprocessableEntity, "body")
	preview := w.lucia.send(at, "main form", "fai=anteprima", fill{"title": {"Più idee"}, "body": {"## Uno\n\n**due** <script>alert(1)</script>"}})
	if preview.Find("#anteprima").Parent().Find("strong").Text() != "due" || preview.Find("main script").Length() != 0 {
		t.Errorf("preview: %s", preview.Find("#anteprima").Parent().Text())
	}
	w.lucia.moved(w.lucia.send(preview, "main form", "fai=pubblica", fill{}), list)
	saved := w.lucia.page(list + "/piu-idee")
	if saved.Find("button[value=ritira]").Length() != 1 || !strings.Contains(saved.Find("textarea").Text(), "## Uno") {
		t.Error("the document was not saved and published")
	}
	w.lucia.moved(w.lucia.send(saved, "main form", "fai=ritira", fill{}), list)
	w.lucia.moved(w.lucia.send(at, "main form", "fai=salva", fill{"title": {"Più idee"}, "body": {"Altro"}}), list)
	if got := w.lucia.page(list); got.Find("a[href$='/piu-idee-2']").Length() != 1 {
		t.Error("a second document of that title took the first one's place")
	}
	if got := w.lucia.get(list + "/mai-visto"); got.status != http.StatusNotFound {
		t.Errorf("an unknown document: %d", got.status)
	}
}

func TestActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.page("/gestione/" + p.Slug + "/attivita")
	if text := at.Find(".ar-spine").Text(); !strings.Contains(text, "ne mancano 3") {
		t.Errorf("the three focus groups are not asked for: %s", text)
	}
	link := at.Find(".ar-spine a[href*='tipo=assembly']")
	if link.Length() != 1 {
		t.Fatal("no link to create the assembly")
	}
	filled := w.lucia.page(strings.TrimSuffix(link.AttrOr("href", ""), "#nuova"))
	refused(t, w.lucia.send(filled, "#nuova form", "", fill{"title": {""}, "intro": {"Vieni"}}), http.StatusUnprocessableEntity, "title")
	made := w.lucia.send(filled, "#nuova form", "", fill{"title": {"Incontro"}})
	if made.status != http.StatusSeeOther || !strings.HasPrefix(made.path, "/gestione/"+p.Slug+"/assembly/") {
		t.Fatalf("created: %d %s", made.status, made.path)
	}
	if got := w.lucia.page(at.path); got.Find(".ar-spine a[href*='tipo=assembly']").Length() != 0 || got.Find("a[href='"+made.path+"']").Length() != 1 {
		t.Error("the phase still lacks its assembly")
	}
}

func TestPartnersKeepKnownOrganisations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.page("/gestione/" + p.Slug + "/ente")
	refused(t, w.lucia.send(at, "main form", "fai=salva", fill{"firm": {""}, "part": {"comunicazione"}, "kind": {"firm"}}), http.StatusUnprocessableEntity, "firm-1")
	w.lucia.send(at, "main form", "fai=salva", fill{"firm": {"comune di siena"}, "part": {""}, "kind": {"firm"}})
	var kind string
	w.one(&kind, `SELECT kind FROM organisation WHERE name = 'Comune di Siena'`)
	if kind != "municipality" {
		t.Errorf("typing its name made the municipality a %s", kind)
	}
}

func TestPopulationReadsNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.page("/gestione/" + p.Slug + "/popolazione")
	field := at.Find("input[name^='units.']").AttrOr("name", "")
	refused(t, w.lucia.send(at, "main form", "", fill{field: {"tanti"}}), http.StatusUnprocessableEntity, field)
	w.lucia.moved(w.lucia.send(at, "main form", "", fill{field: {"53.901"}}), "/gestione/"+p.Slug+"/date")
	units, err := w.core.Population(t.Context(), p.ID)
	w.must(err)
	if len(units) != 1 || units[0].Units != 53901 {
		t.Errorf("population %+v", units)
	}
}

// TestTwoSaveAtOnce sends, as from two tabs, two forms that were made from the same list at the
// same moment: one is kept, the other comes back with the conflict.
func TestTwoSaveAtOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ path, submit, kept string }{
		{"ente", "fai=salva", `SELECT o.name FROM process_partner pp JOIN organisation o ON o.id = pp.organisation_id WHERE pp.process_id = ?`},
		{"popolazione", "", `SELECT units::text FROM population WHERE process_id = ?`},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.draft()
			at := w.lucia.page("/gestione/" + p.Slug + "/" + tc.path)
			forms := []fill{{"firm": {"Studio Ascolto"}, "part": {""}, "kind": {"firm"}}, {"firm": {"Studio Parola"}, "part": {""}, "kind": {"firm"}}}
			if tc.submit == "" {
				units := at.Find("input[name^='units.']").AttrOr("name", "")
				forms = []fill{{units: {"100"}}, {units: {"200"}}}
			}
			got := make([]answer, 2)
			var all sync.WaitGroup
			for i := range got {
				all.Go(func() { got[i] = w.lucia.send(at, "main form", tc.submit, forms[i]) })
			}
			all.Wait()
			won, lost := 0, 1
			if got[won].status != http.StatusSeeOther {
				won, lost = lost, won
			}
			if got[won].status != http.StatusSeeOther || got[lost].status != http.StatusConflict {
				t.Fatalf("answered %d and %d, want one redirect and one conflict", got[0].status, got[1].status)
			}
			var kept []string
			w.must(w.core.DB().NewRaw(tc.kept, p.ID).Scan(t.Context(), &kept))
			want := []string{"Studio Ascolto", "Studio Parola"}[won]
			if tc.submit == "" {
				want = []string{"100", "200"}[won]
			}
			if len(kept) != 1 || kept[0] != want {
				t.Errorf("kept %q, want the first to save, %q", kept, want)
			}
			again := w.lucia.send(got[lost], "main form", tc.submit, nil)
			if again.status != http.StatusSeeOther {
				t.Errorf("saving over the conflict: %d", again.status)
			}
		})
	}
}

func TestDetailsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := w.lucia.page("/gestione/" + p.Slug + "/impostazioni")
	for field, value := range map[string]string{
		"title": "", "summary": strings.Repeat("è", 2001), "decider": strings.Repeat("è", 301), "contact": strings.Repeat("è", 201), "email": "nessuno@",
	} {
		t.Run(field, func(t *testing.T) {
			got := w.lucia.send(at, "main form", "", fill{field: {value}})
			refused(t, got, http.StatusUnprocessableEntity, field)
		})
	}
	w.lucia.moved(w.lucia.send(at, "main form", "", fill{"decider": {"Il Consiglio"}, "email": {""}}), "/gestione/"+p.Slug+"/ente")
	if now := w.reload(p); now.Decider != "Il Consiglio" || now.ContactEmail != "" {
		t.Errorf("saved %+v", now)
	}
}

func TestOnlyPromotersOfALeadCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO organisation (public_id, name, kind, created_at) VALUES ('altrove', 'Comune di Firenze', 'municipality', ?)`, monday)
	at := w.lucia.page("/gestione/nuovo/percorso?modello=area-path")
	if n := at.Find("select[name=organisation] option[value!='']").Length(); n != 1 {
		t.Errorf("%d organisations offered, want the one that she is a promoter of", n)
	}
	got := w.lucia.send(at, "main form", "", fill{"title": {"Mio"}, "organisation": {"altrove"}, "starts_on": {"2027-01-11"}})
	if got.status != http.StatusForbidden {
		t.Errorf("a foreign lead: %d, want 403", got.status)
	}
	refused(t, w.lucia.send(at, "main form", "", fill{"title": {"Mio"}, "starts_on": {"2027-13-40"}}), http.StatusUnprocessableEntity, "starts_on")
	if got := w.lucia.get("/gestione/nuovo/percorso?modello=webinar"); got.path != "/gestione/nuovo" {
		t.Errorf("the workflow of an activity was taken for a template: %d %s", got.status, got.path)
	}
}
