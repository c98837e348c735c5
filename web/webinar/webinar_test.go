package webinar_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"arengo/process/meeting/meetingtest"
	domain "arengo/process/webinar"
	"arengo/web/gathering/gatheringtest"
	"arengo/web/webinar"
	"arengo/web/webtest"
)

// starts is the beginning of gatheringtest.Evening.
var starts = time.Date(2026, time.March, 26, 17, 0, 0, 0, time.UTC)

const secret = "video.example.org/sala-segreta"

func draft(t *testing.T) *gatheringtest.World {
	t.Helper()
	return gatheringtest.New(t, domain.Kind{}, gatheringtest.Pages, webinar.Routes)
}

func open(t *testing.T) *gatheringtest.World {
	t.Helper()
	w := draft(t)
	w.Open("open")
	return w
}

// places limits the webinar to n places, by its form.
func places(w *gatheringtest.World, n string) {
	w.T.Helper()
	b := w.Desk()
	b.Send(w.Staff(), w.Staff()+"/impostazioni", "capacity", n, "join_opens_before", "20").Back()
}

func ask(w *gatheringtest.World, email string) *webtest.Answer {
	w.T.Helper()
	return w.Visitor().Send(w.Public(), w.Public()+"/iscriviti", "email", email)
}

func TestStaffSetsADateAndOpens(t *testing.T) {
	t.Parallel()
	w := draft(t)
	b := w.Desk()
	if a := w.Visitor().Get(w.Public()); a.Code != http.StatusNotFound {
		t.Errorf("a draft answers %d to the public", a.Code)
	}
	if p := b.Page(w.Public()); !strings.Contains(p.Find(".ar-preview").Text(), "non è ancora pubblica") {
		t.Error("the staff's preview is not marked")
	}
	bad := b.Send(w.Staff(), w.Staff()+"/incontri", "starts", "2026-03-26T18:00", "ends", "2026-03-26T17:00",
		"join_url", "http://video.example.org", "agenda", "1. Saluti")
	if bad.Code != http.StatusUnprocessableEntity {
		t.Fatalf("a meeting that ends before it begins: %d", bad.Code)
	}
	if !strings.HasPrefix(bad.Doc.Find("title").Text(), "Errore:") || bad.Doc.Find(`.ar-errors a[href="#incontro-ends"]`).Length() != 1 ||
		bad.Doc.Find(`.ar-errors a[href="#incontro-join_url"]`).Length() != 1 {
		t.Errorf("the summary does not lead to the fields: %s", bad.Doc.Find(".ar-errors").Text())
	}
	if v := bad.Doc.Find("#incontro-starts").AttrOr("value", ""); v != "2026-03-26T18:00" || bad.Doc.Find("#incontro-agenda").Text() != "1. Saluti" {
		t.Errorf("what was typed is lost: %q", v)
	}
	b.Send(w.Staff(), w.Staff()+"/incontri", "starts", "2026-03-26T18:00", "ends", "2026-03-26T19:30",
		"join_url", "https://"+secret, "agenda", "1. Saluti").Back()
	p := b.Page(w.Staff())
	if text := p.Find("#meeting").Text(); !strings.Contains(text, "Giovedì 26 marzo 2026 alle 18:00") || !strings.Contains(text, "ora di Roma (CET, UTC+1)") &&
		!strings.Contains(text, "Ora di Roma (CET, UTC+1)") {
		t.Errorf("the date is not whole: %s", text)
	}
	if p.Find(`form[action$="/avanza"] button`).First().Text() != "Apri le iscrizioni" {
		t.Errorf("the gate does not open: %s", p.Find("#avanza").Text())
	}
}

