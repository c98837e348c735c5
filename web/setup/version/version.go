// Package version shows which newer definition a running process can go on by,
// what that changes, and takes the last change back.
package version

import (
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/upgrade"
	"arengo/web/flow"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
	"arengo/workflow/diagram"
)

const path = "/gestione/:process/" + section.Version

// area is what the handlers of this package work with.
type area struct{ core *process.Service }

// Routes are the page of the versions and its two acts. The acts let in, of those
// who might do them, also who is late: they find the page again, with what they
// typed.
func Routes(s *site.Site) []site.Route {
	a := &area{s.Core}
	return []site.Route{
		site.Get(path, process.ActProcessMigrate, a.versionShow),
		site.Post(path, process.ActProcessPreview, late(a.versionMove)),
		site.Post(path+"/annulla", process.ActProcessPreview, late(a.versionUndo)),
	}
}

// late refuses whoever may never change the version, and leaves it to the act to
// refuse those for whom the process has ended.
func late(do site.Handler) site.Handler {
	return func(r *site.Request) error {
		if err := process.Allow(process.ActProcessMigrate, r.Gate.Standing, r.Gate.At); err != nil && !fault.Is(err, fault.Closed) {
			return err
		}
		return do(r)
	}
}

// versionPage says by which definition the process runs, and what another would
// change.
type versionPage struct {
	page.Base
	Frame      wizard.Frame
	Action     string
	Template   string
	Version    int
	Own        bool // its phases were changed for it
	Offers     []offer
	Undo       bool
	UndoReason page.Field
	Revision   int64
	Chosen     *change
}

// offer is a definition that the process may move to.
type offer struct {
	Title  string
	Href   string
	Chosen bool
}

// change is what a chosen definition would change, line by line. Ready says that
// every phase has its place.
type change struct {
	Target   upgrade.Target
	Title    string
	Places   []page.Field // of the phases that have another name
	Ready    bool
	Parts    []part
	From, To string // titles of the present phase
	Moved    []moved
	Phases   []phase
	Reason   page.Field
	Hidden   []page.Hidden
}

// part is one place of the definition that differs.
type part struct {
	Title     string
	Gone, New []string
}

// moved is a date that changes; a zero one is none. Changed says that at the new
// one something else happens, or others are told.
type moved struct {
	Name     string
	Old, New time.Time
	Changed  bool
	Day      bool   // an end that is expected: read as its last day
	Said     string // stands for a new one that there is not
}

// phase is one row of the plan from here on.
type phase struct {
	Title string
	End   time.Time
	Never string // it would have no day, in words
	Waits string // what comes after it, no earlier than its first possible day
}

func (a *area) versionShow(r *site.Request) error {
	p, err := a.view(r, asked(r.Query))
	if e, ok := fault.As(err); ok && e.Key == "workflow.migrate_state" && r.Query("mostra") == "" {
		err = nil // nobody chose yet
	}
	if err == nil {
		return r.Page("setup/version", p)
	}
	return a.refuse(r, p, err)
}

// refuse shows the page with what was refused, if that belongs on it.
func (a *area) refuse(r *site.Request, p versionPage, err error) error {
	if !wizard.Shown(err) {
		return err
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/version", p)
}

const placePrefix = "fase."

// asked reads what a form holds, but for the places of phases.
func asked(value func(string) string) upgrade.Move {
	name, version, _ := strings.Cut(value("modello"), "@")
	n, _ := strconv.Atoi(version)
	revision, _ := strconv.ParseInt(value("revision"), 10, 64)
	return upgrade.Move{Target: upgrade.Target{Name: name, Version: n}, Reason: strings.TrimSpace(value("reason")), Revision: revision}
}

func (a *area) view(r *site.Request, m upgrade.Move) (versionPage, error) {
	p, err := a.head(r)
	if err != nil || m.Name == "" {
		return p, err
	}
	value := r.Query
	if m.Revision != 0 {
		value = r.Value
	}
	return p, a.choose(r, &p, m, value)
}

// head is the page without a chosen definition.
func (a *area) head(r *site.Request) (versionPage, error) {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.version.title"), section.Version)
	if err != nil {
		return versionPage{}, err
	}
	pr := r.Gate.Process
	def, inst, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return versionPage{}, err
	}
	p := versionPage{
		Base: base, Frame: f, Action: wizard.Home(pr) + "/" + section.Version, Template: def.Title.In(r.Lang), Version: def.Version, Own: flow.Own(def),
		Revision:   inst.Revision,
		UndoReason: page.Field{ID: "undo-reason", Name: "reason", Label: r.T("setup.version.undo.reason"), Required: true, Max: upgrade.MostReason},
	}
	if p.Undo, err = a.core.Engine().Revertible(r.Context(), a.core.DB(), pr.Ref()); err != nil {
		return p, err
	}
	targets, err := upgrade.Available(r.Context(), a.core, pr)
	if err != nil {
		return p, err
	}
	for _, t := range targets {
		p.Offers = append(p.Offers, offer{
			Title: a.named(r, t), Href: p.Action + "?modello=" + t.Name + "@" + strconv.Itoa(t.Version),
		})
	}
	return p, nil
}

