package flow

import (
	"time"

	"arengo/web/page"
	"arengo/workflow"
)

// Never says of a phase to come that it would have no day, in the words of every page:
// "non ha più giorni: deve finire domenica 31 gennaio 2027, e comincerebbe martedì 16
// febbraio 2027". It is "" for a phase that has days.
func Never(w page.Words, p workflow.PlannedPhase) string {
	if !p.Never() {
		return ""
	}
	return w.T("page.phase.never", "end", w.Date(p.End.Add(-time.Second)), "start", w.Date(p.Start))
}
