package workflow_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/process/processtest"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
)

// survey is an activity with a minimum that no transition minds, a guarded end and a grace.
const survey = `
workflow: survey
version: 1
level: activity
title: {it: Indagine, en: Survey}
timezone: Europe/Rome
roles: [promoter, facilitator]
counts: [answers]
initial: draft
states:
  draft: {title: {it: Bozza, en: Draft}, allows: [edit]}
  open:
    title: {it: Aperta, en: Open}
    term: {length: 20d, min: 5d, max: 60d}
    allows: [respond, extend, shorten, hold]
    on_enter: [{notice: activity-opened, to: [invited, followers]}]
    reminders:
      - {before: 10d, notice: reminder, to: silent}
      - {before: 2d, at: "09:00", notice: last-days, to: silent}
    at_end: {event: end}
    overdue: {after: 1d, escalate: [promoter]}
  closing:
    title: {it: In chiusura, en: Closing}
    term: {length: 2h}
    at_end: {event: finish}
  closed:
    title: {it: Chiusa, en: Closed}
    final: true
    on_enter: [{fire: analyse}]
transitions:
  - {id: open, event: open, from: [draft], to: open, by: [facilitator, system]}
  - id: end
    event: end
    from: [open]
    to: closing
    by: [facilitator, timer]
    requires:
      - {code: answered, guard: counts.answers > 0, explain: {it: Nessuno ha risposto, en: Nobody answered}, fix: invitations}
      - {code: min-term, guard: "true", explain: {it: Troppo presto, en: Too early}}
  - {id: finish, event: finish, from: [closing], to: closed, by: [timer], then: [{notice: activity-closed, to: facilitator}]}
  - {id: reopen, event: reopen, from: [closing], to: open, by: [facilitator], reason: required}
  - {id: go-on, event: go-on, from: [closed], to: open, by: [facilitator], reopens: true, tell: [silent, followers]}
`

// otherSurvey calls its open state otherwise and reminds at other times.
var otherSurvey = strings.NewReplacer(
	"workflow: survey", "workflow: other-survey", "  open:\n", "  collecting:\n", "to: open", "to: collecting",
	"from: [open]", "from: [collecting]", "before: 10d", "before: 7d", "max: 60d", "max: 30d",
).Replace(survey)

// chained calls on one role after the other.
var chained = strings.NewReplacer(
	"workflow: survey", "workflow: chained-survey", "overdue: {after: 1d, escalate: [promoter]}",
	"overdue: [{after: 1d, escalate: [expert]}, {after: 2d, escalate: [facilitator]}]", "roles: [", "roles: [expert, ",
).Replace(survey)

// seminar is an activity that hangs on its meetings.
const seminar = `
workflow: seminar
version: 1
level: activity
title: {it: Seminario, en: Seminar}
timezone: Europe/Rome
roles: [facilitator]
initial: open
states:
  open:
    title: {it: Aperto, en: Open}
    term: {until: meeting_end}
    allows: [register, extend]
    reminders:
      - {before: 1d, of: meeting, notice: meeting-reminder, to: registered}
      - {before: 1h, of: meeting, notice: meeting-reminder, to: registered}
    at_end: {event: hold}
  held: {title: {it: Svolto, en: Held}, final: true}
transitions:
  - {id: hold, event: hold, from: [open], to: held, by: [timer]}
  - {id: call-off, event: call-off, from: [open], to: held, by: [facilitator]}
`

// facter answers with what the test says.
type facter struct {
	mu    sync.Mutex
	facts map[workflow.Ref]guard.Facts
}

func (f *facter) Facts(_ context.Context, _ bun.IDB, ref workflow.Ref, _ guard.Needs, _ time.Time) (guard.Facts, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	facts := f.facts[ref]
	facts.Process.Published = true // nothing here happens before that
	return facts, nil
}

func (f *facter) set(ref workflow.Ref, facts guard.Facts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.facts[ref] = facts
}

// bench is an engine on a database of its own, with a clock that the test moves.
type bench struct {
	testing.TB
	db     *bun.DB
	clock  *processtest.Clock
	facts  *facter
	engine *workflow.Engine
	turn   atomic.Int64
}

