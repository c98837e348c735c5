package flow

import (
	"time"

	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Missed reports a phase that ended as it began, since its date of the call had gone by.
func Missed(def *definition.Compiled, i workflow.Instance) bool {
	s, _ := def.State(i.State)
	return s.Term.Dated() && s.Term.Called() && !i.DueAt.IsZero() && !i.DueAt.After(i.EnteredAt)
}

// Never says of a phase to come that it would have no day, in the words of every page:
// "non ha più giorni: deve finire domenica 31 gennaio 2027, e comincerebbe martedì 16
// febbraio 2027". It is "" for a phase that has days.
func Never(w page.Words, p workflow.PlannedPhase) string {
	if !p.Never() {
		return ""
	}
	return w.T("page.phase.never", "end", w.Date(p.End.Add(-time.Second)), "start", w.Date(p.Start))
}
