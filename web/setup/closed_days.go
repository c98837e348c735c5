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
)

// closedField holds the days of the year on which the lead organisation is
// closed, as people write them; nil for who may not change them.
func (a *area) closedField(r *site.Request) (*page.Field, error) {
	if allowed := process.Allow(process.ActPeopleEdit, r.Gate.Standing, r.Gate.At) == nil; !allowed {
		return nil, nil
	}
	days, err := place.ClosedDays(r.Context(), a.core, r.Gate.Process)
	if err != nil {
		return nil, err
	}
	words := make([]string, len(days))
	for i, d := range days {
		words[i] = fmt.Sprintf("%d/%d", d.Day, int(d.Month))
	}
	return &page.Field{
		Name: "closed", Label: r.T("setup.closed.label"), Hint: r.T("setup.closed.hint"), Value: strings.Join(words, ", "), Max: 300,
	}, nil
}

func (a *area) closedSave(r *site.Request) error {
	err := place.SetClosedDays(r.Context(), a.core, r.Gate.Process.ID, r.Actor, r.Value("closed"))
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
	p.Closed.Value = r.Value("closed")
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/partners", p)
}
