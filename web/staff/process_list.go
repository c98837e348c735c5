package staff

import (
	"slices"
	"strings"

	"arengo/process/cockpit"
	"arengo/web/page"
	"arengo/web/site"
)

type listPage struct {
	page.Base
	Running, Over []page.Card
	Promoter      bool
}

func (a *area) processList(r *site.Request) error {
	board, err := a.cockpit.Today(r.Context(), r.Actor, r.Now)
	if err != nil {
		return err
	}
	w := teller{r.Lang, r.Now}
	p := listPage{Base: r.Workspace(r.T("staff.list.title"), "manage")}
	p.Promoter = p.Viewer != nil && p.Viewer.Promoter
	rows := slices.Concat(board.Late, board.Now, board.Next, board.Later)
	for _, m := range board.Mine {
		if m.Over() {
			p.Over = append(p.Over, w.card(m, nil))
			continue
		}
		p.Running = append(p.Running, w.card(m, rows))
	}
	return r.Page("staff/processes", p)
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
