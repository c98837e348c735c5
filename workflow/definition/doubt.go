package definition

import (
	"maps"
	"slices"
	"strings"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/guard"
	"arengo/workflow/strict"
)

// doubts looks for what runs today and may go wrong on some later day. It is
// asked by who writes the file: what is published already runs on. What hangs on
// one state or transition is asked of those that are sound, by their first line, the
// rest of a file without any problem, since it would tell of mere consequences.
func (k *checker) doubts(sound func(line int) bool) {
	for i := range k.def.Transitions {
		if t := &k.def.Transitions[i]; sound(t.Line) {
			k.permitted(t)
		}
	}
	for i := range k.def.States {
		if s := &k.def.States[i]; sound(s.Line) && k.def.Location != nil {
			k.together(s)
			k.twice(s)
			k.vain(s)
		}
	}
	if len(k.Problems()) > 0 {
		return
	}
	for i := range k.def.Transitions {
		k.fallible(&k.def.Transitions[i])
	}
	k.leave()
	k.circles()
}

// sound tells of the states and transitions, by their first line, which have no
// problem so far: none from there to the line before the next of them.
func (k *checker) sound() func(line int) bool {
	lines := slices.Collect(maps.Values(k.lines))
	for _, s := range k.def.States {
		lines = append(lines, s.Line)
	}
	for _, t := range k.def.Transitions {
		lines = append(lines, t.Line)
	}
	slices.Sort(lines)
	first := func(line int) int {
		i, _ := slices.BinarySearch(lines, line+1)
		return lines[max(0, i-1)]
	}
	bad := map[int]bool{}
	for _, p := range k.Problems() {
		if len(lines) > 0 {
			bad[first(p.Line)] = true
		}
	}
	return func(line int) bool { return !bad[line] }
}

// permitted asks that who should make a move may make it: all of staff a move of
// a process, those who run them a move of activities.
func (k *checker) permitted(t *Transition) {
	may := Staff
	if k.def.Level == LevelActivity {
		may = Runners
	}
	for _, by := range t.By {
		if slices.Contains(Roles, by) && !slices.Contains(may, by) {
			k.Bad(t.Line, "transition %s: by: role %q may never do it, only %s", t.ID, by, strings.Join(may, ", "))
		}
	}
}

// fallible tries the guards of a transition of the file where they could fail.
func (k *checker) fallible(t *Transition) {
	trial := guard.Trial{States: k.leftBy(t)}
	for _, name := range trial.States {
		if !k.def.states[name].sureToEnd() {
			trial.Endless = append(trial.Endless, name)
		}
	}
	for _, d := range k.def.Dates {
		if d.Required {
			trial.Needed = append(trial.Needed, d.Code)
		}
	}
	for i, p := range k.def.guards[t.ID] {
		g := t.Requires[i]
		if g.Implied {
			continue
		}
		what := strict.Say("transition %s: requirement %s", t.ID, g.Code).At("guard")
		for _, doubt := range p.Doubts(k.names(t), trial) {
			k.Bad(g.Line, "%s: %s", what, doubt)
		}
	}
}

// vain looks for what a state promises and can never do: an extension without room,
// a notice that only comes once the state has ended by itself, and an automatic
// transition that the least duration of the state always stops. A length in days is
// one that whoever sets a process up may choose otherwise, from min to max.
func (k *checker) vain(s *State) {
	t := s.Term
	if t == nil || t.Until != "" || t.Length.IsZero() {
		return
	}
	what, least, last := strict.Say("state %s", s.Name), t.Length, t.Max
	switch {
	case t.Length.Days > 0:
		least = t.Min
	case last.IsZero() && !slices.Contains(s.Allows, "extend"):
		last = t.Length
	}
	if x := t.Extend; x != nil && x.Law == nil && !x.Max.IsZero() && !t.Max.IsZero() && least.Nominal() >= t.Max.Nominal() {
		k.Bad(x.Line, "%s: the length is already the max of %s, so nothing can be extended", what.At("term").At("extend"), t.Max)
	}
	if t.From != "" && t.From != AnchorEntry {
		return
	}
	for _, d := range s.Deadlines {
		early := d.Of == AnchorEntry && d.After.Nominal() > 0
		switch at := strict.Say("%s: deadline", what); {
		case early && d.Event == "" && s.AtEnd != "" && !last.IsZero() && d.After.Nominal() > last.Nominal():
			k.Bad(d.Line, "%s: %s after the entry the state has ended by itself, after %s at most", at, d.After, last)
		case early && d.Event != "" && d.After.Nominal() < t.Min.Nominal() && k.heldBack(s, d.Event):
			k.Bad(d.Line, "%s: %s after the entry the min of %s still stops it", at, d.After, t.Min)
		}
	}
}

// heldBack reports that the least duration of a state stops an event.
func (k *checker) heldBack(s *State, event string) bool {
	return slices.ContainsFunc(k.def.leaving[s.Name], func(t *Transition) bool {
		return t.Event == event && slices.ContainsFunc(t.Requires, func(g Guard) bool { return g.Code == GuardMinTerm && g.Implied })
	})
}

// leftBy are the states that a transition leaves, in file order.
func (k *checker) leftBy(t *Transition) []string {
	return slices.DeleteFunc(k.def.names(), func(name string) bool { return !k.def.Leaves(t, name) })
}

