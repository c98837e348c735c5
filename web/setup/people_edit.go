package setup

import (
	"strconv"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// peoplePage gives and takes roles.
type peoplePage struct {
	page.Base
	Frame  frame
	Action string
	Next   string // "" once the process is public
	People []memberRow
	Fields []page.Field
	Roles  page.Options
}

// memberRow is one role of one person.
type memberRow struct {
	Person           process.PersonID
	Name, Email      string
	Role, RoleLabel  string
	You, OnlyOneLeft bool
}

func (a *area) peopleShow(r *site.Request) error {
	p, err := a.peopleView(r, process.Person{}, "")
	if err != nil {
		return err
	}
	return r.Page("setup/people", p)
}

func (a *area) peopleView(r *site.Request, typed process.Person, role string) (peoplePage, error) {
	base, f, err := a.workspace(r, r.T("setup.people.title"), section.People)
	if err != nil {
		return peoplePage{}, err
	}
	members, err := a.core.Members(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return peoplePage{}, err
	}
	p := peoplePage{Base: base, Frame: f, Action: home(r.Gate.Process) + "/" + section.People}
	if !r.Gate.Process.Published() {
		p.Next = home(r.Gate.Process) + "/" + section.Publish
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
	for _, one := range process.StaffRoles {
		p.Roles.Choices = append(p.Roles.Choices, page.Choice{
			Value: one, Label: r.T("setup.role." + one), Hint: r.T("setup.role." + one + ".hint"), Selected: one == role,
		})
	}
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
		return r.Redirect(home(r.Gate.Process)+"/"+section.People, "")
	}
	err = a.core.RemoveMember(r.Context(), r.Gate.Process.ID, r.Actor, process.PersonID(id), r.Value("role"))
	return a.peopleAnswer(r, process.Person{}, "setup.flash.removed", err)
}

func (a *area) peopleAnswer(r *site.Request, typed process.Person, flash string, err error) error {
	if err == nil {
		return r.Redirect(home(r.Gate.Process)+"/"+section.People, flash)
	}
	if !shown(err) {
		return err
	}
	p, failed := a.peopleView(r, typed, r.Value("role"))
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/people", p)
}
