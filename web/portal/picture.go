package portal

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/outcome"
	"arengo/process/public"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// picture is a process as its public pages show it.
type picture struct {
	process.Process

	Owner      string
	Def        *definition.Compiled
	Inst       workflow.Instance
	Plan       workflow.Outlook
	Dates      map[string]time.Time // of the call, by code
	Activities []*activity
	Partners   []process.Partner
	Members    []process.Member
	Documents  []document.Document                   // published
	Outcomes   []outcome.Outcome                     // published
	Log        []workflow.LogEntry                   // oldest first
	Olds       map[workflow.Pin]*definition.Compiled // definitions of entries before a change of version
	Staff      bool                                  // the reader works on it

	Kinds map[string]*definition.Compiled // newest definition of each kind
}

// activity is one of a process, with what its public page would say.
type activity struct {
	process.Activity

	Def      *definition.Compiled
	Meetings []public.Gathering
	Counts   map[string]int64
	Open     bool // the public can take part now; not while it is suspended
	Shown    bool // it has a public page
	Invited  bool // only those who are invited take part
}

// next is the first meeting that is not over, nil when there is none.
func (a *activity) next(now time.Time) *public.Gathering {
	for i := range a.Meetings {
		if now.Before(a.Meetings[i].EndsAt) {
			return &a.Meetings[i]
		}
	}
	return nil
}

// paint loads everything that the pages of the process in the path show.
func (h *portal) paint(r *site.Request) (*picture, error) {
	ctx, db, id := r.Context(), h.core.DB(), r.Gate.Process.ID
	p := &picture{Process: r.Gate.Process, Staff: r.Gate.Standing.Staff() || r.Actor.Administrator}
	own, inside, err := instances(ctx, h.core.Engine(), db, id)
	if err != nil {
		return nil, err
	}
	p.Inst = own
	p.Kinds = map[string]*definition.Compiled{}
	for _, name := range h.core.Kinds().Names() {
		if p.Kinds[name], err = h.core.Definitions().Latest(name); err != nil {
			return nil, err
		}
	}
	return p, together(
		func() (err error) {
			if p.Def, err = h.core.Engine().Definition(ctx, db, own); err != nil {
				return err
			}
			if p.Plan, err = h.core.Engine().Outlook(ctx, db, own.Ref, r.Now); err != nil {
				return err
			}
			if p.Log, err = h.core.Engine().Brief(ctx, db, int64(id)); err != nil {
				return err
			}
			if p.Olds, err = h.olds(r, p.Log); err != nil || len(p.Def.Dates) == 0 {
				return err
			}
			p.Dates, err = h.core.CallDates(ctx, db, id)
			return err
		},
		func() (err error) {
			if p.Owner, err = h.public.Owner(ctx, p.OrganisationID); err != nil {
				return err
			}
			if p.Partners, err = h.core.Partners(ctx, id); err != nil {
				return err
			}
			p.Members, err = h.core.Members(ctx, id)
			return err
		},
		func() (err error) {
			if p.Documents, err = h.documents.Published(ctx, p.Process); err != nil {
				return err
			}
			p.Outcomes, err = h.outcomes.List(ctx, id, true)
			return err
		},
		func() error { return h.paintActivities(r, p, inside) },
	)
}

// together loads parts of a page beside each other: what a reader waits for is
// the way to the database and back, a score of times. Each part writes fields
// of its own.
func together(loads ...func() error) error {
	failed := make([]error, len(loads))
	var wait sync.WaitGroup
	for i, load := range loads {
		wait.Go(func() { failed[i] = load() })
	}
	wait.Wait()
	return errors.Join(failed...)
}

