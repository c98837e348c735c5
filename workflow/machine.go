package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/looplab/fsm"

	"arengo/workflow/definition"
)

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

// entering is what the state that was entered asks for; one that is reopened
// tells again nobody what they know.
func (w *work) entering(t *definition.Transition) []definition.Action {
	actions := w.state().OnEnter
	if !t.Reopens {
		return actions
	}
	return slices.DeleteFunc(slices.Clone(actions), func(a definition.Action) bool { return a.Notice != "" })
}
