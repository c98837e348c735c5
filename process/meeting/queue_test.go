package meeting_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"arengo/process"
	"arengo/process/meeting"
)

// TestQueueAgainstModel registers, unregisters and changes the number of
// places at random and compares with two plain lists.
func TestQueueAgainstModel(t *testing.T) {
	t.Parallel()
	w := draft(t)
	people := w.People(6)
	rapid.Check(t, func(rt *rapid.T) {
		w.a = w.Activity("webinar")
		w.schedule(evening)
		w.Must(w.Advance(w.a, "open", ""))
		m := model{capacity: rapid.IntRange(0, 4).Draw(rt, "capacity")}
		w.capacity(m.capacity)
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			p := rapid.SampledFrom(people).Draw(rt, "person")
			switch rapid.SampledFrom([]string{"register", "register", "unregister", "capacity"}).Draw(rt, "act") {
			case "register":
				w.register(p)
				m.register(p)
			case "unregister":
				w.unregister(p)
				m.unregister(p)
			case "capacity":
				m.capacity = rapid.IntRange(0, 4).Draw(rt, "capacity")
				w.capacity(m.capacity)
				m.promote()
			}
			m.compare(rt, w)
		}
	})
}

type model struct {
	capacity int
	in, wait []process.PersonID
}

func (m *model) register(p process.PersonID) {
	if !slices.Contains(m.in, p) && !slices.Contains(m.wait, p) {
		m.wait = append(m.wait, p)
		m.promote()
	}
}

func (m *model) unregister(p process.PersonID) {
	gone := func(q process.PersonID) bool { return q == p }
	m.in, m.wait = slices.DeleteFunc(m.in, gone), slices.DeleteFunc(m.wait, gone)
	m.promote()
}

func (m *model) promote() {
	for len(m.wait) > 0 && (m.capacity == 0 || len(m.in) < m.capacity) {
		m.in, m.wait = append(m.in, m.wait[0]), m.wait[1:]
	}
}

func (m *model) compare(rt *rapid.T, w *world) {
	list, err := w.Meetings.Registrations(w.T.Context(), w.a.ProcessID, w.a.ID)
	if err != nil {
		rt.Fatal(err)
	}
	var in, wait []process.PersonID
	for _, r := range list {
		switch r.Status {
		case meeting.Registered:
			in = append(in, r.Person)
		case meeting.Waiting:
			wait = append(wait, r.Person)
			if r.Position != len(wait) {
				rt.Fatalf("position %d of number %d in the queue", r.Position, len(wait))
			}
		}
	}
	slices.Sort(in)
	want := slices.Sorted(slices.Values(m.in))
	if !slices.Equal(in, want) || !slices.Equal(wait, m.wait) {
		rt.Fatalf("places %d: in %v, waiting %v; want %v and %v", m.capacity, in, wait, want, m.wait)
	}
}
