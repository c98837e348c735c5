package definition

import (
	"fmt"
	"slices"
	"sort"
	"sync"

	"arengo/process/fault"
)

// Library holds compiled definitions by name and version: those that this
// program ships, and those that it met in the database. It is safe for
// concurrent use.
type Library struct {
	kinds   []string
	mu      sync.RWMutex
	defs    map[key]*Compiled
	shipped map[key]bool
	doubted map[key]bool // see Doubt
}

type key struct {
	name    string
	version int
}

// NewLibrary makes an empty library. kinds are the activity kinds that
// definitions may name; none accepts any.
func NewLibrary(kinds ...string) *Library {
	return &Library{kinds: kinds, defs: map[key]*Compiled{}, shipped: map[key]bool{}, doubted: map[key]bool{}}
}

// Kinds are the activity kinds that definitions may name; nil is any.
func (l *Library) Kinds() []string { return slices.Clone(l.kinds) }

// Add reads a file that is shipped and keeps it; the error is Problems when
// the file has any, see Read. The same name and version with another source is refused.
func (l *Library) Add(file string, source []byte) (*Compiled, error) {
	c, problems := Read(file, source, l.kinds)
	if problems != nil {
		return nil, problems
	}
	return l.keep(c, true)
}

// Keep adds a compiled definition that something runs and this program does
// not ship: nothing new begins with it. One that is there already with the same
// source is returned instead.
func (l *Library) Keep(c *Compiled) (*Compiled, error) { return l.keep(c, false) }

// Doubt says that a transaction of this program publishes a name and version: what
// it reads of them may yet come to nothing, and somebody else may publish another
// source under them.
func (l *Library) Doubt(name string, version int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doubted[key{name, version}] = true
}

// Learn is Keep for what was read in a transaction, or after it: while the name
// and version are doubted, only what is read outside of any is kept.
func (l *Library) Learn(c *Compiled, within bool) (*Compiled, error) {
	l.mu.Lock()
	k := key{c.Name, c.Version}
	if within && l.doubted[k] {
		l.mu.Unlock()
		return c, nil
	}
	delete(l.doubted, k)
	l.mu.Unlock()
	return l.keep(c, false)
}

func (l *Library) keep(c *Compiled, shipped bool) (*Compiled, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := key{c.Name, c.Version}
	if old := l.defs[k]; old != nil {
		if old.SHA256 != c.SHA256 {
			return nil, fmt.Errorf("workflow %s@%d already has another source: raise its version", c.Name, c.Version)
		}
		c = old
	}
	l.defs[k] = c
	l.shipped[k] = l.shipped[k] || shipped
	return c, nil
}

// Get finds a definition; version 0 is the latest that is shipped. A missing
// one is a fault.NotFound "workflow.definition_unknown": for what an instance
// runs ask the engine, which reads the database as well.
func (l *Library) Get(name string, version int) (*Compiled, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if c := l.defs[key{name, version}]; c != nil {
		return c, nil
	}
	var best *Compiled
	for k, c := range l.defs {
		if version == 0 && k.name == name && l.shipped[k] && (best == nil || k.version > best.Version) {
			best = c
		}
	}
	if best == nil {
		return nil, fault.New(fault.NotFound, "workflow.definition_unknown", "name", name, "version", version)
	}
	return best, nil
}

// Latest finds the highest version of a definition that is shipped.
func (l *Library) Latest(name string) (*Compiled, error) { return l.Get(name, 0) }

// List gives every definition, by name and version.
func (l *Library) List() []*Compiled { return l.list(false) }

// Shipped gives the definitions that this program ships, by name and version.
func (l *Library) Shipped() []*Compiled { return l.list(true) }

func (l *Library) list(shipped bool) []*Compiled {
	l.mu.RLock()
	defer l.mu.RUnlock()
	out := make([]*Compiled, 0, len(l.defs))
	for k, c := range l.defs {
		if !shipped || l.shipped[k] {
			out = append(out, c)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Name < out[j].Name || out[i].Name == out[j].Name && out[i].Version < out[j].Version
	})
	return out
}
