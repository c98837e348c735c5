package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/memory"
	"arengo/workflow/rehearse/scenario"
	"arengo/workflow/rehearse/words"
)

// rehearsal is one play: the engine with its stage, what the process has by now,
// and what happened so far.
type rehearsal struct {
	Config
	rows    *rows
	clock   *memory.Clock
	engine  *workflow.Engine
	conduct *conduct.Conduct
	errors  *errorLog
	def     *definition.Compiled // in its zone
	cal     civil.Calendar
	words   words.In
	kinds   map[string]Kind
	random  *rand.Rand
	voice   Voice

	has        guard.Facts // what the process has: publication, people, dates, documents
	activities []*activity
	crowd      *crowd
	staff      staff
	holds      []scenario.Hold
	extended   map[int]bool // extensions of the scenario that were asked for
	noted      map[string]bool

	told    []telling // by the transaction that is under way
	report  *Report
	tooLong bool                  // it was still going on after the longest time
	present workflow.Instance     // the process as it stood last
	logged  int64                 // the last entry of the log that was read
	found   map[workflow.Ref]memo // what was searched for last
	changes int                   // counts whatever happened, to see that nothing does any more
}

// process is the one that is rehearsed.
var (
	process   = workflow.Ref{ProcessID: 1}
	ofProcess = workflow.DeadlineRef{ProcessID: process.ProcessID}
)

func newRehearsal(c Config) (*rehearsal, error) {
	def, err := workflow.Localize(c.Definition, c.Setup.Zone, c.Setup.Closed)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{
		Config: c, def: def, cal: def.Civil(), words: words.In(c.Lang), kinds: map[string]Kind{},
		random: rand.New(rand.NewPCG(c.Scenario.Seed, 0x9e3779b97f4a7c15)), voice: c.Voice,
		rows: newRows(), errors: &errorLog{}, holds: c.Scenario.Holds, extended: map[int]bool{}, noted: map[string]bool{}, found: map[workflow.Ref]memo{},
	}
	library := definition.NewLibrary()
	if _, err := library.Keep(c.Definition); err != nil {
		return nil, err
	}
	for _, k := range c.Kinds {
		if _, err := library.Keep(k.Definition); err != nil {
			return nil, fmt.Errorf("rehearse: kind %s: %w", k.Definition.Name, err)
		}
		r.kinds[k.Definition.Name] = k
	}
	log := slog.New(r.errors)
	r.clock = memory.NewClock(c.Start.At(8, 0, r.def.Location))
	r.engine = workflow.NewEngine(library, r.clock, r, log).On(r.rows)
	r.conduct = conduct.New(r.engine, r, r.clock, log)
	r.furnish()
	return r, nil
}

// furnish takes over what the process has already.
func (r *rehearsal) furnish() {
	s := r.Setup
	r.has.Process.Published, r.has.Process.Population.Units = s.Published, s.Population
	r.has.Process.Roles = map[string]int64{"promoter": 1}
	for role, n := range s.Roles {
		r.has.Process.Roles[role] = max(int64(n), r.has.Process.Roles[role])
	}
	r.has.Process.Dates = map[string]time.Time{}
	for _, dates := range []map[string]civil.Date{s.Dates, r.Scenario.Dates} {
		for code, d := range dates {
			r.has.Process.Dates[code] = d.Start(r.def.Location)
		}
	}
	r.has.Artefacts.Present, r.has.Artefacts.Published = slices.Clone(s.Present), slices.Clone(s.Public)
	r.report = &Report{
		Definition: r.def.Name, Version: r.def.Version, Title: cmp.Or(s.Title, r.def.Title.In(r.Lang)), Zone: r.def.Location.String(),
		Start: r.Start.String(), Seed: r.Scenario.Seed, Assumed: append([]string{}, s.Assumed...), Errors: []string{},
	}
	if len(r.Strata) == 0 {
		r.Strata = []scenario.Stratum{{Name: r.words.Tell("everybody"), People: 200}}
		r.assume("assumed-people", "n", "200")
	}
	r.Strata = slices.Clone(r.Strata)
	for i := range r.Strata {
		r.Strata[i].Rate = r.rateOf(r.Strata[i])
	}
	r.report.Strata = r.Strata
	r.crowd = newCrowd(r)
	r.report.People = r.crowd.people
	r.assumeDates()
	r.planActivities()
}

