package ledger

import (
	"net/url"

	"arengo/process"
	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// personPage is all that a process sent to one person.
type personPage struct {
	page.Base
	Sections []section.Link
	Facts    page.Facts
	Contact  string // their card on the list, "" where there is none to open
	List     *deliveries
}

func (a *area) personShow(r *site.Request) error {
	person, err := a.ledger.Person(r.Context(), r.Gate.Process.ID, r.Param("person"))
	if err != nil {
		return err
	}
	name := called(r, person.Called())
	p := personPage{Facts: page.Facts{Items: []page.Fact{{Term: r.T("ledger.address"), Text: person.Email}}}}
	p.Base, p.Sections = frame(r, r.T("ledger.person.title", "who", name), page.Crumb{Label: name})
	if person.Listed && process.Allow(process.ActContactImport, r.Gate.Standing, r.Gate.At) == nil {
		p.Contact = section.Path(r.Gate.Process, section.Contacts) + "/" + person.PublicID
	}
	p.List, err = a.list(r, ledger.Filter{Person: person.ID, Statuses: ledger.Chosen(r.Query(wordState)), Channel: r.Query(wordChannel)}, subject{
		Path: home(r) + "/persona/" + person.PublicID, Which: url.Values{wordPerson: {person.PublicID}},
	})
	if err != nil {
		return err
	}
	return r.Page("ledger/person", p)
}
