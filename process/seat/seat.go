// Package seat is where the activities of a process sit: each in one of its phases,
// which asks for so many of a kind, shows them to the public and lends them its
// dates. An activity that is made in one phase may be moved to another.
package seat

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow/definition"
)

// Seat is an activity in its phase. One that was discarded or called off, Off,
// needs none.
type Seat struct {
	process.Activity
	Off bool
}

// Of lists the activities of a process in their phases, in the order of their
// making.
func Of(ctx context.Context, db bun.IDB, core *process.Service, id process.ID) ([]Seat, error) {
	list, err := process.ActivitiesIn(ctx, db, id)
	if err != nil {
		return nil, err
	}
	out := make([]Seat, len(list))
	for i, a := range list {
		def, err := core.Engine().Resolve(ctx, db, a.Definition, a.Version)
		if err != nil {
			return nil, err
		}
		out[i] = Seat{a, def.CalledOff(a.State)}
	}
	return out, nil
}

// Fits reports that a definition has a place for it.
func (s Seat) Fits(def *definition.Compiled) bool {
	st, ok := def.State(s.Phase)
	return s.Off || ok && !st.Final
}

// Missing are the activities that a phase asks for and has too few of, by what sits in
// it and was not called off: Min of each is how many more it takes.
func Missing(st definition.State, seats []Seat) []definition.ActivityNeed {
	var out []definition.ActivityNeed
	for _, n := range st.Needs() {
		for _, s := range seats {
			if s.Kind == n.Kind && s.Phase == st.Name && !s.Off {
				n.Min--
			}
		}
		if n.Min > 0 {
			out = append(out, n)
		}
	}
	return out
}

// Lost are those for which a definition has no place.
func Lost(seats []Seat, def *definition.Compiled) []Seat {
	var out []Seat
	for _, s := range seats {
		if !s.Fits(def) {
			out = append(out, s)
		}
	}
	return out
}
