package portal

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/public"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/definition"
)

const perPage = 12

type homePage struct {
	page.Base
	Total, Open int // of all published processes
	Found       int // that match the filter
	Filtered    bool
	Search      page.Field
	Territory   page.Field
	Status      page.Field
	Cards       []page.Card
	Pages       page.Pagination
	Meetings    []homeMeeting
	Fruits      []public.Fruit
	Areas       []homeArea
}

type homeMeeting struct {
	public.Gathering
	Href, Name, Where string
}

type homeArea struct {
	Name, Href  string
	Count, Open int
	Province    bool
}

// home lists the processes, those where something can be done first.
func (h *portal) home(r *site.Request) error {
	f := process.Filter{Text: r.Query("q"), Territory: r.Query("territorio"), Status: r.Query("stato"), Limit: perPage}
	number, err := strconv.Atoi(r.Query("pagina"))
	if err != nil || number < 1 || number > 10_000 {
		number = 1
	}
	f.Offset = (number - 1) * perPage
	p := homePage{Base: r.Base(r.T("portal.home.title")), Filtered: f.Text != "" || f.Territory != "" || f.Status != ""}
	p.Section, p.Description = "processes", r.T("portal.home.description")
	listed, found, err := h.core.List(r.Context(), f)
	if err != nil {
		return err
	}
	p.Found, p.Total = found, found
	if p.Filtered {
		if _, p.Total, err = h.core.List(r.Context(), process.Filter{Limit: 1}); err != nil {
			return err
		}
	}
	calls, err := h.calls(r)
	if err != nil {
		return err
	}
	p.Open = len(calls)
	for _, l := range listed {
		card, err := h.card(r.Context(), p.Base, l, calls[l.ID])
		if err != nil {
			return err
		}
		p.Cards = append(p.Cards, card)
	}
	p.Pages = page.Paginate(number, (found+perPage-1)/perPage, func(n int) string { return homeURL(f, n) })
	if err := h.around(r, &p, calls); err != nil {
		return err
	}
	p.fields(f)
	return r.Page("portal/home", p)
}

// calls gives, by process, what can be done now.
func (h *portal) calls(r *site.Request) (map[process.ID][]public.Call, error) {
	list, err := h.public.Calls(r.Context(), openStates(h.core.Definitions()), r.Now)
	out := map[process.ID][]public.Call{}
	for _, c := range list {
		out[c.ProcessID] = append(out[c.ProcessID], c)
	}
	return out, err
}

// around fills what stands below the list: meetings, outcomes, territories.
func (h *portal) around(r *site.Request, p *homePage, calls map[process.ID][]public.Call) error {
	coming, err := h.public.Coming(r.Context(), r.Now, 60)
	if err != nil {
		return err
	}
	for _, g := range coming {
		def, err := h.core.Engine().Resolve(r.Context(), h.core.DB(), g.Definition, g.Version)
		if err != nil {
			return err
		}
		if announced(def, g.State) && len(p.Meetings) < 6 {
			p.Meetings = append(p.Meetings, homeMeeting{
				Gathering: g, Href: activityURL(g.Slug, g.Kind, g.PublicID), Name: g.Name(), Where: place(p.Base, g),
			})
		}
	}
	if p.Fruits, err = h.public.Fruits(r.Context(), 6); err != nil {
		return err
	}
	areas, err := h.public.Areas(r.Context())
	for _, a := range areas {
		one := homeArea{Name: a.Name, Href: "/?territorio=" + url.QueryEscape(a.Code), Count: a.Processes, Province: a.Kind == "province"}
		for _, id := range a.Running {
			if len(calls[process.ID(id)]) > 0 {
				one.Open++
			}
		}
		p.Areas = append(p.Areas, one)
		p.Territory.Choices = append(p.Territory.Choices, page.Choice{
			Value: a.Code, Label: p.T("portal.home.area", "name", a.Name, "n", a.Processes), Selected: a.Code == r.Query("territorio"),
		})
	}
	return err
}

