package workflow

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow/definition"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// Due lists deadlines that are due at now and not done, the oldest first.
func (e *Engine) Due(ctx context.Context, db bun.IDB, now time.Time, limit int) ([]DeadlineRef, error) {
	rows, err := e.open(db).Due(ctx, time.Time{}, now.Add(time.Microsecond), limit)
	return references(rows), err
}

// Standing gives the instant at which a deadline is due now; false for one that
// is done, or that moved since the reference was made.
func (e *Engine) Standing(ctx context.Context, tx bun.IDB, d DeadlineRef) (time.Time, bool, error) {
	r, err := e.open(tx).Deadline(ctx, d.ProcessID, d.ID)
	if err != nil {
		return time.Time{}, false, err
	}
	return r.DueAt.UTC(), r.Generation == d.Generation && r.Open(), nil
}

// Passed lists the open deadlines of a process and its activities that are due no
// later than an instant, in the order in which they are carried out: the earliest
// first, of one instant those of activities before the process's own.
func (e *Engine) Passed(ctx context.Context, tx bun.IDB, processID int64, until time.Time) ([]DeadlineRef, error) {
	rows, err := e.open(tx).Passed(ctx, processID, until)
	return references(rows), err
}

// PassedOfActivities is Passed without the process's own.
func (e *Engine) PassedOfActivities(ctx context.Context, tx bun.IDB, processID int64, until time.Time) ([]DeadlineRef, error) {
	rows, err := e.open(tx).Passed(ctx, processID, until)
	return references(slices.DeleteFunc(rows, func(r row.Deadline) bool { return r.ActivityID == 0 })), err
}

// Soon lists open deadlines due in [from, to), the earliest first.
func (e *Engine) Soon(ctx context.Context, db bun.IDB, from, to time.Time, limit int) ([]DeadlineRef, error) {
	rows, err := e.open(db).Due(ctx, from, to, limit)
	return references(rows), err
}

// Instance reads one instance; fault.NotFound "workflow.instance_unknown".
func (e *Engine) Instance(ctx context.Context, db bun.IDB, ref Ref) (Instance, error) {
	r, err := e.open(db).Instance(ctx, ref)
	if err != nil {
		return Instance{}, err
	}
	return instance(r), nil
}

// Instances reads processes and their activities, each process first.
func (e *Engine) Instances(ctx context.Context, db bun.IDB, processIDs ...int64) ([]Instance, error) {
	rows, err := e.open(db).Instances(ctx, processIDs...)
	if err != nil {
		return nil, fmt.Errorf("read instances: %w", err)
	}
	out := make([]Instance, len(rows))
	for i := range rows {
		out[i] = instance(&rows[i])
	}
	return out, nil
}

// Definition is the compiled definition an instance is pinned to, in the
// instance's zone.
func (e *Engine) Definition(ctx context.Context, db bun.IDB, i Instance) (*definition.Compiled, error) {
	return e.pinned(ctx, db, i.Definition, i.Version, place{i.Zone, i.Closed})
}

// Deadlines reads every deadline of an instance by due instant, done and
// cancelled ones included.
func (e *Engine) Deadlines(ctx context.Context, db bun.IDB, ref Ref) ([]Deadline, error) {
	rows, err := e.open(db).Deadlines(ctx, ref, 0)
	if err != nil {
		return nil, fmt.Errorf("read deadlines: %w", err)
	}
	return pieces(rows), nil
}

// Aside reads the deadlines of a process that failed so often that they were set
// aside, by due instant; process 0 reads everyone's.
func (e *Engine) Aside(ctx context.Context, db bun.IDB, processID int64) ([]Deadline, error) {
	rows, err := e.open(db).Aside(ctx, processID)
	if err != nil {
		return nil, fmt.Errorf("read what was set aside: %w", err)
	}
	return pieces(rows), nil
}

func pieces(rows []row.Deadline) []Deadline {
	out := make([]Deadline, len(rows))
	for i := range rows {
		out[i] = deadline(&rows[i])
	}
	return out
}

