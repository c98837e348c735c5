package definition

import (
	"fmt"
	"sort"
	"sync"

	"arengo/process/fault"
)

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
	return l.Keep(c)
}

// Keep adds a compiled definition; one that is there already with the same
// source is returned instead.
func (l *Library) Keep(c *Compiled) (*Compiled, error) {
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
