package setup

import (
	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/civil"
)

// callDates are the dates of the call on the page of the dates, nil for a
// template that asks for none.
type callDates struct {
	Action string
	Dates  []callDate
	Open   bool // one of them may still be written
}

// callDate is one of them: a field, or its day where that is a promise already.
type callDate struct {
	Field  page.Field
	Day    string // in words, once it is kept
	Source *page.Source
}

// callSave keeps the dates of the call.
func (a *area) callSave(r *site.Request) error {
	pr := r.Gate.Process
	dates, err := a.dates.List(r.Context(), pr)
	if err != nil {
		return err
	}
	typed := map[string]string{}
	for _, d := range dates {
		typed[d.Code] = r.Value("day." + d.Code)
		if pr.Published() && d.Day != (civil.Date{}) {
			typed[d.Code] = d.Day.String() // the form of a public process does not ask again
		}
	}
	days, err := readDays(dates, typed)
	if err == nil {
		_, err = a.dates.Save(r.Context(), pr.ID, r.Actor, days)
	}
	if err == nil {
		return r.Redirect(wizard.Home(pr)+"/"+section.Dates, "setup.flash.call")
	}
	if !wizard.Shown(err) {
		return err
	}
	saved, _, _, failed := a.saved(r.Context(), pr)
	if failed != nil {
		return failed
	}
	p, failed := a.datesView(r, pr, saved, false)
	if failed != nil {
		return failed
	}
	for i, d := range dates {
		p.Call.Dates[i].Field.Value = typed[d.Code]
	}
	return a.datesAnswer(r, p, err)
}

// readDays turns what was typed into dates; one left empty is the zero date.
func readDays(dates []calldate.Date, typed map[string]string) (map[string]civil.Date, error) {
	var bad fault.List
	days := map[string]civil.Date{}
	for _, d := range dates {
		text := typed[d.Code]
		if text == "" {
			continue
		}
		day, err := civil.ParseDate(text)
		if err != nil {
			bad = append(bad, fault.Field("day."+d.Code, "setup.error.date", "value", text))
		}
		days[d.Code] = day
	}
	return days, bad.Err()
}

func (a *area) callView(r *site.Request, base page.Base, pr process.Process) (*callDates, map[string]civil.Date, error) {
	dates, err := a.dates.List(r.Context(), pr)
	if err != nil || len(dates) == 0 {
		return nil, nil, err
	}
	words := base.Words()
	out := &callDates{Action: wizard.Home(pr) + "/" + section.Dates + "/bando"}
	days := map[string]civil.Date{}
	for _, d := range dates {
		one := callDate{Field: page.Field{Name: "day." + d.Code, Label: d.Title.In(r.Lang), Type: "date"}}
		if d.Required {
			one.Field.Note = r.T("setup.field.topublish")
		}
		if d.Law != nil {
			s := lawSource(d.Law)
			one.Source = &s
		}
		if d.Day != (civil.Date{}) {
			days[d.Code], one.Field.Value = d.Day, d.Day.String()
			if pr.Published() {
				one.Day = words.Date(d.Day.Start(pr.Location()))
			}
		}
		out.Open = out.Open || one.Day == ""
		out.Dates = append(out.Dates, one)
	}
	return out, days, nil
}
