package workflow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/looplab/fsm"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/row"
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

// reopening checks what a command says of a reopening: whom to tell, and when
// what goes on will end.
func (w *work) reopening(t *definition.Transition, c Command) error {
	switch {
	case !t.Reopens && (len(c.Tell) > 0 || !c.End.IsZero()):
		return fault.New(fault.Conflict, "workflow.reopens_nothing")
	case slices.ContainsFunc(c.Tell, func(word string) bool { return !slices.Contains(t.Tell, word) }):
		return fault.Field("tell", "workflow.tell_unknown")
	case c.End.IsZero():
		return nil
	}
	w.end = c.End.UTC().Truncate(time.Microsecond)
	if to, _ := w.def.State(t.To); to.Term != nil && to.Term.Until != "" {
		return fault.Field("end", "workflow.reopen_anchored")
	}
	if !w.end.After(w.now) {
		return fault.Field("end", "workflow.extend_past")
	}
	return nil
}

// chosen is the end of the term that begins: the usual one, or the one that was
// chosen, within minimum and maximum.
func (w *work) chosen(b bounds) (time.Time, error) {
	switch {
	case w.end.IsZero():
		return b.due, nil
	case !b.max.IsZero() && w.end.After(b.max):
		return b.due, fault.Field("end", "workflow.extend_beyond_max", "max", w.local(b.max))
	case w.end.Before(b.min):
		return b.due, fault.Field("end", "workflow.shorten_below_min", "min", w.local(b.min))
	}
	return w.end, nil
}

// reopened tells those chosen that what had ended goes on.
func (w *work) reopened(tell []string, at time.Time) Effect {
	return Effect{
		Kind: EffectNotice, Ref: w.inst.Ref(), Notice: definition.NoticeReopened, Audience: tell, State: w.inst.State, At: at,
		Occasion: w.occasion("reopened"), Expires: row.UTC(w.inst.DueAt), DueAt: row.UTC(w.inst.DueAt),
	}
}
