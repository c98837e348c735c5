package calldate_test

import (
	"strings"
	"testing"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/document"
	"arengo/process/worldtest"
	"arengo/workflow/civil"
)

// TestStatutoryPaths lives each process under a law from its beginning to its
// end, every move by the office that the template names; "timer" lets the end of
// the term come.
func TestStatutoryPaths(t *testing.T) {
	t.Parallel()
	for template, path := range map[string]string{
		"emilia-romagna":     "submit send-back submit certify start develop propose request-validation return-proposal request-validation validate account decide close",
		"tuscany-local":      "apply accept admit start write deliver answer",
		"tuscany-debate":     "file integrate file open-debate begin timer report modify",
		"national-debate":    "publish-report timer close",
		"co-programming":     "give-notice timer report submit decide close",
		"co-design-art55":    "give-notice timer evaluate gather write submit adopt close",
		"collaboration-pact": "publish-proposal timer design agree sign close",
	} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			source, err := fixtures.Template(template)
			if err != nil {
				t.Fatal(err)
			}
			w := worldtest.Build(t, worldtest.Config{
				Template: template, Path: string(source), Known: []string{"questionnaire", "focusgroup", "codesign", "webinar", "assembly"},
			})
			w.Settle("marta@comune.example.org", "Marta Bindi")
			live(t, w, strings.Fields(path))
			if i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref()); err != nil || i.State != "closed" {
				t.Errorf("ends in %s, %v", i.State, err)
			}
		})
	}
}

// live fills every office, writes every document and date, and makes the moves.
func live(t *testing.T, w *worldtest.World, path []string) {
	t.Helper()
	def, _, err := w.Core.Definition(t.Context(), w.DB, w.Process)
	w.Must(err)
	offices := map[string]process.Actor{"promoter": w.Promoter}
	for _, role := range []string{"facilitator", "guarantor", "deciding-body"} {
		offices[role] = w.Actor(role+"@example.org", "Chi "+role)
		w.Member(offices[role], role)
	}
	documents := document.New(w.Core)
	for _, s := range def.States {
		for _, a := range s.Artefacts {
			who := w.Promoter
			if len(a.By) > 0 {
				who = offices[a.By[0]]
			}
			w.Must(documents.Save(t.Context(), who, document.Document{ProcessID: w.Process.ID, Code: a.Code, Title: a.Title["it"], Body: "Testo"}))
			w.Must(documents.Publish(t.Context(), who, w.Process.ID, a.Code, true))
		}
	}
	days := map[string]civil.Date{}
	for _, d := range def.Dates {
		from := day(9)
		if len(d.Days) > 0 {
			from = day(9).Add(-365)
		}
		if d.After != "" {
			from = days[d.After].Add(1)
		}
		days[d.Code] = d.Days.Next(from)
	}
	_, err = calldate.New(w.Core).Save(t.Context(), w.Process.ID, w.Promoter, days, "")
	w.Must(err)
	w.Publish()
	for _, step := range path {
		if step == "timer" {
			i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
			w.Must(err)
			w.At(i.DueAt)
			continue
		}
		who := process.Actor{}
		for _, tr := range def.Transitions {
			if tr.ID == step {
				who = offices[tr.By[0]]
			}
		}
		if _, err := w.Core.Advance(t.Context(), w.Process.ID, who, process.Move{Transition: step, Reason: "Un motivo"}); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
}
