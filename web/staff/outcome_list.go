package staff

import (
	"slices"

	"arengo/process/outcome"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
)

// wordNew is the address of an outcome that nobody wrote yet.
const wordNew = "nuovo"

type outcomesPage struct {
	page.Base
	Sections []section.Link
	Groups   []outcomeGroup
	New      string
	Report   string // the report's document in the workspace
	Public   string // the public report, "" before publication
}

// outcomeGroup is the outcomes of one kind.
type outcomeGroup struct {
	Heading  string
	Outcomes []outcomeLine
}

type outcomeLine struct {
	outcome.Outcome
	Href   string
	Status page.Chip
	Public page.Chip
}

func (a *area) outcomeList(r *site.Request) error {
	list, err := a.outcomes.List(r.Context(), r.Gate.Process.ID, false)
	if err != nil {
		return err
	}
	proc := r.Gate.Process
	p := outcomesPage{
		Base:     workspace(r, r.T("staff.outcome.title"), page.Crumb{Label: r.T("staff.section.esiti")}),
		Sections: section.List(r, section.Outcomes, nil), New: outcomePath(r, wordNew), Report: gate.Document(proc.Slug, "final-report"),
	}
	if proc.Published() {
		p.Public = "/percorsi/" + proc.Slug + "/report"
	}
	for _, kind := range outcome.Kinds {
		g := outcomeGroup{Heading: r.T("staff.outcome.kinds." + kind)}
		for _, o := range list {
			if o.Kind == kind {
				g.Outcomes = append(g.Outcomes, outcomeRow(r, o))
			}
		}
		if len(g.Outcomes) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	return r.Page("staff/outcomes", p)
}

func outcomeRow(r *site.Request, o outcome.Outcome) outcomeLine {
	l := outcomeLine{Outcome: o, Href: outcomePath(r, o.PublicID), Public: page.Chip{Label: r.T("staff.outcome.draft")}}
	l.Status = page.Chip{Label: r.T("staff.outcome.status." + o.Status)}
	if o.PublishedAt != nil {
		l.Public = page.Chip{State: page.Done, Label: r.T("staff.outcome.public"), Icon: "it-check"}
	}
	return l
}

func outcomePath(r *site.Request, id string) string {
	return gate.Home(r.Gate.Process.Slug) + "/esiti/" + id
}

// isNew reports that the address names no outcome yet.
func isNew(r *site.Request) bool { return slices.Contains([]string{wordNew, ""}, r.Param("outcome")) }
