package desk

import (
	"html/template"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/foresight"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

// activityPage answers "who is silent, where, may I advance, and if not why?",
// and before the opening "what is missing?".
type activityPage struct {
	page.Base
	Heading  string
	Root     string
	Public   string // address of the public page
	Contacts string // where the contact list is loaded
	Try      string // address of the preview as participant
	Chip     page.Chip
	Lead     template.HTML
	Track    page.Track
	Run      bool // the viewer may invite, remind, extend
	People   bool // the viewer may read who was invited
	Results  bool // the viewer may read results before everybody

	Counted bool // somebody was invited
	Funnel  page.Funnel
	Detail  string
	Zones   *page.Table

	Setup     bool // before the opening
	Questions questionsPanel
	End       *page.Field
	Closes    *page.Deadline
	Clash     []string // how its own end contradicts its phase's
	Phase     page.Link
	Closing   bool
	Closed    bool

	Remind  *remindPanel
	Invite  *invitePanel
	Change  *gate.Change
	Moves   gate.View
	Process *gate.View

	Target      float64
	Below       page.Table
	BelowCount  int
	Reached     page.Table
	ReachedRows int
	Total       template.HTML
}

type questionsPanel struct {
	Text     string
	Ready    bool
	Problems int
}

// remindPanel offers a reminder; Next is when one can be sent again, zero for
// now.
type remindPanel struct {
	Silent, NotSent, Bounced int
	Next                     time.Time
}

// invitePanel offers the contact list, whole or by municipality.
type invitePanel struct {
	Contacts int // whom an invitation to all would add at most
	Places   []page.Choice
	Open     bool // invited people are written to at once
}

// showing is an activity page in the making.
type showing struct {
	h      *staff
	r      *site.Request
	a      process.Activity
	q      questionnaire.Questionnaire
	funnel roster.Funnel
	page   activityPage
	first  time.Time // when its state began the first time
}

func (h *staff) view(r *site.Request) (*showing, error) {
	a, err := r.Activity(Kind)
	if err != nil {
		return nil, err
	}
	s := &showing{h: h, r: r, a: a}
	if s.q, err = h.q.Load(r.Context(), a.ProcessID, a.ID); err != nil {
		return nil, err
	}
	if s.funnel, err = h.roster.Funnel(r.Context(), a.ProcessID, a.ID); err != nil {
		return nil, err
	}
	s.page = activityPage{
		Base: frame(r, a, a.Title, ""), Heading: a.Title, Root: Root(r, a), Public: publicOf(r, a), Target: h.target, Try: Root(r, a) + previewPath, Contacts: gate.Home(r.Gate.Process.Slug) + "/contatti",
		Run:     process.Allow(process.ActActivityRun, r.Gate.Standing, r.Gate.At) == nil,
		People:  process.Allow(process.ActContactImport, r.Gate.Standing, r.Gate.At) == nil,
		Results: process.Allow(process.ActResultRead, r.Gate.Standing, r.Gate.At) == nil,
		Setup:   a.State == "draft" || a.State == "ready",
		Closing: a.State == "closing", Closed: a.State == "closed", Counted: s.funnel.Invited > 0,
	}
	s.numbers()
	s.places()
	for _, step := range []func() error{s.state, s.began, s.clash, s.questions, s.invite, s.moves, s.track} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	s.lead()
	return s, nil
}

// publicOf is the address of an activity's page for everybody.
func publicOf(r *site.Request, a process.Activity) string {
	return "/percorsi/" + r.Gate.Process.Slug + "/" + Kind + "/" + a.PublicID
}

// state fills what depends on where the questionnaire is: its chip, its end,
// the reminder and the extension.
func (s *showing) state() error {
	def, err := s.h.core.Engine().Resolve(s.r.Context(), s.h.core.DB(), s.a.Definition, s.a.Version)
	if err != nil {
		return err
	}
	st, _ := def.State(s.a.State)
	s.page.Chip = page.Chip{Label: st.Title.In(s.r.Lang)}
	open := s.a.State == "open"
	switch {
	case open || s.page.Closing:
		s.page.Chip.State = page.Current
	case s.page.Closed:
		s.page.Chip.State, s.page.Chip.Icon = page.Done, "it-check"
	}
	if s.page.Setup {
		s.endField()
		return nil
	}
	if s.a.DueAt != nil {
		s.page.Closes = &page.Deadline{At: *s.a.DueAt}
		if open {
			s.page.Closes.Note = s.r.T("activity.closing.grace")
		}
	}
	if s.a.Held() {
		s.page.Chip = gate.Resting(s.r)
	}
	if !open || !s.page.Run || s.a.DueAt == nil || !s.a.Held() && !s.r.Now.Before(*s.a.DueAt) {
		return nil
	}
	if s.page.Change, err = gate.ReadChange(s.r, s.h.core, &s.a); err != nil {
		return err
	}
	if c := s.page.Change; c != nil {
		c.Back = s.page.Root + "#deadline"
		if c.Due != nil {
			c.Due.Note = s.page.Closes.Note
		}
	}
	if s.a.Held() {
		return nil
	}
	s.page.Remind = &remindPanel{NotSent: s.funnel.Invited - s.funnel.Answered, Bounced: s.funnel.Bounced}
	if s.page.Remind.Next, err = s.h.roster.NextReminder(s.r.Context(), s.a, s.r.Now); err != nil {
		return err
	}
	s.page.Remind.Silent, err = s.h.roster.Silent(s.r.Context(), s.a.ProcessID, s.a.ID, roster.Scope{})
	return err
}

// clash warns of an end that contradicts the phase's.
func (s *showing) clash() error {
	pairs, err := s.h.foresight.Pairs(s.r.Context(), s.r.Gate.Process, foresight.Change{})
	if pair, ok := gate.PairOf(pairs, s.a.ID); ok {
		s.page.Clash = gate.Clashes(s.r, []foresight.Pair{pair})
		s.page.Phase = page.Link{Label: s.r.T("staff.clash.mend"), Href: gate.Fix(s.r.Gate.Process, nil, "deadline")}
	}
	return err
}

// endField is the control of the closing day before the opening.
func (s *showing) endField() {
	zone := s.r.Gate.Process.Location()
	s.page.End = &page.Field{
		ID: "end", Name: "end", Type: "date", Required: true, Label: s.r.T("activity.end.label"), Hint: s.r.T("activity.end.hint"),
		Low: s.r.Now.In(zone).Format(time.DateOnly),
	}
	if end := s.q.ClosesAt; end != nil {
		s.page.End.Value = end.Add(-time.Second).In(zone).Format(time.DateOnly)
		s.page.Closes = &page.Deadline{At: *end}
	}
	if s.page.Run || process.Allow(process.ActActivityEdit, s.r.Gate.Standing, s.r.Gate.At) == nil {
		return
	}
	s.page.End = nil
}

func (s *showing) questions() error {
	n := len(numbers(&s.q.Definition))
	p := questionsPanel{Problems: form.Errors(form.Check(s.q.Definition))}
	switch {
	case s.q.Published == nil:
		p.Text = s.r.T("activity.questions.draft", "n", n)
	case s.q.Changed:
		p.Text = s.r.T("activity.questions.changed", "n", n, "version", s.q.Published.Number)
	default:
		p.Text, p.Ready = s.r.T("activity.questions.published", "n", n, "version", s.q.Published.Number), true
	}
	s.page.Questions = p
	return nil
}

// invite offers who can still be invited, while the questionnaire allows it.
func (s *showing) invite() error {
	if !s.page.Run || s.page.Closed || s.page.Closing || s.a.State == "cancelled" || s.a.Held() { // a suspension takes in no invitation
		return nil
	}
	places, err := s.h.roster.Places(s.r.Context(), s.a.ProcessID)
	if err != nil {
		return err
	}
	p := &invitePanel{Open: s.a.State == "open"}
	for _, place := range places {
		p.Contacts += place.Reachable
		if place.Territory != 0 && place.Reachable > 0 {
			p.Places = append(p.Places, page.Choice{
				Value: strconv.FormatInt(int64(place.Territory), 10),
				Label: place.Name, Hint: s.r.T("activity.invite.contacts", "n", place.Reachable),
			})
		}
	}
	s.page.Invite = p
	return nil
}

// moves fills the two gates: of the questionnaire, and of the process that it
// belongs to.
func (s *showing) moves() error {
	options, err := s.h.core.Explain(s.r.Context(), s.a.ProcessID, s.a.ID, s.r.Actor)
	if err != nil {
		return err
	}
	looks, err := s.h.foresight.Moves(s.r.Context(), s.r.Gate.Process, &s.a, options, s.r.Now)
	if err != nil {
		return err
	}
	s.page.Moves = gate.Build(s.r, options, &s.a).Foreseen(s.r, looks)
	if options, err = s.h.core.Explain(s.r.Context(), s.a.ProcessID, 0, s.r.Actor); err != nil {
		return err
	}
	_, inst, err := s.h.core.Definition(s.r.Context(), s.h.core.DB(), s.r.Gate.Process)
	if err != nil {
		return err
	}
	if looks, err = s.h.foresight.Moves(s.r.Context(), s.r.Gate.Process, nil, options, s.r.Now); err != nil {
		return err
	}
	v := gate.Build(s.r, options, nil).At(inst.Revision).Of(s.r, inst).Foreseen(s.r, looks)
	v.ID, v.Back, v.More = "fase", s.page.Root, nil
	v.Title = s.r.T("activity.gate.process")
	if len(v.Moves) > 0 && !s.page.Setup {
		s.page.Process = &v
	}
	return nil
}

// relocate lets the summary of errors point at the control that is on the page.
func (p *activityPage) relocate(field, control string) {
	for n := range p.Errors {
		if p.Errors[n].Field == field {
			p.Errors[n].Field = control
		}
	}
}
