package staff

import (
	"errors"
	"net/http"
	"strings"

	"arengo/process"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// keyStale is the refusal of a form whose state somebody else has changed.
const keyStale = "workflow.stale"

type refusedPage struct {
	page.Base
	Text  string
	Moves gate.View
	Back  page.Link
}

// processAdvance carries out a transition of the process or of an activity. One
// that is blocked, or a form that is out of date, gives the gate again.
func (a *area) processAdvance(r *site.Request) error {
	on, err := a.findActivity(r, r.Value("activity"))
	if err != nil {
		return err
	}
	move := process.Move{
		Transition: r.Value("transition"), Reason: r.Value("reason"), Revision: revision(r.Value("revision")), Key: r.Value("key"),
	}
	if on != nil {
		move.Activity = on.ID
	}
	if move.Transition == "" || len(move.Key) > maxKey {
		return fault.New(fault.Invalid, "")
	}
	// Browsers count a line's end as one character and send it as two.
	if len([]rune(strings.ReplaceAll(move.Reason, "\r\n", "\n"))) > maxReason {
		return a.advanceRefused(r, on, move, fault.Field(fieldReason, "form.too_long", "max", maxReason))
	}
	said := move
	said.Key = posted(move.Key)
	_, err = a.core.Advance(r.Context(), r.Gate.Process.ID, r.Actor, said)
	if err == nil {
		return r.Redirect(back(r, on), "staff.flash.advanced")
	}
	return a.advanceRefused(r, on, move, err)
}

// posted is the key of a form, which must not pass for one of another origin: the
// log says by it what came from another program.
func posted(key string) string {
	if key == "" {
		return ""
	}
	return "form:" + key
}

// How long a posted key or reason may be.
const (
	maxKey    = 60
	maxReason = 1000

	fieldReason = "reason"
)

func (a *area) advanceRefused(r *site.Request, on *process.Activity, move process.Move, cause error) error {
	var blocked *workflow.Blocked
	e, ok := fault.As(cause)
	if !errors.As(cause, &blocked) && (!ok || e.Key != keyStale && e.Field != fieldReason) {
		return cause
	}
	if on != nil { // its state may be another by now
		fresh, err := a.core.LoadActivity(r.Context(), a.core.DB(), on.ProcessID, on.ID)
		if err != nil {
			return err
		}
		on = &fresh
	}
	view, err := a.moves(r, on)
	if err != nil {
		return err
	}
	p := refusedPage{
		Base: workspace(r, r.T("staff.refused.title"), page.Crumb{Label: r.T("staff.refused.title")}),
		Text: r.T("staff.refused.blocked"), Moves: view.Refused(move.Transition, move.Reason), Back: page.Link{Label: r.T("staff.refused.back"), Href: back(r, on)},
	}
	p.Moves.Back = p.Back.Href
	status, why := http.StatusConflict, ""
	switch {
	case blocked != nil && asksReason(blocked):
		status, why = http.StatusUnprocessableEntity, r.T("workflow.reason_required")
		p.Text = r.T("staff.refused.noreason")
	case ok && e.Field == fieldReason:
		status, why = e.Status(), page.Explain(r.Lang, cause)
		p.Text = r.T("staff.refused.reason")
	case blocked == nil:
		p.Text = page.Explain(r.Lang, cause)
	}
	if why != "" {
		p.Errors = []page.FieldError{{Field: "mossa-" + move.Transition + "-motivo", Message: why}}
	}
	return r.PageStatus(status, "staff/refused", p)
}

// asksReason reports that only the reason was missing.
func asksReason(b *workflow.Blocked) bool {
	return len(b.Blockers) == 1 && b.Blockers[0].Code == definition.BlockReason
}

// back is where a form wants to return: a page of this process, else the page
// of what it moved.
func back(r *site.Request, on *process.Activity) string {
	home := gate.Home(r.Gate.Process.Slug)
	to := r.Value("back")
	if to == home || strings.HasPrefix(to, home+"/") && !strings.ContainsAny(to, "\\\r\n") && !strings.Contains(to, "/..") {
		return to
	}
	if on != nil {
		return gate.ActivityPath(r.Gate.Process.Slug, *on)
	}
	return home
}

// moves is the gate of the process, or of one of its activities, as it stands.
func (a *area) moves(r *site.Request, on *process.Activity) (gate.View, error) {
	var id process.ActivityID
	ref := r.Gate.Process.Ref()
	if on != nil {
		id, ref = on.ID, on.Ref()
	}
	options, err := a.core.Explain(r.Context(), r.Gate.Process.ID, id, r.Actor)
	if err != nil {
		return gate.View{}, err
	}
	inst, err := a.core.Engine().Instance(r.Context(), a.core.DB(), ref)
	if err != nil {
		return gate.View{}, err
	}
	def, err := a.core.Engine().Definition(r.Context(), a.core.DB(), inst)
	if err != nil {
		return gate.View{}, err
	}
	looks, err := a.foresight.Moves(r.Context(), r.Gate.Process, on, options, r.Now)
	return gate.Build(r, options, on).At(inst.Revision).Of(r, inst).Foreseen(r, looks).Lasting(r, def, inst.State), err
}
