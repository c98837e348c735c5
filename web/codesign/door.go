package codesign

import (
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
	"arengo/web/staff/gate"
)

// visit is a personal page being asked for.
type visit struct {
	process      process.Process
	activity     process.Activity
	registration meeting.Registration
	here         string
}

// through finds whose registration a personal link is, then does what was
// asked. A link of another kind of activity is worth nothing here.
func (h *handlers) through(next func(*site.Request, visit) error) site.Handler {
	return func(r *site.Request) error {
		reg, err := h.meetings.ByToken(r.Context(), r.Param("token"))
		if err != nil {
			return err
		}
		v := visit{registration: reg, here: "/r/codesign/" + r.Param("token")}
		if v.activity, err = h.core.LoadActivity(r.Context(), h.core.DB(), reg.ProcessID, reg.Activity); err != nil {
			return err
		}
		if v.activity.Kind != kind {
			return fault.New(fault.NotFound, "link.bad")
		}
		if v.process, err = h.core.LoadProcess(r.Context(), h.core.DB(), reg.ProcessID); err != nil {
			return err
		}
		return next(r, v)
	}
}

// doorPage is the personal page of a participant.
type doorPage struct {
	page.Base
	Here      string
	Public    string
	Process   page.Link
	Activity  process.Activity
	Chip      page.Chip
	Reg       meeting.Registration
	Sessions  []meeting.Meeting
	Table     *codesign.Table
	Join      string
	JoinOpens *time.Time

	CanWrite bool
	NewCard  []page.Field
	Cards    []cardView
	CanVote  bool
	Lab      codesign.Lab
	Left     int
	Due      *page.Deadline
	Voted    bool
	Over     bool
	Results  *page.Figure
	CanLeave bool
	CanBack  bool
}

func (h *handlers) doorShow(r *site.Request, v visit) error { return h.doorPage(r, v, nil) }

func (h *handlers) doorPage(r *site.Request, v visit, x *sitting.Refusal) error {
	public := "/percorsi/" + v.process.Slug
	p := doorPage{
		Base: r.Base(v.activity.Title), Here: v.here, Activity: v.activity, Reg: v.registration,
		Process: page.Link{Label: v.process.Title, Href: public}, Public: public + "/codesign/" + v.activity.PublicID,
	}
	p.Location, p.NoIndex, p.NoRating, p.Narrow = v.process.Location(), true, true, true
	for _, load := range []func(*site.Request, visit, *doorPage, *sitting.Refusal) error{h.doorState, h.doorSessions, h.doorCards} {
		if err := load(r, v, &p, x); err != nil {
			return err
		}
	}
	x.Tell(&p.Base)
	return r.PageStatus(x.Status(), "codesign/door", p)
}

func (h *handlers) doorState(r *site.Request, v visit, p *doorPage, _ *sitting.Refusal) error {
	st, err := sitting.State(r.Context(), h.core, v.activity)
	if err != nil {
		return err
	}
	p.Chip, p.Over = sitting.Chip(st, r.Lang), st.Name == "concluded"
	if v.activity.Held() {
		p.Chip = gate.Resting(r)
	}
	live := v.registration.Live()
	for capability, into := range map[string]*bool{"propose": &p.CanWrite, "vote": &p.CanVote, "withdraw": &p.CanLeave, "register": &p.CanBack} {
		if *into, err = h.can(r, v.activity, capability); err != nil {
			return err
		}
	}
	placed := v.registration.Status == meeting.Registered
	p.CanWrite, p.CanVote = p.CanWrite && placed, p.CanVote && placed
	p.CanLeave, p.CanBack = p.CanLeave && live, p.CanBack && !live
	if p.CanVote && v.activity.DueAt != nil {
		p.Due = &page.Deadline{At: *v.activity.DueAt}
	}
	p.Lab, err = h.labs.Lab(r.Context(), v.process.ID, v.activity.ID)
	return err
}

func (h *handlers) doorSessions(r *site.Request, v visit, p *doorPage, _ *sitting.Refusal) error {
	list, err := h.meetings.Meetings(r.Context(), v.process.ID, v.activity.ID)
	if err != nil {
		return err
	}
	p.Sessions = sitting.Live(list)
	j, err := h.meetings.JoinURL(r.Context(), v.registration, r.Now)
	if _, refused := fault.As(err); refused {
		if j.Opens.After(r.Now) {
			p.JoinOpens = &j.Opens
		}
		return nil
	}
	p.Join = j.URL
	return err
}

