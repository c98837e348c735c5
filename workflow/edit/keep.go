package edit

import (
	"slices"

	"arengo/workflow/definition"
)

// bounded is the source of the time that a phase takes: of its term, of the
// extension of it, of the phase itself or of one of its deadlines, nil without.
func bounded(s definition.State) *definition.Law {
	if s.Term != nil && s.Term.Law != nil {
		return s.Term.Law
	}
	if s.Term != nil && s.Term.Extend != nil && s.Term.Extend.Law != nil {
		return s.Term.Extend.Law
	}
	if s.Law != nil {
		return s.Law
	}
	for _, x := range s.Deadlines {
		if x.Law != nil {
			return x.Law
		}
	}
	return nil
}

// office is a role as the reader knows it; what is none keeps its word.
func office(role string) definition.Text {
	if words, ok := definition.RoleWords[role]; ok {
		return words
	}
	return definition.Text{"it": role, "en": role}
}

func officesOf(roles []string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return !slices.Contains(definition.Offices, r) })
}

// byOffices reports that a decision is of offices alone: the clock must not take
// it in their place.
func byOffices(roles []string) bool {
	return len(roles) > 0 && len(officesOf(roles)) == len(roles)
}

// kept holds what surrounds a term of law against what it was: what may be done
// about it, what ends it and which offices its beginning is told to.
func (l *losses) kept(was, is definition.State, law *definition.Law) {
	for _, word := range []string{"extend", "shorten", "hold"} {
		if slices.Contains(is.Allows, word) && !slices.Contains(was.Allows, word) {
			l.Bad(is.Line, "the phase “%s” must not allow %q: its time comes from the law (%s)", was.Title, word, cited(law))
		}
	}
	if t := was.Term; was.AtEnd != "" && t != nil && t.Law != nil && is.AtEnd != was.AtEnd {
		l.Bad(is.Line, "the phase “%s”: at the end of its term of law at_end must fire %q, as it did (%s)", was.Title, was.AtEnd, cited(t.Law))
	}
	for _, a := range was.OnEnter {
		for _, to := range officesOf(a.To) {
			if !slices.ContainsFunc(is.OnEnter, func(b definition.Action) bool { return b.Notice == a.Notice && slices.Contains(b.To, to) }) {
				l.Bad(is.Line, "the phase “%s” no longer tells the role “%s” with the notice %q (%s)", was.Title, office(to), a.Notice, cited(law))
			}
		}
	}
}

// counted holds what days are counted by against what it was, for the first
// phase whose time comes from the law.
func (l *losses) counted() {
	for _, s := range Phases(l.was) {
		law := bounded(s)
		if law == nil {
			continue
		}
		if l.is.Zone != l.was.Zone {
			l.Bad(1, "the phase “%s”: its term of law is counted in the timezone %q, which must stay (%s)", s.Title, l.was.Zone, cited(law))
		}
		if l.is.Calendar != l.was.Calendar {
			l.Bad(1, "the phase “%s”: its term of law is counted by the calendar %q, which must stay (%s)", s.Title, l.was.Calendar, cited(law))
		}
		return
	}
}

// actors asks that nobody moves a phase of law on who could not, and that what
// an office decides there stays its own.
func (l *losses) actors(s definition.State, law definition.Law) {
	was, is := leaving(l.was, s.Name), leaving(l.is.Definition, s.Name)
	for _, t := range is {
		could, known := deciders(was, t)
		if !known && t.Event == eventCancel && l.is.final(t.To) {
			continue
		}
		for _, by := range t.By {
			clock := (by == definition.ByTimer || by == definition.BySystem) && !byOffices(could)
			if !clock && !slices.Contains(could, by) {
				l.Bad(t.Line, "transition %s: the role “%s” must not decide about the phase “%s”: who does comes from the law (%s)", t.ID, office(by), s.Title, cited(&law))
			}
		}
	}
	for _, t := range was {
		if len(officesOf(t.By)) == 0 || l.is.at(t.To) < 0 {
			continue
		}
		can, known := deciders(is, t)
		for _, by := range officesOf(t.By) {
			if !known || !slices.Contains(can, by) {
				l.Bad(l.is.States[l.is.at(s.Name)].Line, "the phase “%s”: “%s” is decided by the role “%s”, and must stay so (%s)", s.Title, t.Title, office(by), cited(&law))
			}
		}
	}
}

// leaving are the transitions out of a phase, those out of every one among them,
// without those that reopen.
func leaving(d definition.Definition, name string) []definition.Transition {
	return slices.DeleteFunc(slices.Clone(d.Transitions), func(t definition.Transition) bool {
		return t.Reopens || !slices.Contains(t.From, name) && !slices.Contains(t.From, everywhere)
	})
}

// deciders are who carries out, of some transitions, the one whose place another
// takes: of the same id, else event. When there is none they are all who carry
// out those that leave the phase alone.
func deciders(ways []definition.Transition, t definition.Transition) (by []string, known bool) {
	for _, same := range []func(definition.Transition) bool{
		func(x definition.Transition) bool { return x.ID == t.ID },
		func(x definition.Transition) bool { return x.Event == t.Event },
	} {
		if i := slices.IndexFunc(ways, same); i >= 0 {
			return ways[i].By, true
		}
	}
	for _, x := range ways {
		if !slices.Contains(x.From, everywhere) {
			by = append(by, x.By...)
		}
	}
	return by, false
}

// again asks that no phase whose time comes from the law begins anew where it
// did not: its term would too.
func (l *losses) again(s definition.State, law *definition.Law) {
	old := returning(l.was, s.Name)
	for _, event := range returning(l.is.Definition, s.Name) {
		if slices.Contains(old, event) {
			continue
		}
		line := l.is.States[l.is.at(s.Name)].Line
		for _, t := range l.is.Transitions {
			if l.back(s.Name, t) {
				line = t.Line
				break
			}
		}
		l.Bad(line, "the phase “%s” would begin again after %q, and its term of law with it (%s)", s.Title, event, cited(law))
		return
	}
}

// back reports a transition that leads back to a phase and was not there.
func (l *losses) back(name string, t definition.Transition) bool {
	old := slices.ContainsFunc(l.was.Transitions, func(x definition.Transition) bool { return x.ID == t.ID && x.To == t.To })
	return !old && before(l.is.Definition, name)[t.To] && slices.ContainsFunc(t.From, func(from string) bool {
		return from == everywhere || before(l.is.Definition, from)[name]
	})
}

// returning are the events that lead out of a phase to where ways lead back to
// it, by what reopens too.
func returning(d definition.Definition, name string) []string {
	var out []string
	back := before(d, name)
	for _, t := range d.Transitions {
		leaves := slices.Contains(t.From, name) || slices.Contains(t.From, everywhere)
		if leaves && back[t.To] && !slices.Contains(out, t.Event) {
			out = append(out, t.Event)
		}
	}
	return out
}

// before are the states from which ways lead to one, itself among them.
func before(d definition.Definition, name string) map[string]bool {
	seen := map[string]bool{name: true}
	for grown := true; grown; {
		grown = false
		for _, t := range d.Transitions {
			if !seen[t.To] {
				continue
			}
			for _, s := range d.States {
				if !seen[s.Name] && (slices.Contains(t.From, s.Name) || slices.Contains(t.From, everywhere) && !s.Final) {
					seen[s.Name], grown = true, true
				}
			}
		}
	}
	return seen
}