func (h *portal) paintActivities(r *site.Request, p *picture, inside map[process.ActivityID]workflow.Instance) error {
	ctx, db := r.Context(), h.core.DB()
	list, err := h.core.Activities(ctx, p.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	counts, err := h.core.Counts(ctx, db, p.ID, list)
	if err != nil {
		return err
	}
	meetings, err := h.public.Gatherings(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, one := range list {
		a := &activity{Activity: one, Counts: counts[one.ID]}
		if a.Def, err = h.core.Engine().Definition(ctx, db, inside[one.ID]); err != nil {
			return err
		}
		for _, m := range meetings {
			if m.ActivityID == one.ID {
				a.Meetings, a.Invited = append(a.Meetings, m), m.InvitedOnly
			}
		}
		a.Shown = announced(a.Def, one.State)
		a.Open = !a.Invited && !one.Held() && a.Def.Door(one.State) != "" && (one.DueAt == nil || r.Now.Before(*one.DueAt))
		p.Activities = append(p.Activities, a)
	}
	return nil
}

// open lists what the public can do now: what is answered in one's own time
// first, then what ends first.
func (p *picture) open(now time.Time) []*activity {
	var out []*activity
	for _, a := range p.Activities {
		if a.Open {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b *activity) int {
		if d := boolInt(a.next(now) != nil) - boolInt(b.next(now) != nil); d != 0 {
			return d
		}
		return ends(a).Compare(ends(b))
	})
	return out
}

var far = time.Date(9999, time.January, 1, 0, 0, 0, 0, time.UTC)

func ends(a *activity) time.Time {
	if a.DueAt == nil {
		return far
	}
	return *a.DueAt
}

func (p *picture) activity(id int64) *activity {
	for _, a := range p.Activities {
		if int64(a.ID) == id {
			return a
		}
	}
	return nil
}

// shortened reports whether it ended otherwise than by its last phase.
func (p *picture) shortened() bool { return shortened(p.Def, p.Inst.State) }

// ended reports whether the process is over, by its end or by being called off.
func (p *picture) ended() bool { return p.Def.Final(p.Inst.State) }

// municipalities counts the partner municipalities beside the lead.
func (p *picture) municipalities() []string {
	var out []string
	for _, o := range p.Partners {
		if o.Kind == "municipality" && o.Organisation != p.OrganisationID {
			out = append(out, o.Name)
		}
	}
	return out
}

// base is the frame of a page about the process; crumbs follow its title.
func (p *picture) base(r *site.Request, title string, crumbs ...page.Crumb) page.Base {
	b := r.Base(title)
	b.Section, b.Owner = "processes", page.Link{Label: p.Owner, Href: processURL(p.Slug)}
	b.Contact = &page.Contact{Text: p.ContactName, Email: p.ContactEmail}
	b.Crumbs = []page.Crumb{{Label: b.T("page.nav.processes"), Href: "/"}}
	if len(crumbs) > 0 {
		b.Crumbs = append(append(b.Crumbs, page.Crumb{Label: p.Title, Href: processURL(p.Slug)}), crumbs...)
	} else {
		b.Crumbs = append(b.Crumbs, page.Crumb{Label: p.Title})
	}
	if !p.Published() {
		b.Preview, b.NoIndex = b.T("portal.preview"), true
	}
	return b
}

// instances gives the process's instance and, by activity, those inside it.
func instances(ctx context.Context, e *workflow.Engine, db bun.IDB, id process.ID) (workflow.Instance, map[process.ActivityID]workflow.Instance, error) {
	list, err := e.Instances(ctx, db, int64(id))
	if err != nil {
		return workflow.Instance{}, nil, err
	}
	var own workflow.Instance
	by := make(map[process.ActivityID]workflow.Instance, len(list))
	for _, i := range list {
		if i.ActivityID == 0 {
			own = i
			continue
		}
		by[process.ActivityID(i.ActivityID)] = i
	}
	return own, by, nil
}

// olds finds the definitions by which entries of a log name their states, but for
// the present ones.
func (h *portal) olds(r *site.Request, log []workflow.LogEntry) (map[workflow.Pin]*definition.Compiled, error) {
	var out map[workflow.Pin]*definition.Compiled
	for _, e := range log {
		pin := e.FromPin
		if pin == (workflow.Pin{}) || out[pin] != nil {
			continue
		}
		def, err := h.core.Engine().Resolve(r.Context(), h.core.DB(), pin.Definition, pin.Version)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = map[workflow.Pin]*definition.Compiled{}
		}
		out[pin] = def
	}
	return out, nil
}
