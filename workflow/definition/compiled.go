package definition

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/guard"
)

// Compiled is a checked definition with its guards ready to evaluate. It is
// immutable and safe for concurrent use.
type Compiled struct {
	Definition
	Source   []byte
	SHA256   string // of Source, in hexadecimal
	Location *time.Location

	closed  []civil.MonthDay // see Local
	states  map[string]*State
	leaving map[string][]*Transition
	guards  map[string][]guard.Program // by transition id, in the order of Requires
	needs   guard.Needs
}

func newCompiled(d Definition, source []byte) *Compiled {
	sum := sha256.Sum256(source)
	c := &Compiled{
		Definition: d, Source: source, SHA256: hex.EncodeToString(sum[:]),
		states: map[string]*State{}, leaving: map[string][]*Transition{}, guards: map[string][]guard.Program{},
	}
	for i := range c.States {
		c.states[c.States[i].Name] = &c.States[i]
	}
	for i := range c.Transitions {
		for _, s := range c.States {
			if t := &c.Transitions[i]; c.Leaves(t, s.Name) {
				c.leaving[s.Name] = append(c.leaving[s.Name], t)
			}
		}
	}
	return c
}

// Civil is the calendar that days are counted by: the zone, and the public
// holidays of the definition's calendar. A definition that names none, or one
// that this program does not know, counts without holidays.
func (c *Compiled) Civil() civil.Calendar {
	cal, _ := civil.Named(c.Calendar, c.Location)
	if local, err := cal.With(c.closed...); err == nil {
		return local
	}
	return cal
}

// Local is the definition in another zone, where the offices are also closed on
// some days of every year, such as the patron's. More of them than a calendar
// takes are left out altogether, see civil.ErrClosed.
func (c *Compiled) Local(zone *time.Location, closed ...civil.MonthDay) *Compiled {
	local := *c
	local.Location, local.closed = zone, closed
	return &local
}

// Everywhere reports a transition that leaves every non-final state, as those do
// that call the whole off.
func (t Transition) Everywhere() bool { return slices.Contains(t.From, everyState) }

// Leaves reports that a transition starts from a state; "*" is every one that
// is not final.
func (c *Compiled) Leaves(t *Transition, state string) bool {
	if t.Everywhere() {
		return !c.states[state].Final
	}
	return slices.Contains(t.From, state)
}

func (c *Compiled) names() []string {
	out := []string{}
	for _, s := range c.States {
		out = append(out, s.Name)
	}
	return out
}

// codes are those of the dates, never nil.
func (c *Compiled) codes() []string {
	out := make([]string, len(c.Dates))
	for i, d := range c.Dates {
		out[i] = d.Code
	}
	return out
}

// Remembered are the states whose last entry some anchor names, in file order.
func (c *Compiled) Remembered() []string {
	var out []string
	for _, s := range c.States {
		for _, anchor := range s.anchors() {
			if kind, name := SplitAnchor(anchor); kind == AnchorState {
				out = appendNew(out, name)
			}
		}
	}
	return out
}

// Reopening are the ids of the transitions that reopen, in file order.
func (c *Compiled) Reopening() []string {
	var out []string
	for _, t := range c.Transitions {
		if t.Reopens {
			out = append(out, t.ID)
		}
	}
	return out
}

// Label is the button of a transition: its title, or that of the state it
// leads to.
func (c *Compiled) Label(t Transition) Text {
	if t.Title != nil {
		return t.Title
	}
	s, _ := c.State(t.To)
	return s.Title
}

// State finds a state by name.
func (c *Compiled) State(name string) (State, bool) {
	if s, ok := c.states[name]; ok {
		return *s, true
	}
	return State{}, false
}

// Doors are the capabilities by which the public takes part.
var Doors = []string{"respond", "register", "propose", "vote", "discuss"}

// Door is the first of Doors by which somebody who has done nothing yet takes
// part in a state, "" when there is none. Answers that may be sent and not begun,
// as in the minutes after a closing, are for those who had begun.
func (c *Compiled) Door(state string) string {
	for _, door := range Doors {
		if c.Allows(state, door) && (door != "respond" || c.Allows(state, "draft")) {
			return door
		}
	}
	return ""
}

// Opens reports that a transition lets people in who could not come in before.
func (c *Compiled) Opens(t Transition, from string) bool {
	return c.Door(from) == "" && c.Door(t.To) != ""
}

