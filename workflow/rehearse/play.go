package rehearse

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
)

const (
	longest = 10  // years that a rehearsal may take
	idle    = 300 // moments in a row at which nothing changes: nothing will any more
)

// begin makes the process in its first state.
func (r *rehearsal) begin(ctx context.Context) error {
	r.lookAtDates()
	return r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
		res, err := r.engine.Create(ctx, tx, process, workflow.Start{
			Definition: r.def.Name, Version: r.def.Version, Zone: r.def.Location.String(), Closed: r.Setup.Closed,
			Actor: workflow.Person(1, "promoter"), Plan: r.plan(),
		})
		if err != nil {
			return err
		}
		return r.conduct.Carry(ctx, tx, res.Effects, noCause)
	})
}

// moment is the next thing to happen.
type moment struct {
	at time.Time
	do func(ctx context.Context) error
}

// play lets one thing happen after the other.
func (r *rehearsal) play(ctx context.Context) error {
	horizon := r.Start.Start(r.def.Location).AddDate(longest, 0, 0)
	still, before := 0, r.changes
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.tend()
		m, err := r.nextMoment(ctx)
		if err != nil {
			return err
		}
		if m.do == nil || still > idle {
			return nil
		}
		if m.at.After(horizon) {
			r.tooLong = true
			return nil
		}
		if m.at.After(r.clock.Time()) {
			r.clock.Set(m.at)
		}
		if err := m.do(ctx); err != nil {
			return err
		}
		if still++; r.changes != before {
			still, before = 0, r.changes
		}
	}
}

// nextMoment is the earliest of what the clock, the scenario, participants and
// staff have before them; at one instant, in that order.
func (r *rehearsal) nextMoment(ctx context.Context) (moment, error) {
	var all []moment
	due, err := r.rows.Due(ctx, time.Time{}, r.clock.Time().AddDate(longest*2, 0, 0), 1)
	if err != nil {
		return moment{}, err
	}
	if len(due) > 0 {
		all = append(all, moment{r.up(due[0].DueAt.UTC()), r.sweep})
	}
	all = append(all, r.holdMoments()...)
	all = append(all, r.extensionMoments()...)
	if at, ok := r.crowd.next(); ok {
		all = append(all, moment{at, func(context.Context) error { r.crowd.arrive(); return nil }})
	}
	if d := r.staff.next(); d != nil {
		all = append(all, moment{d.wake, func(ctx context.Context) error { return r.work(ctx, d) }})
	}
	var first moment
	for _, m := range all {
		if m.at.Before(r.clock.Time()) {
			m.at = r.clock.Time()
		}
		if first.do == nil || m.at.Before(first.at) {
			first = m
		}
	}
	return first, nil
}

func (r *rehearsal) sweep(ctx context.Context) error {
	_, err := r.conduct.Sweep(ctx, nil)
	return err
}

// conclude audits the play and completes the report.
func (r *rehearsal) conclude(ctx context.Context) (*Report, error) {
	inst := r.instance(process)
	s, _ := r.def.State(inst.State)
	out := r.report
	out.End = End{Reached: s.Final, State: s.Name, Title: s.Title.In(r.Lang), At: inst.EnteredAt}
	out.End.Days = r.days(r.Start.Start(r.def.Location), inst.EnteredAt)
	if err := r.audit(ctx); err != nil {
		return nil, err
	}
	r.look(inst)
	for _, a := range r.activities {
		out.Activities = append(out.Activities, r.answers(a))
	}
	out.Errors = append(out.Errors, r.errors.found...)
	slices.SortStableFunc(out.Acts, func(a, b Act) int { return a.at.Compare(b.at) })
	slices.SortStableFunc(out.Messages, func(a, b Message) int { return a.At.Compare(b.At) })
	return out, nil
}

func (r *rehearsal) answers(a *activity) Answers {
	f := r.activityFacts(a)
	out := Answers{
		Title: a.title, Kind: a.kind, Phase: a.phase, State: a.state, Rates: f.Rates, ByDay: a.byDay,
		Invited: int(a.counts["invited"]), Answered: int(a.counts["answered"]), Registered: int(a.counts["registered"]),
	}
	if st, ok := r.kinds[a.kind].Definition.State(a.state); ok {
		out.State = st.Title.In(r.Lang)
	}
	if p, ok := r.def.State(a.phase); ok {
		out.Phase = p.Title.In(r.Lang)
	}
	return out
}

