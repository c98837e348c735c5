package flow

import (
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Seat says between which phases an entry of the log moved an activity, by the first
// of some definitions of the process that knows each; "" for an entry of another act.
func Seat(w page.Words, e workflow.LogEntry, defs ...*definition.Compiled) string {
	c := workflow.PhaseChangeOf(e)
	if c.To == "" {
		return ""
	}
	title := func(name string) string {
		for _, def := range defs {
			if st, ok := def.State(name); ok {
				return st.Title.In(w.Lang)
			}
		}
		return name
	}
	return w.T("page.log.seat", "from", title(c.From), "to", title(c.To))
}
