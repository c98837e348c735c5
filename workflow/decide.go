package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
}

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
// has for it; zero when there is none. Engine.Explain fills both in.
type Option struct {
	Transition    definition.Transition
	Label         definition.Text // of the button
	To            definition.State
	Blockers      []Blocker
	Ends, Planned time.Time
}

// Allowed reports that nothing blocks the option.
func (o Option) Allowed() bool { return len(o.Blockers) == 0 }

// Only reports that code is the one thing that blocks the option.
func (o Option) Only(code string) bool { return len(o.Blockers) == 1 && o.Blockers[0].Code == code }

// Decide says what a command would do. It collects every blocker and does no
// I/O. A guard that fails to evaluate is an error, never a "no".
func Decide(def *definition.Compiled, in Input) (Decision, error) {
	for _, t := range def.Leaving(in.State) {
		if (in.Transition != "" && t.ID != in.Transition) || (in.Event != "" && t.Event != in.Event) {
			continue
		}
		blockers, err := block(def, t, in)
		if err != nil {
			return Decision{}, err
		}
		if t.ReasonRequired && strings.TrimSpace(in.Reason) == "" {
			blockers = append(blockers, Blocker{Code: definition.BlockReason, Explain: explainReason})
		}
		return Decision{Transition: &t, To: t.To, Blockers: blockers}, nil
	}
	state, ok := def.State(in.State)
	if !ok {
		return Decision{}, fmt.Errorf("workflow %s@%d has no state %q", def.Name, def.Version, in.State)
	}
	return Decision{Blockers: []Blocker{{Code: definition.BlockEvent, Explain: explainEvent(state.Title)}}}, nil
}

// Options lists every transition that leaves the state, in file order, with
// its blockers.
func Options(def *definition.Compiled, in Input) ([]Option, error) {
	var out []Option
	for _, t := range def.Leaving(in.State) {
		to, _ := def.State(t.To)
		blockers, err := block(def, t, in)
		if err != nil {
			return nil, err
		}
		out = append(out, Option{Transition: t, Label: def.Label(t), To: to, Blockers: blockers})
	}
	return out, nil
}

func block(def *definition.Compiled, t definition.Transition, in Input) ([]Blocker, error) {
	if def.Level == definition.LevelProcess { // the state it is decided in, whatever the facts say
		in.Facts.Process.State = in.State
	}
	var out []Blocker
	if office(t, in.Actor) == "" {
		out = append(out, Blocker{Code: definition.BlockRole, Explain: explainRole(t.By)})
	}
	if in.Actor.Kind == ActorPerson && !in.Held.IsZero() && !t.Everywhere() {
		out = append(out, Blocker{Code: definition.BlockHeld, Explain: explainHeld(in.Held, def.Location)})
	}
	unmet, err := def.Unmet(t, in.Facts)
	for _, g := range unmet {
		out = append(out, Blocker{Code: g.Code, Explain: def.Fill(g.Explain, in.State, in.Facts), Fix: g.Fix})
	}
	return out, err
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
	"timer":         {"it": "la scadenza, da sola", "en": "the deadline, by itself"},
	"system":        {"it": "il percorso, da solo", "en": "the process, by itself"},
}

var explainReason = definition.Text{"it": "Scrivi il motivo", "en": "Write the reason"}

func explainEvent(state definition.Text) definition.Text {
	return definition.Text{
		"it": fmt.Sprintf("Non è possibile nello stato “%s”", state.In("it")),
		"en": fmt.Sprintf("This is not possible in the state “%s”", state.In("en")),
	}
}

// explainHeld says that people must resume first; what calls the whole off they
// may do at any time.
func explainHeld(since time.Time, zone *time.Location) definition.Text {
	day := since.In(zone)
	return definition.Text{
		"it": fmt.Sprintf("È sospeso dal %s: prima riprendilo", day.Format("02/01/2006")),
		"en": fmt.Sprintf("It has been suspended since %s: resume it first", day.Format("02/01/2006")),
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
