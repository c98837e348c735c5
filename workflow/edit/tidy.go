package edit

import (
	"slices"

	"arengo/workflow/definition"
)

// done takes away what an operation left without a use, and gives the result.
func (w *work) done() definition.Definition {
	w.tidyWays()
	w.tidyClock()
	w.tidyNotices()
	return w.Definition
}

// tidyWays drops transitions from and to nowhere, and ends that nothing leads to
// any more.
func (w *work) tidyWays() {
	for again := true; again; {
		again = false
		w.Transitions = slices.DeleteFunc(w.Transitions, func(t definition.Transition) bool {
			return len(t.From) == 0 || w.at(t.To) < 0 || len(t.From) == 1 && t.From[0] != everywhere && w.at(t.From[0]) < 0
		})
		w.States = slices.DeleteFunc(w.States, func(s definition.State) bool {
			reached := slices.ContainsFunc(w.Transitions, func(t definition.Transition) bool { return t.To == s.Name })
			if !s.Final || reached {
				return false
			}
			for i := range w.Transitions {
				w.Transitions[i].From = slices.DeleteFunc(w.Transitions[i].From, func(from string) bool { return from == s.Name })
			}
			again = true
			return true
		})
	}
}

// fires reports that the clock brings an event about in a state.
func fires(s definition.State, event string) bool {
	return s.AtEnd == event || slices.ContainsFunc(s.Deadlines, func(d definition.Deadline) bool { return d.Event == event })
}

// tidyClock takes the clock from the transitions that it no longer fires, and
// events from the states that they no longer leave.
func (w *work) tidyClock() {
	for i := range w.States {
		s := &w.States[i]
		leaves := func(event string) bool {
			return slices.ContainsFunc(w.Transitions, func(t definition.Transition) bool {
				return t.Event == event && (slices.Contains(t.From, s.Name) || t.From[0] == everywhere && !s.Final)
			})
		}
		if s.AtEnd != "" && !leaves(s.AtEnd) {
			s.AtEnd = ""
		}
		s.Deadlines = slices.DeleteFunc(s.Deadlines, func(d definition.Deadline) bool {
			return d.Event != "" && d.Law == nil && !leaves(d.Event)
		})
	}
	for i := range w.Transitions {
		t := &w.Transitions[i]
		if !slices.Contains(t.By, definition.ByTimer) || slices.ContainsFunc(w.States, func(s definition.State) bool {
			return (slices.Contains(t.From, s.Name) || t.From[0] == everywhere && !s.Final) && fires(s, t.Event)
		}) {
			continue
		}
		t.By = slices.DeleteFunc(t.By, func(by string) bool { return by == definition.ByTimer })
		if len(t.By) == 0 {
			t.By = w.responsible(t.From[0])
		}
	}
}

// tidyNotices drops the definition's own notices that nothing sends any more.
func (w *work) tidyNotices() {
	sent := map[string]bool{}
	note := func(list []definition.Action) {
		for _, a := range list {
			sent[a.Notice] = true
		}
	}
	for _, s := range w.States {
		note(s.OnEnter)
		note(s.OnExit)
		for _, m := range s.Reminders {
			sent[m.Notice] = true
		}
		for _, d := range s.Deadlines {
			sent[d.Notice] = true
		}
	}
	for _, t := range w.Transitions {
		note(t.Then)
	}
	w.Notices = slices.DeleteFunc(w.Notices, func(n definition.Notice) bool { return !sent[n.Code] })
}
