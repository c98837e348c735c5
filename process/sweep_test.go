package process_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/fault"
	"arengo/process/message"
	"arengo/process/webinar"
	"arengo/workflow"
	"arengo/workflow/civil"
)

// poison is a kind whose counts cannot be taken in one process.
type poison struct {
	webinar.Kind

	in *process.ID
}

func (k poison) Counts(ctx context.Context, db bun.IDB, p process.ID, ids []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	if p == *k.in {
		panic("no counts today")
	}
	return k.Kind.Counts(ctx, db, p, ids)
}

var failure = regexp.MustCompile(`msg="deadline failed" process_id=1 deadline_id=\d+ error="panic: no counts today`)

// logged makes the service anew, with a poisoned kind and a log to read.
func (b *bundle) logged() (bad *process.ID, log *bytes.Buffer) {
	bad, log = new(process.ID), new(bytes.Buffer)
	b.Service = process.New(process.Config{
		DB: b.DB(), Definitions: b.Definitions(), Clock: b.clock, Kinds: process.NewKinds(poison{in: bad}, assembly.Kind{}),
		Links: links(b.t, newSecret), BaseURL: "https://arengo.example.org", Source: message.New, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	return bad, log
}

// One deadline that panics stops neither the one behind it nor the sweep, and
// is one line of the log a pass.
func TestPoisonedDeadlineStopsNoOther(t *testing.T) {
	t.Parallel()
	b, first := chain(t, "promoter, system")
	bad, log := b.logged()
	p, err := b.Create(t.Context(), b.promoter, process.NewProcess{
		Template: "chained", Title: "Altro", OrganisationID: b.org, StartsOn: civil.Date{Year: 2026, Month: time.March, Day: 2},
	})
	b.must(err)
	second, err := b.CreateActivity(t.Context(), p.ID, b.promoter, process.NewActivity{Kind: "webinar", Title: "Domande", Phase: "talk"})
	b.must(err)
	for _, a := range []process.Activity{first, second} {
		b.launch(a)
		b.schedule(a)
		_, err := b.Advance(t.Context(), a.ProcessID, b.promoter, process.Move{Activity: a.ID, Transition: "open"})
		b.must(err)
	}
	b.clock.Set(time.Date(2026, time.March, 13, 8, 0, 0, 0, time.UTC))
	*bad = first.ProcessID
	for pass := range 2 {
		_, err = b.Sweep(t.Context())
		b.must(err)
		b.clock.Set(b.clock.Time().Add(time.Minute)) // what failed rests
		lines := map[string]int{}
		for _, line := range failure.FindAllString(log.String(), -1) {
			lines[line]++
		}
		// The end of the meeting; that of the phase does without it.
		for line, n := range lines {
			if n != pass+1 {
				t.Errorf("%d times after %d sweeps: %s", n, pass+1, line)
			}
		}
		if len(lines) != 1 {
			t.Errorf("%d deadlines failed: %v", len(lines), lines)
		}
	}
	if one, two := b.state(first), b.state(second); one != "open" || two != "held" {
		t.Errorf("states %s and %s", one, two)
	}
	*bad = 0
	_, err = b.Sweep(t.Context())
	b.must(err)
	if s := b.state(first); s != "held" {
		t.Errorf("once it can be counted it is %s", s)
	}
}

// A deadline that fails each time is set aside: people are told once, it is left
// alone for an hour, and those who may can have it tried again at once.
func TestPoisonedDeadlineIsSetAside(t *testing.T) {
	t.Parallel()
	b, a := chain(t, "promoter, system")
	bad, log := b.logged()
	b.launch(a)
	b.schedule(a)
	_, err := b.Advance(t.Context(), a.ProcessID, b.promoter, process.Move{Activity: a.ID, Transition: "open"})
	b.must(err)
	b.clock.Set(time.Date(2026, time.March, 13, 8, 0, 0, 0, time.UTC))
	*bad = a.ProcessID
	aside := func() []workflow.Deadline {
		t.Helper()
		list, err := b.Engine().Aside(t.Context(), b.DB(), int64(a.ProcessID))
		b.must(err)
		return list
	}
	for failures := 0; len(aside()) == 0; failures++ {
		if failures > 40 {
			t.Fatal("it is not set aside in ten minutes")
		}
		_, err := b.Sweep(t.Context())
		b.must(err)
		b.clock.Set(b.clock.Time().Add(15 * time.Second))
	}
	list := aside()
	if len(list) != 1 || list[0].ActivityID != int64(a.ID) || !strings.HasPrefix(list[0].Failure, "panic: no counts today") {
		t.Fatalf("%+v", list)
	}
	var n int
	b.must(b.DB().NewRaw(`SELECT count(*) FROM notice WHERE kind = 'deadline-failed' AND audience = 'promoter,administrator'`).Scan(t.Context(), &n))
	if n != 1 || strings.Count(log.String(), "deadline set aside") != 1 {
		t.Errorf("%d notices, log:\n%s", n, log)
	}
	// The queue asks for it as well; nothing is tried.
	log.Reset()
	res, err := b.FireDeadline(t.Context(), list[0].DeadlineRef)
	if err != nil || !res.Resting || log.Len() > 0 {
		t.Errorf("%+v, %v: %s", res, err, log)
	}
	retry := func(who process.Actor) error {
		return b.RetryDeadline(t.Context(), a.ProcessID, who, list[0].ID)
	}
	if err := retry(process.Actor{}); !fault.Is(err, fault.Unauthenticated) {
		t.Error(err)
	}
	if e, ok := fault.As(retry(b.promoter)); !ok || e.Key != "workflow.deadline_fails" {
		t.Error(e)
	}
	*bad = 0
	b.must(retry(b.promoter))
	if s := b.state(a); s != "held" || len(aside()) != 0 {
		t.Errorf("it is %s, %d are aside", s, len(aside()))
	}
	b.must(retry(b.promoter)) // somebody was faster
}

// A consequence that stays blocked is told once, not at every sweep.
func TestStuckConsequenceIsLoggedOnce(t *testing.T) {
	t.Parallel()
	b, a := chain(t, "system")
	_, log := b.logged()
	b.launch(a)
	for range 3 {
		_, err := b.Sweep(t.Context())
		b.must(err)
	}
	if got := strings.Count(log.String(), "consequence blocked"); got != 1 {
		t.Errorf("%d lines:\n%s", got, log)
	}
}
