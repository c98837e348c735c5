package rehearse

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

// take does a step and notes who did it.
func (r *rehearsal) take(ctx context.Context, s step, inst workflow.Instance) error {
	r.act(s, inst)
	r.changes++
	return s.do(ctx)
}

// act notes what somebody did now. Its due date is the end of the term that it
// serves: of the activity where that has one, else of the process.
func (r *rehearsal) act(s step, inst workflow.Instance) {
	whole := r.instance(process)
	due := r.due(whole)
	if inst.ActivityID != 0 && !inst.DueAt.IsZero() && (due.IsZero() || inst.DueAt.Before(due)) {
		due = inst.DueAt
	}
	now := r.clock.Time()
	a := Act{On: r.date(now).String(), Due: r.lastDay(due), Who: s.who, What: s.what, Fix: s.fix, State: whole.State, at: now}
	a.Activity, a.Late = r.titleOf(inst.Ref), !due.IsZero() && !now.Before(due)
	if a.Activity == "" && s.activity != nil && s.activity.made() {
		a.Activity = s.activity.title
	}
	r.report.Acts = append(r.report.Acts, a)
}

// due is when a term ends: its deadline, or of one that was over before it began the
// day on which it should have been.
func (r *rehearsal) due(inst workflow.Instance) time.Time {
	def := r.definitionOf(inst.Ref)
	s, _ := def.State(inst.State)
	return outlook.Promised(s.Term, inst.EnteredAt, inst.DueAt, r.has, def.Civil())
}

// advance lets a person make a transition. One that is blocked after all is
// tried again the next working day.
func (r *rehearsal) advance(ctx context.Context, d *desk, inst workflow.Instance, t definition.Transition) error {
	who := r.person(t)
	before := len(r.report.Acts)
	r.act(step{what: r.definitionOf(inst.Ref).Label(t).In(r.Lang), who: who}, inst)
	r.report.Acts[before].Advances = true
	def := r.definitionOf(inst.Ref)
	s, _ := def.State(inst.State)
	if s.Term != nil && s.Term.Until != "" && !s.Term.Dated() {
		r.report.Acts[before].Late = false // it lasts until the meeting: after it is the time
	}
	if opens := def.Lets(inst.State, t.Event, inst.DueAt, r.has.Process.Dates); opens.After(inst.DueAt) && !inst.DueAt.IsZero() {
		r.report.Acts[before].Due, r.report.Acts[before].Late = r.date(opens).String(), false // dates forbid it before
	}
	command := workflow.Command{Ref: inst.Ref, Transition: t.ID, Actor: workflow.Person(1, who)}
	if t.ReasonRequired || s.Term != nil && s.Term.Law != nil {
		command.Reason, command.PublicReason = r.words.Tell("reason"), true
	}
	err := r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
		_, err := r.conduct.Apply(ctx, tx, command)
		return err
	})
	var blocked *workflow.Blocked
	if errors.As(err, &blocked) {
		r.report.Acts = r.report.Acts[:before]
		d.wake = r.slot(r.clock.Time(), processHour, 1)
		return nil
	}
	return err
}

// faults warns, once each, of guards that could not be evaluated.
func (r *rehearsal) faults(inst workflow.Instance, unmet []definition.Unmet) {
	for _, g := range unmet {
		if g.Fault == nil {
			continue
		}
		w := Warning{
			Code: "guard-fails", Level: Severe, At: r.clock.Time(), State: inst.State, Activity: r.titleOf(inst.Ref), Fix: "phases",
			Text: r.words.Tell("guard-fails", "code", g.Code, "why", guard.Reason(g.Fault).In(r.Lang)), Do: r.words.Tell("guard-fails-do"),
		}
		if inst.ActivityID == 0 {
			w.Line = g.Line
		}
		r.once(w, inst.State+"."+g.Code)
	}
}

// despair warns, once, of guards that nothing removes.
func (r *rehearsal) despair(inst workflow.Instance, hopeless []definition.Guard) {
	for _, g := range hopeless {
		def := r.definitionOf(inst.Ref)
		s, _ := def.State(inst.State)
		w := Warning{
			Code: "nobody-can-advance", Level: Severe, At: r.clock.Time(), State: inst.State, Activity: r.titleOf(inst.Ref), Fix: g.Fix,
			Text: r.words.Tell("hopeless", "state", s.Title.In(r.Lang), "why", g.Explain.In(r.Lang)), Do: r.words.Tell("hopeless-do"),
		}
		r.once(w, inst.State+"."+g.Code)
	}
}

// once adds a warning unless one of that key is there.
func (r *rehearsal) once(w Warning, key string) {
	if key = w.Code + "." + key; !r.noted[key] {
		r.noted[key] = true
		r.report.Warnings = append(r.report.Warnings, w)
	}
}

// days is the civil distance between two instants.
func (r *rehearsal) days(from, to time.Time) int {
	return civil.DateOf(to, r.def.Location).Since(civil.DateOf(from, r.def.Location))
}

// documents are those that the state asks for and no guard did.
func (r *rehearsal) documents(state string, goal definition.Transition, steps []step) []step {
	s, _ := r.def.State(state)
	var out []step
	for _, a := range s.Artefacts {
		there := slices.Contains(r.has.Artefacts.Present, a.Code) && (!a.Public || slices.Contains(r.has.Artefacts.Published, a.Code))
		if there || !a.Required || len(steps) > 0 || a.Code == "population" {
			continue
		}
		key := "document"
		if a.Public {
			key = "document-public"
		}
		out = append(out, step{
			what: r.words.Tell(key, "title", a.Title.In(r.Lang)), fix: "documents", who: r.office(goal, writers(a)),
			do: func(context.Context) error { document(&r.has, a.Code, a.Public); return nil },
		})
	}
	return out
}

// Who may do what staff do, as the policy of the product has it.
var (
	promoter = []string{definition.RolePromoter}
	editors  = []string{definition.RolePromoter, definition.RoleEditor}
	authors  = []string{definition.RolePromoter, definition.RoleFacilitator, definition.RoleEditor}
)

// writers are the roles that write a document: those that the definition gives it to,
// else those who manage the process. An office that decides writes its own acts.
func writers(a definition.Artefact) []string {
	if len(a.By) > 0 {
		return a.By
	}
	return authors
}

// office is who does what some roles may do: who makes the transition, where that is
// one of them, else the first of them who is there.
func (r *rehearsal) office(t definition.Transition, may []string) string {
	if mine := r.person(t); slices.Contains(may, mine) {
		return mine
	}
	for _, role := range may {
		if r.has.Process.Roles[role] > 0 {
			return role
		}
	}
	return may[0]
}

// person is the role that makes a transition: the facilitator where that is
// among those who may, else the first of them who is there; "" when none may.
func (r *rehearsal) person(t definition.Transition) string {
	if slices.Contains(t.By, "facilitator") && r.has.Process.Roles["facilitator"] > 0 {
		return "facilitator"
	}
	for _, by := range t.By {
		if slices.Contains(definition.Roles, by) && r.has.Process.Roles[by] > 0 {
			return by
		}
	}
	for _, by := range t.By {
		if slices.Contains(definition.Roles, by) {
			return by
		}
	}
	return ""
}
