package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
)

type processRow struct {
	bun.BaseModel `bun:"table:process,alias:p"`

	ID             ID `bun:"id,pk,autoincrement"`
	Slug           string
	Title          string
	Summary        string
	OrganisationID OrganisationID
	Zone           string
	StartsOn       *time.Time `bun:"type:date"`
	ContactName    string
	ContactEmail   string
	Decider        string
	Revision       int64
	CreatedBy      PersonID
	CreatedAt      time.Time
	PublishedAt    *time.Time
	KeepDays       int `bun:"keep_days,nullzero"` // the database's default for a new process
	ErasedAt       *time.Time
}

func (r processRow) process() Process {
	return Process{
		ID: r.ID, Slug: r.Slug, Title: r.Title, Summary: r.Summary, OrganisationID: r.OrganisationID,
		Zone: r.Zone, StartsOn: r.StartsOn, ContactName: r.ContactName, ContactEmail: r.ContactEmail,
		Decider: r.Decider, Revision: r.Revision, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt,
		PublishedAt: r.PublishedAt, KeepDays: r.KeepDays, ErasedAt: r.ErasedAt,
	}
}

func rowOf(p Process) *processRow {
	return &processRow{
		ID: p.ID, Slug: p.Slug, Title: p.Title, Summary: p.Summary, OrganisationID: p.OrganisationID,
		Zone: p.Zone, StartsOn: p.StartsOn, ContactName: p.ContactName, ContactEmail: p.ContactEmail,
		Decider: p.Decider, Revision: p.Revision, CreatedBy: p.CreatedBy, CreatedAt: p.CreatedAt,
		PublishedAt: p.PublishedAt, KeepDays: p.KeepDays, ErasedAt: p.ErasedAt,
	}
}

// insertProcess adds a process; a slug in use gets a number, tried in order.
func insertProcess(ctx context.Context, tx bun.IDB, p *Process) error {
	base := p.Slug
	for n := 2; n < 1000; n++ {
		row := rowOf(*p)
		res, err := tx.NewInsert().Model(row).On("CONFLICT (slug) DO NOTHING").Returning("id").Exec(ctx)
		if err != nil && !pg.NoRows(err) {
			return fmt.Errorf("insert process: %w", err)
		}
		if k, err := res.RowsAffected(); err == nil && k == 1 {
			p.ID = row.ID
			return nil
		}
		p.Slug = fmt.Sprintf("%s-%d", base, n)
	}
	return fault.Field("title", "process.title_taken", "title", p.Title)
}

func selectProcess(ctx context.Context, db bun.IDB, where string, arg any) (Process, error) {
	var row processRow
	err := db.NewSelect().Model(&row).Where(where, arg).Scan(ctx)
	if pg.NoRows(err) {
		return Process{}, fault.New(fault.NotFound, "process.not_found")
	}
	if err != nil {
		return Process{}, fmt.Errorf("load process: %w", err)
	}
	return row.process(), nil
}

func loadProcess(ctx context.Context, db bun.IDB, id ID) (Process, error) {
	return selectProcess(ctx, db, "p.id = ?", id)
}

// lockProcess takes the first lock of every use case that changes a process.
func lockProcess(ctx context.Context, tx bun.IDB, id ID) (Process, error) {
	lock := processLock(id)
	if err := pg.Send(ctx, tx, lock.step()); err != nil {
		return Process{}, fmt.Errorf("lock process: %w", err)
	}
	return lock.process()
}

// lockOf is the lock of a process and what it found.
type lockOf struct {
	id    ID
	row   processRow
	found bool
}

func processLock(id ID) *lockOf { return &lockOf{id: id} }

// step locks the row. Child rows may still be inserted beside it (FOR NO KEY
// UPDATE).
func (l *lockOf) step() pg.Step {
	return pg.Step{
		Query: `SELECT id, slug, title, summary, organisation_id, zone, starts_on, contact_name, contact_email, decider, revision, created_by,
			created_at, published_at, keep_days, erased_at FROM process WHERE id = $1 FOR NO KEY UPDATE`,
		Args: []any{int64(l.id)},
		Each: func(scan pg.Scan) error {
			l.found = true
			r := &l.row
			return scan(&r.ID, &r.Slug, &r.Title, &r.Summary, &r.OrganisationID, &r.Zone, &r.StartsOn, &r.ContactName, &r.ContactEmail,
				&r.Decider, &r.Revision, &r.CreatedBy, &r.CreatedAt, &r.PublishedAt, &r.KeepDays, &r.ErasedAt)
		},
	}
}

// process is what was locked; fault.NotFound "process.not_found".
func (l *lockOf) process() (Process, error) {
	if !l.found {
		return Process{}, fault.New(fault.NotFound, "process.not_found")
	}
	return l.row.process(), nil
}

// updateProcess writes what a promoter may edit and raises the revision, which
// must be the one that was read: fault.Conflict "form.stale" otherwise.
func updateProcess(ctx context.Context, tx bun.IDB, p Process) error {
	row := rowOf(p)
	row.Revision++
	res, err := tx.NewUpdate().Model(row).
		Column("title", "summary", "organisation_id", "starts_on", "contact_name", "contact_email", "decider", "keep_days", "revision", "published_at").
		Where("id = ? AND revision = ?", p.ID, p.Revision).Exec(ctx)
	if err != nil {
		return fmt.Errorf("update process: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return staleForm(err)
	}
	return nil
}

func staleForm(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "form.stale")
}

