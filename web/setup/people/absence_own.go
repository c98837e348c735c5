package people

import (
	"slices"
	"strconv"

	"arengo/process"
	"arengo/process/absence"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/workflow/civil"
)

// ownPage is where somebody says that they are away from a role of theirs.
type ownPage struct {
	page.Base
	Action string
	Now    []ownAbsence
	Fields []page.Field // none when there is no role, or nobody to stand in
	Why    string       // there are none
	Back   string
}

// ownAbsence is one that is noted, in words.
type ownAbsence struct{ Role, Label, Text string }

// ownAddress is the page of one's own absence.
func ownAddress(p process.Process) string { return wizard.Home(p) + "/assenza" }

func (a *area) ownShow(r *site.Request) error {
	p, err := a.ownView(r)
	if err != nil {
		return err
	}
	return r.Page("setup/absence", p)
}

func (a *area) ownView(r *site.Request) (ownPage, error) {
	title := r.T("setup.own_away.title")
	home := wizard.Home(r.Gate.Process)
	p := ownPage{
		Base:   r.Workspace(title, "manage", page.Crumb{Label: r.T("staff.crumb.all"), Href: "/gestione"}, page.Crumb{Label: r.Gate.Process.Title, Href: home}, page.Crumb{Label: title}),
		Action: ownAddress(r.Gate.Process), Back: home,
	}
	members, err := absence.Holders(r.Context(), a.core.DB(), r.Gate.Process.ID)
	if err != nil {
		return p, err
	}
	noted, err := absence.List(r.Context(), a.core.DB(), r.Gate.Process.ID, r.Now)
	if err != nil {
		return p, err
	}
	role := page.Field{Name: "role", Label: r.T("setup.own_away.role"), Type: "select", Required: true}
	deputy := page.Field{
		Name: "deputy", Label: r.T("setup.own_away.deputy"), Type: "select", Required: true, Empty: r.T("setup.away.choose"), Hint: r.T("setup.own_away.deputy.hint"),
	}
	for _, m := range members {
		value := strconv.FormatInt(int64(m.Person), 10)
		if m.Person == r.Actor.Person {
			role.Choices = append(role.Choices, page.Choice{Value: m.Role, Label: r.T("setup.role." + m.Role), Selected: m.Role == r.Value("role")})
			if text := deputyWords(r, m, noted); text != "" {
				p.Now = append(p.Now, ownAbsence{Role: m.Role, Label: r.T("setup.role." + m.Role), Text: text})
			}
		} else if !slices.ContainsFunc(deputy.Choices, func(c page.Choice) bool { return c.Value == value }) {
			name := m.Name
			if name == "" {
				name = m.Email
			}
			deputy.Choices = append(deputy.Choices, page.Choice{Value: value, Label: name, Selected: value == r.Value("deputy")})
		}
	}
	switch {
	case len(role.Choices) == 0:
		p.Why = r.T("setup.own_away.none")
	case len(deputy.Choices) == 0:
		p.Why = r.T("setup.own_away.alone")
	default:
		p.Fields = []page.Field{
			role,
			{Name: "from", Label: r.T("setup.away.from"), Type: "date", Value: r.Value("from"), Required: true},
			{Name: "until", Label: r.T("setup.away.until"), Type: "date", Value: r.Value("until"), Required: true, Hint: r.T("setup.away.until.hint")},
			deputy,
		}
	}
	return p, nil
}

func (a *area) ownSet(r *site.Request) error {
	own, err := ownTyped(r)
	if err == nil {
		err = absence.SetOwn(r.Context(), a.core, r.Gate.Process.ID, r.Actor, own)
	}
	if err == nil {
		return r.Redirect(ownAddress(r.Gate.Process), "setup.flash.away")
	}
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.ownView(r)
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/absence", p)
}

// ownTyped takes the form apart; everything that is wrong with it comes at once.
func ownTyped(r *site.Request) (absence.Own, error) {
	var bad fault.List
	out := absence.Own{Role: r.Value("role")}
	n, err := strconv.ParseInt(r.Value("deputy"), 10, 64)
	if err != nil {
		bad = append(bad, fault.Field("deputy", "absence.deputy_member"))
	}
	out.Deputy = process.PersonID(n)
	if out.From, err = civil.ParseDate(r.Value("from")); err != nil {
		bad = append(bad, fault.Field("from", "setup.error.date", "value", r.Value("from")))
	}
	if out.Until, err = civil.ParseDate(r.Value("until")); err != nil {
		bad = append(bad, fault.Field("until", "setup.error.date", "value", r.Value("until")))
	}
	return out, bad.Err()
}

func (a *area) ownEnd(r *site.Request) error {
	if err := absence.EndOwn(r.Context(), a.core, r.Gate.Process.ID, r.Actor, r.Value("role")); err != nil {
		return err
	}
	return r.Redirect(ownAddress(r.Gate.Process), "setup.flash.back")
}