func TestRegisterWaitAndBePromoted(t *testing.T) {
	t.Parallel()
	w := open(t)
	places(w, "1")
	w.Registers("Anna Neri", "anna@example.org")
	first, again := ask(w, "anna@example.org"), ask(w, "mai.vista@example.org")
	if first.Code != http.StatusSeeOther || again.Code != first.Code || again.Body != first.Body ||
		again.Header.Get("Location") != first.Header.Get("Location") || again.Header.Get("Set-Cookie") != first.Header.Get("Set-Cookie") {
		t.Errorf("known and unknown are told apart: %d %d", first.Code, again.Code)
	}
	public := w.Visitor().Page(w.Public())
	if !strings.Contains(public.Find(".ar-now").Text(), "lista d’attesa") {
		t.Errorf("the queue is not announced: %s", public.Find(".ar-now").Text())
	}
	w.Registers("Bruno Verdi", "bruno@example.org")
	w.Registers("Carla Blu", "carla@example.org")
	carla := w.Visitor().Page(w.Link("carla@example.org"))
	if !strings.Contains(carla.Find("#stato").Text(), "posto 2 della lista") {
		t.Errorf("carla: %s", carla.Find("#stato").Text())
	}
	staff := w.Desk().Page(w.Staff())
	queue := staff.Find("#registrations table").Eq(1).Find("tbody tr")
	if queue.Length() != 2 || !strings.Contains(queue.Eq(0).Text(), "Bruno Verdi") || !strings.Contains(queue.Eq(1).Text(), "Carla Blu") {
		t.Errorf("the queue is out of order: %s", queue.Text())
	}
	anna := w.Link("anna@example.org")
	w.Visitor().Send(anna, anna+"/annulla").Back()
	if got := w.Visitor().Page(anna).Find("#stato").Text(); !strings.Contains(got, "annullata") {
		t.Errorf("anna: %s", got)
	}
	if got := w.Visitor().Page(w.Link("bruno@example.org")).Find("#stato").Text(); !strings.Contains(got, "confermata") {
		t.Errorf("bruno: %s", got)
	}
	if got := w.Visitor().Page(w.Link("carla@example.org")).Find("#stato").Text(); !strings.Contains(got, "prossima") {
		t.Errorf("carla: %s", got)
	}
}

func TestBadRegistrationKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := ask(w, "anna-senza-chiocciola").Refused(http.StatusUnprocessableEntity, "iscrizione-email")
	if got := a.Find("#iscrizione-email").AttrOr("value", ""); got != "anna-senza-chiocciola" {
		t.Errorf("the address was lost: %q", got)
	}
	ask(w, "anna@example.org").Back()
	link := w.Confirmation("anna@example.org")
	b := w.Visitor().Send(link, link, "name", "Vinci su esca.example.org").Refused(http.StatusUnprocessableEntity, "conferma-name")
	if got := b.Find("#conferma-name").AttrOr("value", ""); got != "Vinci su esca.example.org" {
		t.Errorf("the name was lost: %q", got)
	}
}

func TestOnlyTheButtonConfirms(t *testing.T) {
	t.Parallel()
	w := open(t)
	ask(w, "anna@example.org").Back()
	link := w.Confirmation("anna@example.org")
	before := w.Fingerprint()
	for range 3 {
		w.Visitor().Page(link).Says("anna@example.org")
	}
	if a := w.Visitor().Post(link, url.Values{"name": {"Anna"}, "csrf": {"forged"}}); a.Code != http.StatusForbidden || w.Fingerprint() != before {
		t.Errorf("a forged form: %d", a.Code)
	}
	shown := webtest.Values(w.Visitor().Page(link).Form("main form"))
	shown.Set("name", "Anna Neri")
	for range 2 { // a double click
		w.Visitor().Post(link, shown).Back()
	}
	w.Visitor().Get(link).To(w.Link("anna@example.org"))
	ask(w, "bruno@example.org").Back()
	late := w.Confirmation("bruno@example.org")
	w.Clock.Advance(25 * time.Hour)
	if a := w.Visitor().Get(late).Is(http.StatusConflict).Says("scaduta"); a.Find("main form").Length() != 0 {
		t.Error("an expired request has a form")
	}
	w.Visitor().Get("/conferma/" + strings.Repeat("x", 30)).Is(http.StatusNotFound)
}