// Partner is an organisation's part in a process; Part is free text, such as
// "training", and empty for a partner municipality.
type Partner struct {
	Organisation OrganisationID `bun:"organisation_id"`
	Name         string
	Kind         string
	Part         string
	Territory    TerritoryID `bun:"territory_id"`
}

// PartnersDigest names a list of partners, which has no revision.
func PartnersDigest(partners []Partner) string {
	h := sha256.New()
	for _, p := range partners {
		fmt.Fprintf(h, "%d %q;", p.Organisation, p.Part) // a hash never fails to write
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func listPartners(ctx context.Context, db bun.IDB, id ID) ([]Partner, error) {
	var out []Partner
	err := db.NewSelect().TableExpr("process_partner AS pp").Join("JOIN organisation AS o ON o.id = pp.organisation_id").
		ColumnExpr("o.id AS organisation_id, o.name, o.kind, pp.part, coalesce(o.territory_id, 0) AS territory_id").
		Where("pp.process_id = ?", id).OrderExpr("pp.position, o.name").Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list partners: %w", err)
	}
	return out, nil
}

func replacePartners(ctx context.Context, tx bun.IDB, id ID, partners []Partner) error {
	if _, err := tx.NewRaw(`DELETE FROM process_partner WHERE process_id = ?`, id).Exec(ctx); err != nil {
		return fmt.Errorf("clear partners: %w", err)
	}
	for i, p := range partners {
		_, err := tx.NewRaw(`INSERT INTO process_partner (process_id, organisation_id, part, position)
			VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, id, p.Organisation, p.Part, i).Exec(ctx)
		if err != nil {
			return fmt.Errorf("add partner: %w", err)
		}
	}
	return nil
}

// PopulationUnit is the reference population of one municipality.
type PopulationUnit struct {
	Territory TerritoryID `bun:"territory_id"`
	Name      string
	Units     int64
}

// PopulationDigest names a reference population, which has no revision.
func PopulationDigest(units []PopulationUnit) string {
	h := sha256.New()
	for _, u := range units {
		fmt.Fprintf(h, "%d %d;", u.Territory, u.Units)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func listPopulation(ctx context.Context, db bun.IDB, id ID) ([]PopulationUnit, error) {
	var out []PopulationUnit
	err := db.NewSelect().TableExpr("population AS n").Join("JOIN territory AS t ON t.id = n.territory_id").
		ColumnExpr("n.territory_id, t.name, n.units").
		Where("n.process_id = ?", id).OrderExpr("t.name").Scan(ctx, &out)
	if err != nil {
		return nil, fmt.Errorf("list population: %w", err)
	}
	return out, nil
}

func replacePopulation(ctx context.Context, tx bun.IDB, id ID, units []PopulationUnit) error {
	if _, err := tx.NewRaw(`DELETE FROM population WHERE process_id = ?`, id).Exec(ctx); err != nil {
		return fmt.Errorf("clear population: %w", err)
	}
	for _, u := range units {
		_, err := tx.NewRaw(`INSERT INTO population (process_id, territory_id, units) VALUES (?, ?, ?)
			ON CONFLICT (process_id, territory_id) DO UPDATE SET units = EXCLUDED.units`,
			id, u.Territory, u.Units).Exec(ctx)
		if err != nil {
			return fmt.Errorf("add population: %w", err)
		}
	}
	return nil
}

// mayLead refuses a lead organisation that the actor is no promoter of:
// fault.Forbidden "process.not_your_organisation". Administrators may choose any.
func mayLead(ctx context.Context, db bun.IDB, who Actor, o OrganisationID) error {
	var ok bool
	err := db.NewRaw(`SELECT EXISTS (SELECT 1 FROM organisation WHERE id = ?0) AND (?2 OR EXISTS (
			SELECT 1 FROM membership WHERE organisation_id = ?0 AND person_id = ?1 AND role = 'promoter'))`,
		o, who.Person, who.Administrator).Scan(ctx, &ok)
	if err != nil {
		return fmt.Errorf("lead organisation: %w", err)
	}
	if !ok {
		return fault.New(fault.Forbidden, "process.not_your_organisation")
	}
	return nil
}

// Slugs lists every process's identifier by slug, or the one of a slug; a slug
// that nobody has gives none.
func Slugs(ctx context.Context, db bun.IDB, slug string) (map[string]ID, error) {
	var rows []struct {
		ID   ID
		Slug string
	}
	err := db.NewRaw(`SELECT id, slug FROM process WHERE ? IN ('', slug)`, slug).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("slugs: %w", err)
	}
	out := make(map[string]ID, len(rows))
	for _, r := range rows {
		out[r.Slug] = r.ID
	}
	return out, nil
}

// closedDays are the days of every year on which an organisation is closed.
func closedDays(ctx context.Context, db bun.IDB, id OrganisationID) (string, error) {
	var closed string
	if err := db.NewRaw(`SELECT closed_days FROM organisation WHERE id = ?`, id).Scan(ctx, &closed); err != nil {
		return "", fmt.Errorf("read closed days: %w", err)
	}
	return closed, nil
}
