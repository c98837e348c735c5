// Package past shows where a process and its activities stood at an instant of
// the past, as their log tells it.
package past

import (
	"strings"
	"time"

	"arengo/process"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
	"arengo/workflow/civil"
	"arengo/workflow/history"
)

// area is what the handler of this package works with.
type area struct{ core *process.Service }

// Routes are the one page.
func Routes(s *site.Site) []site.Route {
	a := &area{s.Core}
	return []site.Route{site.Get("/gestione/:process/passato", process.ActProcessPreview, a.pastShow)}
}

// pastPage asks for an instant and says what was then.
type pastPage struct {
	page.Base
	Action, Home string
	Day, Clock   page.Field
	Asked        bool
	At           time.Time
	Rows         []row
	Sections     []section.Link
}

// row is the process or an activity as it was.
type row struct {
	Subject, State string
	Since, Due     time.Time
	Held           bool
	Version        string
}

func (a *area) pastShow(r *site.Request) error {
	p := r.Gate.Process
	out := pastPage{
		Base: r.Workspace(r.T("staff.past.title"), "manage", page.Crumb{Label: r.T("setup.crumb.all"), Href: "/gestione"},
			page.Crumb{Label: p.Title, Href: gate.Home(p.Slug)}, page.Crumb{Label: r.T("staff.past.crumb")}),
		Action: gate.Home(p.Slug) + "/passato", Home: gate.Home(p.Slug), Sections: section.List(r, "", nil),
		Day:   page.Field{Name: "giorno", Label: r.T("staff.past.day"), Type: "date", Value: r.Query("giorno"), Required: true},
		Clock: page.Field{Name: "ora", Label: r.T("staff.past.clock"), Type: "time", Value: r.Query("ora"), Note: r.T("staff.past.clock.note")},
	}
	if out.Day.Value == "" {
		return r.Page("staff/past", out)
	}
	at, field := instant(out.Day.Value, out.Clock.Value, p.Location())
	if out.Clock.Value == "" && out.Day.Value == r.Now.In(p.Location()).Format(time.DateOnly) {
		at = r.Now // today has not ended yet
	}
	switch {
	case field == "years":
		out.Errors = append(out.Errors, page.FieldError{Field: "giorno", Message: r.T("staff.past.error.years")})
	case field != "":
		out.Errors = append(out.Errors, page.FieldError{Field: field, Message: r.T("staff.past.error." + field)})
	case at.After(r.Now):
		out.Errors = append(out.Errors, page.FieldError{Field: "giorno", Message: r.T("staff.past.error.future")})
	}
	if len(out.Errors) > 0 {
		return r.PageStatus(422, "staff/past", out)
	}
	out.Asked, out.At = true, at
	var err error
	if out.Rows, err = a.rows(r, at); err != nil {
		return err
	}
	return r.Page("staff/past", out)
}

// instant reads a day and, when one is given, a time of it; without one it is
// the end of the day. field names what cannot be read; "years" is a day, of years
// that no process knows.
func instant(day, clock string, zone *time.Location) (at time.Time, field string) {
	d, err := civil.ParseDate(day)
	if err != nil {
		if _, err := time.Parse(time.DateOnly, day); err == nil {
			return at, "years"
		}
		return at, "giorno"
	}
	if strings.TrimSpace(clock) == "" {
		return d.Add(1).Start(zone).Add(-time.Microsecond), ""
	}
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return at, "ora"
	}
	return d.At(t.Hour(), t.Minute(), zone), ""
}

func (a *area) rows(r *site.Request, at time.Time) ([]row, error) {
	ctx, p := r.Context(), r.Gate.Process
	moments, err := history.At(ctx, history.In(a.core.DB()), int64(p.ID), at)
	if err != nil {
		return nil, err
	}
	activities, err := a.core.Activities(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	titles := map[int64]string{0: p.Title}
	for _, one := range activities {
		titles[int64(one.ID)] = r.T(one.Kind+".kind") + " “" + one.Title + "”"
	}
	var out []row
	for _, m := range moments {
		def, err := a.core.Engine().Resolve(ctx, a.core.DB(), m.Definition, m.Version)
		if err != nil {
			return nil, err
		}
		s, _ := def.State(m.State)
		key := "staff.past.version"
		if flow.Own(def) {
			key = "staff.past.own"
		}
		out = append(out, row{
			Subject: titles[m.Ref.ActivityID], State: s.Title.In(r.Lang), Since: m.Since, Due: m.Due, Held: m.Held,
			Version: r.T(key, "template", def.Title.In(r.Lang), "version", def.Version),
		})
	}
	return out, nil
}
