package setup

import (
	"slices"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/fault"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
)

// callDates are the dates of the call on the page of the dates, nil for a
// template that asks for none.
type callDates struct {
	Action string
	Dates  []callDate
	Open   bool // one of them may still be written
	Moves  *callMoves
}

// callDate is one of them: a field, or its day where that is a promise already.
type callDate struct {
	Field  page.Field
	Day    string // in words, once it is kept
	Source *page.Source
}

// callMoves is what the dates that were typed would change, to be confirmed.
type callMoves struct {
	Rows   []callMove
	Doubts []string // days that have gone by, come before their phase or are probably not meant
	Told   string
	Reason *page.Field // of a public process
	Values []page.Hidden
}

// callMove is a date, the end of a phase or a deadline in words, as it is and as
// it would be.
type callMove struct{ Title, Old, New string }

// callSave lists what the dates of the call move, and keeps them once that is
// confirmed.
func (a *area) callSave(r *site.Request) error {
	pr := r.Gate.Process
	dates, err := a.dates.List(r.Context(), pr)
	if err != nil {
		return err
	}
	typed := map[string]string{}
	for _, d := range dates {
		typed[d.Code] = r.Value("day." + d.Code)
		if sent := r.Values("day." + d.Code); len(sent) == 0 && pr.Published() && !d.Missed && d.Day != (civil.Date{}) {
			typed[d.Code] = d.Day.String() // the form of a public process does not ask again
		}
	}
	days, err := readDays(dates, typed)
	switch {
	case err != nil:
	case r.Value("preview") != "":
		var look calldate.Outlook
		if look, err = a.dates.Preview(r.Context(), pr.ID, r.Actor, days); err == nil {
			return a.callPreview(r, dates, days, look)
		}
	default:
		if _, err = a.dates.Save(r.Context(), pr.ID, r.Actor, days, r.Value("reason")); err == nil {
			return r.Redirect(wizard.Home(pr)+"/"+section.Dates, "setup.flash.call")
		}
	}
	if !wizard.Shown(err) {
		return err
	}
	p, _, failed := a.callPage(r, dates, typed)
	if failed != nil {
		return failed
	}
	return a.datesAnswer(r, p, err)
}

// callPage is the page of the dates with what was typed in the form of the call.
func (a *area) callPage(r *site.Request, dates []calldate.Date, typed map[string]string) (datesPage, schedule, error) {
	saved, _, err := a.saved(r.Context(), r.Gate.Process)
	if err != nil {
		return datesPage{}, saved, err
	}
	p, err := a.datesView(r, r.Gate.Process, saved, false)
	if err != nil || p.Call == nil {
		return p, saved, err
	}
	for i, d := range dates {
		retype(r, &p.Call.Dates[i].Field, typed[d.Code])
	}
	return p, saved, nil
}

// retype puts what was typed back into a field, among its choices too.
func retype(r *site.Request, f *page.Field, text string) {
	f.Value = text
	known := text == "" || f.Type != "select"
	for i := range f.Choices {
		f.Choices[i].Selected = f.Choices[i].Value == text
		known = known || f.Choices[i].Selected
	}
	if known {
		return
	}
	label := text
	if day, err := civil.ParseDate(text); err == nil {
		label = dayWords(r, day)
	}
	f.Choices = append(f.Choices, page.Choice{Value: text, Label: label, Selected: true})
}

// callPreview lists what moves before anything is saved.
func (a *area) callPreview(r *site.Request, dates []calldate.Date, days map[string]civil.Date, look calldate.Outlook) error {
	typed := map[string]string{}
	m := &callMoves{}
	for _, d := range dates {
		if day, ok := days[d.Code]; ok {
			typed[d.Code] = day.String()
		}
		m.Values = append(m.Values, page.Hidden{Name: "day." + d.Code, Value: typed[d.Code]})
	}
	p, saved, err := a.callPage(r, dates, typed)
	if err != nil {
		return err
	}
	def, inst, err := a.core.Definition(r.Context(), a.core.DB(), r.Gate.Process)
	if err != nil {
		return err
	}
	m.Rows = slices.Concat(callDays(r, dates, days), callRows(r, def, inst, look))
	m.Doubts = slices.Concat(callPast(r, dates, days, look.Moves), impossible(r, def, days, look.After), skipping(r, def, days))
	m.Told = r.T("setup.dates.nothing")
	if r.Gate.Process.Published() {
		m.Told = r.T("setup.call.public")
		m.Reason = &page.Field{Name: "reason", Label: r.T("setup.call.reason"), Hint: r.T("setup.version.reason.hint"), Type: "textarea", Rows: 2, Max: 2000}
	}
	p.Call.Moves, p.Fresh, p.Early = m, len(m.Rows) > 0, nil
	p.Rows = tableOf(r, p.Base, tableInput{def: def, inst: inst, before: look.Before, after: look.After, asked: saved, days: days})
	return r.Page("setup/dates", p)
}

