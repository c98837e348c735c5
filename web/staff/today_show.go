package staff

import (
	"strings"

	"arengo/process/cockpit"
	"arengo/process/subscription"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow/definition"
)

// shownLater is how many rows beyond the window an empty cockpit shows.
const shownLater = 3

type todayPage struct {
	page.Base
	Heading          string
	Summary          string // how many, by band
	Near             int    // within the window, after today
	Empty            bool   // nothing late, nothing for today
	Days             []page.Day
	Mine             []page.Track
	Done, DoneBefore int
	Promoter         bool
}

func (a *area) todayShow(r *site.Request) error {
	board, err := a.cockpit.Today(r.Context(), r.Actor, r.Now)
	if err != nil {
		return err
	}
	p := today(teller{r.Lang, r.Now}, board)
	title := r.T("staff.today.title", "n", board.Open())
	if p.Empty {
		title = r.T("staff.today.title.empty")
	}
	p.Base = r.Workspace(title, "today")
	if p.Viewer != nil { // the board is at hand: the header counts the same
		p.Viewer.Todo, p.Promoter = board.Open(), p.Viewer.Promoter
	}
	return r.Page("staff/today", p)
}

// today puts a board into days.
func today(w teller, b cockpit.Board) todayPage {
	p := todayPage{
		Heading: w.t("staff.today.heading"), Near: len(b.Next), Done: b.Done, DoneBefore: b.DoneBefore,
	}
	p.Summary = w.summary(b)
	if p.Empty = len(b.Late)+len(b.Now)+len(b.Stopped)+len(b.Aside)+len(b.Unread) == 0; p.Empty {
		p.Heading = w.t("staff.today.heading.empty")
	}
	if len(b.Unread) > 0 {
		p.Days = append(p.Days, w.unread(b.Unread))
	}
	if len(b.Aside) > 0 {
		p.Days = append(p.Days, w.aside(b.Aside))
	}
	if len(b.Stopped) > 0 {
		p.Days = append(p.Days, w.stopped(b.Stopped))
	}
	for _, d := range []struct {
		state page.State
		rows  []cockpit.Row
	}{{page.Late, b.Late}, {page.Current, b.Now}, {page.Next, b.Next}} {
		if len(d.rows) > 0 {
			p.Days = append(p.Days, w.day("giorno-"+string(d.state), d.state, w.t("staff.today."+string(d.state)), d.rows))
		}
	}
	if len(b.Later) > 0 {
		p.Days = append(p.Days, w.after(b.Later, p.Empty))
	}
	for _, m := range b.Mine {
		if !m.Over() {
			p.Mine = append(p.Mine, w.mini(m))
		}
	}
	return p
}

// summary is "2 in ritardo, 1 per oggi, 5 nei prossimi 7 giorni.".
func (w teller) summary(b cockpit.Board) string {
	var parts []string
	for _, band := range []struct {
		key string
		n   int
	}{{"unread", len(b.Unread)}, {"aside", len(b.Aside)}, {"stopped", len(b.Stopped)}, {"late", len(b.Late)}, {"now", len(b.Now)}, {"next", len(b.Next)}} {
		if band.n > 0 {
			parts = append(parts, w.t("staff.today.sum."+band.key, "n", band.n))
		}
	}
	return strings.Join(parts, ", ") + "."
}

// unread are the processes of which nothing can be said: there is nothing to do but
// to say so.
func (w teller) unread(list []cockpit.Unread) page.Day {
	d := page.Day{ID: "giorno-illeggibili", State: page.Late, Heading: w.t("staff.today.unread")}
	for _, u := range list {
		d.Tasks = append(d.Tasks, page.Task{
			Verb: w.t("staff.task.unread.verb"), Object: w.t("staff.task.unread.object", "process", u.Process.Title), State: page.Late,
			Context: w.t("staff.task.unread.why", "definition", u.Definition, "version", u.Version),
			Action:  page.Action{Label: w.t("staff.task.unread.button"), Href: "/segnala", Hidden: "(" + u.Process.Title + ")", Primary: true},
		})
	}
	return d
}

// aside are the deadlines that the program cannot carry out, each on the page of
// its process.
func (w teller) aside(list []cockpit.Aside) page.Day {
	d := page.Day{ID: "giorno-scadenze", State: page.Late, Heading: w.t("staff.today.aside")}
	for _, a := range list {
		object := w.t("staff.task.aside.object", "what", w.asideName(a))
		t := page.Task{
			Verb: w.t("staff.task.aside.verb"), Object: object, Context: a.Process.Title, State: page.Late,
			When:   w.t("staff.task.aside.since", "day", w.words(a.Process).EndDay(a.DueAt)),
			Action: page.Action{Label: w.t("staff.task.aside.button"), Href: gate.Home(a.Process.Slug) + "#scadenze-ferme", Hidden: "(" + object + ")", Primary: true},
		}
		if a.Activity != nil {
			t.Context += " · " + a.Activity.Title
		}
		d.Tasks = append(d.Tasks, t)
	}
	return d
}

// asideName is what such a deadline is called: the end of an activity is no phase's.
func (w teller) asideName(a cockpit.Aside) string {
	if a.Activity != nil && a.Name == definition.AnchorEnd {
		return w.t("staff.extend.close")
	}
	return gate.Deadline(w.lang, a.Name, a.Title)
}

// stopped are the programs that are told no more, each to be mended.
func (w teller) stopped(list []subscription.Stopped) page.Day {
	d := page.Day{ID: "giorno-programmi", State: page.Late, Heading: w.t("staff.today.stopped")}
	words := page.Words{Lang: w.lang, Zone: page.Rome, Now: w.now}
	for _, s := range list {
		object := w.t("staff.task.webhook.object", "host", s.Host())
		d.Tasks = append(d.Tasks, page.Task{
			Verb: w.t("staff.task.webhook.verb"), Object: object, Context: s.Name, State: page.Late,
			When:   w.t("staff.task.webhook.since."+s.Why, "day", words.Date(s.Since)),
			Action: page.Action{Label: w.t("staff.task.webhook.button"), Href: s.Path(), Hidden: "(" + object + ")", Primary: true},
		})
	}
	return d
}

func (w teller) day(id string, state page.State, heading string, rows []cockpit.Row) page.Day {
	d := page.Day{ID: id, State: state, Heading: heading}
	for _, r := range rows {
		d.Tasks = append(d.Tasks, w.task(r))
	}
	return d
}

// after says what comes later: the next thing in a line, or the first few as
// rows when there is nothing nearer.
func (w teller) after(rows []cockpit.Row, empty bool) page.Day {
	if empty {
		d := w.day("giorno-poi", page.Next, w.t("staff.today.after"), rows[:min(len(rows), shownLater)])
		d.Node = "→"
		return d
	}
	t := w.task(rows[0])
	return page.Day{
		ID: "giorno-poi", State: page.Next, Heading: w.t("staff.today.later"), Link: page.Link{Label: t.Action.Label, Href: t.Action.Href},
		Text: w.t("staff.today.later.text", "day", page.Cap(w.words(rows[0].Process).EndWeekday(rows[0].Due)),
			"what", t.Verb+" "+t.Object, "process", rows[0].Process.Title),
	}
}

func (w teller) mini(m cockpit.Mine) page.Track {
	return page.Track{
		Mini: true, Steps: steps(w.lang, m), Title: page.Link{Label: m.Process.Title, Href: gate.Home(m.Process.Slug)},
		Label: w.t("staff.track.of", "process", m.Process.Title),
	}
}
