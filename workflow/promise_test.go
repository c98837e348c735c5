package workflow_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/memory"
	"arengo/workflow/outlook"
)

// running is an instance of the first version of "moved", in memory, planned
// where plan is not nil; the other versions are there to move to.
func running(t *testing.T, start string, plan func(*definition.Compiled) []workflow.PlannedPhase, sources ...string) *hall {
	t.Helper()
	rome, _ := time.LoadLocation("Europe/Rome")
	library := definition.NewLibrary()
	for i, s := range sources {
		if _, err := library.Add(fmt.Sprintf("%d.yaml", i), []byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	h := &hall{T: t, rows: memory.New(), known: &known{}, rome: rome}
	h.clock = memory.NewClock(h.at(start))
	h.engine = workflow.NewEngine(library, h.clock, h.known, slog.New(slog.DiscardHandler)).On(h.rows)
	var p []workflow.PlannedPhase
	if plan != nil {
		def, err := library.Get("moved", 1)
		if err != nil {
			t.Fatal(err)
		}
		p = plan(def)
	}
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Create(ctx, tx, hearingRef, workflow.Start{Definition: "moved", Version: 1, Actor: workflow.Person(1, "promoter"), Plan: p})
		return err
	})
	return h
}

func (h *hall) present() workflow.Instance {
	h.Helper()
	i, err := h.engine.Instance(h.Context(), nil, hearingRef)
	if err != nil {
		h.Fatal(err)
	}
	return i
}

// moveTo moves the instance to a version; names maps states.
func (h *hall) moveTo(version int, names map[string]string) (m workflow.Migration, err error) {
	v := workflow.NewVersion{Definition: "moved", Version: version, States: names, Reason: "perché", Actor: workflow.Person(1, "promoter")}
	err = h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) (err error) {
		m, err = h.engine.Migrate(ctx, tx, hearingRef, v)
		return err
	})
	return m, err
}

func (h *hall) mustMoveTo(version int, names map[string]string) workflow.Migration {
	h.Helper()
	m, err := h.moveTo(version, names)
	if err != nil {
		h.Fatal(err)
	}
	return m
}

func (h *hall) goBack() {
	h.Helper()
	h.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := h.engine.Revert(ctx, tx, hearingRef, workflow.Pause{Reason: "x", Actor: workflow.Person(1, "promoter")})
		return err
	})
}

func (h *hall) prolong(end string, exception bool) error {
	h.Helper()
	return h.rows.InTx(h.Context(), func(ctx context.Context, tx bun.IDB) error {
		x := workflow.NewEnd{End: h.at(end), Reason: "x", Exception: exception, Actor: workflow.Person(1, "promoter")}
		_, err := h.engine.Extend(ctx, tx, hearingRef, x)
		return err
	})
}

func movedVersion(version int, initial, body string) string {
	return fmt.Sprintf(`
workflow: moved
version: %d
title: {it: P, en: P}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: %s
%s`, version, initial, strings.TrimLeft(body, "\n"))
}

func TestMigrateTakesTheNewEvent(t *testing.T) {
	t.Parallel()
	v := func(n int, ev string) string {
		return movedVersion(n, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}, at_end: {event: `+ev+`}}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: `+ev+`, from: [a], to: b, by: [timer, promoter]}
`)
	}
	endsByItself(t, v(1, "close"), v(2, "finish"))
}

func TestMigrateTakesANewAutomaticEnd(t *testing.T) {
	t.Parallel()
	v := func(n int, extra string) string {
		return movedVersion(n, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}`+extra+`}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [`+map[bool]string{true: "timer, promoter", false: "promoter"}[extra != ""]+`]}
`)
	}
	endsByItself(t, v(1, ""), v(2, ", at_end: {event: close}"))
}

// endsByItself moves to another version in which the end does something else: that
// is shown, and done on the day.
func endsByItself(t *testing.T, before, after string) {
	t.Helper()
	h := running(t, "2026-03-02 00:00", nil, before, after)
	h.clock.Set(h.at("2026-03-05 10:00"))
	m := h.mustMoveTo(2, nil)
	if len(m.Moved) != 1 || m.Moved[0].Name != "end" || !m.Moved[0].Changed || !m.Moved[0].Old.Equal(m.Moved[0].New) {
		t.Errorf("the moves do not show that the end does something else: %+v", m.Moved)
	}
	h.fires("2026-03-13 00:00")
	if h.present().State != "b" {
		t.Errorf("state %s: the term never closed", h.present().State)
	}
}

