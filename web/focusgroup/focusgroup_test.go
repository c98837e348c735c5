package focusgroup_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"arengo/process"
	domain "arengo/process/focusgroup"
	"arengo/process/meeting/meetingtest"
	"arengo/web/focusgroup"
	"arengo/web/gathering/gatheringtest"
	"arengo/web/webtest"
)

var (
	starts = time.Date(2026, time.April, 2, 16, 0, 0, 0, time.UTC)
	ends   = starts.Add(2 * time.Hour)
)

// world is a focus group in preparation with a facilitator and contacts.
type world struct {
	*gatheringtest.World
	a      process.Activity
	desk   string
	public string
	leader process.PersonID
	people []process.PersonID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: gatheringtest.New(t, domain.Kind{}, "focusgroup/desk focusgroup/note focusgroup/door focusgroup/public", focusgroup.Routes)}
	w.a, w.desk, w.public = w.Activity, w.Staff(), w.Public()
	for email, role := range map[string]string{"tommaso@example.org": process.RoleFacilitator, "giulia@example.org": process.RoleEditor} {
		w.Must(w.Core.AddMember(t.Context(), w.Process.ID, w.Promoter, process.Person{Email: email, Name: email[:4]}, role))
	}
	w.leader = w.Person("tommaso@example.org")
	w.people = w.People(3)
	for _, p := range w.people {
		w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, p, meetingtest.Start)
	}
	return w
}

// convene prepares and convenes the group through its page.
func (w *world) convene() *webtest.Browser {
	w.T.Helper()
	b := w.SignedIn(w.Promoter)
	b.Submit(b.Get(w.desk).Is(200), `form[action$="/traccia"]`, "facilitator", id(w.leader), "note_taker", id(w.Person("giulia@example.org")),
		"theme-new-0", "Orari", "theme-new-1", "Fermate", "guide", "# Giro di nomi").Back()
	b.Submit(b.Get(w.desk), `form[action$="/incontri"]`, "starts", "2026-04-02T18:00", "ends", "2026-04-02T20:00", "place", "Biblioteca").Back()
	found := b.Get(w.desk + "?cerca=persona").Is(200)
	if n := found.Doc.Find(`input[name=person][type=checkbox]`).Length(); n != 3 {
		w.T.Fatalf("%d contacts found, want 3", n)
	}
	b.PostForm(w.desk+"/inviti", url.Values{"person": {id(w.people[0]), id(w.people[1])}}).Back()
	w.Must(w.Advance(w.a, "convene", ""))
	return b
}

func id(p process.PersonID) string { return strconv.FormatInt(int64(p), 10) }

// door is the personal address of an invited person.
func (w *world) door(p process.PersonID, purpose process.Purpose) string {
	w.T.Helper()
	var inv struct {
		ID      int64
		Version int
	}
	w.Must(w.DB.NewRaw(`SELECT id, version FROM invitation WHERE activity_id = ? AND person_id = ?`, w.a.ID, p).Scan(w.T.Context(), &inv))
	return "/i/focusgroup/" + w.Core.Links().Token(process.Link{Purpose: purpose, Process: w.a.ProcessID, Subject: inv.ID, Version: inv.Version})
}

// TestLife leads a group from its guide to its public minutes by its pages.
func TestLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Visitor().Get(w.public).Is(404)
	b := w.SignedIn(w.Promoter)
	b.Get(w.desk).Is(200).Says("Scegli chi conduce il gruppo", "Nessuno è ancora invitato")
	if href := b.Get(w.desk).Doc.Find(`.ar-gate a[href$="#settings"]`).Length(); href == 0 {
		t.Error("the gate does not lead to the guide")
	}
	b = w.convene()
	w.Visitor().Get(w.public).Is(200).Says("Biblioteca", "Orari").Hides("P persona000", "tomm")

	guest := w.Visitor()
	door := w.door(w.people[0], process.LinkAnswer)
	first := guest.Get(door).Is(200).Says("Vieni?", "Biblioteca", "tomm")
	if n := first.Doc.Find("input[checked]").Length(); n != 0 {
		t.Errorf("%d boxes are ticked beforehand", n)
	}
	if g := w.guest(0); g.Reply != domain.Silent {
		t.Errorf("looking at the page answered: %s", g.Reply)
	}
	guest.Submit(first, `form[action$="/risposta"]`, "risposta", "si").Back()
	guest.Get(door).Says("Hai accettato")
	guest.Submit(guest.Get(door), `form[action$="/consensi"]`, "purpose", "participation").Back()
	other := w.door(w.people[1], process.LinkInvited)
	guest.Submit(guest.Get(other), `form[action$="/risposta"]`, "risposta", "no").Back()
	b.Get(w.desk).Says("Hanno accettato: 1", "Hanno rifiutato: 1")

	w.At(starts)
	b = w.SignedIn(w.Promoter) // sessions end, too
	b.Submit(b.Get(w.desk), `form[action$="/presenze"]`).Back()
	desk := b.Get(w.desk).Says("P1")
	refused := b.Submit(desk, `form[action$="/appunti"]`, "speaker", "1", "statement", "Aspetto un’ora", "quote", "1").Is(422)
	refused.Says("P1 non acconsente a essere citato")
	if got := refused.Doc.Find("#appunto-statement").Text(); got != "Aspetto un’ora" {
		t.Errorf("the text was lost: %q", got)
	}
	if !strings.HasPrefix(refused.Text("title"), "Errore") || refused.Doc.Find(`.ar-errors a[href="#appunto-quote"]`).Length() != 1 {
		t.Error("the summary does not lead to the field")
	}
	guest.Submit(guest.Get(door), `form[action$="/consensi"]`, "purpose", "quotation").Back()
	b.Submit(b.Get(w.desk), `form[action$="/appunti"]`, "speaker", "1", "statement", "Aspetto un’ora", "quote", "1").Back()
	b.Get(w.desk).Says("“Aspetto un’ora”", "Si può citare")

	w.At(ends)
	b.Submit(b.Get(w.desk), `form[action$="/verbale"]`, "body", "# Orari\nSi aspetta troppo.", "present", "1").Back()
	b.Submit(b.Get(w.desk), `form[action$="/verbale/pubblica"]`).Back()
	minutes := w.Notices(w.a, "meeting-materials")
	b.Twice(b.Get(w.desk), `form[action$="/materiali"]`, "title", "Traccia", "url", "https://example.org/t", "kind", "document")
	if n, told := w.Count(`SELECT count(*) FROM material`), w.Notices(w.a, "meeting-materials")-minutes; n != 1 || told != 1 {
		t.Errorf("%d materials, told %d times", n, told)
	}
	w.Must(w.Advance(w.a, "minute", ""))
	w.Visitor().Get(w.public).Is(200).Says("Si aspetta troppo", "Persone presenti: 1", "Traccia").Hides("P persona000")
	guest.Get(door).Says("Leggi il verbale")
	b.Get(w.desk).Is(200)
}

