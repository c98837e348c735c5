package main

import (
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
)

// livingHere is the questionnaire of twenty items that ships with the program.
func livingHere(t testing.TB) form.Definition {
	t.Helper()
	source, err := fixtures.Questionnaire("vivere-area.yaml")
	if err != nil {
		t.Fatal(err)
	}
	def, err := form.ParseYAML(source)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

// readyQuestionnaire makes one that can be opened, without invitations.
func readyQuestionnaire(t testing.TB, core *process.Service, id process.ID, who process.Actor) process.Activity {
	t.Helper()
	ctx, service := t.Context(), questionnaire.New(core)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, err := core.CreateActivity(ctx, id, who, process.NewActivity{Kind: "questionnaire", Title: "Vivere qui", Phase: "exploration"})
	must(err)
	q, err := service.Load(ctx, id, a.ID)
	must(err)
	q.Definition = livingHere(t)
	q, err = service.Save(ctx, who, q)
	must(err)
	_, err = service.PublishDefinition(ctx, id, a.ID, who, q.Revision)
	must(err)
	must(service.SetEnd(ctx, id, a.ID, who, time.Now().AddDate(0, 0, 14).Format(time.DateOnly)))
	_, err = core.Advance(ctx, id, who, process.Move{Activity: a.ID, Transition: "prepare"})
	must(err)
	return a
}
