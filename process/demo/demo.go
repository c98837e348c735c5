// Package demo loads the demonstration: it lives a process through, from its
// making to today, by the use cases that people would use, on a clock of its
// own. What a person cannot do, such as having been delivered a letter two
// weeks ago, is written by its store.
//
// It is for first looks and tests. Beside real processes it leaves these
// alone, yet a worker that runs meanwhile may deliver some of the
// demonstration's letters, all to addresses under example.org.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"arengo/fixtures"
	"arengo/notify"
	"arengo/notify/channel"
	"arengo/process"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/roster"
	"arengo/workflow"
)

// Config is what loading works with. Domain is the configuration of the
// service, whose clock tells what today is; Name is that of fixtures/demo. Channels
// are those of Domain.Ways, but for mail, that nothing leaves the machine by: what
// goes there is really handed over.
type Config struct {
	Domain   process.Config
	Name     string
	Channels []channel.Channel
	Log      *slog.Logger
}

// Load loads a demonstration; a second time changes nothing, and a load that
// was interrupted is taken up. It is not for two programs at once.
func Load(ctx context.Context, c Config) error {
	data, err := fixtures.LoadDemo(c.Name)
	if err != nil {
		return err
	}
	l, err := newLoader(ctx, c, data)
	if err != nil {
		return err
	}
	if done, err := l.done(ctx); done || err != nil {
		return err
	}
	l.resumed = l.process.ID != 0
	c.Log.InfoContext(ctx, "loading the demonstration", "name", c.Name, "resumed", l.resumed)
	if err := l.load(ctx); err != nil {
		return fmt.Errorf("load demonstration %s: %w", c.Name, err)
	}
	return nil
}

// loader holds the demonstration and what became of it so far.
type loader struct {
	data     *fixtures.Demo
	log      *slog.Logger
	clock    *clock
	today    time.Time // the real time of loading
	zone     *time.Location
	core     *process.Service
	roster   *roster.Service
	meetings *meeting.Service
	papers   *document.Service
	drainer  *notify.Drainer // nil without channels

	process process.Process
	people  map[string]process.Actor // by key
	orgs    map[string]process.OrganisationID
	places  map[fixtures.TerritoryRef]process.TerritoryID
	crowd   []process.PersonID // the contacts, in the order of the file
	resumed bool               // an earlier load was interrupted
	steps   []step
}

// step is something that happened at a time.
type step struct {
	at   time.Time
	name string
	do   func(ctx context.Context) error
}

func newLoader(ctx context.Context, c Config, data *fixtures.Demo) (*loader, error) {
	zone, err := time.LoadLocation(data.Process.Timezone)
	if err != nil {
		return nil, err
	}
	l := &loader{data: data, log: c.Log, zone: zone, clock: &clock{}}
	if l.today, err = c.Domain.Clock.Now(ctx, c.Domain.DB); err != nil {
		return nil, err
	}
	l.clock.set(l.today)
	c.Domain.Clock, c.Domain.Waker = l.clock, nil
	l.core = process.New(c.Domain)
	l.roster, l.meetings, l.papers = roster.New(l.core), meeting.New(l.core), document.New(l.core)
	if len(c.Channels) == 0 {
		return l, nil
	}
	l.drainer, err = notify.NewDrainer(notify.DrainerConfig{
		DB: c.Domain.DB, Outbox: l.core.Outbox(), Clock: l.clock, Channels: c.Channels, Workers: 1, Log: c.Log,
	})
	return l, err
}

// done reports whether the demonstration is whole: its partners are named as the
// last act, since nothing waits for them.
func (l *loader) done(ctx context.Context) (bool, error) {
	if err := l.find(ctx); err != nil || l.process.ID == 0 {
		return false, err
	}
	list, err := l.core.Partners(ctx, l.process.ID)
	return len(list) > 0, err
}

// find looks for the process of an earlier load.
func (l *loader) find(ctx context.Context) error {
	gate, err := l.core.Enter(ctx, l.data.Process.Slug, process.Actor{Administrator: true, Person: -1}, process.ActProcessPreview)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	l.process = gate.Process
	return err
}

func (l *loader) load(ctx context.Context) error {
	for _, begin := range []func(context.Context) error{l.loadPlaces, l.loadPeople, l.loadProcess, l.loadCrowd} {
		if err := begin(ctx); err != nil {
			return err
		}
	}
	if err := l.planActivities(ctx); err != nil {
		return err
	}
	l.planPapers()
	l.planHistory()
	slices.SortStableFunc(l.steps, func(a, b step) int { return a.at.Compare(b.at) })
	for _, s := range l.steps {
		if err := l.live(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if err := l.advance(ctx, l.today); err != nil {
		return err
	}
	if err := leaf(ctx, l.core.DB(), l.process.ID); err != nil {
		return err
	}
	return l.core.SetPartners(ctx, l.process.ID, l.promoter(), l.partners())
}

// plan adds a step, once the contacts are there. What would happen after today
// has not happened.
func (l *loader) plan(at time.Time, name string, do func(context.Context) error) {
	if at.After(l.today) {
		return
	}
	if begun := l.imported(); at.Before(begun) {
		at = begun
	}
	l.steps = append(l.steps, step{at, name, do})
}

// live lets time come to a step, and does it. A transition that guards stop is
// reported and left: the demonstration then stands a little earlier.
func (l *loader) live(ctx context.Context, s step) error {
	if err := l.advance(ctx, s.at); err != nil {
		return err
	}
	err := s.do(ctx)
	var blocked *workflow.Blocked
	if errors.As(err, &blocked) {
		l.log.WarnContext(ctx, "demonstration: a step was not possible", "step", s.name, "error", err)
		return nil
	}
	if l.resumed && (fault.Is(err, fault.Closed) || fault.Is(err, fault.Conflict)) {
		return nil // done before the interruption: steps are in order of time
	}
	if err != nil {
		return err
	}
	return l.deliver(ctx)
}

// advance moves the clock from deadline to deadline, each fired at its time.
func (l *loader) advance(ctx context.Context, to time.Time) error {
	for {
		soon, err := l.core.Engine().Soon(ctx, l.core.DB(), l.clock.time(), to, 1)
		if err != nil {
			return err
		}
		if len(soon) == 0 {
			l.clock.set(to)
			return nil
		}
		l.clock.set(soon[0].DueAt)
		if _, err := l.core.Sweep(ctx); err != nil {
			return err
		}
		if err := l.deliver(ctx); err != nil {
			return err
		}
		l.clock.set(soon[0].DueAt.Add(time.Microsecond)) // past one that failed
	}
}

// deliver expands what is due, writes down that the letters arrived, and hands over
// what goes elsewhere.
func (l *loader) deliver(ctx context.Context) error {
	now := l.clock.time()
	if _, _, err := l.core.Outbox().Expand(ctx, l.core.DB(), now, 100); err != nil {
		return err
	}
	if err := settle(ctx, l.core.DB(), l.process.ID, now); err != nil || l.drainer == nil {
		return err
	}
	_, err := l.drainer.Drain(ctx)
	return err
}

// at is a moment of the file.
func (l *loader) at(w fixtures.When) time.Time { return w.Instant(l.today, l.zone) }

// imported is when the contacts were loaded, two days after the start.
func (l *loader) imported() time.Time { return l.onDay(l.data.Starts.Day+2, 10, 0) }

// onDay is an hour of a day counted from today.
func (l *loader) onDay(day, hour, minute int) time.Time {
	return l.at(fixtures.When{Day: day, At: fixtures.WallTime(hour*60 + minute)})
}