func (w *world) guest(i int) domain.Guest {
	w.T.Helper()
	g, _, err := domain.New(w.Core).Guest(w.T.Context(), w.a.ProcessID, w.a.ID, w.people[i])
	w.Must(err)
	return g
}

func TestNoteConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.convene()
	w.At(starts)
	b := w.SignedIn(w.Promoter) // sessions end, too
	b.Submit(b.Get(w.desk), `form[action$="/appunti"]`, "statement", "Uno").Back()
	href := b.Get(w.desk).Doc.Find(`a[href*="/appunti/"]`).AttrOr("href", "")
	mine, theirs := b.Get(href).Is(200), b.Get(href)
	form := `form[action="` + href + `"]`
	b.Submit(mine, form, "statement", "Due").Back()
	refused := b.Submit(theirs, form, "statement", "Tre").Is(409)
	refused.Says("Intanto qualcuno ha scritto", "Due")
	if got := refused.Doc.Find("#appunto-statement").Text(); got != "Tre" {
		t.Errorf("the text was lost: %q", got)
	}
	b.Submit(theirs, `form[action$="/elimina"]`).Is(409)
	b.Submit(refused, form).Back()
	b.Get(w.desk).Says("Tre")
	b.Submit(b.Get(href), `form[action$="/elimina"]`).Back()
	b.Get(href).Is(404)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.convene()
	stale := b.Get(w.desk)
	b.Submit(stale, `form[action$="/traccia"]`, "theme-new-2", "Costi").Back()
	kept := b.Submit(stale, `form[action$="/traccia"]`, "guide", "Il mio testo").Is(409)
	if got := kept.Doc.Find("#traccia-guide").Text(); got != "Il mio testo" {
		t.Errorf("the text was lost: %q", got)
	}
	wrong := b.Submit(b.Get(w.desk), `form[action$="/posti"]`, "capacity", "tanti").Is(422)
	if wrong.Doc.Find("#posti-capacity").AttrOr("aria-invalid", "") != "true" {
		t.Error("the field is not marked")
	}
	b.Post(w.desk+"/appunti", url.Values{"statement": {"x"}}).Is(403) // no token
	w.Visitor().Get(w.desk).Is(303)
	w.Visitor().Get("/i/focusgroup/forged").Is(404)

	editor := process.Actor{Person: w.Person("giulia@example.org"), Email: "giulia@example.org"}
	w.SignedIn(editor).Get(w.desk).Is(200).Hides("P persona000", "persona000@example.org")

	door := w.door(w.people[1], process.LinkAnswer)
	guest := w.Visitor()
	page := guest.Get(door)
	guest.Post(door+"/risposta", url.Values{"risposta": {"si"}}).Is(403) // no token
	w.At(ends)
	guest.Submit(page, `form[action$="/risposta"]`, "risposta", "si").Is(409).Says("Non si può più rispondere")
}

// TestRegistrationLink: messages after the answer lead to the same page.
func TestRegistrationLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.convene()
	r, err := domain.New(w.Core).Accept(t.Context(), w.a.ProcessID, w.a.ID, w.people[0])
	w.Must(err)
	guest := w.Visitor()
	door := "/r/focusgroup/" + w.Meetings.Token(r)
	page := guest.Get(door).Is(200).Says("Hai accettato")
	if got := page.Doc.Find(`form[action$="/risposta"]`).AttrOr("action", ""); got != door+"/risposta" {
		t.Errorf("the form posts to %s", got)
	}
	guest.Submit(page, `form[action$="/risposta"]`, "risposta", "no").Back()
	guest.Get(door).Says("Hai detto che non vieni")
}

// A note that is sent twice is there once; the next form may say the same.
func TestNoteFormMakesOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.convene()
	w.At(starts)
	b, form := w.SignedIn(w.Promoter), `form[action$="/appunti"]`
	bad := b.Submit(b.Get(w.desk), form, "statement", "").Is(422)
	b.Twice(bad, form, "statement", "Aspetto un’ora")
	b.Get(w.desk).Is(200).Says("Avevi già inviato questo modulo")
	if n := w.Count(`SELECT count(*) FROM focusgroup_note`); n != 1 {
		t.Errorf("%d notes", n)
	}
	b.Submit(b.Get(w.desk), form, "statement", "Aspetto un’ora").Back()
	if n := w.Count(`SELECT count(*) FROM focusgroup_note`); n != 2 {
		t.Errorf("%d notes after a second form", n)
	}
}
