package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looplab/fsm"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
)

// ActorKind says who acts.
type ActorKind string

// The kinds of actor. A person acts with roles, the timer through a deadline,
// the system for a consequence of another transition.
const (
	ActorPerson ActorKind = "person"
	ActorTimer  ActorKind = definition.ByTimer
	ActorSystem ActorKind = definition.BySystem
)

// Actor is who asks for a transition. Roles are those held in this process.
type Actor struct {
	Kind     ActorKind
	PersonID int64
	Roles    []string
}

// Person is an actor of flesh with the roles held in the process.
func Person(id int64, roles ...string) Actor {
	return Actor{Kind: ActorPerson, PersonID: id, Roles: roles}
}

// System is the actor of consequences.
func System() Actor { return Actor{Kind: ActorSystem} }

// Input is all that a decision depends on. Exactly one of Event and
// Transition is set; Transition names the branch by its id.
type Input struct {
	State, Event, Transition string
	Held                     time.Time // since when the instance is suspended, zero when it is not
	Rests                    time.Time // since when the process of an activity is suspended
	Actor                    Actor
	Reason                   string
	Facts                    guard.Facts
}

// Blocker is one reason why a transition cannot happen. Explain holds a
// sentence per locale; Fix names the page that resolves it, "" when none.
type Blocker struct {
	Code    string          `json:"code"`
	Explain definition.Text `json:"explain"`
	Fix     string          `json:"fix,omitempty"`

	Fault error `json:"-"` // of a guard that could not be evaluated, in the words of a programmer
}

// The pages that resolve what is no guard of the definition, of definition.Fixes.
const (
	fixMoves  = "moves"
	fixRoles  = "roles"
	fixHeld   = "suspension"
	fixRests  = "process-suspension" // the process's, also for its activities
	fixPhases = "phases"
)

// Decision is the outcome of Decide. The transition may happen when Blockers
// is empty; Transition is nil when nothing of that name leaves the state.
type Decision struct {
	Transition *definition.Transition
	To         string
	Blockers   []Blocker
}

// Option is one transition out of the present state and what blocks it now.
// A missing reason is no blocker here: the form asks for it. Cut is the term of law
// that it ends early, nil for none. Ends is the end that the state To would have,
// entered now, and Planned the end that was expected of it until now; zero when there
// is none. Dates are its own deadlines that it drops and arms; Later the phases behind
// To that come to end on another day; Waits what waits after To. Engine.Explain fills
// them in.
type Option struct {
	Transition   definition.Transition
	Label        definition.Text // of the button
	To           definition.State
	Blockers     []Blocker
	Cut          *Cut
	GoesOn       bool
	Ends, Latest time.Time
	Planned      time.Time
	Dates        []Date
	Later        []Date
	Waits        *PlannedPhase
}

// Allowed reports that nothing blocks the option.
func (o Option) Allowed() bool { return len(o.Blockers) == 0 }

// Refuse adds what a policy above the definition says: that the actor may not do
// it at all or, with over, that the process which it belongs to has ended.
func (o *Option) Refuse(over bool) {
	b := Blocker{Code: definition.BlockRole, Explain: explainPolicy, Fix: fixRoles}
	if over {
		b = Blocker{Code: definition.BlockEnded, Explain: explainEnded, Fix: fixMoves}
	}
	if !slices.ContainsFunc(o.Blockers, func(x Blocker) bool { return x.Code == b.Code }) {
		o.Blockers = append([]Blocker{b}, o.Blockers...)
	}
}

// Only reports that code is the one thing that blocks the option.
func (o Option) Only(code string) bool { return len(o.Blockers) == 1 && o.Blockers[0].Code == code }

