package workflow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/memory"
)

// statutes has a term of law that may be extended once, is left and entered again,
// reopened, suspended, counted from a date that moves or from a state before, in
// days or in working days.
func statutes(version int, unit, from string) string {
	return fmt.Sprintf(`
workflow: statutes
version: %d
title: {it: Legge, en: Law}
timezone: Europe/Rome
calendar: italy
roles: [promoter]
dates: [{code: call, title: {it: Bando, en: Call}}]
initial: before
states:
  before: {title: {it: Prima, en: Before}, term: {length: 6d, max: 20d}, allows: [extend, hold]}
  debate:
    title: {it: Dibattito, en: Debate}
    term: {length: 20%[2]s, min: 4%[2]s, max: 30%[2]s, extend: {max: 10%[2]s, times: 1}, law: {article: "art. 11", source: "L.R. 46/2013", confidence: R}%[3]s}
    allows: [extend, shorten, hold]
    reminders: [{before: 3d, to: promoter}]
    at_end: {event: on}
  after: {title: {it: Dopo, en: After}, term: {length: 10d}, allows: [hold]}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: begin, event: on, from: [before], to: debate, by: [promoter]}
  - {id: on, event: on, from: [debate], to: after, by: [promoter, timer]}
  - {id: end, event: on, from: [after], to: over, by: [promoter]}
  - {id: again, event: again, from: [over], to: debate, by: [promoter], reopens: true, tell: promoter}
`, version, unit, from)
}

// docket is such a life.
type docket struct {
	*rapid.T
	engine *workflow.Engine
	rows   *memory.Store
	clock  *memory.Clock
	known  *known
	unit   string
	from   string
	counts map[string]int

	began  time.Time      // the debate, for the first time
	rests  [][2]time.Time // since, while it ran
	beyond bool           // somebody made an exception
}

// TestTheLawHolds: whatever people do in whatever order, without an exception the
// debate never lasts longer than the law gives from its first day, suspensions left
// out; and only what is of the present entry is armed.
func TestTheLawHolds(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		start := time.Date(2026, 3, 1, 10, 7, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24).Draw(r, "start")) * time.Hour)
		d := &docket{
			T: r, rows: memory.New(), clock: memory.NewClock(start), known: &known{}, counts: counts,
			unit: rapid.SampledFrom([]string{"d", "wd"}).Draw(r, "unit"),
			from: rapid.SampledFrom([]string{"", "", `, from: "date:call"`}).Draw(r, "from"),
		}
		d.known.facts.Process.Dates = map[string]time.Time{"call": start.AddDate(0, 0, 8)}
		defs := definition.NewLibrary()
		for v := 1; v <= 3; v++ {
			_, err := defs.Add("statutes.yaml", []byte(statutes(v, d.unit, d.from)))
			d.ok(err)
		}
		d.engine = workflow.NewEngine(defs, d.clock, d.known, slog.New(slog.DiscardHandler)).On(d.rows)
		d.ok(d.do(func(ctx context.Context, tx bun.IDB) error {
			_, err := d.engine.Create(ctx, tx, hearingRef, workflow.Start{Definition: "statutes", Version: 1, Actor: promoter})
			return err
		}))
		for range rapid.IntRange(10, 40).Draw(r, "steps") {
			d.step()
			d.holds()
		}
	})
	t.Log(counts)
	for _, must := range []string{"on", "again", "extend", "shorten", "suspend", "resume", "date", "version", "back", "exception"} {
		if !t.Failed() && counts[must] == 0 {
			t.Errorf("never %s in all these lives", must)
		}
	}
}

func (d *docket) ok(err error) {
	if err != nil {
		d.Fatal(err)
	}
}

func (d *docket) do(act func(ctx context.Context, tx bun.IDB) error) error {
	return d.rows.InTx(d.Context(), act)
}

func (d *docket) now() workflow.Instance {
	i, err := d.engine.Instance(d.Context(), nil, hearingRef)
	d.ok(err)
	return i
}

func (d *docket) step() {
	was := d.now()
	what := rapid.SampledFrom([]string{"on", "on", "again", "again", "extend", "shorten", "suspend", "resume", "date", "version", "back", "clock", "clock", "clock"}).Draw(d.T, "step")
	if what == "clock" {
		d.sail()
		return
	}
	exception := rapid.IntRange(0, 9).Draw(d.T, "exception") == 0
	end := was.DueAt.AddDate(0, 0, rapid.IntRange(-12, 25).Draw(d.T, "days"))
	err := d.do(d.act(what, was, workflow.NewEnd{End: end, Reason: "x", Actor: promoter, Exception: exception}))
	if err != nil {
		if _, refused := fault.As(err); !refused {
			d.Fatalf("%s: %v", what, err)
		}
		d.counts["refused"]++
		return
	}
	d.counts[what]++
	d.follow(was, d.now(), d.clock.Time())
	if exception && slices.Contains([]string{"extend", "again"}, what) {
		d.counts["exception"]++
		d.beyond = true
	}
}

