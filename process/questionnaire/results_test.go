package questionnaire_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/result"
)

// answered is a questionnaire that n people have answered: the even ones live
// there, for as many years as their place in the list.
func answered(t testing.TB, n int) *world {
	t.Helper()
	w := open(t, n)
	for i := range n {
		token := w.token(i)
		if i%2 == 0 {
			w.mustSave(token, "link", "live")
			w.mustSave(token, "years", "10")
		} else {
			w.mustSave(token, "link", "work")
		}
		w.mustSave(token, "trust", "4")
		_, err := w.service.Submit(t.Context(), token)
		w.Must(err)
	}
	return w
}

func TestResults(t *testing.T) {
	t.Parallel()
	w := answered(t, 24)
	ctx := t.Context()
	r, err := w.service.Results(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	item, ok := r.Item("link", "")
	if !ok || r.Total() != 24 || item.Answered.N != 24 || item.Cells[0].Count.N != 12 {
		t.Fatalf("%d responses, %+v", r.Total(), item)
	}
	if years, _ := r.Item("years", ""); years.Answered.N != 12 || years.NotShown.N != 12 {
		t.Errorf("years: %+v", years)
	}
	again, err := w.service.Results(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	if again != r {
		t.Error("nothing changed, and the figures were made again")
	}

	t.Run("CSV", func(t *testing.T) {
		var out bytes.Buffer
		words := result.Words{Lang: "it", T: func(_, key string, _ map[string]any) string { return key }}
		w.Must(w.service.WriteAnswers(ctx, &out, w.Process.ID, w.activity.ID, words))
		if lines := strings.Count(out.String(), "\r\n"); lines != 25 {
			t.Errorf("%d lines:\n%s", lines, out.String())
		}
	})
}

func TestPublishResults(t *testing.T) {
	t.Parallel()
	w := answered(t, 2)
	ctx := t.Context()
	p := questionnaire.Publication{Title: "Risultati del questionario", Body: "Hanno risposto in 2."}
	err := w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Promoter, p)
	wantKey(t, err, fault.Closed, "answer.results_early")
	w.At(end.Add(time.Hour))
	if got := w.State(w.activity); got != "closed" {
		t.Fatalf("state %s", got)
	}
	err = w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Stranger, p)
	wantKey(t, err, fault.Forbidden, "policy.role")
	err = w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Promoter, questionnaire.Publication{Title: "Risultati"})
	if e, ok := fault.As(err); !ok || e.Field != "body" {
		t.Fatalf("an empty text: %v", err)
	}
	for _, body := range []string{p.Body, "Hanno risposto in 2, e grazie."} {
		p.Body = body
		w.Must(w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Promoter, p))
		d, err := w.service.ResultsText(ctx, w.Process.ID, w.activity.ID)
		w.Must(err)
		p.Revision = d.Revision
	}
	if v := w.visit(w.token(0)); !v.Results || v.Receipt == nil {
		t.Errorf("who answered does not find the results: %+v", v)
	}
	var few string
	w.One(&few, `SELECT payload->'extra'->>'few' FROM notice WHERE process_id = ? AND kind = 'results-published'`, w.Process.ID)
	if few != "1" {
		t.Error("the mail promises charts of two answers")
	}
	// A second click on the same form is done already; another text from an
	// older form is refused.
	p.Revision = 0
	w.Must(w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Promoter, p))
	late := p
	late.Body, late.Revision = "Hanno risposto in tre.", 1
	err = w.service.PublishResults(ctx, w.Process.ID, w.activity.ID, w.Promoter, late)
	wantKey(t, err, fault.Conflict, "form.stale")
	docs, err := document.New(w.Core).Published(ctx, w.Process)
	w.Must(err)
	if len(docs) != 1 || docs[0].Code != "results" || docs[0].Body != p.Body {
		t.Fatalf("documents %+v", docs)
	}
	q, err := w.service.Load(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	if q.ResultsPublishedAt == nil || w.Notices(w.activity, "results-published") != 1 {
		t.Errorf("published at %v, %d notices", q.ResultsPublishedAt, w.Notices(w.activity, "results-published"))
	}
}
