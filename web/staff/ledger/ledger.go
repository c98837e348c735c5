// Package ledger holds the pages on which those who run a process see what was
// sent, to whom and what became of it, and have it tried again.
package ledger

import (
	"net/url"
	"slices"
	"strconv"

	"arengo/process"
	"arengo/process/ledger"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
)

const root = "/gestione/:process/" + section.Messages

// area is what the handlers of this package work with.
type area struct {
	core   *process.Service
	ledger *ledger.Service
	roster *roster.Service
}

// Routes are the pages of the ledger. All of them show names.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, ledger: ledger.New(s.Core), roster: roster.New(s.Core)}
	return []site.Route{
		site.Get(root, process.ActLedgerRead, a.noticeList),
		site.Get(root+"/serie", process.ActLedgerRead, a.seriesShow),
		site.Get(root+"/persona/:person", process.ActLedgerRead, a.personShow),
		site.Get(root+"/consegna/:delivery", process.ActLedgerRead, a.deliveryShow),
		site.Get(root+"/elenco.csv", process.ActLedgerRead, a.deliveriesDownload),
		site.Get(root+"/riprova", process.ActMessageSend, a.retryShow),
		site.Post(root+"/riprova", process.ActMessageSend, a.retrySave),
		site.Get(root+"/:notice", process.ActLedgerRead, a.noticeShow),
	}
}

// home is the address of the list.
func home(r *site.Request) string { return section.Path(r.Gate.Process, section.Messages) }

// frame is what surrounds each of the pages; here are the crumbs below the list.
func frame(r *site.Request, title string, here ...page.Crumb) (page.Base, []section.Link) {
	p := r.Gate.Process
	list := page.Crumb{Label: r.T("staff.section." + section.Messages)}
	if len(here) > 0 {
		list.Href = home(r)
	}
	crumbs := []page.Crumb{{Label: r.T("staff.crumb.all"), Href: "/gestione"}, {Label: p.Title, Href: gate.Home(p.Slug)}, list}
	return r.Workspace(title, "manage", append(crumbs, here...)...), section.List(r, section.Messages, nil)
}

// activities are those of the process, by identifier.
func (a *area) activities(r *site.Request) (map[process.ActivityID]process.Activity, error) {
	list, err := a.core.Activities(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	out := make(map[process.ActivityID]process.Activity, len(list))
	for _, one := range list {
		out[one.ID] = one
	}
	return out, nil
}

// The words of an address that say which deliveries are meant, see ledger.Filter.
const (
	wordNotice, wordKind, wordActivity, wordPerson = "avviso", "tipo", "attivita", "persona"
	wordDelivery, wordState, wordText, wordChannel = "consegna", "stato", "q", "canale"
	wordPage                                       = "pagina"
)

// asked are the words of an address as they were given.
type asked func(name string) string

// filterOf reads the words. What names nothing that there is finds nothing.
func (a *area) filterOf(r *site.Request, get asked) (ledger.Filter, error) {
	f := ledger.Filter{
		Notice: number(get(wordNotice)), Kind: get(wordKind), Delivery: number(get(wordDelivery)),
		Statuses: ledger.Chosen(get(wordState)), Text: get(wordText), Channel: get(wordChannel),
	}
	if id := get(wordPerson); id != "" {
		person, err := a.ledger.Person(r.Context(), r.Gate.Process.ID, id)
		if err != nil {
			return f, err
		}
		f.Person = person.ID
	}
	if id := get(wordActivity); id != "" {
		all, err := a.activities(r)
		if err != nil {
			return f, err
		}
		f.Activity = -1
		for _, one := range all {
			if one.PublicID == id {
				f.Activity = one.ID
			}
		}
	}
	return f, nil
}

// number reads an identifier; what is no number is nobody's.
func number(text string) int64 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return -1
	}
	return n
}

// words writes the words of an address anew, with changes: pairs of names and
// values, "" to leave one out.
func (get asked) words(names []string, changes ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		if v := get(name); v != "" {
			out.Set(name, v)
		}
	}
	for i := 0; i+1 < len(changes); i += 2 {
		out.Del(changes[i])
		if changes[i+1] != "" {
			out.Set(changes[i], changes[i+1])
		}
	}
	return out
}

// narrowing are the words that narrow a list, and which those that say whose it is.
var (
	which     = []string{wordNotice, wordKind, wordActivity, wordPerson}
	narrowing = []string{wordState, wordText, wordChannel}
	whole     = append(slices.Concat(which, narrowing), wordDelivery)
)

const atOnce = 50

// pageOf is the page of a list that is asked for, from 1.
func pageOf(get asked) int {
	n, err := strconv.Atoi(get(wordPage))
	if err != nil || n < 1 || n > 1_000_000 {
		return 1
	}
	return n
}
