package rehearse

import (
	"context"
	"fmt"
	"slices"

	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
)

// step is something that a person can do towards a transition. may are the roles
// that the product lets do it, see process.Allow; one that waits is under way already.
type step struct {
	what, fix, who string
	may            []string
	activity       *activity
	waits          bool
	do             func(ctx context.Context) error
}

// candidate is a step that might be what a guard asks for: what the facts would
// be after it.
type candidate struct {
	group string
	after func(f *guard.Facts)
	step  step
}

// needs works out of the guards of a transition what people must do for it:
// steps, in the order of the guards; waits says that some of it only takes time.
// hopeless are the guards that nothing the model knows of removes.
func (r *rehearsal) needs(ref workflow.Ref, t definition.Transition) (steps []step, waits bool, hopeless []definition.Guard, err error) {
	def, inst := r.definitionOf(ref), r.instance(ref)
	f, err := r.Facts(context.Background(), nil, ref, guard.Everything, r.clock.Time())
	if err != nil {
		return nil, false, nil, err
	}
	f.Term = workflow.TermFacts(inst, f.Now, r.def.Location)
	unmet := def.Unmet(t, f)
	if len(unmet) == 0 {
		return nil, false, nil, nil
	}
	r.faults(inst, unmet)
	key := r.state(ref, inst, unmet)
	if m, ok := r.found[ref]; ok && m.key == key {
		return m.steps, m.waits, m.hopeless, nil // nothing changed since it was asked
	}
	defer func() { r.found[ref] = memo{key, steps, waits, hopeless} }()
	s := &search{r: r, def: def, t: t, inst: inst, facts: f, all: r.candidates(ref, def)}
	for _, g := range unmet {
		found, patient := s.remove(g.Guard)
		waits = waits || patient
		if found == nil && !patient {
			hopeless = append(hopeless, g.Guard)
		}
		for _, c := range found {
			c.after(&s.facts)
			if c.step.waits {
				waits = true
				continue
			}
			steps = append(steps, r.named(c.step, def, inst.State, g.Guard, t, s.facts))
		}
	}
	return steps, waits, hopeless, nil
}

// memo is what a search found, and what it depended on.
type memo struct {
	key      string
	steps    []step
	waits    bool
	hopeless []definition.Guard
}

// state is what the outcome of a search depends on: whatever happened so far, and
// which guards do not hold.
func (r *rehearsal) state(ref workflow.Ref, inst workflow.Instance, unmet []definition.Unmet) string {
	key := fmt.Sprint(r.changes, inst.Entry, ref)
	for _, g := range unmet {
		key += " " + g.Code
	}
	return key
}

// named gives a step the words of the guard that asks for it.
func (r *rehearsal) named(s step, def *definition.Compiled, state string, g definition.Guard, t definition.Transition, f guard.Facts) step {
	if s.what == "" {
		s.what, s.fix = def.Fill(g.Explain, state, f).In(r.Lang), g.Fix
	}
	if s.who == "" {
		s.who = r.office(t, s.may)
	}
	return s
}

// candidates are all that the model knows people to do.
func (r *rehearsal) candidates(ref workflow.Ref, def *definition.Compiled) []candidate {
	if a := r.activity(ref); a != nil {
		return append(r.countCandidates(a, def), r.publication(a))
	}
	out := r.ownCandidates()
	for _, a := range r.activities {
		out = append(out, r.activityCandidates(a)...)
	}
	return out
}

// ownCandidates are what the process itself may lack.
func (r *rehearsal) ownCandidates() []candidate {
	had := &r.has
	var out []candidate
	add := func(group string, may []string, change func(f *guard.Facts)) {
		out = append(out, candidate{group, change, step{may: may, do: func(context.Context) error { change(had); return nil }}})
	}
	add("published", promoter, func(f *guard.Facts) { f.Process.Published = true })
	add("population", editors, func(f *guard.Facts) { f.Process.Population.Units = max(1, int64(r.crowd.people)) })
	for _, role := range r.def.Roles {
		add("roles", promoter, func(f *guard.Facts) { f.Process.Roles[role] = max(1, f.Process.Roles[role]) })
	}
	for _, d := range r.def.Dates {
		if _, ok := r.has.Process.Dates[d.Code]; ok {
			continue
		}
		soon := r.possible(d, r.date(r.clock.Time()))
		fill := func(f *guard.Facts) { f.Process.Dates[d.Code] = soon }
		out = append(out, candidate{"dates", fill, step{may: editors, do: func(ctx context.Context) error {
			fill(had)
			return r.anchored(ctx)
		}}})
	}
	for _, publish := range []bool{false, true} {
		for _, s := range r.def.States {
			for _, a := range s.Artefacts {
				add(fmt.Sprint("artefacts", publish), writers(a), func(f *guard.Facts) { document(f, a.Code, publish) })
			}
		}
	}
	return out
}

