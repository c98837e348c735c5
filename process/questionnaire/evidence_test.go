package questionnaire_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/outcome"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/result"
)

func (w *world) evidence() []process.Evidence {
	w.T.Helper()
	list, err := questionnaire.Kind{}.Evidence(w.T.Context(), w.DB, w.Process.ID, w.activity.ID)
	w.Must(err)
	return list
}

// cite tries to make an outcome that stands on the first question.
func (w *world) cite() (outcome.Outcome, error) {
	return outcome.New(w.Core).Save(w.T.Context(), w.Promoter,
		outcome.Outcome{ProcessID: w.Process.ID, Kind: "need", Title: "Più corse la sera"},
		[]outcome.Citation{{Activity: w.activity.PublicID, Ref: "item/link"}})
}

// shown is how the evidence of the first outcome reads.
func (w *world) shown(public bool) string {
	w.T.Helper()
	list, err := outcome.New(w.Core).List(w.T.Context(), w.Process.ID, public)
	w.Must(err)
	if len(list) != 1 || len(list[0].Evidence) != 1 {
		w.T.Fatalf("outcomes %+v", list)
	}
	return list[0].Evidence[0].Label
}

// TestEvidenceWaitsForTheClose cites nothing while answers come in, not by a
// reference sent by hand either, and shows everybody no figure before the
// results are public.
func TestEvidenceWaitsForTheClose(t *testing.T) {
	t.Parallel()
	w := answered(t, 12)
	for _, state := range []string{"open", "closing"} {
		if got := w.State(w.activity); got != state {
			t.Fatalf("state %s, want %s", got, state)
		}
		if list := w.evidence(); len(list) != 0 {
			t.Errorf("%s: %+v", state, list)
		}
		_, err := w.cite()
		wantKey(t, err, fault.Invalid, "outcome.evidence_unknown")
		w.At(end)
	}
	w.At(end.Add(time.Hour))
	list := w.evidence()
	const figures = "Domanda 1: Che legame hai?: 50\u00a0% ‘Ci vivo’ (n = 12)"
	if want := (process.Evidence{Ref: "item/link", Label: figures}); len(list) != 4 || list[0] != want {
		t.Fatalf("evidence %+v", list)
	}
	if got := list[1].Label; got != "Domanda 2: Da quanti anni?: meno di 10 risposte" {
		t.Errorf("six answered: %q", got)
	}
	if got := list[2].Label; got != "Domanda 3: Quanta fiducia?: media 4 su 5 (n = 12)" {
		t.Errorf("got %q", got)
	}
	o, err := w.cite()
	w.Must(err)
	w.Must(outcome.New(w.Core).Publish(t.Context(), w.Promoter, w.Process.ID, o.PublicID, true))
	if got := w.shown(false); got != figures {
		t.Errorf("the staff read %q", got)
	}
	if got := w.shown(true); got != "Domanda 1: Che legame hai?" {
		t.Errorf("before the results are public everybody reads %q", got)
	}
	w.Must(w.service.PublishResults(t.Context(), w.Process.ID, w.activity.ID, w.Promoter,
		questionnaire.Publication{Title: "Risultati", Body: "Grazie."}))
	if got := w.shown(true); got != figures {
		t.Errorf("once they are public everybody reads %q", got)
	}
}

// TestFewAnswersSayNothing keeps nine people from being read, wherever figures
// leave the questionnaire.
func TestFewAnswersSayNothing(t *testing.T) {
	t.Parallel()
	w := answered(t, 9)
	w.At(end)
	w.At(end.Add(time.Hour))
	for _, e := range w.evidence() {
		if !strings.HasSuffix(e.Label, ": meno di 10 risposte") {
			t.Errorf("evidence %q", e.Label)
		}
	}
	r, err := w.service.Results(t.Context(), w.Process.ID, w.activity.ID)
	w.Must(err)
	if !r.Few() {
		t.Error("nine are enough")
	}
	for _, item := range r.Items("") {
		if !item.Answered.Protected || len(item.Texts) > 0 || item.Answered.N != 0 {
			t.Errorf("%s: %+v", item.Page.Item.Code, item)
		}
	}
	var out bytes.Buffer
	words := result.Words{Lang: "it", T: func(_, key string, _ map[string]any) string { return key }}
	err = w.service.WriteAnswers(t.Context(), &out, w.Process.ID, w.activity.ID, words)
	wantKey(t, err, fault.Closed, "answer.results_few")
	if out.Len() > 0 {
		t.Errorf("wrote %q", out.String())
	}
}
