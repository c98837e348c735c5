package roster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/process/processtest"
	"arengo/process/roster"
)

var (
	morning = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	boss    = process.Actor{Person: 1, Email: "boss@example.org"}
	nobody  = process.Actor{Person: 2, Email: "nobody@example.org"}
)

// domain is a process of which boss may do everything and nobody nothing, and
// whose activities allow what the test says. The locks and transactions are
// the real ones.
type domain struct {
	*processtest.Clock
	db     *bun.DB
	mu     sync.Mutex
	allows []string
}

func (d *domain) InTx(ctx context.Context, fn func(context.Context, bun.Tx) error) error {
	return pg.InTx(ctx, d.db, fn)
}

func (d *domain) Begin(ctx context.Context, tx bun.IDB, id process.ID, who process.Actor, act process.Act) (process.Process, time.Time, error) {
	p := process.Process{ID: id, Zone: "Europe/Rome"}
	var found process.ID
	if err := tx.NewRaw(`SELECT id FROM process WHERE id = ? FOR NO KEY UPDATE`, id).Scan(ctx, &found); err != nil {
		return p, time.Time{}, err
	}
	standing := process.Standing{Actor: who}
	if who.Person == boss.Person {
		standing.Roles = []string{process.RoleFacilitator}
	}
	return p, d.Time(), process.Allow(act, standing, process.Situation{})
}

func (d *domain) LoadActivity(_ context.Context, _ bun.IDB, id process.ID, a process.ActivityID) (process.Activity, error) {
	return process.Activity{ProcessID: id, ID: a}, nil
}

func (d *domain) Allows(_ context.Context, _ bun.IDB, _ process.Activity, capability string, _ time.Time) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Contains(d.allows, capability), nil
}

func (d *domain) allow(capabilities ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.allows = capabilities
}

type invitedSource struct{ notify.Source }

func (invitedSource) Audience(_ context.Context, _ bun.IDB, n notify.Notice) (schema.QueryAppender, error) {
	if n.PersonID != 0 {
		return bun.SafeQuery(`SELECT id AS person_id, email AS address, name, locale FROM person WHERE id = ?`, n.PersonID), nil
	}
	return bun.SafeQuery(`SELECT p.id AS person_id, p.email AS address, p.name, p.locale FROM invitation i
		JOIN person p ON p.id = i.person_id WHERE i.process_id = ? AND i.activity_id = ?`, n.ProcessID, n.ActivityID), nil
}

type bundle struct {
	*roster.Service
	domain   *domain
	db       *bun.DB
	links    *process.Links
	outbox   *notify.Outbox
	process  process.ID
	activity process.ActivityID
	place    map[string]process.TerritoryID
}

// setup makes a process of three municipalities in two zones, with one activity
// in which everything is allowed.
func setup(t testing.TB) *bundle {
	t.Helper()
	links, err := process.NewLinks(strings.Repeat("s", 32))
	if err != nil {
		t.Fatal(err)
	}
	db := processtest.Database(t)
	d := &domain{Clock: processtest.NewClock(morning), db: db, allows: []string{"edit", "invite", "remind", "respond"}}
	b := &bundle{domain: d, db: db, links: links, outbox: notify.NewOutbox(invitedSource{}), place: map[string]process.TerritoryID{}}
	b.Service = roster.NewOn(d, db, links, b.outbox)
	b.exec(t, `INSERT INTO person (public_id, email, created_at) VALUES ('boss', 'boss@example.org', now()), ('nobody', 'nobody@example.org', now())`)
	b.exec(t, `INSERT INTO territory (scheme, code, kind, name, zone, population) VALUES
		('istat', '052032', 'municipality', 'Siena', 'Siena', 53000),
		('istat', '052012', 'municipality', 'Colle di Val d’Elsa', 'Val d’Elsa', 21000),
		('istat', '052022', 'municipality', 'Poggibonsi', 'Val d’Elsa', 28000),
		('istat', '048017', 'municipality', 'Firenze', '', 360000)`)
	b.exec(t, `INSERT INTO organisation (public_id, name, kind, territory_id, created_at)
		SELECT code, 'Comune di ' || name, 'municipality', id, now() FROM territory`)
	b.process = newProcess(t, b, "siena", "Siena", "Colle di Val d’Elsa", "Poggibonsi")
	b.one(t, &b.activity, `INSERT INTO activity (process_id, public_id, kind, title, phase, created_by, created_at)
		VALUES (?, 'a1', 'questionnaire', 'Vivere l’area', 'x', 1, now()) RETURNING id`, b.process)
	var rows []struct {
		ID   process.TerritoryID
		Name string
	}
	b.one(t, &rows, `SELECT id, name FROM territory`)
	for _, r := range rows {
		b.place[r.Name] = r.ID
	}
	return b
}

