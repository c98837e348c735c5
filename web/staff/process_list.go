package staff

import (
	"slices"
	"strings"

	"arengo/notify/webhook"
	"arengo/process/cockpit"
	"arengo/process/place"
	"arengo/web/connect"
	"arengo/web/page"
	"arengo/web/site"
)

type listPage struct {
	page.Base
	Running, Over []page.Card
	Promoter      bool
	Connect       []connected
	Operates      bool // keeps the platform running
}

// connected is an organisation to which its promoter may connect other programs.
type connected struct {
	page.Link
	Trouble bool // somebody is to be told and is not
}

func (a *area) processList(r *site.Request) error {
	board, err := a.cockpit.Today(r.Context(), r.Actor, r.Now)
	if err != nil {
		return err
	}
	w := teller{r.Lang, r.Now}
	p := listPage{Base: r.Workspace(r.T("staff.list.title"), "manage")}
	p.Promoter, p.Operates = p.Viewer != nil && p.Viewer.Promoter, r.Actor.Administrator
	rows := slices.Concat(board.Late, board.Now, board.Next, board.Later)
	for _, m := range board.Mine {
		if m.Over() {
			p.Over = append(p.Over, w.card(m, nil))
			continue
		}
		p.Running = append(p.Running, w.card(m, rows))
	}
	for _, u := range board.Unread {
		p.Running = append(p.Running, page.Card{
			Link: page.Link{Label: u.Process.Title, Href: "/oggi#giorno-illeggibili"},
			Chip: &page.Chip{State: page.Late, Icon: "it-warning-circle", Label: w.t("staff.chip.unread")},
		})
	}
	if p.Connect, err = a.connections(r); err != nil {
		return err
	}
	return r.Page("staff/processes", p)
}

// connections are the organisations that the person promotes; an administrator
// has all that lead a process.
func (a *area) connections(r *site.Request) ([]connected, error) {
	list, err := place.Organisations(r.Context(), a.core.DB(), r.Actor.Person)
	if r.Actor.Administrator {
		list, err = place.Leading(r.Context(), a.core.DB())
	}
	if err != nil {
		return nil, err
	}
	var out []connected
	for _, o := range list {
		hooks, err := a.hooks.List(r.Context(), o.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, connected{
			Link:    page.Link{Label: o.Name, Href: connect.Home(o.PublicID)},
			Trouble: slices.ContainsFunc(hooks, func(h webhook.Hook) bool { return h.FailingSince != nil || h.PausedWhy == webhook.Failing }),
		})
	}
	return out, nil
}

// card is a process with its state and the first of its rows.
func (w teller) card(m cockpit.Mine, rows []cockpit.Row) page.Card {
	t := w.mini(m)
	c := page.Card{Link: t.Title, Track: &t}
	t.Title = page.Link{}
	st, _ := m.Definition.State(m.Instance.State)
	switch {
	case m.Over():
		c.Chip, c.Track = &page.Chip{State: page.Done, Label: st.Title.In(w.lang)}, nil
	case !m.Process.Published():
		c.Chip = &page.Chip{Label: w.t("staff.chip.draft")}
	default:
		c.Chip = &page.Chip{State: page.Current, Label: st.Title.In(w.lang), Icon: "it-clock"}
	}
	c.Meta = []string{w.roles(m.Roles)}
	for _, r := range rows {
		if r.Process.ID != m.Process.ID {
			continue
		}
		task := w.task(r)
		c.Strong, c.Text = w.t("staff.list.next"), task.Verb+" "+task.Object
		if r.Band == cockpit.Late {
			c.Strong = w.t("staff.list.late")
		} else if !r.Due.IsZero() {
			c.Text += ", " + w.words(r.Process).EndWeekday(r.Due)
		}
		break
	}
	return c
}

// roles names offices in the language.
func (w teller) roles(roles []string) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = w.t("staff.role." + role)
	}
	return page.Cap(strings.Join(words, ", "))
}
