package guard_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/workflow/guard"
)

var names = guard.Names{
	Counts: []string{"answers"}, Roles: []string{"promoter"}, Artefacts: []string{"report"}, Kinds: []string{"webinar"},
	States: []string{"open"}, Dates: []string{"call"}, Termless: func(string) string { return "" },
}

func TestFactsThatAreMissing(t *testing.T) {
	t.Parallel()
	nothing := guard.Bind(names.Roles, names.Counts, guard.Facts{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)})
	for expr, want := range map[string]bool{
		`"call" in process.dates`:                                 false,
		`"call" in process.dates && now >= process.dates["call"]`: false,
		`process.state == "open"`:                                 false,
		`process.roles.promoter == 0`:                             true,
		`counts.answers == 0`:                                     true,
		`activities.exists(a, a.over)`:                            false,
		`now >= term.min_at`:                                      true,
		`now >= term.due_at`:                                      false,
		`term.elapsed_days == 0`:                                  true,
		`artefacts.present("report")`:                             false,
		`activities.all(a, a.rates["x"] > 0.5)`:                   true,
	} {
		p, problems := guard.Compile(expr, names)
		if len(problems) > 0 {
			t.Errorf("%s: %v", expr, problems)
			continue
		}
		if got, err := p.Holds(nothing); err != nil || got != want {
			t.Errorf("%s: %v, %v", expr, got, err)
		}
	}
	one := guard.Facts{Activities: []guard.ActivityFacts{{Kind: "webinar"}}}
	p, _ := guard.Compile(`activities.exists(a, "women" in a.rates && a.rates["women"] > 0.1)`, names)
	if got, err := p.Holds(guard.Bind(names.Roles, names.Counts, one)); err != nil || got {
		t.Errorf("rates that are missing: %v, %v", got, err)
	}
}

// facts are any that a domain could give.
func facts(r *rapid.T) guard.Facts {
	at := rapid.Custom(func(r *rapid.T) time.Time { return time.Unix(rapid.Int64Range(-1<<33, 1<<34).Draw(r, "at"), 0) })
	number := rapid.Int64()
	counts := rapid.MapOf(rapid.String(), number)
	share := rapid.Float64Range(0, 1)
	activity := rapid.Custom(func(r *rapid.T) guard.ActivityFacts {
		return guard.ActivityFacts{
			ID: rapid.String().Draw(r, "id"), Kind: rapid.SampledFrom([]string{"webinar", ""}).Draw(r, "kind"), State: rapid.String().Draw(r, "state"),
			Ready: rapid.Bool().Draw(r, "ready"), Over: rapid.Bool().Draw(r, "over"), Counts: counts.Draw(r, "counts"),
			Rate: share.Draw(r, "rate"), Rates: rapid.MapOf(rapid.String(), share).Draw(r, "rates"),
		}
	})
	return guard.Facts{
		Process: guard.ProcessFacts{
			State: rapid.String().Draw(r, "state"), Published: rapid.Bool().Draw(r, "published"), Population: guard.Population{Units: number.Draw(r, "units")},
			Roles: counts.Draw(r, "roles"), Dates: rapid.MapOf(rapid.SampledFrom([]string{"call", "other"}), at).Draw(r, "dates"),
		},
		Activities: rapid.SliceOfN(activity, 0, 5).Draw(r, "activities"),
		Artefacts:  guard.Artefacts{Present: rapid.SliceOf(rapid.String()).Draw(r, "present")},
		Counts:     counts.Draw(r, "counts"), Now: at.Draw(r, "now"),
		Term: guard.TermFacts{EnteredAt: at.Draw(r, "entered"), MinAt: at.Draw(r, "min"), ElapsedDays: number.Draw(r, "elapsed"), LeftDays: number.Draw(r, "left")},
	}
}

// holds compiles an expression and asks it of any facts: it gives an answer or
// an error, and twice the same.
func holds(r *rapid.T, expr string) {
	p, problems := guard.Compile(expr, names)
	if len(problems) > 0 {
		return
	}
	bound := guard.Bind(names.Roles, names.Counts, facts(r))
	one, err := p.Holds(bound)
	again, errAgain := p.Holds(bound)
	if one != again || (err == nil) != (errAgain == nil) {
		r.Fatalf("%s: %v, %v and then %v, %v", expr, one, err, again, errAgain)
	}
}

var expressions = []string{
	`"call" in process.dates && now >= process.dates["call"]`,
	`activities.exists(a, a.kind == "webinar" && a.rate >= 0.2 && a.ready)`,
	`activities.filter(a, a.over).size() >= counts.answers`,
	`term.elapsed_days + term.left_days > 30 || now < term.min_at`,
	`process.population.units / counts.answers > 3`,
	`artefacts.published("report") || process.state.startsWith("o")`,
}

func TestHoldsOfAnyFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) { holds(r, rapid.SampledFrom(expressions).Draw(r, "expression")) })
}

func FuzzHolds(f *testing.F) {
	check := rapid.MakeFuzz(func(r *rapid.T) { holds(r, rapid.SampledFrom(expressions).Draw(r, "expression")) })
	for _, seed := range expressions {
		f.Add(seed, []byte("0123456789abcdef0123456789abcdef"))
	}
	f.Fuzz(func(t *testing.T, expr string, entropy []byte) {
		check(t, entropy)
		p, problems := guard.Compile(expr, names)
		if len(problems) > 0 {
			return
		}
		_, _ = p.Holds(guard.Bind(names.Roles, names.Counts, guard.Facts{})) // an error is an answer, a panic is none
	})
}