func TestMigrateTellsTheNewAudience(t *testing.T) {
	t.Parallel()
	v := func(n int, to string) string {
		return movedVersion(n, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}, overdue: {after: 3d, escalate: [`+to+`]}, reminders: [{before: 2d, to: `+to+`}]}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [promoter]}
`)
	}
	h := running(t, "2026-03-02 00:00", nil, v(1, "promoter"), v(2, "facilitator"))
	h.clock.Set(h.at("2026-03-05 10:00"))
	h.mustMoveTo(2, nil)
	got := h.fires("2026-03-20 00:00")
	if !strings.Contains(fmt.Sprint(got), "facilitator") {
		t.Errorf("the reminder goes to %v", got)
	}
}

const longTerm = `
states:
  a: {title: {it: A, en: A}, term: {length: 30d, max: 60d}, allows: [extend], at_end: {event: close}}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [timer, promoter]}
`

func TestMigrateKeepsAnExceptionalEnd(t *testing.T) {
	t.Parallel()
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", longTerm), movedVersion(2, "a", longTerm))
	h.clock.Set(h.at("2026-03-20 10:00"))
	if err := h.prolong("2026-06-01 00:00", true); err != nil {
		t.Fatal(err)
	}
	h.clock.Set(h.at("2026-05-10 10:00")) // after the maximum, within the exception
	h.mustMoveTo(2, nil)
	if got := h.present().DueAt; !got.Equal(h.at("2026-06-01 00:00")) {
		t.Errorf("the acknowledged end is now %s; fired: %v; state %s", got.In(h.rome), h.fires("2026-05-10 10:01"), h.present().State)
	}
}

func TestMigrateKeepsTheBoundOfExtensions(t *testing.T) {
	t.Parallel()
	body := `
states:
  a: {title: {it: A, en: A}, term: {length: 30d, extend: {max: 30d}}, allows: [extend], at_end: {event: close}}
  b: {title: {it: B, en: B}, final: true}
transitions:
  - {id: go, event: close, from: [a], to: b, by: [timer, promoter]}
`
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", body), movedVersion(2, "a", body))
	if err := h.prolong("2026-05-01 00:00", false); err != nil {
		t.Fatal(err)
	}
	if err := h.prolong("2026-05-20 00:00", false); err == nil {
		t.Fatal("bound does not hold before")
	}
	h.mustMoveTo(2, nil)
	if err := h.prolong("2026-05-20 00:00", false); err == nil {
		t.Error("after a migration the same term is extended by 30 days more")
	}
}

func TestMigrateShiftsNamesAndBack(t *testing.T) {
	t.Parallel()
	one := movedVersion(1, "a", `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}}
  b: {title: {it: B, en: B}, term: {length: 10d}}
  c: {title: {it: C, en: C}, term: {length: 10d}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: ab, from: [a], to: b, by: [promoter]}
  - {id: bc, event: bc, from: [b], to: c, by: [promoter]}
  - {id: cz, event: cz, from: [c], to: z, by: [promoter]}
`)
	two := movedVersion(2, "n", `
states:
  n: {title: {it: N, en: N}, term: {length: 10d}}
  b: {title: {it: A, en: A}, term: {length: 10d}}
  c: {title: {it: B, en: B}, term: {length: 10d}}
  d: {title: {it: C, en: C}, term: {length: 10d}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: nb, event: nb, from: [n], to: b, by: [promoter]}
  - {id: bc, event: bc, from: [b], to: c, by: [promoter]}
  - {id: cd, event: cd, from: [c], to: d, by: [promoter]}
  - {id: dz, event: dz, from: [d], to: z, by: [promoter]}
