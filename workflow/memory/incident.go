package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"arengo/workflow/row"
)

// AddIncident opens that of a deadline.
func (s *Store) AddIncident(_ context.Context, r *row.Incident) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(*r)
	return nil
}

// Hold opens an incident without a deadline, unless one is open for the same
// transition; it reports whether it did.
func (s *Store) Hold(_ context.Context, r *row.Incident) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.incidents {
		if i.ProcessID == r.ProcessID && i.ActivityID == r.ActivityID && i.Transition == r.Transition && i.ResolvedAt.IsZero() {
			return false, nil
		}
	}
	held := *r
	held.DeadlineID = 0
	s.add(held)
	return true, nil
}

func (s *Store) add(i row.Incident) {
	i.ID, i.OpenedAt = s.next("incident"), kept(i.OpenedAt)
	put(s, s.incidents, i.ID, i)
}

// Resolve closes what is open of an instance.
func (s *Store) Resolve(_ context.Context, ref row.Ref, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resolve(ref, now, func(row.Incident) bool { return true })
	return nil
}

// Withdraw closes what Hold opened for one transition of an instance.
func (s *Store) Withdraw(_ context.Context, ref row.Ref, transition string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resolve(ref, now, func(i row.Incident) bool { return i.Transition == transition && i.DeadlineID == 0 })
	return nil
}

func (s *Store) resolve(ref row.Ref, now time.Time, suits func(i row.Incident) bool) {
	for id, i := range s.incidents {
		if i.ProcessID == ref.ProcessID && i.ActivityID == ref.ActivityID && i.ResolvedAt.IsZero() && suits(i) {
			i.ResolvedAt = kept(now)
			put(s, s.incidents, id, i)
		}
	}
}

// Incidents lists what is open of a process, or of all when it is 0, the oldest
// first.
func (s *Store) Incidents(_ context.Context, processID int64) ([]row.Incident, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row.Incident
	for _, i := range s.incidents {
		if i.ResolvedAt.IsZero() && (processID == 0 || i.ProcessID == processID) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b row.Incident) int {
		return cmp.Or(a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ProcessID, b.ProcessID), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}
