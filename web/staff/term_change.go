package staff

import (
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// changing is one request to move an end, to suspend or to resume.
type changing struct {
	area *area
	r    *site.Request
	on   *process.Activity // nil for the process
	id   process.ActivityID
	ref  workflow.Ref
	inst workflow.Instance
	def  *definition.Compiled
	what string // a word of package gate
}

func (a *area) changing(r *site.Request, activity string) (*changing, error) {
	on, err := a.findActivity(r, activity)
	if err != nil {
		return nil, err
	}
	x := &changing{area: a, r: r, on: on, ref: r.Gate.Process.Ref(), what: r.Value("what")}
	if on != nil {
		x.id, x.ref = on.ID, on.Ref()
	}
	if x.what == "" {
		x.what = gate.Extend
	}
	if x.inst, err = a.core.Engine().Instance(r.Context(), a.core.DB(), x.ref); err != nil {
		return nil, err
	}
	x.def, err = a.core.Engine().Definition(r.Context(), a.core.DB(), x.inst)
	return x, err
}

// termShow is the place where an end changes, by itself: for who comes from a
// link.
func (a *area) termShow(r *site.Request) error {
	x, err := a.changing(r, r.Query("activity"))
	if err != nil {
		return err
	}
	p, err := x.page()
	if err != nil {
		return err
	}
	if p.Change == nil {
		return fault.New(fault.NotFound, "")
	}
	return r.Page("staff/change", p)
}

// termChange shows which dates an act would move, and then carries it out.
func (a *area) termChange(r *site.Request) error {
	x, err := a.changing(r, r.Value("activity"))
	if err != nil {
		return err
	}
	switch x.what {
	case gate.Extend, gate.Shorten:
		return x.move()
	case gate.Suspend, gate.Resume:
		return x.rest()
	}
	return fault.New(fault.Invalid, "")
}

// stale refuses a form whose state somebody else has changed.
func (x *changing) stale() error {
	if n := revision(x.r.Value("revision")); n != 0 && n != x.inst.Revision {
		return fault.New(fault.Conflict, keyStale)
	}
	return nil
}

// reason is what the form says, or what is wrong with it.
func (x *changing) reason() (string, error) {
	reason := x.r.Value("reason")
	switch {
	case reason == "":
		return "", fault.Field(fieldReason, "workflow.reason_required")
	case len([]rune(reason)) > maxReason:
		return "", fault.Field(fieldReason, "form.too_long", "max", maxReason)
	}
	return reason, nil
}

// end is what the form asks for: the half-open end of the day that was chosen, or
// the minute itself, in the process's zone.
func (x *changing) end() (process.NewEnd, error) {
	n := process.NewEnd{
		Activity: x.id, Act: x.r.Value("act"), Exception: x.r.Value("exception") == "1", Revision: revision(x.r.Value("revision")),
	}
	var err error
	if n.End, err = gate.EndingOf(x.r, x.state().Term).Read(x.r.Value("end")); err != nil {
		return n, err
	}
	n.Reason, err = x.reason()
	return n, err
}

// move previews another end, or saves it.
func (x *changing) move() error {
	if err := x.stale(); err != nil {
		return x.refuse(err)
	}
	n, err := x.end()
	if err != nil {
		return x.refuse(err)
	}
	ctx, core, id := x.r.Context(), x.area.core, x.r.Gate.Process.ID
	preview, save := core.PreviewExtend, core.Extend
	if x.what == gate.Shorten {
		preview, save = core.PreviewShorten, core.Shorten
	}
	if err := n.For(x.r.Gate.Standing); err != nil {
		return x.refuse(err)
	}
	if x.r.Value("preview") == "1" {
		change, err := preview(ctx, id, n)
		if err != nil {
			return x.refuse(err)
		}
		return x.listEnd(n, change)
	}
	told, err := x.area.foresight.Told(ctx, x.ref, x.r.Actor, n.End, x.r.Now)
	if err != nil {
		return err
	}
	if _, err := save(ctx, id, x.r.Actor, n); err != nil {
		return x.refuse(err)
	}
	return x.r.Redirect(back(x.r, x.on), site.Counted("staff.flash."+x.what, told))
}

// listEnd lists every date that would move and how many people are told.
func (x *changing) listEnd(n process.NewEnd, change workflow.Extension) error {
	p, err := x.page()
	if err != nil {
		return err
	}
	if p.Decided, err = gate.DecidedBy(x.r, x.area.core, n.Act); err != nil {
		return err
	}
	rows := []page.DateRow{{Name: x.endName(), Old: change.Old, New: change.New, End: true}}
	for _, m := range change.Moved {
		rows = append(rows, x.moved(x.def, m, "staff.extend.gone"))
	}
	along, err := x.along(change.Process)
	if err != nil {
		return err
	}
	rows = append(append(rows, along...), gate.Later(x.r.Words(), change.Later)...)
	if change.Law != nil || change.Exception {
		p.Decided.Except(x.r, change.Law)
	}
	p.Next = page.Sentence(flow.WaitsFor(x.r.Words(), change.Waits))
	p.Used = gate.Used(x.r, x.def, x.inst, change)
	stay, err := x.beside(p, n.End)
	if err != nil {
		return err
	}
	if x.on == nil {
		p.Clash = append(p.Clash, gate.Never(x.r, x.def, change.Later)...)
	}
	if p.Told, err = x.area.foresight.Told(x.r.Context(), x.ref, x.r.Actor, n.End, x.r.Now); err != nil {
		return err
	}
	return x.list(p, page.Dates{Rows: append(rows, stay...)})
}

// beside adds the ends that stay where they are: of the phase when an activity
// is extended, of its activities when the phase is; and where they contradict.
func (x *changing) beside(p *changePage, end time.Time) ([]page.DateRow, error) {
	pairs, err := x.area.foresight.Pairs(x.r.Context(), x.r.Gate.Process, foresight.Change{Activity: x.id, End: end})
	if err != nil {
		return nil, err
	}
	var out []page.DateRow
	stays := func(name string, at time.Time) {
		out = append(out, page.DateRow{Name: name, Old: at, End: true, Said: x.r.T("staff.extend.stays")})
	}
	state := x.inst.State
	if x.on != nil {
		pair, ok := gate.PairOf(pairs, x.id)
		if !ok {
			return nil, nil
		}
		pairs, state = []foresight.Pair{pair}, x.on.Phase
		if !pair.Until.IsZero() {
			stays(x.r.T("staff.extend.phase", "phase", pair.Phase.In(x.r.Lang)), pair.Until)
		}
	}
	for _, pair := range pairs {
		if pair.Activity.Phase != state {
			continue
		}
		if x.on == nil {
			stays(x.r.T("staff.extend.activity", "activity", pair.Activity.Title), pair.End)
		}
		p.Clash = append(p.Clash, gate.Clashes(x.r, []foresight.Pair{pair})...)
	}
	return out, nil
}
