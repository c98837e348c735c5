package workflow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
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

// tides counts one term from a date that moves, one in working days and one that
// keeps running and off holidays. Two ends by itself, but no earlier than a gate
// opens; the pier is left by hand, and not before either.
const tides = `
workflow: tides
version: 1
title: {it: Maree, en: Tides}
timezone: Europe/Rome
calendar: italy
roles: [promoter]
dates: [{code: call, title: {it: Bando, en: Call}}, {code: gate, title: {it: Chiusa, en: Gate}}]
initial: one
states:
  one:
    title: {it: Uno, en: One}
    term: {length: 20d, min: 5d, max: 60d, from: "date:call"}
    allows: [extend, shorten, hold]
    reminders: [{before: 3d, to: promoter}]
    at_end: {event: on}
  two:
    title: {it: Due, en: Two}
    term: {length: 8wd, min: 3wd, max: 40d}
    allows: [extend, shorten, hold]
    deadlines: [{code: nudge, title: {it: N, en: N}, after: 4d, of: entry, notice: action-needed, to: promoter}]
    at_end: {event: on}
  three:
    title: {it: Tre, en: Three}
    term: {length: 12d, on_hold: run, on_holiday: next}
    allows: [hold]
    reminders: [{before: 2d, to: promoter}]
    at_end: {event: on}
  pier: {title: {it: Molo, en: Pier}, term: {length: 6d}, allows: [extend, hold], overdue: {after: 2d, escalate: promoter}}
  over: {title: {it: Fine, en: Over}, final: true}
  lost: {title: {it: Persi, en: Lost}, final: true}
transitions:
  - {id: forth, event: swing, from: [one], to: two, by: [promoter]}
  - {id: back, event: swing, from: [two], to: one, by: [promoter]}
  - {id: on, event: on, from: [one], to: two, by: [timer]}
  - {id: then, event: on, from: [two], to: three, by: [timer],
     requires: [{code: gate, guard: '"gate" in process.dates && now >= process.dates["gate"]', explain: {it: C, en: G}}]}
  - {id: last, event: on, from: [three], to: pier, by: [timer]}
  - {id: land, event: swing, from: [pier], to: over, by: [promoter],
     requires: [{code: gate, guard: '"gate" in process.dates && now >= process.dates["gate"]', explain: {it: C, en: G}}]}
  - {id: lose, event: lose, from: ["*"], to: lost, by: [promoter]}
`

// almanac says by hand what tides must be after each act: it knows calendars, but
// neither rows nor generations nor how the engine plans.
type almanac struct {
	cal                          civil.Calendar
	call, gate                   time.Time
	state                        string
	entry, places                int
	entered, min, due, max, held time.Time // zero for none
	given                        bool      // the end is the date that somebody gave
	rests                        [][2]time.Time
	pieces                       map[string]*piece // of this entry
	heard                        []string
	passed                       []passage
}

// piece is one deadline: armed, fired, or neither while it rests or is too late.
type piece struct {
	at           time.Time
	place        int // in the order of their making
	armed, fired bool
	resting      bool
}

type passage struct {
	state string
	at    time.Time
}

func (m *almanac) enter(state string, at time.Time) {
	m.state, m.entered, m.held, m.given, m.rests = state, at, time.Time{}, false, nil
	m.entry++
	m.passed = append(m.passed, passage{state, at})
	m.min, m.due, m.max = m.counted()
	m.pieces = map[string]*piece{}
	for _, name := range m.names() {
		if due := m.wanted(name); due.After(at) || ends(name) {
			m.places++
			m.pieces[name] = &piece{at: due, place: m.places, armed: true}
		}
	}
}

// counted are the bounds of the state's term by its definition alone, with what
// this entry rested so far.
func (m *almanac) counted() (least, due, most time.Time) {
	days := func(n int, from time.Time) time.Time { return civil.Span{Days: n}.After(from, m.cal) }
	switch m.state {
	case "one":
		least, due, most = days(5, m.call), days(20, m.call), days(60, m.call)
		if due.Before(m.entered) {
			due = m.entered
		}
	case "two":
		work := func(n int) time.Time { return civil.Span{WorkDays: n}.After(m.entered, m.cal) }
		least, due, most = work(3), work(8), days(40, m.entered)
	case "three":
		due = m.cal.Next(days(12, m.entered))
	case "pier":
		due = days(6, m.entered)
	}
	for _, r := range m.rests {
		least, due, most = m.after(least, r), m.after(due, r), m.longer(most, m.days(r))
	}
	return least, due, most
}

