package workflow

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"

	"github.com/uptrace/bun"

	"arengo/process/fault"
)

// ids that the log uses for the engine's own acts.
const (
	actCreate     = "create"
	actExtend     = "extend"
	actReschedule = "reschedule"
)

var reservedIDs = []string{actCreate, actExtend, actReschedule, everyState}

func newCompiled(d Definition, source []byte) *Compiled {
	c := &Compiled{
		Definition: d, Source: source, SHA256: digest(source),
		states: map[string]*State{}, leaving: map[string][]*Transition{}, guards: map[string][]program{},
	}
	for i := range c.States {
		c.states[c.States[i].Name] = &c.States[i]
	}
	for i := range c.Transitions {
		for _, s := range c.States {
			if t := &c.Transitions[i]; c.leaves(t, s.Name) {
				c.leaving[s.Name] = append(c.leaving[s.Name], t)
			}
		}
	}
	return c
}

// leaves reports that a transition starts from a state; "*" is every one that
// is not final.
func (c *Compiled) leaves(t *Transition, state string) bool {
	if contains(t.From, everyState) {
		return !c.states[state].Final
	}
	return contains(t.From, state)
}

func (c *Compiled) names() []string {
	var out []string
	for _, s := range c.States {
		out = append(out, s.Name)
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

// graph asks that every state can be reached, that every non-final one can be
// left by a transition of its own and leads to an end, and that an event
// leaves a state by one branch.
func (k *checker) graph() {
	d := k.def
	reached := d.spread([]string{d.Initial}, func(t *Transition, from string) (string, string) { return from, t.To })
	var finals []string
	for _, s := range d.States {
		if s.Final {
			finals = append(finals, s.Name)
		}
	}
	ends := d.spread(finals, func(t *Transition, from string) (string, string) { return t.To, from })
	if len(finals) == 0 && len(d.States) > 0 {
		k.Bad(1, "definition: no state is final, so it never ends")
	}
	for _, s := range d.States {
		k.branches(s)
		if d.states[d.Initial] != nil && !reached[s.Name] {
			k.Bad(s.Line, "state %s cannot be reached from %s", s.Name, d.Initial)
		}
		own := 0
		for _, t := range d.leaving[s.Name] {
			if !contains(t.From, everyState) && t.To != s.Name {
				own++
			}
		}
		switch {
		case s.Final:
		case own == 0:
			k.Bad(s.Line, "state %s is a dead end: it is not final and no transition of its own leaves it", s.Name)
		case len(finals) > 0 && !ends[s.Name]:
			k.Bad(s.Line, "state %s never leads to a final state", s.Name)
		}
	}
}

func (k *checker) branches(s State) {
	first := map[string]*Transition{}
	for _, t := range k.def.leaving[s.Name] {
		if other := first[t.Event]; other != nil {
			k.Bad(t.Line, "transition %s: event %q already leaves state %s by transition %s", t.ID, t.Event, s.Name, other.ID)
			continue
		}
		first[t.Event] = t
	}
}

// spread follows transitions from a set of states; step gives for an edge
// where it must stand and where it leads. Backwards, wildcards do not count:
// "it can be cancelled" is no way out.
func (c *Compiled) spread(from []string, step func(t *Transition, from string) (at, next string)) map[string]bool {
	seen := map[string]bool{}
	for _, s := range from {
		seen[s] = true
	}
	for grown := true; grown; {
		grown = false
		for _, s := range c.States {
			for _, t := range c.leaving[s.Name] {
				at, next := step(t, s.Name)
				if seen[at] && !seen[next] && (at == s.Name || !contains(t.From, everyState)) {
					seen[next], grown = true, true
				}
			}
		}
	}
	return seen
}

// Library holds compiled definitions by name and version. It is safe for
// concurrent use.
type Library struct {
	kinds []string
	mu    sync.RWMutex
	defs  map[key]*Compiled
}

type key struct {
	name    string
	version int
}

// NewLibrary makes an empty library. kinds are the activity kinds that
// definitions may name; none accepts any.
func NewLibrary(kinds ...string) *Library {
	return &Library{kinds: kinds, defs: map[key]*Compiled{}}
}

// Add compiles a file and keeps it; the error is Problems when the file has
// any. The same name and version with another source is refused.
func (l *Library) Add(file string, source []byte) (*Compiled, error) {
	c, problems := Check(file, source, l.kinds)
	if problems != nil {
		return nil, problems
	}
	return l.keep(c)
}

func (l *Library) keep(c *Compiled) (*Compiled, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := key{c.Name, c.Version}
	if old := l.defs[k]; old != nil {
		if old.SHA256 != c.SHA256 {
			return nil, fmt.Errorf("workflow %s@%d already has another source: raise its version", c.Name, c.Version)
		}
		return old, nil
	}
	l.defs[k] = c
	return c, nil
}

// Get finds a definition; version 0 is the latest. A missing one is a
// fault.NotFound "workflow.definition_unknown".
func (l *Library) Get(name string, version int) (*Compiled, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if c := l.defs[key{name, version}]; c != nil {
		return c, nil
	}
	var best *Compiled
	for k, c := range l.defs {
		if version == 0 && k.name == name && (best == nil || k.version > best.Version) {
			best = c
		}
	}
	if best == nil {
		return nil, fault.New(fault.NotFound, "workflow.definition_unknown", "name", name, "version", version)
	}
	return best, nil
}

// Latest finds the highest version of a definition.
func (l *Library) Latest(name string) (*Compiled, error) { return l.Get(name, 0) }

// List gives every definition, by name and version.
func (l *Library) List() []*Compiled {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := make([]*Compiled, 0, len(l.defs))
	for _, c := range l.defs {
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Name < out[j].Name || out[i].Name == out[j].Name && out[i].Version < out[j].Version
	})
	return out
}

// Publish writes the library's definitions as immutable rows. It changes
// nothing for those already there and refuses one whose source differs.
func (l *Library) Publish(ctx context.Context, tx bun.IDB, clock Clock) error {
	now, err := clock.Now(ctx, tx)
	if err != nil {
		return fmt.Errorf("publish definitions: %w", err)
	}
	var all []error
	for _, c := range l.List() {
		if err := publish(ctx, tx, c, now); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// resolve finds a definition here or, for a version that this binary no longer
// ships, among the published rows.
func (l *Library) resolve(ctx context.Context, db bun.IDB, name string, version int) (*Compiled, error) {
	c, err := l.Get(name, version)
	if err == nil || version == 0 {
		return c, err
	}
	source, found, err := publishedSource(ctx, db, name, version)
	if err != nil {
		return nil, err
	}
	if !found {
		return l.Get(name, version)
	}
	c, problems := Check(fmt.Sprintf("%s@%d", name, version), source, nil)
	if problems != nil {
		return nil, fmt.Errorf("published definition no longer compiles: %w", problems)
	}
	return l.keep(c)
}
