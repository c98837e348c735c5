package workflow_test

import (
	"slices"
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
