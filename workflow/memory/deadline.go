package memory

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"arengo/process/fault"
	"arengo/workflow/row"
)

// Deadline reads one deadline; fault.NotFound "workflow.deadline_unknown".
func (s *Store) Deadline(_ context.Context, processID, id int64) (*row.Deadline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.deadlines[id]
	if !ok || d.ProcessID != processID {
		return nil, fault.New(fault.NotFound, "workflow.deadline_unknown", "process", processID, "deadline", id)
	}
	return &d, nil
}

// Deadlines lists an instance's deadlines of one entry, or of all when entry is
// 0, by due instant.
func (s *Store) Deadlines(_ context.Context, ref row.Ref, entry int) ([]row.Deadline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all(math.MaxInt, func(d *row.Deadline) bool { return of(d) == ref && (entry <= 0 || d.Entry == entry) }), nil
}

// AddDeadlines arms deadlines.
func (s *Store) AddDeadlines(_ context.Context, rows []row.Deadline) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range rows {
		for _, other := range s.deadlines {
			if of(&other) == of(&d) && other.Entry == d.Entry && other.Name == d.Name {
				return violation("deadline_name_key")
			}
		}
		d.ID = s.next("deadline")
		if err := s.arm(d); err != nil {
			return err
		}
	}
	return nil
}

// NoteFailure writes how often a deadline failed, and until when it rests.
func (s *Store) NoteFailure(_ context.Context, r *row.Deadline) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.deadlines[r.ID]; ok && d.ProcessID == r.ProcessID {
		d.Failures, d.RetryAt, d.Failure = r.Failures, kept(r.RetryAt), r.Failure
		put(s, s.deadlines, d.ID, d)
	}
	return nil
}

// SaveDeadline writes a re-armed or cancelled row: not whose it is. Its failures
// are those of another instant, and forgotten.
func (s *Store) SaveDeadline(_ context.Context, r *row.Deadline) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.deadlines[r.ID]
	if !ok || d.ProcessID != r.ProcessID {
		return fmt.Errorf("memory: there is no deadline %d of process %d to save", r.ID, r.ProcessID)
	}
	d.Generation, d.WallTime, d.DueAt, d.ExpiresAt = r.Generation, r.WallTime, r.DueAt, r.ExpiresAt
	d.Action, d.Event, d.Notice, d.Audience = r.Action, r.Event, r.Notice, r.Audience
	d.FiredAt, d.CancelledAt, d.CancelledWhy = r.FiredAt, r.CancelledAt, r.CancelledWhy
	d.Failures, d.RetryAt, d.Failure = 0, time.Time{}, ""
	return s.arm(d)
}

func (s *Store) arm(d row.Deadline) error {
	switch {
	case d.Generation <= 0:
		return violation("deadline_generation_check")
	case !slices.Contains([]string{"event", "notice", "overdue"}, d.Action):
		return violation("deadline_action_check")
	case !d.FiredAt.IsZero() && !d.CancelledAt.IsZero():
		return violation("deadline_done_check")
	}
	d.DueAt, d.ExpiresAt, d.FiredAt, d.CancelledAt = kept(d.DueAt), kept(d.ExpiresAt), kept(d.FiredAt), kept(d.CancelledAt)
	put(s, s.deadlines, d.ID, d)
	return nil
}

// CancelDeadlines cancels what is open of the present entry of an instance.
func (s *Store) CancelDeadlines(_ context.Context, i *row.Instance, why string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.all(math.MaxInt, func(d *row.Deadline) bool { return d.Open() && of(d) == i.Ref() && d.Entry == i.Entry }) {
		d.CancelledAt, d.CancelledWhy = kept(now), why
		put(s, s.deadlines, d.ID, d)
	}
	return nil
}

// Claim marks a deadline fired by identity, generation and clock. One that
// somebody else fired, or that moved, is an error.
func (s *Store) Claim(_ context.Context, r *row.Deadline, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.deadlines[r.ID]
	if !ok || d.ProcessID != r.ProcessID || d.Generation != r.Generation || d.DueAt.After(now) || !d.Open() {
		return fmt.Errorf("deadline %d of process %d changed under the lock", r.ID, r.ProcessID)
	}
	d.FiredAt = kept(now)
	put(s, s.deadlines, d.ID, d)
	return nil
}

// Earliest is the first open deadline of an instance that is due no later than
// the given one, or nil. Others that nothing waits for do not count.
func (s *Store) Earliest(_ context.Context, limit *row.Deadline) (*row.Deadline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.all(1, func(d *row.Deadline) bool {
		return d.Open() && of(d) == of(limit) && (d.Waits() || d.ID == limit.ID) && cmp.Or(d.DueAt.Compare(limit.DueAt), cmp.Compare(d.ID, limit.ID)) <= 0
	})
	if len(first) == 0 {
		return nil, nil
	}
	return &first[0], nil
}

// Due lists open deadlines due in [from, to), the earliest first. What failed and
// rests until then is left out.
func (s *Store) Due(_ context.Context, from, to time.Time, limit int) ([]row.Deadline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all(limit, func(d *row.Deadline) bool {
		return d.Open() && !d.DueAt.Before(from) && d.DueAt.Before(to) && d.RetryAt.Before(to)
	}), nil
}

// Passed lists the open deadlines of a process and its activities that are due no
// later than an instant; of the same instant the process's own come last. What
// failed holds up nobody else, and is left out.
func (s *Store) Passed(_ context.Context, processID int64, until time.Time) ([]row.Deadline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.all(math.MaxInt, func(d *row.Deadline) bool {
		return d.Open() && d.ProcessID == processID && d.Failures == 0 && !d.DueAt.After(until)
	})
	own := func(d row.Deadline) int { return min(int(d.ActivityID), 1) }
	slices.SortStableFunc(out, func(a, b row.Deadline) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(own(b), own(a)))
	})
	return out, nil
}

// Aside lists the open deadlines of a process, or of all when it is 0, that were
// set aside, in the order of their instants.
func (s *Store) Aside(_ context.Context, processID int64) ([]row.Deadline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all(math.MaxInt, func(d *row.Deadline) bool {
		return d.Open() && d.Aside() && (processID == 0 || d.ProcessID == processID)
	}), nil
}

// all lists at most limit of the deadlines that suit, the earliest first.
func (s *Store) all(limit int, suits func(d *row.Deadline) bool) []row.Deadline {
	var out []row.Deadline
	for _, d := range s.deadlines {
		if suits(&d) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b row.Deadline) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ProcessID, b.ProcessID), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(limit, len(out))]
}

func of(d *row.Deadline) row.Ref { return row.Ref{ProcessID: d.ProcessID, ActivityID: d.ActivityID} }
