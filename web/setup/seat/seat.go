// Package seat is the page on which an activity is moved to another phase: it shows
// what that changes before anything is saved.
package seat

import (
	"slices"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/process/seat"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/staff/section"
)

const path = "/gestione/:process/" + section.Activities + "/:activity/fase"

// area is what the handlers of this package work with.
type area struct {
	core    *process.Service
	foresee *foresight.Service
}

// Routes are the page of an activity's phase and its act.
func Routes(s *site.Site) []site.Route {
	a := &area{s.Core, foresight.New(s.Core)}
	return []site.Route{
		site.Get(path, process.ActActivityEdit, a.show),
		site.Post(path, process.ActActivityEdit, a.move),
	}
}

// seatPage asks for a phase and, once one is chosen, says what changes. Kept is why
// the activity has to stay, "" while it may be moved.
type seatPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	Back     page.Link
	Phase    string // where it sits: its name for the form
	Lead     string
	Kept     string
	Same     string // where it sits was chosen: nothing would change
	Choice   page.Field
	Chosen   string // the name of another phase, "" while none is chosen
	Send     string
	Effects  []string
	Warnings []string
}

func (a *area) show(r *site.Request) error {
	on, err := a.find(r)
	if err != nil {
		return err
	}
	return a.answer(r, on, r.Query("fase"), nil)
}

// find is the activity of the address.
func (a *area) find(r *site.Request) (process.Activity, error) {
	list, err := a.core.Activities(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return process.Activity{}, err
	}
	i := slices.IndexFunc(list, func(x process.Activity) bool { return x.PublicID == r.Param("activity") })
	if i < 0 {
		return process.Activity{}, fault.New(fault.NotFound, "activity.not_found")
	}
	return list[i], nil
}

// answer is the page with a phase that was chosen, or with why it was refused.
func (a *area) answer(r *site.Request, on process.Activity, chosen string, refusal error) error {
	p, err := a.view(r, on, chosen)
	if err == nil && p.Kept == "" && refusal == nil && chosen != "" && chosen != on.Phase {
		err = a.foretell(r, &p, on, chosen)
		if wizard.Shown(err) {
			refusal, err = err, nil
		}
	}
	if err != nil {
		return err
	}
	if refusal == nil {
		return r.Page("setup/seat", p)
	}
	p.Errors = page.FieldErrors(r.Lang, refusal)
	return r.PageStatus(page.Status(refusal), "setup/seat", p)
}

func (a *area) view(r *site.Request, on process.Activity, chosen string) (seatPage, error) {
	title := r.T("setup.seat.title")
	base, f, err := wizard.Workspace(a.core, r, title+": "+on.Title, section.Activities, page.Crumb{Label: title})
	if err != nil {
		return seatPage{}, err
	}
	pr := r.Gate.Process
	def, inst, err := a.core.Definition(r.Context(), a.core.DB(), pr)
	if err != nil {
		return seatPage{}, err
	}
	here, known := def.State(on.Phase)
	p := seatPage{
		Base: base, Frame: f, Action: gate.Seat(pr.Slug, on), Back: page.Link{Label: on.Title, Href: gate.ActivityPath(pr.Slug, on)},
		Phase: on.Phase, Lead: r.T("setup.seat.lead", "activity", on.Title, "phase", here.Title.In(r.Lang)),
		Choice: page.Field{ID: "phase", Name: "fase", Label: r.T("setup.seat.phase"), Type: "select", Required: true, Hint: r.T("setup.seat.phase.hint")},
	}
	if !known {
		p.Lead = r.T("setup.seat.lead.lost", "activity", on.Title)
	}
	for _, name := range seat.Phases(def, inst) {
		st, _ := def.State(name)
		label := st.Title.In(r.Lang)
		if name == inst.State && pr.Published() {
			label = r.T("setup.seat.now", "phase", label)
		}
		if name == chosen && name == on.Phase {
			p.Same = r.T("setup.seat.same", "phase", st.Title.In(r.Lang))
		}
		p.Choice.Choices = append(p.Choice.Choices, page.Choice{Value: name, Label: label, Selected: name == chosen || chosen == "" && name == on.Phase})
	}
	kept := seat.Kept(r.Context(), a.core.DB(), a.core, pr, on)
	if kept != nil && !fault.Is(kept, fault.Closed) {
		return p, kept
	}
	if kept != nil {
		p.Kept = page.Explain(r.Lang, kept)
	}
	return p, nil
}

func (a *area) move(r *site.Request) error {
	on, err := a.find(r)
	if err != nil {
		return err
	}
	m := seat.Move{Activity: on.ID, From: r.Value("from"), To: r.Value("phase")}
	if err := seat.Do(r.Context(), a.core, r.Gate.Process.ID, r.Actor, m); err != nil {
		if !wizard.Shown(err) {
			return err
		}
		return a.answer(r, on, m.To, err)
	}
	return r.Redirect(gate.ActivityPath(r.Gate.Process.Slug, on), "setup.flash.seat")
}