func (d *docket) act(what string, was workflow.Instance, x workflow.NewEnd) func(context.Context, bun.IDB) error {
	pause := workflow.Pause{Reason: "x", Actor: promoter}
	return func(ctx context.Context, tx bun.IDB) (err error) {
		switch what {
		case "on", "again":
			c := workflow.Command{Ref: hearingRef, Event: what, Actor: promoter, Reason: "x", Exception: x.Exception}
			if what == "again" && x.Exception || rapid.Bool().Draw(d.T, "given") && what == "again" {
				c.End = civil.DateOf(d.clock.Time(), time.UTC).Add(rapid.IntRange(1, 30).Draw(d.T, "until")).Start(time.UTC)
			}
			_, err = d.engine.Apply(ctx, tx, c)
		case "extend":
			_, err = d.engine.Extend(ctx, tx, hearingRef, x)
		case "shorten":
			_, err = d.engine.Shorten(ctx, tx, hearingRef, x)
		case "suspend":
			_, err = d.engine.Suspend(ctx, tx, hearingRef, pause)
		case "resume":
			_, err = d.engine.Resume(ctx, tx, hearingRef, pause)
		case "date":
			old := d.known.facts.Process.Dates["call"]
			d.known.facts.Process.Dates["call"] = old.AddDate(0, 0, rapid.IntRange(-5, 5).Draw(d.T, "call"))
			if _, err = d.engine.RescheduleAnchors(ctx, tx, hearingRef, promoter); err != nil {
				d.known.facts.Process.Dates["call"] = old
			}
		case "version":
			_, err = d.engine.Migrate(ctx, tx, hearingRef, workflow.NewVersion{Definition: "statutes", Version: was.Version + 1, Reason: "x", Actor: promoter})
		case "back":
			_, err = d.engine.Revert(ctx, tx, hearingRef, pause)
		}
		return err
	}
}

// sail lets time pass, with the timer close behind.
func (d *docket) sail() {
	until := d.clock.Time().Add(time.Duration(rapid.IntRange(1, 9*24).Draw(d.T, "hours")) * time.Hour)
	for {
		due, err := d.engine.Due(d.Context(), nil, until, 1)
		d.ok(err)
		if len(due) == 0 {
			d.clock.Set(until)
			return
		}
		if due[0].DueAt.After(d.clock.Time()) {
			d.clock.Set(due[0].DueAt)
		}
		was := d.now()
		d.ok(d.do(func(ctx context.Context, tx bun.IDB) error {
			_, err := d.engine.FireDeadline(ctx, tx, due[0])
			return err
		}))
		d.follow(was, d.now(), d.clock.Time())
	}
}

// follow keeps when the debate began and how long it rested.
func (d *docket) follow(was, is workflow.Instance, now time.Time) {
	if is.State == "debate" && d.began.IsZero() {
		d.began = is.EnteredAt
	}
	if was.State == "debate" && was.Held() && !is.Held() {
		d.rests = append(d.rests, [2]time.Time{was.HeldAt, now})
	}
}

// holds is what is true after every step.
func (d *docket) holds() {
	i := d.now()
	d.ok(history.Verify(d.Context(), d.rows, hearingRef.ProcessID))
	if i.State == "debate" && !d.beyond && i.DueAt.After(d.latest()) {
		d.Fatalf("the debate that began on %s ends on %s, at the latest %s; %s", d.began, i.DueAt, d.latest(), d.told())
	}
	all, err := d.engine.Deadlines(d.Context(), nil, hearingRef)
	d.ok(err)
	for _, x := range all {
		open := x.FiredAt.IsZero() && x.CancelledAt.IsZero()
		if open && (x.Entry != i.Entry || i.Held() || x.Name == "end" && !x.DueAt.Equal(i.DueAt)) {
			d.Fatalf("%s of entry %d is armed for %s: %+v", x.Name, x.Entry, x.DueAt, i)
		}
	}
}

// latest is the last end that the law gives the debate: thirty days from its first
// beginning, or from the date that it counts from, and ten more.
func (d *docket) latest() time.Time {
	zone, err := time.LoadLocation("Europe/Rome")
	d.ok(err)
	cal, _ := civil.Named("italy", zone)
	from := d.began
	if d.from != "" {
		from = d.known.facts.Process.Dates["call"]
	}
	day := civil.DateOf(from, zone)
	rested := 0
	for _, r := range d.rests {
		a, b := civil.DateOf(r[0], zone), civil.DateOf(r[1], zone)
		for ; a.Before(b); a = a.Add(1) {
			if d.unit == "d" || cal.Working(a) {
				rested++
			}
		}
	}
	for n := 40 + rested; n > 0; {
		day = day.Add(1)
		if d.unit == "d" || cal.Working(day) {
			n--
		}
	}
	return day.Add(1).Start(zone)
}

func (d *docket) told() string {
	log, err := d.engine.Log(d.Context(), nil, hearingRef.ProcessID, 0, 0)
	d.ok(err)
	var s strings.Builder
	for _, e := range log {
		fmt.Fprintf(&s, "\n%s %s %s→%s %s", e.At, e.Transition, e.From, e.To, e.Facts)
	}
	return s.String()
}
