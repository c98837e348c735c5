package questionnaire_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/process/fault"
	"arengo/process/meeting/meetingtest"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
)

func TestAnswerAndSend(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	ctx := t.Context()
	token := w.token(0)

	v := w.visit(token)
	if v.Phase != questionnaire.PhaseOpen || !v.ClosesAt.Equal(end) || v.Form == nil || v.SavedAt != nil {
		t.Fatalf("first visit: %+v", v)
	}
	if w.count("draft") != 0 {
		t.Fatal("looking began a draft")
	}
	w.mustSave(token, "link", "live")
	w.mustSave(token, "years", "23")
	saved, err := w.save(token, "more", strings.Repeat("x", 52))
	w.Must(err)
	if len(saved.Problems) != 1 {
		t.Fatalf("problems %v", saved.Problems)
	}
	_, err = w.service.Submit(ctx, token)
	if e, ok := fault.As(err); !ok || e.Field != "more" {
		t.Fatalf("sent with a text that is too long: %v", err)
	}
	w.mustSave(token, "more", "Un pulmino")

	t.Run("another device goes on where this one stopped", func(t *testing.T) {
		v := w.visit(token)
		next, ok, err := v.Form.FirstUnanswered(v.Answers)
		w.Must(err)
		if !ok || next.Item.Code != "trust" || v.Answers["more"].Text != "Un pulmino" || v.SavedAt == nil {
			t.Errorf("resumes at %v with %v", next.Item, v.Answers)
		}
	})
	w.mustSave(token, "link", "work") // hides "years", which stays in the draft

	receipt, err := w.service.Submit(ctx, token)
	w.Must(err)
	if len(receipt.Code) != 14 || w.count("response") != 1 || w.count("draft") != 0 {
		t.Fatalf("receipt %q, %d responses, %d drafts", receipt.Code, w.count("response"), w.count("draft"))
	}
	var raw string
	w.Must(w.DB.NewRaw(`SELECT answers FROM response`).Scan(ctx, &raw))
	answers := form.Answers{}
	w.Must(json.Unmarshal([]byte(raw), &answers))
	if got := slices.Sorted(maps.Keys(answers)); !slices.Equal(got, []string{"link", "more"}) {
		t.Errorf("stored %v; a hidden answer must go", got)
	}

	t.Run("again gives the same receipt", func(t *testing.T) {
		second, err := w.service.Submit(ctx, token)
		w.Must(err)
		if second.Code != receipt.Code || w.count("response") != 1 {
			t.Errorf("%q, %d responses", second.Code, w.count("response"))
		}
		if v := w.visit(token); v.Receipt == nil || v.Receipt.Code != receipt.Code || len(v.Answers) != 0 {
			t.Errorf("the page shows %+v", v.Receipt)
		}
	})
	t.Run("ErrSent", func(t *testing.T) {
		_, err := w.save(token, "more", "Ripensandoci")
		wantKey(t, err, fault.Closed, "answer.sent")
	})
	t.Run("one receipt is mailed", func(t *testing.T) {
		if n := w.Told(w.activity, "receipt", w.people[0]); n != 1 {
			t.Errorf("%d receipts", n)
		}
	})
	t.Run("ErrNothing", func(t *testing.T) {
		_, err := w.service.Submit(ctx, w.token(1))
		wantKey(t, err, fault.Invalid, "answer.nothing")
	})
	t.Run("ErrForged", func(t *testing.T) {
		_, err := w.service.Submit(ctx, token[:len(token)-2]+"AA")
		wantKey(t, err, fault.NotFound, "link.bad")
	})
	t.Run("ErrUnknownItem", func(t *testing.T) {
		_, err := w.save(w.token(1), "nothing", "x")
		wantKey(t, err, fault.NotFound, "answer.item_unknown")
	})
}

func TestGrace(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	ctx := t.Context()
	begun, late := w.token(0), w.token(1)
	w.Clock.Set(end.Add(-time.Minute))
	w.mustSave(begun, "link", "work")

	// The clock decides, also while no worker has come by.
	for _, swept := range []bool{false, true} {
		w.Clock.Set(end.Add(time.Second))
		if swept {
			w.At(end.Add(time.Second))
		}
		_, err := w.save(late, "link", "work")
		wantKey(t, err, fault.Closed, "answer.over")
		if v := w.visit(late); v.Phase != questionnaire.PhaseOver || !v.ClosesAt.Equal(end) {
			t.Fatalf("swept %v: too late is %s, end %s", swept, v.Phase, v.ClosesAt)
		}
		v := w.visit(begun)
		if v.Phase != questionnaire.PhaseGrace || !v.SendBy.Equal(end.Add(10*time.Minute)) {
			t.Fatalf("swept %v: begun is %s until %s", swept, v.Phase, v.SendBy)
		}
	}
	w.Clock.Set(end.Add(10*time.Minute - time.Second))
	w.mustSave(begun, "trust", "4")
	_, err := w.service.Submit(ctx, begun)
	w.Must(err)
	if w.count("response") != 1 {
		t.Error("the grace was not kept")
	}
}

func TestAfterTheGrace(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	token := w.token(0)
	w.mustSave(token, "link", "work")
	w.Clock.Set(end.Add(10 * time.Minute))
	_, err := w.service.Submit(t.Context(), token)
	wantKey(t, err, fault.Closed, "answer.over")
	w.At(end.Add(time.Hour))
	_, err = w.service.Submit(t.Context(), token)
	wantKey(t, err, fault.Closed, "answer.over")
	if w.count("response") != 0 {
		t.Error("a response came in after the end")
	}
}

