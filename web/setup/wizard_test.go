package setup_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
)

// TestWizard sets a process up from the choice of the template to publication,
// by the forms alone.
func TestWizard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.lucia

	choose := b.Page("/gestione/nuovo")
	card := choose.Find(".ar-card")
	if card.Length() != 1 || !strings.Contains(card.Text(), "6 fasi, 225 giorni in tutto") || !strings.Contains(card.Text(), "Il percorso intero per un’area") {
		t.Fatalf("card reads %q", card.Text())
	}
	create := b.Page(card.Find("h3 a").AttrOr("href", ""))
	if got := create.Find(".ar-track-caption").Text(); !strings.Contains(got, "Passo 2 di 5") {
		t.Errorf("step reads %q", got)
	}
	bad := b.Submit(create, "form[action='/gestione/nuovo/percorso']", "title", "", "summary", "Due frasi.", "starts_on", "2027-01-11")
	bad.Refused(http.StatusUnprocessableEntity, "title")
	if got := bad.Find("textarea[name=summary]").Text(); got != "Due frasi." {
		t.Errorf("the summary was lost: %q", got)
	}
	at := moved(b, b.Submit(bad, "form[action='/gestione/nuovo/percorso']", "title", "Area senese", "summary", "Due frasi."), "/gestione/area-senese/ente")

	missing := b.Page("/gestione/area-senese/pubblica")
	if href := missing.Find("p a[href$='/prova']").AttrOr("href", ""); href != "/gestione/area-senese/prova" {
		t.Errorf("before publishing the rehearsal is at %q", href)
	}
	gaps := missing.Find(".ar-gate li")
	if gaps.Length() != 3 { // facilitator, population, project sheet
		t.Errorf("%d gaps: %s", gaps.Length(), gaps.Text())
	}
	gaps.Each(func(_ int, s *goquery.Selection) { b.Page(s.Find("a.btn").AttrOr("href", "")) })
	if missing.Find("form[action$='/pubblica']").Length() != 0 {
		t.Error("publication is offered though things are missing")
	}

	zone := at.Find("button[value^='zona:']").First().AttrOr("value", "")
	at = b.Submit(at, "main form", "@fai", zone)
	if at.Code != http.StatusOK || at.Find("input[name=municipality][checked]").Length() == 0 {
		t.Fatalf("no zone was ticked: %d", at.Code)
	}
	at = b.Submit(at, "main form", "@fai", "tutti")
	if n := at.Find("input[name=municipality][checked]").Length(); n != 34 {
		t.Fatalf("%d municipalities ticked, want all 35 but the lead", n)
	}
	at = moved(b, b.Submit(at, "main form", "@fai", "salva", "firm", "Studio Ascolto", "firm", "Pro Loco", "firm", "", "part", "comunicazione", "part", "", "part", "", "kind", "firm", "kind", "association", "kind", "firm"), "/gestione/area-senese/popolazione")
	if n := at.Find("input[name^='units.']").Length(); n != 35 {
		t.Fatalf("%d municipalities to count, want 35", n)
	}
	at = moved(b, b.Submit(at, "main form"), "/gestione/area-senese/date")

	preview := b.Submit(at, "#calcolo", "starts_on", "2027-01-18", "days.exploration", "35")
	if preview.Code != http.StatusOK {
		t.Fatalf("preview: %d", preview.Code)
	}
	if got := preview.Find("table s").Length(); got != 12 {
		t.Errorf("%d dates are struck through, want the start and the end of six phases", got)
	}
	if got := preview.Find(".ar-now h2").Text(); got != "Se cominci il 18 gennaio 2027, si spostano 12 date" {
		t.Errorf("panel reads %q", got)
	}
	at = moved(b, b.Submit(preview, ".ar-now form"), "/gestione/area-senese/persone")

	at = moved(b, b.Submit(at, "form[action$='/persone']", "email", "fabio@example.org", "name", "Fabio", "role", process.RoleFacilitator), "/gestione/area-senese/persone")
	if !strings.Contains(at.Find("table").Text(), "fabio@example.org") {
		t.Error("the facilitator is not listed")
	}
	sheet := b.Page("/gestione/area-senese/documenti/project-sheet")
	moved(b, b.Submit(sheet, "main form", "@fai", "pubblica", "body", "## Perché\n\nTesto"), "/gestione/area-senese/documenti")

	ready := b.Page("/gestione/area-senese/pubblica")
	if ready.Find(".ar-gate").Length() != 0 {
		t.Fatalf("still missing: %s", ready.Find(".ar-gate").Text())
	}
	if ready.Find("a[href='/percorsi/area-senese']").Length() == 0 {
		t.Error("no preview")
	}
	done := moved(b, b.Submit(ready, "form[action$='/pubblica']"), "/gestione/area-senese/pubblica")
	if !strings.Contains(done.Find("h1").Text(), "è pubblico") {
		t.Errorf("after publication: %q", done.Find("h1").Text())
	}
	done.Says("Il percorso è nella prima fase, “Preparazione”.", "Poi viene “Avvia l’esplorazione”: comincia la fase “Esplorazione”.")
	w.checkPublished(t)
	if locked := b.Page("/gestione/area-senese/date"); locked.Find("#calcolo").Length() != 0 || !strings.Contains(locked.Text("body"), "Proroga") {
		t.Error("the dates of a public process can still be changed here")
	}
}

