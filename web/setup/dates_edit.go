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
	Early    []string // what is wrong with the dates, or probably not meant
	Count    int      // of the phases, without those that are gone
	Moves    *datesPreview
	Conflict *wizard.Conflict
	Locked   bool // public: ends are moved by an extension
	Held     bool // suspended: no end is moved before it goes on
	Home     string
	Past     string // the first day has gone by
	Unproven bool   // a term has no confirmed source
	Call     *callDates
	Fresh    bool   // the rows are as they would be
	Exact    bool   // a phase ends at a time of its own, and not with a day
	Phases   string // where they are changed, for who may
}

// dateRow is a phase of the table. Was and WasUntil are its dates as they are saved, ""
// where nothing changes.
type dateRow struct {
	Number        int
	Title         string
	From, Until   string
	FromWords     string // in place of the day on which it begins, where nobody knows it
	UntilWords    string // in place of the last one: it has none, or nobody knows it
	Was, WasUntil string
	Waits         string // what comes after it on its first possible day, and no earlier
	ID, Days      string
	Asks          bool // the length is for choosing
	Low, High     int
	Error, Label  string
	Fixed         string // the length in words, where it is not for choosing
	Limits        string
	Source        page.Source
	Extension     *page.Source // where the bounds of its extension come from, if elsewhere
	Lasted        int          // civil days from the first to the last, of a phase that is over
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
func (a *area) saved(ctx context.Context, p process.Process) (schedule, tableInput, error) {
	s := schedule{days: map[string]string{}}
	def, inst, err := a.core.Definition(ctx, a.core.DB(), p)
	if err != nil {
		return s, tableInput{}, err
	}
	plan, err := a.core.Expected(ctx, a.core.DB(), p)
	if err != nil {
		return s, tableInput{}, err
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
	return s, tableInput{def: def, inst: inst, before: plan}, nil
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
	saved, in, err := a.saved(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	asked := saved
	preview := r.Query("calcola") != "" && !r.Gate.Process.Published()
	if preview {
		asked = asking(in.def, r.Query)
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
	_, in, err := a.saved(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	asked := asking(in.def, r.Value)
	start, days, err := asked.read(in.def)
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
		if kept, _, failed := a.saved(r.Context(), now); failed == nil {
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
	title := "setup.dates.title"
	if pr.Published() {
		title = "setup.dates.title.public"
	}
	base, f, err := wizard.Workspace(a.core, r, r.T(title, "title", pr.Title), section.Dates)
	if err != nil {
		return datesPage{}, err
	}
	_, in, err := a.saved(r.Context(), pr)
	if err != nil {
		return datesPage{}, err
	}
	p := datesPage{
		Base: base, Frame: f, Action: wizard.Home(pr) + "/" + section.Dates, Next: wizard.Home(pr) + "/" + section.People, Locked: pr.Published(), Held: !in.inst.HeldAt.IsZero(),
		Home: wizard.Home(pr), Template: in.def.Title.In(r.Lang), Size: sizeWords(r, in.def), Exact: byTheMinute(in.def),
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
	fresh := in.before
	var refused error
	if preview {
		start, days, err := asked.read(in.def)
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
	p.Call, p.Fresh, p.Early = call, preview && refused == nil, impossible(r, in.def, days, fresh)
	if !pr.Published() { // later nothing can be done about it
		p.Early = append(p.Early, skipping(r, in.def, days)...)
	}
	in.after, in.asked, in.days = fresh, asked, days
	p.Count, p.Rows = len(in.def.MainPath()), tableOf(r, base, in)
	for _, row := range p.Rows {
		p.Unproven = p.Unproven || row.Source.Kind == lawUnproven || row.Extension != nil && row.Extension.Kind == lawUnproven
	}
	if preview && refused == nil {
		p.Moves = previewOf(r, words, in.before, fresh)
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
		Title: ph.Title.In(r.Lang), ID: "gone." + ph.State, From: words.Short(ph.StartedAt), Until: words.Short(ph.EndedAt),
		Fixed: r.T("setup.dates.concluded"), Source: page.Source{Kind: "template", Text: r.T("setup.dates.gone")},
	}
}
