package workflow_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
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
	return h.reopensBy("delibera", end, exception)
}

func (h *hall) reopensBy(act, end string, exception bool) error {
	h.Helper()
	c := workflow.Command{Ref: hearingRef, Event: "again", Actor: given, Reason: "x", Exception: exception, Act: act}
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
	h.refused(h.reopensBy("", "2026-05-20 00:00", true), "workflow.exception_act_missing", "act")
	if err := h.reopens("2026-05-20 00:00", true); err != nil {
		t.Fatal(err)
	}
	log, err := h.engine.Log(t.Context(), nil, 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	// Whoever reads it may not have met the definition yet.
	stranger := workflow.NewEngine(definition.NewLibrary(), h.clock, h.known, slog.New(slog.DiscardHandler)).On(h.rows)
	brief, err := stranger.Brief(t.Context(), nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]workflow.LogEntry{log, brief} {
		if r := workflow.RulingOf(list[len(list)-1]); !r.Exception || r.Act != "delibera" {
			t.Errorf("%s", list[len(list)-1].Facts)
		}
	}
	if i := h.present(); !i.DueAt.Equal(h.at("2026-05-20 00:00")) || !i.MaxAt.Equal(h.at("2026-05-01 00:00")) {
		t.Errorf("%+v", i)
	}
}

// An extension that is taken back before anybody was told of it counts as used no
// more, also where the term is left and reopened; one that was told, or that is
// taken back in part, does. The log keeps both acts.
func TestAnExtensionTakenBackInTimeIsNotUsed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after     time.Duration
		to, first string // the new end, and the first end of the term that goes on
		used      int
	}{
		"at once":              {0, "2026-04-01 00:00", "2026-04-01 00:00", 0},
		"within the minute":    {history.Grace - time.Second, "2026-04-01 00:00", "2026-04-01 00:00", 0},
		"to earlier than ever": {time.Second, "2026-03-28 00:00", "2026-03-28 00:00", 0},
		"in part":              {time.Second, "2026-04-02 00:00", "2026-04-01 00:00", 1},
		"when it was told":     {history.Grace, "2026-04-01 00:00", "2026-04-01 00:00", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := running(t, "2026-03-02 00:00", nil, strings.Replace(lawful(1, "a", oneLaw), "[extend, hold]", "[extend, shorten, hold]", 1))
			if err := h.prolong("2026-04-10 00:00", false); err != nil {
				t.Fatal(err)
			}
			h.refused(h.prolong("2026-04-12 00:00", false), "workflow.extend_times", "")
			h.clock.Set(h.clock.Time().Add(c.after))
			h.change((*workflow.Engine).Shorten, c.to)
			if got := h.present().Extensions; got != c.used {
				t.Errorf("%d used, want %d", got, c.used)
			}
			h.fires(c.to)
			if err := h.reopens("2026-04-20 00:00", false); err != nil {
				t.Fatal(err)
			}
			if got := h.present(); got.Extensions != c.used || !got.FirstDueAt.Equal(h.at(c.first)) {
				t.Errorf("reopened: %d used, want %d; first %s", got.Extensions, c.used, got.FirstDueAt)
			}
			if err := h.prolong("2026-04-22 00:00", false); (err == nil) != (c.used == 0) {
				t.Errorf("extended again: %v", err)
			}
			log, err := h.engine.Log(t.Context(), nil, 1, 0, 0)
			if err != nil || log[1].Transition != "extend" || log[2].Transition != "shorten" || workflow.RulingOf(log[2]).Returned != 1-c.used {
				t.Errorf("%v: %s", err, log[2].Facts)
			}
		})
	}
}

// Each extension has its own minute, and of several only those are returned that
// the new end goes behind.
func TestOfSeveralExtensionsTheLastAreReturned(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, strings.NewReplacer("[extend, hold]", "[extend, shorten, hold]", "times: 1", "times: 3").Replace(lawful(1, "a", oneLaw)))
	used := func(when string, want int) {
		t.Helper()
		if got := h.present().Extensions; got != want {
			t.Errorf("%s: %d used, want %d", when, got, want)
		}
	}
	prolong := func(after time.Duration, end string) {
		t.Helper()
		h.clock.Set(h.clock.Time().Add(after))
		if err := h.prolong(end, false); err != nil {
			t.Fatal(err)
		}
	}
	prolong(0, "2026-04-05 00:00")
	prolong(40*time.Second, "2026-04-08 00:00")
	prolong(10*time.Second, "2026-04-10 00:00")
	used("extended", 3)
	h.change((*workflow.Engine).Shorten, "2026-04-08 00:00")
	used("the last is back", 2)
	h.clock.Set(h.clock.Time().Add(20 * time.Second))
	h.change((*workflow.Engine).Shorten, "2026-04-01 00:00")
	used("the first was told", 1)
	prolong(0, "2026-04-03 00:00")
	h.clock.Set(h.clock.Time().Add(time.Hour))
	h.change((*workflow.Engine).Shorten, "2026-04-02 00:00")
	used("told", 2)
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