// callDays are the dates of the call that change.
func callDays(r *site.Request, dates []calldate.Date, days map[string]civil.Date) []callMove {
	var out []callMove
	for _, d := range dates {
		if d.Day != days[d.Code] {
			out = append(out, callMove{d.Title.In(r.Lang), dayWords(r, d.Day), dayWords(r, days[d.Code])})
		}
	}
	return out
}

// callRows are the phases that end otherwise, and the reminders and other
// deadlines of the present one.
func callRows(r *site.Request, def *definition.Compiled, inst workflow.Instance, look calldate.Outlook) []callMove {
	words := r.Words()
	was, is := outlook.Awaiting(look.Before), outlook.Awaiting(look.After)
	last := func(end time.Time, awaits bool) string {
		if end.IsZero() || awaits {
			return r.T("setup.call.none")
		}
		return words.EndDay(end)
	}
	var phases, others []callMove
	phase := func(name string, old, now time.Time) {
		s, _ := def.State(name)
		rests := name != inst.State && flow.Rests(words, def, inst, name) != ""
		said := callMove{r.T("staff.extend.phase", "phase", s.Title.In(r.Lang)), last(old, rests || was[name] != ""), last(now, rests || is[name] != "")}
		if said.Old != said.New {
			phases = append(phases, said)
		}
	}
	ended := false
	for _, m := range look.Moves {
		if m.Name == definition.AnchorEnd {
			ended = true
			phase(inst.State, m.Old, m.New)
			continue
		}
		row := callMove{gate.Deadline(r.Lang, m.Name, def.DeadlineTitle(m.Name)), "–", r.T("staff.extend.gone")}
		if !m.Old.IsZero() {
			row.Old = words.DateTime(m.Old)
		}
		if !m.New.IsZero() {
			row.New = words.DateTime(m.New)
		}
		others = append(others, row)
	}
	before := map[string]time.Time{}
	for _, ph := range look.Before {
		before[ph.State] = ph.End
	}
	for _, ph := range look.After {
		if !ended || ph.State != inst.State {
			phase(ph.State, before[ph.State], ph.End)
		}
	}
	return append(phases, others...)
}

// dayWords is a date of the call in words.
func dayWords(r *site.Request, d civil.Date) string {
	if d == (civil.Date{}) {
		return r.T("setup.call.none")
	}
	return r.Words().Date(d.Start(r.Gate.Process.Location()))
}

// callPast names the days that are new and have gone by, and says so when
// something that counts from them comes at once.
func callPast(r *site.Request, dates []calldate.Date, days map[string]civil.Date, moves []workflow.Move) (out []string) {
	today := civil.DateOf(r.Now, r.Gate.Process.Location())
	for _, d := range dates {
		if day := days[d.Code]; day != (civil.Date{}) && day != d.Day && day.Before(today) {
			out = append(out, r.T("setup.call.past", "date", d.Title.In(r.Lang), "day", dayWords(r, day)))
		}
	}
	if len(out) > 0 && slices.ContainsFunc(moves, func(m workflow.Move) bool { return !m.New.IsZero() && !m.New.After(r.Now) }) {
		out = append(out, r.T("setup.call.due"))
	}
	return out
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

func (a *area) callView(r *site.Request, pr process.Process) (*callDates, map[string]civil.Date, error) {
	dates, err := a.dates.List(r.Context(), pr)
	if err != nil || len(dates) == 0 {
		return nil, nil, err
	}
	out := &callDates{Action: wizard.Home(pr) + "/" + section.Dates + "/bando"}
	days := map[string]civil.Date{}
	for _, d := range dates {
		one := callDate{Field: callField(r, pr, d)}
		if i := slices.IndexFunc(dates, func(x calldate.Date) bool { return x.Code == d.After }); i >= 0 {
			one.Field.Hint = r.T("setup.call.after", "after", dates[i].Title)
		}
		if d.Law != nil {
			s := lawSource(d.Law)
			one.Source = &s
		}
		if d.Day != (civil.Date{}) {
			days[d.Code] = d.Day
			if pr.Published() && !d.Missed {
				one.Day = dayWords(r, d.Day)
			}
		}
		out.Open = out.Open || one.Day == ""
		out.Dates = append(out.Dates, one)
	}
	return out, days, nil
}
