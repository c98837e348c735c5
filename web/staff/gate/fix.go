package gate

import (
	"slices"

	"arengo/process"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
)

// ofProcess are the pages of a process that resolve a blocker, below
// /gestione/:process, or a part of that page. The others of definition.Fixes are
// on the activity's page, under a fragment of the same name.
var ofProcess = map[string]string{
	"publication":   "/pubblica",
	"population":    "/popolazione",
	"activities":    "#attivita",
	"people":        "/persone",
	"results":       "/documenti/results",
	"report":        "/documenti/final-report",
	"documents":     "/documenti",
	"project-sheet": "/documenti/project-sheet",
	"settings":      "/impostazioni",
	"contacts":      "/contatti",
	"outcomes":      "/esiti",
	"phases":        "/fasi",
	"roles":         "#persone",
	"moves":         "#avanza",
	"suspension":    "#proroga",

	"process-suspension": "#proroga", // the engine's own word: of an activity too
}

// ofBoth are the words that an activity's page answers to as a process's does,
// with the fragments that it has for them.
var ofBoth = map[string]string{"settings": "#settings", "moves": "#avanza", "suspension": "#proroga"}

// Fix is the address of the page that resolves a blocker of a process, or of
// one of its activities; "" when the blocker names none. fix is a word of
// definition.Fixes. What an activity's page should mend leads to the list of
// activities when there is no activity to speak of.
func Fix(p process.Process, activity *process.Activity, fix string) string {
	home := Home(p.Slug)
	path, general := ofProcess[fix]
	switch {
	case fix == "":
		return ""
	case activity != nil && ofBoth[fix] != "":
		return ActivityPath(p.Slug, *activity) + ofBoth[fix]
	case general:
		return home + path
	case activity != nil:
		return ActivityPath(p.Slug, *activity) + "#" + fix
	case fix == "deadline" && p.Published():
		return home + "#proroga"
	case fix == "deadline":
		return home + "/date"
	}
	return home + "#attivita"
}

// FixLabel is the button of a remedy: a verb and its object.
func FixLabel(lang, fix string) string {
	key := "staff.fix." + fix
	if !page.Texts().Has(key) {
		key = "staff.fix.open"
	}
	return page.T(lang, key, nil)
}

// Seat is the page that moves an activity to another phase.
func Seat(slug string, a process.Activity) string {
	return Home(slug) + "/attivita/" + a.PublicID + "/fase"
}

// seated is the view with the way there, for whoever may move an activity that goes
// on: what is over can at most be reopened.
func (v View) seated(r *site.Request, options []workflow.Option, a *process.Activity) View {
	goesOn := slices.ContainsFunc(options, func(o workflow.Option) bool { return !o.Transition.Reopens })
	if a != nil && goesOn && process.Allow(process.ActActivityEdit, r.Gate.Standing, r.Gate.At) == nil {
		v.Seat = Seat(r.Gate.Process.Slug, *a)
	}
	return v
}

// Document is the workspace page of a document by its code.
func Document(slug, code string) string { return Home(slug) + "/documenti/" + code }
