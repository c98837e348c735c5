package portal

import (
	"slices"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/public"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
)

type processPage struct {
	page.Base
	Eyebrow   string
	Summary   string
	Now       page.Now
	Facts     page.Facts
	Track     *page.Track
	Spine     page.Spine
	Flow      *page.Flow
	Call      page.Facts // the dates of the call
	Documents page.Block
	Results   page.Block
	Who       page.Facts
	Bodies    page.Block
	Log       page.Log
	Older     int  // entries that only the file has
	Gaps      bool // entries of activities are left out, and their numbers with them
	Address   string
	Email     page.Field
	Over      bool
	Short     bool // cancelled, or ended before the path did: nothing will happen that somebody could wait for
}

// shownLog is how many entries of the log the page shows; the file has all.
const shownLog = 20

// processShow is the public page of a process.
func (h *portal) processShow(r *site.Request) error {
	p, err := h.paint(r)
	if err != nil {
		return err
	}
	return r.Page("portal/process", newProcessPage(r, p))
}

func newProcessPage(r *site.Request, p *picture) processPage {
	b := p.base(r, p.Title)
	b.Description = p.Summary
	log := p.entries(b)
	out := processPage{
		Base: b, Eyebrow: b.T("portal.lead", "name", p.Owner, "n", len(p.municipalities())), Summary: p.Summary,
		Now: p.now(b), Facts: p.facts(b), Spine: p.spine(b), Flow: flow.Of(p.Def, b.Lang, p.Inst.State, p.Plan.Planned), Documents: p.papers(b), Results: p.results(b),
		Who: p.who(b), Bodies: p.bodies(b), Address: processURL(p.Slug), Email: followField(b, ""),
		Over: p.ended(), Short: p.shortened(),
	}
	out.Call = flow.Call(b.Words(), p.Def, p.Dates)
	if !p.shortened() {
		out.Track = &page.Track{Steps: steps(p.Def, p.Inst.State, b.Lang)}
	}
	out.Log.Entries = log
	numbered := slices.DeleteFunc(slices.Clone(log), func(e page.LogEntry) bool { return e.Number == 0 })
	out.Gaps = len(numbered) < len(p.Log)
	if len(log) > shownLog {
		out.Log.Entries, out.Older = log[:shownLog], len(log)-shownLog
	}
	return out
}

func (p *picture) facts(b page.Base) page.Facts {
	promoter := page.Fact{Term: b.T("portal.process.promoter"), Text: b.T("portal.lead_long", "name", p.Owner, "n", len(p.municipalities()))}
	f := page.Facts{Items: []page.Fact{promoter}}
	if p.Decider != "" {
		f.Items = append(f.Items, page.Fact{Term: b.T("portal.process.decider"), Text: p.Decider})
	}
	return f
}

