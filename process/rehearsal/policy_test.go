package rehearsal_test

import (
	"io/fs"
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/codesign"
	"arengo/process/focusgroup"
	"arengo/process/questionnaire"
	"arengo/process/rehearsal"
	"arengo/process/webinar"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/rehearse"
)

// pages are what the policy calls the work of the pages that acts lead to.
var pages = map[string]process.Act{
	"publication": process.ActProcessPublish, "population": process.ActProcessEdit, "settings": process.ActProcessEdit, "deadline": process.ActProcessEdit,
	"people": process.ActPeopleEdit, "documents": process.ActDocumentEdit, "report": process.ActDocumentEdit, "results": process.ActDocumentEdit,
	"project-sheet": process.ActDocumentEdit, "contacts": process.ActContactImport, "activities": process.ActActivityEdit,
}

// Nobody is asked for what the policy refuses them, in any template.
func TestActsAreOfWhoMayDoThem(t *testing.T) {
	t.Parallel()
	kinds := process.NewKinds(questionnaire.Kind{}, focusgroup.Kind{}, webinar.Kind{}, codesign.Kind{}, assembly.Kind{})
	files, err := fs.Glob(fixtures.Files(), "templates/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	seen := map[process.Act]bool{}
	for _, name := range files {
		source, err := fs.ReadFile(fixtures.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		def, problems := definition.Check(name, source, kinds.Names())
		if problems != nil {
			t.Fatal(problems)
		}
		c := rehearse.Config{Definition: def, Lang: "it", Start: civil.Date{Year: 2026, Month: time.March, Day: 24}}
		if c.Kinds, err = rehearsal.Kinds(kinds, "it"); err != nil {
			t.Fatal(err)
		}
		report, err := rehearse.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range report.Acts {
			act, known := pages[a.Fix]
			switch {
			case a.Advances:
				act = process.ActProcessAdvance
			case a.Activity != "" && a.Fix != "publication" || !known: // a page of the activity
				act = process.ActActivityRun
			}
			who := process.Standing{Actor: process.Actor{Person: 1}, Roles: []string{a.Who}}
			if err := process.Allow(act, who, process.Situation{Published: true}); err != nil {
				t.Errorf("%s: %s is asked for %q (%s): %v", name, a.Who, a.What, a.Fix, err)
			}
			seen[act] = true
		}
	}
	if len(seen) < 6 {
		t.Errorf("only %v was looked at", seen)
	}
}