func (m *almanac) days(r [2]time.Time) int {
	return max(0, civil.DateOf(r[1], m.cal.Zone()).Since(civil.DateOf(r[0], m.cal.Zone())))
}

func (m *almanac) longer(t time.Time, days int) time.Time {
	if t.IsZero() || days == 0 {
		return t
	}
	return civil.Span{Days: days}.Shift(t, 1, m.cal)
}

// after is a minimum or an end after a rest: in two, only the working days of it
// count; in three, none.
func (m *almanac) after(t time.Time, r [2]time.Time) time.Time {
	switch {
	case t.IsZero() || m.state == "three":
		return t
	case m.state == "one" || m.state == "pier":
		return m.longer(t, m.days(r))
	}
	lost := 0
	for i := range m.days(r) {
		if m.cal.Working(civil.DateOf(r[0], m.cal.Zone()).Add(i)) {
			lost++
		}
	}
	return civil.Span{WorkDays: lost}.Shift(t, 1, m.cal)
}

func (m *almanac) names() []string {
	return map[string][]string{
		"one": {"action-needed.3d", "end"}, "two": {"deadline.nudge", "end"}, "three": {"action-needed.2d", "end"}, "pier": {"end", "escalation"},
	}[m.state]
}

// wanted is when a deadline should come, as things are now.
func (m *almanac) wanted(name string) time.Time {
	switch name {
	case "action-needed.3d":
		return civil.Span{Days: 3}.Shift(m.due, -1, m.cal)
	case "action-needed.2d":
		return civil.Span{Days: 2}.Shift(m.due, -1, m.cal)
	case "deadline.nudge":
		at := m.entered
		for _, r := range m.rests {
			at = m.longer(at, m.days(r))
		}
		return civil.Span{Days: 4}.Shift(at, 1, m.cal)
	case "escalation":
		return civil.Span{Days: 2}.Shift(m.wanted("end"), 1, m.cal)
	}
	if gated := m.state == "two" || m.state == "pier"; gated && m.gate.After(m.due) {
		return m.gate
	}
	return m.due
}

// ends reports what comes of the end of a term, which is not dropped when it is past.
func ends(name string) bool { return name == "end" || name == "escalation" }

// place puts every deadline where it belongs now. What was told before the entry's
// own span is told once; a reminder of the end is told again for another end, if
// it is still to come; what is due already comes late, unless it is a reminder
// that moved into the past.
func (m *almanac) place(now time.Time) {
	if !m.held.IsZero() {
		return
	}
	for _, name := range m.names() {
		p, at := m.pieces[name], m.wanted(name)
		if p == nil {
			if at.After(m.entered) && at.After(now) {
				m.places++
				m.pieces[name] = &piece{at: at, place: m.places, armed: true}
			}
			continue
		}
		switch {
		case p.fired && name == "deadline.nudge", p.at.Equal(at) && (p.armed || p.fired):
		case at.After(now):
			*p = piece{at: at, place: p.place, armed: true}
		case ends(name) && p.armed && !p.at.After(now): // about to come; an event no earlier than it can
			if m.state != "pier" && at.After(p.at) {
				p.at = at
			}
		case ends(name) && !p.fired:
			p.at, p.armed = at, true
		case p.armed && p.at.After(now):
			p.armed = false
		}
	}
}

// over reports an end that is about to move the state.
func (m *almanac) over(now time.Time) bool {
	p := m.pieces["end"]
	return m.state != "pier" && p != nil && p.armed && !p.at.After(now)
}

func (m *almanac) swing(now time.Time) bool {
	to := map[string]string{"one": "two", "two": "one", "pier": "over"}[m.state]
	if to == "" || !m.held.IsZero() || now.Before(m.min) || m.state == "pier" && now.Before(m.gate) {
		return false
	}
	m.enter(to, now)
	return true
}

// end is extending or shortening, both to what is still to come.
func (m *almanac) end(now, end time.Time, later bool) bool {
	if m.state == "three" || m.state == "over" || !m.held.IsZero() || m.over(now) || !end.After(now) || end.Equal(m.due) || !later && m.state == "pier" ||
		later != end.After(m.due) || later && !m.max.IsZero() && end.After(m.max) || !later && end.Before(m.min) {
		return false
	}
	m.due, m.given = end, true
	m.place(now)
	return true
}

