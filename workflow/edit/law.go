package edit

import (
	"slices"

	"arengo/process/fault"
	"arengo/workflow/definition"
)

// Laws are the sources that a phase rests on: its own, those of its term and of
// the extension of it, of its further deadlines and of the conditions of leaving
// it, each once.
func Laws(d definition.Definition, name string) []definition.Law {
	var out []definition.Law
	add := func(l *definition.Law) {
		if l != nil && !slices.Contains(out, *l) {
			out = append(out, *l)
		}
	}
	for _, s := range d.States {
		if s.Name != name {
			continue
		}
		add(s.Law)
		if s.Term != nil {
			add(s.Term.Law)
			if s.Term.Extend != nil {
				add(s.Term.Extend.Law)
			}
		}
		for _, x := range s.Deadlines {
			add(x.Law)
		}
	}
	for _, t := range d.Transitions {
		if !slices.Contains(t.From, name) {
			continue
		}
		for _, g := range t.Requires {
			if !g.Implied {
				add(g.Law)
			}
		}
	}
	return out
}

// countedFrom are the sources of what elsewhere counts from a phase.
func countedFrom(d definition.Definition, name string) []definition.Law {
	var out []definition.Law
	anchor := definition.AnchorState + ":" + name
	for _, s := range d.States {
		if s.Term != nil && s.Term.From == anchor && s.Term.Law != nil {
			out = append(out, *s.Term.Law)
		}
		for _, x := range s.Deadlines {
			if x.Of == anchor && x.Law != nil {
				out = append(out, *x.Law)
			}
		}
	}
	return out
}

// statutory is the refusal to edit a law away.
func statutory(field, key string, l definition.Law) error {
	return fault.Field(field, key, "article", l.Article, "source", l.Source)
}