// Decide says what a command would do. It collects every blocker and does no
// I/O. A guard that fails to evaluate blocks like one that does not hold, with a
// reason of its own.
func Decide(def *definition.Compiled, in Input) (Decision, error) {
	for _, t := range def.Leaving(in.State) {
		if (in.Transition != "" && t.ID != in.Transition) || (in.Event != "" && t.Event != in.Event) {
			continue
		}
		blockers := block(def, t, in)
		if (t.ReasonRequired || in.cut(def, t) != nil) && strings.TrimSpace(in.Reason) == "" {
			blockers = append(blockers, Blocker{Code: definition.BlockReason, Explain: explainReason, Fix: fixMoves})
		}
		return Decision{Transition: &t, To: t.To, Blockers: blockers}, nil
	}
	state, ok := def.State(in.State)
	if !ok {
		return Decision{}, fmt.Errorf("workflow %s@%d has no state %q", def.Name, def.Version, in.State)
	}
	return Decision{Blockers: []Blocker{{Code: definition.BlockEvent, Explain: definition.ExplainEvent(state.Title), Fix: fixMoves}}}, nil
}

// Cut is a term of law, in which people take part, that a person would end some
// civil days before its end: a reason is owed for that.
type Cut struct {
	Law  *definition.Law
	Left int64
}

// cut is what a transition cuts short; nil for nothing.
func (in Input) cut(def *definition.Compiled, t definition.Transition) *Cut {
	s, _ := def.State(in.State)
	door := func(word string) bool { return slices.Contains(definition.Doors, word) }
	if in.Actor.Kind != ActorPerson || s.Term == nil || s.Term.Law == nil || t.Everywhere() || !in.Facts.Now.Before(in.Facts.Term.DueAt) || !slices.ContainsFunc(s.Allows, door) {
		return nil
	}
	return &Cut{s.Term.Law, in.Facts.Term.LeftDays}
}

func block(def *definition.Compiled, t definition.Transition, in Input) []Blocker {
	if def.Level == definition.LevelProcess { // the state it is decided in, whatever the facts say
		in.Facts.Process.State = in.State
	}
	var out []Blocker
	if office(t, in.Actor) == "" {
		out = append(out, Blocker{Code: definition.BlockRole, Explain: definition.ExplainRole(t.By), Fix: fixRoles})
	}
	if in.Actor.Kind == ActorPerson && !in.Held.IsZero() && !def.CallsOff(t) {
		out = append(out, Blocker{Code: definition.BlockHeld, Explain: definition.ExplainHeld([2]string{"È", "It"}, in.Held, def.Location), Fix: fixHeld})
	}
	if in.Actor.Kind != ActorTimer && !in.Rests.IsZero() && def.Opens(t, in.State) {
		out = append(out, Blocker{Code: definition.BlockRests, Explain: definition.ExplainHeld([2]string{"Il percorso è", "The process"}, in.Rests, def.Location), Fix: fixRests})
	}
	for _, g := range def.Unmet(t, in.Facts) {
		b := Blocker{Code: g.Code, Explain: def.Says(g, in.State, in.sayable()), Fix: g.Fix}
		if g.Fault != nil {
			b.Explain, b.Fix, b.Fault = definition.ExplainFault(g), fixPhases, g.Fault
		}
		out = append(out, b)
	}
	return out
}

// office is the role under which the actor may do it, in the transition's
// order, or "".
func office(t definition.Transition, a Actor) string {
	for _, by := range t.By {
		if (a.Kind == ActorPerson && slices.Contains(definition.Roles, by) && slices.Contains(a.Roles, by)) || (a.Kind != ActorPerson && by == string(a.Kind)) {
			return by
		}
	}
	return ""
}

var (
	explainReason = definition.Text{"it": "Scrivi il motivo", "en": "Write the reason"}
	explainPolicy = definition.Text{"it": "Non rientra nel tuo ruolo", "en": "It is not part of your role"}
	explainEnded  = definition.Text{"it": "Il percorso è finito", "en": "The process has ended"}
)