func (m *almanac) suspend(now time.Time) bool {
	if m.state == "over" || !m.held.IsZero() || m.over(now) {
		return false
	}
	m.held = now
	for _, p := range m.pieces {
		p.resting, p.armed = p.armed, false
	}
	return true
}

func (m *almanac) resume(now time.Time) bool {
	if m.held.IsZero() {
		return false
	}
	r := [2]time.Time{m.held, now}
	m.held = time.Time{}
	if m.state != "three" {
		m.rests = append(m.rests, r)
		m.min, m.due, m.max = m.after(m.min, r), m.after(m.due, r), m.longer(m.max, m.days(r))
	}
	for name, p := range m.pieces {
		if p.resting && !(m.state == "three" && name != "end" && !p.at.After(now)) {
			p.armed = true
			if at := m.wanted(name); !p.at.After(now) && (at.After(m.entered) || ends(name)) {
				p.at = at // nothing comes within the rest
			}
		}
		p.resting = false
	}
	m.place(now)
	return true
}

// date moves the call and the gate. Nothing moves what is over.
func (m *almanac) date(now, call, gate time.Time) bool {
	was := *m
	m.call, m.gate = call, gate
	if m.state != "one" {
		m.place(now)
		return true
	}
	least, due, most := m.counted()
	if m.given {
		due = m.due
		if due.Before(least) {
			due = least
		}
	}
	tooLate := m.given && due.After(most) && !was.due.After(was.max) // shortened first
	if tooLate || !due.Equal(m.due) && m.held.IsZero() && was.over(now) {
		m.call, m.gate = was.call, was.gate
		return false
	}
	m.min, m.due, m.max = least, due, most
	m.place(now)
	return true
}

// tick is the timer, which comes by at last.
func (m *almanac) tick(now time.Time) {
	for {
		name, first := "", (*piece)(nil)
		for n, p := range m.pieces {
			if p.armed && !p.at.After(now) && (first == nil || p.at.Before(first.at) || p.at.Equal(first.at) && p.place < first.place) {
				name, first = n, p
			}
		}
		if first == nil {
			return
		}
		first.armed, first.fired = false, true
		m.heard = append(m.heard, fmt.Sprintf("%d %s %s", m.entry, name, first.at.UTC()))
		if to := map[string]string{"one": "two", "two": "three", "three": "pier"}[m.state]; name == "end" && to != "" {
			m.enter(to, first.at)
		}
	}
}

// shore is the engine beside the almanac.
type shore struct {
	*rapid.T
	engine *workflow.Engine
	rows   *memory.Store
	clock  *memory.Clock
	known  *known
	model  *almanac
	heard  []string
	counts map[string]int
}

// TestTidesKeepToTheAlmanac: whatever people do to a term, whatever it hangs on
// and however late and often the timer comes, an instance is in the state, until
// the instant and with the deadlines that the almanac says, each has fired when it
// says, and the past is as it says.
func TestTidesKeepToTheAlmanac(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	cal, _ := civil.Named("italy", rome(t))
	rapid.Check(t, func(r *rapid.T) {
		start := time.Date(2026, 3, 1, 10, 7, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24).Draw(r, "start")) * time.Hour)
		s := &shore{T: r, rows: memory.New(), clock: memory.NewClock(start), known: &known{}, model: &almanac{cal: cal, call: start}, counts: counts}
		s.model.gate = start.AddDate(0, 0, rapid.IntRange(0, 60).Draw(r, "gate"))
		s.known.facts.Process.Dates = map[string]time.Time{"call": start, "gate": s.model.gate}
		s.restart()
		s.in(func(ctx context.Context, tx bun.IDB) error {
			_, err := s.engine.Create(ctx, tx, hearingRef, workflow.Start{Definition: "tides", Actor: given})
			return err
		})
		s.model.enter("one", start)
		for range rapid.IntRange(20, 60).Draw(r, "steps") {
			s.step()
			s.compare()
		}
		s.clock.Advance(400 * 24 * time.Hour)
		s.sweep()
		s.compare()
		if m := s.model; m.state == "pier" && m.held.IsZero() {
			s.dates(m.call, s.clock.Time().AddDate(0, 0, rapid.IntRange(1, 30).Draw(r, "gate")))
			s.compare()
		}
		for range 8 {
			s.step()
			s.compare()
		}
		s.clock.Advance(90 * 24 * time.Hour)
		s.sweep()
		s.swing()
		s.compare()
		s.past()
	})
	t.Log(counts)
	for _, must := range []string{"swing", "extend", "shorten", "suspend", "resume", "date", "refused", "twice", "restart", "two waits", "pier waits", "overdue", "over"} {
		if !t.Failed() && counts[must] == 0 {
			t.Errorf("never %s in all these lives", must)
		}
	}
}

