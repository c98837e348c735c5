package setup

import (
	"net/url"
	"slices"

	"arengo/process"
	"arengo/process/seat"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
	"arengo/workflow/definition"
)

// activitiesPage lists the activities by phase, with those that the template
// still expects, and adds one.
type activitiesPage struct {
	page.Base
	Frame  wizard.Frame
	Action string
	Phases []activityPhase
	Kinds  page.Options
	Fields []page.Field
}

// activityPhase is a phase with what it has and what it asks.
type activityPhase struct {
	Number int
	Title  string
	Now    bool
	State  page.State // of its node
	Rows   []activityRow
	Needs  []needRow
}

// activityRow is an activity in a phase; Seat is where it is moved to another, "" where
// it stays.
type activityRow struct{ Title, Kind, State, Href, Seat string }

// needRow is what the template asks of a phase; Missing is how many it lacks.
type needRow struct {
	Kind, Note, Text string
	Missing          int
	None             bool   // there is none: where none is missing, it is for who wants it
	Href             string // the form, filled for it
}

func (a *area) activityList(r *site.Request) error {
	p, err := a.activityView(r, process.NewActivity{Kind: r.Query("tipo"), Phase: r.Query("fase")})
	if err != nil {
		return err
	}
	return r.Page("setup/activities", p)
}

func (a *area) activityView(r *site.Request, typed process.NewActivity) (activitiesPage, error) {
	base, f, err := wizard.Workspace(a.core, r, r.T("setup.activities.title"), section.Activities)
	if err != nil {
		return activitiesPage{}, err
	}
	pr := r.Gate.Process
	all, err := seat.Of(r.Context(), a.core.DB(), a.core, pr.ID)
	if err != nil {
		return activitiesPage{}, err
	}
	def, inst, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return activitiesPage{}, err
	}
	p := activitiesPage{Base: base, Frame: f, Action: wizard.Home(pr) + "/" + section.Activities}
	phase := page.Field{Name: "phase", Label: r.T("setup.activities.phase"), Type: "select", Required: true, Hint: r.T("setup.activities.phase.hint")}
	for i, name := range def.MainPath() {
		st, _ := def.State(name)
		p.Phases = append(p.Phases, a.phaseView(r, phaseInput{i + 1, st, name == inst.State, all, p.Action}))
		chosen := name == typed.Phase || typed.Phase == "" && name == inst.State
		phase.Choices = append(phase.Choices, page.Choice{Value: name, Label: st.Title.In(r.Lang), Selected: chosen})
	}
	p.Kinds = page.Options{Name: "kind", Legend: r.T("setup.activities.kind"), Required: true}
	for _, kind := range a.core.Kinds().Names() {
		p.Kinds.Choices = append(p.Kinds.Choices, page.Choice{Value: kind, Label: kindWord(r, kind), Hint: kindHint(r, kind), Selected: kind == typed.Kind})
	}
	p.Fields = []page.Field{
		phase,
		{Name: "title", Label: r.T("setup.activities.name"), Value: typed.Title, Required: true, Max: maxTitle},
		{Name: "intro", Label: r.T("setup.activities.intro"), Type: "textarea", Rows: 3, Value: typed.Intro, Hint: r.T("setup.activities.intro.hint")},
	}
	return p, nil
}

type phaseInput struct {
	number int
	state  definition.State
	now    bool
	all    []seat.Seat
	action string
}

func (a *area) phaseView(r *site.Request, in phaseInput) activityPhase {
	out := activityPhase{Number: in.number, Title: in.state.Title.In(r.Lang), Now: in.now, State: page.Next}
	if in.now {
		out.State = page.Current
	}
	there, missing := map[string]bool{}, map[string]int{}
	for _, n := range seat.Missing(in.state, in.all) {
		missing[n.Kind] = n.Min
	}
	for _, act := range in.all {
		if act.Phase != in.state.Name {
			continue
		}
		row := activityRow{Title: act.Title, Kind: kindWord(r, act.Kind), State: act.State, Href: wizard.Home(r.Gate.Process) + "/" + act.Kind + "/" + act.PublicID}
		if def, err := a.core.Engine().Resolve(r.Context(), a.core.DB(), act.Definition, act.Version); err == nil {
			st, ok := def.State(act.State)
			if ok {
				row.State = st.Title.In(r.Lang)
			}
			if !st.Final || !r.Gate.Process.Published() {
				row.Seat = gate.Seat(r.Gate.Process.Slug, act.Activity)
			}
		}
		there[act.Kind] = there[act.Kind] || !act.Off
		out.Rows = append(out.Rows, row)
	}
	for _, n := range in.state.Needs() {
		need := needRow{Kind: kindWord(r, n.Kind), Note: n.Note.In(r.Lang), Missing: missing[n.Kind], None: !there[n.Kind]}
		switch {
		case need.Missing > 0:
			need.Text = r.T("setup.activities.missing", "n", need.Missing)
		case need.None:
			need.Text = r.T("setup.activities.optional")
		default:
			need.Text = r.T("setup.activities.complete")
		}
		if (need.Missing > 0 || need.None) && slices.Contains(a.core.Kinds().Names(), n.Kind) {
			need.Href = in.action + "?" + url.Values{"tipo": {n.Kind}, "fase": {in.state.Name}}.Encode() + "#nuova"
		}
		out.Needs = append(out.Needs, need)
	}
	return out
}

// kindWord is what a kind is called, by the convention of its texts.
func kindWord(r *site.Request, kind string) string {
	if key := kind + ".kind"; page.Texts().Has(key) {
		return r.T(key)
	}
	return page.Cap(kind)
}

func kindHint(r *site.Request, kind string) string {
	if key := kind + ".asked"; page.Texts().Has(key) {
		return r.T(key)
	}
	return ""
}

func (a *area) activityCreate(r *site.Request) error {
	typed := process.NewActivity{Kind: r.Value("kind"), Title: r.Value("title"), Intro: r.Value("intro"), Phase: r.Value("phase"), FormKey: r.FormKey()}
	made, err := a.core.CreateActivity(r.Context(), r.Gate.Process.ID, r.Actor, typed)
	if err == nil {
		return r.Redirect(wizard.Home(r.Gate.Process)+"/"+made.Kind+"/"+made.PublicID, site.Once(made.Already, "setup.flash.activity"))
	}
	if !wizard.Shown(err) {
		return err
	}
	p, failed := a.activityView(r, typed)
	if failed != nil {
		return failed
	}
	p.Errors = page.FieldErrors(r.Lang, err)
	return r.PageStatus(page.Status(err), "setup/activities", p)
}
