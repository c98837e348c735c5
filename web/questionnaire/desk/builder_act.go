package desk

import (
	"slices"
	"strconv"
	"strings"

	"arengo/process/fault"
	"arengo/process/questionnaire/form"
	"arengo/web/page"
	"arengo/web/site"
)

// verbOf splits the value of a button: "togli:3" is the verb and its row.
func verbOf(s string) (verb string, row int) {
	verb, number, _ := strings.Cut(s, ":")
	return verb, readInt(number, -1)
}

// trim carries out what a button does to the rows of the form, before they are
// read: take a row out, or move it up.
func trim(r *site.Request, verb string, row int) {
	var names []string
	switch verb {
	case "togli", "alza":
		names = []string{"opt_code", "opt_it", "opt_en"}
	case "via":
		names = []string{"rule_item", "rule_was", "rule_op", "rule_value"}
	}
	values := r.Form()
	for _, name := range names {
		list := values[name]
		switch {
		case row < 0 || row >= len(list):
		case verb == "alza" && row > 0:
			list[row-1], list[row] = list[row], list[row-1]
		case verb != "alza":
			values[name] = slices.Delete(list, row, row+1)
		}
	}
	if verb == "via" && len(values["rule_item"]) == 0 {
		values["rule_item"] = []string{""} // no rule is left, which is an answer too
	}
	if verb == "togli" && len(values["opt_code"]) == 0 {
		values["opt_code"] = []string{""}
	}
}

// act does to the questionnaire what a button of a form of the builder says,
// and gives the code of the item or the section that it made, or "". At is the
// item of the form; section stands for it where the form is a section's.
func act(f *form.Definition, verb, section, at string) string {
	switch verb {
	case "su", "giu":
		moveItem(f, at, verb == "su")
	case "duplica":
		return duplicateItem(f, at)
	case "elimina":
		deleteItem(f, at)
	case "aggiungi":
		return addItem(f, section, at, form.Single)
	case "sezione":
		return f.Sections[addSection(f)].Code
	}
	return ""
}

// leads goes on after a save to where the buttons that stand beside every form
// of the builder lead; false for the others, which each form knows.
func (h *staff) leads(d *desk, verb, made string, again func() builderPage) (bool, error) {
	switch verb {
	case "aggiungi":
		return true, d.r.Redirect(d.root+"/domande/"+made, "builder.flash.added")
	case "sezione":
		return true, d.r.Redirect(d.root+"/sezione/"+made, "builder.flash.added")
	case "prova":
		return true, d.r.Redirect(d.root+previewPath, "")
	case "pubblica":
		return true, h.definitionPublish(d, again)
	}
	return false, nil
}

// definitionPublish makes the working copy, as it was just saved, the version
// that people answer. A definition with problems is refused with all of them,
// and so is one in which a colleague changed what this person has not seen.
func (h *staff) definitionPublish(d *desk, again func() builderPage) error {
	var err error = fault.New(fault.Conflict, "form.stale")
	if !d.unseen {
		_, err = h.q.PublishDefinition(d.r.Context(), d.a.ProcessID, d.a.ID, d.r.Actor, d.q.Revision)
	}
	switch {
	case err == nil:
		return d.r.Redirect(d.root+"#deadline", "builder.flash.published")
	case !refused(err):
		return err
	}
	p := again()
	if p.Problems == 0 || stale(err) {
		p.Errors = page.FieldErrors(d.r.Lang, err)
	} else {
		p.Errors = d.problems()
	}
	for n := range p.Errors {
		p.Errors[n].Field = "controlli"
	}
	return d.r.PageStatus(page.Status(err), "questionnaire/builder", p)
}

// itemDone goes on after a save, to where the pressed button leads.
func (d desk) itemDone(verb, made string, item form.Item) error {
	here := d.root + "/domande/" + item.Code
	switch verb {
	case "opzione":
		n := len(item.Options) + 1
		return d.r.Redirect(here+"?righe="+strconv.Itoa(n)+"#o"+strconv.Itoa(n), "")
	case "togli", "alza", "comuni":
		return d.r.Redirect(here+"#risposte", "")
	case "condizione":
		n := 1
		if item.ShowIf != nil {
			n += len(item.ShowIf.Rules)
		}
		return d.r.Redirect(here+"?condizioni="+strconv.Itoa(n)+"#quando", "")
	case "via", "confronto":
		return d.r.Redirect(here+"#quando", "")
	case "tipo":
		return d.r.Redirect(here+"#type", "")
	case "chiedi":
		return d.r.Redirect(here+"?elimina=1", "")
	case "elimina":
		return d.r.Redirect(d.root+"/domande", "builder.flash.deleted")
	case "duplica":
		if made != "" {
			return d.r.Redirect(d.root+"/domande/"+made, "builder.flash.duplicated")
		}
	}
	return d.r.Redirect(here, "builder.flash.saved")
}

// problems are those that forbid publication, as the summary of the form.
func (d desk) problems() []page.FieldError {
	var out []page.FieldError
	for _, p := range form.Check(d.q.Definition) {
		if p.Severity == form.SeverityError {
			out = append(out, page.FieldError{Message: d.says(p)})
		}
	}
	return out
}
