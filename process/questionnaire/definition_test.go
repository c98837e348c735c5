package questionnaire_test

import (
	"encoding/json"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting/meetingtest"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
)

func TestSave(t *testing.T) {
	t.Parallel()
	w := draft(t, 0)
	ctx := t.Context()
	q, err := w.service.Load(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	if q.Changed || q.Published == nil || q.Published.Number != 1 {
		t.Fatalf("after publication: changed %v, published %v", q.Changed, q.Published)
	}

	t.Run("OK", func(t *testing.T) {
		q.Definition.Sections[0].Items[3].Text = form.Text{"it": "Che altro?", "en": "What else?"}
		saved, err := w.service.Save(ctx, w.Promoter, q)
		w.Must(err)
		if saved.Revision != q.Revision+1 || !saved.Changed {
			t.Errorf("revision %d, changed %v", saved.Revision, saved.Changed)
		}
	})
	t.Run("ErrStale", func(t *testing.T) {
		q.Definition.Sections[0].Items[3].Text = form.Text{"it": "Perduto?", "en": "Lost?"}
		_, err := w.service.Save(ctx, w.Promoter, q)
		wantKey(t, err, fault.Conflict, "form.stale")
		now, err := w.service.Load(ctx, w.Process.ID, w.activity.ID)
		w.Must(err)
		if got := now.Definition.Sections[0].Items[3].Text.In("it"); got != "Che altro?" {
			t.Errorf("the first editor's text became %q", got)
		}
	})
	t.Run("ErrRole", func(t *testing.T) {
		_, err := w.service.Save(ctx, w.Stranger, q)
		wantKey(t, err, fault.NotFound, "process.not_found")
	})
}

func TestPublishDefinition(t *testing.T) {
	t.Parallel()
	w := draft(t, 0)
	ctx := t.Context()
	q, err := w.service.Load(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)

	t.Run("the same again is the same version", func(t *testing.T) {
		v, err := w.service.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
		w.Must(err)
		if v.Number != 1 || w.count("questionnaire_version") != 1 {
			t.Errorf("version %d", v.Number)
		}
	})
	t.Run("ErrStale", func(t *testing.T) {
		_, err := w.service.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, q.Revision-1)
		wantKey(t, err, fault.Conflict, "form.stale")
	})
	t.Run("a fault of the definition is refused at its item", func(t *testing.T) {
		bad := q
		bad.Definition = parsed(t)
		bad.Definition.Sections[0].Items[0].Options = nil
		bad, err := w.service.Save(ctx, w.Promoter, bad)
		w.Must(err)
		_, err = w.service.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, bad.Revision)
		e, ok := fault.As(err)
		if !ok || e.Code != fault.Invalid || e.Field != "link" {
			t.Fatalf("got %v", err)
		}
		q = bad
	})
	t.Run("a change is the next version", func(t *testing.T) {
		q.Definition = parsed(t)
		q.Definition.Title = form.Text{"it": "Altra prova", "en": "Another trial"}
		q, err := w.service.Save(ctx, w.Promoter, q)
		w.Must(err)
		v, err := w.service.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
		w.Must(err)
		var first string
		w.One(&first, `SELECT definition->'title'->>'it' FROM questionnaire_version WHERE activity_id = ? AND version = 1`, w.activity.ID)
		if v.Number != 2 || first != "Prova" {
			t.Errorf("version %d, the first is %q", v.Number, first)
		}
	})
	t.Run("a version cannot be changed", func(t *testing.T) {
		for _, sql := range []string{
			`UPDATE questionnaire_version SET definition = '{}'`, `DELETE FROM questionnaire_version`, `TRUNCATE questionnaire_version CASCADE`,
		} {
			if _, err := w.DB.ExecContext(ctx, sql); err == nil {
				t.Errorf("%s was accepted", sql)
			}
		}
	})
}

func TestSetEnd(t *testing.T) {
	t.Parallel()
	w := draft(t, 0)
	for _, c := range []struct{ name, day, key string }{
		{"nonsense", "domani", "answer.end_bad"},
		{"yesterday", "2026-03-08", "answer.end_past"},
		{"after the longest term", "2026-06-08", "answer.end_beyond"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := w.service.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, c.day)
			wantKey(t, err, fault.Invalid, c.key)
		})
	}
	t.Run("the last day of the longest term", func(t *testing.T) {
		w.Must(w.service.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, "2026-05-08"))
	})
}

