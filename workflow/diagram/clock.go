package diagram

import (
	"fmt"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// deadlines says what a state's clock does, in the order of a term: notices and
// further deadlines, the end, what comes after it.
func (f flow) deadlines(s definition.State) []string {
	var out []string
	for _, m := range s.Reminders {
		line := f.when(m.Before, m.After, m.Of)
		if m.At != "" {
			line += ", " + f.say("clock") + " " + m.At
		}
		out = append(out, line+": "+f.say("tells")+" "+f.people(m.To))
	}
	for _, d := range s.Deadlines {
		out = append(out, fmt.Sprintf("%s, %s: %s%s", d.Title.In(f.lang), f.when(d.Before, d.After, d.Of), f.does(s, d), f.source(d.Law)))
	}
	switch {
	case s.AtEnd != "":
		out = append(out, f.say("end")+": "+f.fires(s.Name, s.AtEnd))
	case s.Term != nil && !s.Final:
		out = append(out, f.say("end")+": "+f.say("overdue"))
	}
	for _, o := range s.Overdue {
		out = append(out, fmt.Sprintf("%s %s: %s %s", o.After.Words(f.lang), f.anchor("after", "end"), f.say("escalate"), f.people(o.Escalate)))
	}
	return out
}

// when is an instant before, after or on an anchor; none is the end.
func (f flow) when(before, after civil.Span, of string) string {
	if of == "" {
		of = definition.AnchorEnd
	}
	switch {
	case !before.IsZero():
		return before.Words(f.lang) + " " + f.anchor("before", of)
	case !after.IsZero():
		return after.Words(f.lang) + " " + f.anchor("after", of)
	}
	return f.anchor("on", of)
}

// does is the one thing that a deadline brings about.
func (f flow) does(s definition.State, d definition.Deadline) string {
	switch {
	case d.Event != "":
		return f.fires(s.Name, d.Event)
	case d.Notice != "":
		return f.say("tells") + " " + f.people(d.To)
	}
	return f.say("escalate") + " " + f.people(d.Escalate)
}

// fires is the transition that an event brings about of itself.
func (f flow) fires(state, event string) string {
	for _, t := range f.c.Leaving(state) {
		if t.Event == event {
			return f.say("fires") + ", " + f.move(t).Label
		}
	}
	return event
}
