package edit

import (
	"slices"
	"strings"

	"arengo/workflow/definition"
	"arengo/workflow/strict"
)

// Losses are what the law protects in a definition and another that takes its
// place does not hold: phases that rest on a law, their terms, deadlines,
// activities, documents and conditions, their place among the others, who decides
// about them, by what their days are counted, and that they come once. Each names
// what is lost and its source, at the line of the other where it is missed. What
// the operations of this package give loses nothing, except that a phase may be
// moved past one of law, which Ordered refuses, or one of law to where a reopening
// begins it anew.
func Losses(was, is definition.Definition) definition.Problems {
	l := &losses{Reader: strict.New("fasi.yaml"), was: was, is: begin(is)}
	for _, s := range Phases(was) {
		laws := append(Laws(was, s.Name), countedFrom(was, s.Name)...)
		i := l.is.at(s.Name)
		l.writers(s, append(laws, whole(was)...))
		if len(laws) == 0 {
			if law := placing(was, s.Name); law != nil && i >= 0 {
				l.actors(s, *law)
			}
			continue
		}
		if i < 0 || l.is.States[i].Final {
			l.Bad(1, "the phase “%s” is missing: the law asks for it (%s)", s.Title, cited(&laws[0]))
			continue
		}
		l.state(s, l.is.States[i])
		l.passed(s, laws[0])
		l.actors(s, laws[0])
		if law := bounded(s); law != nil {
			l.kept(s, l.is.States[i], law)
			l.again(s, law)
		}
	}
	l.order()
	l.ways()
	l.counted()
	l.head()
	return l.Problems()
}

type losses struct {
	*strict.Reader
	was definition.Definition
	is  *work
}

func cited(l *definition.Law) string { return l.Source + ", " + l.Article }

func sameLaw(was, is *definition.Law) bool {
	return was == nil || is != nil && was.Article == is.Article && was.Source == is.Source
}

// state holds a phase, which rests on a law, against what it was.
func (l *losses) state(was, is definition.State) {
	if !sameLaw(was.Law, is.Law) {
		l.Bad(is.Line, "the phase “%s” no longer names its law (%s)", was.Title, cited(was.Law))
	}
	if was.Term != nil {
		l.term(was, is)
	}
	for _, x := range was.Deadlines {
		if x.Law != nil && !slices.ContainsFunc(is.Deadlines, func(y definition.Deadline) bool { return sameDeadline(x, y) }) {
			l.Bad(is.Line, "the phase “%s”: the deadline “%s” is of law and must stay as it is (%s)", was.Title, x.Title, cited(x.Law))
		}
	}
	if was.Law == nil {
		return
	}
	for _, need := range was.Activities {
		i := slices.IndexFunc(is.Activities, func(a definition.ActivityNeed) bool { return a.Kind == need.Kind })
		if i < 0 && need.AtEntry == "" && need.AtExit == "" || i >= 0 && !weaker(need, is.Activities[i]) {
			continue
		}
		l.Bad(is.Line, "the phase “%s” no longer asks for its activities: %s (%s)", was.Title, kindOf(need.Kind), cited(was.Law))
	}
	for _, doc := range was.Artefacts {
		if doc.Required && !l.is.asks(doc) {
			l.Bad(is.Line, "the phase “%s” no longer asks for the document “%s” (%s)", was.Title, doc.Title, cited(was.Law))
		}
	}
}

func kindOf(kind string) definition.Text {
	if words, ok := definition.KindWords[kind]; ok {
		return words
	}
	return definition.Text{"it": kind, "en": kind}
}

func (w *work) artefact(code string) (definition.Artefact, bool) {
	for _, s := range w.States {
		for _, a := range s.Artefacts {
			if a.Code == code {
				return a, true
			}
		}
	}
	return definition.Artefact{}, false
}

// asks reports that some phase asks for a document as it was asked for.
func (w *work) asks(doc definition.Artefact) bool {
	return slices.ContainsFunc(w.States, func(s definition.State) bool {
		return slices.ContainsFunc(s.Artefacts, func(a definition.Artefact) bool {
			return a.Code == doc.Code && a.Required && (a.Public || !doc.Public)
		})
	})
}

// term holds the term of a phase against what it was, by the rule of SetTerm.
func (l *losses) term(was, is definition.State) {
	old, now := *was.Term, definition.Term{}
	if is.Term != nil {
		now = *is.Term
	}
	if x := old.Extend; x != nil && (x.Law != nil || old.Law != nil) {
		y := now.Extend
		if y == nil || y.Max != x.Max || y.Times != x.Times || y.Act != x.Act || !sameLaw(x.Law, y.Law) {
			law := x.Law
			if law == nil {
				law = old.Law
			}
			l.Bad(is.Line, "the phase “%s”: how far its term may be extended comes from the law and must stay (%s)", was.Title, cited(law))
		}
	}
	if old.Law == nil {
		return
	}
	to := Lasts{Length: now.Length, Min: now.Min, Max: now.Max, None: is.Term == nil}
	dated := old.Until != "" && old.Until == now.Until
	if dated {
		old.Until = ""
	}
	same := now.Until == "" || dated
	same = same && now.From == old.From && now.OnHold == old.OnHold && now.OnHoliday == old.OnHoliday &&
		to.lawful(old) == nil && (dated || old.Length.IsZero() == now.Length.IsZero())
	switch {
	case same && sameLaw(old.Law, now.Law):
		return
	case same:
		l.Bad(is.Line, "the phase “%s”: its term no longer names its law (%s)", was.Title, cited(old.Law))
		return
	}
	l.Bad(is.Line, "the phase “%s”: its term comes from the law; the length may change within its limits, nothing else (%s)", was.Title, cited(old.Law))
}