func TestSignedInNeedsNoSecondProof(t *testing.T) {
	t.Parallel()
	w := open(t)
	b := w.Desk()
	page := b.Page(w.Public())
	if v := page.Find("#iscrizione-email").AttrOr("value", ""); v != w.Promoter.Email {
		t.Errorf("the form holds %q", v)
	}
	b.Send(w.Public(), w.Public()+"/iscriviti").To(w.Link(w.Promoter.Email))
}

func TestLinkAppearsNearTheTimeToThoseWithAPlace(t *testing.T) {
	t.Parallel()
	w := open(t)
	places(w, "1")
	w.Registers("Anna Neri", "anna@example.org")
	w.Registers("Bruno Verdi", "bruno@example.org")
	anna, bruno := w.Link("anna@example.org"), w.Link("bruno@example.org")
	v := w.Visitor()
	for _, c := range []struct {
		name       string
		at         time.Time
		seen       bool
		announced  bool
		afterwards bool
	}{
		{name: "weeks before", at: meetingtest.Start, announced: true},
		{name: "a second before", at: starts.Add(-20*time.Minute - time.Second), announced: true},
		{name: "on the minute", at: starts.Add(-20 * time.Minute), seen: true},
		{name: "during", at: starts.Add(time.Hour), seen: true},
		{name: "after", at: starts.Add(2 * time.Hour), afterwards: true},
	} {
		w.Clock.Set(c.at)
		a := v.Get(anna)
		if got := strings.Contains(a.Body, secret); got != c.seen {
			t.Errorf("%s: link shown is %v", c.name, got)
		}
		if c.announced && !strings.Contains(a.Doc.Find(".ar-now").Text(), "giovedì 26 marzo 2026 alle 17:40") {
			t.Errorf("%s: it does not say when: %s", c.name, a.Doc.Find(".ar-now").Text())
		}
		if c.afterwards && !strings.Contains(a.Doc.Find("#stato").Text(), "si è svolto") {
			t.Errorf("%s: %s", c.name, a.Doc.Find("#stato").Text())
		}
		for _, other := range []string{bruno, w.Public()} {
			if strings.Contains(v.Get(other).Body, secret) {
				t.Errorf("%s: %s shows the link", c.name, other)
			}
		}
	}
}

func TestOpeningChangesNothing(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Registers("Anna Neri", "anna@example.org")
	anna := w.Link("anna@example.org")
	staff := w.Desk()
	before := w.Fingerprint()
	for range 3 {
		for _, path := range []string{anna, anna + "/incontri/1/calendario.ics", w.Public(), w.Public() + "/incontri/1/calendario.ics"} {
			if a := w.Visitor().Get(path); a.Code != http.StatusOK {
				t.Errorf("%s: %d", path, a.Code)
			}
		}
		for _, path := range []string{w.Staff(), w.Staff() + "/incontri/1"} {
			staff.Page(path)
		}
	}
	if w.Fingerprint() != before {
		t.Error("reading changed something")
	}
	if a := w.Visitor().Get(anna + "/annulla"); a.Code == http.StatusOK {
		t.Error("a GET cancels")
	}
	if a := w.Visitor().Post(anna+"/annulla", url.Values{"csrf": {"forged"}}); a.Code != http.StatusForbidden || w.Fingerprint() != before {
		t.Errorf("a forged form: %d", a.Code)
	}
	if a := w.Visitor().Get("/r/webinar/" + strings.Repeat("x", 30)); a.Code != http.StatusNotFound {
		t.Errorf("a forged link: %d", a.Code)
	}
}

