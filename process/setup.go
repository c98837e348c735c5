package process

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

// Details are what a promoter may change at any time before the end; Revision
// is the one that the form was made from. KeepDays is how long names are kept
// after the end, in days; 0 leaves it as it is.
type Details struct {
	Title        string
	Summary      string
	ContactName  string
	ContactEmail string
	Decider      string
	KeepDays     int
	Revision     int64
}

// The shortest and the longest time, in days, for which names may be kept after
// the end of a process.
const (
	KeepLeast = 30
	KeepMost  = 3650
)

// Update changes the details. Refusals: fault.Invalid at "title", "summary",
// "email" or "keep" ("process.keep_bad", "process.keep_longer"), fault.Conflict "form.stale" when somebody else saved first, and
// those of Allow.
func (s *Service) Update(ctx context.Context, id ID, who Actor, d Details) error {
	d.Title, d.Summary = strings.TrimSpace(d.Title), strings.TrimSpace(d.Summary)
	bad := checkWords(d.Title, d.Summary)
	if d.ContactEmail != "" {
		email, err := CleanEmail(d.ContactEmail)
		if e, ok := fault.As(err); ok {
			bad = append(bad, e)
		}
		d.ContactEmail = email
	}
	if d.KeepDays != 0 && (d.KeepDays < KeepLeast || d.KeepDays > KeepMost) {
		bad = append(bad, fault.Field("keep", "process.keep_bad", "min", KeepLeast, "max", KeepMost))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, _, err := s.begin(ctx, tx, id, who, ActProcessEdit)
		if err != nil {
			return err
		}
		if err := keepsPromises(p, d); err != nil {
			return err
		}
		if d.KeepDays != 0 {
			p.KeepDays = d.KeepDays
		}
		p.Title, p.Summary, p.Decider = d.Title, d.Summary, strings.TrimSpace(d.Decider)
		p.ContactName, p.ContactEmail, p.Revision = strings.TrimSpace(d.ContactName), d.ContactEmail, d.Revision
		return updateProcess(ctx, tx, p)
	})
}

// keepsPromises refuses to empty what publication asked for: replies to every
// message go to the contact. Names may be erased sooner than people were told,
// not later.
func keepsPromises(p Process, d Details) error {
	var bad fault.List
	if p.Published() && d.Summary == "" {
		bad = append(bad, fault.Field("summary", "form.required"))
	}
	if p.Published() && d.ContactEmail == "" {
		bad = append(bad, fault.Field("email", "form.required"))
	}
	if p.Published() && d.KeepDays > p.KeepDays {
		bad = append(bad, fault.Field("keep", "process.keep_longer", "n", p.KeepDays))
	}
	return bad.Err()
}

// PreviewDates gives the plan that a new start or new lengths would make, and lists
// what they would move: it is SetDates, taken back. Lengths that are refused come
// with the plan that they would make.
func (s *Service) PreviewDates(ctx context.Context, id ID, start civil.Date, days map[string]int) (plan []workflow.PlannedPhase, moves []workflow.Move, err error) {
	err = pg.Undone(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		p, err := loadProcess(ctx, tx, id)
		if err != nil {
			return err
		}
		old, err := s.Expected(ctx, tx, p)
		if err != nil {
			return err
		}
		if plan, err = s.replan(ctx, tx, p, Dates{Start: start, Days: days}, workflow.System()); err != nil {
			return err
		}
		plan, err = s.Expected(ctx, tx, p)
		moves = workflow.Moves(old, plan)
		return err
	})
	return plan, moves, err
}

