package flow

import (
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/outlook"
)

// Waits says of a phase what comes after it on its first possible day and no earlier,
// in the words of every page: "“Processo partecipativo” può cominciare da giovedì 1°
// aprile 2027, il primo giorno possibile". It is "" where nothing waits.
func Waits(w page.Words, plan []workflow.PlannedPhase, state string) string {
	return WaitsFor(w, outlook.Waiting(plan)[state])
}

// WaitsFor says it of the phase that waits, nil for none.
func WaitsFor(w page.Words, p *workflow.PlannedPhase) string {
	if p == nil {
		return ""
	}
	return w.T("page.phase.waits", "phase", p.Title.In(w.Lang), "start", w.Date(p.Start))
}
