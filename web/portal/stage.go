package portal

import (
	"slices"

	"arengo/web/page"
	"arengo/workflow/definition"
)

// cancelled is the name that kinds give to the state of an activity that was called
// off.
const cancelled = "cancelled"

// takesIn reports whether a state lets the public take part.
func takesIn(def *definition.Compiled, state string) bool {
	return slices.ContainsFunc(definition.Doors, func(door string) bool { return def.Allows(state, door) })
}

// announced reports whether an activity in this state has a public page: its
// first open state, or a later one in the order of the definition. What was
// called off stands in the log alone.
func announced(def *definition.Compiled, state string) bool {
	if state == cancelled {
		return false
	}
	open := false
	for _, s := range def.States {
		open = open || takesIn(def, s.Name)
		if s.Name == state {
			return open
		}
	}
	return false
}

// openStates names, as "definition/state", every state of an activity that
// takes in who has done nothing yet.
func openStates(l *definition.Library) []string {
	var out []string
	for _, def := range l.List() {
		for _, s := range def.States {
			if def.Level == definition.LevelActivity && def.Door(s.Name) != "" {
				out = append(out, def.Name+"/"+s.Name)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// kindWord is a kind's own word: "kind", "kinds", "call" or "asked". A kind
// whose catalogue lacks it is named by its definition, or not at all.
func kindWord(lang, kind, which string, def *definition.Compiled) string {
	if key := kind + "." + which; page.Texts().Has(key) {
		return page.T(lang, key, nil)
	}
	title := kind
	if def != nil {
		title = def.Title.In(lang)
	}
	switch which {
	case "call":
		return page.T(lang, "portal.now.call", map[string]any{"kind": title})
	case "asked":
		return ""
	}
	return title
}

// doorWord is a kind's word for what the state of an activity lets people do:
// "codesign.call_vote" while a lab votes, where the kind has one, else its
// "codesign.call".
func doorWord(lang, kind, which string, def *definition.Compiled, state string) string {
	if def != nil {
		if door := which + "_" + def.Door(state); page.Texts().Has(kind + "." + door) {
			return kindWord(lang, kind, door, def)
		}
	}
	return kindWord(lang, kind, which, def)
}

// shortened reports that a process ended before its last phase: it was called off, or
// whose office it is decided that it does not go on.
func shortened(def *definition.Compiled, state string) bool {
	return def.Final(state) && !def.Concludes(state)
}

// steps lays the main path flat; a process that ended has them all behind it.
func steps(def *definition.Compiled, state, lang string) []page.Step {
	names := def.MainPath()
	now := slices.Index(names, state)
	out := make([]page.Step, len(names))
	for i, name := range names {
		s, _ := def.State(name)
		out[i] = page.Step{Name: s.Title.In(lang), State: page.Next}
		switch {
		case i == now:
			out[i].State = page.Current
		case i < now || now < 0 && def.Final(state):
			out[i].State = page.Done
		}
	}
	return out
}
