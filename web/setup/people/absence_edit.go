package people

import (
	"slices"
	"strconv"
	"strings"

	"arengo/process"
	"arengo/process/absence"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow/civil"
)

// awayForm notes who is away and who stands in.
type awayForm struct {
	Open   bool // a refusal stands in it
	Fields []page.Field
}

// awayTyped is what the form held.
type awayTyped struct {
	Who, Deputy, Name, From, Until string
}

func (t awayTyped) empty() bool { return t == awayTyped{} }

// newAwayForm offers every role that somebody holds. Ids begin with a word of
// their own: the page has another form with an address.
func newAwayForm(r *site.Request, members []process.Member, t awayTyped) awayForm {
	who := page.Field{
		ID: "away-who", Name: "who", Label: r.T("setup.away.who"), Type: "select", Required: true, Empty: r.T("setup.away.choose"),
	}
	for _, m := range members {
		name := m.Name
		if name == "" {
			name = m.Email
		}
		value := strconv.FormatInt(int64(m.Person), 10) + " " + m.Role
		who.Choices = append(who.Choices, page.Choice{
			Value: value, Label: name + ", " + r.T("setup.role."+m.Role), Selected: value == t.Who,
		})
	}
	return awayForm{Open: !t.empty(), Fields: []page.Field{
		who,
		{Name: "from", Label: r.T("setup.away.from"), Type: "date", Value: t.From, Required: true},
		{Name: "until", Label: r.T("setup.away.until"), Type: "date", Value: t.Until, Required: true, Hint: r.T("setup.away.until.hint")},
		{Name: "deputy", Label: r.T("setup.away.deputy"), Type: "email", Value: t.Deputy, Required: true, Hint: r.T("setup.away.deputy.hint")},
		{ID: "deputy-name", Name: "name", Label: r.T("setup.away.name"), Value: t.Name, Max: maxTitle},
	}}
}

// deputyWords say who stands in for a member, and when; "" when nobody does.
func deputyWords(r *site.Request, m process.Member, away []absence.Absence) string {
	at := slices.IndexFunc(away, func(a absence.Absence) bool { return a.Person == m.Person && a.Role == m.Role })
	if at < 0 {
		return ""
	}
	zone := r.Gate.Process.Location()
	words := page.Words{Lang: r.Lang, Zone: zone, Now: r.Now}
	from, until := away[at].Days(zone)
	return r.T("setup.away.line", "name", away[at].DeputyName, "from", words.Day(from.Start(zone)), "until", words.Day(until.Start(zone)))
}

func (a *area) absenceSet(r *site.Request) error {
	t := awayTyped{Who: r.Value("who"), Deputy: r.Value("deputy"), Name: r.Value("name"), From: r.Value("from"), Until: r.Value("until")}
	away, err := t.read(r.Lang)
	if err == nil {
		err = absence.Set(r.Context(), a.core, r.Gate.Process.ID, r.Actor, away)
	}
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.People, "setup.flash.away")
	}
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.peopleView(r, process.Person{}, "", t)
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/people", p)
}

// read takes the form apart; everything that is wrong with it comes at once.
func (t awayTyped) read(lang string) (absence.Away, error) {
	var bad fault.List
	out := absence.Away{Deputy: process.Person{Email: t.Deputy, Name: strings.TrimSpace(t.Name), Locale: lang}}
	id, role, _ := strings.Cut(t.Who, " ")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		bad = append(bad, fault.Field("away-who", "setup.away.error.who"))
	}
	out.Person, out.Role = process.PersonID(n), role
	if out.From, err = civil.ParseDate(t.From); err != nil {
		bad = append(bad, fault.Field("from", "setup.error.date", "value", t.From))
	}
	if out.Until, err = civil.ParseDate(t.Until); err != nil {
		bad = append(bad, fault.Field("until", "setup.error.date", "value", t.Until))
	}
	return out, bad.Err()
}

func (a *area) absenceEnd(r *site.Request) error {
	id, err := strconv.ParseInt(r.Value("person"), 10, 64)
	if err != nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.People, "")
	}
	if err := absence.End(r.Context(), a.core, r.Gate.Process.ID, r.Actor, process.PersonID(id), r.Value("role")); err != nil {
		return err
	}
	return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.People, "setup.flash.back")
}
