package setup

import (
	"context"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// datesPage shows the plan and, before anything is saved, what a new start or
// new lengths would move. The first form only asks (GET): a preview can be
// reloaded, kept and sent on.
type datesPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	Next     string
	Start    page.Field
	Template string
	Size     string
	Rows     []dateRow
	Early    []string // phases that a date of the call ends before they begin
	Count    int      // of the phases, without those that are gone
	Moves    *datesPreview
	Conflict *wizard.Conflict
	Locked   bool // public: ends are moved by an extension
	Home     string
	Past     string // the first day has gone by
	Unproven bool   // a term has no confirmed source
	Call     *callDates
	Fresh    bool   // the rows are as they would be
	Phases   string // where they are changed, for who may
}

// dateRow is a phase of the table. Was and WasUntil are its dates as they are saved, ""
// where nothing changes.
type dateRow struct {
	Number             int
	Title              string
	From, Until        string
	Never              string // it would have no day: when it must end, and would begin
	Was, WasUntil      string
	ID, Days           string
	Asks               bool // the length is for choosing
	Low, High          int
	Error, Label       string
	Fixed              string // the length in words, where it is not for choosing
	Limits             string
	Source             page.Source
	Extension          *page.Source // where the bounds of its extension come from, if elsewhere
	Started, Concluded bool
}

// datesPreview is the panel with the moves; Values go back with the form that
// saves them.
type datesPreview struct {
	Heading  string
	Lines    []string
	Values   []page.Hidden
	Revision int64
	Nothing  bool
	Past     *page.Option // asks whether a new first day that has gone by is meant so
}

// schedule is what the form holds: texts as they were typed.
type schedule struct {
	start string
	days  map[string]string // by state
}

// saved is the schedule as it stands, and the plan that it gave.
func (a *area) saved(ctx context.Context, p process.Process) (schedule, []workflow.PlannedPhase, *definition.Compiled, error) {
	s := schedule{days: map[string]string{}}
	def, _, err := a.core.Definition(ctx, a.core.DB(), p)
	if err != nil {
		return s, nil, nil, err
	}
	plan, err := a.core.Expected(ctx, a.core.DB(), p)
	if err != nil {
		return s, nil, nil, err
	}
	if p.StartsOn != nil {
		s.start = civil.DateOf(*p.StartsOn, time.UTC).String()
	}
	for _, name := range def.MainPath() {
		st, _ := def.State(name)
		if n := length(st); n > 0 {
			s.days[name] = strconv.Itoa(n)
		}
	}
	for _, ph := range plan {
		if ph.Days > 0 {
			s.days[ph.State] = strconv.Itoa(ph.Days)
		}
	}
	return s, plan, def, nil
}

