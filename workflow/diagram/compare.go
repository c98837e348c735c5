package diagram

import (
	"slices"
	"strings"

	"arengo/workflow/definition"
)

// Difference is what changes in one place from a definition to another, line by
// line of their outlines. A state that is new has no Was, one that is gone no
// Becomes; "" and "" is the head, and the moves out of every state.
type Difference struct {
	Was, Becomes string   // titles of the state
	Gone, New    []string // lines
}

// Compare lists what differs between two definitions in words, in the order of
// the new one, then what is gone. names maps states of the old definition to those
// of the new one; a state that is missing keeps its name.
func Compare(before, after *definition.Compiled, names map[string]string, lang string) []Difference {
	old, fresh := sections(before, lang), sections(after, lang)
	var out []Difference
	kept := map[string]bool{}
	for _, s := range fresh {
		d := Difference{Becomes: s.title, New: s.lines}
		if i := slices.IndexFunc(old, func(o section) bool { return renamed(o.state, names) == s.state }); i >= 0 {
			kept[old[i].state] = true
			d = Difference{Was: old[i].title, Becomes: s.title, Gone: lacking(old[i].lines, s.lines), New: lacking(s.lines, old[i].lines)}
		}
		if s.state == "" || d.Was != d.Becomes || len(d.Gone)+len(d.New) > 0 {
			out = append(out, d)
		}
	}
	for _, s := range old {
		if !kept[s.state] {
			out = append(out, Difference{Was: s.title, Gone: s.lines})
		}
	}
	return slices.DeleteFunc(out, func(d Difference) bool { return d.Was == d.Becomes && len(d.Gone)+len(d.New) == 0 })
}

func renamed(state string, names map[string]string) string {
	if to, ok := names[state]; ok {
		return to
	}
	return state
}

// section is the lines of an outline about one state, "" for the whole.
type section struct {
	state, title string
	lines        []string
}

func sections(c *definition.Compiled, lang string) []section {
	f := flowOf(c, lang)
	var head strings.Builder
	f.law(&head, c.Law)
	f.dates(&head)
	f.ways(&head, "", f.wild())
	out := []section{{lines: linesOf(head.String())}}
	for _, s := range f.states() {
		var b strings.Builder
		f.outline(&b, "", s)
		out = append(out, section{s.Name, s.Title.In(lang), linesOf(b.String())[1:]}) // the first names the state
	}
	return out
}

// linesOf are the lines of a text without their marks. What a move needs stands
// with the move, so that a condition is not taken for one of another.
func linesOf(text string) []string {
	var out []string
	move := ""
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		said := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- "))
		switch {
		case said == "":
			continue
		case strings.HasPrefix(said, "→ "):
			said = strings.TrimPrefix(said, "→ ")
			move = said
		case move != "" && strings.HasPrefix(line, "     "):
			said = move + ": " + said
		}
		out = append(out, said)
	}
	return out
}

// lacking are the lines of one list that the other does not have.
func lacking(lines, other []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return slices.Contains(other, l) })
}
