package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/pg"
	"arengo/workflow/row"
)

// held is what a transaction knows of the rows that it locked. Whoever moves a
// process holds the lock of its row until the end, so that nobody else changes
// an instance that is locked, or the open deadlines of its process, and what was
// read or written once need not be asked again.
type held struct {
	now       time.Time // since the last lock, zero while nobody asked
	instances map[row.Ref]row.Instance
	plans     map[row.Ref][]row.Phase
	boards    map[int64]*board         // of processes
	troubles  map[int64][]row.Incident // that are open, of processes
}

func newHeld() *held {
	return &held{
		instances: map[row.Ref]row.Instance{}, plans: map[row.Ref][]row.Phase{}, boards: map[int64]*board{},
		troubles: map[int64][]row.Incident{},
	}
}

// board is the open deadlines of a process. Those that were armed since have no
// number yet; the first of them is due at armed.
type board struct {
	open  []row.Deadline
	armed time.Time
}

// Instant is where the time of a transaction is kept from its last lock on; zero
// while it is not known. It is false for what keeps nothing.
func Instant(tx bun.IDB) (*time.Time, bool) {
	h, ok := pg.Kept(tx, newHeld)
	if !ok {
		return nil, false
	}
	return &h.now, true
}

// Opening is the locks of a move as steps, in their order, for a transaction that
// begins with them: what they find is there for the engine. It locks the
// instance of ref, and reads its plan; one that is not there is left to be missed.
func Opening(tx pg.Tx, ref row.Ref) []pg.Step {
	h := In(tx).held
	return append(h.locks(ref), h.readPlan(ref), h.readTroubles(ref.ProcessID))
}

// OpeningOf is Opening for the instance that a deadline belongs to, with the
// open deadlines of its process.
func OpeningOf(tx pg.Tx, processID, deadlineID int64) []pg.Step {
	h, process := In(tx).held, row.Ref{ProcessID: processID}
	const its = "(SELECT activity_id FROM deadline WHERE process_id = $1 AND id = $2)"
	return append(
		h.locks(process),
		h.lock(" AND activity_id = "+its+" AND activity_id <> 0", processID, deadlineID),
		pg.Step{
			Query: `SELECT pg_advisory_xact_lock($3::int, (activity_id & 2147483647)::int) FROM deadline
				WHERE process_id = $1 AND id = $2 AND activity_id <> 0`,
			Args: []any{processID, deadlineID, lockClass(process)},
		},
		h.readBoard(processID),
		h.readTroubles(processID),
		planStep(func(r row.Phase) {
			ref := row.Ref{ProcessID: r.ProcessID, ActivityID: r.ActivityID}
			h.plans[ref] = append(h.plans[ref], r)
		}, "process_id = $1 AND activity_id = "+its, processID, deadlineID),
	)
}

// has reports that an instance is locked, which its process is too.
func (h *held) has(ref row.Ref) bool {
	_, process := h.instances[ref.Process()]
	_, inst := h.instances[ref]
	return process && inst
}

// locks are the steps that lock an instance: the row of the process, then the
// activity's if the instance is one, and what those share who submit to it.
func (h *held) locks(ref row.Ref) []pg.Step {
	h.now = time.Time{}
	var steps []pg.Step
	if !h.has(ref.Process()) {
		steps = append(steps, h.lock(" AND activity_id = 0", ref.ProcessID))
	}
	if ref.ActivityID == 0 {
		return steps
	}
	return append(steps, h.lock(" AND activity_id = $2", ref.ProcessID, ref.ActivityID), pg.Step{
		Query: "SELECT pg_advisory_xact_lock($1, $2)", Args: []any{lockClass(ref), lockObject(ref)},
	})
}

// lock locks one row of a process against other writers. It is FOR NO KEY
// UPDATE, which lets children take their key share.
func (h *held) lock(which string, args ...any) pg.Step {
	return pg.Step{
		Query: selectInstance + " WHERE process_id = $1" + which + " FOR NO KEY UPDATE", Args: args,
		Each: func(scan pg.Scan) error {
			r, err := scanInstance(scan)
			if err == nil {
				h.instances[r.Ref()] = r
			}
			return err
		},
	}
}