func TestEarlyAndCancelled(t *testing.T) {
	t.Parallel()
	w := draft(t, 1)
	w.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`,
		w.Process.ID, w.activity.ID, w.people[0], meetingtest.Start)
	_, err := w.save(w.token(0), "link", "work")
	wantKey(t, err, fault.Closed, "answer.early")
	w.Must(w.Advance(w.activity, "discard", ""))
	_, err = w.save(w.token(0), "link", "work")
	wantKey(t, err, fault.Closed, "answer.cancelled")
}

func TestWithdrawn(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	token := w.token(0)
	w.mustSave(token, "link", "work")
	w.Must(w.roster.Withdraw(t.Context(), w.Process.ID, w.Promoter, w.invitation(w.people[0])))
	_, err := w.service.Submit(t.Context(), token)
	wantKey(t, err, fault.Closed, "link.withdrawn")
}

// TestFiftyClicks sends one invitation fifty times at once.
func TestFiftyClicks(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	token := w.token(0)
	w.mustSave(token, "link", "work")
	var wait sync.WaitGroup
	codes, errs := make([]string, 50), make([]error, 50)
	for i := range codes {
		wait.Go(func() {
			r, err := w.service.Submit(t.Context(), token)
			codes[i], errs[i] = r.Code, err
		})
	}
	wait.Wait()
	for i := range codes {
		if errs[i] != nil || codes[i] != codes[0] || codes[i] == "" {
			t.Fatalf("click %d: %q, %v", i, codes[i], errs[i])
		}
	}
	if a, b, c := w.count("response"), w.count("response_identity"), w.Told(w.activity, "receipt", w.people[0]); a != 1 || b != 1 || c != 1 {
		t.Errorf("%d responses, %d identities, %d receipts", a, b, c)
	}
}

// TestTypingWhileSending saves and sends the same draft at once: whatever wins,
// one response is stored and no draft is left behind.
func TestTypingWhileSending(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	token := w.token(0)
	w.mustSave(token, "link", "work")
	var wait sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wait.Go(func() {
			if i%2 == 0 {
				_, errs[i] = w.service.Submit(t.Context(), token)
				return
			}
			if _, err := w.save(token, "trust", "3"); err != nil {
				if e, ok := fault.As(err); !ok || e.Key != "answer.sent" {
					errs[i] = err
				}
			}
		})
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("act %d: %v", i, err)
		}
	}
	if a, b := w.count("response"), w.count("draft"); a != 1 || b != 0 {
		t.Errorf("%d responses, %d drafts", a, b)
	}
}

// TestSendingWhileItCloses lets twenty people send while a facilitator closes.
// Those who had begun have their grace, so all get in; and once it is over
// nobody does.
func TestSendingWhileItCloses(t *testing.T) {
	t.Parallel()
	w := open(t, 20)
	tokens := make([]string, 20)
	for i := range tokens {
		tokens[i] = w.token(i)
		w.mustSave(tokens[i], "link", "work")
	}
	w.Clock.Set(end)
	var wait sync.WaitGroup
	errs := make([]error, 21)
	wait.Go(func() { _, errs[20] = w.Core.Sweep(t.Context()) })
	for i, token := range tokens {
		wait.Go(func() { _, errs[i] = w.service.Submit(t.Context(), token) })
	}
	wait.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("act %d: %v", i, err)
		}
	}
	if n := w.count("response"); n != 20 || w.State(w.activity) != "closing" {
		t.Errorf("%d responses, state %s", n, w.State(w.activity))
	}
}

// TestConfidential asks the catalogue: nothing in a response leads to a person.
func TestConfidential(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	var columns []string
	w.Must(w.DB.NewRaw(`SELECT column_name::text FROM information_schema.columns WHERE table_name = 'response' ORDER BY 1`).
		Scan(t.Context(), &columns))
	want := []string{"activity_id", "answers", "id", "process_id", "submitted_on", "territory_id", "version"}
	if !slices.Equal(columns, want) {
		t.Errorf("columns of response: %v", columns)
	}
	var targets []string
	w.Must(w.DB.NewRaw(`SELECT DISTINCT confrelid::regclass::text FROM pg_constraint
		WHERE conrelid = 'response'::regclass AND contype = 'f' ORDER BY 1`).Scan(t.Context(), &targets))
	if !slices.Equal(targets, []string{"questionnaire_version", "territory"}) {
		t.Errorf("response refers to %v", targets)
	}
	token := w.token(0)
	w.mustSave(token, "link", "work")
	_, err := w.service.Submit(t.Context(), token)
	w.Must(err)
	if _, err := w.DB.ExecContext(t.Context(), `INSERT INTO response_identity
		SELECT process_id, activity_id, gen_random_uuid(), invitation_id, 'X', submitted_at FROM response_identity`); err == nil {
		t.Error("an invitation got a second response")
	}
}

func TestOpenedOnce(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	token := w.token(0)
	for range 5 {
		w.visit(token)
	}
	counts := func() map[string]int64 {
		list, err := w.Core.Activities(t.Context(), w.Process.ID)
		w.Must(err)
		c, err := w.Core.Counts(t.Context(), w.DB, w.Process.ID, list)
		w.Must(err)
		return c[w.activity.ID]
	}
	if n := counts()["opened"]; n != 0 {
		t.Fatalf("looking five times counts %d", n)
	}
	w.Must(w.service.MarkOpened(t.Context(), token))
	w.Must(w.service.MarkOpened(t.Context(), token))
	if c := counts(); c["opened"] != 1 || c["questions"] != 4 || c["published"] != 1 || c["ends"] != 1 {
		t.Errorf("counts %v", c)
	}
}