// now is the panel that says what can be done.
func (p *picture) now(b page.Base) page.Now {
	open := p.open(b.Now)
	follow := page.Link{Label: b.T("portal.follow.link"), Href: "#segui"}
	switch {
	case p.shortened():
		n := page.Now{Chip: chipOf(b, p.Def, p.Inst.State, false), Heading: b.T("portal.now.cancelled")}
		if st, _ := p.Def.State(p.Inst.State); !p.Def.Aborts(p.Inst.State) {
			n.Heading = b.T("portal.now.short", "state", st.Title.In(b.Lang))
		}
		if p.Inst.Reason != "" {
			n.Text = []string{b.T("page.log.reason", "reason", p.Inst.Reason)}
		}
		return n
	case p.ended():
		return page.Now{
			Chip: chipOf(b, p.Def, p.Inst.State, false), Heading: b.T("portal.now.ended"), Text: []string{b.T("portal.now.ended_text")},
			Action: &page.Action{Label: b.T("portal.now.report"), Href: processURL(p.Slug) + "/report", Primary: true, Large: true},
		}
	case p.Inst.Held():
		return p.nowHeld(b, open)
	case len(open) > 0:
		return p.nowOpen(b, open)
	}
	n := page.Now{Chip: chipOf(b, p.Def, p.Inst.State, false), Heading: b.T("portal.now.quiet", "phase", p.phaseTitle(b.Lang)), Other: []page.Link{follow}}
	if st, ok := p.Def.State(p.Inst.State); ok && st.Purpose != nil {
		n.Text = append(n.Text, page.Sentence(st.Purpose.In(b.Lang)))
	}
	resting := p.resting(p.Activities)
	if len(resting) > 0 {
		n.Chip = &page.Chip{State: page.Late, Label: b.T("portal.chip.held"), Icon: "it-clock"}
		n.Text = append(n.Text, said(b, resting))
		if why := p.lastReason(int64(resting[0].ID), definition.ActSuspend); why != "" && len(resting) == 1 {
			n.Text = append(n.Text, b.T("page.log.reason", "reason", why))
		}
	}
	if g := p.nextGathering(b.Now); g != nil {
		n.Text = append(n.Text, b.T("portal.now.next_meeting", "when", b.Words().Meeting(g.StartsAt), "title", g.Activity))
	} else if len(resting) == 0 {
		n.Text = append(n.Text, b.T("portal.now.nothing"))
	}
	if waits := p.waits(b, p.Inst.State); waits != "" {
		n.Text = append(n.Text, page.Sentence(waits))
	}
	if !p.Inst.DueAt.IsZero() && b.Now.Before(p.Inst.DueAt) {
		n.Deadline = &page.Deadline{Lead: b.T("portal.now.phase_ends"), At: p.Inst.DueAt}
	}
	return n
}

// nowHeld says since when the process rests and why, and what goes on meanwhile.
func (p *picture) nowHeld(b page.Base, open []*activity) page.Now {
	n := page.Now{
		Chip:    &page.Chip{State: page.Late, Label: b.T("portal.chip.held"), Icon: "it-clock"},
		Heading: b.T("portal.now.held", "day", b.Words().Date(p.Inst.HeldAt)), Text: []string{b.T("portal.now.held_text")},
		Other: []page.Link{{Label: b.T("portal.follow.link"), Href: "#segui"}},
	}
	if why := p.lastReason(0, definition.ActSuspend); why != "" {
		n.Text = append(n.Text, b.T("page.log.reason", "reason", why))
	}
	if len(open) > 0 {
		n.Notes = []string{b.T("portal.now.held_open")}
		n.Slot = page.Slot{Name: "also", Data: p.items(b, open)}
	}
	return n
}

// lastReason is what everybody may read of the latest such act on the process
// (activity 0) or on an activity.
func (p *picture) lastReason(activity int64, act string) string {
	for _, e := range slices.Backward(p.Log) {
		if e.ActivityID == activity && e.Transition == act {
			return publicReason(e)
		}
	}
	return ""
}

func (p *picture) nowOpen(b page.Base, open []*activity) page.Now {
	first := open[0]
	n := page.Now{
		Chip: chipOf(b, p.Def, p.Inst.State, true), Heading: doorWord(b.Lang, first.Kind, "call", first.Def, first.State),
		Text:   []string{b.T("portal.now.title", "title", first.Title)},
		Action: &page.Action{Label: b.T("portal.now.go"), Href: p.url(first), Primary: true, Large: true, Hidden: first.Title},
		Notes:  []string{b.T("portal.now.invited")},
	}
	if asked := doorWord(b.Lang, first.Kind, "asked", first.Def, first.State); asked != "" {
		n.Then = append(n.Then, asked)
	}
	if m := first.next(b.Now); m != nil {
		n.Deadline = &page.Deadline{Lead: b.T("portal.now.meets"), At: m.StartsAt}
		if where := place(b, *m); where != "" {
			n.Deadline.Note = where + "."
		}
	} else if first.DueAt != nil {
		n.Deadline = &page.Deadline{Lead: b.T("portal.now.closes"), At: *first.DueAt}
	}
	if len(open) > 1 {
		n.Slot = page.Slot{Name: "also", Data: p.items(b, open[1:])}
	}
	return n
}