// instance is a row that is locked; fault.NotFound "workflow.instance_unknown".
func (h *held) instance(ref row.Ref) (*row.Instance, error) {
	r, ok := h.instances[ref]
	if !ok {
		return nil, unknown(ref)
	}
	return &r, nil
}

// readPlan reads the plan of an instance that is locked with its process.
func (h *held) readPlan(ref row.Ref) pg.Step {
	h.plans[ref] = []row.Phase{}
	return planStep(func(r row.Phase) { h.plans[ref] = append(h.plans[ref], r) }, planOf, ref.ProcessID, ref.ActivityID)
}

// readTroubles reads the open incidents of a process that is locked.
func (h *held) readTroubles(processID int64) pg.Step {
	h.troubles[processID] = []row.Incident{}
	return incidents(func(r row.Incident) { h.troubles[processID] = append(h.troubles[processID], r) }, "process_id = $1", processID)
}

// board gives the open deadlines of a process that this transaction holds, as
// far as those that are due no later than an instant are concerned. It is nil
// where the process is not locked.
func (s Store) board(ctx context.Context, processID int64, until time.Time) (*board, error) {
	if s.held == nil || !s.held.has(row.Ref{ProcessID: processID}) {
		return nil, nil
	}
	b := s.held.boards[processID]
	if b != nil && (b.armed.IsZero() || b.armed.After(until)) {
		return b, nil
	}
	err := pg.Send(ctx, s.tx, s.held.readBoard(processID))
	return s.held.boards[processID], err
}

// readBoard reads the open deadlines of a process that is locked.
func (h *held) readBoard(processID int64) pg.Step {
	b := &board{}
	h.boards[processID] = b
	return pg.Step{
		Query: selectDeadline + " WHERE process_id = $1 AND " + deadlineOpen, Args: []any{processID},
		Each: func(scan pg.Scan) error {
			d, err := scanDeadline(scan)
			b.open = append(b.open, d)
			return err
		},
	}
}

// forget drops the board of a process, where it changes in ways that are read
// again more easily than followed.
func (s Store) forget(processID int64) {
	if s.held != nil {
		delete(s.held.boards, processID)
	}
}

// gone takes deadlines off the board.
func (s Store) gone(processID int64, which func(d *row.Deadline) bool) {
	if s.held == nil || s.held.boards[processID] == nil {
		return
	}
	b := s.held.boards[processID]
	b.open = slices.DeleteFunc(b.open, func(d row.Deadline) bool { return which(&d) })
}

// note adds that deadlines were armed.
func (s Store) note(rows []row.Deadline) {
	if s.held == nil {
		return
	}
	for i := range rows {
		if b := s.held.boards[rows[i].ProcessID]; b != nil && (b.armed.IsZero() || rows[i].DueAt.Before(b.armed)) {
			b.armed = rows[i].DueAt
		}
	}
}

// until lists what of a board is due no later than an instant, in the order in
// which Passed gives it.
func (b *board) until(at time.Time) []row.Deadline {
	var out []row.Deadline
	for _, d := range b.open {
		if !d.DueAt.After(at) && d.Failures == 0 {
			out = append(out, d)
		}
	}
	own := func(d row.Deadline) int { return min(int(d.ActivityID), 1) }
	slices.SortFunc(out, func(a, b row.Deadline) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(own(b), own(a)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// earliest is the first of an instance that is due no later than a deadline of
// it, or nil.
func (b *board) earliest(limit *row.Deadline) *row.Deadline {
	var out *row.Deadline
	before := func(a, b *row.Deadline) int { return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID)) }
	for _, d := range b.open {
		if d.ActivityID == limit.ActivityID && (d.Waits() || d.ID == limit.ID) && before(&d, limit) <= 0 && (out == nil || before(&d, out) < 0) {
			out = &d
		}
	}
	return out
}
