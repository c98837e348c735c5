package edit

import (
	"slices"
	"strings"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Lasts is how long a phase lasts: Length within Min and Max, of which zero is
// no bound, or None, as long as it takes.
type Lasts struct {
	Length, Min, Max civil.Span
	None             bool
}

// SetTerm changes how long a phase lasts. A term that a law gives keeps the law,
// its bounds and what it counts from. Faults: fault.Invalid at "length", "min"
// and "max" ("form.required", "editor.term_bounds", "editor.term_calendar",
// "editor.law_term", "editor.law_bound", "editor.law_between"); fault.NotFound.
func SetTerm(d definition.Definition, name string, to Lasts) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	if err := to.check(w, s); err != nil {
		return d, err
	}
	if to.None {
		return w.untimed(s), nil
	}
	old := s.Term
	if old == nil {
		old = &definition.Term{}
	}
	term := *old
	term.Length, term.Min, term.Max, term.Until = to.Length, to.Min, to.Max, ""
	s.Term = &term
	var lost []string
	if to.Min.IsZero() {
		lost = append(lost, "term.min")
	}
	if to.Max.IsZero() {
		lost = append(lost, "term.max")
	}
	w.forget(name, lost...)
	if s.AtEnd == "" && len(s.Overdue) == 0 {
		s.Overdue = []definition.Overdue{{After: civil.Span{Days: 3}, Escalate: staffOf(w.responsible(name))}}
	}
	return w.done(), nil
}

func (to Lasts) check(w *work, s *definition.State) error {
	if t := s.Term; t != nil && t.Law != nil {
		if err := to.lawful(*t); err != nil {
			return err
		}
	}
	if to.None {
		for _, x := range s.Deadlines {
			if x.Law != nil && x.Of == definition.AnchorEnd {
				return statutory("length", "editor.law_term", *x.Law)
			}
		}
		return nil
	}
	if to.Length.IsZero() {
		return fault.Field("length", "form.required")
	}
	var bad fault.List
	for field, span := range map[string]civil.Span{"length": to.Length, "min": to.Min, "max": to.Max} {
		if span.WorkDays > 0 && w.Calendar == "" {
			bad = append(bad, fault.Field(field, "editor.term_calendar"))
		}
	}
	if !to.Min.IsZero() && to.Min.Nominal() > to.Length.Nominal() {
		bad = append(bad, fault.Field("length", "editor.term_short", "min", to.Min))
	}
	if !to.Max.IsZero() && to.Max.Nominal() < to.Length.Nominal() {
		bad = append(bad, fault.Field("length", "editor.term_long", "max", to.Max))
	}
	return bad.Err()
}

// lawful holds a change against a term that a law gives.
func (to Lasts) lawful(t definition.Term) error {
	unit := func(s civil.Span) string { return strings.TrimLeft(s.String(), "0123456789") }
	switch {
	case to.None || t.Until != "" || !t.Length.IsZero() && !to.Length.IsZero() && unit(to.Length) != unit(t.Length):
		return statutory("length", "editor.law_term", *t.Law)
	case !t.Min.IsZero() && to.Min != t.Min:
		return statutory("min", "editor.law_bound", *t.Law)
	case !t.Max.IsZero() && to.Max != t.Max:
		return statutory("max", "editor.law_bound", *t.Law)
	}
	return nil
}

// untimed makes a phase last as long as it takes: nothing hangs on its end any
// more.
func (w *work) untimed(s *definition.State) definition.Definition {
	s.Term, s.AtEnd, s.Overdue = nil, "", nil
	s.Reminders = slices.DeleteFunc(s.Reminders, func(m definition.Reminder) bool { return m.Of == definition.AnchorEnd })
	s.Deadlines = slices.DeleteFunc(s.Deadlines, func(x definition.Deadline) bool { return x.Of == definition.AnchorEnd })
	w.forget(s.Name, "term.min", "term.max", "term.due", "term.length", "term.left")
	return w.done()
}

// forget drops the conditions of leaving a phase that read what its term no
// longer has, unless a law asks for them.
func (w *work) forget(name string, fields ...string) {
	for i := range w.Transitions {
		t := &w.Transitions[i]
		if !slices.Equal(t.From, []string{name}) {
			continue
		}
		t.Requires = slices.DeleteFunc(t.Requires, func(g definition.Guard) bool {
			return g.Law == nil && slices.ContainsFunc(fields, func(f string) bool {
				return strings.Contains(g.Expr, f) || strings.Contains(g.Explain["it"], f) || strings.Contains(g.Explain["en"], f)
			})
		})
	}
}

// SetEnd says what ends a phase: the clock with the term, or a person. Faults:
// fault.Invalid at "end" ("editor.end_term" for a phase without a term,
// "editor.end_reason" where moving on asks for a reason, "editor.law_end" where
// the clock ends a term of law, "editor.law_by" where moving on from a phase of
// law is for an office to decide), fault.Conflict "editor.no_way_on",
// fault.NotFound.
func SetEnd(d definition.Definition, name string, automatic bool) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	if !automatic {
		if s.AtEnd != "" && s.Term != nil && s.Term.Law != nil {
			return d, statutory("end", "editor.law_end", *s.Term.Law)
		}
		s.AtEnd = ""
		if s.Term != nil && len(s.Overdue) == 0 {
			s.Overdue = []definition.Overdue{{After: civil.Span{Days: 3}, Escalate: staffOf(w.responsible(name))}}
		}
		return w.done(), nil
	}
	if s.AtEnd != "" {
		return w.done(), nil
	}
	if s.Term == nil {
		return d, fault.Field("end", "editor.end_term")
	}
	ids := w.leading(name, w.onward(name))
	if len(ids) == 0 {
		return d, fault.New(fault.Conflict, "editor.no_way_on")
	}
	t := w.transition(w.alone(ids[0], name))
	if t.ReasonRequired {
		return d, fault.Field("end", "editor.end_reason")
	}
	if law := placing(d, name); law != nil && byOffices(t.By) {
		return d, statutory("end", "editor.law_by", *law)
	}
	if !slices.Contains(t.By, definition.ByTimer) {
		t.By = append(t.By, definition.ByTimer)
	}
	s.AtEnd = t.Event
	return w.done(), nil
}
