package demo

import (
	"context"
	"encoding/json"
	"io/fs"
	"time"

	"arengo/fixtures"
	invent "arengo/fixtures/demo"
	"arengo/process"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	"arengo/workflow/civil"
)

// asked is the story of a questionnaire: written, published, everybody invited,
// opened with its phase, and answered by some of the crowd, each in their time.
type asked struct {
	*event
	service *questionnaire.Service
	invited map[process.PersonID]int64 // invitations, by person
	known   map[string]process.PersonID
}

func planQuestionnaire(e *event) {
	a := &asked{event: e, service: questionnaire.New(e.core)}
	made := e.made()
	e.plan(made, "write "+e.data.Code, a.write)
	e.plan(made.Add(time.Hour), "invite to "+e.data.Code, a.invite)
	if e.data.State == "draft" {
		return
	}
	e.plan(made.Add(2*time.Hour), "prepare "+e.data.Code, e.move("prepare"))
	a.planAnswers()
}

// write saves and publishes the questions and chooses the end.
func (a *asked) write(ctx context.Context) error {
	source, err := fs.ReadFile(fixtures.Files(), "questionnaires/"+a.data.Definition)
	if err != nil {
		return err
	}
	q, err := a.service.Load(ctx, a.process.ID, a.activity.ID)
	if err != nil || q.Published != nil {
		return err
	}
	if q.Definition, err = form.ParseYAML(source); err != nil {
		return err
	}
	if q, err = a.service.Save(ctx, a.who(), q); err != nil {
		return err
	}
	last := civil.DateOf(a.at(*a.data.Closes).Add(-time.Second), a.zone)
	if err := a.service.SetEnd(ctx, a.process.ID, a.activity.ID, a.who(), last.String()); err != nil {
		return err
	}
	_, err = a.service.PublishDefinition(ctx, a.process.ID, a.activity.ID, a.who(), q.Revision)
	return err
}

func (a *asked) invite(ctx context.Context) error {
	_, err := a.roster.Invite(ctx, a.process.ID, a.activity.ID, a.who(), roster.Selection{All: true})
	return err
}

// planAnswers lets each person of the invented roster do what they did. The
// roster is invented anew on each load and always the same.
func (a *asked) planAnswers() {
	crowd := a.loader.data.Crowd
	people, err := a.invent()
	if err == nil {
		var entries []invent.Entry
		counts := invent.Counts{Opened: crowd.Opened, Drafts: crowd.Drafts, Submitted: crowd.Submitted, Bounced: crowd.Bounced}
		if entries, err = invent.Roster(crowd.Seed, people, counts); err == nil {
			a.planEntries(entries)
			return
		}
	}
	a.plan(a.first(), "invent answers", func(context.Context) error { return err })
}

func (a *asked) planEntries(entries []invent.Entry) {
	opens := a.first()
	var refused []string
	for _, entry := range entries {
		switch entry.Status {
		case invent.Silent:
		case invent.Bounced:
			refused = append(refused, entry.Person.Email)
		default:
			at := opens.Add(time.Duration(entry.Moment * float64(a.today.Sub(opens))))
			a.plan(at, "answer "+a.data.Code, func(ctx context.Context) error { return a.answer(ctx, entry) })
		}
	}
	a.plan(opens.Add(-2*time.Hour), "refuse addresses", func(ctx context.Context) error {
		return refuse(ctx, a.core.DB(), refused, a.clock.time())
	})
}

// answer is one person's: opened, perhaps written, perhaps sent.
func (a *asked) answer(ctx context.Context, entry invent.Entry) error {
	token, err := a.token(ctx, entry.Person.Email)
	if err != nil {
		return err
	}
	if err := a.service.MarkOpened(ctx, token); err != nil || entry.Status == invent.Opened {
		return err
	}
	raw, err := json.Marshal(entry.Answers)
	if err != nil {
		return err
	}
	answers := form.Answers{}
	if err := json.Unmarshal(raw, &answers); err != nil {
		return err
	}
	if _, err := a.service.SaveAnswers(ctx, token, answers); err != nil || entry.Status == invent.Draft {
		return err
	}
	_, err = a.service.Submit(ctx, token)
	return err
}

// token is a person's link.
func (a *asked) token(ctx context.Context, email string) (string, error) {
	if a.invited == nil {
		var err error
		if a.known, err = a.contacts(ctx); err != nil {
			return "", err
		}
		if a.invited, err = invitations(ctx, a.core.DB(), a.process.ID, a.activity.ID); err != nil {
			return "", err
		}
	}
	return a.core.Links().Token(process.Link{
		Purpose: process.LinkAnswer, Process: a.process.ID, Subject: a.invited[a.known[email]], Version: 1,
	}), nil
}
