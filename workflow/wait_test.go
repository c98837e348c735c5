package workflow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
)

// gated are two phases that are over before their gate opens: the first ends by hand,
// the second by itself. The promoter may give up at any time.
const gated = `
dates: [{code: gate, title: {it: Chiusa, en: Gate}}, {code: far, title: {it: Lontano, en: Far}}]
states:
  a:
    title: {it: A, en: A}
    term: {length: 10d}
    allows: [extend, shorten, hold]
    reminders: [{before: 2d, to: promoter}]
    overdue: [{after: 1d, escalate: promoter}, {after: 7d, escalate: administrator}]
  b: {title: {it: B, en: B}, term: {length: 10d}, allows: [extend], at_end: {event: on}}
  z: {title: {it: Z, en: Z}, final: true}
  off: {title: {it: O, en: O}, final: true}
transitions:
  - {id: ab, event: on, from: [a], to: b, by: [promoter], requires: [GUARD]}
  - {id: bz, event: on, from: [b], to: z, by: [promoter, timer], requires: [GUARD]}
  - {id: off, event: off, from: ["*"], to: off, by: [promoter]}
`

func gatedBy(guard string) string {
	return strings.ReplaceAll(gated, "GUARD", "{code: gate, guard: '"+guard+"', explain: {it: C, en: G}}")
}

const gate = `"gate" in process.dates && now >= process.dates["gate"]`

// waiting is in a since 2 March, whose term is over with 11 March.
func waiting(t *testing.T, source, opens string) *hall {
	t.Helper()
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", source))
	h.opens(opens)
	return h
}

// opens gives the day of the gate, "" for none, and another beyond it.
func (h *hall) opens(at string) []workflow.Move {
	h.Helper()
	h.known.facts.Process.Dates = map[string]time.Time{"far": h.at("2027-01-01 00:00")}
	if at != "" {
		h.known.facts.Process.Dates["gate"] = h.at(at)
	}
	moves, err := h.again(given)
	if err != nil {
		h.Fatal(err)
	}
	return moves
}

// Nobody is late with what dates forbid: who could act hears of it on the first day on
// which they may, and the chain of escalation counts from there.
func TestNobodyIsLateBeforeTheyMayAct(t *testing.T) {
	t.Parallel()
	reminder := "2026-03-10 00:00 action-needed>[promoter]"
	late := func(days ...string) (out []string) {
		for i, day := range days {
			out = append(out, day+" 00:00 "+[]string{"action-overdue>[promoter]", "action-overdue>[promoter]", "escalation>[administrator]"}[i])
		}
		return out
	}
	for name, c := range map[string]struct {
		guard, opens string
		days         []string
	}{
		"Ahead":          {gate, "2026-04-01 00:00", []string{"2026-04-01", "2026-04-02", "2026-04-08"}},
		"Open":           {gate, "2026-03-05 00:00", []string{"2026-03-12", "2026-03-13", "2026-03-19"}},
		"Unknown":        {gate, "", []string{"2026-03-12", "2026-03-13", "2026-03-19"}},
		"SomeDaysBefore": {`"gate" in process.dates && now >= process.dates["gate"] - duration("240h")`, "2026-04-21 00:00", []string{"2026-04-11", "2026-04-12", "2026-04-18"}},
		"OrByLength":     {gate + " || term.elapsed_days > 4", "2026-04-01 00:00", []string{"2026-03-12", "2026-03-13", "2026-03-19"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := waiting(t, gatedBy(c.guard), c.opens)
			h.ends("2026-03-12 00:00", "")
			h.want(h.fires("2026-05-01 00:00"), append([]string{reminder}, late(c.days...)...)...)
		})
	}
}

// One way on that no date keeps shut is enough to be late with.
func TestAnOpenWayOnIsLate(t *testing.T) {
	t.Parallel()
	h := waiting(t, gatedBy(gate)+"  - {id: refuse, event: refuse, from: [a], to: z, by: [promoter]}\n", "2026-04-01 00:00")
	h.armed("end", "2026-03-12 00:00")
}

// What waits follows the date, an end that moves, a suspension, and what is over.
func TestTheWaitFollowsItsDate(t *testing.T) {
	t.Parallel()
	h := waiting(t, gatedBy(gate), "2026-04-01 00:00")
	h.armed("end", "2026-04-01 00:00")
	h.change((*workflow.Engine).Extend, "2026-04-11 00:00")
	h.armed("end", "2026-04-11 00:00")
	h.change((*workflow.Engine).Shorten, "2026-03-06 00:00")
	h.armed("end", "2026-04-01 00:00")
	h.rests("2026-03-03 10:00", "2026-03-08 10:00")
	h.ends("2026-03-11 00:00", "")
	h.armed("end", "2026-04-01 00:00")
	h.clock.Set(h.at("2026-03-20 10:00")) // the term is over, and nobody has heard of it
	if moves := h.opens("2026-08-01 00:00"); len(moves) != 2 || moves[0].Name != "escalation" {
		t.Errorf("moves %v", moves)
	}
	h.armed("end", "2026-08-01 00:00")
	h.armed("escalation.2", "2026-08-08 00:00")
	h.opens("2026-03-15 00:00")
	h.want(h.fires("2026-03-20 11:00"), "2026-03-09 00:00 action-needed>[promoter]", "2026-03-15 00:00 action-overdue>[promoter]", "2026-03-16 00:00 action-overdue>[promoter]")
	h.opens("2026-04-01 00:00") // said, and then forbidden: it is said anew
	h.want(h.fires("2026-04-01 00:00"), "2026-04-01 00:00 action-overdue>[promoter]")
}

// An end that comes by itself comes on the day from which it can, and as of then.
// Until it does the term is over, and can be made longer.
func TestAnEndByItselfWaitsForItsDay(t *testing.T) {
	t.Parallel()
	h := waiting(t, gatedBy(gate), "2026-03-02 00:00")
	h.move("on")
	h.ends("2026-03-12 00:00", "")
	h.opens("2026-04-01 00:00")
	h.want(h.fires("2026-03-20 10:00"))
	h.change((*workflow.Engine).Extend, "2026-03-25 00:00")
	h.armed("end", "2026-04-01 00:00")
	h.clock.Set(h.at("2026-04-03 10:00")) // the workers were away
	h.opens("2026-04-02 00:00")
	h.want(h.fires("2026-04-03 10:00"), "2026-04-02 00:00 bz")
	if i := h.present(); i.State != "z" || !i.EnteredAt.Equal(h.at("2026-04-02 00:00")) {
		t.Errorf("%s since %s", i.State, i.EnteredAt)
	}
	if open, err := h.engine.Incidents(t.Context(), nil, hearingRef.ProcessID); err != nil || len(open) > 0 {
		t.Errorf("incidents %+v, %v", open, err)
	}
}

// Another version brings its own gate, and takes it away again when it is taken back.
func TestTheWaitFollowsTheVersion(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(gated, ", requires: [GUARD]", "")
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", plain), movedVersion(2, "a", gatedBy(gate)))
	h.opens("2026-04-01 00:00")
	h.armed("end", "2026-03-12 00:00")
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Migrate(ctx, tx, hearingRef, workflow.NewVersion{Definition: "moved", Version: 2, Reason: "x", Actor: given})
		return err
	})
	h.ends("2026-03-12 00:00", "")
	h.armed("end", "2026-04-01 00:00")
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Revert(ctx, tx, hearingRef, pause)
		return err
	})
	h.armed("end", "2026-03-12 00:00")
}