func TestCalendarFile(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := w.Visitor().Get(w.Public() + "/incontri/1/calendario.ics")
	for _, want := range []string{"METHOD:PUBLISH", "DTSTART;TZID=Europe/Rome:20260326T180000", "SUMMARY:Incontro di apertura"} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("no %s in\n%s", want, a.Body)
		}
	}
	if strings.Contains(a.Body, secret) || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/calendar") {
		t.Errorf("%s\n%s", a.Header, a.Body)
	}
	if a := w.Visitor().Get(w.Public() + "/incontri/2/calendario.ics"); a.Code != http.StatusNotFound {
		t.Errorf("a meeting that does not exist: %d", a.Code)
	}
}

func TestRescheduleSaysWhoIsTold(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Registers("Anna Neri", "anna@example.org")
	b := w.Desk()
	edit := w.Staff() + "/incontri/1"
	if told := b.Page(edit).Find("section[aria-labelledby=avvisi]").Text(); !strings.Contains(told, "1 persona iscritta") {
		t.Errorf("who is told: %s", told)
	}
	b.Send(edit, edit, "starts", "2026-03-27T18:00", "ends", "2026-03-27T19:30").Back()
	if n := w.Notices(w.Activity, "meeting-moved"); n != 2 {
		t.Errorf("%d notices of the new date, want one to those who come and one to those who wait", n)
	}
	if text := b.Page(w.Staff()).Find("#meeting").Text(); !strings.Contains(text, "Venerdì 27 marzo 2026 alle 18:00") {
		t.Error(text)
	}
}

func TestAttendanceAndMaterials(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Registers("Anna Neri", "anna@example.org")
	w.Registers("Bruno Verdi", "bruno@example.org")
	if w.Desk().Page(w.Staff()).Find("#attendance").Length() != 0 {
		t.Error("attendance before the doors open")
	}
	w.At(starts.Add(2 * time.Hour))
	if got := w.State(w.Activity); got != "held" {
		t.Fatalf("the timer left it %s", got)
	}
	b := w.Desk()
	boxes := b.Page(w.Staff()).Find(`#attendance input[type=checkbox]`)
	if boxes.Length() != 2 {
		t.Fatalf("%d boxes", boxes.Length())
	}
	id := boxes.First().AttrOr("value", "")
	b.Send(w.Staff(), w.Staff()+"/presenze", "present", id).Back()
	if n := b.Page(w.Staff()).Find(`#attendance input[checked]`).Length(); n != 1 {
		t.Errorf("%d present", n)
	}
	// Another door's form, rendered before, must not undo this one.
	other := webtest.Values(b.Page(w.Staff()).Find(`form[action$="/presenze"]`))
	other.Del("was")
	other.Set("present", boxes.Last().AttrOr("value", ""))
	b.Post(w.Staff()+"/presenze", other).Back()
	if n := b.Page(w.Staff()).Find(`#attendance input[checked]`).Length(); n != 2 {
		t.Errorf("%d present after the second door", n)
	}
	bad := b.Send(w.Staff(), w.Staff()+"/materiali", "kind", "recording", "title", "La serata", "url", "http://video.example.org/1")
	if bad.Code != http.StatusUnprocessableEntity || bad.Doc.Find("#materiale-title").AttrOr("value", "") != "La serata" {
		t.Errorf("an address without https: %d", bad.Code)
	}
	b.Send(w.Staff(), w.Staff()+"/materiali", "kind", "recording", "title", "La serata", "url", "https://video.example.org/1").Back()
	if n := w.Notices(w.Activity, "meeting-materials"); n != 1 {
		t.Errorf("%d notices of the materials", n)
	}
	for _, path := range []string{w.Public(), w.Link("anna@example.org")} {
		if !strings.Contains(w.Visitor().Page(path).Find("section[aria-labelledby=materiali]").Text(), "La serata") {
			t.Errorf("%s has no recording", path)
		}
	}
}

