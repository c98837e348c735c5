package portal

import (
	"html/template"

	"arengo/process"
	"arengo/process/outcome"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
)

type reportPage struct {
	page.Base
	Process    process.Process
	Owner      string
	Final      bool
	Outcomes   bool // only the outcomes, without the rest of the report
	Written    template.HTML
	WrittenAt  string
	Population int64
	Places     page.Block
	Phases     page.Table
	Taking     page.Table
	Groups     []outcomeGroup
	Count      int
	Facts      page.Facts
}

// outcomeGroup is the outcomes of one kind.
type outcomeGroup struct {
	Kind, Heading string
	Items         []outcomeItem
}

type outcomeItem struct {
	ID       string
	Title    string
	Body     template.HTML
	Chip     page.Chip
	Answer   template.HTML
	Evidence []page.Item
}

// finalReport is the document in which a process says what it came to.
const finalReport = "final-report"

// reportShow is the report of a process: made to be read and to be printed.
func (h *portal) reportShow(r *site.Request) error {
	p, err := h.paint(r)
	if err != nil {
		return err
	}
	units, err := h.core.Population(r.Context(), p.ID)
	if err != nil {
		return err
	}
	b := p.base(r, r.T("portal.report.title", "title", p.Title), page.Crumb{Label: r.T("portal.report.name")})
	out := reportPage{Base: b, Process: p.Process, Owner: p.Owner, Final: p.ended(), Facts: p.facts(b)}
	out.population(units)
	out.Phases, out.Taking = p.phaseTable(b), p.takingTable(b)
	out.Groups, out.Count = p.groups(b), len(p.Outcomes)
	for _, d := range p.Documents {
		if d.Code == finalReport {
			out.Written, out.WrittenAt = written(d.Body, 3), b.Words().Day(*d.PublishedAt)
		}
	}
	return r.Page("portal/report", out)
}

// outcomesShow is the part of the report that says what became of everything.
func (h *portal) outcomesShow(r *site.Request) error {
	list, err := h.outcomes.List(r.Context(), r.Gate.Process.ID, true)
	if err != nil {
		return err
	}
	p := &picture{Process: r.Gate.Process, Outcomes: list}
	if p.Owner, err = h.public.Owner(r.Context(), p.OrganisationID); err != nil {
		return err
	}
	b := p.base(r, r.T("portal.outcomes.title", "title", p.Title), page.Crumb{Label: r.T("portal.outcomes.name")})
	return r.Page("portal/report", reportPage{
		Base: b, Process: p.Process, Owner: p.Owner, Outcomes: true, Groups: p.groups(b), Count: len(list),
	})
}

func (o *reportPage) population(units []process.PopulationUnit) {
	var items []page.Item
	for _, u := range units {
		o.Population += u.Units
		items = append(items, page.Item{Label: u.Name + ": " + o.Words().Num(u.Units, 0)})
	}
	if len(items) > 0 {
		o.Places = page.Block{Fold: o.T("portal.report.places", "n", len(items)), Items: items}
	}
}

// phaseTable sets what was planned beside what happened.
func (p *picture) phaseTable(b page.Base) page.Table {
	w := b.Words()
	t := page.Table{Caption: b.T("portal.report.phases_caption"), Stack: true, Heads: []page.Head{
		{Label: b.T("portal.report.phase")}, {Label: b.T("portal.report.planned")}, {Label: b.T("portal.report.actual")},
	}}
	for _, on := range flow.Course(p.Def, p.Plan.Planned) {
		plan, title := p.planned(on.State.Name), on.State.Title.In(b.Lang)
		if !on.Gone {
			title = w.Num(on.Number, 0) + ". " + title
		}
		planned, actual := "–", b.T("portal.report.not_begun")
		if !plan.Start.IsZero() {
			planned = w.Period(plan.Start, plan.End)
		}
		if !plan.StartedAt.IsZero() {
			actual = w.Period(plan.StartedAt, plan.EndedAt)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: title}, {Text: planned}, {Text: actual},
		}})
	}
	return t
}

// takingTable counts who took part in what has a public page.
func (p *picture) takingTable(b page.Base) page.Table {
	w := b.Words()
	t := page.Table{Caption: b.T("portal.report.taking_caption"), Stack: true, Heads: []page.Head{{Label: b.T("portal.report.activity")}}}
	names := []string{"invited", "answered", "registered", "attended"}
	for _, name := range names {
		t.Heads = append(t.Heads, page.Head{Label: b.T("portal.report." + name), Right: true})
	}
	for _, a := range p.Activities {
		if !a.Shown {
			continue
		}
		cells := []page.Cell{{Text: kindWord(b.Lang, a.Kind, "kind", a.Def) + ": " + a.Title, Href: p.url(a)}}
		for _, name := range names {
			text := "–"
			if n := a.Counts[name]; n > 0 {
				text = w.Num(n, 0)
			}
			cells = append(cells, page.Cell{Text: text})
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	return t
}

// groups sorts the outcomes by kind, from needs to commitments.
func (p *picture) groups(b page.Base) []outcomeGroup {
	var out []outcomeGroup
	for _, kind := range outcome.Kinds {
		g := outcomeGroup{Kind: kind, Heading: b.T("portal.outcome." + kind)}
		for _, o := range p.Outcomes {
			if o.Kind == kind {
				g.Items = append(g.Items, p.outcome(b, o))
			}
		}
		if len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func (p *picture) outcome(b page.Base, o outcome.Outcome) outcomeItem {
	it := outcomeItem{ID: "esito-" + o.PublicID, Title: o.Title, Body: written(o.Body, 5), Chip: page.Chip{Label: b.T("portal.outcome.status_" + o.Status)}}
	if o.Status != outcome.Statuses[0] {
		it.Chip.State = page.Done
		it.Answer = written(o.Answer, 5)
	}
	for _, e := range o.Evidence {
		it.Evidence = append(it.Evidence, page.Item{
			Label: e.Label, Href: activityURL(p.Slug, e.ActivityKind, e.ActivityRef),
			Note: kindWord(b.Lang, e.ActivityKind, "kind", p.Kinds[e.ActivityKind]) + " “" + e.ActivityTitle + "”",
		})
	}
	return it
}