var (
	process     = workflow.Ref{ProcessID: 7}
	activity    = workflow.Ref{ProcessID: 7, ActivityID: 3}
	facilitator = workflow.Person(2, "facilitator")
	promoter    = workflow.Person(1, "promoter")
)

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{TB: t, db: processtest.Database(t), facts: &facter{facts: map[workflow.Ref]guard.Facts{}}}
	b.clock = processtest.NewClock(b.at("2026-03-02 10:00"))
	b.engine = b.engineWith(b.clock)
	return b
}

func (b *bench) engineWith(clock workflow.Clock) *workflow.Engine {
	b.Helper()
	defs := definition.NewLibrary()
	for _, source := range []string{areaPathSource(b), survey, seminar, contested, otherSurvey, chained, stoppable, pathOne, pathTwo, pathThree, pathFour} {
		if _, err := defs.Add("test.yaml", []byte(source)); err != nil {
			b.Fatal(err)
		}
	}
	return workflow.NewEngine(defs, clock, b.facts, slog.New(slog.DiscardHandler))
}

// at is a wall time in Rome.
func (b *bench) at(wall string) time.Time {
	b.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", wall, rome(b))
	if err != nil {
		b.Fatal(err)
	}
	return t.UTC()
}

// in runs one transaction, by turns of the kind that writes at once and of the
// kind that keeps what it knows and writes late.
func (b *bench) in(fn func(ctx context.Context, tx bun.IDB) error) error {
	if b.turn.Add(1)%2 == 0 {
		return pg.InTx(b.Context(), b.db, func(ctx context.Context, tx bun.Tx) error { return fn(ctx, tx) })
	}
	return pg.InAct(b.Context(), b.db, func(ctx context.Context, tx pg.Tx) error { return fn(ctx, tx) })
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) create(ref workflow.Ref, s workflow.Start) workflow.Result {
	b.Helper()
	var r workflow.Result
	b.must(b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		r, err = b.engine.Create(ctx, tx, ref, s)
		return err
	}))
	return r
}

// running creates a process and a survey in draft inside it.
func (b *bench) running(answers int64) {
	b.Helper()
	b.create(process, workflow.Start{Definition: "area-path", Actor: promoter})
	b.facts.set(activity, guard.Facts{Counts: map[string]int64{"answers": answers}})
	b.create(activity, workflow.Start{Definition: "survey", Actor: facilitator})
}

func (b *bench) apply(c workflow.Command) (workflow.Result, error) {
	var r workflow.Result
	err := b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		r, err = b.engine.Apply(ctx, tx, c)
		return err
	})
	return r, err
}

// mustApply also holds what the move does to the dates against its preview.
func (b *bench) mustApply(c workflow.Command) (r workflow.Result) {
	b.Helper()
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
		look, refused := b.engine.PreviewApply(ctx, tx, c)
		before := b.open(ctx, tx, c.Ref)
		var err error
		if r, err = b.engine.Apply(ctx, tx, c); err != nil || r.Replayed {
			return err
		}
		if refused != nil {
			return fmt.Errorf("the preview refused what was done: %w", refused)
		}
		b.foreseen(look, before, b.open(ctx, tx, c.Ref))
		return nil
	}))
	return r
}

// open lists the deadlines of an instance that still stand, by name.
func (b *bench) open(ctx context.Context, tx bun.IDB, ref workflow.Ref) map[string]time.Time {
	b.Helper()
	all, err := b.engine.Deadlines(ctx, tx, ref)
	b.must(err)
	out := map[string]time.Time{}
	for _, d := range all {
		if d.FiredAt.IsZero() && d.CancelledAt.IsZero() {
			out[d.Name] = d.DueAt
		}
	}
	return out
}

// foreseen holds the dates of a preview against those of before and after.
func (b *bench) foreseen(look workflow.Option, before, after map[string]time.Time) {
	b.Helper()
	got, end := maps.Clone(before), time.Time{}
	for _, d := range look.Dates {
		if !d.Old.IsZero() {
			delete(got, d.Name)
		}
	}
	for _, d := range look.Dates {
		if !d.New.IsZero() {
			got[d.Name] = d.New
		}
		if d.Name == "end" {
			end = d.New
		}
	}
	if !maps.EqualFunc(got, after, func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second }) || end.Sub(look.Ends).Abs() > 0 {
		b.Errorf("%s to %s foresees %v until %v and does %v", look.Transition.ID, look.To.Name, look.Dates, look.Ends, after)
	}
}

