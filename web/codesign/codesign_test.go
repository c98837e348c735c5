package codesign_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	domain "arengo/process/codesign"
	"arengo/process/meeting"
	"arengo/web/codesign"
	"arengo/web/gathering/gatheringtest"
)

var first = time.Date(2026, time.March, 14, 8, 30, 0, 0, time.UTC)

// world is a lab in preparation.
type world struct {
	*gatheringtest.World
	a            process.Activity
	desk, public string
	people       []process.PersonID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: gatheringtest.New(t, domain.Kind{}, "codesign/desk codesign/door codesign/public", codesign.Routes)}
	w.a, w.desk, w.public = w.Activity, w.Staff(), w.Public()
	return w
}

// open prepares a lab through its page and registers n people.
func open(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(t)
	b := w.SignedIn(w.Promoter)
	for _, day := range []string{"2026-03-14", "2026-03-21", "2026-03-28"} {
		b.Submit(b.Get(w.desk).Is(200), `form[action$="/incontri"]`, "title", "Giornata del "+day, "starts", day+"T09:30", "ends", day+"T15:30", "place", "Biblioteca").Back()
	}
	for _, name := range []string{"Muoversi", "Curarsi"} {
		b.Submit(b.Get(w.desk), `form[action$="/tavoli"]`, "name", name, "topic", "Che cosa serve").Back()
	}
	w.Must(w.Advance(w.a, "open", ""))
	w.people = w.People(n)
	for _, p := range w.people {
		_, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, p)
		w.Must(err)
	}
	return w
}

func (w *world) door(p process.PersonID) string {
	w.T.Helper()
	r, _, err := w.Meetings.Registration(w.T.Context(), w.a.ProcessID, w.a.ID, p)
	w.Must(err)
	return "/r/codesign/" + w.Meetings.Token(r)
}

// TestLife leads a lab from its first table to its results by its pages.
func TestLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Visitor().Get(w.public).Is(404)
	w.SignedIn(w.Promoter).Get(w.desk).Is(200).Says("Fissa almeno una giornata", "Prepara almeno un tavolo")

	w = open(t, 3)
	b := w.SignedIn(w.Promoter)
	b.Submit(b.Get(w.desk), `form[action$="/voto"]`, "dots", "5", "dots_a_card", "3").Back()
	b.Get(w.desk).Says("3 persone non hanno ancora un tavolo")
	b.Submit(b.Get(w.desk), `form[action$="/assegna"]`).Back()
	b.Get(w.desk).Says("Tutti hanno un tavolo")

	w.At(first)
	b = w.SignedIn(w.Promoter)
	guest := w.Visitor()
	doors := []string{w.door(w.people[0]), w.door(w.people[1])}
	for i, title := range []string{"Autobus la sera", "Ambulatorio"} {
		page := guest.Get(doors[i]).Is(200).Says("Il tuo tavolo")
		guest.Submit(page, `form[action$="/schede"]`, "kind", "proposal", "title", title, "body", "Servono orari più lunghi").Back()
	}
	guest.Get(doors[0]).Says("Autobus la sera", "Tua", "Ambulatorio")
	bad := guest.Submit(guest.Get(doors[0]), `form[action$="/schede"]`, "kind", "idea", "title", "", "body", "Il mio testo").Is(422)
	if got := bad.Doc.Find("#scheda-body").Text(); got != "Il mio testo" {
		t.Errorf("the text was lost: %q", got)
	}
	b.Submit(b.Get(w.desk), `form[action$="/presenze"]`).Back()
	b.Get(w.desk).Says("Presente", "Autobus la sera")

	w.Must(w.Advance(w.a, "vote", ""))
	page := guest.Get(doors[0]).Is(200).Says("Hai 5 punti", "Vota le schede").Hides("Come è andato il voto")
	cards := w.cards()
	one, two := name(cards[0]), name(cards[1])
	over := guest.Submit(page, `form[action$="/voto"]`, one, "3", two, "3").Is(422)
	over.Says("Hai messo 6 punti e ne hai 5")
	if got := over.Doc.Find("#"+two+" option[selected]").AttrOr("value", ""); got != "3" {
		t.Errorf("the choice was lost: %q", got)
	}
	guest.Submit(page, `form[action$="/voto"]`, one, "3", two, "2").Back()
	guest.Submit(guest.Get(doors[0]).Says("Hai votato"), `form[action$="/voto"]`, one, "1", two, "3").Back()
	b.Get(w.desk).Says("4 punti, messi da 1 persone su 3 iscritte")
	b.Submit(b.Get(w.desk), `form[action$="/esito"]`).Back()
	b.Get(w.desk).Says("È diventata un esito")
	w.Visitor().Get(w.public).Hides("Autobus la sera")

	w.At(first.AddDate(0, 0, 9))
	guest.Get(doors[0]).Says("Come è andato il voto")
	w.Visitor().Get(w.public).Is(200).Says("Ambulatorio", "3 punti", "Come è andato il voto").Hides("P persona")
	w.SignedIn(w.Promoter).Get(w.desk).Is(200)
	guest.Submit(page, `form[action$="/voto"]`, one, "1").Is(409).Says("Il voto non è aperto")
}