func (p *picture) url(a *activity) string { return activityURL(p.Slug, a.Kind, a.PublicID) }

func (p *picture) phaseTitle(lang string) string {
	st, _ := p.Def.State(p.Inst.State)
	return st.Title.In(lang)
}

func (p *picture) nextGathering(now time.Time) *public.Gathering {
	var next *public.Gathering
	for _, a := range p.Activities {
		if m := a.next(now); a.Shown && m != nil && (next == nil || m.StartsAt.Before(next.StartsAt)) {
			next = m
		}
	}
	return next
}

// papers lists the published documents.
func (p *picture) papers(b page.Base) page.Block {
	block := page.Block{}
	for _, d := range p.Documents {
		block.Items = append(block.Items, page.Item{
			Label: d.Title, Href: documentURL(p.Slug, d.Code), Note: b.T("portal.document.published", "day", b.Words().Day(*d.PublishedAt)),
		})
	}
	return block
}

// results lists what is already known: activities that are over and outcomes.
func (p *picture) results(b page.Base) page.Block {
	block := page.Block{}
	for _, a := range p.Activities {
		if !a.Shown || takesIn(a.Def, a.State) {
			continue
		}
		note := kindWord(b.Lang, a.Kind, "kind", a.Def)
		if said := took(b, a); said != "" {
			note += ". " + page.Cap(said)
		}
		block.Items = append(block.Items, page.Item{Label: a.Title, Href: p.url(a), Note: note})
	}
	if n := len(p.Outcomes); n > 0 {
		block.Items = append(block.Items, page.Item{Label: b.T("portal.results.outcomes", "n", n), Href: processURL(p.Slug) + "/esiti", Note: b.T("portal.results.outcomes_note")})
	}
	return block
}

// took says how many took part, "" when there is nothing to say.
func took(b page.Base, a *activity) string {
	for _, name := range []string{"attended", "answered", "registered"} {
		if n := a.Counts[name]; n > 0 {
			return b.T("portal.count."+name, "n", n)
		}
	}
	return ""
}

// who names those behind the process: firms by their part, then the people in
// charge by their office.
func (p *picture) who(b page.Base) page.Facts {
	f := page.Facts{Tight: true}
	for _, o := range p.Partners {
		if o.Part != "" {
			f.Items = append(f.Items, page.Fact{Term: page.Cap(o.Part), Text: o.Name})
		}
	}
	for _, role := range []string{process.RoleFacilitator, process.RolePromoter} {
		var names []string
		for _, m := range p.Members {
			if m.Role == role && m.Name != "" {
				names = append(names, m.Name)
			}
		}
		if len(names) > 0 {
			f.Items = append(f.Items, page.Fact{Term: b.T("portal.who." + role), Text: strings.Join(names, ", ")})
		}
	}
	if p.ContactEmail != "" {
		f.Items = append(f.Items, page.Fact{
			Term: b.T("portal.who.contact"), Text: p.ContactName, Link: page.Link{Label: p.ContactEmail, Href: "mailto:" + p.ContactEmail},
		})
	}
	return f
}

// bodies folds the list of the bodies that take part.
func (p *picture) bodies(b page.Base) page.Block {
	names := p.municipalities()
	for _, o := range p.Partners {
		if o.Kind != "municipality" && o.Part == "" {
			names = append(names, o.Name)
		}
	}
	if len(names) == 0 {
		return page.Block{}
	}
	return page.Block{
		Fold: b.T("portal.who.bodies", "n", len(names)+1),
		Text: b.T("portal.who.bodies_text", "lead", p.Owner, "others", strings.Join(names, ", ")),
	}
}