// sureToEnd reports that the end of the state's term is known as soon as the
// state is entered.
func (s *State) sureToEnd() bool {
	if s.Term == nil {
		return false
	}
	anchor := s.Term.Until
	if !s.Term.Length.IsZero() {
		anchor = s.Term.From
	}
	kind, _ := SplitAnchor(anchor)
	return anchor == "" || slices.Contains([]string{AnchorEntry, AnchorState, AnchorDay}, kind)
}

// tick is something that a state does by itself, at an instant that hangs on the
// instant of an anchor.
type tick struct {
	name   strict.Phrase
	line   int
	anchor string // "" for a day, which no anchor moves
	at     func(anchor time.Time) time.Time
}

// ticks are the automatic transitions of a state, its end last.
func (k *checker) ticks(s *State) (out []tick, ends bool) {
	cal := k.def.Civil()
	end, known := k.end(s, cal)
	for _, d := range s.Deadlines {
		if d.Event == "" {
			continue
		}
		t := k.rooted(d.Of, 0)
		if d.Of == AnchorEnd {
			if t = end; !known {
				continue
			}
		}
		root := t.at
		t.name, t.line = strict.Say("deadline %s", d.Code), d.Line
		t.at = func(anchor time.Time) time.Time { return d.After.Shift(d.Before.Shift(root(anchor), -1, cal), 1, cal) }
		out = append(out, t)
	}
	if ends = known && s.AtEnd != ""; ends {
		out = append(out, end)
	}
	return out, ends
}

// end is the end of a state's term by its usual length; false when it has none.
func (k *checker) end(s *State, cal civil.Calendar) (tick, bool) {
	if s.Term == nil {
		return tick{}, false
	}
	var t tick
	if length := s.Term.Length; !length.IsZero() {
		t = k.rooted(s.Term.From, 0)
		root := t.at
		t.at = func(anchor time.Time) time.Time { return length.After(root(anchor), cal) }
	} else {
		last := 0
		if s.Term.Dated() {
			last = 1
		}
		t = k.rooted(s.Term.Until, last)
	}
	t.name, t.line = strict.Plain("at_end"), s.Line
	return t, true
}

// rooted is the first instant of an anchor, so many days later.
func (k *checker) rooted(anchor string, days int) tick {
	later := func(day civil.Date) time.Time { return day.Add(days).Start(k.def.Location) }
	switch kind, name := SplitAnchor(anchor); kind {
	case AnchorDay:
		day, _ := civil.ParseDate(name)
		return tick{at: func(time.Time) time.Time { return later(day) }}
	case AnchorDate:
		return tick{anchor: anchor, at: func(at time.Time) time.Time { return later(civil.DateOf(at, k.def.Location)) }}
	case "":
		anchor = AnchorEntry
	}
	return tick{anchor: anchor, at: func(at time.Time) time.Time { return at }}
}

// samples are instants that an anchor may have: the first one of a day, as it
// has where a deadline made it, and one at work, before and after the clocks change.
func (k *checker) samples() []time.Time {
	var out []time.Time
	for _, d := range []civil.Date{{Year: 2026, Month: 1, Day: 14}, {Year: 2026, Month: 3, Day: 2}, {Year: 2026, Month: 8, Day: 10}} {
		out = append(out, d.Start(k.def.Location), d.At(9, 30, k.def.Location))
	}
	return out
}

// together looks for automatic transitions of a state that would come at one
// instant, and for those that its end always comes before.
func (k *checker) together(s *State) {
	ticks, ends := k.ticks(s)
	for i, a := range ticks {
		for _, b := range ticks[i+1:] {
			same := func(at time.Time) bool { return a.at(at).Equal(b.at(at)) }
			if a.anchor == b.anchor && slices.ContainsFunc(k.samples(), same) {
				k.Bad(a.line, "state %s: %s and %s can fire at the same instant: move one of them", s.Name, a.name, b.name)
			}
		}
		if end := ticks[len(ticks)-1]; ends && i < len(ticks)-1 && a.anchor == end.anchor && !k.longer(s) {
			before := func(at time.Time) bool { return !a.at(at).After(end.at(at)) }
			if !slices.ContainsFunc(k.samples(), before) {
				k.Bad(a.line, "state %s: %s never comes: the term ends before it", s.Name, a.name)
			}
		}
	}
}

// longer reports that the term of a state may turn out longer than its length.
func (k *checker) longer(s *State) bool {
	return slices.Contains(s.Allows, "extend") || !s.Term.Max.IsZero()
}

// twice looks for reminders that differ in their spelling alone.
func (k *checker) twice(s *State) {
	for i, a := range s.Reminders {
		for _, b := range s.Reminders[:i] {
			a.Before, b.Before = plain(a.Before), plain(b.Before)
			a.After, b.After = plain(a.After), plain(b.After)
			shared := slices.ContainsFunc(a.To, func(word string) bool { return slices.Contains(b.To, word) })
			if shared && a.Name(-1) == b.Name(-1) && a.At == b.At {
				k.Bad(a.Line, "%s: the same reminder already stands on line %d; name all audiences in one `to`",
					strict.Say("%s: reminder", strict.Say("state %s", s.Name)), b.Line)
			}
		}
	}
}

// plain is a span with its days as hours, to compare what is written otherwise.
func plain(s civil.Span) civil.Span {
	if s.WorkDays != 0 {
		return s
	}
	return civil.Span{Minutes: s.Nominal()}
}