func (w *world) cards() []domain.Card {
	w.T.Helper()
	list, err := domain.New(w.Core).Cards(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	return list
}

func name(c domain.Card) string { return "punti-" + strings.TrimPrefix(c.Ref(), "card:") }

func TestModeration(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	w.At(first)
	b := w.SignedIn(w.Promoter)
	b.Submit(b.Get(w.desk), `form[action$="/schede"]`, "title", "Scheda di carta").Back()
	guest := w.Visitor()
	author, other := w.door(w.people[0]), w.door(w.people[1])
	guest.Submit(guest.Get(author), `form[action$="/schede"]`, "title", "Insulto", "kind", "idea").Back()
	hide := `form[action$="/` + strings.TrimPrefix(w.cards()[1].Ref(), "card:") + `/nascondi"]`
	b.Submit(b.Get(w.desk), hide, "why", "").Is(422).Says("Scrivi il motivo")
	b.Submit(b.Get(w.desk), hide, "why", "Offende una persona").Back()
	guest.Get(other).Hides("Insulto")
	guest.Get(author).Says("Insulto", "Offende una persona")
	b.Submit(b.Get(w.desk), hide).Back()
	guest.Get(other).Says("Insulto")

	edit := `form[action*="/schede/"]`
	stale := guest.Get(author)
	guest.Submit(stale, edit, "title", "Corretta").Back()
	guest.Submit(stale, edit, "title", "Da una pagina vecchia").Is(409)
}

func TestRegistration(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	v := w.Visitor()
	page := v.Get(w.public).Is(200).Says("Iscriviti", "Muoversi", "Giornata del 2026-03-21")
	wrong := v.Submit(page, `form[action$="/iscrizione"]`, "email", "anna").Is(422)
	if got := wrong.Doc.Find("#iscrizione-email").AttrOr("value", ""); got != "anna" {
		t.Errorf("the address was lost: %q", got)
	}
	v.Submit(page, `form[action$="/iscrizione"]`, "email", "anna@example.org").Back()
	anna := w.Person("anna@example.org")
	if _, ok, err := w.Meetings.Registration(t.Context(), w.a.ProcessID, w.a.ID, anna); err != nil || ok {
		t.Errorf("registered without a proof: %v, %v", ok, err)
	}
	confirm := w.Confirmation("anna@example.org")
	v.Submit(v.Get(confirm).Is(200).Says("Vuoi iscriverti?"), "main form", "name", "Anna Neri").Back()
	if r, ok, err := w.Meetings.Registration(t.Context(), w.a.ProcessID, w.a.ID, anna); err != nil || !ok || r.Status != meeting.Registered {
		t.Errorf("got %+v, %v, %v", r, ok, err)
	}
	file := v.Get(page.Doc.Find(`a[href*="/calendario/"]`).AttrOr("href", "")).Is(200)
	if body := file.Body; !strings.Contains(body, "BEGIN:VEVENT") || !strings.Contains(body, "METHOD:PUBLISH") {
		t.Errorf("no calendar: %s", body)
	}
	door := w.door(anna)
	v.Submit(v.Get(door).Is(200).Says("Hai un posto"), `form[action$="/lascia"]`).Back()
	v.Submit(v.Get(door).Says("Non sei più nell’elenco"), `form[action$="/riprendi"]`).Back()
	v.Get(door).Says("Hai un posto")
	v.Post(door+"/lascia", nil).Is(403) // no token
	v.Get("/r/codesign/forged").Is(404)
	v.Get(w.desk).Is(303)
}

func TestTables(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	b := w.SignedIn(w.Promoter)
	b.Submit(b.Get(w.desk), `form[action$="/tavoli"]`, "name", "Curarsi").Is(422).Says("C’è già un tavolo")
	stale := b.Get(w.desk)
	b.Submit(stale, `form[action*="/tavoli/"]`, "facilitator", "Tommaso Landi").Back()
	kept := b.Submit(stale, `form[action*="/tavoli/"]`, "topic", "Il mio testo").Is(409)
	if kept.Doc.Find(`details[open] input[value="Il mio testo"]`).Length() != 1 {
		t.Error("the text was lost")
	}
	w.Visitor().Get(w.public).Says("Facilita Tommaso Landi")
	page := b.Get(w.desk)
	seat := page.Doc.Find(`select[name^="posto-"]`).First()
	b.Submit(page, `form[action$="/sedute"]`, seat.AttrOr("name", ""), seat.Find("option").Last().AttrOr("value", "")).Back()
	b.Get(w.desk).Says("1 persona non ha ancora un tavolo")
	b.Submit(b.Get(w.desk), `form[action$="/elimina"]`).Back()
	b.Submit(b.Get(w.desk), `form[action$="/voto"]`, "dots", "0").Is(422)
}

// A card or a day that is sent twice is there once.
func TestFormsMakeOneThing(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	w.At(first)
	guest, form := w.Visitor(), `form[action$="/schede"]`
	bad := guest.Submit(guest.Get(w.door(w.people[0])), form, "kind", "idea", "title", "").Is(422)
	guest.Twice(bad, form, "title", "Autobus la sera")
	guest.Get(w.door(w.people[0])).Is(200).Says("Avevi già inviato questo modulo")
	b := w.SignedIn(w.Promoter)
	desk := b.Get(w.desk)
	b.Twice(desk, form, "kind", "idea", "title", "Scheda di carta")
	b.Twice(desk, `form[action$="/incontri"]`, "starts", "2026-04-11T09:30", "ends", "2026-04-11T15:30")
	for from, want := range map[string]int{"codesign_card": 2, "meeting": 4} {
		if n := w.Count(`SELECT count(*) FROM ` + from); n != want {
			t.Errorf("%d of %s, want %d", n, from, want)
		}
	}
}
