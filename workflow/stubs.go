package workflow

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

var errTODO = errors.New("not implemented yet")

type program struct{}

// Library holds compiled definitions by name and version.
type Library struct{}

// NewLibrary makes an empty library.
func NewLibrary() *Library { return &Library{} }

// Add compiles a file and keeps it. The same name and version with another
// source is refused; file is named in problems.
func (l *Library) Add(file string, source []byte) (*Compiled, error) { return nil, errTODO }

// Get finds a definition; a fault.NotFound "workflow.definition_unknown" when it is missing.
func (l *Library) Get(name string, version int) (*Compiled, error) { return nil, errTODO }

// Latest finds the highest version of a definition.
func (l *Library) Latest(name string) (*Compiled, error) { return nil, errTODO }

// List gives every definition, by name and version.
func (l *Library) List() []*Compiled { return nil }

// Publish writes the library's definitions as immutable rows; it changes
// nothing for those already there and refuses one whose source differs.
func (l *Library) Publish(ctx context.Context, tx bun.IDB) error { return errTODO }

// Check reads a definition and reports every problem of the file at once.
// kinds are the activity kinds that exist; nil accepts any. The compiled
// definition is nil when there are problems.
func Check(file string, source []byte, kinds []string) (*Compiled, Problems) { return nil, nil }

// Decide says what a command would do. It collects every blocker and does no
// I/O. A guard that fails to evaluate is an error, never a "no".
func Decide(def *Compiled, in Input) (Decision, error) { return Decision{}, errTODO }

// Options lists every transition that leaves the state with its blockers.
func Options(def *Compiled, in Input) ([]Option, error) { return nil, errTODO }

// DatabaseClock asks PostgreSQL for clock_timestamp(): now() would freeze at
// the beginning of the transaction, before the wait for the lock.
type DatabaseClock struct{}

// Now is the server's time in UTC, in microseconds.
func (DatabaseClock) Now(ctx context.Context, tx bun.IDB) (time.Time, error) {
	return time.Time{}, errTODO
}

// Error names the transition and the codes.
func (b *Blocked) Error() string { return "" }

// Unwrap gives the fault.Conflict "workflow.blocked".
func (b *Blocked) Unwrap() error { return b.cause }

// Start is what Create needs: Definition@Version (0 is the latest) and the
// zone (the definition's when empty). Plan may be nil.
type Start struct {
	Definition string
	Version    int
	Zone       string
	Actor      Actor
	Plan       []PlannedPhase
}

// Create starts an instance in its initial state, arms its deadlines and
// returns the effects of entering it. The process must exist before its
// activities.
func (e *Engine) Create(ctx context.Context, tx bun.IDB, ref Ref, s Start) (Result, error) {
	return Result{}, errTODO
}

// SetPlan replaces the plan of an instance. States already left keep what
// happened; the end of the present one does not move (see Extend), unless it
// has no deadline yet.
func (e *Engine) SetPlan(ctx context.Context, tx bun.IDB, ref Ref, plan []PlannedPhase) error {
	return errTODO
}

// Apply carries out one transition: lock, decide, log, cancel and arm. When
// something blocks it returns *Blocked and changes nothing; a stale revision
// is a fault.Conflict "workflow.stale".
func (e *Engine) Apply(ctx context.Context, tx bun.IDB, c Command) (Result, error) {
	return Result{}, errTODO
}

// Explain lists the transitions that leave the present state and what blocks
// each for this actor: the same decision as Apply, without the move.
func (e *Engine) Explain(ctx context.Context, tx bun.IDB, ref Ref, actor Actor) ([]Option, error) {
	return nil, errTODO
}

// FireDeadline carries out one deadline, and before it the earlier ones of
// the same instance that are due and not done. Obsolete, early and blocked
// ones are results, not errors.
func (e *Engine) FireDeadline(ctx context.Context, tx bun.IDB, d DeadlineRef) (Result, error) {
	return Result{}, errTODO
}

// Extend moves the end of the present state's term to a later instant. The
// state must allow "extend". Faults: Invalid workflow.extend_not_later,
// workflow.extend_past, workflow.extend_beyond_max (field end),
// workflow.reason_required (field reason); Closed workflow.term_ended;
// Conflict workflow.extend_not_allowed, workflow.no_term.
func (e *Engine) Extend(ctx context.Context, tx bun.IDB, ref Ref, x NewEnd) (Extension, error) {
	return Extension{}, errTODO
}

// NewEnd is the request for an extension.
type NewEnd struct {
	End            time.Time
	Reason         string
	PublicReason   bool
	Actor          Actor
	ExpectRevision int64 // 0 skips the check
}

// PreviewExtend lists what Extend would move and saves nothing.
func (e *Engine) PreviewExtend(ctx context.Context, tx bun.IDB, ref Ref, end time.Time) (Extension, error) {
	return Extension{}, errTODO
}

// RescheduleAnchors re-arms what hangs on a meeting after its time changed in
// the facts, and lists what moved.
func (e *Engine) RescheduleAnchors(ctx context.Context, tx bun.IDB, ref Ref, actor Actor) ([]Move, error) {
	return nil, errTODO
}

// Due lists deadlines that are due at now and not done, the oldest first.
func (e *Engine) Due(ctx context.Context, db bun.IDB, now time.Time, limit int) ([]DeadlineRef, error) {
	return nil, errTODO
}

// Soon lists open deadlines due in [from, to), the earliest first.
func (e *Engine) Soon(ctx context.Context, db bun.IDB, from, to time.Time, limit int) ([]DeadlineRef, error) {
	return nil, errTODO
}

// Instance reads one instance; fault.NotFound "workflow.instance_unknown".
func (e *Engine) Instance(ctx context.Context, db bun.IDB, ref Ref) (Instance, error) {
	return Instance{}, errTODO
}

// Instances reads the process and its activities, the process first.
func (e *Engine) Instances(ctx context.Context, db bun.IDB, processID int64) ([]Instance, error) {
	return nil, errTODO
}

// Definition is the compiled definition an instance is pinned to.
func (e *Engine) Definition(ctx context.Context, db bun.IDB, i Instance) (*Compiled, error) {
	return nil, errTODO
}

// Plan reads the plan of an instance in order.
func (e *Engine) Plan(ctx context.Context, db bun.IDB, ref Ref) ([]PlannedPhase, error) {
	return nil, errTODO
}

// Deadlines reads every deadline of an instance by due instant, done and
// cancelled ones included.
func (e *Engine) Deadlines(ctx context.Context, db bun.IDB, ref Ref) ([]Deadline, error) {
	return nil, errTODO
}

// Incidents reads the open incidents of a process, the oldest first; process
// 0 reads everyone's.
func (e *Engine) Incidents(ctx context.Context, db bun.IDB, processID int64) ([]Incident, error) {
	return nil, errTODO
}

// Log reads the transition log of a process in order, from after a sequence
// number, at most limit rows (0 is all).
func (e *Engine) Log(ctx context.Context, db bun.IDB, processID, after int64, limit int) ([]LogEntry, error) {
	return nil, errTODO
}

// Verify recomputes the hash chain of a process: every row's hash, the facts'
// digests, the commitments of texts not erased, the head and that each
// instance is in the state its log says. The error names the first row at fault.
func Verify(ctx context.Context, db bun.IDB, processID int64) error { return errTODO }