func (b *bench) fire(d workflow.DeadlineRef) workflow.Result {
	b.Helper()
	var r workflow.Result
	b.must(b.in(func(ctx context.Context, tx bun.IDB) (err error) {
		r, err = b.engine.FireDeadline(ctx, tx, d)
		return err
	}))
	return r
}

// sweep fires what is due until nothing is, and returns every effect.
func (b *bench) sweep() []workflow.Effect {
	b.Helper()
	var out []workflow.Effect
	for range 50 {
		due, err := b.engine.Due(b.Context(), b.db, b.clock.Time(), 100)
		b.must(err)
		if len(due) == 0 {
			return out
		}
		for _, d := range due {
			out = append(out, b.fire(d).Effects...)
		}
	}
	b.Fatal("the sweep finds no end")
	return nil
}

func (b *bench) instance(ref workflow.Ref) workflow.Instance {
	b.Helper()
	i, err := b.engine.Instance(b.Context(), b.db, ref)
	b.must(err)
	return i
}

func (b *bench) deadline(ref workflow.Ref, entry int, name string) workflow.Deadline {
	b.Helper()
	all, err := b.engine.Deadlines(b.Context(), b.db, ref)
	b.must(err)
	for _, d := range all {
		if d.Entry == entry && d.Name == name {
			return d
		}
	}
	b.Fatalf("no deadline %q of entry %d among %+v", name, entry, all)
	return workflow.Deadline{}
}

// Brief is Log without the facts that no page shows, Latest its last entry of
// one instance.
func TestLogInBrief(t *testing.T) {
	t.Parallel()
	b := opened(t, 1)
	_, err := b.extend(activity, b.at("2026-04-10 00:00"), "Serve tempo")
	b.must(err)
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	brief, err := b.engine.Brief(t.Context(), b.db, process.ProcessID)
	b.must(err)
	latest := map[workflow.Ref]workflow.LogEntry{}
	for i := range log {
		latest[log[i].Ref] = log[i]
		if moved := log[i].Transition == "extend"; (brief[i].Facts != nil) != moved {
			t.Errorf("%s comes with the facts %s", log[i].Transition, brief[i].Facts)
		} else if !moved {
			log[i].Facts = nil
		}
	}
	if len(latest) != 2 || !reflect.DeepEqual(log, brief) {
		t.Errorf("got\n%+v\nwant\n%+v", brief, log)
	}
	for ref, want := range latest {
		got, ok, err := b.engine.Latest(t.Context(), b.db, ref)
		if err != nil || !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %v, %v, %+v, want %+v", ref, err, ok, got, want)
		}
	}
	if _, ok, err := b.engine.Latest(t.Context(), b.db, workflow.Ref{ProcessID: process.ProcessID, ActivityID: 99}); ok || err != nil {
		t.Errorf("of nothing: %v, %v", ok, err)
	}
}

func (b *bench) verify() {
	b.Helper()
	b.must(history.Verify(b.Context(), history.In(b.db), process.ProcessID))
}

// key is the locale key of a refusal, "" for none.
func key(err error) string {
	if e, ok := fault.As(err); ok {
		return e.Key
	}
	if err != nil {
		return "internal: " + err.Error()
	}
	return ""
}

func notices(effects []workflow.Effect) []string {
	var out []string
	for _, e := range effects {
		out = append(out, string(e.Kind)+":"+e.Notice+e.Event+e.ActivityKind+">"+strings.Join(e.Audience, ","))
	}
	return out
}

func TestProcessLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	def, err := b.engine.Definition(t.Context(), b.db, workflow.Instance{Definition: "area-path", Version: 1})
	b.must(err)
	b.create(process, workflow.Start{
		Definition: "area-path", Actor: promoter, Plan: outlook.Plan(def, civil.Date{Year: 2026, Month: 3, Day: 2}, map[string]int{"exploration": 40}, nil),
	})
	i := b.instance(process)
	// Entered at ten on its planned day, it keeps its planned end: 31 March is the thirtieth day.
	if i.State != "preparation" || i.Revision != 1 || i.Entry != 1 || i.Version != 1 || !i.DueAt.Equal(b.at("2026-04-01 00:00")) {
		t.Errorf("instance %+v", i)
	}
	_, err = b.apply(workflow.Command{Ref: process, Event: "launch", Actor: promoter})
	var blocked *workflow.Blocked
	if !errors.As(err, &blocked) || key(err) != "workflow.blocked" || !fault.Is(err, fault.Conflict) || len(blocked.Blockers) != 3 {
		t.Fatalf("blocked by %v", err)
	}
	if after := b.instance(process); after != i {
		t.Errorf("a refusal changed %+v into %+v", i, after)
	}
	b.facts.set(process, fullFacts(b.clock.Time()))
	b.clock.Set(b.at("2026-03-20 11:30"))
	r := b.mustApply(workflow.Command{Ref: process, Transition: "launch", Actor: promoter, ExpectRevision: 1})
	if r.From != "preparation" || r.To != "exploration" || r.Revision != 2 || r.Entry != 2 || r.Seq != 2 {
		t.Errorf("result %+v", r)
	}
	if got := notices(r.Effects); !slices.Equal(got, []string{"open:questionnaire>", "notice:phase-opened>followers"}) {
		t.Errorf("effects %v", got)
	}
	if r.Effects[1].Occasion != "p7.a0.e2.enter.phase-opened" {
		t.Errorf("occasion %q", r.Effects[1].Occasion)
	}
	i = b.instance(process)
	if !i.DueAt.Equal(b.at("2026-04-30 00:00")) || !i.MinAt.Equal(b.at("2026-04-11 00:00")) || !i.MaxAt.Equal(b.at("2026-05-20 00:00")) {
		t.Errorf("term %s, %s, %s", i.MinAt, i.DueAt, i.MaxAt)
	}
	if d := b.deadline(process, 1, "end"); d.CancelledWhy != "left" {
		t.Errorf("the old end is still armed: %+v", d)
	}
	if d := b.deadline(process, 2, "reminder.10d"); !d.DueAt.Equal(b.at("2026-04-19 09:00")) || !slices.Equal(d.Audience, []string{"silent"}) {
		t.Errorf("reminder %+v", d)
	}
	plan, err := b.engine.Plan(t.Context(), b.db, process)
	b.must(err)
	if len(plan) != 6 || !plan[0].EndedAt.Equal(b.at("2026-03-20 11:30")) || !plan[1].StartedAt.Equal(plan[0].EndedAt) || plan[1].Title.In("it") != "Esplorazione" {
		t.Errorf("plan %+v", plan)
	}
	if _, err := b.apply(workflow.Command{Ref: process, Event: "cancel", Actor: promoter, ExpectRevision: 1, Reason: "x"}); key(err) != "workflow.stale" {
		t.Errorf("a stale command: %v", err)
	}
	b.mustApply(workflow.Command{Ref: process, Event: "cancel", Actor: promoter, Reason: "Fondi finiti", PublicReason: true})
	if due, err := b.engine.Due(t.Context(), b.db, b.clock.Time().AddDate(1, 0, 0), 10); err != nil || len(due) != 0 {
		t.Errorf("a cancelled process has deadlines: %+v, %v", due, err)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	b.must(err)
	if len(log) != 3 || log[0].Transition != "create" || log[2].Reason != "Fondi finiti" || log[2].Office != "promoter" || log[2].PersonID != 1 {
		t.Errorf("log %+v", log)
	}
	if page, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 1, 1); err != nil || len(page) != 1 || page[0].Seq != 2 {
		t.Errorf("page of the log %+v, %v", page, err)
	}
	if b.instance(process).Reason != "Fondi finiti" {
		t.Error("the public reason is not kept")
	}
	b.verify()
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	create := func(ref workflow.Ref, s workflow.Start) string {
		return key(b.in(func(ctx context.Context, tx bun.IDB) error {
			_, err := b.engine.Create(ctx, tx, ref, s)
			return err
		}))
	}
	if got := create(activity, workflow.Start{Definition: "survey"}); got != "workflow.instance_unknown" {
		t.Errorf("an activity without its process: %s", got)
	}
	if got := create(process, workflow.Start{Definition: "nothing"}); got != "workflow.definition_unknown" {
		t.Errorf("no such definition: %s", got)
	}
	if got := create(process, workflow.Start{Definition: "area-path", Zone: "Mars/Olympus"}); got != "workflow.zone_unknown" {
		t.Errorf("no such zone: %s", got)
	}
	if got := create(process, workflow.Start{Definition: "survey"}); !strings.HasPrefix(got, "internal") {
		t.Errorf("a process of an activity's definition: %s", got)
	}
	b.running(1)
	if got := create(activity, workflow.Start{Definition: "survey", Actor: facilitator}); got != "workflow.instance_exists" {
		t.Errorf("twice: %s", got)
	}
	b.verify()
}

