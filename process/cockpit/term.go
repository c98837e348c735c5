package cockpit

import (
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
)

// terms are the ends of the process's phase and of its activities. What has an
// open incident is left to incidents.
func (v *view) terms() []Row {
	var rows []Row
	if r, ok := v.term(v.inst, v.def, nil); ok && !v.stuck(0) {
		rows = append(rows, r)
	}
	for _, a := range v.activities {
		if a.def.Final(a.State) || v.stuck(a.ID) {
			continue
		}
		if r, ok := v.term(instance(a), a.def, &a.Activity); ok {
			rows = append(rows, r)
		}
	}
	return rows
}

func idOf(a *process.Activity) process.ActivityID {
	if a == nil {
		return 0
	}
	return a.ID
}

func (v *view) stuck(a process.ActivityID) bool {
	return slices.ContainsFunc(v.incidents, func(i incident) bool { return i.ActivityID == a })
}

// term is the row of one instance's state: to decide about an end that comes
// by itself, or to move on.
func (v *view) term(inst workflow.Instance, def *definition.Compiled, a *process.Activity) (Row, bool) {
	st, _ := def.State(inst.State)
	r := Row{Due: inst.DueAt, Page: PageMoves, Activity: a, Source: v.source(inst, def, st)}
	if !inst.DueAt.IsZero() { // what dates forbid until a day is late no earlier
		r.Due = def.Lets(inst.State, st.AtEnd, inst.DueAt, v.dates)
	}
	key := "term.0." + inst.State
	if a != nil {
		key = "term." + strconv.FormatInt(int64(a.ID), 10) + "." + inst.State
	}
	if inst.Held() {
		if !v.may(process.TermAct(idOf(a))) {
			return Row{}, false
		}
		r.What, r.Due, r.Source, r.Args = WhatResume, time.Time{}, nil, map[string]any{"state": st.Title, "since": inst.HeldAt}
		return v.row(key+".held", r), true
	}
	end, auto := ending(def, st)
	if auto && !inst.DueAt.IsZero() {
		to, _ := def.State(end.To)
		r.Then = append(r.Then, Phrase{"auto", map[string]any{"state": to.Title, "at": r.Due}})
		if limit := inst.Longest(def); limit.After(inst.DueAt) && v.extends(def, a, inst) {
			r.Then = append(r.Then, Phrase{"max", map[string]any{"day": limit}})
		}
		switch {
		case v.extends(def, a, inst) && inst.DueAt.After(v.now):
			r.What, r.Args = WhatDecide, map[string]any{"state": st.Title, "label": def.Label(end)}
			return v.row(key, r), true
		case !v.holds(end):
			return Row{}, false // it ends by itself and nobody is asked
		}
		r.What, r.Args, r.Transition = WhatAdvance, map[string]any{"label": def.Label(end), "state": st.Title}, end.ID
		return v.row(key, r), true
	}
	t, ok := v.usual(def, inst.State)
	if !ok || a != nil && v.opensItself(t, *a) {
		return Row{}, false
	}
	r.What, r.Args, r.Transition = WhatAdvance, map[string]any{"label": def.Label(t), "state": st.Title}, t.ID
	if a != nil && r.Due.IsZero() {
		r.Due = v.wanted(*a)
	}
	return v.row(key, r), true
}

// ending is the transition that the clock fires at the end of a state's term.
func ending(def *definition.Compiled, st definition.State) (definition.Transition, bool) {
	for _, t := range def.Leaving(st.Name) {
		if st.AtEnd != "" && t.Event == st.AtEnd {
			return t, true
		}
	}
	return definition.Transition{}, false
}

// usual is the first transition of the ordinary way that the person may do.
func (v *view) usual(def *definition.Compiled, state string) (definition.Transition, bool) {
	for _, t := range def.Leaving(state) {
		if !Rare(t) && v.holds(t) {
			return t, true
		}
	}
	return definition.Transition{}, false
}

