package workflow

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
	To         State
	Blockers   []Blocker
}

// Allowed reports that nothing blocks the option.
func (o Option) Allowed() bool { return len(o.Blockers) == 0 }

// Only reports that code is the one thing that blocks the option.
func (o Option) Only(code string) bool { return len(o.Blockers) == 1 && o.Blockers[0].Code == code }
