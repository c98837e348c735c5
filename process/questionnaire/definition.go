package questionnaire

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/questionnaire/form"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
)

// Load gives the working copy; fault.NotFound "activity.not_found".
func (s *Service) Load(ctx context.Context, id process.ID, activity process.ActivityID) (Questionnaire, error) {
	return loadQuestionnaire(ctx, s.core.DB(), id, activity)
}

// Save writes the working copy: any definition, also one with errors. q is what
// Load gave with Definition changed; the result has the new revision. Refusals:
// fault.Conflict "form.stale" when somebody saved first (load again and show
// both: nothing is lost), fault.Closed "answer.edit_closed" once answers are
// taken, and the policy's (ActActivityEdit).
func (s *Service) Save(ctx context.Context, who process.Actor, q Questionnaire) (Questionnaire, error) {
	var out Questionnaire
	err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.edit(ctx, tx, q.ProcessID, q.ActivityID, who)
		if err != nil {
			return err
		}
		if err := updateDefinition(ctx, tx, q, who.Person, now); err != nil {
			return err
		}
		out, err = loadQuestionnaire(ctx, tx, q.ProcessID, q.ActivityID)
		return err
	})
	return out, err
}

// edit opens a use case that changes the questionnaire before it opens.
func (s *Service) edit(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor) (process.Activity, time.Time, error) {
	_, now, err := s.core.Begin(ctx, tx, id, who, process.ActActivityEdit)
	if err != nil {
		return process.Activity{}, now, err
	}
	a, err := s.core.LoadActivity(ctx, tx, id, activity)
	if err != nil {
		return a, now, err
	}
	if ok, err := s.core.Allows(ctx, tx, a, "edit", now); err != nil || ok {
		return a, now, err
	}
	return a, now, fault.New(fault.Closed, "answer.edit_closed")
}

// PublishDefinition makes the working copy at that revision the next version;
// one equal to the last version changes nothing. Refusals: a fault.List of
// fault.Invalid, one for each error of form.Check, with the item's code as
// Field; fault.Conflict "form.stale"; fault.Closed "answer.edit_closed"; the
// policy's (ActActivityEdit).
func (s *Service) PublishDefinition(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, revision int64) (Version, error) {
	var out Version
	err := s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.edit(ctx, tx, id, activity, who)
		if err != nil {
			return err
		}
		q, err := loadQuestionnaire(ctx, tx, id, activity)
		switch {
		case err != nil:
			return err
		case q.Revision != revision:
			return fault.New(fault.Conflict, "form.stale")
		case q.Published != nil && !q.Changed:
			out = *q.Published
			return nil
		}
		if _, err := form.Compile(q.Definition); err != nil {
			return err
		}
		out = Version{Number: 1, Definition: q.Definition, PublishedAt: now}
		if q.Published != nil {
			out.Number = q.Published.Number + 1
		}
		return insertVersion(ctx, tx, q, &out, who.Person)
	})
	return out, err
}

// Form is a published version compiled; 0 is the latest. Errors as Version.
func (s *Service) Form(ctx context.Context, id process.ID, activity process.ActivityID, number int) (*form.Form, error) {
	f, _, err := s.compiled(ctx, s.core.DB(), formKey{id, activity, number})
	return f, err
}

// compiled finds a form in memory or compiles it, and says which version it is.
func (s *Service) compiled(ctx context.Context, db bun.IDB, key formKey) (*form.Form, int, error) {
	if key.version != 0 {
		if f, ok := s.forms.get(key); ok {
			return f, key.version, nil
		}
	}
	v, err := loadVersion(ctx, db, key.process, key.activity, key.version)
	if err != nil {
		return nil, 0, err
	}
	f, err := form.Compile(v.Definition)
	if err != nil {
		return nil, 0, err
	}
	key.version = v.Number
	s.forms.put(key, f)
	return f, v.Number, nil
}

// Preview is the working copy compiled, for those who try it before anybody
// else sees it; nothing is stored. Errors as those of form.Compile.
func (s *Service) Preview(ctx context.Context, id process.ID, activity process.ActivityID) (*form.Form, error) {
	q, err := s.Load(ctx, id, activity)
	if err != nil {
		return nil, err
	}
	return form.Compile(q.Definition)
}

// SetEnd chooses the last day on which answers are taken, yyyy-mm-dd in the
// process's zone. Refusals: fault.Invalid at "end": "answer.end_bad",
// "answer.end_past", "answer.end_beyond" (args "max", "days": so long after the
// planned opening); fault.Closed
// "answer.edit_closed" once open (extend it then); the policy's
// (ActActivityEdit).
func (s *Service) SetEnd(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, day string) error {
	date, err := civil.ParseDate(day)
	if err != nil {
		return fault.Field("end", "answer.end_bad")
	}
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, now, err := s.edit(ctx, tx, id, activity, who)
		if err != nil {
			return err
		}
		p, err := s.core.LoadProcess(ctx, tx, id)
		if err != nil {
			return err
		}
		st, err := s.openState(ctx, tx, a)
		if err != nil {
			return err
		}
		from, err := s.opening(ctx, tx, p, a, now)
		if err != nil {
			return err
		}
		end := date.Add(1).Start(p.Location())
		if err := checkEnd(end, now, st.Term.Max.After(from, civil.Plain(p.Location())), st.Term.Max.Days); err != nil {
			return err
		}
		plan := []workflow.PlannedPhase{{
			State: stateOpen, Title: st.Title, Start: now, End: end, Source: outlook.SourceFixed, Fixed: true,
		}}
		if err := s.core.Engine().SetPlan(ctx, tx, a.Ref(), plan); err != nil {
			return err
		}
		return updateEnd(ctx, tx, id, activity, end)
	})
}

// opening is when the questionnaire opens at the earliest: with its phase, as far as
// anybody can say, or now.
func (s *Service) opening(ctx context.Context, tx bun.IDB, p process.Process, a process.Activity, now time.Time) (time.Time, error) {
	plan, err := s.core.Expected(ctx, tx, p)
	if err != nil {
		return now, err
	}
	for _, phase := range plan {
		if phase.State == a.Phase && phase.Start.After(now) {
			return phase.Start, nil
		}
	}
	return now, nil
}

func checkEnd(end, now, last time.Time, days int) error {
	switch {
	case !end.After(now):
		return fault.Field("end", "answer.end_past")
	case end.After(last):
		return fault.Field("end", "answer.end_beyond", "max", last, "days", days)
	}
	return nil
}

// openState is the state in which people answer, as the instance's definition
// has it.
func (s *Service) openState(ctx context.Context, db bun.IDB, a process.Activity) (definition.State, error) {
	inst, err := s.core.Engine().Instance(ctx, db, a.Ref())
	if err != nil {
		return definition.State{}, err
	}
	def, err := s.core.Engine().Resolve(ctx, db, inst.Definition, inst.Version)
	if err != nil {
		return definition.State{}, err
	}
	i := slices.IndexFunc(def.States, func(st definition.State) bool { return st.Name == stateOpen })
	return def.States[i], nil
}