func (h *handlers) doorCards(r *site.Request, v visit, p *doorPage, x *sitting.Refusal) error {
	id, a := v.process.ID, v.activity.ID
	tables, err := h.labs.Tables(r.Context(), id, a)
	if err != nil {
		return err
	}
	seat, err := h.labs.Seat(r.Context(), id, a, v.registration.Person)
	if err != nil {
		return err
	}
	for i := range tables {
		if tables[i].ID == seat {
			p.Table = &tables[i]
		}
	}
	if p.Table != nil {
		tables = nil // who has a seat writes for that table
	}
	p.NewCard = cardFields(r, formCard, codesign.Card{}, tables, x)
	cards, err := h.labs.Cards(r.Context(), id, a)
	if err != nil {
		return err
	}
	ballot, err := h.labs.Ballot(r.Context(), id, a, v.registration.Person)
	if err != nil {
		return err
	}
	p.Voted, p.Left = ballot.Sum() > 0, p.Lab.Dots-ballot.Sum()
	for _, c := range cards {
		view := viewOf(r, c)
		view.Mine = c.Author == v.registration.Person
		if c.Hidden() && !view.Mine {
			continue
		}
		view.Put = ballot[c.ID]
		if x.Of(formVote) {
			view.Put = max(0, whole(r.Value(view.Name)))
		}
		if view.Mine && p.CanWrite {
			form := formCard + view.ID
			view.Form, view.Open = cardFields(r, form, c, tables, x), x.Of(form)
		}
		p.Cards = append(p.Cards, view)
	}
	if !p.Over {
		return nil // while people vote, nobody sees who leads
	}
	turnout, err := h.labs.Turnout(r.Context(), id, a)
	p.Results = results(r, cards, turnout)
	return err
}

func (h *handlers) doorWrite(r *site.Request, v visit) error {
	c, err := cardOf(r)
	if err == nil {
		c.ProcessID, c.Activity = v.process.ID, v.activity.ID
		c, err = h.labs.Write(r.Context(), v.registration.Person, c)
	}
	flash := site.Once(c.Already, "codesign.flash.card")
	return h.answer(r, v, reply{form: formCard + r.Param("card"), fragment: "schede", flash: flash}, err)
}

// doorVote takes a number a card, "punti-<id>"; empty is none.
func (h *handlers) doorVote(r *site.Request, v visit) error {
	back := reply{form: formVote, fragment: "voto", flash: "codesign.flash.voted"}
	ballot := codesign.Ballot{}
	for name := range r.Form() {
		id, ok := strings.CutPrefix(name, "punti-")
		if !ok || r.Value(name) == "" {
			continue
		}
		card, err := sitting.Number(id, "codesign.card_unavailable")
		if err != nil {
			return h.answer(r, v, back, err)
		}
		dots, err := strconv.Atoi(r.Value(name))
		if err != nil {
			return h.answer(r, v, back, fault.Field("dots", "codesign.dots_negative"))
		}
		ballot[codesign.CardID(card)] = dots
	}
	return h.answer(r, v, back, h.labs.Vote(r.Context(), v.process.ID, v.activity.ID, v.registration.Person, ballot))
}

func (h *handlers) doorLeave(r *site.Request, v visit) error {
	err := h.meetings.Unregister(r.Context(), v.process.ID, v.activity.ID, v.registration.Person)
	return h.answer(r, v, reply{form: "lascia", flash: "codesign.flash.left"}, err)
}

func (h *handlers) doorReturn(r *site.Request, v visit) error {
	_, err := h.meetings.Register(r.Context(), v.process.ID, v.activity.ID, v.registration.Person)
	return h.answer(r, v, reply{form: "riprendi", flash: "codesign.flash.back"}, err)
}

// reply is where a form leads, or which one was refused.
type reply struct{ form, fragment, flash string }

func (h *handlers) answer(r *site.Request, v visit, back reply, err error) error {
	if err == nil {
		to := v.here
		if back.fragment != "" {
			to += "#" + back.fragment
		}
		return r.Redirect(to, back.flash)
	}
	x, err := sitting.Refuse(r, back.form, err)
	if err != nil {
		return err
	}
	return h.doorPage(r, v, x)
}