// Incidents reads the open incidents of a process, the oldest first; process
// 0 reads everyone's.
func (e *Engine) Incidents(ctx context.Context, db bun.IDB, processID int64) ([]Incident, error) {
	rows, err := e.open(db).Incidents(ctx, processID)
	if err != nil {
		return nil, fmt.Errorf("read incidents: %w", err)
	}
	out := make([]Incident, len(rows))
	for i, r := range rows {
		out[i] = Incident{
			Ref: Ref{ProcessID: r.ProcessID, ActivityID: r.ActivityID}, ID: r.ID, DeadlineID: r.DeadlineID,
			Transition: r.Transition, OpenedAt: row.UTC(r.OpenedAt),
		}
		if err := json.Unmarshal(r.Blockers, &out[i].Blockers); err != nil {
			return nil, fmt.Errorf("read incident %d: %w", r.ID, err)
		}
	}
	return out, nil
}

// Log reads the transition log of a process in order, from after a sequence
// number, at most limit rows (0 is all).
func (e *Engine) Log(ctx context.Context, db bun.IDB, processID, after int64, limit int) ([]LogEntry, error) {
	rows, texts, err := e.open(db).Log(ctx, processID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return entries(rows, texts), nil
}

// LogOf is Log of one instance alone.
func (e *Engine) LogOf(ctx context.Context, db bun.IDB, ref Ref, after int64, limit int) ([]LogEntry, error) {
	rows, texts, err := e.open(db).LogOf(ctx, ref, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the log of one: %w", err)
	}
	return entries(rows, texts), nil
}

// Brief is the whole log of a process as public pages list it, in order. Only
// what moved a date, was an exception, changed the definition or a phase or told of a
// document comes with its facts: those of the rest, which are most of the log's bytes, say nothing to readers.
func (e *Engine) Brief(ctx context.Context, db bun.IDB, processID int64) ([]LogEntry, error) {
	rows, texts, err := e.open(db).BriefLog(ctx, processID, []string{
		definition.ActExtend, definition.ActShorten, definition.ActReschedule, definition.ActMigrate, definition.ActRevert,
		definition.ActPublishDocument, definition.ActWithdrawDocument, definition.ActChangePhase,
	})
	if err != nil {
		return nil, fmt.Errorf("read log in brief: %w", err)
	}
	return entries(rows, texts), nil
}

// Latest is the last entry of one instance's log; false when it has none.
func (e *Engine) Latest(ctx context.Context, db bun.IDB, ref Ref) (LogEntry, bool, error) {
	rows, texts, err := e.open(db).LatestLog(ctx, ref)
	if err != nil {
		return LogEntry{}, false, fmt.Errorf("read the latest of the log: %w", err)
	}
	if len(rows) == 0 {
		return LogEntry{}, false, nil
	}
	return entries(rows, texts)[0], true, nil
}

func instance(r *row.Instance) Instance {
	return Instance{
		Ref: r.Ref(), Definition: r.Definition, Version: r.Version, Zone: r.Zone, Closed: r.ClosedDays, State: r.State,
		Revision: r.Revision, Entry: r.Entry, EnteredAt: row.UTC(r.EnteredAt), MinAt: row.UTC(r.MinAt),
		DueAt: row.UTC(r.DueAt), MaxAt: row.UTC(r.MaxAt), FirstDueAt: row.UTC(r.FirstDueAt), Extensions: r.Extensions, HeldAt: row.UTC(r.HeldAt), Reason: r.Reason, CreatedAt: row.UTC(r.CreatedAt),
	}
}

func phases(rows []row.Phase) []PlannedPhase {
	out := make([]PlannedPhase, len(rows))
	for i, r := range rows {
		out[i] = PlannedPhase{
			State: r.State, Start: row.UTC(r.PlannedStart), End: row.UTC(r.PlannedEnd), Source: outlook.Source(r.Source), Days: r.Days,
			Fixed: r.Fixed, StartedAt: row.UTC(r.StartedAt), EndedAt: row.UTC(r.EndedAt), Reason: r.Reason,
		}
	}
	return out
}

func reference(r *row.Deadline) DeadlineRef {
	return DeadlineRef{ProcessID: r.ProcessID, ID: r.ID, Generation: r.Generation, DueAt: row.UTC(r.DueAt)}
}

func references(rows []row.Deadline) []DeadlineRef {
	out := make([]DeadlineRef, len(rows))
	for i := range rows {
		out[i] = reference(&rows[i])
	}
	return out
}

func deadline(r *row.Deadline) Deadline {
	return Deadline{
		DeadlineRef: reference(r), ActivityID: r.ActivityID, Entry: r.Entry, Name: r.Name, Zone: r.Zone, Action: r.Action,
		Event: r.Event, Notice: r.Notice, Audience: row.Words(r.Audience), FiredAt: row.UTC(r.FiredAt),
		CancelledAt: row.UTC(r.CancelledAt), CancelledWhy: r.CancelledWhy,
		Failures: r.Failures, RetryAt: row.UTC(r.RetryAt), Failure: r.Failure,
	}
}

// Waits is what comes after the present state of an instance on its first possible day
// and no earlier, nil for nothing.
func (e *Engine) Waits(ctx context.Context, tx bun.IDB, ref Ref) (*PlannedPhase, error) {
	inst, err := e.open(tx).Instance(ctx, ref)
	if err != nil {
		return nil, err
	}
	now, err := e.Now(ctx, tx)
	if err != nil {
		return nil, err
	}
	look, err := e.Outlook(ctx, tx, ref, now)
	return outlook.Waiting(look.Expected)[inst.State], err
}

// stood is the date that people know a deadline by, zero for none: of the end it is
// that of the term, however much later those who could act hear of it.
func (w *work) stood(d *row.Deadline) time.Time {
	switch {
	case d == nil:
		return time.Time{}
	case d.Name == deadlineEnd:
		return row.UTC(w.inst.DueAt)
	}
	return row.UTC(d.DueAt)
}

// date is what people know it by, see work.stood.
func (d wanted) date() time.Time {
	if d.name == deadlineEnd {
		return d.term
	}
	return d.due
}

// ByKey is the entry that a command with an idempotency key left in a process's
// log; false when there was none.
func (e *Engine) ByKey(ctx context.Context, db bun.IDB, processID int64, key string) (LogEntry, bool, error) {
	r, err := e.open(db).LogByKey(ctx, processID, key)
	if err != nil || r == nil {
		return LogEntry{}, false, err
	}
	list, err := e.Log(ctx, db, processID, r.Seq-1, 1)
	if err != nil || len(list) == 0 {
		return LogEntry{}, false, err
	}
	return list[0], true, nil
}

func entries(rows []row.Log, texts map[int64]row.Text) []LogEntry {
	out := make([]LogEntry, len(rows))
	for i, r := range rows {
		text := texts[r.Seq]
		out[i] = LogEntry{
			Ref: Ref{ProcessID: r.ProcessID, ActivityID: r.ActivityID}, Seq: r.Seq, At: r.At.UTC(), EffectiveAt: r.EffectiveAt.UTC(),
			Transition: r.Transition, Event: r.Event, From: r.From, To: r.To, ActorKind: ActorKind(r.ActorKind), Office: r.ActorRole,
			PersonID: text.PersonID, Reason: text.Reason, PublicReason: text.PublicReason,
			DeadlineID: r.DeadlineID, Key: r.IdempotencyKey, Facts: r.Facts, Hash: hex.EncodeToString(r.Hash),
		}
	}
	pinEntries(out)
	return out
}

// pinEntries says by which definition each entry names its states, from the
// migrations among them: what comes before one is named by the older definition.
func pinEntries(list []LogEntry) {
	pins := map[Ref]Pin{}
	for i := len(list) - 1; i >= 0; i-- {
		e := &list[i]
		e.FromPin, e.ToPin = pins[e.Ref], pins[e.Ref]
		if e.Transition != definition.ActMigrate && e.Transition != definition.ActRevert {
			continue
		}
		var m struct{ From Pin }
		if err := json.Unmarshal(e.Facts, &m); err == nil && m.From.Definition != "" {
			e.FromPin, pins[e.Ref] = m.From, m.From
		}
	}
}
