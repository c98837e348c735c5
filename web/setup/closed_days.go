package setup

import (
	"fmt"
	"strings"

	"arengo/process"
	"arengo/process/place"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/civil"
)

// closedField holds the days of the year on which the lead organisation is
// closed, as people write them; nil for who may not change them.
func (a *area) closedField(r *site.Request) (*page.Field, error) {
	if allowed := process.Allow(process.ActPeopleEdit, r.Gate.Standing, r.Gate.At) == nil; !allowed {
		return nil, nil
	}
	if may, err := place.MaySetClosedDays(r.Context(), a.core, r.Gate.Process, r.Actor); err != nil || !may {
		return nil, err
	}
	days, err := place.ClosedDays(r.Context(), a.core, r.Gate.Process)
	if err != nil {
		return nil, err
	}
	return &page.Field{
		Name: "closed", Label: r.T("setup.closed.label"), Hint: r.T("setup.closed.hint"), Value: closedWords(days), Max: 300,
	}, nil
}

// closedWords are days of every year as people write them.
func closedWords(days []civil.MonthDay) string {
	words := make([]string, len(days))
	for i, d := range days {
		words[i] = fmt.Sprintf("%d/%d", d.Day, int(d.Month))
	}
	return strings.Join(words, ", ")
}

// whyClosed asks why they change.
func whyClosed(r *site.Request, value string) page.Field {
	return page.Field{Name: "reason", Label: r.T("setup.closed.reason"), Hint: r.T("setup.closed.reason.hint"), Value: value, Required: true, Max: 1000}
}

// closedShown is how many changes of the closed days a page lists.
const closedShown = 20

// closedTrace says who changed them, when and why.
func (a *area) closedTrace(r *site.Request) ([]string, error) {
	list, err := place.ClosedChanges(r.Context(), a.core, r.Gate.Process, closedShown)
	if err != nil {
		return nil, err
	}
	words := page.Words{Lang: r.Lang, Zone: r.Gate.Process.Location(), Now: r.Now}
	said := func(text string) (string, error) {
		days, err := place.ParseClosed(text)
		if err != nil || len(days) == 0 {
			return r.T("setup.closed.none"), err
		}
		return closedWords(days), nil
	}
	var out []string
	for _, c := range list {
		before, err := said(c.Before)
		if err != nil {
			return nil, err
		}
		after, err := said(c.After)
		if err != nil {
			return nil, err
		}
		out = append(out, r.T("setup.closed.change", "day", words.Date(c.At), "name", c.Name, "before", before, "after", after, "why", c.Reason))
	}
	return out, nil
}

func (a *area) closedSave(r *site.Request) error {
	err := place.SetClosedDays(r.Context(), a.core, r.Gate.Process.ID, r.Actor, r.Value("closed"), r.Value("reason"))
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.Partners, "setup.flash.closed")
	}
	if !wizard.Shown(err) {
		return err
	}
	partners, failed := a.core.Partners(r.Context(), r.Gate.Process.ID)
	if failed != nil {
		return failed
	}
	p, failed := a.partnersView(r, savedPartners(partners))
	if failed != nil {
		return failed
	}
	if p.Closed == nil {
		return err
	}
	p.Closed.Value, p.WhyClosed.Value = r.Value("closed"), r.Value("reason")
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/partners", p)
}
