package portal

import (
	"slices"
	"strconv"
	"strings"

	"arengo/web/flow"
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// spine lays the phases upright, with what was planned, what happened and what
// belongs to each.
func (p *picture) spine(b page.Base) page.Spine {
	s := page.Spine{Wide: true}
	names := p.Def.MainPath()
	now, broken := slices.Index(names, p.Inst.State), flow.Broken(p.Def, p.Inst.State, p.Plan.Planned)
	for _, on := range flow.Course(p.Def, p.Plan.Planned) {
		st, i := on.State, on.Number-1
		ph := page.Phase{Number: on.Number, Title: st.Title.In(b.Lang), State: page.Next}
		plan := p.planned(st.Name)
		if !on.Gone {
			ph.ID = "fase-" + strconv.Itoa(on.Number)
		}
		switch {
		case on.Gone:
			ph.State = page.Done
		case i == now:
			ph.State = page.Current
		case st.Name == broken:
			ph.State = page.Stopped
		case i < now || now < 0 && !plan.StartedAt.IsZero():
			ph.State = page.Done
		case p.ended():
			ph.State = page.Skipped
		}
		p.dates(b, &ph, plan)
		if on.Gone {
			ph.Note = b.T("portal.phase.gone")
		}
		ph.Body = p.body(b, st, ph.State)
		s.Phases = append(s.Phases, ph)
	}
	return s
}

// stateOf is the state that an entry is about.
func (p *picture) stateOf(e workflow.LogEntry) definition.State {
	def := p.Def
	if a := p.activity(e.ActivityID); a != nil {
		def = a.Def
	}
	st, _ := def.State(e.From)
	return st
}

// body is what hangs from a phase.
func (p *picture) body(b page.Base, st definition.State, state page.State) []page.Block {
	var blocks []page.Block
	if st.Purpose != nil {
		blocks = append(blocks, page.Block{Text: page.Sentence(st.Purpose.In(b.Lang))})
	}
	var open, rest []*activity
	for _, a := range p.Activities {
		switch {
		case a.Phase != st.Name || !a.Shown && !p.drafts():
		case a.Open:
			open = append(open, a)
		default:
			rest = append(rest, a)
		}
	}
	if len(open) > 0 || state == page.Current {
		blocks = append(blocks, p.can(b, open, rest, state))
		blocks = append(blocks, p.why(b, open, state)...)
	}
	if len(rest) > 0 {
		blocks = append(blocks, page.Block{Heading: heading(b, "portal.phase.activities", state), Items: p.items(b, rest)})
	}
	if len(open)+len(rest) == 0 && state == page.Next {
		blocks = append(blocks, p.expected(b, st)...)
	}
	if docs := p.phasePapers(b, st); len(docs) > 0 {
		blocks = append(blocks, page.Block{Fold: b.T("portal.phase.documents", "n", len(docs)), Items: docs})
	}
	return blocks
}

// can is what there is to do in a phase. What rests is said and not offered.
func (p *picture) can(b page.Base, open, rest []*activity, state page.State) page.Block {
	can := page.Block{Heading: b.T("portal.phase.can"), Items: p.items(b, open)}
	resting := p.resting(rest)
	switch {
	case p.Inst.Held() && state == page.Current:
		can.Heading = b.T("portal.phase.rests")
		can.Text = page.Cap(b.T("portal.phase.held", "day", b.Words().Date(p.Inst.HeldAt))) + ". " + b.T("portal.phase.no_door")
		if len(open) > 0 {
			can.Text += " " + b.T("portal.now.held_open")
		}
	case len(resting) > 0:
		can.Text = said(b, resting)
	}
	if !p.ended() {
		can.Items = append(can.Items, page.Item{Label: b.T("portal.follow.link"), Href: "#segui", Note: b.T("portal.follow.note")})
	}
	return can
}

// resting are those of a list that the public could take part in, were they not
// suspended.
func (p *picture) resting(list []*activity) []*activity {
	return slices.DeleteFunc(slices.Clone(list), func(a *activity) bool {
		return !a.Held() || !a.Shown || a.Invited || a.Def.Door(a.State) == ""
	})
}

// said names what is suspended, each in a sentence.
func said(b page.Base, resting []*activity) string {
	lines := make([]string, len(resting))
	for i, a := range resting {
		lines[i] = b.T("portal.now.rests", "title", a.Title, "day", b.Words().Date(*a.HeldAt))
	}
	return strings.Join(lines, " ")
}

// drafts reports whether what has no public page yet is shown too: only to
// those who preview a process that is not public.
func (p *picture) drafts() bool { return p.Staff && !p.Published() }

func heading(b page.Base, key string, state page.State) string {
	if state == page.Current {
		return b.T(key)
	}
	return ""
}

// items lists activities with their dates and where they stand.
func (p *picture) items(b page.Base, list []*activity) []page.Item {
	w := b.Words()
	var out []page.Item
	for _, a := range list {
		st, _ := a.Def.State(a.State)
		kind := kindWord(b.Lang, a.Kind, "kind", a.Def)
		it := page.Item{Label: a.Title, Href: p.url(a), Note: kind + ". " + st.Title.In(b.Lang)}
		if !a.Shown {
			it.Href, it.Note = "", b.T("portal.phase.draft", "kind", kind)
		}
		if a.Open {
			it.Label, it.Note = doorWord(b.Lang, a.Kind, "call", a.Def, a.State)+": "+a.Title, ""
			if a.DueAt != nil && a.next(b.Now) == nil {
				it.Note = page.Cap(b.T("portal.phase.until", "end", w.End(*a.DueAt)))
			}
		}
		if a.Held() {
			it.Note = kind + ". " + page.Cap(b.T("portal.phase.held", "day", w.Date(*a.HeldAt)))
		}
		switch m := a.next(b.Now); {
		case m != nil && a.Held(): // whether it meets on that day nobody knows before it resumes
		case m != nil:
			it.At = m.StartsAt
			if where := place(b, *m); where != "" {
				it.Note = where
			}
		case len(a.Meetings) > 0 && !a.Open:
			it.At = a.Meetings[len(a.Meetings)-1].StartsAt
		}
		if a.Invited && a.Shown && takesIn(a.Def, a.State) {
			it.Note += ". " + b.T("portal.phase.invited")
		}
		if said := took(b, a); said != "" {
			it.Note = join(it.Note, page.Cap(said))
		}
		out = append(out, it)
	}
	return out
}

func join(a, b string) string {
	if a == "" {
		return b + "."
	}
	return a + ". " + b + "."
}

// expected says what a phase to come will bring, from the definition.
func (p *picture) expected(b page.Base, st definition.State) []page.Block {
	var items []page.Item
	for _, need := range st.Activities {
		which := "kinds"
		if need.Max == 1 || need.Min <= 1 && need.Max == 0 {
			which = "kind"
		}
		it := page.Item{Label: kindWord(b.Lang, need.Kind, which, p.Kinds[need.Kind])}
		if need.Note != nil {
			it.Note = page.Cap(need.Note.In(b.Lang))
		} else if need.Sessions > 1 {
			it.Note = b.T("portal.phase.sessions", "n", need.Sessions)
		}
		items = append(items, it)
	}
	for _, a := range st.Artefacts {
		if a.Public && !p.hasPaper(a.Code) {
			items = append(items, page.Item{Label: a.Title.In(b.Lang), Note: b.T("portal.phase.paper")})
		}
	}
	if len(items) == 0 {
		return nil
	}
	return []page.Block{{Items: items}}
}