func (w *world) checkPublished(t *testing.T) {
	t.Helper()
	var id process.ID
	w.One(&id, `SELECT id FROM process WHERE slug = 'area-senese'`)
	p, err := w.Core.LoadProcess(t.Context(), w.DB, id)
	w.Must(err)
	if !p.Published() || p.StartsOn.Format("2006-01-02") != "2027-01-18" {
		t.Errorf("published %v, starts %v", p.PublishedAt, p.StartsOn)
	}
	partners, err := w.Core.Partners(t.Context(), id)
	w.Must(err)
	if len(partners) != 36 || partners[34].Name != "Studio Ascolto" || partners[34].Part != "comunicazione" || partners[35].Kind != "association" {
		t.Errorf("%d partners, the last %+v", len(partners), partners[len(partners)-2:])
	}
	plan, err := w.Core.Engine().Plan(t.Context(), w.DB, p.Ref())
	w.Must(err)
	if plan[1].Days != 35 || plan[0].Days != 0 {
		t.Errorf("days are %d and %d, want 35 chosen and the template's", plan[1].Days, plan[0].Days)
	}
}

func TestPublishRefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	w.lucia.Page("/gestione/" + p.Slug + "/pubblica")
	// The button is not there; a form that is sent all the same is refused.
	got := w.lucia.PostForm("/gestione/"+p.Slug+"/pubblica", nil)
	if got.Code != http.StatusConflict || got.Find(".ar-gate li").Length() != 4 {
		t.Errorf("status %d with %d gaps", got.Code, got.Find(".ar-gate li").Length())
	}
	if w.Reload(p).Published() {
		t.Error("it was published")
	}
}

// TestAbsenceIsNotedAndEnded walks through the form of an absence: what is
// refused stays written, what is accepted is said beside the role.
func TestAbsenceIsNotedAndEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := "/gestione/" + p.Slug + "/persone"
	w.Must(w.Core.AddMember(t.Context(), p.ID, w.Promoter, process.Person{Email: "luisa@example.org", Name: "Luisa"}, process.RoleFacilitator))
	shown := w.lucia.Page(at)
	who, _ := shown.Find("#away-who option").Last().Attr("value")
	if shown.Find(`input[name=role][value=guarantor]`).Length() != 0 {
		t.Error("a role is offered for which this process has no step")
	}
	const form = "form[action$=assenza]"
	refused := w.lucia.Submit(shown, form, "who", who, "from", "2026-12-01", "until", "2026-11-30", "deputy", "dario@example.org")
	if refused.Code != http.StatusUnprocessableEntity || refused.Find("#until-e").Length() != 1 {
		t.Fatalf("days in the wrong order: %d %s", refused.Code, refused.Find(".ar-errors").Text())
	}
	if typed, _ := refused.Find("#deputy").Attr("value"); typed != "dario@example.org" {
		t.Errorf("the deputy's address is lost: %q", typed)
	}
	moved(w.lucia, w.lucia.Submit(refused, form, "until", "2026-12-04"), at)
	noted := w.lucia.Page(at)
	if text := noted.Find("table").Text(); !strings.Contains(text, "Sostituisce dario@example.org") || !strings.Contains(text, "4 dicembre 2026") {
		t.Errorf("the table says %q", text)
	}
	moved(w.lucia, w.lucia.Submit(noted, "form[action$=rientro]", "person", strings.Fields(who)[0]), at)
	if text := w.lucia.Page(at).Find("table").Text(); strings.Contains(text, "Sostituisce") {
		t.Errorf("after the return the table says %q", text)
	}
}