// publication is that of the process, for an activity that cannot open before:
// until its phase comes, the process itself may ask for it.
func (r *rehearsal) publication(a *activity) candidate {
	publish := func(f *guard.Facts) { f.Process.Published = true }
	s := step{may: promoter, waits: r.instance(process).State != a.phase, do: func(context.Context) error { publish(&r.has); return nil }}
	return candidate{"published", publish, s}
}

// document lets one be there, and public.
func document(f *guard.Facts, code string, publish bool) {
	if !slices.Contains(f.Artefacts.Present, code) {
		f.Artefacts.Present = append(f.Artefacts.Present, code)
	}
	if publish && !slices.Contains(f.Artefacts.Published, code) {
		f.Artefacts.Published = append(f.Artefacts.Published, code)
	}
}

// activityCandidates bring an activity to each of the states ahead of it.
func (r *rehearsal) activityCandidates(a *activity) []candidate {
	def := r.kinds[a.kind].Definition
	state := a.state
	if !a.made() {
		state = ""
	}
	s := step{activity: a, may: definition.Runners, waits: a.begun, what: r.words.Tell("prepare", "title", a.title), fix: "activities"}
	s.do = func(ctx context.Context) error { return r.create(ctx, a, workflow.Person(1, "promoter")) }
	var out []candidate
	for _, next := range r.ahead(def, state) {
		out = append(out, candidate{a.kind + "." + next, func(f *guard.Facts) {
			to := r.inState(a, next)
			i := slices.IndexFunc(f.Activities, func(x guard.ActivityFacts) bool { return x.ID == to.ID && a.made() })
			if i < 0 {
				f.Activities = append(f.Activities, to)
			} else {
				f.Activities[i] = to
			}
		}, s})
	}
	return out
}

// ahead are the states that an activity goes through from here, "" for one that
// is not made yet.
func (r *rehearsal) ahead(def *definition.Compiled, state string) []string {
	var out []string
	if state == "" {
		state = def.Initial
		out = append(out, state)
	}
	for range def.States {
		t, ok := r.goal(def, state)
		if !ok || slices.Contains(out, t.To) {
			break
		}
		state = t.To
		out = append(out, state)
	}
	return out
}

// amounts are how many of something the model tries.
var amounts = []int64{1, 2, 3, 5, 10, 20, 50, 100}

// countCandidates raise the counts of an activity.
func (r *rehearsal) countCandidates(a *activity, def *definition.Compiled) []candidate {
	var out []candidate
	for _, n := range amounts {
		for _, name := range def.Counts {
			if a.counts[name] >= n {
				continue
			}
			out = append(out, candidate{fmt.Sprint("counts", n), func(f *guard.Facts) {
				if f.Counts == nil {
					f.Counts = map[string]int64{}
				}
				f.Counts[name] = max(n, f.Counts[name])
			}, step{activity: a, may: definition.Runners, do: func(ctx context.Context) error { return r.count(ctx, a, name, n) }}})
		}
	}
	return out
}

// count does what makes a count grow: invitations, meetings, the closing day,
// or whatever the kind counts.
func (r *rehearsal) count(ctx context.Context, a *activity, name string, n int64) error {
	switch name {
	case "meetings":
		return r.schedule(ctx, a, r.clock.Time())
	case "invited":
		invited := r.kinds[a.kind].Invited
		if invited != Everyone {
			invited = max(int(n), invited)
		}
		r.crowd.invite(a, invited)
		return nil
	case "ends":
		if err := r.finishOn(ctx, a, r.clock.Time()); err != nil {
			return err
		}
	}
	a.counts[name] = max(n, a.counts[name])
	return nil
}