// extends reports whether the person may move the end of the term: the page of the
// moves offers it then.
func (v *view) extends(def *definition.Compiled, a *process.Activity, inst workflow.Instance) bool {
	st, _ := def.State(inst.State)
	act := process.ActProcessExtend
	if a != nil {
		act = process.ActActivityRun
	}
	return slices.Contains(st.Allows, "extend") && st.Term != nil && st.Term.Until == "" && v.may(act) &&
		(v.standing.Promotes() || !inst.Spent(def))
}

// source is where the present term comes from: a law, or the template when its
// length is what made the end. Dates that people chose or moved have none.
func (v *view) source(inst workflow.Instance, def *definition.Compiled, st definition.State) *Source {
	planned, ok := v.planned(inst.State)
	byPlan := inst.ActivityID == 0 && ok && planned.Source == outlook.SourceDefinition && planned.End.Equal(inst.DueAt)
	switch {
	case inst.DueAt.IsZero() || st.Term == nil:
		return nil
	case st.Term.Law != nil:
		return &Source{Law: st.Term.Law, Length: st.Term.Length}
	case st.Term.Length.IsZero() || !byPlan && !st.Term.Length.After(inst.EnteredAt, def.Civil()).Equal(inst.DueAt):
		return nil
	}
	return &Source{Length: st.Term.Length}
}

func (v *view) planned(state string) (workflow.PlannedPhase, bool) { return phaseOf(v.plan, state) }

func phaseOf(plan []workflow.PlannedPhase, state string) (workflow.PlannedPhase, bool) {
	i := slices.IndexFunc(plan, func(p workflow.PlannedPhase) bool { return p.State == state })
	if i < 0 {
		return workflow.PlannedPhase{}, false
	}
	return plan[i], true
}

// expected is what the plan has come to by now, but for the days that suspensions
// add to what counts from an earlier phase: the log is not read for a list.
func (v *view) expected() []workflow.PlannedPhase {
	if !v.process.Published() && v.inst.Entry == 1 {
		return v.plan // as its promoter wrote it
	}
	known := guard.Facts{Process: guard.ProcessFacts{Dates: v.dates}, Anchors: map[string][]time.Time{}}
	for _, a := range v.activities {
		if end := a.End(a.def, a.left); !end.IsZero() {
			anchor := definition.AnchorActivity + ":" + a.Kind
			known.Anchors[anchor] = append(known.Anchors[anchor], end)
		}
	}
	for _, p := range v.plan {
		if !p.StartedAt.IsZero() {
			known = outlook.Begun(known, p.State, p.StartedAt)
		}
	}
	is := outlook.Present{State: v.inst.State, Entry: v.inst.Entry, EnteredAt: v.inst.EnteredAt, DueAt: v.inst.DueAt}
	return outlook.Of(v.def, is, v.plan, known, v.now)
}

// end is when the present phase ends, zero while nobody knows.
func (v *view) end() time.Time {
	if v.inst.Rests(v.def) {
		return time.Time{}
	}
	return v.inst.DueAt
}

// wanted is when an activity without a term of its own should move on: before
// its phase begins, or else before it ends.
func (v *view) wanted(a process.Activity) time.Time {
	path := v.def.MainPath()
	here, there := slices.Index(path, v.inst.State), slices.Index(path, a.Phase)
	p, ok := phaseOf(v.expected(), a.Phase)
	switch {
	case there >= here && v.inst.Rests(v.def):
		return time.Time{}
	case there == here && !v.inst.DueAt.IsZero():
		return v.inst.DueAt
	case !ok:
		return time.Time{}
	case there > here:
		return p.Start
	case !p.EndedAt.IsZero():
		return p.EndedAt
	}
	return p.End
}

// opensItself reports that a phase still to come opens activities of this kind
// by itself, so that nobody need do it.
func (v *view) opensItself(t definition.Transition, a process.Activity) bool {
	if t.Event != eventOpen || !slices.Contains(t.By, string(workflow.ActorSystem)) || a.Phase == v.inst.State {
		return false
	}
	st, _ := v.def.State(a.Phase)
	return slices.ContainsFunc(st.OnEnter, func(x definition.Action) bool { return x.Open == a.Kind })
}
