package setup

import (
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/place"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// createPage is step 2 of a process that does not exist yet: nothing is saved
// before it is sent.
type createPage struct {
	page.Base
	Frame    wizard.Frame
	Template string // its name, in a hidden field
	Chosen   string // its title
	Size     string
	Fields   []page.Field
	Nobody   bool         // promoter of no organisation
	Past     *page.Option // to say that a first day before today is meant so
}

// newForm is what the form of step 2 holds.
type newForm struct {
	title, summary, organisation, start string
	past                                bool
}

func (a *area) processNew(r *site.Request) error {
	start := civil.DateOf(r.Now, page.Rome).Add(firstDay(r.Now))
	p, err := a.createView(r, r.Query("modello"), newForm{start: start.String()})
	if err != nil {
		return err
	}
	if p.Template == "" {
		return r.Redirect(pathNew, "")
	}
	return r.Page("setup/create", p)
}

// firstDay is how far the proposed first day is: the Monday after two weeks.
func firstDay(now time.Time) int {
	const fortnight = 14
	day := now.In(page.Rome).AddDate(0, 0, fortnight).Weekday()
	return fortnight + (int(time.Monday)-int(day)+7)%7
}

func (a *area) createView(r *site.Request, template string, f newForm) (createPage, error) {
	p := createPage{
		Base: r.Workspace(r.T("setup.create.title"), "new", page.Crumb{Label: r.T("setup.crumb.all"), Href: "/gestione"},
			page.Crumb{Label: r.T("setup.crumb.new"), Href: pathNew}, page.Crumb{Label: r.T("setup.step.process")}),
		Frame: wizard.Frame{Track: wizard.Steps(r, wizard.StepProcess, func(step int) bool { return step == wizard.StepTemplate })},
	}
	if def, err := a.core.Definitions().Latest(template); err == nil && def.Level == definition.LevelProcess {
		p.Template, p.Chosen, p.Size = def.Name, def.Title.In(r.Lang), sizeWords(r, def)
	}
	lead := r.Actor.Person
	if r.Actor.Administrator {
		lead = 0
	}
	all, err := place.Organisations(r.Context(), a.core.DB(), lead)
	if err != nil {
		return p, err
	}
	p.Nobody = len(all) == 0
	choices := make([]page.Choice, len(all))
	for i, o := range all {
		choices[i] = page.Choice{Value: o.PublicID, Label: o.Name, Selected: o.PublicID == f.organisation || len(all) == 1}
	}
	p.Fields = []page.Field{
		{Name: "title", Label: r.T("setup.field.title"), Hint: r.T("setup.field.title.hint"), Value: f.title, Required: true, Max: maxTitle},
		{Name: "summary", Label: r.T("setup.field.summary"), Note: r.T("setup.field.topublish"), Hint: r.T("setup.field.summary.hint"), Type: "textarea", Value: f.summary, Rows: 4, Max: maxSummary},
		{Name: "organisation", Label: r.T("setup.field.organisation"), Hint: r.T("setup.field.organisation.hint"), Type: "select", Choices: choices, Empty: r.T("setup.field.choose"), Required: true},
		{Name: "starts_on", Label: r.T("setup.field.start"), Hint: r.T("setup.field.start.hint"), Type: "date", Value: f.start, Required: true},
	}
	return p, nil
}

const (
	maxTitle   = 200
	maxSummary = 2000
	maxWords   = 300
)

func (a *area) processCreate(r *site.Request) error {
	f := newForm{r.Value("title"), r.Value("summary"), r.Value("organisation"), r.Value("starts_on"), r.Value("past") != ""}
	made, err := a.create(r, f)
	if err == nil {
		return r.Redirect(wizard.Home(made)+"/"+section.Partners, site.Once(made.Already, "setup.flash.created"))
	}
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.createView(r, r.Value("template"), f)
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	if f.past || keyed(err, "process.starts_past") {
		p.Past = meantSo(r, f.past)
	}
	return r.PageStatus(page.Status(err), "setup/create", p)
}

// meantSo asks whether a first day that has gone by is no slip.
func meantSo(r *site.Request, checked bool) *page.Option {
	return &page.Option{
		ID: "past", Name: "past", Value: "1", Type: "checkbox", Checked: checked,
		Label: r.T("setup.field.past"), Hint: r.T("setup.field.past.hint"),
	}
}

func (a *area) create(r *site.Request, f newForm) (process.Process, error) {
	start, err := parseDate(f.start)
	if err != nil {
		return process.Process{}, err
	}
	all, err := place.Organisations(r.Context(), a.core.DB(), 0)
	if err != nil {
		return process.Process{}, err
	}
	var lead process.OrganisationID
	for _, o := range all {
		if o.PublicID == f.organisation {
			lead = o.ID
		}
	}
	return a.core.Create(r.Context(), r.Actor, process.NewProcess{
		Template: r.Value("template"), Title: f.title, Summary: f.summary, OrganisationID: lead, StartsOn: start,
		Past: f.past, FormKey: r.FormKey(),
	})
}

// parseDate reads the date of a form; the zero date for an empty one, which
// the domain refuses where it is required.
func parseDate(s string) (civil.Date, error) {
	if s == "" {
		return civil.Date{}, nil
	}
	d, err := civil.ParseDate(s)
	if err != nil {
		return d, fault.Field("starts_on", "setup.error.date", "value", s)
	}
	return d, nil
}
