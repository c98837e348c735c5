package staff

import (
	"net/http"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
)

type extendPage struct {
	page.Base
	Subject    string
	Extend     *gate.Extend
	Listed     bool // what moves is shown, to be confirmed
	Old, New   time.Time
	What       string // the end that moves
	Moved      []movedDate
	Stays      []stays
	Clash      []string // what the new end contradicts
	Told       int
	End        string // yyyy-mm-dd, to be confirmed
	ReasonText string
	Back       string
}

// movedDate is a reminder or follow-up that moves along; a zero New is gone.
type movedDate struct {
	Name     string
	Old, New time.Time
}

// stays is an end beside the one that moves, which does not move with it.
type stays struct {
	Name string
	At   time.Time
}

// termExtend shows what a new end would move, and then moves it.
func (a *area) termExtend(r *site.Request) error {
	on, err := a.findActivity(r, r.Value("activity"))
	if err != nil {
		return err
	}
	x := &extension{area: a, r: r, on: on, id: 0, ref: r.Gate.Process.Ref()}
	if on != nil {
		x.id, x.ref = on.ID, on.Ref()
	}
	if x.inst, err = a.core.Engine().Instance(r.Context(), a.core.DB(), x.ref); err != nil {
		return err
	}
	if n := revision(r.Value("revision")); n != 0 && n != x.inst.Revision {
		return x.refuse(fault.New(fault.Conflict, keyStale))
	}
	end, err := x.end()
	if err != nil {
		return x.refuse(err)
	}
	if r.Value("reason") == "" {
		return x.refuse(fault.Field("reason", "workflow.reason_required"))
	}
	if r.Value("preview") == "1" {
		return x.preview(end)
	}
	later := process.Later{Activity: x.id, End: end, Reason: r.Value("reason"), Revision: revision(r.Value("revision"))}
	if _, err := a.core.Extend(r.Context(), r.Gate.Process.ID, r.Actor, later); err != nil {
		return x.refuse(err)
	}
	told, err := a.foresight.Told(r.Context(), x.ref, r.Now)
	if err != nil {
		return err
	}
	return r.Redirect(back(r, on), site.Counted("staff.flash.extended", told))
}

// extension is one request to move an end.
type extension struct {
	area *area
	r    *site.Request
	on   *process.Activity
	id   process.ActivityID
	ref  workflow.Ref
	inst workflow.Instance
}

// end is the half-open end of the day that was chosen, in the process's zone.
func (x *extension) end() (time.Time, error) {
	if len([]rune(x.r.Value("reason"))) > maxReason {
		return time.Time{}, fault.Field("reason", "form.too_long", "max", maxReason)
	}
	day, err := time.ParseInLocation(time.DateOnly, x.r.Value("end"), x.r.Gate.Process.Location())
	if err != nil {
		return time.Time{}, fault.Field("end", "form.required")
	}
	return day.AddDate(0, 0, 1), nil
}

func (x *extension) page() extendPage {
	r := x.r
	p := extendPage{Base: workspace(r, r.T("staff.extend.title"), page.Crumb{Label: r.T("staff.extend.title")})}
	p.Subject, p.Back = r.Gate.Process.Title, back(r, x.on)
	if x.on != nil {
		p.Subject = x.on.Title
	}
	p.What = r.T("staff.extend.close")
	if x.on == nil {
		p.What = r.T("staff.extend.close.phase")
	}
	p.End, p.ReasonText = r.Value("end"), r.Value("reason")
	p.Extend = gate.BuildExtend(r, gate.Term{DueAt: x.inst.DueAt, MaxAt: x.inst.MaxAt, Revision: x.inst.Revision}, x.on)
	p.Extend.End.Value, p.Extend.Reason.Value, p.Extend.Back = p.End, p.ReasonText, p.Back
	return p
}

// preview lists every date that would move and how many people are told.
func (x *extension) preview(end time.Time) error {
	ctx, a := x.r.Context(), x.area
	change, err := a.core.PreviewExtend(ctx, x.r.Gate.Process.ID, x.id, end)
	if err != nil {
		return x.refuse(err)
	}
	p := x.page()
	p.Listed, p.Old, p.New = true, change.Old, change.New
	for _, m := range change.Moved {
		p.Moved = append(p.Moved, movedDate{Name: x.name(m.Name), Old: m.Old, New: m.New})
	}
	if err := x.beside(&p, end); err != nil {
		return err
	}
	if p.Told, err = a.foresight.Told(ctx, x.ref, x.r.Now); err != nil {
		return err
	}
	return x.r.Page("staff/extend", p)
}

// beside adds the ends that stay where they are: of the phase when an activity
// is extended, of its activities when the phase is; and where they contradict.
func (x *extension) beside(p *extendPage, end time.Time) error {
	pairs, err := x.area.foresight.Pairs(x.r.Context(), x.r.Gate.Process, foresight.Change{Activity: x.id, End: end})
	if err != nil {
		return err
	}
	state := x.inst.State
	if x.on != nil {
		pair, ok := gate.PairOf(pairs, x.id)
		if !ok {
			return nil
		}
		pairs, state = []foresight.Pair{pair}, x.on.Phase
		if !pair.Until.IsZero() {
			p.Stays = append(p.Stays, stays{Name: x.r.T("staff.extend.phase", "phase", pair.Phase.In(x.r.Lang)), At: pair.Until})
		}
	}
	for _, pair := range pairs {
		if pair.Activity.Phase != state {
			continue
		}
		if x.on == nil {
			p.Stays = append(p.Stays, stays{Name: x.r.T("staff.extend.activity", "activity", pair.Activity.Title), At: pair.End})
		}
		p.Clash = append(p.Clash, gate.Clashes(x.r, []foresight.Pair{pair})...)
	}
	return nil
}

// name is what a deadline is for: its name begins with the notice it sends.
func (x *extension) name(deadline string) string {
	notice, _, _ := strings.Cut(deadline, ".")
	if key := "staff.deadline." + notice; page.Texts().Has(key) {
		return x.r.T(key)
	}
	return x.r.T("staff.deadline.other")
}

// refuse gives the form again, with what was written and what is wrong.
func (x *extension) refuse(cause error) error {
	if _, ok := fault.As(cause); !ok || !fault.Is(cause, fault.Invalid) && !fault.Is(cause, fault.Conflict) && !fault.Is(cause, fault.Closed) {
		return cause
	}
	if x.inst.DueAt.IsZero() {
		return cause
	}
	p := x.page()
	ids := map[string]string{"end": "proroga-fine", "reason": "proroga-motivo"}
	for _, e := range page.FieldErrors(x.r.Lang, cause) {
		e.Field = ids[e.Field]
		p.Errors = append(p.Errors, e)
	}
	status := page.Status(cause)
	if status == 0 {
		status = http.StatusConflict
	}
	return x.r.PageStatus(status, "staff/extend", p)
}
