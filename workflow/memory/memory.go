// Package memory keeps the engine's rows in plain Go: for a rehearsal and for
// the properties of tests. The same commands give the same rows, down to the
// hashes of the log; what the constraints of the database refuse is refused
// here too, and a transaction that fails changes nothing.
//
//	rows, clock := memory.New(), memory.NewClock(start)
//	engine := workflow.NewEngine(library, clock, facter, log).On(rows)
//	err := rows.InTx(ctx, func(ctx context.Context, tx bun.IDB) error { // tx is nil
//		_, err := engine.Create(ctx, tx, ref, workflow.Start{Definition: "area-path", Actor: promoter})
//		return err
//	})
package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/row"
)

// Store is one set of rows. Transactions run one after the other; what reads
// beside one sees what it did so far.
type Store struct {
	turn sync.Mutex // of the transaction that is under way

	mu     sync.Mutex // of everything below
	within bool       // a transaction is under way
	undo   []func()   // what it did, backwards

	definitions map[name]row.Definition
	instances   map[row.Ref]row.Instance
	plans       map[row.Ref][]row.Phase
	deadlines   map[int64]row.Deadline
	logs        map[int64][]row.Log // by process, in order
	texts       map[entry]row.Text
	keys        map[key]int64 // sequence numbers
	incidents   map[int64]row.Incident
	last        map[string]int64 // numbers given out, by what they count
}

type (
	name struct {
		name    string
		version int
	}
	entry struct{ processID, seq int64 }
	key   struct {
		processID int64
		key       string
	}
)

// New is a store without rows.
func New() *Store {
	return &Store{
		definitions: map[name]row.Definition{}, instances: map[row.Ref]row.Instance{}, plans: map[row.Ref][]row.Phase{},
		deadlines: map[int64]row.Deadline{}, logs: map[int64][]row.Log{}, texts: map[entry]row.Text{}, keys: map[key]int64{},
		incidents: map[int64]row.Incident{}, last: map[string]int64{},
	}
}

// InTx runs fn as one transaction: an error or a panic undoes what it wrote.
// The transaction that fn gets is nil, as the engine's methods take it here. fn
// must not begin another one.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx bun.IDB) error) error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.begin()
	done := false
	defer func() { s.end(done) }()
	err := fn(ctx, nil)
	done = err == nil
	return err
}

func (s *Store) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.within, s.undo = true, nil
}

func (s *Store) end(keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !keep {
		for _, back := range slices.Backward(s.undo) {
			back()
		}
	}
	s.within, s.undo = false, nil
}

// put writes one row, so that a rollback finds the old one. Values are never
// changed in place.
func put[K comparable, V any](s *Store, table map[K]V, k K, v V) {
	if s.within {
		old, had := table[k]
		s.undo = append(s.undo, func() {
			if had {
				table[k] = old
			} else {
				delete(table, k)
			}
		})
	}
	table[k] = v
}

// next counts from 1, each thing by itself.
func (s *Store) next(what string) int64 {
	n := s.last[what] + 1
	put(s, s.last, what, n)
	return n
}

// violation is what the database says of a broken constraint.
func violation(constraint string) error {
	return fmt.Errorf("memory: the row violates the constraint %q", constraint)
}

// kept is an instant as a database keeps it.
func kept(t time.Time) time.Time { return row.UTC(t).Truncate(time.Microsecond) }

// Publish writes a definition once; another source under the same name and
// version is a fault.Conflict "workflow.definition_changed".
func (s *Store) Publish(_ context.Context, d row.Definition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := name{d.Name, d.Version}
	if d.Version <= 0 {
		return violation("workflow_definition_version_check")
	}
	if there, ok := s.definitions[id]; ok && there.SHA256 != d.SHA256 {
		return fault.New(fault.Conflict, "workflow.definition_changed", "name", d.Name, "version", d.Version)
	} else if ok {
		return nil
	}
	put(s, s.definitions, id, d)
	return nil
}

// Used names what instances run, without the sources.
func (s *Store) Used(context.Context) ([]row.Definition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row.Definition
	for _, i := range s.instances {
		d := row.Definition{Name: i.Definition, Version: i.Version}
		if !slices.ContainsFunc(out, func(o row.Definition) bool { return o.Name == d.Name && o.Version == d.Version }) {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b row.Definition) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return out, nil
}

// Source is that of a published definition; false when nobody published it.
func (s *Store) Source(_ context.Context, definition string, version int) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.definitions[name{definition, version}]
	return d.Source, ok, nil
}

// Versions are the published definitions of a name, the oldest first, without the
// sources.
func (s *Store) Versions(_ context.Context, definition string) ([]row.Definition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []row.Definition
	for id, d := range s.definitions {
		if id.name == definition {
			out = append(out, row.Definition{Name: d.Name, Version: d.Version, BaseName: d.BaseName, BaseVersion: d.BaseVersion})
		}
	}
	slices.SortFunc(out, func(a, b row.Definition) int { return cmp.Compare(a.Version, b.Version) })
	return out, nil
}
