package roster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/roster"
)

func TestInvite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS", "brunoC", "carlaP", "dino-", "evaS")
	b.exec(t, `INSERT INTO optout VALUES (?, ?, now())`, b.process, who["eva"])
	if n := b.invite(t, roster.Selection{Territories: []process.TerritoryID{b.place["Siena"]}}); n != 1 {
		t.Errorf("invited %d of Siena, want anna alone", n)
	}
	if n := b.invite(t, roster.Selection{Persons: []process.PersonID{who["bruno"], who["eva"], 1}}); n != 1 {
		t.Errorf("invited %d persons, want bruno alone: eva wants none, 1 is no contact", n)
	}
	if n := b.invite(t, roster.Selection{All: true}); n != 2 {
		t.Errorf("invited %d more, want 2", n)
	}
	if n := b.invite(t, roster.Selection{All: true}); n != 0 {
		t.Errorf("invited %d twice", n)
	}
	_, err := b.Invite(t.Context(), b.process, b.activity, boss, roster.Selection{})
	wantFault(t, err, fault.Invalid, "roster.selection_empty")
	_, err = b.Invite(t.Context(), b.process, b.activity, nobody, roster.Selection{All: true})
	wantFault(t, err, fault.NotFound, "process.not_found")
	b.domain.allow("vote")
	_, err = b.Invite(t.Context(), b.process, b.activity, boss, roster.Selection{All: true})
	wantFault(t, err, fault.Closed, "roster.invite_closed")
	if n := b.count(t, "notice"); n != 0 {
		t.Errorf("%d notices nobody asked for", n)
	}
}

func TestInviteLate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	notices := func() int { return b.count(t, "notice WHERE kind = 'invitation' AND person_id IS NOT NULL") }
	opening := notify.Notice{
		ProcessID: int64(b.process), ActivityID: int64(b.activity), Key: "open", Kind: "invitation",
		Audience: "invited", DueAt: morning, CreatedAt: morning,
	}
	late := roster.Selection{All: true, Notice: "invitation"}
	b.domain.allow("edit")
	b.people(t, "annaS")
	b.invite(t, late)
	if n := notices(); n != 0 {
		t.Errorf("%d notices before the opening", n)
	}
	b.domain.allow("respond")
	if err := b.outbox.Add(t.Context(), b.db, opening); err != nil {
		t.Fatal(err)
	}
	b.people(t, "brunoS")
	b.invite(t, late)
	if n := notices(); n != 0 {
		t.Errorf("%d notices while the opening's own is to be expanded", n)
	}
	expand := func() {
		if _, _, err := b.outbox.Expand(t.Context(), b.db, b.domain.Time(), 10); err != nil {
			t.Fatal(err)
		}
	}
	expand()
	b.people(t, "carlaS", "dinoS")
	b.invite(t, late)
	b.invite(t, late)
	if n := notices(); n != 2 {
		t.Errorf("%d notices to latecomers, want 2", n)
	}
	expand()
	if n, distinct := b.count(t, "delivery"), b.count(t, "(SELECT DISTINCT person_id FROM delivery) d"); n != 4 || distinct != 4 {
		t.Errorf("%d messages to %d of 4 people", n, distinct)
	}
}

func TestByToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS", "brunoC")
	b.invite(t, roster.Selection{All: true})
	token := b.token(t, who["anna"])
	inv := b.byToken(t, who["anna"])
	if inv.Person != who["anna"] || inv.Email != "anna@example.org" || inv.Activity != b.activity ||
		inv.Territory != b.place["Siena"] || inv.Version != 1 || inv.OpenedAt != nil || !inv.CreatedAt.Equal(morning) {
		t.Errorf("%+v", inv)
	}
	for _, bad := range []string{"", "x", token[:len(token)-1], token + "A", strings.Repeat("A", 200)} {
		_, err := b.ByToken(t.Context(), bad, process.LinkAnswer)
		wantFault(t, err, fault.NotFound, "link.bad")
	}
	_, err := b.ByToken(t.Context(), token, process.LinkInvited)
	wantFault(t, err, fault.NotFound, "link.bad")
	unsub := b.links.Token(process.Link{Purpose: process.LinkUnsubscribe, Process: b.process, Subject: inv.ID, Version: 1})
	_, err = b.ByToken(t.Context(), unsub, process.LinkUnsubscribe)
	wantFault(t, err, fault.NotFound, "link.bad")
	elsewhere := b.links.Token(process.Link{Purpose: process.LinkAnswer, Process: b.process + 1, Subject: inv.ID, Version: 1})
	_, err = b.ByToken(t.Context(), elsewhere, process.LinkAnswer)
	wantFault(t, err, fault.NotFound, "link.bad")

	if err := b.Withdraw(t.Context(), b.process, boss, inv.ID); err != nil {
		t.Fatal(err)
	}
	wantFault(t, b.Withdraw(t.Context(), b.process, boss, inv.ID), fault.NotFound, "roster.withdraw_gone")
	_, err = b.ByToken(t.Context(), token, process.LinkAnswer)
	wantFault(t, err, fault.Closed, "link.withdrawn")
	if n := b.invite(t, roster.Selection{All: true}); n != 0 {
		t.Errorf("inviting all renewed %d withdrawn", n)
	}
	if n := b.invite(t, roster.Selection{Persons: []process.PersonID{who["anna"]}}); n != 1 {
		t.Errorf("inviting her by name renewed %d", n)
	}
	_, err = b.ByToken(t.Context(), token, process.LinkAnswer)
	wantFault(t, err, fault.Closed, "link.replaced")
	if again := b.byToken(t, who["anna"]); again.Version != 2 {
		t.Errorf("renewed %+v", again)
	}
}

func TestMark(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS", "brunoC")
	b.invite(t, roster.Selection{All: true})
	inv := b.byToken(t, who["anna"])
	steps := []struct {
		name string
		mark func(context.Context, bun.IDB, roster.Invitation, time.Time) (bool, error)
		got  func(roster.Invitation) *time.Time
	}{
		{"opened", roster.MarkOpened, func(i roster.Invitation) *time.Time { return i.OpenedAt }},
		{"answered", roster.MarkAnswered, func(i roster.Invitation) *time.Time { return i.AnsweredAt }},
	}
	at := morning
	for _, step := range steps {
		at = at.Add(time.Minute)
		for i, when := range []time.Time{at, at.Add(time.Hour)} {
			if ok, err := step.mark(t.Context(), b.db, inv, when); err != nil || ok != (i == 0) {
				t.Errorf("%s for the %d. time: %v, %v", step.name, i+1, ok, err)
			}
		}
		if got := step.got(b.byToken(t, who["anna"])); got == nil || !got.Equal(at) {
			t.Errorf("%s at %v, want %v", step.name, got, at)
		}
	}
	wantFault(t, b.Withdraw(t.Context(), b.process, boss, inv.ID), fault.Conflict, "roster.withdraw_answered")
	gone := b.byToken(t, who["bruno"])
	if err := b.Withdraw(t.Context(), b.process, boss, gone.ID); err != nil {
		t.Fatal(err)
	}
	if ok, err := roster.MarkAnswered(t.Context(), b.db, gone, at); ok || err != nil {
		t.Errorf("a withdrawn invitation answered: %v, %v", ok, err)
	}
}

func TestAnswersAtOnceCountOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS")
	b.invite(t, roster.Selection{All: true})
	inv := b.byToken(t, who["anna"])
	won := make([]bool, 6)
	var wg sync.WaitGroup
	for i := range won {
		wg.Go(func() {
			ok, err := roster.MarkAnswered(t.Context(), b.db, inv, morning)
			if err != nil {
				t.Error(err)
			}
			won[i] = ok
		})
	}
	wg.Wait()
	n := 0
	for _, ok := range won {
		if ok {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 6 were the first", n)
	}
}

