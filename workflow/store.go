package workflow

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/civil"
	"arengo/workflow/row"
	"arengo/workflow/store"
)

// Store is where an engine keeps its rows, seen from inside one transaction:
// PostgreSQL, or the memory of a rehearsal. Rows that are given or taken are
// the caller's own. See workflow/store for what each method promises.
type Store interface {
	definitionStore
	instanceStore
	planStore
	deadlineStore
	dueStore
	chainStore
	logStore
	incidentStore
}

type definitionStore interface {
	Publish(ctx context.Context, d row.Definition) error
	Used(ctx context.Context) ([]row.Definition, error)
	Source(ctx context.Context, name string, version int) ([]byte, bool, error)
	Versions(ctx context.Context, name string) ([]row.Definition, error)
}

type instanceStore interface {
	Instance(ctx context.Context, ref Ref) (*row.Instance, error)
	Lock(ctx context.Context, ref Ref) (process, inst *row.Instance, err error)
	Instances(ctx context.Context, processIDs ...int64) ([]row.Instance, error)
	AddInstance(ctx context.Context, r *row.Instance) error
	SaveInstance(ctx context.Context, r *row.Instance) error
}

type planStore interface {
	Plan(ctx context.Context, ref Ref) ([]row.Phase, error)
	WritePlan(ctx context.Context, ref Ref, rows []row.Phase) error
	NotePlan(ctx context.Context, ref Ref, p row.Passage) error
	ReplacePlan(ctx context.Context, ref Ref, rows []row.Phase) error
}

// deadlineStore holds those of one instance.
type deadlineStore interface {
	Deadline(ctx context.Context, processID, id int64) (*row.Deadline, error)
	Deadlines(ctx context.Context, ref Ref, entry int) ([]row.Deadline, error)
	AddDeadlines(ctx context.Context, rows []row.Deadline) error
	SaveDeadline(ctx context.Context, r *row.Deadline) error
	CancelDeadlines(ctx context.Context, i *row.Instance, why string, now time.Time) error
	NoteFailure(ctx context.Context, r *row.Deadline) error
}

// dueStore finds what is due and claims it.
type dueStore interface {
	Claim(ctx context.Context, r *row.Deadline, now time.Time) error
	Earliest(ctx context.Context, limit *row.Deadline) (*row.Deadline, error)
	Due(ctx context.Context, from, to time.Time, limit int) ([]row.Deadline, error)
	Passed(ctx context.Context, processID int64, until time.Time) ([]row.Deadline, error)
	Aside(ctx context.Context, processID int64) ([]row.Deadline, error)
}

// chainStore is the log as it is written.
type chainStore interface {
	Salt() []byte
	AppendLog(ctx context.Context, r *row.Log, text *row.Text) error
	LogByKey(ctx context.Context, processID int64, key string) (*row.Log, error)
}

// logStore is the log as it is read.
type logStore interface {
	Log(ctx context.Context, processID, after int64, limit int) ([]row.Log, map[int64]row.Text, error)
	BriefLog(ctx context.Context, processID int64, factual []string) ([]row.Log, map[int64]row.Text, error)
	Passages(ctx context.Context, ref Ref, acts, factual []string) ([]row.Log, error)
	LatestLog(ctx context.Context, ref Ref) ([]row.Log, map[int64]row.Text, error)
}

type incidentStore interface {
	AddIncident(ctx context.Context, r *row.Incident) error
	Hold(ctx context.Context, r *row.Incident) (bool, error)
	Resolve(ctx context.Context, ref Ref, now time.Time) error
	Withdraw(ctx context.Context, ref Ref, transition string, now time.Time) error
	Incidents(ctx context.Context, processID int64) ([]row.Incident, error)
}

// On is the engine with its rows in s, whatever transaction its methods are
// given: nil will do, and reaches the clock and the facter as it is. What makes
// a refused command change nothing is then the business of s.
func (e *Engine) On(s Store) *Engine {
	other := *e
	other.told = nil
	other.open = func(bun.IDB) Store { return s }
	return &other
}

// database opens the store of production.
func database(tx bun.IDB) Store { return store.In(tx) }

// Now is the time, in UTC and in microseconds. A pg.Tx reads it once after its
// last lock.
func (e *Engine) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	kept, keeps := store.Instant(tx)
	if keeps && !kept.IsZero() {
		return kept.UTC().Truncate(time.Microsecond), nil // what PostgreSQL keeps
	}
	now, err := e.clock.Now(ctx, tx)
	if err != nil {
		return now, fmt.Errorf("read the clock: %w", err)
	}
	now = now.UTC().Truncate(time.Microsecond)
	if keeps {
		*kept = now
	}
	return now, nil
}

// Opening is what a transaction begins with that will move an instance: its
// locks in their order, what is read under them and, where that is a statement,
// the time. The engine's methods find it there, whatever is missing they read.
func (e *Engine) Opening(tx pg.Tx, ref Ref) []pg.Step {
	return e.timed(tx, store.Opening(tx, ref))
}

// OpeningOf is Opening for the instance of a deadline, with all that is armed of
// its process; without an ID for the process alone.
func (e *Engine) OpeningOf(tx pg.Tx, d DeadlineRef) []pg.Step {
	return e.timed(tx, store.OpeningOf(tx, d.ProcessID, d.ID))
}

func (e *Engine) timed(tx pg.Tx, steps []pg.Step) []pg.Step {
	clock, told := e.clock.(StatementClock)
	now, keeps := store.Instant(tx)
	if !told || !keeps {
		return steps
	}
	return append(steps, clock.Step(now))
}

// row is what is kept of a deadline that was not there yet.
func (w *work) row(d wanted) row.Deadline {
	return row.Deadline{
		ProcessID: w.inst.ProcessID, ActivityID: w.inst.ActivityID, Entry: w.inst.Entry, Name: d.name, Generation: 1,
		WallTime: wallText(d.due, w.def.Location), Zone: w.def.Location.String(), DueAt: d.due.UTC(), ExpiresAt: d.expires,
		Action: d.action, Event: d.event, Notice: d.notice, Audience: row.Join(d.audience),
	}
}

func wallText(t time.Time, zone *time.Location) string {
	return civil.WallOf(t, zone).Format("2006-01-02 15:04:05.999999")
}
