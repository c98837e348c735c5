package row

import (
	"context"
	"time"
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
	Publish(ctx context.Context, d Definition) error
	Used(ctx context.Context) ([]Definition, error)
	Source(ctx context.Context, name string, version int) ([]byte, bool, error)
	Versions(ctx context.Context, name string) ([]Definition, error)
}

type instanceStore interface {
	Instance(ctx context.Context, ref Ref) (*Instance, error)
	Lock(ctx context.Context, ref Ref) (process, inst *Instance, err error)
	Instances(ctx context.Context, processIDs ...int64) ([]Instance, error)
	AddInstance(ctx context.Context, r *Instance) error
	SaveInstance(ctx context.Context, r *Instance) error
}

type planStore interface {
	Plan(ctx context.Context, ref Ref) ([]Phase, error)
	WritePlan(ctx context.Context, ref Ref, rows []Phase) error
	NotePlan(ctx context.Context, ref Ref, p Passage) error
	ReplacePlan(ctx context.Context, ref Ref, rows []Phase) error
}

// deadlineStore holds those of one instance.
type deadlineStore interface {
	Deadline(ctx context.Context, processID, id int64) (*Deadline, error)
	Deadlines(ctx context.Context, ref Ref, entry int) ([]Deadline, error)
	AddDeadlines(ctx context.Context, rows []Deadline) error
	SaveDeadline(ctx context.Context, r *Deadline) error
	CancelDeadlines(ctx context.Context, i *Instance, why string, now time.Time) error
	NoteFailure(ctx context.Context, r *Deadline) error
}

// dueStore finds what is due and claims it.
type dueStore interface {
	Claim(ctx context.Context, r *Deadline, now time.Time) error
	Earliest(ctx context.Context, limit *Deadline) (*Deadline, error)
	Due(ctx context.Context, from, to time.Time, limit int) ([]Deadline, error)
	Passed(ctx context.Context, processID int64, until time.Time) ([]Deadline, error)
	Aside(ctx context.Context, processID int64) ([]Deadline, error)
}

// chainStore is the log as it is written.
type chainStore interface {
	Salt() []byte
	AppendLog(ctx context.Context, r *Log, text *Text) error
	LogByKey(ctx context.Context, processID int64, key string) (*Log, error)
}

// logStore is the log as it is read.
type logStore interface {
	Log(ctx context.Context, processID, after int64, limit int) ([]Log, map[int64]Text, error)
	LogOf(ctx context.Context, ref Ref, after int64, limit int) ([]Log, map[int64]Text, error)
	BriefLog(ctx context.Context, processID int64, factual []string) ([]Log, map[int64]Text, error)
	Passages(ctx context.Context, ref Ref, acts, factual []string) ([]Log, error)
	LatestLog(ctx context.Context, ref Ref, but ...string) ([]Log, map[int64]Text, error)
}

type incidentStore interface {
	AddIncident(ctx context.Context, r *Incident) error
	Hold(ctx context.Context, r *Incident) (bool, error)
	Resolve(ctx context.Context, ref Ref, now time.Time) error
	Withdraw(ctx context.Context, ref Ref, transition string, now time.Time) error
	Incidents(ctx context.Context, processID int64) ([]Incident, error)
}
