// Package rehearse plays a process through before it begins: the engine and the
// conduct of production, on a clock that jumps and in memory, with participants
// who answer by a seeded model and staff who do what the guards ask for. What it
// assumes, and what it cannot know, stands in docs/rehearsal.md.
//
//	report, err := rehearse.Run(ctx, rehearse.Config{Definition: def, Kinds: kinds, Start: day, Voice: voice})
//
// It knows no domain: definitions, the sizes of audiences and the words of
// messages come in as parameters. The same Config gives the same Report.
package rehearse

import (
	"context"
	"fmt"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
	"arengo/workflow/rehearse/scenario"
)

// Everyone is Kind.Invited for a kind that asks the whole population.
const Everyone = -1

// Config is all that a rehearsal depends on.
type Config struct {
	Definition *definition.Compiled
	Kinds      []Kind
	Start      civil.Date
	Lang       string // of every text: "it" or "en"
	Strata     []scenario.Stratum
	Scenario   scenario.Scenario
	Setup      Setup
	Voice      Voice // nil: messages without subjects
}

// Kind is a kind of activity with what the model supposes of it.
type Kind struct {
	Definition *definition.Compiled
	Title      string  // of one, in Config.Lang
	Invited    int     // people invited by name to each, or Everyone
	Registered int     // people who register by themselves for each, at most
	Rate       float64 // answered among invited, 0: that of the stratum
}

// Setup is what a process that is being set up has already; all of it may be
// empty. Names are the definition's.
type Setup struct {
	Title        string // of the process; that of the definition when empty
	Zone, Closed string // see workflow.Start
	Organisation string
	Published    bool
	Population   int64          // of reference, 0 while nobody defined it
	Roles        map[string]int // people by role
	Dates        map[string]civil.Date
	Present      []string       // artefacts that are there
	Public       []string       // artefacts that are published
	Terms        map[string]int // days by state; a scenario's come before them
	Ends         map[string]time.Time
	Activities   []Activity
	Assumed      []string // what the caller supposed, for the report
}

// Activity is one that is there already. It is played from its first state,
// with its own meetings and end where they are known.
type Activity struct {
	Kind, Phase, Title string
	Meetings           []Meeting
	End                time.Time
}

// Meeting is one appointment of an activity.
type Meeting struct{ Start, End time.Time }

// Telling is one notice as a Voice needs it.
type Telling struct {
	Kind       string // of the notice
	Lang       string
	Process    string // title
	Promoter   string
	Phase      string // title of the state that the instance is in
	Activity   string // title, "" for the process's own
	Action     string // what those responsible do next
	Reason     string
	Due        time.Time
	Meeting    Meeting
	Dates      map[string]time.Time // of the call, by code, zero while one is not known
	Notice     *definition.Notice   // of the definition's own, nil for a declared one
	Zone       *time.Location
	ActivityOf string // kind of the activity
}

// Words are what a message says outside, and how long it is worth sending.
type Words struct {
	Subject string
	Keeps   time.Duration // 0: for ever
}

// Voice renders messages with the templates of production.
type Voice interface {
	Write(t Telling) (Words, error)
}

// Run rehearses a process until it ends, nothing more can happen, or ten years
// are over. What goes wrong inside is in the Report; the error is a Config that
// cannot be rehearsed, or the context's.
func Run(ctx context.Context, c Config) (*Report, error) {
	if c.Definition == nil || c.Definition.Level != definition.LevelProcess {
		return nil, fmt.Errorf("rehearse: only a process can be rehearsed")
	}
	r, err := newRehearsal(c)
	if err != nil {
		return nil, err
	}
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	if err := r.play(ctx); err != nil {
		return nil, err
	}
	return r.conclude(ctx)
}

// lookAtDates warns, before anything is played, of dates of the call that do not follow
// each other as they must, or as nearly everybody means them, and of phases that would
// end before they begin.
func (r *rehearsal) lookAtDates() {
	for _, x := range r.def.Untimely(r.has.Process.Dates) {
		r.coupled(Severe, "dates-order", x)
	}
	for _, x := range r.def.Skipping(r.has.Process.Dates) {
		r.coupled(Look, "dates-later", definition.Untimely{Date: x.Date, After: x.After}, "first", r.words.Day(x.First))
	}
	for _, c := range outlook.Early(r.def, r.plan(), r.has.Process.Dates) {
		s, _ := r.def.State(c.State)
		w := Warning{
			Code: "no-days", Level: Severe, At: c.First.Start(r.def.Location), State: c.State, Fix: "deadline", Do: r.words.Tell("no-days-do"),
			Text: r.words.Tell("no-days", "state", s.Title.In(r.Lang), "first", r.words.Day(c.First), "day", r.words.Day(c.Day), "law", r.lawOf(s)),
		}
		if c.Code == "" {
			w.Line = s.Line
		}
		r.once(w, c.State)
	}
}

// coupled warns of a date of the call and of the one that it must come after.
func (r *rehearsal) coupled(level Level, code string, x definition.Untimely, args ...string) {
	at := r.has.Process.Dates[x.Date.Code]
	args = append(args, "date", x.Date.Title.In(r.Lang), "day", r.words.Day(r.date(at)),
		"after", x.After.Title.In(r.Lang), "before", r.words.Day(r.date(r.has.Process.Dates[x.After.Code])))
	r.once(Warning{Code: code, Level: level, At: at, Fix: "deadline", Do: r.words.Tell(code + "-do"), Text: r.words.Tell(code, args...)}, x.Date.Code)
}
