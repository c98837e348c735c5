package workflow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// ActorKind says who acts.
type ActorKind string

// The kinds of actor. A person acts with roles, the timer through a deadline,
// the system for a consequence of another transition.
const (
	ActorPerson ActorKind = "person"
	ActorTimer  ActorKind = "timer"
	ActorSystem ActorKind = "system"
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
	Actor                    Actor
	Reason                   string
	Facts                    Facts
}

// Codes of the blockers that are not guards of the definition.
const (
	BlockEvent  = "event"  // nothing of that name leaves the present state
	BlockRole   = "role"   // the actor holds none of the roles asked for
	BlockReason = "reason" // the transition asks for a reason
)

// Blocker is one reason why a transition cannot happen. Explain holds a
// sentence per locale; Fix names the page that resolves it, "" when none.
type Blocker struct {
	Code    string `json:"code"`
	Explain Text   `json:"explain"`
	Fix     string `json:"fix,omitempty"`
}

// Decision is the outcome of Decide. The transition may happen when Blockers
// is empty; Transition is nil when nothing of that name leaves the state.
type Decision struct {
	Transition *Transition
	To         string
	Blockers   []Blocker
}

// Option is one transition out of the present state and what blocks it now.
// A missing reason is no blocker here: the form asks for it.
type Option struct {
	Transition Transition
	Label      Text // of the button
	To         State
	Blockers   []Blocker
}

// Allowed reports that nothing blocks the option.
func (o Option) Allowed() bool { return len(o.Blockers) == 0 }

// Only reports that code is the one thing that blocks the option.
func (o Option) Only(code string) bool { return len(o.Blockers) == 1 && o.Blockers[0].Code == code }

// Decide says what a command would do. It collects every blocker and does no
// I/O. A guard that fails to evaluate is an error, never a "no".
func Decide(def *Compiled, in Input) (Decision, error) {
	for _, t := range def.leaving[in.State] {
		if (in.Transition != "" && t.ID != in.Transition) || (in.Event != "" && t.Event != in.Event) {
			continue
		}
		blockers, err := block(def, t, in)
		if err != nil {
			return Decision{}, err
		}
		if t.ReasonRequired && strings.TrimSpace(in.Reason) == "" {
			blockers = append(blockers, Blocker{Code: BlockReason, Explain: explainReason})
		}
		return Decision{Transition: t, To: t.To, Blockers: blockers}, nil
	}
	state := def.states[in.State]
	if state == nil {
		return Decision{}, fmt.Errorf("workflow %s@%d has no state %q", def.Name, def.Version, in.State)
	}
	return Decision{Blockers: []Blocker{{Code: BlockEvent, Explain: explainEvent(state.Title)}}}, nil
}

// Options lists every transition that leaves the state, in file order, with
// its blockers.
func Options(def *Compiled, in Input) ([]Option, error) {
	var out []Option
	for _, t := range def.leaving[in.State] {
		blockers, err := block(def, t, in)
		if err != nil {
			return nil, err
		}
		out = append(out, Option{Transition: *t, Label: def.Label(*t), To: *def.states[t.To], Blockers: blockers})
	}
	return out, nil
}

func block(def *Compiled, t *Transition, in Input) ([]Blocker, error) {
	var out []Blocker
	if office(t, in.Actor) == "" {
		out = append(out, Blocker{Code: BlockRole, Explain: explainRole(t.By)})
	}
	facts := activation(def, in.Facts)
	for i, p := range def.guards[t.ID] {
		g := t.Requires[i]
		ok, err := p.holds(facts)
		if err != nil {
			return nil, fmt.Errorf("guard %s of %s@%d.%s: %w", g.Code, def.Name, def.Version, t.ID, err)
		}
		if !ok {
			out = append(out, Blocker{Code: g.Code, Explain: fill(def, in, g.Explain), Fix: g.Fix})
		}
	}
	return out, nil
}

// office is the role under which the actor may do it, in the transition's
// order, or "".
func office(t *Transition, a Actor) string {
	for _, by := range t.By {
		if (a.Kind == ActorPerson && contains(Roles, by) && contains(a.Roles, by)) || (a.Kind != ActorPerson && by == string(a.Kind)) {
			return by
		}
	}
	return ""
}

// Facts are what guards may know: counts and states, never personal data. The
// Facter fills Process, Activities, Artefacts, Counts and Anchors; the engine
// fills Term and Now.
type Facts struct {
	Process    ProcessFacts           `json:"process"`
	Activities []ActivityFacts        `json:"activities"`
	Artefacts  Artefacts              `json:"artefacts"`
	Counts     map[string]int64       `json:"counts"`  // of this activity; a declared name that is missing counts nothing
	Anchors    map[string][]time.Time `json:"anchors"` // in a stable order; see Anchors
	Term       TermFacts              `json:"term"`
	Now        time.Time              `json:"now"`
}

// ProcessFacts describe the process. A role of the definition that is missing
// in Roles counts nobody.
type ProcessFacts struct {
	Population Population       `json:"population" cel:"population"`
	Roles      map[string]int64 `json:"roles" cel:"roles"` // people by role
}

// Population is the reference population; Units is its size in people.
type Population struct {
	Units int64 `json:"units" cel:"units"`
}

// ActivityFacts describe one activity of the process. Phase is the state of
// the process that it belongs to.
type ActivityFacts struct {
	ID     string           `json:"id" cel:"id"`
	Kind   string           `json:"kind" cel:"kind"`
	State  string           `json:"state" cel:"state"`
	Phase  string           `json:"phase" cel:"phase"`
	Counts map[string]int64 `json:"counts" cel:"counts"`
}

// Artefacts are the codes of the documents that exist and of those published.
// A published one need not be repeated in Present.
type Artefacts struct {
	Present   []string `json:"present" cel:"-"`
	Published []string `json:"published" cel:"-"`
}

// TermFacts are the instants of the present state. Zero times are unset; to a
// guard an unset DueAt or MaxAt is the year 9999 and an unset MinAt year 1.
type TermFacts struct {
	EnteredAt time.Time `json:"entered_at" cel:"entered_at"`
	MinAt     time.Time `json:"min_at" cel:"min_at"`
	DueAt     time.Time `json:"due_at" cel:"due_at"`
	MaxAt     time.Time `json:"max_at" cel:"max_at"`
}

// Canonical is the facts as JSON with sorted keys: the same facts give the
// same bytes, also after a round trip through jsonb.
func (f Facts) Canonical() ([]byte, error) {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode facts: %w", err)
	}
	return canonical(raw)
}

// Digest is the SHA-256 of Canonical, in hexadecimal.
func (f Facts) Digest() (string, error) {
	b, err := f.Canonical()
	if err != nil {
		return "", err
	}
	return digest(b), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonical rewrites JSON with sorted keys and no spaces, keeping numbers as
// they were written.
func canonical(raw []byte) ([]byte, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("canonical json: %w", err)
	}
	return json.Marshal(v)
}
