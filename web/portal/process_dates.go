package portal

import (
	"slices"
	"time"

	"arengo/web/flow"
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/outlook"
)

// planned is a phase as it was promised.
func (p *picture) planned(state string) workflow.PlannedPhase { return phaseOf(p.Plan.Planned, state) }

func phaseOf(plan []workflow.PlannedPhase, state string) workflow.PlannedPhase {
	if i := slices.IndexFunc(plan, func(x workflow.PlannedPhase) bool { return x.State == state }); i >= 0 {
		return plan[i]
	}
	return workflow.PlannedPhase{State: state}
}

// days counts civil days from one instant to another; 0 when one is unset.
func days(from, to time.Time, zone *time.Location) int {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return civil.DateOf(to, zone).Since(civil.DateOf(from, zone))
}

// dates writes when a phase is, was or will be, and how that differs from the plan.
func (p *picture) dates(b page.Base, ph *page.Phase, plan workflow.PlannedPhase) {
	zone, is := b.Location, phaseOf(p.Plan.Expected, plan.State)
	st, _ := p.Def.State(plan.State)
	hangs := flow.Hangs(b.Words(), p.Def, st)
	waits, rests := p.waits(b, plan.State), flow.Rests(b.Words(), p.Def, p.Inst, plan.State)
	switch ph.State {
	case page.Done, page.Stopped:
		ph.From, ph.Until = plan.StartedAt, plan.EndedAt
		if d := days(plan.End, plan.EndedAt, zone); ph.State == page.Done && d != 0 && !plan.End.IsZero() {
			ph.Note = b.T("portal.phase.planned_end", "day", b.Words().Day(plan.End.Add(-time.Second)))
		}
	case page.Current:
		ph.From, ph.Until = is.Start, p.Inst.DueAt
		switch d := p.extended(zone); {
		case rests != "":
			ph.Until, ph.Note = time.Time{}, b.T("portal.phase.held", "day", b.Words().Date(p.Inst.HeldAt))
		case p.Inst.Held():
			ph.Note = b.T("portal.phase.held", "day", b.Words().Date(p.Inst.HeldAt))
		case flow.Missed(p.Def, p.Inst):
			ph.Until, ph.Note = time.Time{}, b.T("page.phase.missed")
		case d > 0:
			ph.Note = then(b.T("portal.phase.extended", "n", d), waits)
		case waits != "":
			ph.Note = waits
		case !p.Inst.DueAt.IsZero() && p.Inst.Past(b.Now):
			ph.Note = b.T("portal.phase.overdue")
		case p.Inst.DueAt.IsZero() && hangs != "":
			ph.Note = b.T("portal.phase.hangs", "end", hangs)
		}
	case page.Skipped:
		ph.When = b.T("portal.phase.skipped")
		return
	case page.Next, page.Late:
		switch after, awaits := outlook.Awaiting(p.Plan.Expected)[plan.State]; {
		case rests != "":
			ph.When = rests
			return
		case awaits:
			before, _ := p.Def.State(after)
			ph.When = b.T("portal.phase.awaits", "phase", before.Title.In(b.Lang))
			return
		}
		if ph.When = flow.Never(b.Words(), is); ph.When != "" {
			return
		}
		ph.From, ph.Until = is.Start, is.End
		if ph.Until.IsZero() && hangs != "" {
			ph.Note = b.T("portal.phase.hangs", "end", hangs)
		}
		if !ph.From.IsZero() && ph.Until.After(ph.From) {
			ph.Note = then(b.T("portal.phase.expected"), waits)
		}
	}
	over := ph.State == page.Done || ph.State == page.Stopped
	switch {
	case ph.From.IsZero():
		ph.When = b.T("portal.phase.no_dates")
	case !over && st.Term.Exact() && !ph.Until.IsZero() && b.Words().Within(ph.Until):
		ph.When = b.T("portal.phase.period", "day", b.Words().Day(ph.From), "end", b.Words().EndDay(ph.Until))
	}
}

// waits says what comes after a phase on its first possible day and no earlier; "" for
// nothing, and while no date is certain.
func (p *picture) waits(b page.Base, state string) string {
	if p.Inst.Held() {
		return ""
	}
	return flow.Waits(b.Words(), p.Plan.Expected, state)
}

// then puts a sentence after another, where there is one.
func then(first, second string) string {
	if second == "" {
		return first
	}
	return first + ". " + second
}
