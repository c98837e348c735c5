package staff

import (
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/foresight"
	"arengo/process/pause"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// rest previews a suspension or its end, or carries it out.
func (x *changing) rest() error {
	reason, err := x.reason()
	if err != nil {
		return x.refuse(err)
	}
	ctx, s, id := x.r.Context(), pause.New(x.area.core), x.r.Gate.Process.ID
	foresee, do, notice := s.PreviewSuspend, s.Suspend, definition.NoticeHeld
	if x.what == gate.Resume {
		foresee, do, notice = s.PreviewResume, s.Resume, definition.NoticeResumed
	}
	look, err := foresee(ctx, id, x.id)
	stale := x.stale()
	switch {
	case err != nil && stale != nil:
		return x.refuse(stale)
	case err != nil:
		return x.refuse(err)
	case x.r.Value("preview") == "1" && stale != nil:
		return x.refuse(stale)
	case x.r.Value("preview") == "1":
		return x.listRest(look, notice, nil)
	case stale != nil:
		return x.listRest(look, notice, stale)
	}
	request := pause.Request{Activity: x.id, Reason: reason, Revision: revision(x.r.Value("revision"))}
	notices := []foresight.Notice{x.notice(look.Own, notice)}
	for _, one := range look.With {
		if !slices.Contains(x.r.Values("with"), one.Activity.PublicID) {
			continue
		}
		request.With = append(request.With, one.Activity.ID)
		notices = append(notices, x.notice(one, notice))
	}
	told, err := x.area.foresight.Reached(ctx, notices...)
	if err != nil {
		return err
	}
	if cause := do(ctx, id, x.r.Actor, request); cause != nil {
		if look, err = foresee(ctx, id, x.id); err != nil || !shown(cause) {
			return x.refuse(cause)
		}
		if x.inst, err = x.area.core.Engine().Instance(ctx, x.area.core.DB(), x.ref); err != nil {
			return err
		}
		return x.listRest(look, notice, cause)
	}
	return x.r.Redirect(back(x.r, x.on), site.Counted("staff.flash."+x.what, told))
}

// notice is what tells of a change of one instance.
func (x *changing) notice(c pause.Change, notice string) foresight.Notice {
	ref, state := x.ref, x.inst.State
	if c.Activity != nil {
		ref, state = c.Activity.Ref(), c.Activity.State
	}
	told := definition.Action{Notice: notice, To: c.Audience}
	return foresight.Notice{Ref: ref, Action: told, State: state, At: x.r.Now, By: x.r.Actor.Person}
}

// listRest lists every date that would rest or move, of the process and of each
// activity that may follow it. After a refusal, which cause says, they are as
// they are now, with the activities that were chosen.
func (x *changing) listRest(look pause.Outlook, notice string, cause error) error {
	p, err := x.page()
	if err != nil {
		return err
	}
	if cause != nil {
		p.Errors, p.status = page.FieldErrors(x.r.Lang, cause), page.Status(cause)
	}
	if p.Told, err = x.area.foresight.Reached(x.r.Context(), x.notice(look.Own, notice)); err != nil {
		return err
	}
	own, err := x.resting(look.Own)
	if err != nil {
		return err
	}
	parts := []page.Dates{own}
	for _, one := range look.With {
		told, err := x.area.foresight.Reached(x.r.Context(), x.notice(one, notice))
		if err != nil {
			return err
		}
		part, err := x.resting(one)
		if err != nil {
			return err
		}
		parts = append(parts, part)
		p.With = append(p.With, page.Option{
			ID: "con-" + strconv.FormatInt(int64(one.Activity.ID), 10), Name: "with", Value: one.Activity.PublicID, Type: "checkbox",
			Checked: cause == nil || slices.Contains(x.r.Values("with"), one.Activity.PublicID),
			Label:   one.Activity.Title, Hint: x.r.T("staff.change.with.told", "n", told),
		})
	}
	for _, a := range look.Alone {
		p.Alone = append(p.Alone, a.Title+" ("+kindWord(x.r.Lang, a.Kind)+")")
	}
	p.WithLegend = x.r.T("staff.change." + x.what + ".with")
	return x.list(p, parts...)
}

// resting are the dates of one instance. What a suspension stops has no new date
// yet.
func (x *changing) resting(c pause.Change) (page.Dates, error) {
	gone := "staff.change.rests"
	if x.what == gate.Resume {
		gone = "staff.extend.gone"
	}
	def, out := x.def, page.Dates{Caption: x.r.T("staff.change." + x.what + ".moves")}
	if c.Activity != nil && x.on == nil {
		var err error
		if def, err = x.area.core.Engine().Resolve(x.r.Context(), x.area.core.DB(), c.Activity.Definition, c.Activity.Version); err != nil {
			return out, err
		}
		out.Title = c.Activity.Title
	}
	moves := c.Moved
	if x.what == gate.Resume && !c.Old.Equal(c.New) && !slices.ContainsFunc(moves, func(m workflow.Move) bool { return m.Name == definition.AnchorEnd }) {
		moves = append([]workflow.Move{{Name: definition.AnchorEnd, Old: c.Old, New: c.New}}, moves...) // it was told already, and moves all the same
	}
	for _, m := range moves {
		row := x.moved(def, m, gone)
		if m.Name == definition.AnchorEnd {
			row.Name, row.End = endName(x.r, c.Activity), true
		}
		out.Rows = append(out.Rows, row)
	}
	along, err := x.along(c.Process)
	out.Rows = append(out.Rows, along...)
	slices.SortStableFunc(out.Rows, func(a, b page.DateRow) int { return comes(a).Compare(comes(b)) })
	out.Rows = append(out.Rows, gate.Later(x.r.Words(), c.Later)...)
	if x.what == gate.Resume && len(out.Rows) == 0 && !c.New.IsZero() {
		out.Stays = x.r.T("staff.change.resume.stays", "day", teller{x.r.Lang, x.r.Now}.words(x.r.Gate.Process).EndDay(c.New))
	}
	return out, err
}

// comes is when a row's date comes: the one that it had, where it has no new one.
func comes(row page.DateRow) time.Time {
	if row.New.IsZero() {
		return row.Old
	}
	return row.New
}

// endName is what the end of a term is called: of a phase, or of an activity.
func endName(r *site.Request, on *process.Activity) string {
	if on == nil {
		return r.T("staff.extend.close.phase")
	}
	return r.T("staff.extend.close")
}

func (x *changing) endName() string { return endName(x.r, x.on) }
