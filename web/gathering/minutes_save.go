package gathering

import (
	"net/http"
	"strconv"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
)

// minutesPage is the editor of the minutes. Theirs is what somebody else saved
// meanwhile, nil when nobody did.
type minutesPage struct {
	page.Base

	Action   string
	Back     string
	Saved    meeting.Minutes
	Fields   []page.Field
	Revision int64
	Theirs   *meeting.Minutes
	Edit     bool
	Publish  bool
	Kept     string // what was written when it could no longer be saved
}

// typedMinutes is what a form says: the number stays text.
type typedMinutes struct {
	body, present string
	revision      int64
}

func (h *desk) minutesShow(r *site.Request) error {
	s, saved, err := h.minutesOf(r)
	if err != nil {
		return err
	}
	typed := typedMinutes{body: saved.Body, revision: saved.Revision}
	if saved.Present > 0 {
		typed.present = strconv.Itoa(saved.Present)
	}
	return h.minutesPage(r, s, saved, typed, refused{})
}

func (h *desk) minutesOf(r *site.Request) (*scene, meeting.Minutes, error) {
	s, err := h.of(r)
	if err != nil {
		return nil, meeting.Minutes{}, err
	}
	m, err := h.meetings.Minutes(r.Context(), s.process.ID, s.activity.ID)
	return s, m, err
}

func (h *desk) minutesPage(r *site.Request, s *scene, saved meeting.Minutes, typed typedMinutes, back refused) error {
	title := r.T("gathering.minutes.title")
	p := minutesPage{
		Base: h.frame(r, s, title, title), Action: s.root() + "/verbale", Back: s.root(), Saved: saved, Revision: typed.revision,
		Edit: s.can("minute") && may(r, process.ActOutcomeEdit),
		Fields: prefixed(inMinutes,
			page.Field{
				Name: "present", Label: r.T("gathering.field.present"), Hint: r.T("gathering.field.present.hint"),
				Type: "number", Low: "0", Mode: "numeric", Value: typed.present,
			},
			page.Field{
				Name: "body", Label: r.T("gathering.field.body"), Hint: r.T("gathering.field.body.hint"), Type: "textarea",
				Rows: 18, Value: typed.body, Required: true,
			}),
	}
	p.Publish = p.Edit && saved.PublishedAt == nil && saved.Body != "" && back.status == 0 && may(r, process.ActActivityEnd)
	p.Errors = back.errors
	if !p.Edit && typed.body != saved.Body {
		p.Kept = typed.body
	}
	status := back.status
	if status == 0 {
		status = http.StatusOK
	}
	if status == http.StatusConflict && saved.Revision != typed.revision {
		p.Theirs, p.Revision = &saved, saved.Revision
	}
	return r.PageStatus(status, "gathering/minutes", p)
}

// minutesSave keeps what was written when somebody else saved first: both texts
// come back, and sending again is then a decision.
func (h *desk) minutesSave(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	typed := typedMinutes{body: r.Value("body"), present: r.Value("present"), revision: int64(whole(r.Value("revision")))}
	_, err = h.meetings.SaveMinutes(r.Context(), s.process.ID, s.activity.ID, r.Actor, meeting.Minutes{
		Body: typed.body, Present: whole(typed.present), Revision: typed.revision,
	})
	if err != nil {
		return h.minutesBack(r, s, err, &typed)
	}
	return r.Redirect(s.root()+"#minutes", "gathering.flash.minutes")
}

// minutesPublish makes public what the person read: a text that changed
// meanwhile is shown first.
func (h *desk) minutesPublish(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	err = h.meetings.PublishMinutes(r.Context(), s.process.ID, s.activity.ID, r.Actor, int64(whole(r.Value("revision"))))
	if err != nil {
		return h.minutesBack(r, s, err, nil)
	}
	return r.Redirect(s.root()+"#minutes", "gathering.flash.minutes_published")
}

func (h *desk) minutesBack(r *site.Request, s *scene, err error, typed *typedMinutes) error {
	back, ok := refusal(r, inMinutes, err)
	if !ok {
		return err
	}
	saved, problem := h.meetings.Minutes(r.Context(), s.process.ID, s.activity.ID)
	if problem != nil {
		return problem
	}
	if typed == nil {
		typed = &typedMinutes{body: saved.Body, present: strconv.Itoa(saved.Present), revision: saved.Revision}
	}
	if fault.Is(err, fault.Closed) {
		typed.revision = saved.Revision
	}
	return h.minutesPage(r, s, saved, *typed, back)
}
