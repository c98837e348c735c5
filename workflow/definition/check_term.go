package definition

import (
	"slices"

	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

func (k *checker) term(s *State) {
	t := s.Term
	if t == nil {
		return
	}
	what := strict.Say("state %s", s.Name).At("term")
	if t.Until != "" && (!t.Min.IsZero() || !t.Max.IsZero()) {
		k.Bad(t.Line, "%s: min and max go with a length, not with until", what)
	}
	if t.From != "" && t.Until != "" {
		k.Bad(t.Line, "%s: from says what a length counts from, until counts from nothing", what)
	}
	order := []struct {
		low, high         civil.Span
		lowName, highName string
	}{{t.Min, t.Length, "min", "length"}, {t.Length, t.Max, "length", "max"}, {t.Min, t.Max, "min", "max"}}
	for _, o := range order {
		if !o.low.IsZero() && !o.high.IsZero() && o.low.Nominal() > o.high.Nominal() {
			k.Bad(t.Line, "%s: %s %s is above %s %s", what, o.lowName, o.low, o.highName, o.high)
		}
	}
	k.anchored(t.Line, what.At("until"), s, t.Until)
	k.anchored(t.Line, what.At("from"), s, t.From)
	k.worked(t.Line, what, t.Length, t.Min, t.Max)
	if t.OnHoliday == HolidayNext && k.def.Calendar == "" {
		k.Bad(t.Line, "%s: on_holiday needs the definition's calendar", what)
	}
	k.extension(s, what.At("extend"))
}

func (k *checker) extension(s *State, what strict.Phrase) {
	x := s.Term.Extend
	if x == nil {
		return
	}
	if !slices.Contains(s.Allows, "extend") {
		k.Bad(x.Line, "%s: the state does not allow extend", what)
	}
	if kind, _ := SplitAnchor(s.Term.Until); kind == AnchorMeeting || kind == AnchorMeetingEnd || kind == AnchorActivity {
		k.Bad(x.Line, "%s: the term ends with %s, which is moved instead", what, s.Term.Until)
	}
	if x.Max.IsZero() && x.Times == 0 && !x.Act {
		k.Bad(x.Line, "%s bounds nothing: it needs max, times or act", what)
	}
	k.worked(x.Line, what, x.Max)
}

// worked asks for the calendar that working days need.
func (k *checker) worked(line int, what strict.Phrase, spans ...civil.Span) {
	named := k.lines["calendar"]
	for _, s := range spans {
		if s.WorkDays != 0 && k.def.Calendar == "" && !(named > 0 && k.Noted(named)) {
			k.Bad(line, "%s: working days (%s) need the definition's calendar", what, s)
		}
	}
}

// anchored asks that what an anchor of a state names exists and can have
// happened.
func (k *checker) anchored(line int, what strict.Phrase, s *State, anchor string) {
	kind, name := SplitAnchor(anchor)
	switch kind {
	case AnchorDate:
		codes := k.def.codes()
		if !slices.Contains(codes, name) {
			k.Bad(line, "%s: %q is no date of the definition%s", what, name, strict.Suggest(name, codes))
		}
	case AnchorState:
		if k.def.states[name] == nil {
			k.Bad(line, "%s: %q is no state%s", what, name, strict.Suggest(name, k.def.names()))
		} else if !k.def.after([]string{name})[s.Name] {
			k.Bad(line, "%s: state %q never comes before this one", what, name)
		}
	}
}

// ends looks at what follows the end of a term.
func (k *checker) ends(s *State) {
	what := strict.Say("state %s", s.Name)
	if s.Final && (s.Term != nil || s.AtEnd != "" || len(s.Overdue) > 0 || len(s.Reminders) > 0 || len(s.Deadlines) > 0) {
		k.Bad(s.Line, "%s is final and so can have no term, at_end, reminders, deadlines or overdue", what)
		return
	}
	if s.Final && len(s.OnExit) > 0 && len(k.def.leaving[s.Name]) == 0 {
		k.Bad(s.Line, "%s is final and no transition reopens it, so on_exit never happens", what)
	}
	if s.Term == nil && (s.AtEnd != "" || len(s.Overdue) > 0) {
		k.Bad(s.Line, "%s has at_end or overdue but no term that could end", what)
	}
	for i, o := range s.Overdue {
		k.audience(o.Line, what.At("overdue"), o.Escalate)
		k.worked(o.Line, what.At("overdue"), o.After)
		if i > 0 && o.After.Nominal() <= s.Overdue[i-1].After.Nominal() {
			k.Bad(o.Line, "%s: %s does not come after %s: write the chain in the order of time", what.At("overdue"), o.After, s.Overdue[i-1].After)
		}
	}
	if s.AtEnd != "" {
		k.fires(s, s.Line, strict.Plain("at_end"), s.AtEnd)
	} else if s.Term != nil && len(k.def.Responsible(s.Name)) == 0 {
		k.Bad(s.Term.Line, "%s: the term ends with no event and nobody to tell: add at_end, or a transition by a role", what)
	}
}

func (k *checker) reminders(s *State) {
	what := strict.Say("%s: reminder", strict.Say("state %s", s.Name))
	names := map[string]int{}
	for _, m := range s.Reminders {
		k.audience(m.Line, what, m.To)
		k.announces(m.Line, what, m.Notice)
		k.anchored(m.Line, what, s, m.Of)
		k.worked(m.Line, what, m.Before, m.After)
		k.offset(m.Line, what, s, Deadline{Of: m.Of, Before: m.Before, After: m.After})
		name := m.Name(-1)
		if first, twice := names[name]; twice {
			k.Bad(m.Line, "%s: the same reminder already stands on line %d; name all audiences in one `to`", what, first)
		}
		names[name] = m.Line
	}
}

// offset looks at where a reminder or a deadline stands beside its anchor.
func (k *checker) offset(line int, what strict.Phrase, s *State, d Deadline) {
	if d.Of == AnchorEnd && s.Term == nil && !s.Final {
		k.Bad(line, "%s hangs on the end of a term, but there is no term", what)
	}
	if d.Of == AnchorEntry && !d.Before.IsZero() {
		k.Bad(line, "%s cannot come before the entry", what)
	}
	if kind, _ := SplitAnchor(d.Of); kind == AnchorState && !d.Before.IsZero() {
		k.Bad(line, "%s cannot come before the entry", what)
	}
	if t := s.Term; d.Of == AnchorEnd && t != nil && (t.From == "" || t.From == AnchorEntry) && !t.Length.IsZero() &&
		d.Before.Nominal() > t.Length.Nominal() {
		k.Bad(line, "%s: %s before the end of a %s term never comes", what, d.Before, t.Length)
	}
}

func (k *checker) deadlines(s *State) {
	codes := map[string]int{}
	var automatic []Deadline
	for _, d := range s.Deadlines {
		what := strict.Say("%s: deadline", strict.Say("state %s", s.Name))
		if first, twice := codes[d.Code]; twice && d.Code != "" {
			k.Bad(d.Line, "%s: code %q already stands on line %d", what, d.Code, first)
		}
		codes[d.Code] = d.Line
		k.audience(d.Line, what, append(slices.Clone(d.To), d.Escalate...))
		k.announces(d.Line, what, d.Notice)
		k.anchored(d.Line, what, s, d.Of)
		k.worked(d.Line, what, d.Before, d.After)
		k.offset(d.Line, what, s, d)
		switch {
		case !d.Before.IsZero() && !d.After.IsZero():
			k.Bad(d.Line, "%s needs either `before` or `after`", what)
		case d.Before.IsZero() && d.After.IsZero() && (d.Of == AnchorEnd || d.Of == AnchorEntry) && !k.Noted(d.Line):
			k.Bad(d.Line, "%s needs either `before` or `after`", what)
		}
		if d.Event == "" {
			continue
		}
		k.fires(s, d.Line, strict.Say("deadline %s", d.Code), d.Event)
		for _, other := range automatic {
			if other.Of == d.Of && other.Before == d.Before && other.After == d.After {
				k.Bad(d.Line, "%s: it fires together with deadline %s on line %d", what, other.Code, other.Line)
			}
		}
		automatic = append(automatic, d)
		if s.AtEnd != "" && k.atTheEnd(s.Term, d) {
			k.Bad(d.Line, "%s: it fires together with at_end", what)
		}
	}
}

// atTheEnd reports a deadline that cannot be told from the end of the term.
func (k *checker) atTheEnd(t *Term, d Deadline) bool {
	if t == nil || d.Of == AnchorEnd {
		return t != nil && d.Before.IsZero()
	}
	from := t.From
	if from == "" {
		from = AnchorEntry
	}
	return d.Of == from && !t.Length.IsZero() && d.After == t.Length || t.Until != "" && d.Of == t.Until && d.Before.IsZero() && d.After.IsZero()
}

// fires asks that an event which the clock fires leads out of the state by a
// transition that the clock may take.
func (k *checker) fires(s *State, line int, by strict.Phrase, event string) {
	for _, t := range k.def.leaving[s.Name] {
		if t.Event != event {
			continue
		}
		if !slices.Contains(t.By, ByTimer) {
			k.Bad(line, "state %s: %s fires %q, but transition %s is not by timer", s.Name, by, event, t.ID)
		}
		if t.ReasonRequired {
			k.Bad(line, "state %s: %s fires %q, but transition %s requires a reason", s.Name, by, event, t.ID)
		}
		return
	}
	k.Bad(line, "state %s: %s fires %q, but no transition with that event leaves the state", s.Name, by, event)
}
