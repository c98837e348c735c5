package desk

import (
	"slices"
	"strconv"
	"strings"

	"arengo/process/questionnaire/form"
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

// act does to the questionnaire what a button of the item's form says.
func act(f *form.Definition, verb, code string) {
	switch verb {
	case "su", "giu":
		moveItem(f, code, verb == "su")
	case "duplica":
		duplicateItem(f, code)
	case "elimina":
		deleteItem(f, code)
	}
}

// itemDone goes on after a save, to where the pressed button leads.
func (d desk) itemDone(verb string, item form.Item) error {
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
		if s, i, ok := find(&d.q.Definition, item.Code); ok && i+1 < len(d.q.Definition.Sections[s].Items) {
			return d.r.Redirect(d.root+"/domande/"+d.q.Definition.Sections[s].Items[i+1].Code, "builder.flash.duplicated")
		}
	}
	return d.r.Redirect(here, "builder.flash.saved")
}
