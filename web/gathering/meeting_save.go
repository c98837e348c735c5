package gathering

import (
	"fmt"
	"net/http"
	"strings"

	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
)

// meetingPage moves, corrects or cancels one meeting.
type meetingPage struct {
	page.Base

	Action  string
	Back    string
	Meeting meetingView
	Fields  []page.Field
	Told    []string // who hears of a new date or place
	Cancel  *page.Field
}

func editPath(s *scene, m meeting.Meeting) string {
	return fmt.Sprintf("%s/incontri/%d", s.root(), m.Position)
}

func (h *desk) meetingAdd(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	d := draftOf(r)
	m, err := h.meetings.Schedule(r.Context(), s.process.ID, s.activity.ID, r.Actor, d)
	if err != nil {
		return h.staffBack(r, s, inMeeting, err, sent{meeting: d})
	}
	return r.Redirect(s.root()+"#meeting", site.Once(m.Already, "gathering.flash.scheduled"))
}

func (h *desk) meetingShow(r *site.Request) error {
	s, m, err := h.pending(r)
	if err != nil {
		return err
	}
	return h.meetingPage(r, s, m, meeting.DraftOf(m, s.process.Location()), sent{})
}

// pending finds the meeting in the path while it can still change.
func (h *desk) pending(r *site.Request) (*scene, meeting.Meeting, error) {
	s, err := h.of(r)
	if err != nil {
		return nil, meeting.Meeting{}, err
	}
	m, err := s.at(r)
	switch {
	case err != nil:
	case m.Cancelled():
		err = fault.New(fault.NotFound, "meeting.not_found")
	case m.Begun(s.now):
		err = fault.New(fault.Closed, "meeting.begun")
	case !s.can("convene"):
		err = fault.New(fault.Closed, "meeting.closed_convene")
	}
	return s, m, err
}

func (h *desk) meetingPage(r *site.Request, s *scene, m meeting.Meeting, d meeting.Draft, form sent) error {
	title := r.T("gathering.edit.title")
	p := meetingPage{
		Base: h.frame(r, s, title, title), Action: editPath(s, m), Back: s.root(),
		Meeting: h.meetingView(r, s, m, ""), Fields: h.meetingFields(r, d, s.process.Location()), Told: h.told(r, s),
	}
	p.Errors = form.errors
	if len(s.live()) > 1 {
		field := reasonField(r, inCallOff, form.reason, s.announced())
		p.Cancel = &field
	}
	status := form.status
	if status == 0 {
		status = http.StatusOK
	}
	return r.PageStatus(status, "gathering/meeting", p)
}

func (h *desk) meetingSave(r *site.Request) error {
	s, m, err := h.pending(r)
	if err != nil {
		return err
	}
	d := draftOf(r)
	saved, err := h.meetings.Reschedule(r.Context(), s.process.ID, s.activity.ID, r.Actor, meeting.Rescheduling{Meeting: m.ID, Draft: d})
	if err != nil {
		form := sent{}
		var ok bool
		if form.refused, ok = refusal(r, inMeeting, err); !ok {
			return err
		}
		return h.meetingPage(r, s, m, d, form)
	}
	flash := "gathering.flash.corrected"
	if saved.Sequence != m.Sequence && s.announced() {
		flash = "gathering.flash.moved"
	}
	return r.Redirect(s.root()+"#meeting", flash)
}

func (h *desk) meetingCancel(r *site.Request) error {
	s, m, err := h.pending(r)
	if err != nil {
		return err
	}
	reason := r.Value("reason")
	err = h.meetings.Cancel(r.Context(), s.process.ID, s.activity.ID, r.Actor, meeting.Cancellation{Meeting: m.ID, Reason: reason})
	if err != nil {
		form := sent{reason: reason}
		var ok bool
		if form.refused, ok = refusal(r, inCallOff, err); !ok {
			return err
		}
		return h.meetingPage(r, s, m, meeting.DraftOf(m, s.process.Location()), form)
	}
	return r.Redirect(s.root()+"#meeting", "gathering.flash.cancelled")
}

// callOff cancels the meetings and the activity: those concerned read why.
func (h *desk) callOff(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(r.Value("reason"))
	if err := h.meetings.CallOff(r.Context(), s.process.ID, s.activity.ID, r.Actor, reason); err != nil {
		return h.staffBack(r, s, inCallOff, err, sent{reason: reason})
	}
	return r.Redirect(s.root(), "gathering.flash.off")
}
