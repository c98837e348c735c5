package rehearsal

import (
	"slices"
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
	// Supposed says that one of the options is chosen.
	Supposed bool
	Seed     string
	Slow     bool
	Result   *result
}

// result is a rehearsal as the page tells it.
type result struct {
	Reached  bool
	Verdict  string
	Facts    []page.Fact
	Next     *next
	Correct  string    // how many warnings are to be corrected, in words; "" for none
	Warnings []warning // those
	Notes    []warning // the others
	Assumed  []string
	Errors   []string
	Acts     []acts
	Messages []message
	Sent     string // how many messages, in words
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

// message is what goes out, to how many.
type message struct {
	When, Subject, Activity string
	People                  int
	Note                    string // why it is late, or does not go out
}

// month is what happens in one, folded unless it is the next one to come or one
// in which something goes wrong.
type month struct {
	ID, Title string
	Turns     []string // the phases that begin
	Open      bool
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
		if w.Level == rehearse.Note {
			out.Notes = append(out.Notes, v.warning(w))
		} else {
			out.Warnings = append(out.Warnings, v.warning(w))
		}
	}
	if n := len(out.Warnings); n > 0 {
		out.Correct = v.r.T("rehearsal.correct", "n", n)
	}
	out.Acts, out.Next, out.Months = v.byDeadline(), v.next(), v.months()
	out.Sent = v.r.T("rehearsal.fact.messages.text", "n", len(rep.Messages), "people", v.words.Num(int64(people), 0))
	out.Facts = []page.Fact{
		v.fact("warnings", v.count(len(out.Warnings))), v.fact("acts", v.count(len(rep.Acts))),
		v.fact("messages", out.Sent), v.fact("people", v.count(rep.People)),
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

// unsent says why a message does not go out.
func (v view) unsent(people int) string {
	if people == 0 {
		return v.r.T("rehearsal.unsent.nobody")
	}
	return v.r.T("rehearsal.unsent")
}

func (v view) message(m rehearse.Message) message {
	out := message{When: v.when(m.At), Subject: m.Subject, Activity: m.Activity, People: m.People}
	switch {
	case m.Pointless:
		out.Note = v.unsent(m.People)
	case m.Late:
		out.Note = v.r.T("rehearsal.late", "time", v.when(m.Due))
	}
	return out
}

// months unfolds the first from today on, and the next in which something goes
// wrong or, failing that, a phase begins.
func (v view) months() []month {
	var out []month
	first, wrong, turns := -1, -1, -1
	for i, m := range outline.Months(v.report, v.process.Location()) {
		one := v.month(m)
		switch {
		case one.ID < "m-"+v.today()[:7]:
		case first < 0:
			first = i
		case wrong < 0 && slices.ContainsFunc(one.Lines, func(l line) bool { return l.Late }):
			wrong = i
		case turns < 0 && len(one.Turns) > 0:
			turns = i
		}
		out = append(out, one)
	}
	if wrong < 0 {
		wrong = turns
	}
	for _, i := range []int{first, wrong} {
		if i >= 0 {
			out[i].Open = true
		}
	}
	return out
}

func (v view) month(m outline.Month) month {
	first := civil.Date{Year: m.Year, Month: m.Month, Day: 1}
	out := month{ID: "m-" + first.String()[:7], Title: words.In(v.r.Lang).Month(m.Month, m.Year)}
	for _, l := range m.Lines {
		if l.Sort == outline.Act && l.Advances {
			continue // the move says it
		}
		out.Lines = joined(out.Lines, v.line(l))
		if l.Sort == outline.Move && l.Activity == "" && l.To != "" {
			out.Turns = append(out.Turns, l.To)
		}
	}
	return out
}

// joined adds a line, or the activity of one that is the last one's twin.
func joined(lines []line, l line) []line {
	if n := len(lines) - 1; n >= 0 && l.Activity != "" && lines[n].Activity != "" {
		twin := l
		twin.Activity = lines[n].Activity
		if twin == lines[n] {
			lines[n].Activity += ", " + l.Activity
			return lines
		}
	}
	return append(lines, l)
}

// today is the civil date of the request, in the process's zone.
func (v view) today() string { return civil.DateOf(v.r.Now, v.process.Location()).String() }

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
		out.Detail += ". " + v.unsent(l.People)
	case l.Late && !l.Due.IsZero():
		out.Detail = strings.TrimPrefix(out.Detail+". ", ". ") + v.r.T("rehearsal.late", "time", v.when(l.Due))
	case l.Late:
		out.Detail += ". " + v.r.T("rehearsal.overdue")
	}
	return out
}
