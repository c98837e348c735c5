package ledger

import (
	"maps"
	"net/url"
	"strconv"
	"time"

	"arengo/process/ledger"
	"arengo/web/page"
	"arengo/web/site"
)

// subject is whose messages a page lists. Path is the page's address and Own what
// its query says always; Which says the same to the pages beside it.
type subject struct {
	Path       string
	Own, Which url.Values
}

// address is the page with other words in its query.
func (s subject) address(words url.Values) string {
	q := maps.Clone(s.Own)
	if q == nil {
		q = url.Values{}
	}
	maps.Copy(q, words)
	if len(q) == 0 {
		return s.Path
	}
	return s.Path + "?" + q.Encode()
}

// deliveries are the messages of a page: how many stand where, and those that a
// person asks for.
type deliveries struct {
	Path     string
	Keep     []page.Hidden // goes with the form that narrows the list
	Clear    string
	States   []stateRow
	Summary  string
	Missing  int // who did not get it
	Who      string
	Filters  []page.Field
	Asked    bool // the list is narrowed
	Found    int
	Rows     []deliveryRow
	Pages    page.Pagination
	File     string // the list as a file
	Retry    string // where to have them tried again, "" when none could be
	ByPerson bool   // the rows are of one person: they name the notice
	Channels bool   // they name the channel
}

// stateRow is how many stand in a state, and what that means.
type stateRow struct {
	Chip  page.Chip
	Count int
	Means string
	Href  string
}

// deliveryRow is one message.
type deliveryRow struct {
	Who, Address string
	Title, Href  string
	About        page.Link
	Channel      string
	Chip         page.Chip
	At           time.Time
	What         string
}

// list fills in the messages that a filter means.
func (a *area) list(r *site.Request, f ledger.Filter, of subject) (*deliveries, error) {
	all, err := a.activities(r)
	if err != nil {
		return nil, err
	}
	get := asked(r.Query)
	number := pageOf(get)
	f.Limit, f.Offset = atOnce, (number-1)*atOnce
	found, err := a.ledger.Deliveries(r.Context(), r.Gate.Process.ID, f)
	if err != nil {
		return nil, err
	}
	d := &deliveries{
		Path: of.Path + "#consegne", Clear: of.address(nil) + "#consegne", Found: found.Total, ByPerson: f.Person != 0,
		Channels: len(found.Channels) > 1 || f.Channel != "", Asked: len(f.Statuses) > 0 || f.Text != "" || f.Channel != "",
		Summary: summary(r, found.Counts), Missing: found.Counts.Total() - found.Counts.Of(ledger.Arrived),
		Who: of.address(url.Values{wordState: {ledger.Missing}}) + "#consegne",
	}
	for name := range of.Own {
		d.Keep = append(d.Keep, page.Hidden{Name: name, Value: of.Own.Get(name)})
	}
	d.states(r, found.Counts, of)
	d.filters(r, f, found.Channels)
	for _, one := range found.Deliveries {
		d.Rows = append(d.Rows, deliveryRow{
			Who: called(r, one.Called()), Address: one.Address, Href: deliveryPath(r, one.ID),
			Title: kindWord(r, one.Kind), About: about(r, all, one.Activity), Channel: channelWord(r, one.Channel),
			Chip: chip(r, one.Status), At: one.ChangedAt, What: outcome(r, one),
		})
	}
	d.Pages = page.Paginate(number, (found.Total+atOnce-1)/atOnce, func(n int) string {
		return of.address(get.words(narrowing, wordPage, strconv.Itoa(n))) + "#consegne"
	})
	d.links(r, found.Stopped > 0, of)
	return d, nil
}

func deliveryPath(r *site.Request, id int64) string {
	return home(r) + "/consegna/" + strconv.FormatInt(id, 10)
}

func channelWord(r *site.Request, name string) string {
	if key := "ledger.channel." + name; page.Texts().Has(key) {
		return r.T(key)
	}
	return name
}

// states are those that any message is in, each with where its messages are.
func (d *deliveries) states(r *site.Request, counts ledger.Counts, of subject) {
	for _, g := range ledger.Groups {
		for _, s := range g.Statuses() {
			if counts[s] == 0 {
				continue
			}
			d.States = append(d.States, stateRow{
				Chip: chip(r, s), Count: counts[s], Means: r.T("ledger.means." + string(s)),
				Href: of.address(url.Values{wordState: {string(s)}}) + "#consegne",
			})
		}
	}
}

// filters are the controls that narrow the list.
func (d *deliveries) filters(r *site.Request, f ledger.Filter, channels []string) {
	state := page.Field{Name: wordState, Label: r.T("ledger.filter.state"), Type: "select", Empty: r.T("ledger.filter.all"), Quiet: true}
	add := func(value, label string) {
		state.Choices = append(state.Choices, page.Choice{Value: value, Label: label, Selected: value == r.Query(wordState)})
	}
	add(ledger.Missing, r.T("ledger.filter.missing"))
	for _, g := range ledger.Groups {
		for _, s := range g.Statuses() {
			add(string(s), r.T("ledger.status."+string(s)))
		}
	}
	if f.Person == 0 {
		d.Filters = append(d.Filters, page.Field{Name: wordText, Label: r.T("ledger.filter.text"), Type: "search", Value: f.Text, Quiet: true})
	}
	d.Filters = append(d.Filters, state)
	if !d.Channels {
		return
	}
	way := page.Field{Name: wordChannel, Label: r.T("ledger.filter.channel"), Type: "select", Empty: r.T("ledger.filter.channels"), Quiet: true}
	for _, c := range channels {
		way.Choices = append(way.Choices, page.Choice{Value: c, Label: channelWord(r, c), Selected: c == f.Channel})
	}
	d.Filters = append(d.Filters, way)
}

// links are the list as a file, and the page on which it is tried again.
func (d *deliveries) links(r *site.Request, stopped bool, of subject) {
	q := asked(r.Query).words(narrowing)
	maps.Copy(q, of.Which)
	d.File = home(r) + "/elenco.csv?" + q.Encode()
	if stopped {
		d.Retry = home(r) + "/riprova?" + q.Encode()
	}
}
