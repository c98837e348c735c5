package gate

import (
	"strings"

	"arengo/process"
	"arengo/process/foresight"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Deadline is what a deadline is for: the title that its definition gives it, or
// else the notice that its name begins with.
func Deadline(lang, name string, title definition.Text) string {
	word, _, _ := strings.Cut(name, ".")
	key := "staff.deadline." + word
	switch {
	case title != nil:
		return title.In(lang)
	case name == definition.AnchorEnd:
		key = "staff.extend.close.phase"
	case !page.Texts().Has(key):
		key = "staff.deadline.other"
	}
	return page.T(lang, key, nil)
}

// Exchange are the dates of a process, or of one of its activities, that an
// option drops and sets.
func Exchange(w page.Words, o workflow.Option, activity *process.Activity) page.Dates {
	d := exchange(w.Lang, o.Dates, activity != nil)
	for i := range d.Rows {
		if d.Rows[i].End && d.Rows[i].Old.IsZero() {
			d.Rows[i].Name = w.T("staff.dates.end", "state", o.To.Title.In(w.Lang))
		}
	}
	if activity == nil {
		d.Rows = append(d.Rows, Later(w, o.Later)...)
	}
	return d
}

// Later are the ends that phases to come are expected to have, before and after an act.
func Later(w page.Words, dates []workflow.Date) []page.DateRow {
	var out []page.DateRow
	for _, x := range dates {
		row := page.DateRow{Name: w.T("staff.dates.later", "state", x.Title.In(w.Lang)), Old: x.Old, New: x.New, End: true}
		switch {
		case x.Never != nil:
			row.Said = flow.Never(w, *x.Never)
		case x.New.IsZero():
			row.Said = w.T("staff.dates.unknown")
		}
		out = append(out, row)
	}
	return out
}

func exchange(lang string, dates []workflow.Date, activity bool) page.Dates {
	d := page.Dates{Caption: page.T(lang, "staff.dates.title", nil)}
	for _, x := range dates {
		row := page.DateRow{Name: Deadline(lang, x.Name, x.Title), Old: x.Old, New: x.New, End: x.Name == definition.AnchorEnd}
		switch {
		case row.End && activity:
			row.Name = page.T(lang, "staff.extend.close", nil)
		case row.End:
			row.Name = page.T(lang, "staff.dates.end.now", nil)
		}
		switch {
		case x.New.IsZero() && row.End:
			row.Said = page.T(lang, "staff.dates.dropped", nil)
		case x.New.IsZero():
			row.Said = page.T(lang, "staff.extend.gone", nil)
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}

// Following are the dates of the activities that a move opens or closes.
func Following(r *site.Request, o foresight.Outlook) []page.Dates {
	var out []page.Dates
	add := func(a process.Activity, dates []workflow.Date) {
		if len(dates) > 0 {
			d := exchange(r.Lang, dates, true)
			d.Title = a.Title
			out = append(out, d)
		}
	}
	for _, x := range o.Opens {
		add(x.Activity, x.Dates)
	}
	for _, x := range o.Closes {
		add(x.Activity, x.Dates)
	}
	return out
}

// Changes counts the dates that the move drops and sets.
func (m Move) Changes() int {
	n := 0
	for _, d := range m.Dates {
		n += len(d.Rows)
	}
	return n
}
