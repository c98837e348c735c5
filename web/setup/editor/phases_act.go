package editor

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"arengo/process/draft"
	"arengo/process/fault"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/web/staff/section"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// workflowMove names a phase whose dates are asked for.
func workflowMove(state string) workflow.Move { return workflow.Move{Name: state} }

// phasesAct does what a button of the list says: su:, giu: and togli: with the
// name of a phase, annulla, modello, usa.
func (a *area) phasesAct(r *site.Request) error {
	act, phase, _ := strings.Cut(r.Value("fai"), ":")
	id, rev := r.Gate.Process.ID, revision(r.Value("revision"))
	flash := "editor.flash.changed"
	var err error
	switch act {
	case "su", "giu", "togli":
		err = a.rearrange(r, act, phase, rev)
	case "annulla":
		err, flash = a.drafts.Undo(r.Context(), id, r.Actor, rev), "editor.flash.undone"
	case "modello":
		err, flash = a.drafts.Drop(r.Context(), id, r.Actor, rev), "editor.flash.dropped"
	case "usa":
		return a.use(r, rev)
	default:
		err = fault.Field("", "editor.act_unknown")
	}
	if err == nil {
		return r.Redirect(home(r.Gate.Process)+place(act, phase), flash)
	}
	if !refused(err) {
		return err
	}
	return a.phasesAnswer(r, err)
}

// place is where on the list what was done is seen: at the phase that moved,
// else at the draft.
func place(act, phase string) string {
	if act == "su" || act == "giu" {
		return "?fase=" + url.QueryEscape(phase) + "#fase-" + url.PathEscape(phase)
	}
	return "#bozza"
}

// rearrange moves a phase one place up or down, or takes it away.
func (a *area) rearrange(r *site.Request, act, phase string, rev int64) error {
	d, err := a.drafts.Load(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	c := draft.Change{Revision: rev, Subject: titleIn(r.Lang, d, phase), Act: map[string]string{"su": "move", "giu": "move", "togli": "remove"}[act]}
	base := d.Base.Definition
	c.Do = func(d definition.Definition) (definition.Definition, error) {
		if act == "togli" {
			next, err := edit.RemoveState(d, phase)
			return edit.Recall(base, next), err
		}
		next, err := moved(d, act, phase)
		next = edit.Recall(base, next)
		if err == nil && len(edit.Losses(base, next)) > len(edit.Losses(base, d)) { // what puts things back may
			err = edit.Ordered(base, next)
		}
		return next, err
	}
	return a.drafts.Edit(r.Context(), r.Gate.Process.ID, r.Actor, c)
}

// moved is a definition with a phase one place up or down.
func moved(d definition.Definition, act, phase string) (definition.Definition, error) {
	phases := edit.Phases(d)
	i := slices.IndexFunc(phases, func(s definition.State) bool { return s.Name == phase })
	switch {
	case i < 0, act == "su" && i == 0, act == "giu" && i == len(phases)-1:
		return d, nil
	case act == "giu":
		return edit.MoveState(d, phase, phases[i+1].Name)
	case i == 1:
		return edit.MoveState(d, phase, "")
	}
	return edit.MoveState(d, phase, phases[i-2].Name)
}

// mayMove reports that a phase can be moved without taking more from the law than
// the draft has taken already.
func mayMove(d draft.Draft, act, phase string, taken int) bool {
	next, err := moved(d.Definition, act, phase)
	base := d.Base.Definition
	if err == nil && edit.Ordered(base, d.Definition) == nil && edit.Ordered(base, next) != nil { // told sooner than all losses
		return false
	}
	return err == nil && len(edit.Losses(base, next)) <= taken
}

// use makes the draft hold: at once for what is not public yet, else by the page
// that moves a running process to another version.
func (a *area) use(r *site.Request, rev int64) error {
	p := r.Gate.Process
	if p.Published() {
		v, err := a.drafts.Publish(r.Context(), p.ID, r.Actor, rev)
		if err == nil {
			target := url.Values{"modello": {v.Name + "@" + strconv.Itoa(v.Version)}}
			return r.Redirect(wizard.Home(p)+"/"+section.Version+"?"+target.Encode(), "")
		}
		if !refused(err) {
			return err
		}
		return a.phasesAnswer(r, err)
	}
	_, err := a.drafts.Use(r.Context(), p.ID, r.Actor, rev, r.T("editor.reason"))
	if err == nil {
		return r.Redirect(home(p), "editor.flash.used")
	}
	if !refused(err) {
		return err
	}
	return a.phasesAnswer(r, err)
}
