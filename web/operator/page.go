package operator

import (
	"time"

	"arengo/notify"
	"arengo/process/operator"
	"arengo/web/connect"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
)

type messagesPage struct {
	page.Base
	Path2    string // of the page, for the link that reads again and the forms
	At       time.Time
	Findings []findingRow
	Grave    bool
	Channels []channelRow
	Running  []noticeRow
	Rest     string // of other notices, "" when there is nothing
	Late     []lateRow
	Due      int
	Reasons  []countRow
	Domains  []countRow
	Cut      bool // reasons and domains are of the newest alone
	Most     int
	Overdue  []overdueRow
	Hooks    []hookRow
	Pauses   []pauseRow
}

type findingRow struct {
	Grave             bool
	Title, Said, ToDo string
}

type channelRow struct {
	Name, Form                        string
	Key                               string
	Queued, Sending, Deferred, Parked string
	Oldest, Next                      string
	Minute, Hour, Day, Missed         int
	Nodes                             string
	Chip                              page.Chip
	Paused                            string // by whom and why, "" when it goes
	Warning                           string // what pausing it means
	Why                               page.Field
	Open                              bool
}

type noticeRow struct {
	Kind, Process, Href string
	ProcessID, ID       int64
	Left, States        string
	Chip                page.Chip
	Paused              string
	Why                 page.Field
	Open                bool
}

type lateRow struct{ Kind, Process, Href, Since, Retry string }

type countRow struct {
	Label, Code string
	Count       int
}

type overdueRow struct{ Name, Process, Href, Since, Failures string }

type hookRow struct{ Host, Organisation, Href, State, Since string }

type pauseRow struct {
	What, Process, Href string
	From, Until         time.Time
	By, UntilBy, Why    string
}

// refused is a form that was refused, and what it held.
type refused struct {
	form, why string
	cause     error
}

// field is the reason of one form; it is open when the form was refused.
func (f *refused) field(r *site.Request, form string) (page.Field, bool) {
	out := page.Field{Name: "why", ID: form, Label: r.T("operator.why"), Hint: r.T("operator.why.hint"), Required: true, Max: 1000}
	if f == nil || f.form != form {
		return out, false
	}
	out.Value = f.why
	return out, true
}

func (a *area) page(r *site.Request, bad *refused) (messagesPage, error) {
	v, err := a.desk.Look(r.Context(), r.Actor)
	if err != nil {
		return messagesPage{}, err
	}
	w := writer{r: r, at: v.At, bad: bad, v: v}
	title := r.T("operator.title")
	p := messagesPage{
		Base:  r.Workspace(title, "manage", page.Crumb{Label: r.T("staff.crumb.all"), Href: "/gestione"}, page.Crumb{Label: title}),
		Path2: Path, At: v.At, Due: v.Notices.Due, Cut: v.Wrong.More, Most: operator.MostEvents,
	}
	p.Base.Path = Path // a form that was refused was posted elsewhere
	for _, f := range v.Findings {
		p.Findings = append(p.Findings, w.finding(f))
		p.Grave = p.Grave || f.Grave()
	}
	for _, c := range v.Channels {
		p.Channels = append(p.Channels, w.channel(c))
	}
	for _, n := range v.Running {
		p.Running = append(p.Running, w.notice(n))
	}
	p.Rest = w.rest(v.Rest)
	w.wrong(&p, v.Wrong)
	w.work(&p, v)
	for _, one := range v.Pauses {
		p.Pauses = append(p.Pauses, w.pause(one))
	}
	if bad != nil {
		for _, e := range page.FieldErrors(r.Lang, bad.cause) {
			e.Field = bad.form
			p.Errors = append(p.Errors, e)
		}
	}
	return p, nil
}

// work fills what is not expanded, not carried out and not told.
func (w writer) work(p *messagesPage, v operator.View) {
	for _, n := range v.Notices.Worst {
		row := lateRow{Kind: w.kind(n.Kind), Process: n.Title, Href: w.process(n.Slug), Since: w.ago(n.DueAt)}
		if n.Failures > 0 {
			row.Retry = w.t("operator.failures", "n", n.Failures)
		}
		p.Late = append(p.Late, row)
	}
	for _, d := range v.Deadlines.Worst {
		p.Overdue = append(p.Overdue, overdueRow{
			Name: d.Name, Process: d.Title, Href: w.process(d.Slug), Since: w.ago(d.DueAt), Failures: w.t("operator.failures", "n", d.Failures),
		})
	}
	for _, h := range v.Hooks {
		p.Hooks = append(p.Hooks, hookRow{
			Host: h.Host, Organisation: h.Name, Href: connect.Home(h.Organisation) + "/webhook/" + h.PublicID,
			State: w.t("operator.hook." + orFailing(h.Why)), Since: w.ago(h.Since),
		})
	}
}

func orFailing(why string) string {
	if why == "" {
		return "now"
	}
	return why
}

func (w writer) kind(name string) string {
	if k, ok := notify.KindNamed(name); ok {
		return k.Title.In(w.r.Lang)
	}
	return name
}

func (w writer) process(slug string) string {
	if slug == "" {
		return ""
	}
	return gate.Home(slug)
}