// audit counts the deadlines and recomputes the chain of the log.
func (r *rehearsal) audit(ctx context.Context) error {
	l := &r.report.Ledger
	for _, ref := range r.refs() {
		deadlines, err := r.engine.Deadlines(ctx, nil, ref)
		if err != nil {
			return err
		}
		for _, d := range deadlines {
			l.Armed++
			switch {
			case !d.FiredAt.IsZero():
				l.Fired++
			case !d.CancelledAt.IsZero():
				l.Cancelled++
			default:
				l.Open++
			}
		}
	}
	log, err := r.engine.Log(ctx, nil, process.ProcessID, 0, 0)
	if err != nil {
		return err
	}
	l.Log = len(log)
	if len(log) > 0 {
		l.Head = log[len(log)-1].Hash
	}
	if err := history.Verify(ctx, r.rows, process.ProcessID); err != nil {
		r.errors.found = append(r.errors.found, err.Error())
		return nil
	}
	l.Verified = true
	return nil
}

// assumeDates supposes the dates of the call that nobody filled in and that must
// be, each behind the one that it must follow and else in the order of the file: the
// end of a state that waits for one, fifteen days after it is planned to begin, or the
// first day after that on which it may fall; the start for the others. None is supposed
// before one that the file names earlier. One that need not be stays unknown.
func (r *rehearsal) assumeDates() {
	last := r.Start
	for _, d := range ordered(r.def.Dates) {
		at, known := r.has.Process.Dates[d.Code]
		if day, needed := r.supposed(d); !known && needed {
			if day.Before(last) {
				day = last
			}
			at = r.possible(d, day)
			r.has.Process.Dates[d.Code] = at
			r.assume("assumed-date", "date", d.Title.In(r.Lang), "day", r.words.Day(r.date(at)))
		}
		if day := r.date(at); !at.IsZero() && last.Before(day) {
			last = day
		}
	}
}

// ordered are dates of a call, each behind the one that it must come after.
func ordered(dates []definition.Date) []definition.Date {
	var out []definition.Date
	there := map[string]bool{"": true}
	for len(out) < len(dates) {
		for _, d := range dates {
			if there[d.After] && !there[d.Code] {
				out, there[d.Code] = append(out, d), true
			}
		}
	}
	return out
}

// possible is the first instant of the first day, from one on, on which a date of the
// call may fall: one of its days, after the date that it must follow.
func (r *rehearsal) possible(d definition.Date, from civil.Date) time.Time {
	if before, ok := r.has.Process.Dates[d.After]; ok && !r.date(before).Before(from) {
		from = r.date(before).Add(1)
	}
	return d.Days.Next(from).Start(r.def.Location)
}

// supposed is when a date of the call would be, and whether it must be.
func (r *rehearsal) supposed(d definition.Date) (day civil.Date, needed bool) {
	for _, p := range r.plan() {
		s, _ := r.def.State(p.State)
		if s.Term == nil || s.Term.Until != definition.AnchorDate+":"+d.Code {
			continue
		}
		if day = r.date(p.Start); len(d.Days) > 0 {
			return day.Add(1), true
		}
		return day.Add(15), true
	}
	return r.Start, d.Required
}

// plan lays the phases out as the wizard does, with the scenario's terms.
func (r *rehearsal) plan() []workflow.PlannedPhase {
	terms := maps.Clone(r.Setup.Terms)
	if terms == nil {
		terms = map[string]int{}
	}
	maps.Copy(terms, r.Scenario.Terms)
	plan := outlook.Plan(r.def, r.Start, terms, r.has.Process.Dates)
	for i := range plan {
		if end, ok := r.Setup.Ends[plan[i].State]; ok && r.Scenario.Terms[plan[i].State] == 0 && end.After(plan[i].Start) {
			plan[i].End, plan[i].Fixed, plan[i].Source = end, true, outlook.SourceFixed
		}
	}
	return plan
}

// planned is the plan of one state.
func (r *rehearsal) planned(state string) workflow.PlannedPhase {
	plan := r.plan()
	if i := slices.IndexFunc(plan, func(p workflow.PlannedPhase) bool { return p.State == state }); i >= 0 {
		return plan[i]
	}
	return workflow.PlannedPhase{}
}