func (s *shore) restart() {
	defs := definition.NewLibrary()
	_, err := defs.Add("tides.yaml", []byte(tides))
	s.ok(err)
	s.engine = workflow.NewEngine(defs, s.clock, s.known, slog.New(slog.DiscardHandler)).On(s.rows)
}

func (s *shore) ok(err error) {
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shore) in(do func(ctx context.Context, tx bun.IDB) error) {
	s.ok(s.rows.InTx(s.Context(), do))
}

func (s *shore) step() {
	now, m := s.clock.Time(), s.model
	pause := workflow.Pause{Reason: "x", Actor: given}
	near := func(t time.Time, back, ahead int) time.Time {
		d := civil.DateOf(t, m.cal.Zone()).Add(rapid.IntRange(-back, ahead).Draw(s.T, "days"))
		return d.At(17, rapid.IntRange(0, 59).Draw(s.T, "minute"), m.cal.Zone())
	}
	switch what := rapid.SampledFrom([]string{
		"swing", "extend", "shorten", "suspend", "resume", "resume", "date", "clock", "clock", "clock", "sweep", "sweep", "twice", "restart",
	}).Draw(s.T, "step"); what {
	case "swing":
		s.swing()
	case "extend", "shorten":
		do, end := s.engine.Extend, near(m.due, 2, 20)
		if what == "shorten" {
			do, end = s.engine.Shorten, near(m.due, 12, 1)
		}
		s.act(what, m.end(now, end, what == "extend"), func(ctx context.Context, tx bun.IDB) error {
			_, err := do(ctx, tx, hearingRef, workflow.NewEnd{End: end, Reason: "x", Actor: given})
			return err
		})
	case "suspend", "resume":
		do, says := s.engine.Suspend, m.suspend
		if what == "resume" {
			do, says = s.engine.Resume, m.resume
		}
		s.act(what, says(now), func(ctx context.Context, tx bun.IDB) error {
			_, err := do(ctx, tx, hearingRef, pause)
			return err
		})
	case "date":
		call, gate := m.call, m.gate
		if rapid.Bool().Draw(s.T, "gates") {
			gate = near(rapid.SampledFrom([]time.Time{gate, now}).Draw(s.T, "from"), 15, 30)
		} else {
			call = near(call, 10, 25)
		}
		s.dates(call, gate)
	case "clock":
		s.clock.Advance(time.Duration(rapid.IntRange(1, 9*24).Draw(s.T, "hours")) * time.Hour)
	case "sweep":
		s.sweep()
	case "twice":
		s.sweep()
		for _, d := range s.deadlines() {
			for g := 1; g <= d.Generation; g++ {
				s.fire(workflow.DeadlineRef{ProcessID: d.ProcessID, ID: d.ID, Generation: g})
			}
		}
		s.counts[what]++
	default:
		s.restart()
		s.counts[what]++
	}
}

func (s *shore) dates(call, gate time.Time) {
	old := s.known.facts.Process.Dates
	s.known.facts.Process.Dates = map[string]time.Time{"call": call, "gate": gate}
	if !s.act("date", s.model.date(s.clock.Time(), call, gate), func(ctx context.Context, tx bun.IDB) error {
		_, err := s.engine.RescheduleAnchors(ctx, tx, hearingRef, given)
		return err
	}) {
		s.known.facts.Process.Dates = old
	}
}

func (s *shore) swing() {
	s.act("swing", s.model.swing(s.clock.Time()), func(ctx context.Context, tx bun.IDB) error {
		_, err := s.engine.Apply(ctx, tx, workflow.Command{Ref: hearingRef, Event: "swing", Actor: given})
		return err
	})
}