`)
	h := running(t, "2026-03-02 00:00", func(d *definition.Compiled) []workflow.PlannedPhase {
		return outlook.Plan(d, civil.Date{Year: 2026, Month: 3, Day: 2}, nil, nil)
	}, one, two)
	show := func() string {
		p, _ := h.engine.Plan(h.Context(), nil, hearingRef)
		s := ""
		for _, x := range p {
			s += fmt.Sprintf(" %s[%s-%s]", x.State, x.StartedAt.Format("0102"), x.EndedAt.Format("0102"))
		}
		return s
	}
	h.clock.Set(h.at("2026-03-05 10:00"))
	h.move("ab")
	h.clock.Set(h.at("2026-03-10 10:00"))
	h.move("bc") // in c; a over, b over
	before := show()
	h.clock.Set(h.at("2026-03-11 10:00"))
	h.mustMoveTo(2, map[string]string{"a": "b", "b": "c", "c": "d"})
	h.goBack()
	if show() != before {
		t.Errorf("the plan's history after migrate+revert: %s, was %s", show(), before)
	}
}

func TestMigrateKeepsFixedDates(t *testing.T) {
	t.Parallel()
	body := `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}}
  b: {title: {it: B, en: B}, term: {length: 10d}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: ab, from: [a], to: b, by: [promoter]}
  - {id: bz, event: bz, from: [b], to: z, by: [promoter]}
`
	fixed := time.Date(2026, 5, 1, 22, 0, 0, 0, time.UTC)
	h := running(t, "2026-03-02 00:00", func(d *definition.Compiled) []workflow.PlannedPhase {
		p := outlook.Plan(d, civil.Date{Year: 2026, Month: 3, Day: 2}, nil, nil)
		p[1].Fixed, p[1].End, p[1].Source = true, fixed, outlook.SourceFixed
		return p
	}, movedVersion(1, "a", body), movedVersion(2, "a", body))
	h.clock.Set(h.at("2026-03-05 10:00"))
	h.mustMoveTo(2, nil)
	h.move("ab")
	if got := h.present().DueAt; !got.Equal(fixed) {
		t.Errorf("the fixed end %s of the next phase became %s", fixed, got)
	}
}

const fromFirst = `
states:
  a: {title: {it: A, en: A}, term: {length: 10d}}
  b: {title: {it: B, en: B}, term: {length: 40d, max: 90d, from: "state:a"}, allows: [extend, shorten], at_end: {event: close}}
  z: {title: {it: Z, en: Z}, final: true}
transitions:
  - {id: ab, event: ab, from: [a], to: b, by: [promoter]}
  - {id: bz, event: close, from: [b], to: z, by: [promoter, timer]}
`

func TestMigrateFollowsRenamedAnchors(t *testing.T) {
	t.Parallel()
	two := strings.ReplaceAll(strings.ReplaceAll(fromFirst, "  a: {", "  aa: {"), "state:a", "state:aa")
	two = strings.ReplaceAll(two, "from: [a]", "from: [aa]")
	h := running(t, "2026-03-02 00:00", func(d *definition.Compiled) []workflow.PlannedPhase {
		return outlook.Plan(d, civil.Date{Year: 2026, Month: 3, Day: 2}, nil, nil)
	}, movedVersion(1, "a", fromFirst), movedVersion(2, "aa", two))
	h.clock.Set(h.at("2026-03-05 10:00"))
	h.mustMoveTo(2, map[string]string{"a": "aa"})
	h.clock.Set(h.at("2026-03-14 10:00")) // after the planned day
	h.move("ab")
	if got := h.present(); got.DueAt.IsZero() || got.MaxAt.IsZero() {
		t.Errorf("the state entered has due %v max %v: its deadline is lost", got.DueAt, got.MaxAt)
	}
}

func TestMigrateDoesNotOpenAgain(t *testing.T) {
	t.Parallel()
	two := strings.ReplaceAll(longTerm, "length: 30d, max: 60d", "length: 45d, min: 40d, max: 60d")
	h := running(t, "2026-03-02 00:00", nil, movedVersion(1, "a", longTerm), movedVersion(2, "a", two))
	h.clock.Set(h.at("2026-04-01 00:01")) // one minute after the end, the timer did not come by yet
	if err := h.prolong("2026-04-10 00:00", false); key(err) != "workflow.term_ended" {
		t.Fatalf("extension after the end: %v", err)
	}
	if _, err := h.moveTo(2, nil); key(err) != "workflow.migrate_ended" {
		t.Errorf("moved after the end: %v", err)
	}
	if fired := h.fires("2026-04-01 00:02"); len(fired) != 1 || h.present().State != "b" {
		t.Errorf("what was over did not end: %v", fired)
	}
}