// choose adds what a definition would change.
func (a *area) choose(r *site.Request, p *versionPage, m upgrade.Move, value func(string) string) error {
	found, err := a.core.Engine().Resolve(r.Context(), a.core.DB(), m.Name, m.Version)
	if err != nil {
		return err
	}
	old, _, err := a.core.Definition(r.Context(), a.core.DB(), r.Gate.Process)
	if err != nil {
		return err
	}
	c := &change{Target: m.Target, Title: a.named(r, m.Target), Ready: true}
	m.States = map[string]string{}
	phases, err := upgrade.Phases(r.Context(), a.core, r.Gate.Process, old)
	if err != nil {
		return err
	}
	for _, name := range phases {
		c.place(r, m.States, old, found, name, value(placePrefix+name))
	}
	c.Reason = page.Field{
		Name: "reason", Label: r.T("setup.version.reason"), Hint: r.T("setup.version.reason.hint"), Value: m.Reason, Required: true, Max: upgrade.MostReason,
	}
	p.Chosen = c
	for i := range p.Offers {
		p.Offers[i].Chosen = strings.HasSuffix(p.Offers[i].Href, "="+m.Name+"@"+strconv.Itoa(m.Version))
	}
	seen, err := upgrade.Look(r.Context(), a.core, r.Gate.Process, m)
	if err != nil {
		return err
	}
	c.fill(r, m, seen)
	return nil
}

func (c *change) fill(r *site.Request, m upgrade.Move, seen upgrade.Preview) {
	from, _ := seen.Before.State(seen.From)
	to, _ := seen.After.State(seen.To)
	c.From, c.To = from.Title.In(r.Lang), to.Title.In(r.Lang)
	for _, d := range diagram.Compare(seen.Before, seen.After, m.States, r.Lang) {
		c.Parts = append(c.Parts, part{Title: titleOf(r, d), Gone: d.Gone, New: d.New})
	}
	for _, v := range seen.Moved {
		c.Moved = append(c.Moved, moved{Name: gate.Deadline(r.Lang, v.Name, seen.After.DeadlineTitle(v.Name)), Old: v.Old, New: v.New, Changed: v.Changed})
	}
	for _, row := range gate.Later(r.Words(), seen.Later) {
		c.Moved = append(c.Moved, moved{Name: row.Name, Old: row.Old, New: row.New, Day: true, Said: row.Said})
	}
	for _, ph := range seen.Plan {
		s, _ := seen.After.State(ph.State)
		c.Phases = append(c.Phases, phase{s.Title.In(r.Lang), ph.End, flow.Never(r.Words(), ph), flow.Waits(r.Words(), seen.Plan, ph.State)})
	}
}

func (a *area) versionMove(r *site.Request) error {
	m := asked(r.Value)
	m.States = map[string]string{}
	old, _, err := a.core.Definition(r.Context(), a.core.DB(), r.Gate.Process)
	if err != nil {
		return err
	}
	phases, err := upgrade.Phases(r.Context(), a.core, r.Gate.Process, old)
	if err != nil {
		return err
	}
	for _, name := range phases {
		if to := r.Value(placePrefix + name); to != "" {
			m.States[name] = to
		}
	}
	if err = upgrade.Do(r.Context(), a.core, r.Gate.Process.ID, r.Actor, m); err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.Version, "setup.flash.version")
	}
	p, failed := a.view(r, m)
	if failed != nil && !wizard.Shown(failed) {
		return failed
	}
	return a.refuse(r, p, err)
}

func (a *area) versionUndo(r *site.Request) error {
	m := asked(r.Value)
	err := upgrade.Undo(r.Context(), a.core, r.Gate.Process.ID, r.Actor, m.Reason, m.Revision)
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+section.Version, "setup.flash.version_undone")
	}
	p, failed := a.head(r)
	if failed != nil {
		return failed
	}
	p.UndoReason.Value = m.Reason
	if e, ok := fault.As(err); ok && e.Field == p.UndoReason.Name {
		e.Field = p.UndoReason.ID
	}
	return a.refuse(r, p, err)
}
