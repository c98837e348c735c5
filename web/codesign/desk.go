package codesign

import (
	"strconv"

	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

// deskPage is the workspace page of a lab.
type deskPage struct {
	page.Base
	Activity process.Activity
	Chip     page.Chip
	Purpose  string
	Facts    page.Facts
	Moves    gate.View
	Change   *gate.Change
	Desk     sitting.Desk

	CanPrepare bool
	Vote       []page.Field
	VoteBased  int64
	Tables     []tableView
	NewTable   []page.Field

	Seen      bool // names may be read
	People    []personView
	Unseated  int
	Waiting   int
	CanAttend bool
	Sitting   *meeting.Meeting // whose presences are noted

	CanWrite    bool
	NewCard     []page.Field
	CanModerate bool
	CanTurn     bool
	Cards       []cardView
	Turnout     codesign.Turnout
	Results     *page.Figure
	Outcomes    string
}

type tableView struct {
	codesign.Table
	ID   string
	Form []page.Field
	Open bool
}

type personView struct {
	codesign.Seat
	Present bool
	Choose  page.Field
}

// Names of the forms; those of one table or card go on with its number.
const (
	formVote  = "voto"
	formTable = "tavolo"
	formSeats = "sedute"
	formCard  = "scheda"
	formHide  = "nascondi"
)

func (h *handlers) deskShow(r *site.Request) error {
	a, err := r.Activity(kind)
	if err != nil {
		return err
	}
	return h.desk(r, a, nil)
}

// desk shows the page, or shows it again with a form that was sent back.
func (h *handlers) desk(r *site.Request, a process.Activity, x *sitting.Refusal) error {
	p := deskPage{Activity: a, Outcomes: gate.Home(r.Gate.Process.Slug) + "/esiti", Base: r.Workspace(a.Title, "manage",
		page.Crumb{Label: r.T("page.nav.manage"), Href: "/gestione"},
		page.Crumb{Label: r.Gate.Process.Title, Href: gate.Home(r.Gate.Process.Slug)}, page.Crumb{Label: a.Title})}
	for _, load := range []func(*site.Request, *deskPage, *sitting.Refusal) error{h.deskState, h.deskTables, h.deskPeople, h.deskCards} {
		if err := load(r, &p, x); err != nil {
			return err
		}
	}
	x.Tell(&p.Base)
	return r.PageStatus(x.Status(), "codesign/desk", p)
}

func (h *handlers) deskState(r *site.Request, p *deskPage, x *sitting.Refusal) error {
	a := p.Activity
	st, err := sitting.State(r.Context(), h.core, a)
	if err != nil {
		return err
	}
	p.Chip, p.Purpose = sitting.Chip(st, r.Lang), st.Purpose.In(r.Lang)
	options, err := h.core.Explain(r.Context(), a.ProcessID, a.ID, r.Actor)
	if err != nil {
		return err
	}
	p.Moves = gate.Build(r, options, &a)
	if a.Held() {
		p.Chip = gate.Resting(r)
	}
	if p.Change, err = gate.ReadChange(r, h.core, &a); err != nil {
		return err
	}
	p.Desk, err = h.forms.Load(r, h.core, a, true, x)
	return err
}

func (h *handlers) deskTables(r *site.Request, p *deskPage, x *sitting.Refusal) error {
	a := p.Activity
	for _, capability := range []string{"edit", "propose"} {
		ok, err := h.can(r, a, capability)
		if err != nil {
			return err
		}
		p.CanPrepare = p.CanPrepare || ok
		p.CanWrite = ok && capability == "propose"
	}
	lab, err := h.labs.Lab(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.VoteBased = lab.Revision
	p.Vote = x.Keep(formVote,
		page.Field{Name: "dots", Label: r.T("codesign.dots.each"), Type: "number", Low: "1", High: strconv.Itoa(codesign.MaxDots), Value: strconv.Itoa(lab.Dots), Required: true},
		page.Field{Name: "dots_a_card", Label: r.T("codesign.dots.card"), Type: "number", Low: "1", Value: strconv.Itoa(lab.DotsACard), Required: true})
	tables, err := h.labs.Tables(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, t := range tables {
		form := formTable + sitting.ID(t.ID)
		v := tableView{Table: t, ID: sitting.ID(t.ID), Form: tableFields(r, form, t, x), Open: x.Of(form)}
		p.Tables = append(p.Tables, v)
	}
	p.NewTable = tableFields(r, formTable, codesign.Table{}, x)
	p.NewCard = cardFields(r, formCard, codesign.Card{}, tables, x)
	return nil
}

func tableFields(r *site.Request, form string, t codesign.Table, x *sitting.Refusal) []page.Field {
	return x.Keep(form,
		page.Field{Name: "name", Label: r.T("codesign.table.name"), Value: t.Name, Max: 120, Required: true},
		page.Field{Name: "topic", Label: r.T("codesign.table.topic"), Value: t.Topic, Max: 500},
		page.Field{Name: "facilitator", Label: r.T("codesign.table.facilitator"), Value: t.Facilitator, Max: 120})
}

func (h *handlers) deskPeople(r *site.Request, p *deskPage, _ *sitting.Refusal) (err error) {
	a := p.Activity
	places, err := h.meetings.Places(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.Waiting = places.Waiting
	if p.CanAttend, err = h.can(r, a, "attend"); err != nil {
		return err
	}
	p.Sitting = noted(p.Desk.Sessions, r)
	p.CanAttend = p.CanAttend && p.Sitting != nil
	if p.Seen = sitting.Runs(r.Gate.Standing); !p.Seen {
		return nil
	}
	present := map[process.PersonID]bool{}
	attendance, err := h.meetings.Attendances(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, t := range attendance {
		if p.Sitting != nil && t.Meeting == p.Sitting.ID {
			present[t.Person] = true
		}
	}
	seats, err := h.labs.Seats(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.Table == 0 {
			p.Unseated++
		}
		v := personView{Seat: s, Present: present[s.Person], Choose: page.Field{
			ID: "posto-" + sitting.ID(s.Person), Name: "posto-" + sitting.ID(s.Person), Label: s.Name,
		}}
		for _, t := range p.Tables {
			v.Choose.Choices = append(v.Choose.Choices, page.Choice{Value: t.ID, Label: t.Name, Selected: t.Table.ID == s.Table})
		}
		p.People = append(p.People, v)
	}
	return nil
}

// noted is the session whose presences are noted now: the last whose doors are
// open.
func noted(list []sitting.Session, r *site.Request) *meeting.Meeting {
	var out *meeting.Meeting
	for i := range list {
		m := list[i].Meeting
		if !m.Cancelled() && m.Begun(r.Now) {
			out = &m
		}
	}
	return out
}

func (h *handlers) deskCards(r *site.Request, p *deskPage, x *sitting.Refusal) error {
	a := p.Activity
	cards, err := h.labs.Cards(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	vote, err := h.can(r, a, "vote")
	if err != nil {
		return err
	}
	if p.Turnout, err = h.labs.Turnout(r.Context(), a.ProcessID, a.ID); err != nil {
		return err
	}
	turned, err := h.labs.Turned(r.Context(), a)
	if err != nil {
		return err
	}
	p.CanModerate = (p.CanWrite || vote) && sitting.Runs(r.Gate.Standing)
	p.CanTurn = process.Allow(process.ActOutcomeEdit, r.Gate.Standing, r.Gate.At) == nil
	shown := codesign.Ranked(cards)
	for _, c := range cards {
		if c.Hidden() {
			shown = append(shown, c)
		}
	}
	for _, c := range shown {
		v := viewOf(r, c)
		v.Turned = turned[c.ID].PublicID
		form := formHide + v.ID
		v.Why = x.Keep(form, page.Field{Name: "why", Label: r.T("codesign.hide.why"), Hint: r.T("codesign.hide.hint"), Max: 500, Required: true})[0]
		v.Open = x.Of(form)
		p.Cards = append(p.Cards, v)
	}
	p.Results = results(r, cards, p.Turnout)
	p.Facts = page.Facts{Tight: true, Items: []page.Fact{
		{Term: r.T("codesign.registered"), Text: strconv.Itoa(p.Turnout.Registered)},
		{Term: r.T("codesign.waiting"), Text: strconv.Itoa(p.Waiting)},
		{Term: r.T("codesign.tables"), Text: strconv.Itoa(len(p.Tables))},
		{Term: r.T("codesign.cards"), Text: strconv.Itoa(len(codesign.Ranked(cards)))},
		{Term: r.T("codesign.voters"), Text: strconv.Itoa(p.Turnout.Voters)},
	}}
	return nil
}
