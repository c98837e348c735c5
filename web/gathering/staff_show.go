package gathering

import (
	"net/http"
	"slices"
	"strings"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
)

// staffPage is the workspace page of an activity. A nil form is one that the
// reader, or the state, does not allow.
type staffPage struct {
	page.Base

	Manner
	Name      string // the kind's, with a capital
	Chip      page.Chip
	Purpose   string
	Off       bool
	Track     *page.Track
	Root      string
	Public    string // "" while nobody outside can read it
	Intro     string
	Meetings  []meetingView
	Add       []page.Field
	First     bool // no meeting yet: the form to add one stands open
	Setting   *settingView
	Facts     page.Facts
	Moves     gate.View
	Change    *gate.Change
	People    *peopleView
	Present   []presenceForm
	Materials []materialView
	Publish   []page.Field
	Paper     *paperView
	CallOff   *callOffView
}

type settingView struct {
	Fields   []page.Field
	Recorded page.Option
	Revision int64
}

type paperView struct {
	meeting.Minutes
	Edit, CanPublish bool
}

type callOffView struct {
	Label, Heading string
	Told           []string
	Reason         page.Field
	Quiet          bool // nobody is told
}

// sent is what the forms of the page hold: what is saved, or what was typed in
// the one that comes back.
type sent struct {
	refused

	meeting  meeting.Draft
	setting  *settingForm
	material meeting.Material
	reason   string
	roll     *rollForm
}

func (h *desk) staffShow(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	return h.staffPage(r, s, sent{})
}

// staffBack shows the page again with a form that was refused; other errors go
// on to where errors are written.
func (h *desk) staffBack(r *site.Request, s *scene, prefix string, err error, form sent) error {
	var ok bool
	if form.refused, ok = refusal(r, prefix, err); !ok {
		return err
	}
	return h.staffPage(r, s, form)
}

func (h *desk) staffPage(r *site.Request, s *scene, form sent) error {
	p := staffPage{
		Base: h.frame(r, s, s.activity.Title, ""), Manner: h.Manner, Name: h.t(r, "kind"), Chip: s.chip(r),
		Track: s.track(r), Root: s.root(), Off: s.off(), Intro: s.activity.Intro, Facts: h.facts(r, s),
	}
	st, _ := s.def.State(s.activity.State)
	p.Purpose, p.Errors = st.Purpose.In(r.Lang), form.errors
	if s.process.Published() && s.announced() {
		p.Public = s.public()
	}
	for _, load := range []func(*site.Request, *scene, sent, *staffPage) error{
		h.showMeetings, h.showMoves, h.showPeople, h.showMaterials, h.showMinutes,
	} {
		if err := load(r, s, form, &p); err != nil {
			return err
		}
	}
	status := form.status
	if status == 0 {
		status = http.StatusOK
	}
	return r.PageStatus(status, "gathering/staff", p)
}

// chip is the present state, or that it rests.
func (s *scene) chip(r *site.Request) page.Chip {
	c := page.Chip{Label: s.state(r.Lang)}
	switch {
	case s.off():
		c.State = page.Late
	case s.activity.Held():
		c = gate.Resting(r)
	}
	return c
}

// frame fills the frame of a workspace page; here is the last crumb, "" on the
// activity's own page.
func (h *desk) frame(r *site.Request, s *scene, title, here string) page.Base {
	crumbs := []page.Crumb{{Label: s.process.Title, Href: gate.Home(s.process.Slug)}}
	if here == "" {
		crumbs = append(crumbs, page.Crumb{Label: s.activity.Title})
	} else {
		crumbs = append(crumbs, page.Crumb{Label: s.activity.Title, Href: s.root()}, page.Crumb{Label: here})
	}
	return r.Workspace(title, "manage", crumbs...)
}

func (h *desk) showMeetings(r *site.Request, s *scene, form sent, p *staffPage) error {
	convene := s.can("convene")
	p.First = len(s.live()) == 0
	anchored := false
	for _, m := range s.meetings {
		v := h.meetingView(r, s, m, "")
		v.JoinURL = m.JoinURL
		if p.Public != "" && !v.Cancelled && !v.Over {
			v.Calendar = h.meetingView(r, s, m, p.Public).Calendar
		}
		if convene && !m.Cancelled() && !m.Begun(s.clock()) && may(r, process.ActActivityRun) {
			v.Edit = editPath(s, m)
		}
		v.Anchor = !anchored && !v.Cancelled && (m.Agenda == "" || len(s.live()) == 1)
		anchored = anchored || v.Anchor
		p.Meetings = append(p.Meetings, v)
	}
	if !convene || !may(r, process.ActActivityEdit) {
		return nil
	}
	p.Add = h.meetingFields(r, form.meeting, s.process.Location())
	typed := settingOf(s.setting)
	if form.setting != nil {
		typed = *form.setting
	}
	over := 0
	if s.places.Over(s.setting.Capacity) > 0 {
		over = s.places.Registered
	}
	p.Setting = &settingView{
		Fields: h.settingFields(r, typed, over), Revision: typed.Revision,
		Recorded: page.Option{
			ID: inSetting + "recorded", Name: "recorded", Value: "1", Type: "checkbox", Checked: typed.Recorded,
			Label: r.T("gathering.field.recorded"), Hint: r.T("gathering.field.recorded.hint"),
		},
	}
	return nil
}