func TestRemind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS", "brunoC", "carlaP", "dinoS", "evaS")
	b.invite(t, roster.Selection{All: true})
	remind := func(key string, expected int, places ...string) (int, error) {
		r := roster.Reminder{Key: key, Expected: expected}
		for _, p := range places {
			r.Scope.Territories = append(r.Scope.Territories, b.place[p])
		}
		return b.Remind(t.Context(), b.process, b.activity, boss, r)
	}
	b.exec(t, `UPDATE invitation SET answered_at = now() WHERE person_id = ?`, who["anna"])
	b.exec(t, `INSERT INTO optout VALUES (?, ?, now())`, b.process, who["bruno"])
	b.exec(t, `INSERT INTO suppression VALUES ('carla@example.org', 'bounce', now())`)
	for places, want := range map[string]int{"": 2, "Siena": 2, "Poggibonsi": 0, "Colle di Val d’Elsa": 0} {
		var scope roster.Scope
		if places != "" {
			scope.Territories = []process.TerritoryID{b.place[places]}
		}
		if n, err := b.Silent(t.Context(), b.process, b.activity, scope); err != nil || n != want {
			t.Errorf("%q: %d silent, %v, want %d", places, n, err, want)
		}
	}
	_, err := remind("", 2)
	wantFault(t, err, fault.Invalid, "roster.remind_key")
	_, err = remind("k1", 1)
	if e := wantFault(t, err, fault.Conflict, "roster.silent_changed"); e.Args["n"] != 2 {
		t.Errorf("args %v", e.Args)
	}
	_, err = remind("k1", 9, "Poggibonsi")
	wantFault(t, err, fault.Conflict, "roster.nobody_silent")
	_, err = b.Remind(t.Context(), b.process, b.activity, nobody, roster.Reminder{Key: "k1", Expected: 2})
	wantFault(t, err, fault.NotFound, "process.not_found")
	b.domain.allow("edit")
	_, err = remind("k1", 2)
	wantFault(t, err, fault.Closed, "roster.remind_closed")
	b.domain.allow("remind")
	if n := b.count(t, "notice"); n != 0 {
		t.Fatalf("refusals left %d notices", n)
	}

	// A double click, both at once.
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if n, err := remind("k1", 3); err != nil || n != 2 {
				t.Errorf("reminded %d, %v", n, err)
			}
		})
	}
	wg.Wait()
	var n notify.Notice
	b.one(t, &n, `SELECT kind, audience, activity_id, person_id, payload, due_at FROM notice`)
	if n.Kind != "reminder" || n.Audience != "silent" || n.ActivityID != int64(b.activity) || n.PersonID != 0 || !n.DueAt.Equal(morning) {
		t.Errorf("%+v", n)
	}
	b.domain.Set(morning.Add(24*time.Hour - time.Second))
	_, err = remind("k2", 2)
	e := wantFault(t, err, fault.TooMany, "roster.remind_soon")
	if when, ok := e.Args["when"].(time.Time); !ok || !when.Equal(morning.Add(24*time.Hour)) || e.Args["time"] != "09:00" || e.Args["day"] != "03/11/2026" {
		t.Errorf("args %v", e.Args)
	}
	b.domain.Set(morning.Add(24 * time.Hour))
	if _, err := remind("k2", 2, "Siena", "Poggibonsi"); err != nil {
		t.Fatal(err)
	}
	b.one(t, &n, `SELECT payload FROM notice WHERE key LIKE '%k2'`)
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	if got, want := payload.Extra[roster.ScopeTerritories], fmt.Sprintf("%d,%d", b.place["Siena"], b.place["Poggibonsi"]); got != want {
		t.Errorf("scope %q, want %q", got, want)
	}
}

