package demo

import (
	"context"

	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/focusgroup"
	"arengo/process/roster"
)

// planGroup is the story of a focus group as far as it is prepared: date,
// guide, themes and a quarter more people than it has seats, since not
// everybody can come.
func (e *event) planGroup() {
	e.plan(e.made(), "schedule "+e.data.Code, e.schedule)
	e.plan(e.made(), "prepare "+e.data.Code, e.prepareGroup)
	e.plan(e.made().AddDate(0, 0, 1), "invite to "+e.data.Code, func(ctx context.Context) error {
		_, err := e.roster.Invite(ctx, e.process.ID, e.activity.ID, e.who(), roster.Selection{
			Persons: e.some(e.data.Seats+e.data.Seats/4, e.offset), Notice: "focusgroup-invitation",
		})
		return err
	})
}

func (e *event) prepareGroup(ctx context.Context) error {
	groups := focusgroup.New(e.core)
	g, err := groups.Group(ctx, e.process.ID, e.activity.ID)
	if err != nil || len(g.Themes) > 0 {
		return err
	}
	g.Facilitator, g.NoteTaker = e.person(e.data.Facilitator), e.person(e.data.NoteTaker)
	g.Guide = e.data.Summary.It
	for _, t := range e.data.Themes {
		g.Themes = append(g.Themes, focusgroup.Theme{Title: t.It})
	}
	_, err = groups.Save(ctx, e.who(), g)
	return err
}

// person finds somebody of the staff by key, 0 for none.
func (e *event) person(key string) process.PersonID { return e.people[key].Person }

// planLab is the story of a lab as far as it is prepared: sessions, tables and
// the rules of the vote.
func (e *event) planLab() {
	e.plan(e.made(), "schedule "+e.data.Code, e.schedule)
	e.plan(e.made(), "prepare "+e.data.Code, e.prepareLab)
}

func (e *event) prepareLab(ctx context.Context) error {
	labs := codesign.New(e.core)
	have, err := labs.Tables(ctx, e.process.ID, e.activity.ID)
	if err != nil || len(have) >= len(e.data.Tables) {
		return err
	}
	lab, err := labs.Lab(ctx, e.process.ID, e.activity.ID)
	if err != nil {
		return err
	}
	if e.data.Votes > 0 {
		lab.Dots, lab.DotsACard = e.data.Votes, min(lab.DotsACard, e.data.Votes)
		if err := labs.SaveLab(ctx, e.who(), lab); err != nil {
			return err
		}
	}
	for _, t := range e.data.Tables[len(have):] {
		if err := labs.SaveTable(ctx, e.who(), codesign.Table{ProcessID: e.process.ID, Activity: e.activity.ID, Name: t.It}); err != nil {
			return err
		}
	}
	return nil
}