// replan lays the plan of a process out and writes it, unless a length is refused.
func (s *Service) replan(ctx context.Context, tx bun.IDB, p Process, d Dates, by workflow.Actor) ([]workflow.PlannedPhase, error) {
	def, _, err := s.Definition(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	dates, err := s.CallDates(ctx, tx, p.ID)
	if err != nil {
		return nil, err
	}
	plan := outlook.Plan(def, d.Start, d.Days, dates)
	if err := checkDays(def, d.Days); err != nil {
		return plan, err
	}
	_, err = s.engine.Replan(ctx, tx, p.Ref(), plan, by)
	return plan, err
}

// Dates are the planned ones of a process: its first day, and the lengths of
// phases in days where they are not the template's. Past says that a first day
// before today is meant so. Revision is the one that the form was made from.
type Dates struct {
	Start    civil.Date
	Days     map[string]int
	Past     bool
	Revision int64
}

func (d Dates) check(p Process, def *definition.Compiled, now time.Time) error {
	day := midnight(d.Start)
	if err := workflow.Near("starts_on", day, now); err != nil {
		return err
	}
	moved := p.StartsOn == nil || !p.StartsOn.Equal(day)
	if moved && !d.Past && d.Start.Before(civil.DateOf(now, def.Location)) {
		return fault.Field("starts_on", "process.starts_past")
	}
	return checkDays(def, d.Days)
}

// SetDates replaces the planned dates of a process that is not public yet; the
// end of the present phase and its reminders follow.
// Refusals: fault.Invalid at "days.<state>" below the minimum or above the
// maximum of the definition, "workflow.too_far" and "process.starts_past" (a new
// first day before today that is not said to be meant so) at "starts_on",
// fault.Conflict "process.dates_public" after publication (then ends are moved by
// Extend, on the record), "workflow.term_over", "form.stale".
func (s *Service) SetDates(ctx context.Context, id ID, who Actor, d Dates) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		p, now, err := s.begin(ctx, tx, id, who, ActProcessEdit)
		if err != nil {
			return err
		}
		if p.Published() {
			return fault.New(fault.Conflict, "process.dates_public")
		}
		def, _, err := s.Definition(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := d.check(p, def, now); err != nil {
			return err
		}
		day := midnight(d.Start)
		p.StartsOn, p.Revision = &day, d.Revision
		if err := updateProcess(ctx, tx, p); err != nil {
			return err
		}
		standing, err := s.standing(ctx, tx, id, who)
		if err != nil {
			return err
		}
		_, err = s.replan(ctx, tx, p, d, standing.worker())
		return err
	})
}

// Redate moves, in the caller's transaction, what hangs on the dates of the call
// after they changed, and lists the moves. The changes of a public process are
// logged, with the reason that everybody may read, "" for none.
func (s *Service) Redate(ctx context.Context, tx bun.IDB, p Process, who Actor, reason string, changes []workflow.DateChange) ([]workflow.Move, error) {
	standing, err := s.standing(ctx, tx, p.ID, who)
	if err != nil {
		return nil, err
	}
	if p.Published() && len(changes) > 0 {
		if err := s.engine.NoteDates(ctx, tx, int64(p.ID), standing.worker(), reason, changes); err != nil {
			return nil, err
		}
	}
	moved, err := s.conduct.Reschedule(ctx, tx, p.Ref(), standing.worker())
	return moved.Own, err
}

// CallDates gives the first instants of the dates of the call that are filled in,
// by code; see package calldate.
func (s *Service) CallDates(ctx context.Context, db bun.IDB, id ID) (map[string]time.Time, error) {
	var known guard.ProcessFacts
	if err := pg.Send(ctx, db, dateFacts(id, &known)); err != nil {
		return nil, fmt.Errorf("dates of the call: %w", err)
	}
	return known.Dates, nil
}

// SetPartners replaces the partner organisations, in order.
func (s *Service) SetPartners(ctx context.Context, id ID, who Actor, partners []Partner) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.begin(ctx, tx, id, who, ActProcessEdit); err != nil {
			return err
		}
		return replacePartners(ctx, tx, id, partners)
	})
}

// ReplacePartners is SetPartners in the transaction of a caller that has called
// Begin; seen is the PartnersDigest of the list that the form was made from.
// The refusal is fault.Conflict "form.stale" when it has changed since.
func ReplacePartners(ctx context.Context, tx bun.IDB, id ID, seen string, partners []Partner) error {
	saved, err := listPartners(ctx, tx, id)
	if err != nil {
		return err
	}
	if PartnersDigest(saved) != seen {
		return fault.New(fault.Conflict, "form.stale")
	}
	return replacePartners(ctx, tx, id, partners)
}

// Partners lists the partner organisations.
func (s *Service) Partners(ctx context.Context, id ID) ([]Partner, error) {
	return listPartners(ctx, s.db, id)
}

// SetPopulation replaces the reference population. fault.Invalid at
// "units.<n>", the place in the list, when a number is negative.
func (s *Service) SetPopulation(ctx context.Context, id ID, who Actor, units []PopulationUnit) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.begin(ctx, tx, id, who, ActProcessEdit); err != nil {
			return err
		}
		return replacePopulation(ctx, tx, id, units)
	})
}

// ReplacePopulation is SetPopulation by a form; seen is the PopulationDigest of
// the figures that it was made from. The refusal is fault.Conflict "form.stale"
// when these have changed since.
func (s *Service) ReplacePopulation(ctx context.Context, id ID, who Actor, seen string, units []PopulationUnit) error {
	return s.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.begin(ctx, tx, id, who, ActProcessEdit); err != nil {
			return err
		}
		saved, err := listPopulation(ctx, tx, id)
		if err != nil {
			return err
		}
		if PopulationDigest(saved) != seen {
			return fault.New(fault.Conflict, "form.stale")
		}
		return replacePopulation(ctx, tx, id, units)
	})
}

// Population lists the reference population by municipality.
func (s *Service) Population(ctx context.Context, id ID) ([]PopulationUnit, error) {
	return listPopulation(ctx, s.db, id)
}
