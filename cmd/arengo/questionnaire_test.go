package main

import (
	"math/rand/v2"
	"testing"

	"arengo/fixtures"
	invent "arengo/fixtures/demo"
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
	must(service.SetEnd(ctx, id, a.ID, who, today().Add(14).String()))
	_, err = core.Advance(ctx, id, who, process.Move{Activity: a.ID, Transition: "prepare"})
	must(err)
	return a
}

// wholeAnswers makes sets of answers, as JSON, that leave no question of
// livingHere unanswered.
func wholeAnswers(t testing.TB, sets int) (out []string) {
	t.Helper()
	f, err := form.Compile(livingHere(t))
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		if len(out) == sets {
			return out
		}
		raw := asJSON(t, invent.Answer(rnd, invent.Person{Place: "052032", Zone: "arengo:siena"}))
		answers := fromJSON[form.Answers](t, raw)
		kept, err := f.Submitted(answers)
		if err != nil {
			t.Fatal(err)
		}
		if problems, err := f.Validate(answers); err == nil && len(problems) == 0 && len(kept) == 20 {
			out = append(out, raw)
		}
	}
	t.Fatalf("%d sets of twenty answers, want %d", len(out), sets)
	return nil
}