// act does what the almanac has done already, and reports that it was done.
func (s *shore) act(name string, says bool, do func(ctx context.Context, tx bun.IDB) error) bool {
	err := s.rows.InTx(s.Context(), do)
	if _, refused := fault.As(err); err != nil && !refused {
		s.Fatal(err)
	}
	if says != (err == nil) {
		s.Fatalf("%s at %s: %v, the almanac says %v", name, s.clock.Time(), err, says)
	}
	if err != nil {
		name = "refused"
	}
	s.counts[name]++
	return err == nil
}

func (s *shore) deadlines() []workflow.Deadline {
	all, err := s.engine.Deadlines(s.Context(), nil, hearingRef)
	s.ok(err)
	return all
}

// fire delivers a deadline, and notes which were carried out by it.
func (s *shore) fire(d workflow.DeadlineRef) {
	open := slices.DeleteFunc(s.deadlines(), func(d workflow.Deadline) bool { return !d.FiredAt.IsZero() || !d.CancelledAt.IsZero() })
	s.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := s.engine.FireDeadline(ctx, tx, d)
		return err
	})
	for _, now := range s.deadlines() {
		if i := slices.IndexFunc(open, func(o workflow.Deadline) bool { return o.ID == now.ID }); i >= 0 && !now.FiredAt.IsZero() {
			s.heard = append(s.heard, fmt.Sprintf("%d %s %s", now.Entry, now.Name, now.DueAt.UTC()))
		}
	}
}

// sweep delivers what is due one after the other, as workers do.
func (s *shore) sweep() {
	for range 100 {
		due, err := s.engine.Due(s.Context(), nil, s.clock.Time(), 1)
		s.ok(err)
		if len(due) == 0 {
			s.model.tick(s.clock.Time())
			return
		}
		s.fire(due[0])
	}
	s.Fatal("something stays due")
}

func (s *shore) compare() {
	i, err := s.engine.Instance(s.Context(), nil, hearingRef)
	s.ok(err)
	m := s.model
	got := fmt.Sprintf("%s since %s, %s - %s - %s, held %s", i.State, i.EnteredAt.UTC(), i.MinAt.UTC(), i.DueAt.UTC(), i.MaxAt.UTC(), i.HeldAt.UTC())
	want := fmt.Sprintf("%s since %s, %s - %s - %s, held %s", m.state, m.entered.UTC(), m.min.UTC(), m.due.UTC(), m.max.UTC(), m.held.UTC())
	if got != want {
		s.Fatalf("now %s\nit is  %s\nshould %s", s.clock.Time(), got, want)
	}
	var armed, says []string
	for _, d := range s.deadlines() {
		if d.FiredAt.IsZero() && d.CancelledAt.IsZero() {
			armed = append(armed, fmt.Sprintf("%d %s %s", d.Entry, d.Name, d.DueAt.UTC()))
		}
	}
	for name, p := range m.pieces {
		if p.armed {
			says = append(says, fmt.Sprintf("%d %s %s", m.entry, name, p.at.UTC()))
		}
	}
	slices.Sort(armed)
	slices.Sort(says)
	if !slices.Equal(armed, says) || !slices.Equal(s.heard, m.heard) {
		s.Fatalf("now %s, %s: armed %q, should %q\nfired %q, should %q", s.clock.Time(), want, armed, says, s.heard, m.heard)
	}
	switch p := m.pieces["end"]; {
	case m.state == "over":
		s.counts["over"]++
	case p.armed && m.held.IsZero() && p.at.After(m.due):
		s.counts[m.state+" waits"]++
	case p.fired:
		s.counts["overdue"]++
	}
}

// past holds the log's answers against what happened.
func (s *shore) past() {
	for k, p := range s.model.passed {
		if k+1 < len(s.model.passed) && s.model.passed[k+1].at.Equal(p.at) {
			continue // it was over at once
		}
		m, err := history.At(s.Context(), s.rows, hearingRef.ProcessID, p.at)
		if s.ok(err); len(m) != 1 || m[0].State != p.state || !m[0].Since.Equal(p.at) {
			s.Fatalf("at %s: %+v, should be in %s", p.at, m, p.state)
		}
	}
	s.ok(history.Verify(s.Context(), s.rows, hearingRef.ProcessID))
}
