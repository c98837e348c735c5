// Package operator is the page of whoever keeps the platform running: what waits
// to be sent, what stands in its way and what to do about it.
package operator

import (
	"strconv"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/operator"
	"arengo/web/page"
	"arengo/web/site"
)

// Path is the address of the page.
const Path = "/amministrazione/messaggi"

// area is what the handlers of this package work with.
type area struct{ desk *operator.Service }

// Routes are the page and its forms.
func Routes(s *site.Site) []site.Route {
	a := &area{desk: operator.New(s.Core)}
	return []site.Route{
		site.Get(Path, process.ActAdminister, a.show),
		site.Post(Path+"/canale/ferma", process.ActAdminister, a.channelPause),
		site.Post(Path+"/canale/riprendi", process.ActAdminister, a.channelResume),
		site.Post(Path+"/avviso/ferma", process.ActAdminister, a.noticePause),
		site.Post(Path+"/avviso/riprendi", process.ActAdminister, a.noticeResume),
	}
}

func (a *area) show(r *site.Request) error {
	p, err := a.page(r, nil)
	if err != nil {
		return err
	}
	return r.Page("operator/messages", p)
}

func (a *area) channelPause(r *site.Request) error {
	channel := r.Value("channel")
	err := a.desk.PauseChannel(r.Context(), r.Actor, channel, r.Value("why"))
	return a.done(r, "operator.flash.paused", "canale-"+channel, err)
}

func (a *area) channelResume(r *site.Request) error {
	return a.done(r, "operator.flash.resumed", "", a.desk.ResumeChannel(r.Context(), r.Actor, r.Value("channel")))
}

func (a *area) noticePause(r *site.Request) error {
	id, notice, err := noticeOf(r)
	if err != nil {
		return err
	}
	err = a.desk.PauseNotice(r.Context(), r.Actor, id, notice, r.Value("why"))
	return a.done(r, "operator.flash.notice_paused", noticeForm(id, notice), err)
}

func (a *area) noticeResume(r *site.Request) error {
	id, notice, err := noticeOf(r)
	if err != nil {
		return err
	}
	return a.done(r, "operator.flash.notice_resumed", "", a.desk.ResumeNotice(r.Context(), r.Actor, id, notice))
}

// done goes back to the page, or shows it again with what was refused at the form
// whose field it is.
func (a *area) done(r *site.Request, flash, form string, cause error) error {
	if cause == nil {
		return r.Redirect(Path, flash)
	}
	if !fault.Is(cause, fault.Invalid) || form == "" {
		return cause
	}
	p, err := a.page(r, &refused{form: form, why: r.Value("why"), cause: cause})
	if err != nil {
		return err
	}
	return r.PageStatus(page.Status(cause), "operator/messages", p)
}

// noticeOf reads which notice a form is about; one of no process is of process 0.
func noticeOf(r *site.Request) (process.ID, int64, error) {
	id, err := strconv.ParseInt(r.Value("process"), 10, 64)
	if err != nil {
		return 0, 0, fault.New(fault.Invalid, "")
	}
	notice, err := strconv.ParseInt(r.Value("notice"), 10, 64)
	if err != nil {
		return 0, 0, fault.New(fault.Invalid, "")
	}
	return process.ID(id), notice, nil
}

func noticeForm(id process.ID, notice int64) string {
	return "avviso-" + strconv.FormatInt(int64(id), 10) + "-" + strconv.FormatInt(notice, 10)
}
