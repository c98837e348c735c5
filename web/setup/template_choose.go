package setup

import (
	"slices"
	"strings"
	"time"

	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
	"arengo/workflow/outlook"
)

// choosePage is step 1: the templates, those that a law governs and the light
// kits apart.
type choosePage struct {
	page.Base
	Frame  wizard.Frame
	Groups []templateGroup
}

// templateGroup is a heading with its templates. ID is also the end of its
// locale keys, setup.choose.<id>.
type templateGroup struct {
	ID, Title, Lead string
	Cards           []page.Card
}

func (a *area) templateChoose(r *site.Request) error {
	p := choosePage{
		Base:  r.Workspace(r.T("setup.choose.title"), "new", page.Crumb{Label: r.T("setup.crumb.all"), Href: "/gestione"}, page.Crumb{Label: r.T("setup.crumb.new")}),
		Frame: wizard.Frame{Track: wizard.Steps(r, wizard.StepTemplate, func(int) bool { return false })},
	}
	cards := map[bool][]page.Card{}
	seen := map[string]bool{}
	for _, def := range a.core.Definitions().Shipped() {
		latest, err := a.core.Definitions().Latest(def.Name)
		if err != nil {
			return err
		}
		if latest.Level == definition.LevelProcess && !seen[def.Name] {
			seen[def.Name] = true
			statutory := latest.Law != nil
			cards[statutory] = append(cards[statutory], templateCard(r, latest))
		}
	}
	for _, g := range []struct {
		id        string
		statutory bool
	}{{"statutory", true}, {"light", false}} {
		all := cards[g.statutory]
		if len(all) == 0 {
			continue
		}
		slices.SortStableFunc(all, func(a, b page.Card) int { return strings.Compare(a.Link.Label, b.Link.Label) })
		p.Groups = append(p.Groups, templateGroup{
			ID: g.id, Title: r.T("setup.choose." + g.id), Lead: r.T("setup.choose." + g.id + ".lead"), Cards: all,
		})
	}
	return r.Page("setup/choose", p)
}

// templateText is what a card says of a template: two lines and its legal
// basis, then, folded, the phases and every source.
type templateText struct {
	Title, Summary, Phases string
	More                   string // what the fold is called
	Basis                  *page.Source
	Sources                []page.Source
}

func templateCard(r *site.Request, def *definition.Compiled) page.Card {
	path := def.MainPath()
	names := make([]string, len(path))
	for i, name := range path {
		st, _ := def.State(name)
		names[i] = st.Title.In(r.Lang)
	}
	text := templateText{Title: def.Title.In(r.Lang), Summary: def.Summary.In(r.Lang), Phases: strings.Join(names, " → ")}
	unproven := 0
	for i, law := range lawsOf(def) {
		one := lawSource(law)
		text.Sources = append(text.Sources, one)
		if i == 0 && def.Law != nil {
			text.Basis = &one
		}
		if one.Kind == lawUnproven {
			unproven++
		}
	}
	switch {
	case unproven > 0:
		text.More = r.T("setup.choose.unproven", "n", unproven)
	case len(text.Sources) > 0:
		text.More = r.T("setup.choose.sources")
	default:
		text.More = r.T("setup.choose.phases")
	}
	return page.Card{
		Link: page.Link{Label: text.Title, Href: pathForm + "?modello=" + def.Name},
		Meta: []string{sizeWords(r, def)},
		Slot: page.Slot{Name: "templatetext", Data: text},
	}
}

// sizeWords is "6 fasi, 225 giorni in tutto"; a phase that lasts until a date
// or a meeting is not among the days.
func sizeWords(r *site.Request, def *definition.Compiled) string {
	plan := outlook.Plan(def, civil.DateOf(r.Now, def.Location), nil, nil)
	words := r.T("setup.template.phases", "n", len(plan))
	days := 0
	if last := end(plan); !last.IsZero() {
		days = span(plan[0].Start, last)
	}
	for _, ph := range plan {
		if st, _ := def.State(ph.State); ph.End.IsZero() {
			days += length(st)
		}
	}
	if days > 0 {
		words += ", " + r.T("setup.template.days", "n", days)
	}
	if slices.ContainsFunc(plan, func(p workflow.PlannedPhase) bool { return p.Source == outlook.SourceAnchor }) {
		words += r.T("setup.template.dated")
	}
	return words
}

// length is how many days the template gives a phase; 0 when it has no term.
func length(st definition.State) int {
	if st.Term == nil || st.Term.Until != "" {
		return 0
	}
	return st.Term.Length.Days
}

// lawsOf lists the laws that a template names, each once, its basis first.
func lawsOf(def *definition.Compiled) []*definition.Law {
	var out []*definition.Law
	seen := map[string]bool{}
	add := func(law *definition.Law) {
		if law != nil && !seen[law.Source+law.Article] {
			seen[law.Source+law.Article] = true
			out = append(out, law)
		}
	}
	add(def.Law)
	for _, d := range def.Dates {
		add(d.Law)
	}
	if def.Signatures != nil {
		add(def.Signatures.Law)
	}
	for _, st := range def.States {
		for _, law := range st.Laws() {
			add(law)
		}
	}
	for _, t := range def.Transitions {
		for _, g := range t.Requires {
			add(g.Law)
		}
	}
	return out
}

// lawUnproven is the kind of a source that nobody has read again yet.
const lawUnproven = "tbc"

func lawSource(law *definition.Law) page.Source {
	kind := "law"
	if law.Confidence != "V" {
		kind = lawUnproven
	}
	return page.Source{Kind: kind, Text: strings.TrimSuffix(law.Source+", "+law.Article, ", ")}
}

// termSource says where the length of a phase comes from: a law, confirmed or
// not, else the template, or the phases of this process where they are its own.
func termSource(r *site.Request, def *definition.Compiled, st definition.State) page.Source {
	if st.Term != nil && st.Term.Law != nil {
		return lawSource(st.Term.Law)
	}
	out := page.Source{Kind: "template", Text: r.T("setup.dates.noterm")}
	if edit.OriginOf(def.Name) != def.Name {
		out.Kind = "own"
	}
	switch {
	case length(st) > 0 && out.Kind == "own":
		out.Text = r.T("setup.dates.own", "n", length(st))
	case length(st) > 0:
		out.Text = r.T("setup.dates.suggested", "n", length(st))
	case otherSpan(st) != "":
		out.Text = r.T("setup.dates.inphases", "span", r.T("setup.dates.unit."+otherSpan(st)))
	case st.Term.Dated():
		out.Text = r.T("setup.dates.bydate")
	case st.Term != nil && st.Term.Until != "":
		out.Text = r.T("setup.dates.anchor")
	}
	return out
}

// end is the last planned end.
func end(plan []workflow.PlannedPhase) time.Time {
	var out time.Time
	for _, ph := range plan {
		if ph.End.After(out) {
			out = ph.End
		}
	}
	return out
}

// span counts civil days; the hour that summer time takes or gives is rounded
// away.
func span(from, to time.Time) int {
	const day = 24 * time.Hour
	return int((to.Sub(from) + day/2) / day)
}
