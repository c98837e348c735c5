package api_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"arengo/workflow/civil"
)

// TestReopening lets a process go on that was cancelled: the call says until
// when, and whom to tell.
func TestReopening(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	body := map[string]any{"event": "reopen", "reason": "Il bando è tornato"}
	with := func(more map[string]any) map[string]any {
		out := maps.Clone(body)
		maps.Copy(out, more)
		return out
	}
	early := map[string]any{"event": "analyse", "tell": []string{"followers"}}
	s.Write("project-sheet", false)
	s.Clock.Set(s.Start.AddDate(0, 0, 6))
	s.wants(s.move("early", map[string]any{"event": "cancel", "reason": "No", "end": "2026-12-31"}, ""), http.StatusConflict, "workflow.reopens_nothing")
	s.wants(s.move("early", early, ""), http.StatusConflict, "workflow.blocked") // the facilitator's, not ours
	s.good(s.move("cancel", map[string]any{"event": "cancel", "reason": "Bando ritirato"}, ""), http.StatusCreated)

	can := s.good(call{path: s.one() + "/can/reopen"}, http.StatusOK)
	option := can.body["transition"].(map[string]any)
	if option["reopens"] != true || !slices.Equal(option["tell"].([]any), []any{"followers", "facilitator"}) {
		t.Errorf("can: %s", can.raw)
	}
	day := func(days int) string { return civil.DateOf(s.Start, s.Process.Location()).Add(6 + days).String() }
	many := slices.Repeat([]string{"followers"}, 21)
	for name, c := range map[string]struct {
		more       map[string]any
		bad        bool
		field, key string
	}{
		"Audience": {map[string]any{"tell": []string{"invited"}}, false, "tell", "workflow.tell_unknown"},
		"Many":     {map[string]any{"tell": many}, true, "tell", "api.tell_many"},
		"Words":    {map[string]any{"end": "domani"}, true, "end", "api.end_bad"},
		"Empty":    {map[string]any{"end": ""}, true, "end", "api.end_bad"},
		"NoZone":   {map[string]any{"end": "2026-05-31T10:00:00"}, true, "end", "api.end_bad"},
		"Age":      {map[string]any{"end": "9999-05-31T10:00:00Z"}, false, "end", "api.end_bad"},
		"Past":     {map[string]any{"end": day(-1)}, false, "end", "workflow.extend_past"},
		"Beyond":   {map[string]any{"end": day(60)}, false, "end", "workflow.extend_beyond_max"},
		"Act":      {map[string]any{"exception": true, "act": "delibera-1"}, false, "act", "workflow.extend_act_unknown"},
		"Below":    {map[string]any{"end": day(2)}, false, "end", "workflow.shorten_below_min"},
	} {
		t.Run(name, func(t *testing.T) {
			refused := s.move("refused-"+name, with(c.more), "")
			refused.bad = c.bad
			if a := s.wants(refused, http.StatusUnprocessableEntity, c.key); a.text("error.field") != c.field {
				t.Errorf("it stands at %q: %s", a.text("error.field"), a.raw)
			}
		})
	}
	if s.state() != "cancelled" {
		t.Fatal("a refusal left something")
	}
	again := with(map[string]any{"end": day(9), "tell": []string{"facilitator"}})
	done := s.good(s.move("again", again, ""), http.StatusCreated)
	until, err := civil.ParseDate(day(10))
	s.Must(err)
	if due, err := time.Parse(time.RFC3339, done.text("instance.due_at")); err != nil || !due.Equal(until.Start(s.Process.Location())) {
		t.Errorf("it ends at %s, want the end of %s", done.text("instance.due_at"), day(9))
	}
	if n := s.Count(`SELECT count(*) FROM notice WHERE process_id = ? AND kind = 'reopened' AND audience = 'facilitator'`, s.Process.ID); n != 1 {
		t.Errorf("%d notices to those chosen", n)
	}
	if n := s.Count(`SELECT count(*) FROM notice WHERE process_id = ? AND kind = 'reopened'`, s.Process.ID); n != 1 {
		t.Errorf("%d notices, one was asked for", n)
	}
	if replay := s.good(s.move("again", again, ""), http.StatusCreated); replay.body["replayed"] != true {
		t.Error(replay.raw)
	}
}

// An instant with its offset is taken as it is.
func TestReopeningUntilAnInstant(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.good(s.move("cancel", map[string]any{"event": "cancel", "reason": "Bando ritirato"}, ""), http.StatusCreated)
	end := s.Start.AddDate(0, 0, 12).Truncate(time.Second)
	body := map[string]any{"transition": "reopen", "reason": "Il bando è tornato", "end": end.In(s.Process.Location()).Format(time.RFC3339)}
	done := s.good(s.move("again", body, ""), http.StatusCreated)
	if due, err := time.Parse(time.RFC3339, done.text("instance.due_at")); err != nil || !due.Equal(end) {
		t.Errorf("it ends at %s, want %s", done.text("instance.due_at"), end)
	}
}
