package editor

import (
	"net/url"
	"strconv"
	"strings"

	"arengo/process/draft"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// phaseSave does what a form of the page of a phase says.
func (a *area) phaseSave(r *site.Request) error {
	d, s, err := a.phase(r)
	if err != nil {
		return err
	}
	act, what, _ := strings.Cut(r.Value("fai"), ":")
	do := a.change(r, s, act, what)
	err = fault.Field("", "editor.act_unknown")
	if do != nil {
		err = a.drafts.Edit(r.Context(), r.Gate.Process.ID, r.Actor, draft.Change{
			Revision: revision(r.Value("revision")), Act: acts[act], Subject: s.Title.In(r.Lang), Do: do,
		})
	}
	if err == nil {
		return r.Redirect(home(r.Gate.Process)+"/fase/"+s.Name+opened(forms[act]), "editor.flash.changed")
	}
	if !refused(err) {
		return err
	}
	return a.phaseRefuse(r, d, s, err)
}

// forms are the places on the page of a phase by its buttons.
var forms = map[string]string{
	"parole": "parole", "durata": "durata", "attivita": "attivita", "togli": "attivita", "ricorda": "promemoria", "promemoria": "promemoria",
	"condizione": "condizioni",
}

// acts are the words of the steps by the buttons of a phase.
var acts = map[string]string{
	"parole": "rename", "durata": "term", "attivita": "need", "togli": "unneed", "ricorda": "remind", "promemoria": "unremind", "condizione": "require",
}

// change is the operation of a button, nil when there is no such button.
func (a *area) change(r *site.Request, s definition.State, act, what string) func(definition.Definition) (definition.Definition, error) {
	switch act {
	case "parole":
		return func(d definition.Definition) (definition.Definition, error) {
			return edit.Rename(d, s.Name, typedWords(r))
		}
	case "durata":
		return func(d definition.Definition) (definition.Definition, error) { return termTyped(r, d, s.Name) }
	case "attivita":
		return func(d definition.Definition) (definition.Definition, error) { return a.needTyped(r, d, s.Name) }
	case "togli":
		return func(d definition.Definition) (definition.Definition, error) { return edit.RemoveNeed(d, s.Name, what) }
	case "ricorda":
		return func(d definition.Definition) (definition.Definition, error) {
			days, _ := strconv.Atoi(r.Value("days")) // what is no number is refused as none
			return edit.AddReminder(d, s.Name, edit.Remind{Days: days, To: r.Values("to")})
		}
	case "promemoria":
		return func(d definition.Definition) (definition.Definition, error) {
			return edit.RemoveReminder(d, s.Name, what)
		}
	case "condizione":
		transition, code, _ := strings.Cut(what, ":")
		return func(d definition.Definition) (definition.Definition, error) {
			return edit.RemoveRequirement(d, transition, code)
		}
	}
	return nil
}

// termTyped changes how long a phase lasts and what ends it. A term of law gives
// the unit and the bounds that the form does not ask for.
func termTyped(r *site.Request, d definition.Definition, name string) (definition.Definition, error) {
	var kept definition.Term
	for _, s := range d.States {
		if s.Name == name && s.Term != nil {
			kept = *s.Term
		}
	}
	lasts := r.Value("lasts")
	if kept.Law != nil {
		lasts = "term"
		if kept.Until != "" {
			lasts = "keep"
		}
	}
	out := d
	var err error
	if lasts != "keep" {
		to := edit.Lasts{None: lasts == "none"}
		if !to.None {
			if to, err = lastsTyped(r, kept); err != nil {
				return d, err
			}
		}
		if out, err = edit.SetTerm(d, name, to); err != nil {
			return d, err
		}
	}
	return edit.SetEnd(out, name, r.Value("end") == "auto")
}

func lastsTyped(r *site.Request, kept definition.Term) (edit.Lasts, error) {
	if kept.Law != nil {
		written := kept.Length.String()
		r.Form().Set("unit", strings.TrimLeft(written, "0123456789"))
	}
	var to edit.Lasts
	var bad fault.List
	read := func(err error) {
		if e, ok := fault.As(err); ok {
			bad = append(bad, e)
		}
	}
	var err error
	to.Length, err = typedSpan(r, "length", true)
	read(err)
	to.Min, err = typedSpan(r, "min", false)
	read(err)
	to.Max, err = typedSpan(r, "max", false)
	read(err)
	if kept.Law != nil && !kept.Min.IsZero() {
		to.Min = kept.Min
	}
	if kept.Law != nil && !kept.Max.IsZero() {
		to.Max = kept.Max
	}
	return to, bad.Err()
}

func (a *area) needTyped(r *site.Request, d definition.Definition, name string) (definition.Definition, error) {
	count, err := strconv.Atoi(r.Value("count"))
	if err != nil {
		return d, field("count", "editor.need_count", "max", 99)
	}
	n := definition.ActivityNeed{Kind: r.Value("kind"), Min: count}
	if n.Kind != "" {
		if _, err := a.core.Kinds().Get(n.Kind); err != nil {
			return d, field("kind", "form.required")
		}
	}
	if w := r.Value("at_entry"); w == definition.NeedReady || w == definition.NeedOpen {
		n.AtEntry = w
	}
	if r.Value("at_exit") == definition.NeedOver {
		n.AtExit = definition.NeedOver
	}
	return edit.SetNeed(d, name, n)
}

// phaseRefuse shows the page with what was written and why it was refused; what
// somebody else saved meanwhile stands beside it.
func (a *area) phaseRefuse(r *site.Request, d draft.Draft, s definition.State, err error) error {
	typed := formOf(s)
	saved := url.Values{}
	for name, values := range typed {
		saved[name] = values
	}
	for name, values := range r.Form() {
		typed[name] = values
	}
	p, failed := a.phaseView(r, d, s, typed)
	if failed != nil {
		return failed
	}
	if wizard.Stale(err) {
		p.Stale, p.Conflict = stale(r, d, err), &wizard.Conflict{}
		for _, f := range append(wordFields(r, typed), p.Length...) {
			if _, sent := r.Form()[f.Name]; sent {
				p.Conflict.Add(f.Label, saved.Get(f.Name), typed.Get(f.Name))
			}
		}
	}
	if act, _, _ := strings.Cut(r.Value("fai"), ":"); p.Parts[forms[act]] != nil {
		p.Parts[forms[act]].Open = true
	}
	p.Errors = summary(r, err)
	for i, e := range p.Errors {
		if e.Field == "transition" || e.Field == "requirement" || e.Field == "phase" {
			p.Errors[i].Field = ""
		}
	}
	return r.PageStatus(page.Status(err), "editor/phase", p)
}
