package guard

import "time"

var (
	never  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	always = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Bind gives the facts the names that guards know them by. Each of the roles
// and of the counts that the definition declares is there: nobody counted is
// zero.
func Bind(roles, counts []string, f Facts) map[string]any {
	activities := make([]ActivityFacts, len(f.Activities))
	for i, a := range f.Activities {
		a.Counts = zeroFilled(counts, a.Counts)
		activities[i] = a
	}
	process := f.Process
	process.Roles = zeroFilled(roles, process.Roles)
	term := f.Term
	term.EnteredAt, term.MinAt = orTime(term.EnteredAt, always), orTime(term.MinAt, always)
	term.DueAt, term.MaxAt = orTime(term.DueAt, never), orTime(term.MaxAt, never)
	return map[string]any{
		"process": process, "activities": activities, "artefacts": f.Artefacts,
		"counts": zeroFilled(counts, f.Counts), "term": term, "now": f.Now,
	}
}

func zeroFilled(names []string, counts map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(names))
	for _, name := range names {
		out[name] = counts[name]
	}
	return out
}

func orTime(t, unset time.Time) time.Time {
	if t.IsZero() {
		return unset
	}
	return t
}
