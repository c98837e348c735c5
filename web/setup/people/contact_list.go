package people

import (
	"io"
	"net/url"
	"slices"
	"strconv"

	"arengo/process"
	"arengo/process/csvfile"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
)

// contactsPage is the contact list: where the people live, and who they are.
type contactsPage struct {
	page.Base
	Frame   wizard.Frame
	Action  string
	Import  string
	Add     string
	Total   int
	Counts  page.Table
	Places  int // municipalities with a contact
	Filters []page.Field
	Found   int
	Rows    []contactRow
	Pages   page.Pagination
	Asked   bool // the list is narrowed
}

// contactRow is a person of the list.
type contactRow struct {
	Name, Email, Place, Edit     string
	Why                          string // why nothing is sent there, and since when
	OptedOut, Bounced, Reachable bool
}

const contactsAPage = 50

func (a *area) contactList(r *site.Request) error {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.contacts.title"), section.Contacts)
	if err != nil {
		return err
	}
	pr := r.Gate.Process
	p := contactsPage{Base: base, Frame: f, Action: wizard.Home(pr) + "/" + section.Contacts}
	p.Import, p.Add = p.Action+"/importa", p.Action+"/nuovo"
	places, err := a.roster.Places(r.Context(), pr.ID)
	if err != nil {
		return err
	}
	p.Counts, p.Total = placesTable(r, base, p.Action, places)
	for _, pl := range places {
		if pl.Territory != 0 {
			p.Places++
		}
	}
	filter := a.contactFilter(r, &p, places)
	found, err := a.roster.Contacts(r.Context(), pr.ID, filter)
	if err != nil {
		return err
	}
	p.Found = found.Total
	words := base.Words()
	for _, c := range found.Contacts {
		row := contactRow{Edit: p.Action + "/" + c.PublicID, Name: c.Name, Email: c.Email, Place: c.Municipality, OptedOut: c.OptedOut, Bounced: c.Bounced}
		if row.Name == "" {
			row.Name = c.Email
		}
		row.Reachable = !c.OptedOut && !c.Bounced
		if why := c.Trouble.Why(); why != "" {
			row.Why = r.T("setup.contacts.why."+why, "day", words.Date(c.Trouble.Since))
		}
		p.Rows = append(p.Rows, row)
	}
	p.Pages = page.Paginate(filter.Offset/contactsAPage+1, (found.Total+contactsAPage-1)/contactsAPage, func(n int) string {
		q := url.Values{"q": {r.Query("q")}, "comune": {r.Query("comune")}, "stato": {r.Query("stato")}, "pagina": {strconv.Itoa(n)}}
		return p.Action + "?" + q.Encode()
	})
	return r.Page("setup/contacts", p)
}

// contactFilter reads the search form and writes it back.
func (a *area) contactFilter(r *site.Request, p *contactsPage, places []roster.Place) roster.ContactFilter {
	f := roster.ContactFilter{Text: r.Query("q"), State: roster.ContactState(r.Query("stato")), Limit: contactsAPage}
	if !slices.Contains(roster.ContactStates, f.State) {
		f.State = ""
	}
	if n, err := strconv.ParseInt(r.Query("comune"), 10, 64); err == nil {
		f.Territory = process.TerritoryID(n)
	}
	if n, err := strconv.Atoi(r.Query("pagina")); err == nil && n > 1 && n < 1_000_000 {
		f.Offset = (n - 1) * contactsAPage
	}
	p.Asked = f.Text != "" || f.Territory != 0 || f.State != ""
	where := page.Field{Name: "comune", Label: r.T("setup.contacts.place"), Type: "select", Empty: r.T("setup.contacts.everywhere")}
	for _, pl := range places {
		if pl.Territory != 0 {
			where.Choices = append(where.Choices, page.Choice{Value: strconv.FormatInt(int64(pl.Territory), 10), Label: pl.Name, Selected: pl.Territory == f.Territory})
		}
	}
	state := page.Field{Name: "stato", Label: r.T("setup.contacts.state"), Type: "select", Empty: r.T("setup.contacts.all")}
	for _, s := range roster.ContactStates {
		state.Choices = append(state.Choices, page.Choice{Value: string(s), Label: r.T("roster.contact_" + string(s)), Selected: s == f.State})
	}
	where.Quiet, state.Quiet = true, true
	p.Filters = []page.Field{{Quiet: true, Name: "q", Label: r.T("setup.contacts.search"), Type: "search", Value: f.Text}, where, state}
	return f
}

func placesTable(r *site.Request, base page.Base, here string, places []roster.Place) (page.Table, int) {
	words := base.Words()
	t := page.Table{
		Caption: r.T("setup.contacts.counts.caption"), Stack: true,
		Heads: []page.Head{
			{Label: r.T("setup.population.place")},
			{Label: r.T("setup.contacts.number"), Right: true},
			{Label: r.T("setup.contacts.reachable"), Right: true},
			{Label: r.T("setup.population.units"), Right: true},
		},
	}
	total, reachable := 0, 0
	for _, pl := range places {
		total, reachable = total+pl.Contacts, reachable+pl.Reachable
		name, units := page.Cell{Text: pl.Name, Href: here + "?comune=" + strconv.FormatInt(int64(pl.Territory), 10)}, "—"
		if pl.Territory == 0 {
			name = page.Cell{Text: r.T("setup.contacts.nowhere"), Href: here + "?stato=" + string(roster.ContactUnplaced)}
		}
		if pl.Units > 0 {
			units = words.Num(pl.Units, 0)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{name, {Text: words.Num(pl.Contacts, 0)}, {Text: words.Num(pl.Reachable, 0)}, {Text: units}}})
	}
	t.Foot = []page.Row{{Cells: []page.Cell{{Text: r.T("setup.population.total")}, {Text: words.Num(total, 0)}, {Text: words.Num(reachable, 0)}, {}}}}
	return t, total
}

func (a *area) contactRemove(r *site.Request) error {
	back := wizard.Home(r.Gate.Process) + "/" + section.Contacts
	id, err := strconv.ParseInt(r.Value("person"), 10, 64)
	if err != nil {
		return r.Redirect(back, "")
	}
	if err := a.roster.RemoveContact(r.Context(), r.Gate.Process.ID, r.Actor, roster.Leaver{Person: process.PersonID(id), Asked: r.Value("asked") != ""}); err != nil {
		return err
	}
	return r.Redirect(back, "setup.flash.contact")
}

// contactsSample is the file that a promoter starts from, with invented people
// who live in municipalities of this process.
func (a *area) contactsSample(r *site.Request) error {
	territories, err := a.roster.Territories(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return err
	}
	lines := [][]string{{"email", "nome", "cognome", "comune", "codice istat", "lingua"}}
	for i, who := range [][]string{{"anna.rossi@example.org", "Anna", "Rossi"}, {"luca.bianchi@example.org", "Luca", "Bianchi"}} {
		var name, code string
		if len(territories) > 0 {
			t := territories[i%len(territories)]
			name, code = t.Name, t.Code
		}
		lines = append(lines, append(who, name, code, "it"))
	}
	return r.Download("contatti-modello.csv", csvfile.Type, func(w io.Writer) error { return csvfile.Write(w, lines) })
}
