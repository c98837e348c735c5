package flow

import (
	"cmp"

	"arengo/web/page"
	"arengo/workflow/definition"
)

// Hangs says what the end of a phase waits for while nobody knows it: "da fissare,
// dipende dalla fine dell’ultima attività (Focus group)". It is "" for an end that
// hangs on nothing.
func Hangs(w page.Words, def *definition.Compiled, st definition.State) string {
	if !st.Term.Hangs() {
		return ""
	}
	kind, name := definition.SplitAnchor(cmp.Or(st.Term.Until, st.Term.From))
	switch kind {
	case definition.AnchorActivity:
		name = w.T(name + ".kinds")
	case definition.AnchorDate:
		for _, d := range def.Dates {
			if d.Code == name {
				name = d.Title.In(w.Lang)
			}
		}
	}
	return w.T("page.hangs."+kind, "name", name)
}