func newProcess(t testing.TB, b *bundle, slug, lead string, partners ...string) process.ID {
	t.Helper()
	var id process.ID
	b.one(t, &id, `INSERT INTO process (slug, title, organisation_id, zone, created_by, created_at, published_at)
		SELECT ?, 'Percorso', id, 'Europe/Rome', 1, now(), now() FROM organisation WHERE name = 'Comune di ' || ? RETURNING id`, slug, lead)
	for _, p := range partners {
		b.exec(t, `INSERT INTO process_partner (process_id, organisation_id) SELECT ?, id FROM organisation WHERE name = 'Comune di ' || ?`, id, p)
	}
	return id
}

func (b *bundle) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := b.db.NewRaw(sql, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) one(t testing.TB, into any, sql string, args ...any) {
	t.Helper()
	if err := b.db.NewRaw(sql, args...).Scan(t.Context(), into); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	b.one(t, &n, `SELECT count(*) FROM `+sql, args...)
	return n
}

func file(text string) roster.File {
	return roster.File{Name: "contatti.csv", Data: []byte(text), Sum: roster.Sum([]byte(text))}
}

func (b *bundle) load(t testing.TB, text string) roster.Report {
	t.Helper()
	r, err := b.Import(t.Context(), b.process, boss, file(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// people loads contacts: each word is a name and a municipality's first letter.
func (b *bundle) people(t testing.TB, words ...string) map[string]process.PersonID {
	t.Helper()
	places := map[byte]string{'S': "Siena", 'C': "Colle di Val d'Elsa", 'P': "Poggibonsi", '-': ""}
	var s strings.Builder
	s.WriteString("nome;email;comune\n")
	for _, w := range words {
		name := w[:len(w)-1]
		fmt.Fprintf(&s, "%s;%s@example.org;%s\n", name, name, places[w[len(w)-1]])
	}
	b.load(t, s.String())
	var rows []struct {
		ID   process.PersonID
		Name string
	}
	b.one(t, &rows, `SELECT id, name FROM person WHERE name <> ''`)
	out := map[string]process.PersonID{}
	for _, r := range rows {
		out[r.Name] = r.ID
	}
	if len(out) < len(words) {
		t.Fatalf("loaded %d people of %d", len(out), len(words))
	}
	return out
}

func (b *bundle) invite(t testing.TB, sel roster.Selection) int {
	t.Helper()
	n, err := b.Invite(t.Context(), b.process, b.activity, boss, sel)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// token is the link of the invitation of a person as it stands.
func (b *bundle) token(t testing.TB, who process.PersonID) string {
	t.Helper()
	var row struct {
		ID      int64
		Version int
	}
	b.one(t, &row, `SELECT id, version FROM invitation WHERE process_id = ? AND person_id = ?`, b.process, who)
	return b.links.Token(process.Link{Purpose: process.LinkAnswer, Process: b.process, Subject: row.ID, Version: row.Version})
}

func (b *bundle) byToken(t testing.TB, who process.PersonID) roster.Invitation {
	t.Helper()
	inv, err := b.ByToken(t.Context(), b.token(t, who), process.LinkAnswer)
	if err != nil {
		t.Fatal(err)
	}
	return inv
}

func wantFault(t testing.TB, err error, code fault.Code, key string) *fault.Error {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != code || e.Key != key {
		t.Fatalf("got %v, want %s %s", err, code, key)
	}
	return e
}

func TestImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.load(t, "email;nome;comune\nnota@example.org;Nota;Siena\nsenzanome@example.org;;Siena\nmuove@example.org;Muove;Siena\n")
	b.exec(t, `INSERT INTO optout SELECT ?, id, now() FROM person WHERE email = 'nota@example.org'`, b.process)
	b.exec(t, `INSERT INTO suppression VALUES ('respinta@example.org', 'bounce', now())`)
	text := "\ufeffNome;Email;Comune;Codice ISTAT;Lingua\r\n" +
		"Anna;ANNA@Example.org;SIENA;;it\r\n" + // 2
		"Anna due;anna@example.ORG;Siena;;\r\n" + // 3
		"Nota;nota@example.org;Siena;;\r\n" + // 4
		"Ora ce l'ha;senzanome@example.org;;;\r\n" + // 5
		"Muove;muove@example.org;Poggibonsi;;\r\n" + // 6
		"Storto;storto(at)example.org;Siena;;\r\n" + // 7
		"Senza;;Siena;;\r\n" + // 8
		"Lontana;lontana@example.org;Firenze;;\r\n" + // 9
		"Colle;colle@example.org;colle di val d’elsa (SI);;EN\r\n" + // 10
		"Codice;codice@example.org;boh;52022;\r\n" + // 11: the spreadsheet ate the zero
		"Ignoto;ignoto@example.org;Siena;999999;\r\n" + // 12
		"Respinta;respinta@example.org;;;ladino\r\n" + // 13
		"Storto;STORTO(at)example.org;Siena;;\r\n" // 14: bad rows claim no address
	want := []struct {
		status       roster.Status
		key, warning string
	}{
		{roster.RowNew, "roster.row_new", ""},
		{roster.RowDuplicate, "roster.row_duplicate", ""},
		{roster.RowKnown, "roster.row_known", "roster.row_opted_out"},
		{roster.RowUpdated, "roster.row_updated", ""},
		{roster.RowUpdated, "roster.row_updated", ""},
		{roster.RowBadAddress, "roster.row_bad_address", ""},
		{roster.RowNoAddress, "roster.row_no_address", ""},
		{roster.RowMunicipality, "roster.row_municipality_unknown", ""},
		{roster.RowNew, "roster.row_new", ""},
		{roster.RowNew, "roster.row_new", ""},
		{roster.RowMunicipality, "roster.row_code_unknown", ""},
		{roster.RowNew, "roster.row_new", "roster.row_suppressed"},
		{roster.RowBadAddress, "roster.row_bad_address", ""},
	}
	check := func(t *testing.T, r roster.Report, err error) {
		t.Helper()
		if err != nil || len(r.Lines) != len(want) {
			t.Fatalf("%d lines, %v", len(r.Lines), err)
		}
		for i, w := range want {
			l := r.Lines[i]
			if l.Number != i+2 || l.Status != w.status || l.Key != w.key || l.Warning != w.warning {
				t.Errorf("line %+v, want %d %+v", l, i+2, w)
			}
		}
		if r.Lines[1].Args["line"] != 2 || r.Lines[0].Email != "anna@example.org" {
			t.Errorf("first lines %+v", r.Lines[:2])
		}
		if r.Counts[roster.RowNew] != 4 || r.Loaded() != 7 || r.Rejected() != 6 {
			t.Errorf("counts %v", r.Counts)
		}
	}
	before := b.count(t, "person") + b.count(t, "contact")
	dry, err := b.Check(t.Context(), b.process, file(text))
	check(t, dry, err)
	if after := b.count(t, "person") + b.count(t, "contact"); after != before {
		t.Errorf("the dry run changed %d rows", after-before)
	}
	done, err := b.Import(t.Context(), b.process, boss, roster.File{Name: "c.csv", Data: []byte(text), Sum: dry.Sum})
	check(t, done, err)
	var rows []struct{ Email, Name, Locale, Place string }
	b.one(t, &rows, `SELECT p.email, p.name, p.locale, coalesce(t.name, '') AS place FROM contact c JOIN person p ON p.id = c.person_id
		LEFT JOIN territory t ON t.id = c.territory_id WHERE c.process_id = ? ORDER BY p.email`, b.process)
	if got, want := fmt.Sprint(rows), "[{anna@example.org Anna it Siena} {codice@example.org Codice it Poggibonsi} "+
		"{colle@example.org Colle en Colle di Val d’Elsa} {muove@example.org Muove it Poggibonsi} {nota@example.org Nota it Siena} "+
		"{respinta@example.org Respinta it } {senzanome@example.org Ora ce l'ha it Siena}]"; got != want {
		t.Errorf("contacts\n%s, want\n%s", got, want)
	}
	again, err := b.Import(t.Context(), b.process, boss, file(text))
	if err != nil || again.Counts[roster.RowKnown] != 7 || again.Counts[roster.RowNew] != 0 {
		t.Errorf("the second import: %v, %v", again.Counts, err)
	}
}

func TestImportRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	text := "email\nanna@example.org\n"
	t.Run("ChangedFile", func(t *testing.T) {
		f := file(text)
		f.Data = append(f.Data, "eva@example.org\n"...)
		_, err := b.Import(t.Context(), b.process, boss, f)
		wantFault(t, err, fault.Conflict, "roster.csv_changed")
	})
	t.Run("NeverChecked", func(t *testing.T) {
		_, err := b.Import(t.Context(), b.process, boss, roster.File{Data: []byte(text)})
		wantFault(t, err, fault.Conflict, "roster.csv_changed")
	})
	t.Run("NotAllowed", func(t *testing.T) {
		_, err := b.Import(t.Context(), b.process, nobody, file(text))
		wantFault(t, err, fault.NotFound, "process.not_found")
	})
	t.Run("BadFile", func(t *testing.T) {
		_, err := b.Import(t.Context(), b.process, boss, file("nome\nAnna\n"))
		wantFault(t, err, fault.Invalid, "roster.csv_no_email")
	})
	if n := b.count(t, "contact"); n != 0 {
		t.Errorf("%d contacts after refusals", n)
	}
}

func TestImportTwiceAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := newProcess(t, b, "altro", "Siena")
	var forward, backward strings.Builder
	forward.WriteString("email\n")
	backward.WriteString("email\n")
	for i := range 2000 {
		fmt.Fprintf(&forward, "p%d@example.org\n", i)
		fmt.Fprintf(&backward, "p%d@example.org\n", 1999-i)
	}
	// Two of the same process and two of another that lists the same people.
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			if i < 2 {
				_, errs[i] = b.Import(t.Context(), b.process, boss, file(forward.String()))
			} else {
				_, errs[i] = b.Import(t.Context(), other, boss, file(backward.String()))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "person WHERE email LIKE 'p%'"); n != 2000 {
		t.Errorf("%d people", n)
	}
	for _, id := range []process.ID{b.process, other} {
		if n := b.count(t, "contact WHERE process_id = ?", id); n != 2000 {
			t.Errorf("%d contacts of process %d", n, id)
		}
	}
}

func TestTerritories(t *testing.T) {
	t.Parallel()
	b := setup(t)
	names := func(id process.ID) string {
		list, err := b.Territories(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range list {
			out = append(out, x.Name)
		}
		return strings.Join(out, ", ")
	}
	if got := names(b.process); got != "Colle di Val d’Elsa, Poggibonsi, Siena" {
		t.Errorf("of partners: %s", got)
	}
	b.exec(t, `INSERT INTO population SELECT ?, id, 10 FROM territory WHERE name = 'Firenze'`, b.process)
	if got := names(b.process); got != "Colle di Val d’Elsa, Firenze, Poggibonsi, Siena" {
		t.Errorf("with the population: %s", got)
	}
	b.exec(t, `INSERT INTO territory (scheme, code, kind, name) VALUES ('istat', '052', 'province', 'Siena')`)
	b.exec(t, `UPDATE territory SET parent_id = (SELECT id FROM territory WHERE code = '052') WHERE code LIKE '052_%'`)
	b.exec(t, `INSERT INTO organisation (public_id, name, kind, territory_id, created_at)
		SELECT 'prov', 'Comune di Provincia', 'public_body', id, now() FROM territory WHERE code = '052'`)
	if got := names(newProcess(t, b, "provincia", "Provincia")); got != "Colle di Val d’Elsa, Poggibonsi, Siena" {
		t.Errorf("of a province: %s", got)
	}
	b.exec(t, `UPDATE organisation SET territory_id = NULL`)
	if got := names(newProcess(t, b, "nessuno", "Siena")); strings.Count(got, ",") != 3 {
		t.Errorf("without partners: %s", got)
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	who := b.people(t, "annaS", "brunoC", "carla_xP", "dino-")
	b.exec(t, `INSERT INTO optout VALUES (?, ?, now())`, b.process, who["bruno"])
	b.exec(t, `INSERT INTO suppression VALUES ('carla_x@example.org', 'bounce', now())`)
	list := func(f roster.ContactFilter) (string, int) {
		page, err := b.Contacts(t.Context(), b.process, f)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range page.Contacts {
			names = append(names, c.Name)
		}
		return strings.Join(names, " "), page.Total
	}
	tests := []struct {
		name  string
		f     roster.ContactFilter
		want  string
		total int
	}{
		{"All", roster.ContactFilter{}, "anna bruno carla_x dino", 4},
		{"Page", roster.ContactFilter{Offset: 1, Limit: 2}, "bruno carla_x", 4},
		{"Text", roster.ContactFilter{Text: " BRUNO@ "}, "bruno", 1},
		{"Municipality", roster.ContactFilter{Text: "poggi"}, "carla_x", 1},
		{"PercentIsText", roster.ContactFilter{Text: "%"}, "", 0},
		{"UnderscoreIsText", roster.ContactFilter{Text: "_"}, "carla_x", 1},
		{"QuoteIsText", roster.ContactFilter{Text: `'\`}, "", 0},
		{"Territory", roster.ContactFilter{Territory: b.place["Siena"]}, "anna", 1},
		{"Reachable", roster.ContactFilter{State: roster.ContactReachable}, "anna dino", 2},
		{"OptedOut", roster.ContactFilter{State: roster.ContactOptedOut}, "bruno", 1},
		{"Bounced", roster.ContactFilter{State: roster.ContactBounced}, "carla_x", 1},
		{"Unplaced", roster.ContactFilter{State: roster.ContactUnplaced}, "dino", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, total := list(test.f); got != test.want || total != test.total {
				t.Errorf("got %q of %d, want %q of %d", got, total, test.want, test.total)
			}
		})
	}
	t.Run("Places", func(t *testing.T) {
		b.exec(t, `INSERT INTO population VALUES (?, ?, 53000)`, b.process, b.place["Siena"])
		places, err := b.Places(t.Context(), b.process)
		if err != nil || len(places) != 4 {
			t.Fatalf("%d places, %v", len(places), err)
		}
		if p := places[2]; p.Name != "Siena" || p.Contacts != 1 || p.Reachable != 1 || p.Units != 53000 {
			t.Errorf("%+v", p)
		}
		if p := places[0]; p.Reachable != 0 || p.Zone != "Val d’Elsa" {
			t.Errorf("%+v", p)
		}
		if p := places[3]; p.Territory != 0 || p.Contacts != 1 {
			t.Errorf("those without: %+v", p)
		}
	})
	t.Run("Remove", func(t *testing.T) {
		b.invite(t, roster.Selection{All: true})
		inv := b.byToken(t, who["anna"])
		if err := b.RemoveContact(t.Context(), b.process, nobody, roster.Leaver{Person: who["anna"]}); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody removed: %v", err)
		}
		if err := b.RemoveContact(t.Context(), b.process, boss, roster.Leaver{Person: who["anna"], Asked: true}); err != nil {
			t.Fatal(err)
		}
		wantFault(t, b.RemoveContact(t.Context(), b.process, boss, roster.Leaver{Person: who["anna"]}), fault.NotFound, "roster.contact_gone")
		if n := b.count(t, "notice WHERE kind = 'erasure-done' AND person_id = ?", who["anna"]); n != 1 {
			t.Errorf("who asked to leave is told %d times", n)
		}
		if got, _ := list(roster.ContactFilter{}); got != "bruno carla_x dino" {
			t.Errorf("left %s", got)
		}
		if b.count(t, "invitation WHERE id = ? AND withdrawn_at IS NOT NULL", inv.ID) != 1 {
			t.Error("the invitation still stands")
		}
		if err := b.RemoveContact(t.Context(), b.process, boss, roster.Leaver{Person: who["bruno"]}); err != nil || b.count(t, "notice WHERE kind = 'erasure-done'") != 1 {
			t.Errorf("who was taken off by others is told: %v", err)
		}
	})
}
