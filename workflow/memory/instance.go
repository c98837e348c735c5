package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"arengo/process/fault"
	"arengo/workflow/row"
)

// Instance reads one instance; fault.NotFound "workflow.instance_unknown".
func (s *Store) Instance(_ context.Context, ref row.Ref) (*row.Instance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.instance(ref)
}

func (s *Store) instance(ref row.Ref) (*row.Instance, error) {
	i, ok := s.instances[ref]
	if !ok {
		return nil, fault.New(fault.NotFound, "workflow.instance_unknown", "process", ref.ProcessID, "activity", ref.ActivityID)
	}
	return &i, nil
}

// Lock reads the process and the instance, the same row twice when the instance
// is the process. The turn of the transaction is the lock.
func (s *Store) Lock(_ context.Context, ref row.Ref) (process, inst *row.Instance, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if process, err = s.instance(ref.Process()); err != nil || ref.ActivityID == 0 {
		return process, process, err
	}
	inst, err = s.instance(ref)
	return process, inst, err
}

// Instances reads processes and their activities, each process first.
func (s *Store) Instances(_ context.Context, processIDs ...int64) ([]row.Instance, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row.Instance
	for ref, i := range s.instances {
		if slices.Contains(processIDs, ref.ProcessID) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b row.Instance) int {
		return cmp.Or(cmp.Compare(a.ProcessID, b.ProcessID), cmp.Compare(a.ActivityID, b.ActivityID))
	})
	return out, nil
}

// AddInstance begins an instance; fault.Conflict "workflow.instance_exists".
func (s *Store) AddInstance(_ context.Context, i *row.Instance) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.instances[i.Ref()]; ok {
		return fault.New(fault.Conflict, "workflow.instance_exists")
	}
	return s.keep(*i)
}

// SaveInstance writes a changed row.
func (s *Store) SaveInstance(_ context.Context, i *row.Instance) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.instances[i.Ref()]; !ok {
		return fmt.Errorf("memory: there is no instance %+v to save", i.Ref())
	}
	return s.keep(*i)
}

func (s *Store) keep(i row.Instance) error {
	switch {
	case i.ActivityID < 0:
		return violation("workflow_instance_activity_check")
	case i.ActivityID != 0 && (i.Head != nil || i.Seq != 0):
		return violation("workflow_instance_head_check")
	case i.HeldDays < 0:
		return violation("workflow_instance_held_days_check")
	}
	for _, at := range []*time.Time{&i.EnteredAt, &i.MinAt, &i.DueAt, &i.MaxAt, &i.HeldAt, &i.FirstDueAt, &i.CreatedAt} {
		*at = kept(*at)
	}
	put(s, s.instances, i.Ref(), i)
	return nil
}

// Plan reads the plan of an instance in order.
func (s *Store) Plan(_ context.Context, ref row.Ref) ([]row.Phase, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.plans[ref]), nil
}

// WritePlan replaces what is planned and keeps what happened.
func (s *Store) WritePlan(_ context.Context, ref row.Ref, rows []row.Phase) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, err := planned(rows)
	if err != nil {
		return err
	}
	for _, old := range s.plans[ref] {
		if i := find(plan, old.State); i >= 0 {
			plan[i].StartedAt, plan[i].EndedAt, plan[i].Reason = old.StartedAt, old.EndedAt, old.Reason
		} else if !old.StartedAt.IsZero() {
			plan = append(plan, old)
		}
	}
	s.order(ref, plan)
	return nil
}

// planned are rows as the database keeps them.
func planned(rows []row.Phase) ([]row.Phase, error) {
	plan := make([]row.Phase, 0, len(rows))
	for i, p := range rows {
		switch {
		case find(rows[:i], p.State) >= 0:
			return nil, violation("workflow_plan_pkey")
		case p.Days < 0:
			return nil, violation("workflow_plan_days_check")
		case !p.PlannedStart.IsZero() && !p.PlannedEnd.IsZero() && p.PlannedEnd.Before(p.PlannedStart):
			return nil, violation("workflow_plan_order_check")
		}
		p.PlannedStart, p.PlannedEnd, p.StartedAt, p.EndedAt = kept(p.PlannedStart), kept(p.PlannedEnd), kept(p.StartedAt), kept(p.EndedAt)
		plan = append(plan, p)
	}
	return plan, nil
}

// NotePlan writes what happened beside the plan. A state outside the plan gets
// a row after the planned ones.
func (s *Store) NotePlan(_ context.Context, ref row.Ref, p row.Passage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan := slices.Clone(s.plans[ref])
	if i := find(plan, p.Left); i >= 0 {
		plan[i].EndedAt, plan[i].Reason = kept(p.At), p.Reason
	}
	i := find(plan, p.Entered)
	if i < 0 {
		position := 0
		for _, other := range plan {
			position = max(position, other.Position+1)
		}
		i = len(plan)
		plan = append(plan, row.Phase{
			ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, State: p.Entered, Position: position, Source: "none",
		})
	}
	if plan[i].StartedAt.IsZero() {
		plan[i].StartedAt = kept(p.At)
	}
	plan[i].EndedAt, plan[i].Reason = time.Time{}, ""
	s.order(ref, plan)
	return nil
}

func (s *Store) order(ref row.Ref, plan []row.Phase) {
	slices.SortFunc(plan, func(a, b row.Phase) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.State, b.State))
	})
	put(s, s.plans, ref, plan)
}

func find(plan []row.Phase, state string) int {
	return slices.IndexFunc(plan, func(p row.Phase) bool { return p.State == state })
}

// ReplacePlan puts rows in the place of a whole plan, with what happened.
func (s *Store) ReplacePlan(_ context.Context, ref row.Ref, rows []row.Phase) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, err := planned(rows)
	if err == nil {
		s.order(ref, plan)
	}
	return err
}
