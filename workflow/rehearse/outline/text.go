package outline

import (
	"fmt"
	"strings"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/rehearse"
	"arengo/workflow/rehearse/words"
)

// Text writes a rehearsal for a terminal, in Italian unless lang is "en".
func Text(r *rehearse.Report, lang string) string {
	t := &text{say: words.In(lang), zone: zone(r.Zone)}
	t.line("%s", t.say.Tell("text.title", "title", r.Title, "name", fmt.Sprintf("%s@%d", r.Definition, r.Version)))
	t.line("%s", t.say.Tell("text.start", "day", t.date(r.Start), "people", fmt.Sprint(r.People), "seed", fmt.Sprint(r.Seed)))
	t.list(t.say.Tell("text.assumed"), r.Assumed)
	t.warnings(r.Warnings)
	for _, m := range Months(r, t.zone) {
		t.line("")
		t.line("%s", t.say.Month(m.Month, m.Year))
		for _, l := range m.Lines {
			t.line("  %s  %s", l.At.In(t.zone).Format("02 15:04"), t.describe(l))
		}
	}
	t.line("")
	key := "text.reached"
	if !r.End.Reached {
		key = "text.stuck"
	}
	t.line("%s", t.say.Tell(key, "state", r.End.Title, "day", t.say.Day(civil.DateOf(r.End.At, t.zone)), "days", fmt.Sprint(r.End.Days)))
	t.list(t.say.Tell("text.errors"), r.Errors)
	return t.out.String()
}

func zone(name string) *time.Location {
	if z, err := civil.Zone(name); err == nil {
		return z
	}
	return time.UTC
}

type text struct {
	say  words.In
	zone *time.Location
	out  strings.Builder
}

func (t *text) line(format string, args ...any) {
	fmt.Fprintf(&t.out, format+"\n", args...)
}

func (t *text) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	t.line("\n%s", title)
	for _, l := range lines {
		t.line("  %s", l)
	}
}

func (t *text) warnings(list []rehearse.Warning) {
	if len(list) == 0 {
		t.line("\n%s", t.say.Tell("text.no-warnings"))
		return
	}
	t.line("\n%s", t.say.Tell("text.warnings"))
	for _, w := range list {
		sign := map[rehearse.Level]string{rehearse.Severe: "!!", rehearse.Look: "! ", rehearse.Note: "- "}[w.Level]
		where := ""
		if w.Activity != "" {
			where = " [" + w.Activity + "]"
		}
		t.line("  %s %s%s", sign, w.Text, where)
		if w.Do != "" {
			t.line("     %s", w.Do)
		}
	}
}

func (t *text) date(iso string) string {
	d, err := civil.ParseDate(iso)
	if err != nil {
		return iso
	}
	return t.say.Day(d)
}

// describe is one line of the timeline.
func (t *text) describe(l Line) string {
	out := t.say.Tell("text."+string(l.Sort), "what", l.Text, "who", t.say.Role(l.Who), "to", l.To, "n", fmt.Sprint(l.People))
	if l.Activity != "" {
		out += " [" + l.Activity + "]"
	}
	if l.DueOn != "" {
		out += " " + t.say.Tell("text.by", "day", t.date(l.DueOn))
	}
	switch {
	case l.Unsent:
		why := "text.unsent"
		if l.People == 0 {
			why = "text.nobody"
		}
		out += " " + t.say.Tell(why)
	case l.Late && !l.Due.IsZero():
		out += " " + t.say.Tell("text.late", "time", t.say.Moment(l.Due, t.zone))
	case l.Late:
		out += " " + t.say.Tell("text.overdue")
	}
	return out
}
