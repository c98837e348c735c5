package edit

import (
	"slices"
	"strings"

	"arengo/process/fault"
	"arengo/workflow/definition"
)

const eventCancel = "cancel"

// own are the transitions that lead from a state on, in file order: neither
// those that leave every state nor those that reopen.
func (w *work) own(name string) []*definition.Transition {
	var out []*definition.Transition
	for i := range w.Transitions {
		t := &w.Transitions[i]
		if slices.Contains(t.From, name) && !t.Reopens && t.To != name {
			out = append(out, t)
		}
	}
	return out
}

// onward is the state that follows a state on the path: the next one of the file
// if a transition leads there, else a later one, else an end that is no
// cancellation. It is "" when nothing follows.
func (w *work) onward(name string) string {
	own, here := w.own(name), w.at(name)
	if next := w.next(name); slices.ContainsFunc(own, func(t *definition.Transition) bool { return t.To == next }) {
		return next
	}
	for _, t := range own {
		if !w.final(t.To) && w.at(t.To) > here {
			return t.To
		}
	}
	for _, t := range own {
		if w.final(t.To) && t.Event != eventCancel {
			return t.To
		}
	}
	return ""
}

// next is the phase after another in file order, "" for the last.
func (w *work) next(name string) string {
	for i := w.at(name) + 1; i < len(w.States); i++ {
		if !w.States[i].Final {
			return w.States[i].Name
		}
	}
	return ""
}

// before is the phase before another in file order, "" for the first.
func (w *work) before(name string) string {
	for i := w.at(name) - 1; i >= 0; i-- {
		if !w.States[i].Final {
			return w.States[i].Name
		}
	}
	return ""
}

// leading are the ids of a state's own transitions to another.
func (w *work) leading(from, to string) []string {
	var out []string
	for _, t := range w.own(from) {
		if t.To == to {
			out = append(out, t.ID)
		}
	}
	return out
}

// alone makes the transition of an id leave one state only, by splitting it where
// it leaves others as well, and gives the id of the part that does.
func (w *work) alone(id, from string) string {
	t := w.transition(id)
	if len(t.From) == 1 {
		return id
	}
	part := *t
	t.From = slices.DeleteFunc(slices.Clone(t.From), func(s string) bool { return s == from })
	part.ID, part.From = w.idFor(id+"-"+from), []string{from}
	part.By, part.Then, part.Requires = slices.Clone(part.By), slices.Clone(part.Then), slices.Clone(part.Requires)
	i := slices.IndexFunc(w.Transitions, func(t definition.Transition) bool { return t.ID == id })
	w.Transitions = slices.Insert(w.Transitions, i+1, part)
	return part.ID
}

// passage is what transitions carry that belongs to the state they lead to and
// not to the one that they leave: the words of the button and, into an end, what
// is announced and asked for there.
type passage struct {
	to     string
	title  definition.Text
	then   []definition.Action
	guards []definition.Guard
	roles  []string
}

func (w *work) passage(ids []string, to string) passage {
	p := passage{to: to, title: w.moveTo(to)}
	for _, id := range ids {
		t := w.transition(id)
		for _, by := range people(t.By) {
			if !slices.Contains(p.roles, by) {
				p.roles = append(p.roles, by)
			}
		}
		if len(ids) == 1 && t.Title != nil && len(officesOf(t.By)) == 0 {
			p.title = t.Title
		}
		if w.final(to) {
			p.then = w.announced(p.then, t.Then)
			p.guards = together(p.guards, t.Requires)
		}
	}
	return p
}

// people are the roles among those who may carry a transition out.
func people(by []string) []string {
	return slices.DeleteFunc(slices.Clone(by), func(b string) bool { return b == definition.ByTimer || b == definition.BySystem })
}

// announced adds actions, each notice once.
func (w *work) announced(list, more []definition.Action) []definition.Action {
	for _, a := range more {
		if !slices.ContainsFunc(list, func(b definition.Action) bool {
			return a.Notice == b.Notice && a.Open == b.Open && a.Close == b.Close
		}) {
			list = append(list, a)
		}
	}
	return list
}

