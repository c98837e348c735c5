package workflow_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/history"
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
	*lifetime
	unit, from string

	began  time.Time      // the debate, for the first time
	rests  [][2]time.Time // since, while it ran
	beyond bool           // somebody made an exception
	used   []history.Grant
	firm   int // of them are of the debate before it was left
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
			lifetime: newLifetime(r, start, counts),
			unit:     rapid.SampledFrom([]string{"d", "wd"}).Draw(r, "unit"),
			from:     rapid.SampledFrom([]string{"", "", `, from: "date:call"`}).Draw(r, "from"),
		}
		d.known.facts.Process.Dates = map[string]time.Time{"call": start.AddDate(0, 0, 8)}
		d.runs(statutes(1, d.unit, d.from), statutes(2, d.unit, d.from), statutes(3, d.unit, d.from))
		d.begins(workflow.Start{Definition: "statutes", Version: 1, Actor: promoter})
		if rapid.Bool().Draw(r, "begun") {
			d.tries("on", d.instance(), time.Time{}, false)
		}
		for range rapid.IntRange(10, 40).Draw(r, "steps") {
			d.step()
			d.holds()
		}
	})
	happened(t, counts, "on", "again", "extend", "shorten", "returned", "kept", "suspend", "resume", "date", "version", "back", "exception")
}

func (d *docket) step() {
	was := d.instance()
	what := rapid.SampledFrom([]string{"on", "on", "again", "again", "extend", "shorten", "suspend", "resume", "date", "version", "back", "clock", "clock", "clock"}).Draw(d.T, "step")
	if what == "clock" {
		d.sail(time.Duration(rapid.IntRange(1, 9*24).Draw(d.T, "hours")) * time.Hour)
		return
	}
	exception := rapid.IntRange(0, 5).Draw(d.T, "exception") == 0
	days := rapid.SampledFrom([]int{-12, -3, 1, 6, 12, 25}).Draw(d.T, "days")
	if !d.tries(what, was, was.DueAt.AddDate(0, 0, days), exception) || what != "extend" {
		return
	}
	if rapid.IntRange(0, 3).Draw(d.T, "second thoughts") > 0 {
		d.sail(time.Duration(rapid.SampledFrom([]int{0, 59, 60, 90}).Draw(d.T, "seconds")) * time.Second)
		d.tries("shorten", d.instance(), was.DueAt.AddDate(0, 0, rapid.SampledFrom([]int{-1, 0, 0, 1}).Draw(d.T, "back")), false)
	}
}

// tries does one thing, and reports whether it was not refused.
func (d *docket) tries(what string, was workflow.Instance, end time.Time, exception bool) bool {
	err := d.do(d.act(what, was, workflow.NewEnd{End: end, Reason: "x", Actor: promoter, Exception: exception}))
	if err != nil {
		if _, refused := fault.As(err); !refused {
			d.Fatalf("%s: %v", what, err)
		}
		d.counts["refused"]++
		return false
	}
	d.counts[what]++
	if was.State == "debate" {
		d.grants(what, was.DueAt, end)
	}
	d.follow(was, d.instance(), d.clock.Time())
	if exception && slices.Contains([]string{"extend", "again"}, what) {
		d.counts["exception"]++
		d.beyond = true
	}
	return true
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

// grants keeps which extensions count: one does until an earlier end takes it back
// within its minute, while the debate was not left.
func (d *docket) grants(what string, old, end time.Time) {
	now := d.clock.Time()
	switch what {
	case "extend":
		d.used = append(d.used, history.Grant{At: now, Old: old, New: end})
	case "shorten":
		n := len(d.used)
		for ; n > d.firm && !d.used[n-1].Old.Before(end) && now.Sub(d.used[n-1].At) < time.Minute; n-- {
			d.counts["returned"]++
		}
		if n > d.firm && n == len(d.used) && !d.used[n-1].Old.Before(end) {
			d.counts["kept"]++
		}
		d.used = d.used[:n]
	}
}

// sail lets time pass, with the timer close behind.
func (d *docket) sail(by time.Duration) {
	d.passes(by, func(was workflow.Instance, _ workflow.Result) { d.follow(was, d.instance(), d.clock.Time()) })
}

// follow keeps when the debate began, how long it rested, and what cannot be taken
// back any more.
func (d *docket) follow(was, is workflow.Instance, now time.Time) {
	if is.State == "debate" && d.began.IsZero() {
		d.began = is.EnteredAt
	}
	if is.State != "debate" {
		d.firm = len(d.used)
	}
	if was.State == "debate" && was.Held() && !is.Held() {
		d.rests = append(d.rests, [2]time.Time{was.HeldAt, now})
	}
}

// holds is what is true after every step.
func (d *docket) holds() {
	i := d.instance()
	d.must(history.Verify(d.Context(), d.rows, hearingRef.ProcessID))
	if i.State == "debate" && !d.beyond && i.DueAt.After(d.latest()) {
		d.Fatalf("the debate that began on %s ends on %s, at the latest %s; %s", d.began, i.DueAt, d.latest(), d.told())
	}
	left, ok, err := history.Left(d.Context(), d.rows, hearingRef, "debate", []string{"again"})
	d.must(err)
	if i.State == "debate" && i.Extensions != len(d.used) || ok && i.State != "debate" && len(left.Grants) != len(d.used) {
		d.Fatalf("%d extensions used, or %d when it was left, want %d; %s", i.Extensions, len(left.Grants), len(d.used), d.told())
	}
	for _, x := range d.deadlines() {
		if ahead(x) && (x.Entry != i.Entry || i.Held() || x.Name == "end" && !x.DueAt.Equal(i.DueAt)) {
			d.Fatalf("%s of entry %d is armed for %s: %+v", x.Name, x.Entry, x.DueAt, i)
		}
	}
}

// latest is the last end that the law gives the debate: thirty days from its first
// beginning, or from the date that it counts from, and ten more.
func (d *docket) latest() time.Time {
	zone, err := time.LoadLocation("Europe/Rome")
	d.must(err)
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
	d.must(err)
	var s strings.Builder
	for _, e := range log {
		fmt.Fprintf(&s, "\n%s %s %s→%s %s", e.At, e.Transition, e.From, e.To, e.Facts)
	}
	return s.String()
}
