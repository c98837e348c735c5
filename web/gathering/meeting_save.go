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
	// Revision is the one that the fields were read from, or must be saved over.
	Revision int64
	Conflict *page.Conflict
	Told     []string // who hears of a new date or place
	Cancel   *page.Field
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
	return h.meetingPage(r, s, m, saved(s, m), sent{})
}

// saved is what the form of a meeting shows before anybody writes in it.
func saved(s *scene, m meeting.Meeting) meeting.Rescheduling {
	return meeting.Rescheduling{Meeting: m.ID, Revision: m.Revision, Draft: meeting.DraftOf(m, s.process.Location())}
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
	case m.Begun(s.clock()):
		err = fault.New(fault.Closed, "meeting.begun")
	case !s.can("convene"):
		err = fault.New(fault.Closed, "meeting.closed_convene")
	}
	return s, m, err
}

// meetingPage shows the form with what c holds. After a conflict c takes the
// present revision: sending it again is then a decision.
func (h *desk) meetingPage(r *site.Request, s *scene, m meeting.Meeting, c meeting.Rescheduling, form sent) error {
	title := r.T("gathering.edit.title")
	p := meetingPage{
		Base: h.frame(r, s, title, title), Action: editPath(s, m), Back: s.root(),
		Meeting: h.meetingView(r, s, m, ""), Fields: h.meetingFields(r, c.Draft, s.process.Location()), Told: h.told(r, s),
		Revision: c.Revision,
	}
	p.Errors = form.errors
	if form.status == http.StatusConflict {
		p.Conflict = page.Compare(h.meetingFields(r, saved(s, m).Draft, s.process.Location()), p.Fields)
		p.Revision = m.Revision
	}
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
	c := meeting.Rescheduling{Meeting: m.ID, Revision: revision(r), Draft: draftOf(r)}
	now, err := h.meetings.Reschedule(r.Context(), s.process.ID, s.activity.ID, r.Actor, c)
	if err != nil {
		form := sent{}
		var ok bool
		if form.refused, ok = refusal(r, inMeeting, err); !ok {
			return err
		}
		// Read again: somebody may have saved since.
		if s, m, err = h.pending(r); err != nil {
			return err
		}
		return h.meetingPage(r, s, m, c, form)
	}
	flash := "gathering.flash.corrected"
	if now.Moved(m) && s.announced() {
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
		return h.meetingPage(r, s, m, saved(s, m), form)
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