// place says where a gathering is.
func place(b page.Base, g public.Gathering) string {
	if g.Place == "" && g.Online {
		return b.T("portal.online")
	}
	return g.Place
}

// fields fills the search form with what was asked.
func (p *homePage) fields(f process.Filter) {
	p.Search = page.Field{Name: "q", Label: p.T("portal.home.search"), Type: "search", Value: f.Text, Max: 100, Quiet: true}
	p.Territory.Name, p.Territory.Label, p.Territory.Empty = "territorio", p.T("portal.home.territory"), p.T("portal.home.any")
	p.Status = page.Field{Name: "stato", Label: p.T("portal.home.status"), Empty: p.T("portal.home.any")}
	for _, status := range []string{"open", "running", "ended"} {
		p.Status.Choices = append(p.Status.Choices, page.Choice{
			Value: status, Label: p.T("portal.home.status_" + status), Selected: status == f.Status,
		})
	}
}

func homeURL(f process.Filter, number int) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "territorio": f.Territory, "stato": f.Status} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if number > 1 {
		q.Set("pagina", strconv.Itoa(number))
	}
	return "/?" + q.Encode()
}

// card presents a process in the list.
func (h *portal) card(ctx context.Context, b page.Base, l process.Listed, calls []public.Call) (page.Card, error) {
	def, err := h.core.Engine().Resolve(ctx, h.core.DB(), l.Instance.Definition, l.Instance.Version)
	if err != nil {
		return page.Card{}, err
	}
	c := page.Card{
		Link: page.Link{Label: l.Title, Href: processURL(l.Slug)},
		Meta: []string{b.T("portal.lead", "name", l.Organisation, "n", l.Partners)}, Chip: chipOf(b, def, l.Instance.State, len(calls) > 0),
	}
	if l.Instance.Held() && len(calls) == 0 {
		c.Chip = &page.Chip{State: page.Late, Label: b.T("portal.chip.held"), Icon: "it-clock"}
	}
	if !shortened(def, l.Instance.State) {
		c.Track = &page.Track{Mini: true, Label: b.T("portal.home.track", "title", l.Title), Steps: steps(def, l.Instance.State, b.Lang)}
	}
	switch {
	case len(calls) > 0:
		h.invite(ctx, b, &c, l, calls)
	case def.Concludes(l.Instance.State):
		c.Strong = b.T("portal.home.read")
	}
	return c, nil
}

// invite writes the card's last line: what to do and until when. What ends
// first comes first, and a term that is over at a meeting tells its beginning.
func (h *portal) invite(ctx context.Context, b page.Base, c *page.Card, l process.Listed, calls []public.Call) {
	first := slices.MinFunc(calls, func(x, y public.Call) int {
		return cmp.Compare(boolInt(x.MeetsAt != nil), boolInt(y.MeetsAt != nil))
	})
	def, err := h.core.Engine().Resolve(ctx, h.core.DB(), first.Definition, first.Version)
	if err != nil {
		def = nil
	}
	c.Now, c.Strong = true, doorWord(b.Lang, first.Kind, "call", def, first.State)
	w := b.Words()
	w.Zone = l.Location()
	switch {
	case first.MeetsAt != nil:
		c.Text = w.Meeting(*first.MeetsAt)
	case first.DueAt != nil:
		c.Text = b.T("portal.home.until", "day", w.WeekdayDay(first.DueAt.Add(-time.Second)), "time", w.EndClock(*first.DueAt))
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// chipOf is the state of a process in a word.
func chipOf(b page.Base, def *definition.Compiled, state string, open bool) *page.Chip {
	switch st, _ := def.State(state); {
	case shortened(def, state):
		return &page.Chip{Label: st.Title.In(b.Lang), Icon: "it-ban"}
	case st.Final:
		return &page.Chip{State: page.Done, Label: b.T("portal.chip.ended")}
	case open:
		return &page.Chip{State: page.Current, Label: b.T("portal.chip.open"), Icon: "it-clock"}
	}
	return &page.Chip{Label: b.T("portal.chip.running")}
}
