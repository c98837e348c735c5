package rehearsal

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow/civil"
	"arengo/workflow/rehearse"
	"arengo/workflow/rehearse/outline"
	"arengo/workflow/rehearse/words"
)

// rehearsalPage is the form with its choices and, below, what came of them.
type rehearsalPage struct {
	page.Base
	Frame   wizard.Frame
	Action  string
	Export  string
	Publish string // where a draft is published
	Draft   bool
	Options []page.Choice
	Seed    string
	Slow    bool
	Result  *result
}

// result is a rehearsal as the page tells it.
type result struct {
	Reached  bool
	Verdict  string
	Facts    []page.Fact
	Warnings []warning
	Assumed  []string
	Errors   []string
	Acts     []act
	Messages []message
	Months   []month
}

// warning is one thing to correct or to know, with the page that helps.
type warning struct {
	Severe, Look bool
	Sort         string // severe, look or note, in words
	When         string
	Text, Do     string
	Action       *page.Action
}

// act is what somebody must do.
type act struct {
	On, Due, Who, What, Activity string
	Href, Label                  string
	Late, Advances               bool
}

// message is what goes out, to how many.
type message struct {
	When, Subject, Activity string
	People                  int
	Note                    string // why it is late, or does not go out
}

// month is what happens in one.
type month struct {
	ID, Title string
	Lines     []line
}

type line struct {
	When, Sort, Text, Detail, Activity string
	Late                               bool
}

// view turns a report into the page.
type view struct {
	r          *site.Request
	process    process.Process
	activities []process.Activity
	words      page.Words
	report     *rehearse.Report
}

func (v view) result() *result {
	rep := v.report
	out := &result{Reached: rep.End.Reached, Assumed: rep.Assumed, Errors: rep.Errors}
	key := "rehearsal.reached"
	if !rep.End.Reached {
		key = "rehearsal.stuck"
	}
	out.Verdict = v.r.T(key, "state", rep.End.Title, "day", v.words.Day(rep.End.At), "n", rep.End.Days)
	people := 0
	for _, m := range rep.Messages {
		if m.Pointless {
			continue
		}
		people += m.People
	}
	for _, m := range rep.Messages {
		out.Messages = append(out.Messages, v.message(m))
	}
	for _, w := range rep.Warnings {
		out.Warnings = append(out.Warnings, v.warning(w))
	}
	for _, a := range rep.Acts {
		out.Acts = append(out.Acts, v.act(a))
	}
	for _, m := range outline.Months(rep, v.process.Location()) {
		out.Months = append(out.Months, v.month(m))
	}
	out.Facts = []page.Fact{
		v.fact("warnings", v.count(len(rep.Warnings))), v.fact("acts", v.count(len(rep.Acts))),
		v.fact("messages", v.r.T("rehearsal.fact.messages.text", "n", len(rep.Messages), "people", v.words.Num(int64(people), 0))),
		v.fact("people", v.count(rep.People)),
	}
	return out
}

func (v view) fact(name, text string) page.Fact {
	return page.Fact{Term: v.r.T("rehearsal.fact." + name), Text: text}
}

func (v view) count(n int) string { return v.words.Num(int64(n), 0) }

func (v view) warning(w rehearse.Warning) warning {
	out := warning{
		Severe: w.Level == rehearse.Severe, Look: w.Level == rehearse.Look, Sort: v.r.T("rehearsal.level." + string(w.Level)), Text: w.Text, Do: w.Do,
	}
	if w.Activity != "" {
		out.Text += " (" + w.Activity + ")"
	}
	if href := gate.Fix(v.process, v.activity(w.Activity), w.Fix); href != "" {
		out.Action = &page.Action{Label: gate.FixLabel(v.r.Lang, w.Fix), Href: href, Hidden: "(" + w.Text + ")"}
	}
	return out
}

// activity is the real one of a title, nil for what is only supposed.
func (v view) activity(title string) *process.Activity {
	for i := range v.activities {
		if v.activities[i].Title == title && title != "" {
			return &v.activities[i]
		}
	}
	return nil
}

func (v view) act(a rehearse.Act) act {
	return act{
		On: v.date(a.On), Due: v.date(a.Due), Who: v.role(a.Who), What: a.What, Activity: a.Activity, Late: a.Late, Advances: a.Advances,
		Href: gate.Fix(v.process, v.activity(a.Activity), a.Fix),
	}
}

// role is that of the page, with a capital as it begins a cell.
func (v view) role(name string) string {
	text := words.In(v.r.Lang).Role(name)
	if text == "" {
		return ""
	}
	first := []rune(text)
	return strings.ToUpper(string(first[:1])) + string(first[1:])
}

func (v view) date(iso string) string {
	d, err := civil.ParseDate(iso)
	if err != nil {
		return ""
	}
	return v.words.Short(d.Start(v.process.Location()))
}

func (v view) when(t time.Time) string { return v.words.Short(t) + " " + v.words.Clock(t) }

func (v view) message(m rehearse.Message) message {
	out := message{When: v.when(m.At), Subject: m.Subject, Activity: m.Activity, People: m.People}
	switch {
	case m.Pointless:
		out.Note = v.r.T("rehearsal.unsent")
	case m.Late:
		out.Note = v.r.T("rehearsal.late", "time", v.when(m.Due))
	}
	return out
}

func (v view) month(m outline.Month) month {
	first := civil.Date{Year: m.Year, Month: m.Month, Day: 1}
	out := month{ID: "m-" + first.String()[:7], Title: words.In(v.r.Lang).Month(m.Month, m.Year)}
	for _, l := range m.Lines {
		out.Lines = append(out.Lines, v.line(l))
	}
	return out
}

func (v view) line(l outline.Line) line {
	out := line{When: v.when(l.At), Sort: v.r.T("rehearsal.sort." + string(l.Sort)), Text: l.Text, Activity: l.Activity, Late: l.Late || l.Sort == outline.Incident}
	switch l.Sort {
	case outline.Act:
		out.Detail = v.role(l.Who)
		if l.DueOn != "" {
			out.Detail += ", " + v.r.T("rehearsal.by", "day", v.date(l.DueOn))
		}
	case outline.Move:
		out.Detail = v.role(l.Who) + " → " + l.To
	case outline.Message:
		out.Detail = v.r.T("rehearsal.to", "n", l.People)
	}
	switch {
	case l.Unsent:
		out.Detail += ". " + v.r.T("rehearsal.unsent")
	case l.Late && !l.Due.IsZero():
		out.Detail = strings.TrimPrefix(out.Detail+". ", ". ") + v.r.T("rehearsal.late", "time", v.when(l.Due))
	case l.Late:
		out.Detail += ". " + v.r.T("rehearsal.overdue")
	}
	return out
}