// Final reports that a state exists and ends the workflow.
func (c *Compiled) Final(state string) bool {
	s, ok := c.states[state]
	return ok && s.Final
}

// Aborts reports that a state is final and not where the main path leads: only
// transitions from every state, which call the whole off, end in it.
func (c *Compiled) Aborts(state string) bool {
	reached := false
	for _, t := range c.Transitions {
		if t.To != state {
			continue
		}
		if !t.Everywhere() {
			return false
		}
		reached = true
	}
	return reached && c.Final(state)
}

// CalledOff reports a final state that is no result: only transitions from every
// state lead to it, or those of the event "cancel".
func (c *Compiled) CalledOff(state string) bool {
	reached := false
	for _, t := range c.Transitions {
		if t.To != state {
			continue
		}
		if t.Event != eventCancel && !t.Everywhere() {
			return false
		}
		reached = true
	}
	return reached && c.Final(state)
}

// Concludes reports a final state that the last phase of the main path leads to by a
// transition of its own that calls nothing off; the other final states cut the path
// short.
func (c *Compiled) Concludes(state string) bool {
	path := c.MainPath()
	return len(path) > 0 && c.Final(state) && slices.ContainsFunc(c.Leaving(path[len(path)-1]), func(t Transition) bool { return t.To == state && !c.CallsOff(t) })
}

// CallsOff reports a transition that calls the whole off: it leaves every state,
// or leads to one that is no result.
func (c *Compiled) CallsOff(t Transition) bool { return t.Everywhere() || c.CalledOff(t.To) }

// Allows reports whether a state grants a capability. Callers also check the
// clock: input after due_at is refused whatever the state says.
func (c *Compiled) Allows(state, capability string) bool {
	s, ok := c.states[state]
	return ok && slices.Contains(s.Allows, capability)
}

// Leaving lists the transitions out of a state in file order.
func (c *Compiled) Leaving(state string) []Transition {
	out := make([]Transition, 0, len(c.leaving[state]))
	for _, t := range c.leaving[state] {
		out = append(out, *t)
	}
	return out
}

// Responsible lists the roles that can move a state on, in file order: those
// named by its own transitions, or by any when only wildcards leave it.
func (c *Compiled) Responsible(state string) []string {
	var own, any []string
	for _, t := range c.leaving[state] {
		for _, role := range t.By {
			if !slices.Contains(Roles, role) {
				continue
			}
			any = appendNew(any, role)
			if !t.Everywhere() {
				own = appendNew(own, role)
			}
		}
	}
	if len(own) > 0 {
		return own
	}
	return any
}

// MainPath names the non-final states in file order: the wizard's phases.
func (c *Compiled) MainPath() []string {
	var out []string
	for _, s := range c.States {
		if !s.Final {
			out = append(out, s.Name)
		}
	}
	return out
}

// Artefact finds a document that a state asks for.
func (c *Compiled) Artefact(code string) (Artefact, bool) {
	for _, s := range c.States {
		for _, a := range s.Artefacts {
			if a.Code == code {
				return a, true
			}
		}
	}
	return Artefact{}, false
}

// Rests reports that a guard of a transition asks for a document.
func (c *Compiled) Rests(transition, code string) bool {
	return slices.ContainsFunc(c.guards[transition], func(p guard.Program) bool { return slices.Contains(p.Documents(), code) })
}

// Needs are the facts that guards, their explanations and anchors look at.
func (c *Compiled) Needs() guard.Needs { return c.needs }

// need finds out what Needs tells.
func (c *Compiled) need() {
	for _, t := range c.Transitions {
		for _, p := range c.guards[t.ID] {
			c.needs = c.needs.And(p.Needs())
		}
		for _, g := range t.Requires {
			for _, text := range g.Explain {
				c.needs = c.needs.And(guard.NeedsOf(text))
			}
		}
	}
	for _, s := range c.States {
		for _, anchor := range s.anchors() {
			kind, _ := SplitAnchor(anchor)
			own := slices.Contains([]string{"", AnchorEntry, AnchorEnd, AnchorState, AnchorDay}, kind)
			c.needs = c.needs.And(guard.Needs{Dates: kind == AnchorDate, Anchors: !own && kind != AnchorDate})
		}
	}
}