// step moves a machine along one transition and returns the state it is in.
// The machine is built from the stored state for this attempt alone and thrown
// away; its events are our unique transition ids, so that two branches of one
// event cannot overwrite each other; it has no callbacks, because a panic or a
// cancelled context in one leaves the machine unusable. The context's end is
// not its business either: the decision is made, the transaction will tell.
func step(ctx context.Context, def *definition.Compiled, state, id string) (string, error) {
	if _, ok := def.State(state); !ok {
		return "", fmt.Errorf("workflow %s@%d has no state %q", def.Name, def.Version, state)
	}
	events := make(fsm.Events, 0, len(def.Transitions))
	for i := range def.Transitions {
		t := &def.Transitions[i]
		edge := fsm.EventDesc{Name: t.ID, Dst: t.To}
		for _, s := range def.States {
			if def.Leaves(t, s.Name) {
				edge.Src = append(edge.Src, s.Name)
			}
		}
		events = append(events, edge)
	}
	m := fsm.NewFSM(state, events, nil)
	err := m.Event(context.WithoutCancel(ctx), id)
	if err != nil && !errors.As(err, new(fsm.NoTransitionError)) {
		return "", fmt.Errorf("workflow %s@%d: %w", def.Name, def.Version, err)
	}
	return m.Current(), nil
}

// resumption is what a reopening asks and goes on with.
type resumption struct {
	end       time.Time // chosen for the term that begins, zero for the usual one
	exception bool      // a written one to what the law allows
	act       string    // the document that decided it
	spent     spent
}

// spent is what a term of law that goes on was left with; zero where the term
// begins anew, as all do that rest on no law.
type spent struct {
	history.Leaving

	law *definition.Law
}

// reopening checks what a command says of a reopening: whom to tell, and when
// what goes on will end.
func (w *work) reopening(ctx context.Context, t *definition.Transition, c Command) (err error) {
	w.said = c.said()
	switch {
	case !t.Reopens && (len(c.Tell) > 0 || !c.End.IsZero() || c.Exception || c.Act != ""):
		return fault.New(fault.Conflict, "workflow.reopens_nothing")
	case slices.ContainsFunc(c.Tell, func(word string) bool { return !slices.Contains(t.Tell, word) }):
		return fault.Field("tell", "workflow.tell_unknown", "known", strings.Join(t.Tell, ", "))
	case c.Exception && strings.TrimSpace(c.Reason) == "":
		return fault.Field("reason", "workflow.reason_required")
	}
	w.goes.exception, w.goes.act = c.Exception, c.Act
	if w.goes.spent, err = w.used(ctx, t); err == nil && c.Exception {
		err = excepted(w.goes.spent.law, c.Act)
	}
	if err != nil {
		return err
	}
	if limit := w.goes.spent.limit(); !limit.IsZero() && !limit.After(w.now) && !c.Exception {
		return w.beyond(limit)
	}
	if c.End.IsZero() {
		return nil
	}
	w.goes.end = c.End.UTC().Truncate(time.Microsecond)
	if to, _ := w.def.State(t.To); to.Term != nil && to.Term.Until != "" {
		return fault.Field("end", "workflow.reopen_anchored")
	}
	if !w.goes.end.After(w.now) {
		return fault.Field("end", "workflow.extend_past")
	}
	return Near("end", w.goes.end, w.now)
}

func newBlocked(ref Ref, d Decision) *Blocked {
	b := &Blocked{Ref: ref, Blockers: d.Blockers}
	if d.Transition != nil {
		b.Transition = d.Transition.ID
	}
	b.cause = fault.New(fault.Conflict, "workflow.blocked", "transition", b.Transition)
	return b
}

// Error names the transition and the codes of what blocks it.
func (b *Blocked) Error() string {
	s := fmt.Sprintf("transition %q of process %d, activity %d is blocked by", b.Transition, b.ProcessID, b.ActivityID)
	for _, x := range b.Blockers {
		s += " " + x.Code
	}
	return s
}

// Unwrap gives the fault.Conflict "workflow.blocked".
func (b *Blocked) Unwrap() error { return b.cause }
