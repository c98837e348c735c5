package desk

import (
	"net/url"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/roster"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/section"
)

const peopleOnPage = 50

// peoplePage lists the invited with how far each of them got. It says nothing
// of what anybody answered.
type peoplePage struct {
	page.Base
	Root     string
	Text     page.Field
	Status   page.Field
	Place    page.Field
	Total    int
	People   []personRow
	Pages    page.Pagination
	Narrowed bool
}

type personRow struct {
	Name, Email, Place string
	Sent               string // what this person was sent
	Chip               page.Chip
	At                 *time.Time // when they got that far
}

func (h *staff) peopleShow(r *site.Request) error {
	a, err := r.Activity(Kind)
	if err != nil {
		return err
	}
	number := max(readInt(r.Query("pagina"), 1), 1)
	f := roster.StatusFilter{
		Status: roster.InvitationStatus(r.Query("stato")), Text: r.Query("q"),
		Territory: process.TerritoryID(readInt(r.Query("comune"), 0)), Limit: peopleOnPage, Offset: (number - 1) * peopleOnPage,
	}
	list, err := h.roster.Statuses(r.Context(), a.ProcessID, a.ID, f)
	if err != nil {
		return err
	}
	p := peoplePage{
		Base: frame(r, a, r.T("activity.people.title"), r.T("activity.people.crumb")), Root: Root(r, a), Total: list.Total,
		Narrowed: f.Status != "" || f.Text != "" || f.Territory != 0,
	}
	p.Text = page.Field{Name: "q", Type: "search", Label: r.T("activity.people.search"), Value: f.Text, Quiet: true}
	p.Status = page.Field{Name: "stato", Type: "select", Label: r.T("activity.people.status"), Empty: r.T("activity.people.every"), Quiet: true}
	for _, s := range roster.InvitationStatuses {
		p.Status.Choices = append(p.Status.Choices, page.Choice{
			Value: string(s), Label: r.T("activity.status." + string(s)), Selected: s == f.Status,
		})
	}
	if err := h.peoplePlaces(r, a, f.Territory, &p); err != nil {
		return err
	}
	for _, i := range list.Invitations {
		p.People = append(p.People, personOf(r, i))
	}
	p.Pages = page.Paginate(number, (list.Total+peopleOnPage-1)/peopleOnPage, func(n int) string {
		q := url.Values{"pagina": {strconv.Itoa(n)}}
		for _, name := range []string{"stato", "q", "comune"} {
			if v := r.Query(name); v != "" {
				q.Set(name, v)
			}
		}
		return p.Root + "/persone?" + q.Encode()
	})
	return r.Page("questionnaire/people", p)
}

func (h *staff) peoplePlaces(r *site.Request, a process.Activity, chosen process.TerritoryID, p *peoplePage) error {
	p.Place = page.Field{Name: "comune", Type: "select", Label: r.T("activity.place"), Empty: r.T("activity.people.everywhere"), Quiet: true}
	funnel, err := h.roster.Funnel(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	for _, place := range byName(funnel.Places) {
		if place.Territory != 0 {
			p.Place.Choices = append(p.Place.Choices, page.Choice{
				Value: strconv.FormatInt(int64(place.Territory), 10), Label: place.Name, Selected: place.Territory == chosen,
			})
		}
	}
	return nil
}

func personOf(r *site.Request, i roster.Listed) personRow {
	row := personRow{
		Name: i.Name, Email: i.Email, Place: i.Municipality, Sent: section.Path(r.Gate.Process, section.Messages) + "/persona/" + i.PublicID,
		Chip: page.Chip{Label: r.T("activity.status." + string(i.Status))},
	}
	switch i.Status {
	case roster.Answered:
		row.Chip.State, row.Chip.Icon, row.At = page.Done, "it-check", i.AnsweredAt
	case roster.Drafted:
		row.At = i.DraftedAt
	case roster.Opened:
		row.At = i.OpenedAt
	case roster.Bounced:
		row.Chip.State = page.Late
	case roster.Withdrawn:
		row.At = i.WithdrawnAt
	case roster.OptedOut, roster.Waiting:
	}
	return row
}
