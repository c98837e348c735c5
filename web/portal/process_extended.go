package portal

import (
	"slices"
	"time"

	"arengo/web/flow"
	"arengo/web/page"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// later is how the end that stands came to be later than the one that a state
// was entered with: from which end, and the last extension that still counts.
type later struct {
	from, end time.Time
	by        workflow.LogEntry
}

// later is that of the present phase (activity nil) or of an activity; false when
// the end that stands is no later than the first, as where an extension was taken
// back.
func (p *picture) later(a *activity) (later, bool) {
	ref, state, entered, out := int64(0), p.Inst.State, p.Inst.EnteredAt, later{end: p.Inst.DueAt}
	if a != nil {
		ref, state, entered, out.end = int64(a.ID), a.State, a.EnteredAt, time.Time{}
		if a.DueAt != nil {
			out.end = *a.DueAt
		}
	}
	for _, e := range slices.Backward(p.Log) {
		if e.ActivityID != ref || e.Transition != definition.ActExtend || e.From != state || e.At.Before(entered) {
			continue
		}
		ends := flow.EndsOf(e)
		out.from = ends.Old
		if out.by.Transition == "" && out.end.After(ends.Old) {
			out.by = e
		}
	}
	return out, out.by.Transition != "" && out.end.After(out.from)
}

// why tells the reasons for which what stands open ends later than it was to.
func (p *picture) why(b page.Base, open []*activity, state page.State) []page.Block {
	var out []page.Block
	if state == page.Current {
		out = append(out, p.whyLater(b, nil)...)
	}
	for _, a := range open {
		out = append(out, p.whyLater(b, a)...)
	}
	return out
}

// whyLater gives the reason of the end that holds, if everybody may read it.
func (p *picture) whyLater(b page.Base, a *activity) []page.Block {
	l, ok := p.later(a)
	reason := publicReason(l.by)
	if !ok || reason == "" {
		return nil
	}
	w := b.Words()
	text := page.Sentence(reason) + " " + b.T("portal.phase.moved", "old", w.EndDay(l.from), "new", w.EndDay(l.end))
	ends := flow.EndsOf(l.by)
	if ends.Exception && !l.end.Before(ends.New) {
		text += " " + exception(b, l.by, p.stateOf(l.by))
	}
	block := page.Block{Heading: b.T("portal.phase.why"), Text: text}
	if act := p.act(b, l.by); act.Label != "" {
		block.Items = []page.Item{{Label: act.Label, Href: act.Href}}
	}
	return []page.Block{block}
}

// extended is by how many civil days extensions moved the end of the present
// phase.
func (p *picture) extended(zone *time.Location) int {
	l, ok := p.later(nil)
	if !ok {
		return 0
	}
	return days(l.from, l.end, zone)
}
