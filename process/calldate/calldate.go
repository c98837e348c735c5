// Package calldate keeps the civil dates of a call that a definition asks its
// promoter for: the day by which a process must begin, the windows of an
// authority.
package calldate

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Date is a date that the definition asks for; Day is zero until it is filled
// in. Missed says that the day went by before the phase began that ends with it, or
// must come after one of which that is so: a public process may give it anew,
// since what it promised cannot be kept any more.
type Date struct {
	definition.Date
	Day    civil.Date
	Missed bool
}

// Service holds the use cases of the dates of a call.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// List gives the dates that the definition of a process asks for, in file
// order.
func (s *Service) List(ctx context.Context, p process.Process) ([]Date, error) {
	return s.list(ctx, s.core.DB(), p)
}

func (s *Service) list(ctx context.Context, db bun.IDB, p process.Process) ([]Date, error) {
	def, _, err := s.core.Definition(ctx, db, p)
	if err != nil || len(def.Dates) == 0 {
		return nil, err
	}
	days, err := load(ctx, db, p.ID)
	if err != nil {
		return nil, err
	}
	missed, err := s.missed(ctx, db, p, def, days)
	out := make([]Date, len(def.Dates))
	for i, d := range def.Dates {
		out[i] = Date{d, days[d.Code], missed[d.Code]}
	}
	return out, err
}

// Known gives the first instants of dates, by code, zero for those not yet given.
func Known(ctx context.Context, db bun.IDB, p process.Process, dates []definition.Date) (map[string]time.Time, error) {
	if len(dates) == 0 {
		return nil, nil
	}
	days, err := load(ctx, db, p.ID)
	if err != nil {
		return nil, err
	}
	out := make(map[string]time.Time, len(dates))
	for _, d := range dates {
		out[d.Code] = time.Time{}
		if day, ok := days[d.Code]; ok {
			out[d.Code] = day.Start(p.Location())
		}
	}
	return out, nil
}

// Save fills the dates in, by code; the zero date empties one. The end of the
// present phase and its reminders follow, and what moved is returned and
// logged; so does the plan of the phases behind it. Once the process is public a
// day that was filled in is a promise: only those still empty may be given, and
// each is logged, with the reason that everybody may read, "" for none. Refusals: fault.Invalid "form.required" at
// "day.<code>" for a required date of a public process, "workflow.too_far" there
// for one of more than ten years ahead, "process.date_day" for another day than the
// definition allows, "process.date_after" for one that does not come after the one it
// must, fault.Conflict "process.dates_public", and those of process.Allow.
func (s *Service) Save(ctx context.Context, id process.ID, who process.Actor, days map[string]civil.Date, reason string) (moves []workflow.Move, err error) {
	err = s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		moves, err = s.save(ctx, tx, id, who, days, strings.TrimSpace(reason))
		return err
	})
	return moves, err
}

// Outlook is what other dates of the call would change: the deadlines of the
// present phase that move, its end under the name "end", and the plan as it is and
// as it would be.
type Outlook struct {
	Moves         []workflow.Move
	Before, After []workflow.PlannedPhase
}

// Preview gives what Save would change, and changes nothing. Its refusals are
// Save's.
func (s *Service) Preview(ctx context.Context, id process.ID, who process.Actor, days map[string]civil.Date) (out Outlook, err error) {
	err = pg.Undone(ctx, s.core.DB(), func(ctx context.Context, tx bun.Tx) error {
		p, err := s.core.LoadProcess(ctx, tx, id)
		if err != nil {
			return err
		}
		if out.Before, err = s.core.Expected(ctx, tx, p); err != nil {
			return err
		}
		if out.Moves, err = s.save(ctx, tx, id, who, days, ""); err != nil {
			return err
		}
		out.After, err = s.core.Expected(ctx, tx, p)
		return err
	})
	return out, err
}

func (s *Service) save(ctx context.Context, tx bun.IDB, id process.ID, who process.Actor, days map[string]civil.Date, reason string) ([]workflow.Move, error) {
	p, now, err := s.core.Begin(ctx, tx, id, who, process.ActProcessEdit)
	if err != nil {
		return nil, err
	}
	kept, err := s.list(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if err := keeps(p, kept, days, now); err != nil {
		return nil, err
	}
	def, _, err := s.core.Definition(ctx, tx, p)
	if err != nil {
		return nil, err
	}
	if err := follow(p, def.Definition, kept, days); err != nil {
		return nil, err
	}
	var changes []workflow.DateChange
	for _, d := range kept {
		if d.Day == days[d.Code] {
			continue
		}
		if err := set(ctx, tx, id, d.Code, days[d.Code]); err != nil {
			return nil, err
		}
		changes = append(changes, workflow.DateChange{Code: d.Code, Old: text(d.Day), New: text(days[d.Code])})
	}
	return s.core.Redate(ctx, tx, p, who, reason, changes)
}

// text is a day as the log keeps it, "" for none.
func text(day civil.Date) string {
	if day == (civil.Date{}) {
		return ""
	}
	return day.String()
}

// keeps refuses a slip of the year, a day on which the date cannot fall, and to
// break what a public process promised.
func keeps(p process.Process, kept []Date, days map[string]civil.Date, now time.Time) error {
	var bad fault.List
	for _, d := range kept {
		day := days[d.Code]
		if e, ok := fault.As(workflow.Near("day."+d.Code, day.Start(p.Location()), now)); ok && day != d.Day {
			bad = append(bad, e)
		} else if day != (civil.Date{}) && day != d.Day && !d.Days.Has(day) {
			bad = append(bad, fault.Field("day."+d.Code, "process.date_day", "days", d.Days))
		}
		if !p.Published() {
			continue
		}
		if d.Day != (civil.Date{}) && day != d.Day && !d.Missed {
			return fault.New(fault.Conflict, "process.dates_public")
		}
		if d.Required && day == (civil.Date{}) {
			bad = append(bad, fault.Field("day."+d.Code, "form.required"))
		}
	}
	return bad.Err()
}

// follow refuses a day that does not come after the one that it must, where one of
// the two is new: what a definition asks that the process was moved to later is said
// where it is published.
func follow(p process.Process, def definition.Definition, kept []Date, days map[string]civil.Date) error {
	known, fresh := map[string]time.Time{}, map[string]bool{}
	for _, d := range kept {
		if fresh[d.Code] = d.Day != days[d.Code]; days[d.Code] != (civil.Date{}) {
			known[d.Code] = days[d.Code].Start(p.Location())
		}
	}
	var bad fault.List
	for _, x := range def.Untimely(known) {
		if fresh[x.Date.Code] || fresh[x.After.Code] {
			bad = append(bad, fault.Field("day."+x.Date.Code, "process.date_after", Named(x, days)...))
		}
	}
	return bad.Err()
}

// Named are the arguments of the sentence "process.date_after": two dates that do not
// follow each other as they must, with their days.
func Named(x definition.Untimely, days map[string]civil.Date) []any {
	return []any{"date", x.Date.Title, "day", days[x.Date.Code], "after", x.After.Title, "before", days[x.After.Code]}
}