func sameDeadline(x, y definition.Deadline) bool {
	return x.Code == y.Code && x.Before == y.Before && x.After == y.After && x.Of == y.Of && x.Event == y.Event && x.Notice == y.Notice &&
		slices.Equal(x.To, y.To) && slices.Equal(x.Escalate, y.Escalate) && sameLaw(x.Law, y.Law)
}

// ways asks of every transition the conditions of law of those whose place it
// takes: of the same id or event, or of all that left the phase.
func (l *losses) ways() {
	for _, s := range append(Phases(l.was), definition.State{Name: everywhere}) {
		for i := range l.is.Transitions {
			if t := &l.is.Transitions[i]; slices.Contains(t.From, s.Name) && !t.Reopens {
				l.way(s, t)
			}
		}
	}
}

func (l *losses) way(s definition.State, t *definition.Transition) {
	for _, g := range l.owed(s.Name, t) {
		if !slices.ContainsFunc(t.Requires, func(h definition.Guard) bool {
			return h.Code == g.Code && h.Expr == g.Expr && sameLaw(g.Law, h.Law)
		}) {
			l.Bad(t.Line, "transition %s: the condition %q of the phase “%s” comes from the law and must stay as it is (%s)", t.ID, g.Code, s.Title, cited(g.Law))
		}
	}
	// A condition of the file's own takes the place of the implied one.
	for _, h := range t.Requires {
		law := l.implied(s, t.To, h.Code)
		if law != nil && !l.written(h) {
			l.Bad(t.Line, "transition %s: the condition %q stands for one of the law, which it would replace (%s)", t.ID, h.Code, cited(law))
		}
	}
}

// implied is the law of a state whose term or activities imply a guard.
func (l *losses) implied(s definition.State, to, code string) *definition.Law {
	switch {
	case code == definition.GuardMinTerm && s.Term != nil && !s.Term.Min.IsZero():
		return s.Term.Law
	case strings.HasPrefix(code, "at-exit-"):
		return s.Law
	case strings.HasPrefix(code, "at-entry-"):
		for _, x := range l.was.States {
			if x.Name == to {
				return x.Law
			}
		}
	}
	return nil
}

// written reports that a guard stood in what is replaced.
func (l *losses) written(h definition.Guard) bool {
	return slices.ContainsFunc(l.was.Transitions, func(t definition.Transition) bool {
		return slices.ContainsFunc(t.Requires, func(g definition.Guard) bool { return !g.Implied && g.Code == h.Code && g.Expr == h.Expr })
	})
}

// owed are the conditions of law that a transition out of a phase must have.
func (l *losses) owed(state string, t *definition.Transition) []definition.Guard {
	var all, same, event []definition.Guard
	var known, like bool
	for _, old := range l.was.Transitions {
		if old.Reopens || !slices.Contains(old.From, state) && (state != everywhere || old.From[0] != everywhere) {
			continue
		}
		for _, g := range old.Requires {
			if g.Law == nil || g.Implied {
				continue
			}
			all = append(all, g)
			if old.ID == t.ID {
				same = append(same, g)
			}
			if old.Event == t.Event {
				event = append(event, g)
			}
		}
		known, like = known || old.ID == t.ID, like || old.Event == t.Event
	}
	switch {
	case known:
		return same
	case like:
		return event
	case t.Event == eventCancel:
		return nil
	}
	return all
}

// passed asks that a phase stays required for the ends that it was required for,
// and is for those that are new.
func (l *losses) passed(s definition.State, law definition.Law) {
	known := endsWithout(l.was, s.Name)
	for _, end := range endsWithout(l.is.Definition, s.Name) {
		if !slices.Contains(known, end) {
			line := l.is.States[l.is.at(s.Name)].Line
			l.Bad(line, "the phase “%s” could be passed over: the end %q is reached without it (%s)", s.Title, end, cited(&law))
			return
		}
	}
}

// endsWithout are the final states that are reached without entering a phase.
func endsWithout(d definition.Definition, name string) []string {
	seen := entered(d, name)
	var ends []string
	for _, s := range d.States {
		if s.Final && seen[s.Name] {
			ends = append(ends, s.Name)
		}
	}
	return ends
}
