package gathering

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"arengo/process/meeting"
	"arengo/web/site"
)

// meetingView is a meeting as the pages show it. JoinURL is set for the staff
// alone, Edit and Calendar where they lead somewhere.
type meetingView struct {
	ID                 string // of its heading
	Title              string
	StartsAt, EndsAt   time.Time
	Place, JoinURL     string
	Agenda             string
	Cancelled          bool
	Over, Now          bool
	Rests              bool // it does not take place until its activity resumes
	Edit, Calendar     string
	SameDay            bool
	Anchor             bool   // its agenda is what the gate's remedy leads to
	Heading            string // the title, or the kind's words for when and where
	AgendaTitle, Where string
	NoAgenda           string
	Opens              time.Time
	Online             bool
}

func (h *desk) meetingView(r *site.Request, s *scene, m meeting.Meeting, calendar string) meetingView {
	zone := s.process.Location()
	v := meetingView{
		ID: fmt.Sprintf("incontro-%d", m.Position), Title: m.Title, StartsAt: m.StartsAt, EndsAt: m.EndsAt, Place: m.Place, Agenda: points(m.Agenda),
		Cancelled: m.Cancelled(), Over: m.Over(s.clock()), Now: !s.activity.Held() && m.Begun(s.now) && !m.Over(s.now),
		SameDay:     m.StartsAt.In(zone).Format(time.DateOnly) == m.EndsAt.In(zone).Format(time.DateOnly),
		AgendaTitle: h.t(r, "field.agenda"), Where: h.t(r, "field.place"), Online: h.Online,
		Opens: m.StartsAt.Add(-time.Duration(s.setting.JoinOpensBefore) * time.Minute),
	}
	v.Heading, v.NoAgenda = m.Title, h.t(r, "noagenda")
	if v.Heading == "" {
		v.Heading = h.t(r, "when")
	}
	v.Rests = s.activity.Held() && !v.Cancelled && !v.Over
	if calendar != "" && !v.Cancelled && !v.Over && !v.Rests {
		v.Calendar = fmt.Sprintf("%s/incontri/%d/calendario.ics", calendar, m.Position)
	}
	return v
}

// points makes a list of an agenda written as bare lines, which Markdown would
// run together; one with marks of its own stays as it is.
func points(agenda string) string {
	list := meeting.Points(agenda)
	if len(list) < 2 || marked.MatchString(agenda) {
		return agenda
	}
	var b strings.Builder
	for i, point := range list {
		fmt.Fprintf(&b, "%d. %s\n", i+1, point)
	}
	return b.String()
}

// marked finds a line that begins as Markdown does.
var marked = regexp.MustCompile(`(?m)^\s*([-*+#>|]|\d+[.)])`)

func (h *desk) meetingViews(r *site.Request, s *scene, list []meeting.Meeting, calendar string) []meetingView {
	out := make([]meetingView, len(list))
	for i, m := range list {
		out[i] = h.meetingView(r, s, m, calendar)
	}
	return out
}

// materialView is a material in a list.
type materialView struct {
	ID             meeting.MaterialID
	What           string
	Title, URL     string
	CreatedAt      time.Time
	Recording, Own bool // Own: the reader may take it back
}

func (h *desk) materials(r *site.Request, s *scene) ([]materialView, error) {
	list, err := h.meetings.Materials(r.Context(), s.process.ID, s.activity.ID)
	out := make([]materialView, len(list))
	for i, m := range list {
		out[i] = materialView{
			ID: m.ID, What: r.T("gathering.material." + string(m.Kind)), Title: m.Title, URL: m.URL,
			CreatedAt: m.CreatedAt, Recording: m.Kind == meeting.MaterialRecording,
		}
	}
	return out, err
}
