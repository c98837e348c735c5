package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// promoter is who set the process up.
func (l *loader) promoter() process.Actor {
	for _, p := range l.data.People {
		if has(p, process.RolePromoter) {
			return l.people[p.Key]
		}
	}
	return process.Actor{}
}

func (l *loader) loadProcess(ctx context.Context) error {
	l.clock.set(l.at(l.data.Starts))
	if err := l.create(ctx); err != nil {
		return err
	}
	who := l.promoter()
	for _, p := range l.data.People {
		for _, role := range p.Roles {
			if !slices.Contains(definition.Staff, role) || role == process.RolePromoter {
				continue
			}
			a := l.people[p.Key]
			err := l.core.AddMember(ctx, l.process.ID, who, process.Person{Email: a.Email, Name: a.Name, Locale: a.Locale}, role)
			if err != nil && !conflict(err) {
				return err
			}
		}
	}
	var units []process.PopulationUnit
	for _, s := range l.data.Population.By {
		units = append(units, process.PopulationUnit{Territory: l.places[s.Territory], Units: int64(s.Units)})
	}
	if err := l.core.SetPopulation(ctx, l.process.ID, who, units); err != nil {
		return err
	}
	return l.writePapers(ctx)
}

func (l *loader) create(ctx context.Context) error {
	if l.process.ID != 0 {
		return l.describe(ctx)
	}
	d, days := l.data.Process, map[string]int{}
	for _, p := range l.data.Phases {
		days[p.State] = p.Days
	}
	n := process.NewProcess{
		Template: d.Template, Title: d.Title.It, Summary: d.Summary.It, Days: days, OrganisationID: l.orgs[l.lead()],
		StartsOn: civil.DateOf(l.at(l.data.Starts), l.zone), Past: true,
	}
	var err error
	if l.process, err = l.core.Create(ctx, l.promoter(), n); err != nil {
		return err
	}
	if l.process.Slug != d.Slug {
		return errors.New("the title does not give the slug " + d.Slug)
	}
	return l.describe(ctx)
}

// describe says what the process is about, unless an earlier load has.
func (l *loader) describe(ctx context.Context) error {
	d := l.data.Process
	if l.process.ContactEmail == d.Contact.Email {
		return nil
	}
	return l.core.Update(ctx, l.process.ID, l.promoter(), process.Details{
		Title: d.Title.It, Summary: d.Summary.It, ContactName: d.Contact.Name, ContactEmail: d.Contact.Email,
		Decider: d.Decider.It, Revision: l.process.Revision,
	})
}

func (l *loader) lead() string {
	for _, o := range l.data.Organisations {
		if o.Part == "lead" {
			return o.Key
		}
	}
	return ""
}

func (l *loader) partners() []process.Partner {
	var out []process.Partner
	for _, o := range l.data.Organisations {
		switch o.Part {
		case "partner":
			out = append(out, process.Partner{Organisation: l.orgs[o.Key]})
		case "provider":
			out = append(out, process.Partner{Organisation: l.orgs[o.Key], Part: o.Strand.It})
		}
	}
	return out
}

func (l *loader) writePapers(ctx context.Context) error {
	for _, a := range l.data.Artefacts {
		err := l.papers.Save(ctx, l.promoter(), document.Document{
			ProcessID: l.process.ID, Code: a.Code, Title: a.Title.It, Body: a.Markdown.It,
		})
		if err != nil && !conflict(err) {
			return err
		}
	}
	return nil
}

// planPapers adds the publication of each paper, on the day that the file says.
func (l *loader) planPapers() {
	for _, a := range l.data.Artefacts {
		if a.Published == nil {
			continue
		}
		l.plan(l.at(*a.Published), "publish "+a.Code, func(ctx context.Context) error {
			return l.papers.Publish(ctx, l.promoter(), l.process.ID, a.Code, true)
		})
	}
}

// planHistory adds the publication of the process, on the day of its project
// sheet, and the transitions that the file tells.
func (l *loader) planHistory() {
	if at := l.published(); !at.IsZero() {
		l.plan(at, "publish the process", func(ctx context.Context) error {
			return l.core.Publish(ctx, l.process.ID, l.promoter())
		})
	}
	for _, h := range l.data.History {
		l.plan(l.at(h.At), h.Transition, func(ctx context.Context) error { return l.step(ctx, h) })
	}
}

// published is when the process becomes public, zero when the file has no public
// paper. Nothing opens before.
func (l *loader) published() time.Time {
	for _, a := range l.data.Artefacts {
		if a.Published != nil {
			return l.at(*a.Published)
		}
	}
	return time.Time{}
}

func (l *loader) step(ctx context.Context, h fixtures.DemoStep) error {
	_, err := l.core.Advance(ctx, l.process.ID, l.people[h.By], process.Move{Transition: h.Transition, Key: "demo." + h.Transition})
	return err
}

// conflict reports that an earlier load did it already.
func conflict(err error) bool { return fault.Is(err, fault.Conflict) }