func TestRemovedByTheStaff(t *testing.T) {
	t.Parallel()
	w := open(t)
	places(w, "1")
	w.Registers("Anna Neri", "anna@example.org")
	w.Registers("Bruno Verdi", "bruno@example.org")
	b := w.Desk()
	b.Send(w.Staff(), w.Staff()+"/iscrizioni/togli").Back()
	if got := w.Visitor().Page(w.Link("bruno@example.org")).Find("#stato").Text(); !strings.Contains(got, "confermata") {
		t.Errorf("bruno: %s", got)
	}
}

func TestCallOff(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Registers("Anna Neri", "anna@example.org")
	b := w.Desk()
	bad := b.Send(w.Staff(), w.Staff()+"/annulla")
	if bad.Code != http.StatusUnprocessableEntity || bad.Doc.Find(`.ar-errors a[href="#annulla-reason"]`).Length() != 1 {
		t.Fatalf("without a reason: %d", bad.Code)
	}
	b.Send(w.Staff(), w.Staff()+"/annulla", "reason", "Il relatore è malato").Back()
	if got := w.State(w.Activity); got != "cancelled" {
		t.Fatalf("the state is %s", got)
	}
	if n := w.Notices(w.Activity, "meeting-cancelled"); n == 0 {
		t.Error("nobody is told")
	}
	public := w.Visitor().Page(w.Public())
	if !strings.Contains(public.Find("#contenuto").Text(), "Il relatore è malato") || public.Find("form[action$=iscriviti]").Length() != 0 {
		t.Error("the public page does not say why, or still takes registrations")
	}
	if got := w.Visitor().Page(w.Link("anna@example.org")).Find("#stato").Text(); got != "Annullato" {
		t.Errorf("anna: %s", got)
	}
	if w.Desk().Page(w.Staff()).Find("#annulla").Length() != 0 {
		t.Error("it can be called off twice")
	}
}

// Fewer places than people registered turn nobody out, and the page says so.
func TestFewerPlacesThanRegistered(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, who := range w.People(2) {
		_, err := w.Meetings.Register(t.Context(), w.Process.ID, w.Activity.ID, who)
		w.Must(err)
	}
	b := w.Desk()
	form := webtest.Values(b.Page(w.Staff()).Find(`form[action$="/impostazioni"]`))
	form.Set("capacity", "1")
	b.Post(w.Staff()+"/impostazioni", form).Back()
	doc := b.Page(w.Staff())
	if text := doc.Find("main").Text(); !strings.Contains(text, "Le persone iscritte sono già 2") {
		t.Errorf("no warning: %s", text)
	}
}

func TestSettingConflictKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := open(t)
	b := w.Desk()
	old := webtest.Values(b.Page(w.Staff()).Find(`form[action$="/impostazioni"]`))
	places(w, "30")
	old.Set("capacity", "50")
	a := b.Post(w.Staff()+"/impostazioni", old)
	if a.Code != http.StatusConflict || a.Doc.Find("#posti-capacity").AttrOr("value", "") != "50" {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	b.Post(w.Staff()+"/impostazioni", webtest.Values(a.Doc.Find(`form[action$="/impostazioni"]`))).Back()
	setting, err := w.Meetings.Setting(t.Context(), w.Process.ID, w.Activity.ID)
	w.Must(err)
	if setting.Capacity != 50 {
		t.Errorf("capacity %d", setting.Capacity)
	}
}

func TestStrangersStayOut(t *testing.T) {
	t.Parallel()
	w := open(t)
	a := w.Visitor().Get(w.Staff())
	if a.Code != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/accedi") {
		t.Errorf("a visitor in the workspace: %d %s", a.Code, a.Header.Get("Location"))
	}
	for _, path := range []string{"/annulla", "/incontri", "/impostazioni", "/presenze", "/materiali", "/iscrizioni/togli"} {
		if a := w.Visitor().Post(w.Staff()+path, url.Values{}); a.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
}