// facts are the settings in words, for whom the form is not.
func (h *desk) facts(r *site.Request, s *scene) page.Facts {
	words := r.Words()
	places := r.T("gathering.places.unlimited")
	if s.setting.Capacity > 0 {
		places = r.T("gathering.places.of", "n", s.places.Registered, "total", words.Num(s.setting.Capacity, 0))
	}
	recorded := r.T("gathering.recorded.no")
	if s.setting.Recorded {
		recorded = r.T("gathering.recorded.yes")
	}
	facts := page.Facts{Items: []page.Fact{
		{Term: r.T("gathering.fact.places"), Text: places},
		{Term: r.T("gathering.fact.recorded"), Text: recorded},
	}}
	if h.Online {
		facts.Items = append(facts.Items, page.Fact{
			Term: r.T("gathering.fact.opens"), Text: r.T("gathering.opens", "n", s.setting.JoinOpensBefore),
		})
	}
	return facts
}

// showMoves leaves cancelling out of the gate: calling off has a form of its
// own here, which tells people first.
func (h *desk) showMoves(r *site.Request, s *scene, form sent, p *staffPage) error {
	options, err := h.core.Explain(r.Context(), s.process.ID, s.activity.ID, r.Actor)
	if err != nil {
		return err
	}
	var off *workflow.Option
	options = slices.DeleteFunc(slices.Clone(options), func(o workflow.Option) bool {
		if o.Transition.Event == "cancel" {
			off = &o
			return true
		}
		return false
	})
	p.Moves = gate.Build(r, options, &s.activity)
	if p.Change, err = gate.ReadChange(r, h.core, &s.activity); err != nil {
		return err
	}
	if !s.def.Final(s.activity.State) && !s.activity.Held() {
		p.Moves.Empty = r.T("gathering.moves.none")
	}
	if off == nil || (s.announced() && s.begun()) || !s.can("convene") || !may(r, process.ActActivityEnd) {
		return nil
	}
	p.CallOff = &callOffView{
		Label: off.Label.In(r.Lang), Heading: off.Label.In(r.Lang), Told: h.told(r, s), Quiet: !s.announced(),
		Reason: reasonField(r, inCallOff, form.reason, s.announced()),
	}
	return nil
}

// told says in words who hears of a change, nothing while nobody does.
func (h *desk) told(r *site.Request, s *scene) []string {
	if !s.announced() {
		return nil
	}
	var out []string
	if s.places.Registered > 0 || !strings.Contains(s.setting.Told, "followers") {
		out = append(out, r.T("gathering.told.registered", "n", s.places.Registered))
	}
	if s.places.Waiting > 0 {
		out = append(out, r.T("gathering.told.waiting", "n", s.places.Waiting))
	}
	if strings.Contains(s.setting.Told, "followers") {
		out = append(out, r.T("gathering.told.followers"))
	}
	return out
}

func (h *desk) showMaterials(r *site.Request, s *scene, form sent, p *staffPage) (err error) {
	if p.Materials, err = h.materials(r, s); err != nil {
		return err
	}
	if s.can("publish") && may(r, process.ActActivityEnd) {
		p.Publish = materialFields(r, form.material)
		for i := range p.Materials {
			p.Materials[i].Own = true
		}
	}
	return nil
}

func (h *desk) showMinutes(r *site.Request, s *scene, _ sent, p *staffPage) error {
	if !h.Minutes || !s.announced() {
		return nil
	}
	m, err := h.meetings.Minutes(r.Context(), s.process.ID, s.activity.ID)
	if err != nil || m.Revision == 0 && !s.can("minute") {
		return err
	}
	p.Paper = &paperView{
		Minutes: m, Edit: s.can("minute") && may(r, process.ActOutcomeEdit),
		CanPublish: s.can("minute") && m.PublishedAt == nil && m.Body != "" && may(r, process.ActActivityEnd),
	}
	return nil
}
