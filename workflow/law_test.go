package workflow_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
)

const oneLaw = `law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}`

// lawful lasts thirty days, by law sixty at the most, and may be reopened.
func lawful(version int, state, law string) string {
	return movedVersion(version, state, `
states:
  `+state+`: {title: {it: A, en: A}, term: {length: 30d, min: 5d, max: 60d, extend: {max: 30d, times: 1}, `+law+`}, allows: [extend, hold], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [`+state+`], to: z, by: [promoter, timer]}
  - {id: again, event: again, from: [z], to: `+state+`, by: [promoter], reopens: true, tell: followers}
`)
}

// reopens asks that what is over goes on.
func (h *hall) reopens(end string, exception bool) error {
	h.Helper()
	c := workflow.Command{Ref: hearingRef, Event: "again", Actor: given, Reason: "x", Exception: exception}
	if end != "" {
		c.End = h.at(end)
	}
	return h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Apply(ctx, tx, c)
		return err
	})
}

func (h *hall) refused(err error, key, field string) {
	h.Helper()
	if e, ok := fault.As(err); !ok || e.Key != key || e.Field != field {
		h.Errorf("got %v, want %s at %q", err, key, field)
	}
}

// A term of law that is reopened goes on: what the law allows once counts from the
// first entry, whatever rested meanwhile.
func TestATermOfLawGoesOn(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, lawful(1, "a", oneLaw))
	if err := h.prolong("2026-04-10 00:00", false); err != nil {
		t.Fatal(err)
	}
	h.rests("2026-03-10 09:00", "2026-03-12 18:00") // two days: at most until 3 May
	h.fires("2026-04-12 00:00")
	h.clock.Set(h.at("2026-04-20 10:00"))
	h.refused(h.reopens("2026-05-04 00:00", false), "workflow.reopen_beyond_max", "end")
	look, err := h.engine.PreviewApply(t.Context(), nil, workflow.Command{Ref: hearingRef, Event: "again", Actor: given})
	if err != nil || !look.GoesOn || !look.Latest.Equal(h.at("2026-05-03 00:00")) || !look.Ends.Equal(look.Latest) {
		t.Errorf("%v: %v, ends %s, at the latest %s", err, look.GoesOn, look.Ends, look.Latest)
	}
	if err := h.reopens("2026-04-25 00:00", false); err != nil {
		t.Fatal(err)
	}
	if i := h.present(); !i.MaxAt.Equal(h.at("2026-05-03 00:00")) || !i.DueAt.Equal(h.at("2026-04-25 00:00")) || !i.MinAt.Equal(h.at("2026-03-09 00:00")) {
		t.Errorf("%+v", i)
	}
	h.refused(h.prolong("2026-04-28 00:00", false), "workflow.extend_times", "")
	h.fires("2026-04-25 00:00")
	h.clock.Set(h.at("2026-05-10 10:00"))
	for _, end := range []string{"", "2026-05-12 00:00"} {
		h.refused(h.reopens(end, false), "workflow.reopen_beyond_max", "end")
	}
}

// Beyond it a written exception leads, which the log calls by its name.
func TestATermOfLawGoesOnByException(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, lawful(1, "a", oneLaw), lawful(2, "b", oneLaw))
	h.mustMoveTo(2, map[string]string{"a": "b"})
	h.fires("2026-04-01 00:00")
	h.clock.Set(h.at("2026-05-10 10:00"))
	h.refused(h.reopens("2026-05-20 00:00", false), "workflow.reopen_beyond_max", "end")
	if err := h.reopens("2026-05-20 00:00", true); err != nil {
		t.Fatal(err)
	}
	log, err := h.engine.Log(t.Context(), nil, 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var facts struct{ Exception bool }
	if err := json.Unmarshal(log[len(log)-1].Facts, &facts); err != nil || !facts.Exception {
		t.Errorf("%v: %s", err, log[len(log)-1].Facts)
	}
	if i := h.present(); !i.DueAt.Equal(h.at("2026-05-20 00:00")) || !i.MaxAt.Equal(h.at("2026-05-01 00:00")) {
		t.Errorf("%+v", i)
	}
}

// Where no law says how long, what is reopened begins anew.
func TestATermWithoutLawBeginsAnew(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, lawful(1, "a", "on_hold: shift"))
	h.fires("2026-04-01 00:00")
	h.clock.Set(h.at("2026-05-10 10:00"))
	if err := h.reopens("2026-06-20 00:00", false); err != nil {
		t.Fatal(err)
	}
	h.refused(h.reopens("", true), "workflow.blocked", "")
}
