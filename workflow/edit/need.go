package edit

import (
	"slices"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// SetNeed makes a phase expect activities of a kind, instead of what it expected
// of that kind. Kinds are checked by the caller and by the check. Faults:
// fault.Invalid at "kind" and "count"; "editor.law_phase" where the law of
// the phase asked for them at its entry or exit and they would ask no more;
// fault.NotFound.
func SetNeed(d definition.Definition, name string, n definition.ActivityNeed) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	switch {
	case n.Kind == "":
		return d, fault.Field("kind", "form.required")
	case n.Min < 0 || n.Min > 99:
		return d, fault.Field("count", "editor.need_count", "max", 99)
	case n.Max < 0 || n.Max > 99 || n.Max > 0 && n.Max < n.Min:
		return d, fault.Field("count", "editor.need_max")
	}
	i := slices.IndexFunc(s.Activities, func(a definition.ActivityNeed) bool { return a.Kind == n.Kind })
	if i < 0 {
		s.Activities = append(s.Activities, n)
		return w.done(), nil
	}
	old := s.Activities[i]
	if s.Law != nil && weaker(old, n) {
		return d, statutory("kind", "editor.law_phase", *s.Law)
	}
	n.Sessions, n.Note = old.Sessions, old.Note
	s.Activities[i] = n
	return w.done(), nil
}

// weaker reports that a need asks for less than another.
func weaker(old, n definition.ActivityNeed) bool {
	return old.AtEntry != "" && n.AtEntry != old.AtEntry || old.AtExit != "" && n.AtExit != old.AtExit || n.Min < old.Min
}

// RemoveNeed makes a phase expect no activity of a kind. Faults: fault.Invalid
// "editor.law_phase" at "kind" where a law asks for it, fault.NotFound.
func RemoveNeed(d definition.Definition, name, kind string) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	for _, a := range s.Activities {
		if a.Kind == kind && s.Law != nil && (a.AtEntry != "" || a.AtExit != "") {
			return d, statutory("kind", "editor.law_phase", *s.Law)
		}
	}
	s.Activities = slices.DeleteFunc(s.Activities, func(a definition.ActivityNeed) bool { return a.Kind == kind })
	return w.done(), nil
}

// Remind is a reminder so many civil days before the end of a phase, at nine in
// the morning.
type Remind struct {
	Days int
	To   []string // audiences
}

const mostRemind = 365

// AddReminder adds a reminder to a phase; who is reminded that day already is
// reminded once. Faults: fault.Invalid at "days" ("editor.remind_days",
// "editor.remind_term" for a phase without an end) and "to"; fault.NotFound.
func AddReminder(d definition.Definition, name string, r Remind) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	switch {
	case s.Term == nil:
		return d, fault.Field("days", "editor.remind_term")
	case r.Days < 1 || r.Days > mostRemind:
		return d, fault.Field("days", "editor.remind_days", "max", mostRemind)
	case len(r.To) == 0:
		return d, fault.Field("to", "form.required")
	}
	for _, to := range r.To {
		if !slices.Contains(Audiences(d), to) {
			return d, fault.Field("to", "editor.remind_to", "word", to)
		}
	}
	m := definition.Reminder{
		Before: civil.Span{Days: r.Days}, Of: definition.AnchorEnd, At: "09:00", To: slices.Clone(r.To), Notice: definition.NoticeAction,
	}
	for _, to := range r.To {
		if !slices.Contains(definition.Staff, to) && to != definition.AudienceAdministrator {
			m.Notice = definition.NoticeReminder
		}
	}
	for i := range s.Reminders {
		if s.Reminders[i].Name(-1) != m.Name(-1) {
			continue
		}
		both := slices.Clone(s.Reminders[i].To)
		for _, to := range r.To {
			if !slices.Contains(both, to) {
				both = append(both, to)
			}
		}
		s.Reminders[i].To = both
		return w.done(), nil
	}
	s.Reminders = append(s.Reminders, m)
	return w.done(), nil
}

// Audiences are whom a reminder of a definition can go to: its roles, and those
// who follow or are asked.
func Audiences(d definition.Definition) []string {
	return append(slices.Clone(d.Roles), definition.AudienceFollowers, "silent", "everyone-involved", definition.AudienceAdministrator)
}

// RemoveReminder takes a reminder of a phase away, by its Name(-1). Faults:
// fault.NotFound.
func RemoveReminder(d definition.Definition, name, reminder string) (definition.Definition, error) {
	w := begin(d)
	s, err := w.state(name)
	if err != nil {
		return d, err
	}
	s.Reminders = slices.DeleteFunc(s.Reminders, func(m definition.Reminder) bool { return m.Name(-1) == reminder })
	return w.done(), nil
}

// RemoveRequirement takes a condition of a transition away, by its code. Faults:
// fault.Invalid "editor.law_requirement" at "requirement" where a law asks for
// it, fault.NotFound "editor.requirement_unknown".
func RemoveRequirement(d definition.Definition, transition, code string) (definition.Definition, error) {
	w := begin(d)
	t := w.transition(transition)
	if t == nil {
		return d, fault.New(fault.NotFound, "editor.requirement_unknown")
	}
	i := slices.IndexFunc(t.Requires, func(g definition.Guard) bool { return g.Code == code })
	if i < 0 {
		return d, fault.New(fault.NotFound, "editor.requirement_unknown")
	}
	if l := t.Requires[i].Law; l != nil {
		return d, statutory("requirement", "editor.law_requirement", *l)
	}
	t.Requires = slices.Delete(t.Requires, i, i+1)
	return w.done(), nil
}