// read turns what was typed into dates and lengths; lengths that are the
// template's own are left out, so that they stay the template's.
func (s schedule) read(def *definition.Compiled) (civil.Date, map[string]int, error) {
	var bad fault.List
	start, err := parseDate(s.start)
	if e, ok := fault.As(err); ok {
		bad = append(bad, e)
	} else if s.start == "" {
		bad = append(bad, fault.Field("starts_on", "form.required"))
	}
	days := map[string]int{}
	for _, name := range def.MainPath() {
		st, _ := def.State(name)
		text, asked := s.days[name]
		if !asked || length(st) == 0 {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostDays {
			bad = append(bad, fault.Field("days."+name, "setup.error.days", "value", text))
		} else if n != length(st) {
			days[name] = n
		}
	}
	return start, days, bad.Err()
}

// mostDays keeps a phase within what a plan can mean.
const mostDays = 3650

func (a *area) datesShow(r *site.Request) error {
	saved, _, def, err := a.saved(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	asked := saved
	preview := r.Query("calcola") != "" && !r.Gate.Process.Published()
	if preview {
		asked = asking(def, r.Query)
	}
	p, err := a.datesView(r, r.Gate.Process, asked, preview)
	return a.datesAnswer(r, p, err)
}

func asking(def *definition.Compiled, value func(string) string) schedule {
	s := schedule{start: value("starts_on"), days: map[string]string{}}
	for _, name := range def.MainPath() {
		st, _ := def.State(name)
		if length(st) > 0 {
			s.days[name] = value("days." + name)
		}
	}
	return s
}

// datesAnswer shows the page, with the refusals at their fields.
func (a *area) datesAnswer(r *site.Request, p datesPage, err error) error {
	if err == nil {
		return r.Page("setup/dates", p)
	}
	if !wizard.Shown(err) {
		return err
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	for i := range p.Rows {
		p.Rows[i].Error = p.ErrorOf(p.Rows[i].ID)
	}
	return r.PageStatus(page.Status(err), "setup/dates", p)
}

func (a *area) datesSave(r *site.Request) error {
	_, _, def, err := a.saved(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	asked := asking(def, r.Value)
	start, days, err := asked.read(def)
	if err == nil {
		err = a.core.SetDates(r.Context(), r.Gate.Process.ID, r.Actor, process.Dates{
			Start: start, Days: days, Past: r.Value("past") != "", Revision: revision(r.Value("revision")),
		})
	}
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.People, "setup.flash.dates")
	}
	if !wizard.Shown(err) {
		return err
	}
	now, failed := a.core.LoadProcess(r.Context(), a.core.DB(), r.Gate.Process.ID)
	if failed != nil {
		return failed
	}
	p, failed := a.datesView(r, now, asked, !now.Published())
	if failed != nil && !wizard.Shown(failed) {
		return failed
	}
	if wizard.Stale(err) {
		p.Conflict = &wizard.Conflict{}
		if kept, _, _, failed := a.saved(r.Context(), now); failed == nil {
			p.Conflict.Add(r.T("setup.field.start"), kept.start, asked.start)
			for _, row := range p.Rows {
				name := strings.TrimPrefix(row.ID, "days.")
				p.Conflict.Add(row.Title, kept.days[name], asked.days[name])
			}
		}
	}
	return a.datesAnswer(r, p, err)
}

// datesView lays the page out. Refused lengths come back as the error, with
// the page that shows them; such a page cannot be saved.
func (a *area) datesView(r *site.Request, pr process.Process, asked schedule, preview bool) (datesPage, error) {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.dates.title", "title", pr.Title), section.Dates)
	if err != nil {
		return datesPage{}, err
	}
	_, plan, def, err := a.saved(r.Context(), pr)
	if err != nil {
		return datesPage{}, err
	}
	p := datesPage{
		Base: base, Frame: f, Action: wizard.Home(pr) + "/" + section.Dates, Next: wizard.Home(pr) + "/" + section.People, Locked: pr.Published(),
		Home: wizard.Home(pr), Template: def.Title.In(r.Lang), Size: sizeWords(r, def),
		Start: page.Field{Name: "starts_on", Label: r.T("setup.field.start"), Type: "date", Value: asked.start, Required: true},
	}
	if process.Allow(process.ActPhaseEdit, r.Gate.Standing, r.Gate.At) == nil {
		p.Phases = section.Path(pr, section.Phases)
	}
	if day, err := parseDate(asked.start); err == nil && !pr.Published() {
		p.Past = past(r, day)
	}
	words := base.Words()
	if pr.StartsOn != nil {
		p.Start.Hint = r.T("setup.dates.now", "date", words.Date(civil.DateOf(*pr.StartsOn, time.UTC).Start(pr.Location())))
	}
	fresh := plan
	var refused error
	if preview {
		start, days, err := asked.read(def)
		if err == nil {
			fresh, _, err = a.core.PreviewDates(r.Context(), pr.ID, start, days)
		}
		if err != nil && !wizard.Shown(err) {
			return p, err
		}
		refused = err
	}
	call, days, err := a.callView(r, pr)
	if err != nil {
		return p, err
	}
	p.Call, p.Fresh, p.Early = call, preview && refused == nil, callEarly(r, def, days, fresh)
	p.Count, p.Rows = len(def.MainPath()), tableOf(r, base, tableInput{def: def, before: plan, after: fresh, asked: asked, days: days})
	for _, row := range p.Rows {
		p.Unproven = p.Unproven || row.Source.Kind == lawUnproven || row.Extension != nil && row.Extension.Kind == lawUnproven
	}
	if preview && refused == nil {
		p.Moves = previewOf(r, words, plan, fresh)
		p.Moves.Revision = pr.Revision
		p.Moves.Values = []page.Hidden{{Name: "starts_on", Value: asked.start}}
		if p.Past != "" && (pr.StartsOn == nil || pr.StartsOn.Format(time.DateOnly) != asked.start) {
			p.Moves.Past = meantSo(r, r.Value("past") != "")
		}
		for _, row := range p.Rows {
			if row.Asks {
				p.Moves.Values = append(p.Moves.Values, page.Hidden{Name: row.ID, Value: row.Days})
			}
		}
	}
	return p, refused
}

// goneRow is a phase that took place before the definition was changed to one that
// knows it no longer. It has no number: the others are numbered as in the drawing.
func goneRow(r *site.Request, words page.Words, ph workflow.PlannedPhase) dateRow {
	return dateRow{
		Title: ph.Title.In(r.Lang), ID: "gone." + ph.State, From: words.Short(ph.StartedAt), Until: words.Short(ph.EndedAt), Started: true, Concluded: true,
		Fixed: r.T("setup.dates.concluded"), Source: page.Source{Kind: "template", Text: r.T("setup.dates.gone")},
	}
}
