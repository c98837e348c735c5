package gate

import (
	"strings"
	"time"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// Ending asks for the end of a term as the term is counted: by its last day, or by
// its day and time where it is counted in hours or minutes. What it gives to a form
// is on the wall of Zone: a last day, or a whole minute.
type Ending struct {
	Zone  *time.Location
	Exact bool
}

// EndingOf is the one of a term of this process; a nil term is counted in days.
func EndingOf(r *site.Request, t *definition.Term) Ending {
	return Ending{Zone: r.Gate.Process.Location(), Exact: t.Exact()}
}

// Field is the field "end" of a form.
func (e Ending) Field(r *site.Request, id string) page.Field {
	f := page.Field{ID: id, Name: "end", Type: "date", Required: true, Label: r.T("staff.change.end")}
	if e.Exact {
		words := page.Words{Lang: r.Lang, Zone: e.Zone}
		f.Type, f.Label, f.Hint = "datetime-local", r.T("staff.change.end.exact"), page.Cap(words.ZoneName())+"."
	}
	return f
}

// Hint says something of the end before what the field says itself.
func (e Ending) Hint(f *page.Field, text string) { f.Hint = strings.TrimSpace(text + " " + f.Hint) }

// Write is a value, a Low or a High of the field.
func (e Ending) Write(t time.Time) string {
	if e.Exact {
		return t.In(e.Zone).Format(wallTime)
	}
	return t.In(e.Zone).Format(time.DateOnly)
}

// wallTime is what a field of type datetime-local holds.
const wallTime = "2006-01-02T15:04"

// Read is the half-open end that the field holds: the first instant after the day,
// or the minute itself. A minute that the clocks skip is read an hour later, and of
// one that comes twice the first, as everywhere in this program.
func (e Ending) Read(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, fault.Field("end", "form.required")
	}
	if !e.Exact {
		day, err := time.ParseInLocation(time.DateOnly, text, e.Zone)
		if err != nil {
			return day, fault.Field("end", "staff.change.end.bad", "value", text)
		}
		return day.AddDate(0, 0, 1), nil
	}
	wall, err := time.Parse(wallTime, strings.Replace(text, " ", "T", 1))
	if err != nil {
		return wall, fault.Field("end", "staff.change.end.bad.exact", "value", text)
	}
	return civil.Resolve(wall, e.Zone), nil
}

// UpTo is the last that may be chosen and is not after an end.
func (e Ending) UpTo(end time.Time) time.Time {
	if e.Exact {
		return end.In(e.Zone).Truncate(time.Minute)
	}
	return lastDay(end, e.Zone)
}

// Ahead is the first that may be chosen and is still to come.
func (e Ending) Ahead(now time.Time) time.Time {
	if e.Exact {
		return e.later(now)
	}
	return now.In(e.Zone)
}

// later is the first that may be chosen after an end.
func (e Ending) later(end time.Time) time.Time {
	if e.Exact {
		return e.UpTo(end).Add(time.Minute)
	}
	return e.UpTo(end).AddDate(0, 0, 1)
}

// sooner is the last that may be chosen before an end.
func (e Ending) sooner(end time.Time) time.Time {
	if e.Exact {
		return e.UpTo(end.Add(-time.Nanosecond))
	}
	return e.UpTo(end).AddDate(0, 0, -1)
}

// from is the first that may be chosen and is not before an end.
func (e Ending) from(end time.Time) time.Time {
	if e.Exact {
		return e.later(end.Add(-time.Nanosecond))
	}
	return e.UpTo(end)
}

// lastDay is the civil day on which a half-open end is shown.
func lastDay(end time.Time, zone *time.Location) time.Time { return end.Add(-time.Nanosecond).In(zone) }
