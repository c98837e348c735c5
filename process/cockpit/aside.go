package cockpit

import (
	"context"
	"slices"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Aside is a deadline that the program failed to carry out so often that it was
// set aside; Activity is nil for one of the process itself. Title is what the
// definition calls it, nil for ends and usual reminders.
type Aside struct {
	workflow.Deadline

	Process  process.Process
	Activity *process.Activity
	Title    definition.Text
}

// aside lists what was set aside of the processes in which the person may have it
// tried again; of all for an administrator. Nearly always it is one question.
func (s *Service) aside(ctx context.Context, who process.Actor, views []*view) ([]Aside, error) {
	list, err := s.core.Engine().Aside(ctx, s.core.DB(), 0)
	var out []Aside
	for _, d := range list {
		i := slices.IndexFunc(views, func(v *view) bool { return int64(v.process.ID) == d.ProcessID })
		var p process.Process
		switch {
		case i >= 0 && views[i].may(process.ActDeadlineRetry):
			p = views[i].process
		case !who.Administrator:
			continue
		default:
			if p, err = s.core.LoadProcess(ctx, s.core.DB(), process.ID(d.ProcessID)); err != nil {
				return nil, err
			}
		}
		one, err := s.named(ctx, p, d)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, err
}

// AsideOf lists what was set aside of one process.
func (s *Service) AsideOf(ctx context.Context, p process.Process) ([]Aside, error) {
	list, err := s.core.Engine().Aside(ctx, s.core.DB(), int64(p.ID))
	if err != nil {
		return nil, err
	}
	out := make([]Aside, len(list))
	for i, d := range list {
		if out[i], err = s.named(ctx, p, d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// named says of what a deadline is. A definition that cannot be read any more may
// be what is wrong, and hides nothing.
func (s *Service) named(ctx context.Context, p process.Process, d workflow.Deadline) (Aside, error) {
	db, out := s.core.DB(), Aside{Deadline: d, Process: p}
	ref := workflow.Ref{ProcessID: d.ProcessID, ActivityID: d.ActivityID}
	if d.ActivityID != 0 {
		a, err := s.core.LoadActivity(ctx, db, p.ID, process.ActivityID(d.ActivityID))
		if err != nil {
			return out, err
		}
		out.Activity = &a
	}
	inst, err := s.core.Engine().Instance(ctx, db, ref)
	if err != nil {
		return out, err
	}
	if def, err := s.core.Engine().Definition(ctx, db, inst); err == nil {
		out.Title = def.DeadlineTitle(d.Name)
	}
	return out, nil
}
