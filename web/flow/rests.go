package flow

import (
	"slices"
	"time"

	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Rests says of the present phase of a suspended process, and of those to come, that
// nobody knows their dates before it goes on, in the words of every page: "date da
// stabilire: dipendono da quando il percorso riprende". It is "" for the phases that
// have been, and while dates keep running.
func Rests(w page.Words, def *definition.Compiled, inst workflow.Instance, state string) string {
	if !inst.Rests(def) {
		return ""
	}
	path := def.MainPath()
	here, there := slices.Index(path, inst.State), slices.Index(path, state)
	switch {
	case state == inst.State:
		return RestsSince(w, inst.HeldAt)
	case here >= 0 && there > here:
		return w.T("page.phase.rests")
	}
	return ""
}

// RestsSince says it of an end: "in sospeso da lunedì 23 novembre 2026: la nuova data si
// saprà quando si riprende".
func RestsSince(w page.Words, at time.Time) string {
	return w.T("page.phase.rests.end", "since", w.Date(at))
}
