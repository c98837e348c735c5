package diagram

import (
	"fmt"
	"strings"

	"arengo/workflow/definition"
)

// Mermaid writes a stateDiagram-v2: the states with their titles, the
// transitions with their labels, ⏱ before those that a deadline may bring about.
// What leads out of every state leaves one state of its own, drawn once.
func Mermaid(c *definition.Compiled, lang string) string {
	f := flowOf(c, lang)
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    direction TB\n")
	for _, s := range f.states() {
		fmt.Fprintf(&b, "    state \"%s\" as %s\n", mermaidText(s.Title.In(lang)), mermaidID(s.Name))
	}
	wild := f.wild()
	if len(wild) > 0 {
		fmt.Fprintf(&b, "    state \"%s\" as anytime\n", mermaidText(f.say("anytime")))
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", mermaidID(c.Initial))
	for _, s := range f.states() {
		for _, t := range f.exits(s.Name) {
			f.mermaidArrow(&b, mermaidID(s.Name), t)
		}
	}
	for _, t := range wild {
		f.mermaidArrow(&b, "anytime", t)
	}
	for _, s := range f.states() {
		if s.Final {
			fmt.Fprintf(&b, "    %s --> [*]\n", mermaidID(s.Name))
		}
	}
	return b.String()
}

func (f flow) mermaidArrow(b *strings.Builder, from string, t definition.Transition) {
	m := f.move(t)
	mark := ""
	if m.Timer {
		mark = "⏱ "
	}
	fmt.Fprintf(b, "    %s --> %s : %s%s\n", from, mermaidID(t.To), mark, mermaidText(m.Label))
}

// mermaidID makes a name that is neither one of Mermaid's words ("end", "note")
// nor broken by its arrows: names have no underscore.
func mermaidID(state string) string { return "s_" + strings.ReplaceAll(state, "-", "_") }

// mermaidText escapes what ends or changes a label, as Mermaid's own entities.
var mermaidEscape = strings.NewReplacer(
	"#", "#35;", `"`, "#quot;", ":", "#58;", ";", "#59;", "<", "#lt;", ">", "#gt;", "%", "#37;", "\n", " ", "\r", " ",
)

func mermaidText(s string) string { return mermaidEscape.Replace(s) }
