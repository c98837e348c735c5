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
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
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
// A missing reason is no blocker here: the form asks for it. Ends is the end
// that the state To would have, entered now, and Planned the end that the plan
// has for it; zero when there is none. Dates are the instance's own deadlines
// that it drops, and those that it arms. Engine.Explain fills them in.
type Option struct {
	Transition    definition.Transition
	Label         definition.Text // of the button
	To            definition.State
	Blockers      []Blocker
	Ends, Planned time.Time
	Dates         []Date
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
		if t.ReasonRequired && strings.TrimSpace(in.Reason) == "" {
			blockers = append(blockers, Blocker{Code: definition.BlockReason, Explain: explainReason, Fix: fixMoves})
		}
		return Decision{Transition: &t, To: t.To, Blockers: blockers}, nil
	}
	state, ok := def.State(in.State)
	if !ok {
		return Decision{}, fmt.Errorf("workflow %s@%d has no state %q", def.Name, def.Version, in.State)
	}
	return Decision{Blockers: []Blocker{{Code: definition.BlockEvent, Explain: explainEvent(state.Title), Fix: fixMoves}}}, nil
}

func block(def *definition.Compiled, t definition.Transition, in Input) []Blocker {
	if def.Level == definition.LevelProcess { // the state it is decided in, whatever the facts say
		in.Facts.Process.State = in.State
	}
	var out []Blocker
	if office(t, in.Actor) == "" {
		out = append(out, Blocker{Code: definition.BlockRole, Explain: explainRole(t.By), Fix: fixRoles})
	}
	if in.Actor.Kind == ActorPerson && !in.Held.IsZero() && !def.CallsOff(t) {
		out = append(out, Blocker{Code: definition.BlockHeld, Explain: explainHeld([2]string{"È", "It"}, in.Held, def.Location), Fix: fixHeld})
	}
	if in.Actor.Kind != ActorTimer && !in.Rests.IsZero() && def.Opens(t, in.State) {
		out = append(out, Blocker{Code: definition.BlockRests, Explain: explainHeld([2]string{"Il percorso è", "The process"}, in.Rests, def.Location), Fix: fixRests})
	}
	for _, g := range def.Unmet(t, in.Facts) {
		b := Blocker{Code: g.Code, Explain: def.Fill(g.Explain, in.State, in.Facts), Fix: g.Fix}
		if g.Fault != nil {
			b.Explain, b.Fix, b.Fault = explainFault(g), fixPhases, g.Fault
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

// officeNames are the words for roles and other actors in explanations.
var officeNames = map[string]definition.Text{
	"promoter":      {"it": "chi promuove", "en": "the promoter"},
	"facilitator":   {"it": "chi facilita", "en": "the facilitator"},
	"editor":        {"it": "chi cura i testi", "en": "the editor"},
	"expert":        {"it": "chi ha il ruolo di esperto", "en": "the expert"},
	"guarantor":     {"it": "il garante", "en": "the guarantor"},
	"deciding-body": {"it": "l’ente che decide", "en": "the deciding body"},
	"participant":   {"it": "chi partecipa", "en": "a participant"},
	"timer":         {"it": "la scadenza, da sola", "en": "the deadline itself"},
	"system":        {"it": "il percorso, da solo", "en": "the process itself"},
}

var explainReason = definition.Text{"it": "Scrivi il motivo", "en": "Write the reason"}

var (
	explainPolicy = definition.Text{"it": "Non rientra nel tuo ruolo", "en": "It is not part of your role"}
	explainEnded  = definition.Text{"it": "Il percorso è concluso", "en": "The process has ended"}
)

func explainEvent(state definition.Text) definition.Text {
	return definition.Text{
		"it": fmt.Sprintf("Non è possibile nello stato “%s”", state.In("it")),
		"en": fmt.Sprintf("This is not possible in the state “%s”", state.In("en")),
	}
}

// explainHeld says what people must resume first: what calls the whole off they
// may do at any time, and nothing opens in the name of a process that rests.
func explainHeld(what [2]string, since time.Time, zone *time.Location) definition.Text {
	day := civil.DateOf(since, zone)
	return definition.Text{
		"it": fmt.Sprintf("%s sospeso dal %s: prima riprendilo", what[0], day.Words("it")),
		"en": fmt.Sprintf("%s has been suspended since %s: resume it first", what[1], day.Words("en")),
	}
}

// explainFault says which requirement of the definition has to be corrected: no
// fact that people could change is asked for.
func explainFault(g definition.Unmet) definition.Text {
	why := guard.Reason(g.Fault)
	return definition.Text{
		"it": fmt.Sprintf("Il requisito “%s” non si può verificare, va corretto nel file delle fasi: %s", g.Code, why.In("it")),
		"en": fmt.Sprintf("The requirement “%s” cannot be checked and has to be corrected in the file of phases: %s", g.Code, why.In("en")),
	}
}

func explainRole(by []string) definition.Text {
	out := definition.Text{}
	for locale, form := range map[string][2]string{"it": {"Può farlo solo %s", " o "}, "en": {"Only %s can do this", " or "}} {
		names := make([]string, len(by))
		for i, word := range by {
			names[i] = officeNames[word].In(locale)
		}
		out[locale] = fmt.Sprintf(form[0], strings.Join(names, form[1]))
	}
	return out
}

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

// reopening checks what a command says of a reopening: whom to tell, and when
// what goes on will end.
func (w *work) reopening(t *definition.Transition, c Command) error {
	w.said = c.said()
	switch {
	case !t.Reopens && (len(c.Tell) > 0 || !c.End.IsZero()):
		return fault.New(fault.Conflict, "workflow.reopens_nothing")
	case slices.ContainsFunc(c.Tell, func(word string) bool { return !slices.Contains(t.Tell, word) }):
		return fault.Field("tell", "workflow.tell_unknown")
	case c.End.IsZero():
		return nil
	}
	w.end = c.End.UTC().Truncate(time.Microsecond)
	if to, _ := w.def.State(t.To); to.Term != nil && to.Term.Until != "" {
		return fault.Field("end", "workflow.reopen_anchored")
	}
	if !w.end.After(w.now) {
		return fault.Field("end", "workflow.extend_past")
	}
	return Near("end", w.end, w.now)
}

// chosen is the end of the term that begins: the usual one, or the one that was
// chosen, within minimum and maximum.
func (w *work) chosen(b bounds) (time.Time, error) {
	switch {
	case w.end.IsZero():
		return b.due, nil
	case !b.max.IsZero() && w.end.After(b.max):
		return b.due, fault.Field("end", "workflow.extend_beyond_max", "max", w.local(b.max))
	case w.end.Before(b.min):
		return b.due, fault.Field("end", "workflow.shorten_below_min", "min", w.local(b.min))
	}
	return w.end, nil
}
