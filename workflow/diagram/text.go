package diagram

import (
	"fmt"
	"slices"
	"strings"

	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// Text is a readable outline for a terminal: the states in order, how long each
// lasts and what its deadlines do, who moves on, where to and what that needs.
// It ends with a newline.
func Text(c *definition.Compiled, lang string) string {
	f := flowOf(c, lang)
	var b strings.Builder
	head := fmt.Sprintf("%s %d, %s %s", f.say("version"), c.Version, f.say("zone"), c.Zone)
	if c.Calendar != "" {
		head += ", " + strings.TrimPrefix(f.say("calendar."+c.Calendar), "calendar.")
	}
	fmt.Fprintf(&b, "%s (%s, %s)\n", c.Title.In(lang), c.Name, head)
	for i, s := range f.main {
		f.outline(&b, fmt.Sprintf("%d. ", i+1), s)
	}
	if len(f.aside) > 0 {
		fmt.Fprintf(&b, "\n%s\n", f.say("others"))
	}
	for _, s := range f.aside {
		f.outline(&b, "", s)
	}
	if wild := f.wild(); len(wild) > 0 {
		fmt.Fprintf(&b, "\n%s\n", f.say("anytime"))
		f.ways(&b, "", wild)
	}
	return b.String()
}

func (f flow) outline(b *strings.Builder, number string, s definition.State) {
	end := ""
	if s.Final {
		end = ", " + f.say("final")
	}
	fmt.Fprintf(b, "\n%s%s (%s%s)\n", number, s.Title.In(f.lang), s.Name, end)
	if s.Purpose != nil {
		fmt.Fprintf(b, "   %s\n", s.Purpose.In(f.lang))
	}
	if s.Term != nil {
		fmt.Fprintf(b, "   %s: %s\n", f.say("length"), f.bounds(s.Term))
		f.law(b, s.Term.Law)
	}
	f.law(b, s.Law)
	if lines := f.deadlines(s); len(lines) > 0 {
		fmt.Fprintf(b, "   %s:\n   - %s\n", f.say("deadlines"), strings.Join(lines, "\n   - "))
	}
	f.ways(b, s.Name, f.exits(s.Name))
}

// bounds is a term with its least and most.
func (f flow) bounds(t *definition.Term) string {
	parts := []string{}
	if said := f.term(t); said != "" {
		parts = append(parts, said)
	}
	if !t.Min.IsZero() {
		parts = append(parts, f.say("min")+" "+t.Min.Words(f.lang))
	}
	if !t.Max.IsZero() {
		parts = append(parts, f.say("max")+" "+t.Max.Words(f.lang))
	}
	return strings.Join(parts, ", ")
}

func (f flow) law(b *strings.Builder, l *definition.Law) {
	if l == nil {
		return
	}
	fmt.Fprintf(b, "   %s: %s, %s", f.say("law"), l.Article, l.Source)
	if l.Confidence != "V" {
		fmt.Fprintf(b, " (%s)", f.say("unconfirmed"))
	}
	b.WriteString("\n")
}

// deadlines says what a state's clock does, in the order of a term: reminders,
// the end, what comes after it.
func (f flow) deadlines(s definition.State) []string {
	var out []string
	for _, m := range s.Reminders {
		span, side := m.Before, "before"
		if span.IsZero() {
			span, side = m.After, "after"
		}
		line := span.Words(f.lang) + " " + f.anchor(side, m.Of)
		if m.At != "" {
			line += ", " + f.say("clock") + " " + m.At
		}
		out = append(out, line+": "+f.say("reminder")+" "+f.people(m.To))
	}
	switch {
	case s.AtEnd != "":
		for _, t := range f.c.Leaving(s.Name) {
			if t.Event == s.AtEnd {
				out = append(out, fmt.Sprintf("%s: %s, %s", f.say("end"), f.say("fires"), f.move(t).Label))
			}
		}
	case s.Term != nil && !s.Final:
		out = append(out, f.say("end")+": "+f.say("overdue"))
	}
	for _, o := range s.Overdue {
		out = append(out, fmt.Sprintf("%s %s: %s %s", o.After.Words(f.lang), f.anchor("after", "end"), f.say("escalate"), f.people(o.Escalate)))
	}
	return out
}

func (f flow) people(list []string) string {
	out := make([]string, len(list))
	for i, word := range list {
		out[i] = f.say(word)
	}
	return strings.Join(out, ", ")
}

// ways lists the transitions out of a state, or of every one for "".
func (f flow) ways(b *strings.Builder, state string, list []definition.Transition) {
	for _, t := range list {
		m := f.move(t)
		fmt.Fprintf(b, "   → %s: %s (%s)", m.To, m.Label, m.Who)
		if t.ReasonRequired {
			fmt.Fprintf(b, ", %s", f.say("reason"))
		}
		b.WriteString("\n")
		for _, g := range t.Requires {
			explain := g.Explain
			if state != "" {
				explain = f.c.Fill(explain, state, guard.Facts{})
			}
			fmt.Fprintf(b, "     %s: %s\n", f.say("needs"), explain.In(f.lang))
		}
	}
}

// titles joins the states of the main path, for a picture's description.
func (f flow) titles() string {
	var out []string
	for _, s := range f.main {
		out = append(out, s.Title.In(f.lang))
	}
	return strings.Join(slices.Compact(out), ", "+f.say("then")+" ")
}