// An anchor that moves earlier leaves an end that somebody gave beyond the maximum:
// a person shortens it first; where nobody asked it stays, and the log says so.
func TestAnAnchorEarlierThanTheGivenEnd(t *testing.T) {
	t.Parallel()
	h := hangingOnACall(t, nil)
	h.date("2026-03-20 00:00") // at most until 18 June
	h.change((*workflow.Engine).Extend, "2026-06-15 00:00")
	h.known.facts.Process.Dates["call"] = h.at("2026-03-02 00:00") // at most until 31 May
	_, err := h.again(given)
	h.refused(err, "workflow.anchor_beyond_max", "")
	if i := h.present(); !i.MaxAt.Equal(h.at("2026-06-18 00:00")) {
		t.Errorf("refused, at most until %s", i.MaxAt)
	}
	for range 2 { // said once
		h.date("2026-03-02 00:00")
	}
	log, err := h.engine.Log(t.Context(), nil, 1, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, e := range log {
		var facts struct{ Exception bool }
		if err := json.Unmarshal(e.Facts, &facts); err == nil && facts.Exception && e.Transition == "reschedule" {
			said++
		}
	}
	if i := h.present(); said != 1 || !i.DueAt.Equal(h.at("2026-06-15 00:00")) {
		t.Errorf("said %d times, ends %s", said, i.DueAt)
	}
}

// A term that counts from a date of the call, under two versions.
func calledTwice(version int) string {
	return movedVersion(version, "a", `
dates: [{code: call, title: {it: Bando, en: Call}}]
states:
  a: {title: {it: A, en: A}, term: {length: 40d, max: 60d, from: "date:call"}, allows: [extend], at_end: {event: on}}
  b: {title: {it: B, en: B}, term: {length: 40d, from: "date:call"}, at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: on, from: [a], to: b, by: [promoter, timer]}
  - {id: bz, event: on, from: [b], to: z, by: [promoter, timer]}
`)
}

// Taking a version back leaves what hangs on dates that were given since.
func TestRevertKeepsTheDatesGivenSince(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", func(d *definition.Compiled) []workflow.PlannedPhase {
		return outlook.Plan(d, civil.Date{Year: 2026, Month: 3, Day: 2}, nil, nil)
	}, calledTwice(1), calledTwice(2))
	h.date("2026-03-02 00:00")
	h.change((*workflow.Engine).Extend, "2026-04-20 00:00")
	h.mustMoveTo(2, nil)
	h.date("2026-03-12 00:00") // the end was given, and stays
	plan, limit := h.plannedEnds(), h.present().MaxAt
	h.goBack()
	if i := h.present(); h.plannedEnds() != plan || !i.MaxAt.Equal(limit) || !i.DueAt.Equal(h.at("2026-04-20 00:00")) {
		t.Errorf("planned %s, then %s; at most until %s, then %s; ends %s", plan, h.plannedEnds(), limit, i.MaxAt, i.DueAt)
	}
}

// Dates that would carry an automatic step out at once are refused.
func TestReplanCarriesNothingOutAtOnce(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, lawful(1, "a", oneLaw))
	h.clock.Set(h.at("2026-03-20 10:00"))
	end := h.at("2026-03-19 00:00")
	err := h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Replan(ctx, tx, hearingRef, []workflow.PlannedPhase{{State: "a", Start: h.at("2026-03-02 00:00"), End: end, Fixed: true}}, given)
		return err
	})
	h.refused(err, "workflow.term_over", "")
}

// Who ends a term of law early, while people may take part, reads what it cuts and
// gives a reason; at its end, or where nobody takes part, nothing is owed.
func TestAnEarlyEndOfATermOfLawOwesAReason(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		allows, law, at string
		owed            bool
	}{
		"early":      {"respond", oneLaw, "2026-03-12 10:00", true},
		"at its end": {"respond", oneLaw, "2026-04-01 00:00", false},
		"no law":     {"respond", "on_hold: shift", "2026-03-12 10:00", false},
		"nobody":     {"edit", oneLaw, "2026-03-12 10:00", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 30d, `+c.law+`}, allows: [`+c.allows+`]}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: az, event: on, from: [a], to: z, by: [promoter]}
`))
			h.clock.Set(h.at(c.at))
			options, err := h.engine.Explain(t.Context(), nil, hearingRef, given)
			if err != nil || len(options) != 1 || (options[0].Cut != nil) != c.owed || options[0].Owes() != c.owed || options[0].Transition.ReasonRequired {
				t.Fatalf("%+v, %v", options, err)
			}
			if c.owed && (options[0].Cut.Law.Article != "art. 11" || options[0].Cut.Left != 19) {
				t.Errorf("%+v", options[0].Cut)
			}
			ask := func(reason string) error {
				return h.rows.InTx(t.Context(), func(ctx context.Context, tx bun.IDB) error {
					_, err := h.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: "on", Actor: given, Reason: reason})
					return err
				})
			}
			var blocked *workflow.Blocked
			if err := ask(""); errors.As(err, &blocked) != c.owed {
				t.Errorf("without a reason: %v", err)
			}
			if c.owed {
				if err := ask("Lo ha deciso l’Autorità"); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
