package rehearsal_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/codesign"
	"arengo/process/focusgroup"
	"arengo/process/questionnaire"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/web/setup/rehearsal"
	"arengo/web/webtest"
	"arengo/workflow/civil"
	"arengo/workflow/rehearse"
)

// world is the page over a draft of the area path with a webinar of its own.
type world struct {
	*worldtest.World
	*webtest.Site
	promoter *webtest.Browser
	draft    process.Process
	path     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	source, err := fixtures.Template("area-path")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{World: worldtest.Build(t, worldtest.Config{
		Template: "area-path", Path: string(source), Start: time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC),
		Kinds: []process.Kind{questionnaire.Kind{}, focusgroup.Kind{}, codesign.Kind{}, webinar.Kind{}, assembly.Kind{}},
	})}
	w.Settle("lucia@siena.example.org", "Lucia")
	w.Site = webtest.Serve(w.World, "setup/rehearsal", rehearsal.Routes)
	w.draft, err = w.Core.Create(t.Context(), w.Promoter, process.NewProcess{
		Template: "area-path", Title: "Area senese", OrganisationID: w.Org, StartsOn: civil.Date{Year: 2027, Month: 3, Day: 22},
	})
	w.Must(err)
	_, err = w.Core.CreateActivity(t.Context(), w.draft.ID, w.Promoter, process.NewActivity{Kind: "webinar", Title: "Come si decide", Phase: "exploration"})
	w.Must(err)
	w.promoter, w.path = w.SignedIn(w.Promoter), "/gestione/"+w.draft.Slug+"/prova"
	return w
}

// The page says what to correct, what to do by when and where, whom messages
// reach, and every month; nothing of it is stored.
func TestRehearsalPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.promoter
	var before, after int
	w.One(&before, `SELECT (SELECT count(*) FROM notice) + (SELECT count(*) FROM deadline) + (SELECT count(*) FROM transition_log)`)
	p := b.Page(w.path)
	p.Says("Prova generale di Area senese", "Arriva alla fine: “Concluso”", "Comincia una nuova fase: Esplorazione", "Pubblica i risultati del questionario", "marzo 2027", "Come si decide")
	groups := p.Find("#atti").Closest("section").Find("details")
	if groups.Length() < 6 || groups.Find("li").Length() < 20 {
		t.Fatalf("%d groups, %d acts", groups.Length(), groups.Find("li").Length())
	}
	first := groups.First()
	if _, open := first.Attr("open"); !open || !strings.Contains(first.Find("summary").Text(), "Preparazione: 10 cose entro mar 20 apr") {
		t.Errorf("the next things to do are under %q, open: %v", first.Find("summary").Text(), open)
	}
	if _, open := groups.Last().Attr("open"); open {
		t.Error("what is far away is not folded")
	}
	for text, href := range map[string]string{
		"Nomina almeno un facilitatore": "/persone", "Pubblica il percorso: chi riceve l’invito deve poterlo leggere": "/pubblica", "Definisci la popolazione di riferimento": "/popolazione",
	} {
		if got := first.Find("a:contains('"+text+"')").AttrOr("href", ""); got != "/gestione/"+w.draft.Slug+href {
			t.Errorf("%s leads to %q", text, got)
		}
	}
	if same := groups.Find("li:contains('Scegli data, ora e luogo'):contains('Focus group 3')"); same.Length() != 1 || !strings.Contains(same.Text(), "Focus group 1") {
		t.Errorf("the same thing to do for three groups: %q", same.Text())
	}
	if n := p.Find("#avvertimenti").Closest("section").ChildrenFiltered("ul").Find("li").Length(); p.Find("dt:contains('Avvertimenti') + dd").Text() != strconv.Itoa(n) || p.Find("#avvertimenti").Closest("section").Find("details li").Length() == 0 {
		t.Errorf("%q warnings over a list of %d, or nothing to know", p.Find("dt:contains('Avvertimenti') + dd").Text(), n)
	}
	months := p.Find("#mesi").Closest("section").Find("details")
	if n := months.Filter("[open]").Length(); months.Length() < 6 || n != 2 || !strings.Contains(months.Text(), "aprile 2027") || !strings.Contains(months.Text(), "comincia “Esplorazione”") {
		t.Errorf("%d of %d months are open", n, months.Length())
	}
	next := p.Find("#esito").Closest("section").Find("a[href*='/gestione/']")
	if next.Length() != 1 || first.Find("a:contains('"+next.Text()+"')").Length() == 0 {
		t.Errorf("the next thing to do is %q", next.Text())
	}
	if p.Find("#messaggi").Closest("section").Find("tbody tr").Length() < 15 {
		t.Error("hardly any messages")
	}
	w.One(&after, `SELECT (SELECT count(*) FROM notice) + (SELECT count(*) FROM deadline) + (SELECT count(*) FROM transition_log)`)
	if before != after {
		t.Errorf("%d rows before, %d after", before, after)
	}
}

// The choices stay in the form, and each changes what happens.
func TestRehearsalChoices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, says := range map[string]string{
		"nessuno": "Non arriva alla fine: resta in “Analisi”", "pochi": "Arriva alla fine", "agosto": "Sospendi il percorso fino al 31 agosto 2027", "fermo": "In ritardo: era per",
	} {
		t.Run(name, func(t *testing.T) {
			p := w.promoter.Page(w.path + "?seme=7&" + name + "=1")
			p.Says(says)
			if p.Find("input[type=checkbox][checked]").Length() != 1 || p.Find("input[name="+name+"][checked]").Length() != 1 || p.Find("input[name=seme]").AttrOr("value", "") != "7" {
				t.Error("the form forgot what was asked")
			}
			if href := p.Find("a[href*='dati.json']").AttrOr("href", ""); href != w.path+"/dati.json?seme=7&"+name+"=1" {
				t.Errorf("the export is at %q", href)
			}
		})
	}
}

func TestRehearsalExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.promoter.Get(w.path + "/dati.json?seme=3&pochi=1").Is(http.StatusOK)
	var r rehearse.Report
	if err := json.Unmarshal([]byte(a.Body), &r); err != nil || r.Seed != 3 || r.Title != "Area senese" || !r.End.Reached || !r.Ledger.Verified {
		t.Fatalf("%v: seed %d, %q, %+v", err, r.Seed, r.Title, r.End)
	}
	if name := a.Header.Get("Content-Disposition"); !strings.Contains(name, "prova-"+w.draft.Slug+".json") {
		t.Errorf("saved as %q", name)
	}
}

// Who may not set the process up does not see its rehearsal.
func TestRehearsalIsTheirs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{w.path, w.path + "/dati.json"} {
		w.SignedIn(w.Actor("altro@example.org", "Altro")).Get(path).Is(http.StatusNotFound)
	}
}
