package setup

import (
	"strconv"

	"arengo/process"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// detailsPage edits the words of a process.
type detailsPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	Revision int64
	Fields   []page.Field
	Conflict *wizard.Conflict
	Draft    bool
}

func detailsOf(p process.Process) process.Details {
	return process.Details{
		Title: p.Title, Summary: p.Summary, ContactName: p.ContactName, ContactEmail: p.ContactEmail,
		Decider: p.Decider, KeepDays: p.KeepDays, Revision: p.Revision,
	}
}

func (a *area) detailsShow(r *site.Request) error {
	p, err := a.detailsView(r, detailsOf(r.Gate.Process))
	if err != nil {
		return err
	}
	return r.Page("setup/details", p)
}

func (a *area) detailsView(r *site.Request, d process.Details) (detailsPage, error) {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.details.title"), section.Settings)
	return detailsPage{
		Base: base, Frame: f, Action: wizard.Home(r.Gate.Process) + "/" + section.Settings, Revision: d.Revision,
		Draft: !r.Gate.Process.Published(),
		Fields: []page.Field{
			{Name: "title", Label: r.T("setup.field.title"), Hint: r.T("setup.field.title.hint"), Value: d.Title, Required: true, Max: maxTitle},
			{Name: "summary", Label: r.T("setup.field.summary"), Note: r.T("setup.field.topublish"), Hint: r.T("setup.field.summary.hint"), Type: "textarea", Value: d.Summary, Rows: 5, Max: maxSummary},
			{Name: "decider", Label: r.T("setup.field.decider"), Hint: r.T("setup.field.decider.hint"), Type: "textarea", Rows: 2, Value: d.Decider, Max: maxWords},
			{Name: "contact", Label: r.T("setup.field.contact"), Value: d.ContactName, Max: maxTitle, Hint: r.T("setup.field.contact.hint")},
			{Name: "email", Label: r.T("setup.field.email"), Note: r.T("setup.field.topublish"), Type: "email", Value: d.ContactEmail, Hint: r.T("setup.field.email.hint"), Complete: "email"},
			{
				Name: "keep", Label: r.T("setup.field.keep"), Hint: r.T("setup.field.keep.hint"), Type: "number", Mode: "numeric", Required: true,
				Value: strconv.Itoa(d.KeepDays), Low: strconv.Itoa(process.KeepLeast), High: strconv.Itoa(process.KeepMost),
			},
		},
	}, err
}

func (a *area) detailsSave(r *site.Request) error {
	d := process.Details{
		Title: r.Value("title"), Summary: r.Value("summary"), Decider: r.Value("decider"),
		ContactName: r.Value("contact"), ContactEmail: r.Value("email"), KeepDays: days(r.Value("keep")), Revision: revision(r.Value("revision")),
	}
	err := checkDetails(d)
	if err == nil {
		err = a.core.Update(r.Context(), r.Gate.Process.ID, r.Actor, d)
	}
	if err == nil {
		return r.Redirect(wizard.Onward(r.Gate.Process, section.Settings, section.Partners), "setup.flash.saved")
	}
	if !wizard.Shown(err) {
		return err
	}
	var met *wizard.Conflict
	if wizard.Stale(err) {
		if met, err = a.detailsConflict(r, &d, err); met == nil {
			return err
		}
	}
	p, failed := a.detailsView(r, d)
	if failed != nil {
		return failed
	}
	p.Conflict, p.Errors = met, page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/details", p)
}

// days reads a number of days; what is none is refused by the domain.
func days(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n == 0 {
		return -1
	}
	return n
}

// checkDetails bounds what the domain leaves open; the other fields are its
// own matter.
func checkDetails(d process.Details) error {
	var bad fault.List
	if len([]rune(d.Decider)) > maxWords {
		bad = append(bad, fault.Field("decider", "setup.error.long", "max", maxWords))
	}
	if len([]rune(d.ContactName)) > maxTitle {
		bad = append(bad, fault.Field("contact", "setup.error.long", "max", maxTitle))
	}
	return bad.Err()
}

// detailsConflict sets what is saved beside what was written, and lets the
// form be sent again on top of it.
func (a *area) detailsConflict(r *site.Request, d *process.Details, cause error) (*wizard.Conflict, error) {
	now, err := a.core.LoadProcess(r.Context(), a.core.DB(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	c := &wizard.Conflict{}
	c.Add(r.T("setup.field.title"), now.Title, d.Title)
	c.Add(r.T("setup.field.summary"), now.Summary, d.Summary)
	c.Add(r.T("setup.field.decider"), now.Decider, d.Decider)
	c.Add(r.T("setup.field.contact"), now.ContactName, d.ContactName)
	c.Add(r.T("setup.field.email"), now.ContactEmail, d.ContactEmail)
	c.Add(r.T("setup.field.keep"), strconv.Itoa(now.KeepDays), strconv.Itoa(d.KeepDays))
	d.Revision = now.Revision
	return c, cause
}