// TestChosenEndIsTheDeadline opens and lets the chosen end come, across the
// change to summer time.
func TestChosenEndIsTheDeadline(t *testing.T) {
	t.Parallel()
	w := open(t, 2)
	a, err := w.Core.LoadActivity(t.Context(), w.DB, w.Process.ID, w.activity.ID)
	w.Must(err)
	if a.DueAt == nil || !a.DueAt.Equal(end) {
		t.Fatalf("due at %v, want %v", a.DueAt, end)
	}
	if got := w.service.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, "2026-04-02"); got == nil {
		t.Error("the end was chosen again after the opening")
	}
	for _, step := range []struct {
		at    time.Time
		state string
	}{
		{end.Add(-time.Second), "open"},
		{end, "closing"},
		{end.Add(10*time.Minute - time.Second), "closing"},
		{end.Add(10 * time.Minute), "closed"},
	} {
		w.At(step.at)
		if got := w.State(w.activity); got != step.state {
			t.Fatalf("at %s the state is %s, want %s", step.at, got, step.state)
		}
	}
	if n := w.Notices(w.activity, "activity-closed"); n != 1 {
		t.Errorf("%d notices of the close", n)
	}
	log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(w.Process.ID), 0, 100)
	w.Must(err)
	if last := log[len(log)-1]; last.Office != "timer" || last.To != "closed" {
		t.Errorf("the log ends with %+v", last)
	}
}

func TestReminders(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	w.At(meetingtest.Start)
	if n := w.Deliveries(w.activity, "invitation"); n != 3 {
		t.Fatalf("%d invitations", n)
	}
	token := w.token(0)
	w.mustSave(token, "link", "work")
	_, err := w.service.Submit(t.Context(), token)
	w.Must(err)
	w.At(end.AddDate(0, 0, -2))
	if a, b := w.Deliveries(w.activity, "reminder"), w.Deliveries(w.activity, "last-days"); a != 2 || b != 2 {
		t.Errorf("%d reminders and %d last calls to the two who are silent", a, b)
	}
}

func TestCloseEarlyNeedsAReason(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	if err := w.Advance(w.activity, "close-early", ""); err == nil {
		t.Fatal("closed without a reason")
	}
	w.Must(w.Advance(w.activity, "close-early", "Le risposte bastano"))
	if got := w.State(w.activity); got != "closing" {
		t.Errorf("state %s", got)
	}
}

// TestCloseEarlyIsToldAsItWas: the timer only ends what a person began.
func TestCloseEarlyIsToldAsItWas(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	w.At(meetingtest.Start)
	token := w.token(0)
	w.mustSave(token, "link", "work")
	_, err := w.service.Submit(t.Context(), token)
	w.Must(err)
	w.Must(w.Advance(w.activity, "close-early", "Le risposte bastano"))
	w.At(meetingtest.Start.Add(time.Hour))
	if n := w.Deliveries(w.activity, "closed-early"); n != 2 {
		t.Errorf("%d of the two who are silent learn of the early close", n)
	}
	for _, kind := range []string{"closed-early", "activity-closed"} {
		if got := w.payload(kind); got.Reason != "Le risposte bastano" || kind == "activity-closed" && got.Extra["closed_by"] != "person" {
			t.Errorf("%s says %+v", kind, got)
		}
	}
}

func TestCancellationReachesTheInvited(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	w.At(meetingtest.Start)
	w.Must(w.Advance(w.activity, "cancel", "Mancano i fondi"))
	w.At(meetingtest.Start.Add(time.Hour))
	if n := w.Deliveries(w.activity, "called-off"); n != 3 {
		t.Errorf("%d of the three invited learn of it", n)
	}
	if got := w.payload("called-off"); got.Reason != "Mancano i fondi" {
		t.Errorf("the notice says %+v", got)
	}
}

// payload is what the notice of a kind remembers.
func (w *world) payload(kind string) process.Payload {
	w.T.Helper()
	var raw string
	w.One(&raw, `SELECT payload::text FROM notice WHERE activity_id = ? AND kind = ?`, w.activity.ID, kind)
	var p process.Payload
	w.Must(json.Unmarshal([]byte(raw), &p))
	return p
}

func TestReadyNeedsQuestionsAndAnEnd(t *testing.T) {
	t.Parallel()
	w := &world{World: meetingtest.New(t, questionnaire.Kind{})}
	a := w.Activity("questionnaire")
	if err := w.Advance(a, "prepare", ""); err == nil {
		t.Fatal("an empty questionnaire became ready")
	}
}
