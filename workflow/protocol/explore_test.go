package protocol_test

import (
	"slices"
	"strings"
	"testing"
)

// walk is every state that can be reached, with how.
type walk struct {
	from  map[state]state  // the state before, on a shortest way
	by    map[state]string // what happened in between
	back  map[state][]state
	order []state
}

// explore visits every state of a model breadth first, and stops at the first
// that breaks a promise.
func explore(m model) (w walk, bad state, broken promise) {
	start := begin()
	w = walk{from: map[state]state{}, by: map[state]string{start: ""}, back: map[state][]state{}, order: []state{start}}
	for i := 0; i < len(w.order); i++ {
		s := w.order[i]
		if p := s.check(); p != "" {
			return w, s, p
		}
		for _, e := range m.next(s) {
			if !e.fault {
				w.back[e.to] = append(w.back[e.to], s)
			}
			if _, seen := w.by[e.to]; !seen {
				w.from[e.to], w.by[e.to] = s, e.name
				w.order = append(w.order, e.to)
			}
		}
	}
	return w, state{}, ""
}

// stuck is a state from which nothing but a fault leads on to the goal; false
// when there is none.
func (w walk) stuck() (state, bool) {
	saved := map[state]bool{}
	var todo []state
	for _, s := range w.order {
		if s.goal() {
			saved[s] = true
			todo = append(todo, s)
		}
	}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		for _, before := range w.back[s] {
			if !saved[before] {
				saved[before] = true
				todo = append(todo, before)
			}
		}
	}
	for _, s := range w.order {
		if !saved[s] {
			return s, true
		}
	}
	return state{}, false
}

func (w walk) trace(s state) string {
	var out []string
	for w.by[s] != "" {
		out = append(out, w.by[s])
		s = w.from[s]
	}
	slices.Reverse(out)
	return strings.Join(out, "; ")
}

// TestProtocolHolds walks through every order of events: no promise is broken
// in any state, and from each of them everything gets done without another
// fault.
func TestProtocolHolds(t *testing.T) {
	t.Parallel()
	w, bad, broken := explore(model{})
	if broken != "" {
		t.Fatalf("%s: %s", broken, w.trace(bad))
	}
	if s, found := w.stuck(); found {
		t.Fatalf("nothing leads on from: %s\n%+v", w.trace(s), s)
	}
	t.Logf("%d states", len(w.order))
	if len(w.order) < 10_000 { // a model that forbids everything keeps every promise
		t.Errorf("only %d states: something of the model does not happen any more", len(w.order))
	}
}

// TestEveryFaultAndActHappens keeps the model from proving little: each action
// is taken somewhere.
func TestEveryFaultAndActHappens(t *testing.T) {
	t.Parallel()
	w, _, _ := explore(model{})
	seen := map[string]bool{}
	for _, name := range w.by {
		act, _, _ := strings.Cut(name, " by ")
		seen[act] = true
	}
	for _, act := range []string{
		"time passes", "answer", "extend", "schedule", "expand", "take task", "sweep", "claim", "fire", "acknowledge", "send", "record",
		"queue repeats the task of", "lease runs out of", "crash", "flush",
	} {
		if !seen[act] {
			t.Errorf("%q never happens", act)
		}
	}
}

// TestMistakesAreFound builds each mistake in and wants it found as what it is.
func TestMistakesAreFound(t *testing.T) {
	t.Parallel()
	const recovery promise = "something is never done"
	for mistake, want := range map[mutation]promise{
		trustTask:       promiseEnd,
		trustQueue:      promiseEnd,
		noClaim:         promiseOnce,
		checkThenAct:    promiseOnce,
		noSweep:         recovery,
		noticeLater:     promiseTogether,
		sentWhenClaimed: promiseTruth,
		leaseForever:    recovery,
		stateOnly:       promiseInput,
		extendAfterEnd:  promiseOneWord,
	} {
		t.Run(string(mistake), func(t *testing.T) {
			t.Parallel()
			w, bad, broken := explore(model{mistake})
			if broken == "" {
				if s, found := w.stuck(); found {
					bad, broken = s, recovery
				}
			}
			if broken != want {
				t.Fatalf("found %q, want %q, after: %s", broken, want, w.trace(bad))
			}
			if steps := strings.Count(w.trace(bad), ";") + 1; steps > 12 {
				t.Errorf("the shortest way to it takes %d steps", steps)
			}
		})
	}
}
