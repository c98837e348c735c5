package gate

import (
	"time"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
)

// Extend is the form that moves the end of a term: partial "extend".
type Extend struct {
	Action, Activity, Back string
	Revision               int64
	Due                    page.Deadline
	Limit                  string // the latest day in words, "" for none
	End, Reason            page.Field
}

// Term is the present term of what may be extended. A zero MaxAt is no limit.
type Term struct {
	DueAt, MaxAt time.Time
	Revision     int64
}

// BuildExtend makes the form; the first day offered is the one after the
// present end. activity is nil for the process.
func BuildExtend(r *site.Request, term Term, activity *process.Activity) *Extend {
	b := builder{lang: r.Lang, process: r.Gate.Process, activity: activity}
	words := page.Words{Lang: r.Lang, Zone: b.process.Location(), Now: r.Now}
	x := &Extend{
		Action: Home(b.process.Slug) + "/proroga", Back: Home(b.process.Slug), Revision: term.Revision,
		Due: page.Deadline{At: term.DueAt, Seconds: true},
	}
	if activity != nil {
		x.Activity, x.Back = activity.PublicID, ActivityPath(b.process.Slug, *activity)
	}
	x.End = page.Field{
		ID: "proroga-fine", Name: "end", Type: "date", Required: true, Label: b.t("staff.extend.end"),
		Low: lastDay(term.DueAt, b.process.Location()).AddDate(0, 0, 1).Format(time.DateOnly),
	}
	if !term.MaxAt.IsZero() {
		x.Limit = words.EndDay(term.MaxAt)
		x.End.High = lastDay(term.MaxAt, b.process.Location()).Format(time.DateOnly)
		x.End.Hint = b.t("staff.extend.limit", "day", x.Limit)
	}
	x.Reason = page.Field{
		ID: "proroga-motivo", Name: "reason", Type: "textarea", Rows: 2, Max: 1000, Required: true,
		Label: b.t("staff.extend.reason"), Hint: b.t("staff.extend.reason.hint"),
	}
	return x
}

// lastDay is the civil day on which a half-open end is shown.
func lastDay(end time.Time, zone *time.Location) time.Time { return end.Add(-time.Nanosecond).In(zone) }
