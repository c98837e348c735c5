package process

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/workflow"
)

// Filter narrows a list of processes. Empty fields do not narrow.
type Filter struct {
	Text      string // in title, summary or the name of a partner
	Territory string // ISTAT or BFS code of a municipality, province or region
	Status    string // "open" (an activity is open), "running", "ended"
	Mine      PersonID
	Lead      OrganisationID // that leads the process
	Offset    int
	Limit     int
}

// Listed is a process in a list, with what a card shows.
type Listed struct {
	Process
	Organisation string
	Partners     int
	Open         int  // activities open to participants
	Erased       bool // nobody who took part is named any more
	Instance     workflow.Instance
}

type listedRow struct {
	processRow
	Organisation  string
	Partners      int
	State         string
	Definition    string
	Version       int
	Open          int
	Erased        bool
	StateRevision int64
	EnteredAt     time.Time
	MinAt         time.Time `bun:",nullzero"`
	DueAt         time.Time `bun:",nullzero"`
	MaxAt         time.Time `bun:",nullzero"`
	HeldAt        time.Time `bun:",nullzero"`
}

func (r listedRow) listed() Listed {
	return Listed{
		Process: r.process(), Organisation: r.Organisation, Partners: r.Partners, Open: r.Open, Erased: r.Erased,
		Instance: workflow.Instance{
			Ref: ref(r.ID, 0), Definition: r.Definition, Version: r.Version, Zone: r.Zone, State: r.State, Revision: r.StateRevision,
			EnteredAt: r.EnteredAt, MinAt: r.MinAt, DueAt: r.DueAt, MaxAt: r.MaxAt, HeldAt: r.HeldAt,
		},
	}
}

// openActivities counts a process's activities that take people in: those in
// one of the open states and not suspended, given as definition, version and state. An empty list
// of them is none.
const openActivities = `(SELECT count(*) FROM workflow_instance a
	WHERE a.process_id = p.id AND a.activity_id <> 0 AND a.held_at IS NULL AND (a.definition, a.version, a.state) IN (?))`

// stages are the states that a list needs to know by what they mean.
type stages struct {
	open   [][]any // definition, version and state of open activities
	finals [][]any // the same of processes that have ended
}

// selectPins lists what processes and activities run by.
func selectPins(ctx context.Context, db bun.IDB) (pins []workflow.Pin, err error) {
	err = db.NewRaw(`SELECT DISTINCT definition, version FROM workflow_instance`).Scan(ctx, &pins)
	if err != nil {
		return nil, fmt.Errorf("list what runs: %w", err)
	}
	return pins, nil
}

// listProcesses gives those that match, the open ones first, then the newest,
// and how many match in all. Unpublished ones appear only under Mine.
func listProcesses(ctx context.Context, db bun.IDB, f Filter, in stages) ([]Listed, int, error) {
	var rows []listedRow
	q := db.NewSelect().Model(&rows).ModelTableExpr("process AS p").
		ColumnExpr("p.*, o.name AS organisation, w.state, w.definition, w.version, w.held_at, w.revision AS state_revision, w.entered_at, w.min_at, w.due_at, w.max_at, coalesce(p.erased_at >= w.entered_at, false) AS erased").
		ColumnExpr("(SELECT count(*) FROM process_partner pp JOIN organisation po ON po.id = pp.organisation_id WHERE pp.process_id = p.id AND po.kind = 'municipality' AND po.id <> p.organisation_id) AS partners").
		ColumnExpr(openActivities+" AS open", tuples(in.open)).
		Join("JOIN organisation AS o ON o.id = p.organisation_id").
		Join("JOIN workflow_instance AS w ON w.process_id = p.id AND w.activity_id = 0")
	q = narrow(q, f, in)
	n, err := q.OrderExpr("("+openActivities+" > 0) DESC, coalesce(p.published_at, p.created_at) DESC, p.id DESC", tuples(in.open)).
		Offset(int64(f.Offset)).Limit(int64(f.Limit)).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("list processes: %w", err)
	}
	out := make([]Listed, len(rows))
	for i, r := range rows {
		out[i] = r.listed()
	}
	return out, int(n), nil
}

func narrow(q *bun.SelectQuery, f Filter, in stages) *bun.SelectQuery {
	if f.Mine != 0 {
		q = q.Where(`(EXISTS (SELECT 1 FROM process_member m WHERE m.process_id = p.id AND m.person_id = ?)
			OR EXISTS (SELECT 1 FROM absence a WHERE a.process_id = p.id AND a.deputy_id = ?)
			OR EXISTS (SELECT 1 FROM membership s WHERE s.organisation_id = p.organisation_id AND s.person_id = ?)
			OR EXISTS (SELECT 1 FROM person a WHERE a.id = ? AND a.administrator))`, f.Mine, f.Mine, f.Mine, f.Mine)
	} else {
		q = q.Where("p.published_at IS NOT NULL")
	}
	if f.Lead != 0 {
		q = q.Where("p.organisation_id = ?", f.Lead)
	}
	if f.Text != "" {
		q = q.Where(`(to_tsvector('italian', p.title || ' ' || p.summary) @@ plainto_tsquery('italian', ?)
			OR p.title ILIKE ? OR o.name ILIKE ? OR EXISTS (SELECT 1 FROM process_partner pp JOIN organisation po ON po.id = pp.organisation_id
				WHERE pp.process_id = p.id AND po.name ILIKE ?))`, f.Text, like(f.Text), like(f.Text), like(f.Text))
	}
	if f.Territory != "" {
		q = q.Where(`EXISTS (WITH RECURSIVE inside AS (
				SELECT t.id FROM territory t WHERE t.code = ?
				UNION SELECT c.id FROM territory c JOIN inside i ON c.parent_id = i.id)
			SELECT 1 FROM organisation po LEFT JOIN process_partner pp ON pp.organisation_id = po.id
			WHERE (pp.process_id = p.id OR po.id = p.organisation_id) AND po.territory_id IN (SELECT id FROM inside))`, f.Territory)
	}
	switch f.Status {
	case "open":
		q = q.Where(openActivities+" > 0", tuples(in.open))
	case "running":
		q = q.Where("(w.definition, w.version, w.state) NOT IN (?)", tuples(in.finals))
	case "ended":
		q = q.Where("(w.definition, w.version, w.state) IN (?)", tuples(in.finals))
	}
	return q
}

// like makes a contains-pattern in which the person's own % and _ mean
// themselves.
func like(s string) string {
	out := make([]rune, 0, len(s)+2)
	out = append(out, '%')
	for _, r := range s {
		if r == '%' || r == '_' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(append(out, '%'))
}

// tuples writes a list of rows for a composite IN, which bun.List does not.
func tuples(list [][]any) schema.QueryAppender {
	return bun.In(list) //nolint:staticcheck // its successors write no rows
}