// Who facilitates says that they are away by themselves: a colleague stands in,
// nobody from outside, and nobody for a role that is not theirs.
func TestOwnAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := "/gestione/" + p.Slug + "/assenza"
	luisa, dario := w.Actor("luisa@example.org", "Luisa"), w.Actor("dario@example.org", "Dario")
	w.Must(w.Core.AddMember(t.Context(), p.ID, w.Promoter, process.Person{Email: luisa.Email}, process.RoleFacilitator))
	b := w.SignedIn(luisa)
	w.Must(w.Core.AddMember(t.Context(), p.ID, w.Promoter, process.Person{Email: dario.Email}, process.RoleEditor))
	shown := b.Page(at)
	const form = "form[action$=assenza]"
	if roles := shown.Find("select[name=role] option"); roles.Length() != 1 || roles.AttrOr("value", "") != process.RoleFacilitator {
		t.Errorf("the roles to be away from: %s", roles.Text())
	}
	colleague := strconv.FormatInt(int64(dario.Person), 10)
	if shown.Find(`select[name=deputy] option[value="`+colleague+`"]`).Length() != 1 || shown.Find(`select[name=deputy] option[value="`+strconv.FormatInt(int64(luisa.Person), 10)+`"]`).Length() != 0 {
		t.Error("the colleagues to choose among")
	}
	outside := w.Actor("fuori@example.org", "Fuori")
	typed := url.Values{"role": {process.RoleFacilitator}, "from": {"2026-12-01"}, "until": {"2026-12-04"}, "deputy": {strconv.FormatInt(int64(outside.Person), 10)}}
	b.PostForm(at, typed).Refused(http.StatusUnprocessableEntity, "deputy")
	typed.Set("deputy", colleague)
	typed.Set("until", "2026-11-30")
	if refused := b.PostForm(at, typed).Refused(http.StatusUnprocessableEntity, "until"); refused.Find("#until").AttrOr("value", "") != "2026-11-30" {
		t.Error("what was written is lost")
	}
	typed.Set("until", "2026-12-04")
	typed.Set("role", process.RolePromoter)
	b.PostForm(at, typed).Is(http.StatusNotFound)
	if n := w.Count(`SELECT count(*) FROM absence`); n != 0 {
		t.Fatalf("%d absences from refusals", n)
	}
	moved(b, b.Submit(shown, form, "from", "2026-12-01", "until", "2026-12-04", "deputy", colleague), at)
	if text := b.Page(at).Find("main").Text(); !strings.Contains(text, "Sostituisce Dario") || !strings.Contains(text, "4 dicembre 2026") {
		t.Errorf("the page says %q", text)
	}
	if n := w.Count(`SELECT count(*) FROM notice WHERE kind = 'role-assigned' AND person_id = ? AND payload->'extra'->>'until' = '2026-12-04'`, dario.Person); n != 1 {
		t.Errorf("%d notices to the deputy", n)
	}
	moved(b, b.Submit(b.Page(at), "form[action$=rientro]", "@role", process.RoleFacilitator), at)
	if n := w.Count(`SELECT count(*) FROM absence`); n != 0 {
		t.Errorf("%d absences after the return", n)
	}
	w.SignedIn(outside).Get(at).Is(http.StatusNotFound)
	w.Visitor().PostForm(at, typed).Is(http.StatusUnauthorized)
}

// TestClosedDaysAreSavedFromThePageOfTheBody walks through the small form.
func TestClosedDaysAreSavedFromThePageOfTheBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	at := "/gestione/" + p.Slug + "/ente"
	const form = "form[action$=chiusure]"
	refused := w.lucia.Submit(w.lucia.Page(at), form, "closed", "31/2")
	if refused.Code != http.StatusUnprocessableEntity || refused.Find("#closed-e").Length() != 1 || refused.Find("#closed").AttrOr("value", "") != "31/2" {
		t.Fatalf("a day that does not exist: %d %s", refused.Code, refused.Find(".ar-errors").Text())
	}
	why := w.lucia.Submit(w.lucia.Page(at), form, "closed", "24/6")
	if why.Code != http.StatusUnprocessableEntity || why.Find("#reason-e").Length() != 1 || why.Find("#closed").AttrOr("value", "") != "24/6" {
		t.Fatalf("nothing was asked: %d %s", why.Code, why.Find(".ar-errors").Text())
	}
	moved(w.lucia, w.lucia.Submit(refused, form, "closed", "1/12, 24/6", "reason", "Patrono e Sant’Ansano"), at)
	page := w.lucia.Page(at).Says("Come sono cambiati i giorni di chiusura", "24/6, 1/12 (prima: nessuno). Patrono e Sant’Ansano")
	if got := page.Find("#closed").AttrOr("value", ""); got != "24/6, 1/12" {
		t.Errorf("the page shows %q", got)
	}
}
