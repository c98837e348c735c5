// Package editor is where a promoter changes the phases of a process without
// seeing a file: each change is a form, its problems and the dates that it moves
// show at once, and nothing holds until the phases are used.
package editor

import (
	"strconv"

	"arengo/process"
	"arengo/process/draft"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

const path = "/gestione/:process/" + section.Phases

// area is what the handlers of this package work with.
type area struct {
	core   *process.Service
	drafts *draft.Service
}

// Routes are the pages of the phases of a process.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, drafts: draft.New(s.Core)}
	upload := site.Post(path+"/importa", process.ActPhaseEdit, a.fileImport)
	upload.Size = draft.MostBytes + 64<<10 // the file with its envelope
	return []site.Route{
		site.Get(path, process.ActPhaseEdit, a.phasesShow),
		site.Post(path, process.ActPhaseEdit, a.phasesAct),
		site.Get(path+"/nuova", process.ActPhaseEdit, a.phaseNew),
		site.Post(path+"/nuova", process.ActPhaseEdit, a.phaseAdd),
		site.Get(path+"/fase/:phase", process.ActPhaseEdit, a.phaseShow),
		site.Post(path+"/fase/:phase", process.ActPhaseEdit, a.phaseSave),
		site.Get(path+"/fasi.yaml", process.ActPhaseEdit, a.fileExport),
		site.Get(path+"/importa", process.ActPhaseEdit, a.fileShow),
		upload,
	}
}

// home is the address of the list of phases.
func home(p process.Process) string { return wizard.Home(p) + "/" + section.Phases }

// revision reads the hidden field of a form; -1 matches no draft.
func revision(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// stale says that somebody else changed the phases meanwhile; "" when that is not
// what was refused.
func stale(r *site.Request, d draft.Draft, err error) string {
	if !wizard.Stale(err) {
		return ""
	}
	if len(d.Steps) > 0 && d.Steps[0].By != "" {
		return r.T("editor.stale.by", "name", d.Steps[0].By)
	}
	return r.T("editor.stale")
}

// frame is what surrounds the pages of this package.
func (a *area) frame(r *site.Request, title string, more ...page.Crumb) (page.Base, wizard.Frame, error) {
	return wizard.Workspace(a.core, r, title, section.Phases, more...)
}

// summary are the refusals at the fields of a page; a conflict of the draft has a
// panel of its own.
func summary(r *site.Request, err error) []page.FieldError {
	if wizard.Stale(err) {
		return nil
	}
	return page.FieldErrors(r.Lang, err)
}

// refused tells a refusal that a page can show from what has a page of its own.
func refused(err error) bool {
	return wizard.Shown(err) && !fault.Is(err, fault.NotFound)
}
