// Package staff is the workspace: what to do today, the processes one works
// on, the overview of each with the gate to its next phase, extensions, and the
// outcomes that it comes to.
package staff

import (
	"strconv"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/document"
	"arengo/process/foresight"
	"arengo/process/outcome"
	"arengo/process/subscription"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/past"
)

const pathOne = "/gestione/:process"

// area is what the handlers of this package work with.
type area struct {
	core      *process.Service
	cockpit   *cockpit.Service
	foresight *foresight.Service
	documents *document.Service
	outcomes  *outcome.Service
	hooks     *subscription.Service
}

// Routes are the pages of the workspace that belong to no kind of activity and
// set nothing up.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, cockpit: cockpit.New(s.Core), foresight: foresight.New(s.Core), documents: document.New(s.Core), outcomes: outcome.New(s.Core), hooks: subscription.New(s.Core)}
	return append([]site.Route{
		site.Get("/oggi", process.ActWorkspace, a.todayShow),
		site.Get("/gestione", process.ActWorkspace, a.processList),
		site.Get(pathOne, process.ActProcessPreview, a.processShow),
		site.Post(pathOne+"/avanza", process.ActProcessReopen, a.processAdvance), // also of what an ended process left open
		site.Post(pathOne+"/riprova", process.ActDeadlineRetry, a.deadlineRetry),
		site.Get(pathOne+"/proroga", process.ActProcessExtend, a.termShow),
		site.Post(pathOne+"/proroga", process.ActProcessExtend, a.termChange),
		site.Get(pathOne+"/riapri", process.ActProcessReopen, a.reopenShow),
		site.Post(pathOne+"/riapri", process.ActProcessReopen, a.reopenSave),
		site.Get(pathOne+"/esiti", process.ActOutcomeEdit, a.outcomeList),
		site.Get(pathOne+"/esiti/:outcome", process.ActOutcomeEdit, a.outcomeShow),
		site.Post(pathOne+"/esiti/:outcome", process.ActOutcomeEdit, a.outcomeSave),
		site.Post(pathOne+"/esiti/:outcome/pubblica", process.ActOutcomeEdit, a.outcomePublish),
	}, past.Routes(s)...)
}

// workspace fills the base of a page below a process; the last crumb is here.
func workspace(r *site.Request, title string, here ...page.Crumb) page.Base {
	p := r.Gate.Process
	crumbs := []page.Crumb{{Label: r.T("staff.crumb.all"), Href: "/gestione"}, {Label: p.Title, Href: gate.Home(p.Slug)}}
	if len(here) == 0 {
		crumbs[1].Href = ""
	}
	return r.Workspace(title, "manage", append(crumbs, here...)...)
}

// findActivity finds an activity of the process by its public identifier,
// whatever its kind; nil for "".
func (a *area) findActivity(r *site.Request, publicID string) (*process.Activity, error) {
	if publicID == "" {
		return nil, nil // no activity is the process itself
	}
	list, err := a.core.Activities(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].PublicID == publicID {
			return &list[i], nil
		}
	}
	return nil, notFound
}

// revision reads a hidden field; what is no number skips no check.
func revision(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// kindWord is the name of a kind, by the convention of the kinds' catalogues.
func kindWord(lang, kind string) string {
	if key := kind + ".kind"; page.Texts().Has(key) {
		return page.T(lang, key, nil)
	}
	return kind
}
