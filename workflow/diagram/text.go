package diagram

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
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
	if c.Summary != nil {
		fmt.Fprintf(&b, "   %s\n", c.Summary.In(lang))
	}
	f.law(&b, c.Law)
	f.dates(&b)
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

// dates lists the dates of the call.
func (f flow) dates(b *strings.Builder) {
	if len(f.c.Dates) > 0 {
		fmt.Fprintf(b, "   %s:\n", f.say("dates"))
	}
	for _, d := range f.c.Dates {
		fmt.Fprintf(b, "   - %s", d.Title.In(f.lang))
		if d.Required {
			fmt.Fprintf(b, " (%s)", f.say("required"))
		}
		if len(d.Days) > 0 {
			fmt.Fprintf(b, ": %s", d.Days.Words(f.lang))
		}
		if d.After != "" {
			fmt.Fprintf(b, ", %s", f.anchor("after", definition.AnchorDate+":"+d.After))
		}
		fmt.Fprintf(b, "%s\n", f.source(d.Law))
	}
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
		fmt.Fprintf(b, "   %s: %s%s\n", f.say("length"), f.bounds(s.Term), f.chosen(s))
		if e := s.Term.Extend; e != nil {
			fmt.Fprintf(b, "   %s: %s%s\n", f.say("extend"), f.extension(e), f.source(e.Law))
		}
	}
	if said := f.source(s.Law); said != "" {
		fmt.Fprintf(b, "   %s: %s\n", f.say("law.phase"), strings.Trim(said, " []"))
	}
	if lines := f.deadlines(s); len(lines) > 0 {
		fmt.Fprintf(b, "   %s:\n   - %s\n", f.say("deadlines"), strings.Join(lines, "\n   - "))
	}
	f.ways(b, s.Name, f.exits(s.Name))
}

// bounds is a term with its least and most.
func (f flow) bounds(t *definition.Term) string {
	var parts []string
	if said := f.term(t); said != "" {
		parts = append(parts, said)
	}
	if !t.Min.IsZero() {
		parts = append(parts, f.say("min")+" "+t.Min.Words(f.lang))
	}
	if !t.Max.IsZero() {
		parts = append(parts, f.say("max")+" "+t.Max.Words(f.lang))
	}
	if t.OnHold == definition.HoldRun {
		parts = append(parts, f.say("run"))
	}
	if t.OnHoliday == definition.HolidayNext {
		parts = append(parts, f.say("next"))
	}
	return strings.Join(parts, ", ")
}

// extension says how a term may be extended.
func (f flow) extension(e *definition.Extension) string {
	var parts []string
	if !e.Max.IsZero() {
		parts = append(parts, f.say("max")+" "+e.Max.Words(f.lang))
	}
	switch {
	case e.Times == 1:
		parts = append(parts, f.say("once"))
	case e.Times > 1:
		parts = append(parts, strconv.Itoa(e.Times)+" "+f.say("times"))
	}
	if e.Act {
		parts = append(parts, f.say("act"))
	}
	return strings.Join(parts, ", ")
}

// chosen is the source of a term in brackets. In a definition of law it says so of a
// length that no law gives: what a phase rests on is not what its days come from.
func (f flow) chosen(s definition.State) string {
	if s.Term.Law == nil && !s.Term.Length.IsZero() && (s.Law != nil || f.c.Law != nil) {
		return " [" + f.say("own") + "]"
	}
	return f.source(s.Term.Law)
}

// source is a law in brackets after what it asks for, "" when there is none.
func (f flow) source(l *definition.Law) string {
	if l == nil {
		return ""
	}
	said := l.Article + ", " + l.Source
	if l.Confidence != "V" {
		said += ", " + f.say("unconfirmed")
	}
	return " [" + said + "]"
}

// law is a line for the source of a whole.
func (f flow) law(b *strings.Builder, l *definition.Law) {
	if said := f.source(l); said != "" {
		fmt.Fprintf(b, "   %s: %s\n", f.say("law"), strings.Trim(said, " []"))
	}
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
		if t.Reopens {
			fmt.Fprintf(b, ", %s", f.say("reopens"))
		}
		if t.ReasonRequired {
			fmt.Fprintf(b, ", %s", f.say("reason"))
		}
		b.WriteString("\n")
		for _, g := range t.Requires {
			fmt.Fprintf(b, "     %s: %s\n", f.say("needs"), f.explain(state, g)+f.source(g.Law))
		}
	}
}

// fact is a placeholder whose value no definition knows.
var fact = regexp.MustCompile(`\{[^{}]*\}`)

// explain is what a guard says, with the term's own figures in it; what only an
// instance knows is left as an ellipsis.
func (f flow) explain(state string, g definition.Guard) string {
	known := map[string]bool{"{term.length}": true, "{term.min}": true, "{term.max}": true, "{term.law}": true}
	text := fact.ReplaceAllStringFunc(g.Explain.In(f.lang), func(m string) string {
		if known[m] {
			return m
		}
		return "…"
	})
	return f.c.Fill(definition.Text{f.lang: text}, state, guard.Facts{})[f.lang]
}

// titles joins the states of the main path, for a picture's description.
func (f flow) titles() string {
	var out []string
	for _, s := range f.main {
		out = append(out, s.Title.In(f.lang))
	}
	return strings.Join(slices.Compact(out), ", "+f.say("then")+" ")
}
