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
		for _, l := range s.Laws() {
			add(l)
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

// whole is the source that a definition as a whole rests on, none without one.
func whole(d definition.Definition) []definition.Law {
	if d.Law == nil {
		return nil
	}
	return []definition.Law{*d.Law}
}

// writers asks that the documents of a phase stay with the offices that write them, by
// the law of the phase or, where it has none, of the whole.
func (l *losses) writers(was definition.State, laws []definition.Law) {
	if len(laws) == 0 {
		return
	}
	for _, doc := range was.Artefacts {
		if now, ok := l.is.artefact(doc.Code); ok && len(doc.By) > 0 && !slices.Equal(doc.By, now.By) {
			l.Bad(now.Line, "the document “%s”: who writes and publishes it comes from the law (%s)", doc.Title, cited(&laws[0]))
		}
	}
}

// statutory is the refusal to edit a law away.
func statutory(field, key string, l definition.Law) error {
	return fault.Field(field, key, "article", l.Article, "source", l.Source)
}

// head holds the dates and the signatures of law against what they were.
func (l *losses) head() {
	for _, x := range l.was.Dates {
		i := slices.IndexFunc(l.is.Dates, func(y definition.Date) bool {
			return x.Code == y.Code && (y.Required || !x.Required) && sameLaw(x.Law, y.Law)
		})
		switch {
		case x.Law == nil:
		case i < 0:
			l.Bad(1, "the date “%s” is missing: the law asks for it (%s)", x.Title, cited(x.Law))
		case x.After != "" && x.After != l.is.Dates[i].After:
			l.Bad(1, "the date “%s” must come after %q, as the law says (%s)", x.Title, x.After, cited(x.Law))
		case len(x.Days) > 0 && !slices.Equal(x.Days, l.is.Dates[i].Days):
			l.Bad(1, "the date “%s” may only fall on the days that the law names (%s)", x.Title, cited(x.Law))
		}
	}
	old := l.was.Signatures
	if old == nil || old.Law == nil {
		return
	}
	if now := l.is.Signatures; now == nil || !sameLaw(old.Law, now.Law) || !slices.EqualFunc(old.Bands, now.Bands, func(a, b definition.Band) bool {
		return a.UpTo == b.UpTo && a.Base == b.Base && a.Share == b.Share
	}) {
		l.Bad(1, "the number of signatures comes from the law and must stay as it is (%s)", cited(old.Law))
	}
}