// rateOf is the share of a stratum that answers: the scenario's word comes first.
func (r *rehearsal) rateOf(s scenario.Stratum) float64 {
	if v, ok := r.Scenario.Rates[s.Name]; ok {
		return v
	}
	return cmp.Or(r.Scenario.Rate, s.Rate, scenario.UsualRate)
}

func (r *rehearsal) assume(what string, args ...string) {
	r.report.Assumed = append(r.report.Assumed, r.words.Tell(what, args...))
}

// Facts are those of a process in the play, as its guards see them.
func (r *rehearsal) Facts(_ context.Context, _ bun.IDB, ref workflow.Ref, _ guard.Needs, now time.Time) (guard.Facts, error) {
	f := copyFacts(r.has)
	f.Now = now
	inst, err := r.engine.Instance(context.Background(), nil, process)
	if err == nil { // not yet when it is made
		f.Process.State = inst.State
	}
	f.Anchors = map[string][]time.Time{}
	for _, a := range r.activities {
		if !a.made() {
			continue
		}
		f.Activities = append(f.Activities, r.activityFacts(a))
		if end := r.endOf(a); ref.ActivityID == 0 && !end.IsZero() {
			key := definition.AnchorActivity + ":" + a.kind
			f.Anchors[key] = append(f.Anchors[key], end)
		}
		if a.ref == ref {
			f.Counts = maps.Clone(a.counts)
			for _, m := range a.meetings {
				f.Anchors[definition.AnchorMeeting] = append(f.Anchors[definition.AnchorMeeting], m.Start)
				f.Anchors[definition.AnchorMeetingEnd] = append(f.Anchors[definition.AnchorMeetingEnd], m.End)
			}
		}
	}
	return f, nil
}

func (r *rehearsal) activityFacts(a *activity) guard.ActivityFacts {
	return r.inState(a, a.state)
}

// inState are the facts of an activity as they are in one of its states.
func (r *rehearsal) inState(a *activity, state string) guard.ActivityFacts {
	def := r.kinds[a.kind].Definition
	final := def.Final(state)
	f := guard.ActivityFacts{
		ID: strconv.FormatInt(a.ref.ActivityID, 10), Kind: a.kind, State: state, Phase: a.phase,
		Ready: state != def.Initial && !final, Open: r.open(def, state), Over: final && !def.CalledOff(state),
		Counts: maps.Clone(a.counts), Rate: share(a.counts["answered"], a.counts["invited"]),
	}
	if len(a.byStratum) > 0 {
		f.Rates = map[string]float64{}
		for i, n := range a.byStratum {
			f.Rates[r.Strata[i].Name] = share(n.answered, n.invited)
		}
	}
	return f
}

func (r *rehearsal) open(def *definition.Compiled, state string) bool {
	return slices.ContainsFunc(definition.Doors, func(door string) bool { return def.Allows(state, door) })
}

// share is to four decimals, as in production.
func share(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return math.Round(float64(part)/float64(whole)*10_000) / 10_000
}

func copyFacts(f guard.Facts) guard.Facts {
	f.Process.Roles, f.Process.Dates = maps.Clone(f.Process.Roles), maps.Clone(f.Process.Dates)
	f.Artefacts.Present, f.Artefacts.Published = slices.Clone(f.Artefacts.Present), slices.Clone(f.Artefacts.Published)
	f.Activities, f.Counts = slices.Clone(f.Activities), maps.Clone(f.Counts)
	return f
}

// Activities lists those that were made, in the order of their making.
func (r *rehearsal) Activities(context.Context, bun.IDB, int64) ([]conduct.Activity, error) {
	var out []conduct.Activity
	for _, a := range r.activities {
		if a.made() {
			out = append(out, conduct.Activity{Ref: a.ref, Kind: a.kind})
		}
	}
	slices.SortFunc(out, func(a, b conduct.Activity) int { return cmp.Compare(a.ActivityID, b.ActivityID) })
	return out, nil
}
