package staff

import (
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/outcome"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

type outcomePage struct {
	page.Base
	Sections                          []section.Link
	Kind, Status, Title2, Body, Reply page.Field
	Evidence                          []evidenceGroup
	Gone                              []string // cited once, and not to be found any more
	Action                            string
	Revision                          int64
	Publish                           string // where publishing is posted; "" for a new one
	Public                            bool
	Report                            string
}

// evidenceGroup is what can be cited from one activity.
type evidenceGroup struct {
	Legend string
	Open   bool
	Items  []page.Option
}

func (a *area) outcomeShow(r *site.Request) error {
	o := outcome.Outcome{ProcessID: r.Gate.Process.ID, Kind: outcome.Kinds[0], Status: outcome.Statuses[0]}
	if !isNew(r) {
		var err error
		if o, err = a.outcomes.Load(r.Context(), r.Gate.Process.ID, r.Param("outcome")); err != nil {
			return err
		}
	}
	var cited []outcome.Citation
	for _, e := range o.Evidence {
		cited = append(cited, outcome.Citation{Activity: e.ActivityRef, Ref: e.Ref})
	}
	p, err := a.outcomePage(r, o, cited)
	if err != nil {
		return err
	}
	return r.Page("staff/outcome", p)
}

func (a *area) outcomeSave(r *site.Request) error {
	o := outcome.Outcome{ProcessID: r.Gate.Process.ID, FormKey: r.FormKey()}
	if !isNew(r) {
		var err error
		if o, err = a.outcomes.Load(r.Context(), r.Gate.Process.ID, r.Param("outcome")); err != nil {
			return err
		}
		o.Revision = revision(r.Value("revision"))
	}
	o.Kind, o.Title, o.Body = r.Value("kind"), r.Value("title"), r.Value("body")
	o.Status, o.Answer = r.Value("status"), r.Value("answer")
	cited := citations(r.Values("evidence"))
	saved, cause := a.outcomes.Save(r.Context(), r.Actor, o, cited)
	if cause == nil {
		return r.Redirect(outcomePath(r, saved.PublicID), site.Once(saved.Already, "staff.flash.outcome"))
	}
	if !fault.Is(cause, fault.Invalid) && !fault.Is(cause, fault.Conflict) {
		return cause
	}
	p, err := a.outcomePage(r, o, cited)
	if err != nil {
		return err
	}
	p.Errors = page.FieldErrors(r.Lang, cause)
	if fault.Is(cause, fault.Conflict) { // what was written stays; saving again is on the new revision
		if err := a.refresh(r, &p); err != nil {
			return err
		}
	}
	return r.PageStatus(page.Status(cause), "staff/outcome", p)
}

// refresh takes the revision that is saved by now.
func (a *area) refresh(r *site.Request, p *outcomePage) error {
	now, err := a.outcomes.Load(r.Context(), r.Gate.Process.ID, r.Param("outcome"))
	p.Revision = now.Revision
	return err
}

func (a *area) outcomePublish(r *site.Request) error {
	public := r.Value("public") == "1"
	if err := a.outcomes.Publish(r.Context(), r.Actor, r.Gate.Process.ID, r.Param("outcome"), public); err != nil {
		return err
	}
	flash := "staff.flash.withdrawn"
	if public {
		flash = "staff.flash.published"
	}
	return r.Redirect(outcomePath(r, r.Param("outcome")), flash)
}

// separator stands between an activity's identifier and a reference: the first
// has only letters and digits.
const separator = "/"

func citations(values []string) []outcome.Citation {
	var out []outcome.Citation
	for _, v := range values {
		activity, ref, _ := strings.Cut(v, separator)
		out = append(out, outcome.Citation{Activity: activity, Ref: ref})
	}
	return out
}

func (a *area) outcomePage(r *site.Request, o outcome.Outcome, cited []outcome.Citation) (outcomePage, error) {
	title := r.T("staff.outcome.new")
	p := outcomePage{Sections: section.List(r, section.Outcomes, nil), Action: outcomePath(r, wordNew), Revision: o.Revision, Public: o.PublishedAt != nil}
	if o.PublicID != "" {
		title, p.Action = o.Title, outcomePath(r, o.PublicID)
		p.Publish = p.Action + "/pubblica"
		p.Report = "/percorsi/" + r.Gate.Process.Slug + "/report"
	}
	p.Base = workspace(r, title,
		page.Crumb{Label: r.T("staff.section.esiti"), Href: outcomePath(r, "")[:len(outcomePath(r, ""))-1]}, page.Crumb{Label: title})
	p.Kind = choose(r, "kind", "staff.outcome.kind", outcome.Kinds, o.Kind)
	p.Status = choose(r, "status", "staff.outcome.status", outcome.Statuses, o.Status)
	p.Title2 = page.Field{Name: "title", Label: r.T("staff.outcome.title.label"), Value: o.Title, Required: true, Max: 200}
	p.Body = page.Field{
		Name: "body", Label: r.T("staff.outcome.body"), Hint: r.T("staff.outcome.body.hint"), Type: "textarea", Rows: 8, Value: o.Body, Max: 20_000,
	}
	p.Reply = page.Field{
		Name: "answer", Label: r.T("staff.outcome.answer"), Hint: r.T("staff.outcome.answer.hint"), Type: "textarea", Rows: 4, Value: o.Answer, Max: 20_000,
	}
	citable, err := a.outcomes.Citable(r.Context(), r.Gate.Process.ID)
	p.Evidence = evidence(r.Lang, citable, cited)
	p.Gone = gone(citable, o.Evidence)
	return p, err
}

func choose(r *site.Request, name, key string, values []string, selected string) page.Field {
	f := page.Field{Name: name, Label: r.T(key), Type: "select", Required: true}
	for _, v := range values {
		f.Choices = append(f.Choices, page.Choice{Value: v, Label: r.T(key + "." + v), Selected: v == selected})
	}
	return f
}

// evidence offers everything that can be cited, by activity; those with a
// choice made are open.
func evidence(lang string, citable []outcome.Citable, cited []outcome.Citation) []evidenceGroup {
	chosen := map[outcome.Citation]bool{}
	for _, c := range cited {
		chosen[c] = true
	}
	var out []evidenceGroup
	for i, c := range citable {
		g := evidenceGroup{Legend: kindWord(lang, c.Activity.Kind) + ": " + c.Activity.Title}
		for k, e := range c.Evidence {
			on := chosen[outcome.Citation{Activity: c.Activity.PublicID, Ref: e.Ref}]
			g.Open = g.Open || on
			g.Items = append(g.Items, page.Option{
				ID: "evidence-" + strconv.Itoa(i) + "-" + strconv.Itoa(k), Name: "evidence", Type: "checkbox",
				Value: c.Activity.PublicID + separator + e.Ref, Label: e.Label, Checked: on,
			})
		}
		out = append(out, g)
	}
	return out
}

// gone are the labels of what was cited and cannot be found any more; saving
// leaves them out.
func gone(citable []outcome.Citable, cited []outcome.Evidence) []string {
	have := map[process.ActivityID]map[string]bool{}
	for _, c := range citable {
		have[c.Activity.ID] = map[string]bool{}
		for _, e := range c.Evidence {
			have[c.Activity.ID][e.Ref] = true
		}
	}
	var out []string
	for _, e := range cited {
		if !have[e.ActivityID][e.Ref] {
			out = append(out, e.Label)
		}
	}
	return out
}