func TestDefinitionIsPinnedAndImmutable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(1)
	_, err := b.db.ExecContext(t.Context(), "UPDATE workflow_definition SET source = ''")
	if err == nil {
		t.Error("a published definition was changed")
	}
	other := definition.NewLibrary()
	_, err = other.Add("x.yaml", []byte(strings.Replace(survey, "length: 20d", "length: 21d", 1)))
	b.must(err)
	if got := key(workflow.Publish(t.Context(), b.db, other, b.clock)); got != "workflow.definition_changed" {
		t.Errorf("another source under the same version: %s", got)
	}
	// A program that no longer ships the version still runs it.
	empty := workflow.NewEngine(definition.NewLibrary(), b.clock, b.facts, slog.New(slog.DiscardHandler))
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error {
		_, err := empty.Apply(ctx, tx, workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
		return err
	}))
}

// A node that starts knows what runs, whatever it ships; one definition that is
// broken or missing keeps it from nothing.
func TestLoadTakesWhatRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(1)
	for id, name := range map[int64]string{801: "broken", 802: "missing"} {
		ref := workflow.Ref{ProcessID: id}
		b.create(ref, workflow.Start{Definition: b.instance(process).Definition, Actor: facilitator})
		_, err := b.db.ExecContext(t.Context(), "UPDATE workflow_instance SET definition = ? WHERE process_id = ?", name, id)
		b.must(err)
	}
	_, err := b.db.ExecContext(t.Context(), `INSERT INTO workflow_definition (name, version, sha256, source, created_at) VALUES ('broken', 1, '', 'x', now())`)
	b.must(err)
	library := definition.NewLibrary()
	var log strings.Builder
	node := workflow.NewEngine(library, b.clock, b.facts, slog.New(slog.NewTextHandler(&log, nil)))
	b.must(b.in(func(ctx context.Context, tx bun.IDB) error { return node.Load(ctx, tx) }))
	for _, ref := range []workflow.Ref{process, activity} {
		i := b.instance(ref)
		if _, err := library.Get(i.Definition, i.Version); err != nil {
			t.Error(err)
		}
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 2 || len(library.List()) != 2 {
		t.Errorf("%d definitions loaded, %d problems: %s", len(library.List()), n, log.String())
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(1)
	c := workflow.Command{Ref: activity, Event: "open", Actor: facilitator, IdempotencyKey: "k1", ExpectRevision: 1}
	first := b.mustApply(c)
	again := b.mustApply(c)
	if first.Replayed || !again.Replayed || again.Seq != first.Seq || again.To != "open" || len(again.Effects) != 0 || len(first.Effects) != 1 {
		t.Errorf("first %+v, again %+v", first, again)
	}
	c.Event = "end"
	if _, err := b.apply(c); key(err) != "workflow.key_reused" {
		t.Errorf("another act under the key: %v", err)
	}
	log, err := b.engine.Log(t.Context(), b.db, process.ProcessID, 0, 0)
	if err != nil || len(log) != 3 {
		t.Errorf("%d rows, %v", len(log), err)
	}
	b.verify()
}

func TestExplainSaysTheSameAsApply(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(0)
	b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: workflow.System()})
	options, err := b.engine.Explain(t.Context(), b.db, activity, facilitator)
	b.must(err)
	if len(options) != 1 || !options[0].Only("answered") || options[0].Blockers[0].Fix != "invitations" {
		t.Errorf("options %+v", options)
	}
	_, err = b.apply(workflow.Command{Ref: activity, Event: "end", Actor: facilitator})
	var blocked *workflow.Blocked
	if !errors.As(err, &blocked) || !slices.Equal(codes(blocked.Blockers), codes(options[0].Blockers)) {
		t.Errorf("apply says %v", err)
	}
}