func TestFunnel(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS", "brunoS", "carlaS", "dinoS", "evaC", "fabioC", "giadaP", "helgaP", "ivo-")
	b.invite(t, roster.Selection{All: true})
	at := func(name, columns string) {
		b.exec(t, `UPDATE invitation SET `+columns+` WHERE person_id = ?`, who[name])
	}
	at("anna", "opened_at = now(), drafted_at = now(), answered_at = now()")
	at("bruno", "answered_at = now()") // answered without the steps before
	at("carla", "opened_at = now(), drafted_at = now()")
	at("dino", "opened_at = now()")
	b.exec(t, `INSERT INTO suppression VALUES ('eva@example.org', 'bounce', now()), ('anna@example.org', 'bounce', now())`)
	b.exec(t, `INSERT INTO optout VALUES (?, ?, now())`, b.process, who["fabio"])
	at("giada", "withdrawn_at = now()")
	// Helga's bounce is known only from a delivery of this activity; ivo's is of
	// another one and says nothing here.
	for i, name := range []string{"helga", "ivo"} {
		b.exec(t, `WITH n AS (INSERT INTO notice (process_id, activity_id, key, kind, audience, payload, due_at, expires_at, created_at)
				VALUES (?, ?, ?, 'invitation', 'invited', '{}', now(), now() + interval '1 day', now()) RETURNING process_id, id)
			INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at)
			SELECT process_id, id, ?, ?, '', 'it', 'mail', 1, 'bounced', 1, now(), now() FROM n`,
			b.process, int(b.activity)+i, name, who[name], name+"@example.org")
	}
	b.exec(t, `INSERT INTO population VALUES (?, ?, 53000)`, b.process, b.place["Siena"])
	f, err := b.Funnel(t.Context(), b.process, b.activity)
	if err != nil {
		t.Fatal(err)
	}
	if want := (roster.Stage{Invited: 8, Opened: 4, Drafted: 3, Answered: 2, Bounced: 2, OptedOut: 1, Silent: 3}); f.Stage != want {
		t.Errorf("all %+v, want %+v", f.Stage, want)
	}
	if f.Answered+f.Bounced+f.OptedOut+f.Silent != f.Invited {
		t.Error("the parts are not the whole")
	}
	if n, err := b.Silent(t.Context(), b.process, b.activity, roster.Scope{}); err != nil || n != f.Silent {
		t.Errorf("Silent says %d, %v", n, err)
	}
	var order []string
	for _, p := range f.Places {
		order = append(order, fmt.Sprintf("%s %d/%d", p.Name, p.Answered, p.Invited))
	}
	if got := strings.Join(order, "; "); got != " 0/1; Colle di Val d’Elsa 0/2; Poggibonsi 0/1; Siena 2/4" {
		t.Errorf("places: %s", got)
	}
	if s := f.Places[3]; s.Units != 53000 || s.Zone != "Siena" || s.Code != "052032" || s.Rate() != 0.5 || s.Missing(0.8) != 2 {
		t.Errorf("Siena %+v", s)
	}
	if len(f.Zones) != 3 || f.Zones[1].Zone != "Val d’Elsa" || f.Zones[1].Invited != 3 || f.Zones[2].Units != 53000 {
		t.Errorf("zones %+v", f.Zones)
	}
	if below, reached := f.Below(0.5); len(below) != 3 || len(reached) != 1 || reached[0].Name != "Siena" {
		t.Errorf("below %+v, reached %+v", below, reached)
	}
	t.Run("Statuses", func(t *testing.T) {
		want := map[roster.InvitationStatus]string{
			roster.Answered: "anna bruno", roster.Drafted: "carla", roster.Opened: "dino", roster.Waiting: "ivo",
			roster.Bounced: "eva helga", roster.OptedOut: "fabio", roster.Withdrawn: "giada", "": "anna bruno carla dino eva fabio giada helga ivo",
		}
		for _, s := range append(roster.InvitationStatuses, "") {
			if got, total := b.statuses(t, roster.StatusFilter{Status: s}); got != want[s] || total != len(strings.Fields(got)) {
				t.Errorf("%q: %q of %d, want %q", s, got, total, want[s])
			}
		}
		if got, total := b.statuses(t, roster.StatusFilter{Offset: 1, Limit: 2}); got != "bruno carla" || total != 9 {
			t.Errorf("page %q of %d", got, total)
		}
		if got, _ := b.statuses(t, roster.StatusFilter{Text: "A@", Territory: b.place["Siena"]}); got != "anna carla" {
			t.Errorf("text %q", got)
		}
		if got, _ := b.statuses(t, roster.StatusFilter{Text: `%'`}); got != "" {
			t.Errorf("pattern %q", got)
		}
	})
}

func (b *bundle) statuses(t testing.TB, f roster.StatusFilter) (string, int) {
	t.Helper()
	page, err := b.Statuses(t.Context(), b.process, b.activity, f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, i := range page.Invitations {
		names = append(names, i.Name)
	}
	return strings.Join(names, " "), page.Total
}

func TestMissing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		invited, answered int
		target            float64
		want              int
	}{
		{2480, 903, 0.40, 89}, {2480, 992, 0.40, 0}, {80, 10, 0.40, 22}, {3, 1, 0.34, 1}, {0, 0, 0.40, 0}, {10, 9, 0.40, 0},
	}
	for _, test := range tests {
		s := roster.Stage{Invited: test.invited, Answered: test.answered}
		if got := s.Missing(test.target); got != test.want {
			t.Errorf("%d of %d for %g: %d, want %d", test.answered, test.invited, test.target, got, test.want)
		}
		if r := s.Rate(); math.IsNaN(r) || r < 0 || r > 1 {
			t.Errorf("rate %g", r)
		}
	}
}