// together adds the guards that hold wherever they stand, each code once: those
// that read the term of the state they leave do not.
func together(list, more []definition.Guard) []definition.Guard {
	for _, g := range more {
		reads := strings.Contains(g.Expr, "term.") || strings.Contains(g.Explain.In("it"), "{term.") || strings.Contains(g.Explain.In("en"), "{term.")
		if !reads && !slices.ContainsFunc(list, func(h definition.Guard) bool { return h.Code == g.Code }) {
			list = append(list, g)
		}
	}
	return list
}

// moveTo are the words of a button that nobody wrote.
func (w *work) moveTo(to string) definition.Text {
	i := w.at(to)
	if i < 0 {
		return nil
	}
	title := w.States[i].Title
	if w.States[i].Final {
		return definition.Text{"it": "Concludi: " + title.In("it"), "en": "Finish: " + title.In("en")}
	}
	return definition.Text{"it": "Passa a: " + title.In("it"), "en": "Move to: " + title.In("en")}
}

// lead makes transitions lead to another state, with what belongs there. Where
// they are several, or an office's, each is a decision of its own and keeps its words.
func (w *work) lead(ids []string, p passage) {
	for _, id := range ids {
		t := w.transition(id)
		if w.final(t.To) && !w.final(p.to) {
			t.Then = nil // what was announced there is announced by what leads there now
		}
		t.To = p.to
		switch {
		case t.Title != nil && (len(ids) > 1 || len(officesOf(t.By)) > 0):
		case len(p.roles) > 0 && slices.ContainsFunc(people(t.By), func(by string) bool { return !slices.Contains(p.roles, by) }):
			t.Title = w.moveTo(p.to) // an act goes by no name into other hands
		default:
			t.Title = p.title
		}
		if w.final(p.to) {
			t.Then = w.announced(t.Then, p.then)
			t.Requires = together(t.Requires, p.guards)
		}
	}
}

// take leads what leads to a state to what follows it: what comes from phases
// before it, and with every, all the rest. What would lead a state to itself is
// dropped.
func (w *work) take(name string, every bool) (p passage, err error) {
	to := w.onward(name)
	if to == "" || w.Initial == name && w.final(to) {
		return p, fault.New(fault.Conflict, "editor.phase_only")
	}
	p = w.passage(w.leading(name, to), to)
	if w.Initial == name {
		w.Initial = to
	}
	var ids []string
	for _, t := range w.Transitions {
		if t.To == name {
			ids = append(ids, t.ID)
		}
	}
	for _, id := range ids {
		w.redirect(id, name, p, every)
	}
	return p, nil
}

func (w *work) redirect(id, name string, p passage, every bool) {
	t := w.transition(id)
	if t.Reopens {
		if every {
			w.reopenInto(t, name, p.to)
		}
		return
	}
	for _, from := range slices.Clone(t.From) {
		if from == everywhere {
			if every {
				w.lead([]string{id}, p)
			}
			return
		}
		later := w.at(from) > w.at(name)
		switch {
		case from == name || !every && later:
		case from == p.to || later && w.final(p.to):
			w.drop(id, from)
		case later: // what leads back keeps its words
			w.transition(w.alone(id, from)).To = p.to
		default:
			w.lead([]string{w.alone(id, from)}, p)
		}
	}
}

// reopenInto leads what reopens into a state that goes to the one before it
// where nothing follows but an end, unless a law says how long that one takes:
// nothing reopens then.
func (w *work) reopenInto(t *definition.Transition, name, to string) {
	if w.final(to) {
		if to = w.before(name); to != "" && bounded(w.States[w.at(to)]) != nil {
			t.From = nil
		}
	}
	t.To = to
}

// drop takes a state from those that a transition leaves.
func (w *work) drop(id, from string) {
	t := w.transition(id)
	t.From = slices.DeleteFunc(t.From, func(s string) bool { return s == from })
}

// put leads the way from one phase on through another, which has its own ways
// on; after "" it becomes the first.
func (w *work) put(name, after string) (p passage, err error) {
	if after == "" {
		p = w.passage(nil, w.Initial)
		w.Initial = name
		return p, nil
	}
	to := w.onward(after)
	if to == "" {
		return p, fault.New(fault.Conflict, "editor.no_way_on")
	}
	ids := w.leading(after, to)
	p = w.passage(ids, to)
	for i, id := range ids {
		ids[i] = w.alone(id, after)
	}
	w.lead(ids, passage{to: name, title: w.moveTo(name)})
	return p, nil
}
