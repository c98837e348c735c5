package roster_test

import (
	"errors"
	"testing"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/roster"
)

// publicID is the identifier of a person in addresses.
func (b *bundle) publicID(t testing.TB, who process.PersonID) string {
	t.Helper()
	var id string
	b.one(t, &id, `SELECT public_id FROM person WHERE id = ?`, who)
	return id
}

func (b *bundle) correct(t testing.TB, who process.PersonID, c roster.Card) (int, error) {
	t.Helper()
	return b.CorrectContact(t.Context(), b.process, boss, b.publicID(t, who), c)
}

func TestAddContact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	card := roster.Card{Email: " Anna@Example.org ", Name: "Anna\nVerdi", Locale: "en", Territory: b.place["Siena"], FormKey: "k"}
	for i := range 2 {
		already, err := b.AddContact(t.Context(), b.process, boss, card)
		if err != nil || already != (i == 1) {
			t.Fatalf("time %d: already %v, %v", i+1, already, err)
		}
	}
	page, err := b.Contacts(t.Context(), b.process, roster.ContactFilter{})
	if err != nil || page.Total != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	if c := page.Contacts[0]; c.Email != "anna@example.org" || c.Name != "Anna Verdi" || c.Locale != "en" || c.Municipality != "Siena" {
		t.Errorf("saved as %+v", c)
	}
	card.FormKey = "another"
	_, err = b.AddContact(t.Context(), b.process, boss, card)
	wantFault(t, err, fault.Invalid, "roster.contact_listed")
	_, err = b.AddContact(t.Context(), b.process, nobody, card)
	wantFault(t, err, fault.NotFound, "process.not_found")
	_, err = b.AddContact(t.Context(), b.process, boss, roster.Card{Email: "anna", Locale: "xx", Territory: b.place["Firenze"]})
	var list fault.List
	if !errors.As(err, &list) || len(list) != 3 {
		t.Errorf("everything wrong: %v", err)
	}
	if n := b.count(t, "contact"); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func TestCorrectContact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people := b.people(t, "annaS", "brunoS")
	b.domain.allow("edit")
	b.invite(t, roster.Selection{All: true})
	b.domain.allow("respond")
	opening := notify.Notice{
		ProcessID: int64(b.process), ActivityID: int64(b.activity), Key: "open", Kind: "invitation",
		Audience: "invited", DueAt: morning, CreatedAt: morning,
	}
	if err := b.outbox.Add(t.Context(), b.db, opening); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.outbox.Expand(t.Context(), b.db, b.domain.Time(), 10); err != nil {
		t.Fatal(err)
	}
	anna := people["anna"]
	old := b.token(t, anna)
	b.exec(t, `UPDATE delivery SET status = 'bounced' WHERE person_id = ?`, anna)
	bounced := func() int {
		page, err := b.Statuses(t.Context(), b.process, b.activity, roster.StatusFilter{Status: roster.Bounced})
		if err != nil {
			t.Fatal(err)
		}
		return page.Total
	}
	if bounced() != 1 {
		t.Fatal("a refused address does not show")
	}
	card := roster.Card{Email: "anna@example.org", Name: "Anna", Locale: "it", Territory: b.place["Poggibonsi"]}
	if again, err := b.correct(t, anna, card); err != nil || again != 0 {
		t.Fatalf("another municipality: %d sent again, %v", again, err)
	}
	if inv := b.byToken(t, anna); inv.Territory != b.place["Poggibonsi"] || b.token(t, anna) != old {
		t.Errorf("the invitation is of %d, the link %v", inv.Territory, b.token(t, anna) == old)
	}
	card.Email = "bruno@example.org"
	_, err := b.correct(t, anna, card)
	wantFault(t, err, fault.Invalid, "roster.contact_listed")
	card.Email = "boss@example.org"
	_, err = b.correct(t, anna, card)
	wantFault(t, err, fault.Invalid, "roster.contact_elsewhere")

	card.Email = "anna.verdi@example.org"
	if again, err := b.correct(t, anna, card); err != nil || again != 1 {
		t.Fatalf("another address: %d sent again, %v", again, err)
	}
	_, err = b.ByToken(t.Context(), old, process.LinkAnswer)
	wantFault(t, err, fault.Closed, "link.replaced")
	if bounced() != 0 {
		t.Error("the new address passes for refused")
	}
	if _, _, err := b.outbox.Expand(t.Context(), b.db, b.domain.Time(), 10); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "delivery WHERE address = 'anna.verdi@example.org' AND status = 'queued'"); n != 1 {
		t.Errorf("%d invitations go to the new address", n)
	}

	// Before it is sent it simply goes to the right one.
	card.Email = "bruno.neri@example.org"
	if again, err := b.correct(t, people["bruno"], card); err != nil || again != 0 {
		t.Fatalf("%d sent again, %v", again, err)
	}
	if n := b.count(t, "delivery WHERE person_id = ? AND address = 'bruno.neri@example.org'", people["bruno"]); n != 1 {
		t.Errorf("%d messages wait for the new address", n)
	}
}

func TestCorrectContactOfSomebodyElsesOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	people := b.people(t, "annaS", "brunoS", "carlaS", "dinoS")
	elsewhere := newProcess(t, b, "colle", "Colle di Val d’Elsa")
	b.exec(t, `INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, now())`, elsewhere, people["anna"])
	b.exec(t, `INSERT INTO process_member (process_id, person_id, role, created_at) VALUES (?, ?, 'expert', now())`, b.process, people["bruno"])
	b.exec(t, `INSERT INTO registration (process_id, activity_id, person_id, status, queued_at, changed_at) VALUES (?, ?, ?, 'registered', now(), now())`,
		b.process, b.activity, people["carla"])
	for name, who := range people {
		is, err := b.Contact(t.Context(), b.process, b.publicID(t, who))
		if err != nil || is.Foreign != (name != "dino") {
			t.Fatalf("%s is foreign: %v, %v", name, is.Foreign, err)
		}
		card := roster.Card{Email: is.Email, Name: is.Name, Locale: is.Locale, Territory: b.place["Poggibonsi"]}
		if _, err := b.correct(t, who, card); err != nil {
			t.Errorf("%s cannot move: %v", name, err)
		}
		if !is.Foreign {
			continue
		}
		for _, change := range []func(*roster.Card){
			func(c *roster.Card) { c.Email = "x@example.org" }, func(c *roster.Card) { c.Name = "X" }, func(c *roster.Card) { c.Locale = "en" },
		} {
			other := card
			change(&other)
			_, err := b.correct(t, who, other)
			wantFault(t, err, fault.Conflict, "roster.contact_foreign")
		}
	}
	_, err := b.CorrectContact(t.Context(), elsewhere, boss, b.publicID(t, people["dino"]), roster.Card{Email: "x@example.org", Locale: "it"})
	wantFault(t, err, fault.NotFound, "roster.contact_gone")
	_, err = b.CorrectContact(t.Context(), b.process, nobody, b.publicID(t, people["dino"]), roster.Card{Email: "x@example.org", Locale: "it"})
	wantFault(t, err, fault.NotFound, "process.not_found")
}
