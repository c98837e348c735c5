package edit

import (
	"slices"

	"arengo/process/fault"
	"arengo/workflow/definition"
)

// Ordered refuses an order of the phases in which one has lost its place before
// or after a phase of law: fault.Invalid "editor.law_order" at "phase", with the
// titles of the one that must come after and of the one before it.
func Ordered(was, is definition.Definition) error {
	if m := misplaced(was, is); len(m) > 0 {
		return fault.Field("phase", "editor.law_order", "phase", said{m[0].phase.Title}, "after", said{m[0].after.Title},
			"article", m[0].law.Article, "source", m[0].law.Source)
	}
	return nil
}

// said is a title that a refusal gives in the language of who reads.
type said struct{ definition.Text }

// Words is the title in a language.
func (s said) Words(lang string) string { return s.In(lang) }

// misplace is a phase that is reached without the one that it came after.
type misplace struct {
	phase, after definition.State
	law          definition.Law
}

// order names the phases that have lost their place.
func (l *losses) order() {
	for _, m := range misplaced(l.was, l.is.Definition) {
		l.Bad(l.is.States[l.is.at(m.phase.Name)].Line, "the phase “%s” must come after “%s”, as the law has it (%s)",
			m.phase.Title, m.after.Title, cited(&m.law))
	}
}

// misplaced are the phases that could only be entered behind another and now are
// without it, where the law places the one or the other: each once, in file order.
// Phases that one of the two has not are in nobody’s way.
func misplaced(was, is definition.Definition) []misplace {
	var out []misplace
	begun := entered(was, "")
	phases := slices.DeleteFunc(Phases(was), func(s definition.State) bool {
		return !begun[s.Name] || !slices.ContainsFunc(Phases(is), func(t definition.State) bool { return t.Name == s.Name })
	})
	laws, without, now := map[string]*definition.Law{}, map[string]map[string]bool{}, map[string]map[string]bool{}
	for _, s := range phases {
		laws[s.Name], without[s.Name], now[s.Name] = placing(was, s.Name), entered(was, s.Name), entered(is, s.Name)
	}
	for _, x := range phases {
		for _, y := range phases {
			law := laws[x.Name]
			if law == nil {
				law = laws[y.Name]
			}
			if law != nil && x.Name != y.Name && !without[y.Name][x.Name] && now[y.Name][x.Name] {
				out = append(out, misplace{x, y, *law})
				break
			}
		}
	}
	return out
}

// placing is the law that says where a phase stands: one it rests on or that
// counts from it, that of the whole where an office decides, nil without.
func placing(d definition.Definition, name string) *definition.Law {
	if laws := append(Laws(d, name), countedFrom(d, name)...); len(laws) > 0 {
		return &laws[0]
	}
	for _, t := range leaving(d, name) {
		if slices.Contains(t.From, name) && len(officesOf(t.By)) > 0 {
			return d.Law
		}
	}
	return nil
}

// entered are the states that are entered from the first one without
// entering another, without being called off and without a reopening.
func entered(d definition.Definition, without string) map[string]bool {
	seen, next := map[string]bool{}, []string{d.Initial}
	w := &work{d}
	for len(next) > 0 {
		here := next[0]
		next = next[1:]
		if seen[here] || here == without {
			continue
		}
		seen[here] = true
		if w.final(here) {
			continue
		}
		for _, t := range d.Transitions {
			if !t.Reopens && t.Event != eventCancel && (slices.Contains(t.From, here) || slices.Contains(t.From, everywhere)) {
				next = append(next, t.To)
			}
		}
	}
	return seen
}
