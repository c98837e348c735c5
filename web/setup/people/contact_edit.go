package people

import (
	"slices"
	"strconv"

	"arengo/notify"
	"arengo/process"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// contactPage writes one person of the list, or a new one.
type contactPage struct {
	page.Base
	Frame   wizard.Frame
	Action  string
	List    string
	New     bool
	Person  process.PersonID
	Foreign bool // only the municipality can be changed
	Trouble *trouble
	Sent    string // what this person was sent
	Known   page.Facts
	Fields  []page.Field
}

func (a *area) contactNew(r *site.Request) error {
	p, err := a.contactView(r, nil, roster.Card{Locale: "it"})
	if err != nil {
		return err
	}
	return r.Page("setup/contact", p)
}

func (a *area) contactAdd(r *site.Request) error {
	c := cardOf(r)
	already, err := a.roster.AddContact(r.Context(), r.Gate.Process.ID, r.Actor, c)
	if err == nil {
		return r.Redirect(contacts(r)+"#cerca", site.Once(already, "setup.flash.contact_added"))
	}
	return a.contactRefuse(r, nil, c, err)
}

func (a *area) contactShow(r *site.Request) error {
	is, err := a.roster.Contact(r.Context(), r.Gate.Process.ID, r.Param("person"))
	if err != nil {
		return err
	}
	p, err := a.contactView(r, &is, roster.Card{Email: is.Email, Name: is.Name, Locale: is.Locale, Territory: is.Territory})
	if err != nil {
		return err
	}
	return r.Page("setup/contact", p)
}

func (a *area) contactSave(r *site.Request) error {
	is, err := a.roster.Contact(r.Context(), r.Gate.Process.ID, r.Param("person"))
	if err != nil {
		return err
	}
	c := cardOf(r)
	if is.Foreign { // the page shows what is the person's own and does not send it
		c.Email, c.Name, c.Locale = is.Email, is.Name, is.Locale
	}
	again, err := a.roster.CorrectContact(r.Context(), r.Gate.Process.ID, r.Actor, is.PublicID, c)
	switch {
	case err != nil:
		return a.contactRefuse(r, &is, c, err)
	case again > 0:
		return r.Redirect(contacts(r)+"#cerca", "setup.flash.contact_again")
	}
	return r.Redirect(contacts(r)+"#cerca", "setup.flash.contact_saved")
}

// contactRefuse shows the form with what was written; is is nil for a new one.
func (a *area) contactRefuse(r *site.Request, is *roster.Correction, c roster.Card, err error) error {
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.contactView(r, is, c)
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/contact", p)
}

func (a *area) contactView(r *site.Request, is *roster.Correction, c roster.Card) (contactPage, error) {
	title := r.T("setup.contact.new")
	if is != nil {
		title = r.T("setup.contact.title")
	}
	base, f, err := wizard.Workspace(a.core, r, title, section.Contacts, page.Crumb{Label: title})
	if err != nil {
		return contactPage{}, err
	}
	territories, err := a.roster.Territories(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return contactPage{}, err
	}
	p := contactPage{Base: base, Frame: f, Action: contacts(r) + "/nuovo", List: contacts(r), New: is == nil}
	if is != nil && is.Territory != 0 && !slices.ContainsFunc(territories, func(t roster.Territory) bool { return t.ID == is.Territory }) {
		territories = append(territories, roster.Territory{ID: is.Territory, Name: is.Municipality})
	}
	where := placeField(r, territories, c.Territory)
	if is != nil {
		p.Action, p.Foreign, p.Person = contacts(r)+"/"+is.PublicID, is.Foreign, is.Person
		p.Sent = section.Path(r.Gate.Process, section.Messages) + "/persona/" + is.PublicID
		p.Trouble = troubleOf(r, is, p.Action)
	}
	if p.Foreign {
		p.Known = page.Facts{Items: []page.Fact{{Term: r.T("setup.people.person"), Text: is.Name}, {Term: r.T("setup.people.address"), Text: is.Email}}}
		p.Fields = []page.Field{where}
		return p, nil
	}
	hint := r.T("setup.contact.email.hint")
	if p.New {
		hint = ""
	}
	language := page.Field{Name: "language", Label: r.T("setup.contact.language"), Type: "select", Required: true}
	for _, l := range notify.Locales() {
		language.Choices = append(language.Choices, page.Choice{Value: l, Label: r.T("setup.contact.language_" + l), Selected: l == c.Locale})
	}
	p.Fields = []page.Field{
		{Name: "email", Label: r.T("setup.people.email"), Hint: hint, Type: "email", Value: c.Email, Required: true},
		{Name: "name", Label: r.T("setup.people.name"), Value: c.Name, Max: maxTitle},
		where, language,
	}
	return p, nil
}

func placeField(r *site.Request, territories []roster.Territory, chosen process.TerritoryID) page.Field {
	f := page.Field{Name: "place", Label: r.T("setup.contacts.place"), Hint: r.T("setup.contact.place.hint"), Type: "select", Empty: r.T("setup.contacts.nowhere")}
	for _, t := range territories {
		f.Choices = append(f.Choices, page.Choice{Value: strconv.FormatInt(int64(t.ID), 10), Label: t.Name, Selected: t.ID == chosen})
	}
	return f
}

// cardOf reads the form; a municipality that is no number is none of ours.
func cardOf(r *site.Request) roster.Card {
	c := roster.Card{Email: r.Value("email"), Name: r.Value("name"), Locale: r.Value("language"), FormKey: r.FormKey()}
	if text := r.Value("place"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			n = -1
		}
		c.Territory = process.TerritoryID(n)
	}
	return c
}

// contacts is the address of the list.
func contacts(r *site.Request) string { return wizard.Home(r.Gate.Process) + "/" + section.Contacts }
