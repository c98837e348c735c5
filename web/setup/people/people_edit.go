package people

import (
	"slices"
	"strconv"

	"arengo/process"
	"arengo/process/absence"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/definition"
)

// peoplePage gives and takes roles.
type peoplePage struct {
	page.Base
	Frame  wizard.Frame
	Action string
	Next   string // "" once the process is public
	People []memberRow
	Fields []page.Field
	Roles  page.Options
	Away   awayForm
}

// memberRow is one role of one person. Deputy says who stands in and until
// when, "" when nobody does.
type memberRow struct {
	Person           process.PersonID
	Name, Email      string
	Role, RoleLabel  string
	Deputy           string
	You, OnlyOneLeft bool
}

func (a *area) peopleShow(r *site.Request) error {
	p, err := a.peopleView(r, process.Person{}, "", awayTyped{})
	if err != nil {
		return err
	}
	return r.Page("setup/people", p)
}

func (a *area) peopleView(r *site.Request, typed process.Person, role string, away awayTyped) (peoplePage, error) {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.people.title"), section.People)
	if err != nil {
		return peoplePage{}, err
	}
	members, err := a.core.Members(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return peoplePage{}, err
	}
	p := peoplePage{Base: base, Frame: f, Action: wizard.Home(r.Gate.Process) + "/" + section.People}
	if !r.Gate.Process.Published() {
		p.Next = wizard.Home(r.Gate.Process) + "/" + section.Publish
	}
	absent, err := absence.List(r.Context(), a.core.DB(), r.Gate.Process.ID, r.Now)
	if err != nil {
		return peoplePage{}, err
	}
	promoters, facilitators := 0, 0
	for _, m := range members {
		switch m.Role {
		case process.RolePromoter:
			promoters++
		case process.RoleFacilitator:
			facilitators++
		}
	}
	for _, m := range members {
		name := m.Name
		if name == "" {
			name = m.Email
		}
		p.People = append(p.People, memberRow{
			Person: m.Person, Name: name, Email: m.Email, Role: m.Role, RoleLabel: r.T("setup.role." + m.Role),
			You: m.Person == r.Actor.Person, OnlyOneLeft: m.Role == process.RolePromoter && promoters < 2,
			Deputy: deputyWords(r, m, absent),
		})
	}
	if role == "" && facilitators == 0 {
		role = process.RoleFacilitator
	}
	p.Fields = []page.Field{
		{Name: "email", Label: r.T("setup.people.email"), Type: "email", Value: typed.Email, Required: true, Hint: r.T("setup.people.email.hint")},
		{Name: "name", Label: r.T("setup.people.name"), Value: typed.Name, Max: maxTitle},
	}
	p.Roles = page.Options{Name: "role", Legend: r.T("setup.people.role"), Required: true}
	def, _, err := a.core.Definition(r.Context(), a.core.DB(), r.Gate.Process)
	if err != nil {
		return p, err
	}
	for _, one := range definition.Staff {
		if !slices.Contains(def.Roles, one) {
			continue // no step of this process is theirs
		}
		p.Roles.Choices = append(p.Roles.Choices, page.Choice{
			Value: one, Label: r.T("setup.role." + one), Hint: r.T("setup.role." + one + ".hint"), Selected: one == role,
		})
	}
	p.Away = newAwayForm(r, members, away)
	return p, nil
}

func (a *area) peopleAdd(r *site.Request) error {
	typed := process.Person{Email: r.Value("email"), Name: r.Value("name"), Locale: r.Lang}
	err := a.core.AddMember(r.Context(), r.Gate.Process.ID, r.Actor, typed, r.Value("role"))
	return a.peopleAnswer(r, typed, "setup.flash.member", err)
}

func (a *area) peopleRemove(r *site.Request) error {
	id, err := strconv.ParseInt(r.Value("person"), 10, 64)
	if err != nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.People, "")
	}
	err = a.core.RemoveMember(r.Context(), r.Gate.Process.ID, r.Actor, process.PersonID(id), r.Value("role"))
	return a.peopleAnswer(r, process.Person{}, "setup.flash.removed", err)
}

func (a *area) peopleAnswer(r *site.Request, typed process.Person, flash string, err error) error {
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.People, flash)
	}
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.peopleView(r, typed, r.Value("role"), awayTyped{})
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/people", p)
}
