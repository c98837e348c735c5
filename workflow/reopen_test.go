package workflow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process/fault"
	"arengo/workflow"
)

func (b *bench) reopen(c workflow.Command) (workflow.Result, error) {
	c.Ref, c.Event, c.Actor, c.Reason = activity, "go-on", facilitator, "Sono arrivate altre risposte"
	return b.apply(c)
}

// ended is a survey that was opened, answered and closed by its deadlines.
func ended(t *testing.T) *bench {
	t.Helper()
	b := newBench(t)
	b.running(1)
	b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
	for range 3 { // the end, the grace, and what hangs on them
		b.clock.Set(b.clock.Time().AddDate(0, 0, 20))
		b.sweep()
	}
	if got := b.instance(activity).State; got != "closed" {
		t.Fatalf("state %s", got)
	}
	return b
}

// What had ended goes on under a new term: those chosen are told, and nobody is
// told once more what they had been told on entering.
func TestReopening(t *testing.T) {
	t.Parallel()
	b := ended(t)
	end := b.clock.Time().AddDate(0, 0, 7)
	r, err := b.reopen(workflow.Command{Tell: []string{"silent"}, End: end})
	b.must(err)
	if got := notices(r.Effects); !slices.Equal(got, []string{"notice:reopened>silent"}) {
		t.Errorf("effects %v", got)
	}
	i := b.instance(activity)
	if i.State != "open" || !i.DueAt.Equal(end) || !i.FirstDueAt.Equal(end) || !i.MaxAt.After(end) {
		t.Errorf("%+v", i)
	}
	if d := b.deadline(activity, i.Entry, "end"); !d.DueAt.Equal(end) || d.Action != "event" {
		t.Errorf("%+v", d)
	}
	if _, err := b.reopen(workflow.Command{}); err == nil {
		t.Error("what is open was reopened")
	}
}

func TestReopeningRefuses(t *testing.T) {
	t.Parallel()
	b := ended(t)
	now := b.clock.Time()
	for name, c := range map[string]struct {
		say   workflow.Command
		key   string
		field string
	}{
		"a stranger":  {workflow.Command{Tell: []string{"silent", "invited"}}, "workflow.tell_unknown", "tell"},
		"the past":    {workflow.Command{End: now.Add(-time.Hour)}, "workflow.extend_past", "end"},
		"too late":    {workflow.Command{End: now.AddDate(0, 0, 61)}, "workflow.extend_beyond_max", "end"},
		"a slip":      {workflow.Command{End: now.AddDate(10, 0, 1)}, "workflow.too_far", "end"},
		"below min":   {workflow.Command{End: now.AddDate(0, 0, 2)}, "workflow.shorten_below_min", "end"},
		"out of date": {workflow.Command{ExpectRevision: 99}, "workflow.stale", ""},
	} {
		_, err := b.reopen(c.say)
		if e, ok := fault.As(err); !ok || e.Key != c.key || e.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := b.instance(activity).State; got != "closed" {
		t.Errorf("state %s", got)
	}
	r, err := b.reopen(workflow.Command{}) // nobody is told, and the term is the usual one
	b.must(err)
	if len(notices(r.Effects)) != 0 || !b.instance(activity).DueAt.After(now.AddDate(0, 0, 19)) {
		t.Errorf("%v until %v", notices(r.Effects), b.instance(activity).DueAt)
	}
}

// What a reopening sets is known before, with the end that was chosen; looking
// changes nothing, and refuses what the act refuses.
func TestReopeningIsPreviewed(t *testing.T) {
	t.Parallel()
	b := ended(t)
	end := b.clock.Time().AddDate(0, 0, 12)
	ask := workflow.Command{Ref: activity, Event: "go-on", Actor: facilitator, Reason: "Altre risposte", End: end}
	before := b.instance(activity)
	look, err := b.engine.PreviewApply(t.Context(), b.db, ask)
	b.must(err)
	if !look.Ends.Equal(end) || len(look.Dates) != 4 || look.To.Name != "open" {
		t.Errorf("%+v", look)
	}
	if got := b.instance(activity); got != before {
		t.Errorf("looking changed %+v", got)
	}
	ask.End = b.clock.Time().AddDate(0, 0, 61)
	if _, err := b.engine.PreviewApply(t.Context(), b.db, ask); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	ask.End = end
	b.mustApply(ask)
}

// An option says which dates it drops, and which it arms; what rests falls away
// too.
func TestOptionsSayTheirDates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.running(1)
	b.mustApply(workflow.Command{Ref: activity, Event: "open", Actor: facilitator})
	look := func() string {
		options, err := b.engine.Explain(t.Context(), b.db, activity, facilitator)
		b.must(err)
		var out []string
		for _, d := range options[0].Dates {
			sign := "+"
			if d.New.IsZero() {
				sign = "-"
			}
			out = append(out, sign+d.Name)
		}
		return strings.Join(out, " ")
	}
	const want = "-reminder.10d -last-days.2d -end -escalation +end"
	if got := look(); got != want {
		t.Errorf("%q", got)
	}
	_, err := b.engine.Suspend(t.Context(), b.db, activity, workflow.Pause{Reason: "Neve", Actor: facilitator})
	b.must(err)
	if got := look(); got != want {
		t.Errorf("suspended: %q", got)
	}
}
