package cockpit

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// eventCancel ends a kind's workflow without its purpose; stateCancelled is
// where it leads. Every kind has both.
const (
	eventCancel    = "cancel"
	stateCancelled = "cancelled"
	eventOpen      = "open"
)

// Rare reports a transition that is not the usual way on: from every state,
// only with a reason, or a cancellation. No row asks for one.
func Rare(t definition.Transition) bool {
	return t.ReasonRequired || t.Event == eventCancel || slices.Contains(t.From, "*")
}

// view is one process with everything that its rows are made of.
type view struct {
	process    process.Process
	standing   process.Standing
	def        *definition.Compiled
	inst       workflow.Instance
	plan       []workflow.PlannedPhase
	activities []activity
	documents  map[string]bool // code → published
	populated  bool
	meetings   []meeting
	bounced    int
	incidents  []incident
	unread     *Unread // an activity that cannot be read
	now        time.Time
}

type activity struct {
	process.Activity
	def *definition.Compiled
}

func (v *view) mine() Mine {
	return Mine{Process: v.process, Roles: v.standing.Roles, Definition: v.def, Instance: v.inst, Plan: v.plan}
}

// may asks the policy about an act on the process as it stands.
func (v *view) may(act process.Act) bool {
	at := process.Situation{Published: v.process.Published(), Final: v.def.Final(v.inst.State)}
	return process.Allow(act, v.standing, at) == nil
}

// holds reports whether the person may do a transition, guards aside.
func (v *view) holds(t definition.Transition) bool {
	return slices.ContainsFunc(t.By, func(by string) bool {
		return v.standing.Has(by) || v.standing.Administrator && slices.Contains(definition.Staff, by)
	})
}

// row fills in what every row of the process has.
func (v *view) row(key string, r Row) Row {
	r.Key = strconv.FormatInt(int64(v.process.ID), 10) + "." + key
	r.Process = v.process
	r.Band = band(r.Due, v.now, v.process.Location())
	return r
}

func (s *Service) rowsOf(ctx context.Context, v *view) ([]Row, error) {
	gaps, err := s.gaps(ctx, v)
	if err != nil {
		return nil, err
	}
	rows := append(gaps, v.terms()...)
	stuck, err := s.incidents(ctx, v)
	if err != nil {
		return nil, err
	}
	rows = append(rows, stuck...)
	results, err := s.results(ctx, v)
	if err != nil {
		return nil, err
	}
	rows = append(rows, results...)
	rows = append(rows, v.papers(len(results) > 0)...)
	rows = append(rows, v.needs()...)
	rows = append(rows, v.gatherings()...)
	if v.bounced > 0 && v.may(process.ActContactImport) {
		rows = append(rows, v.row("bounced", Row{
			What: WhatBounced, Args: map[string]any{"n": v.bounced}, Due: v.inst.DueAt, Page: PageBounced,
			Then: []Phrase{{"unreached", map[string]any{"n": v.bounced}}},
		}))
	}
	return rows, nil
}

// gaps is what publication still needs, or publication itself.
func (s *Service) gaps(ctx context.Context, v *view) ([]Row, error) {
	if v.process.Published() || !v.may(process.ActProcessPublish) {
		return nil, nil
	}
	gaps, err := s.core.Gaps(ctx, s.core.DB(), v.process)
	if err != nil {
		return nil, err
	}
	due := v.begins()
	var rows []Row
	for _, g := range gaps {
		r := Row{What: WhatGap, Args: map[string]any{"code": g.Code}, Due: due, Page: g.Fix}
		if code, ok := strings.CutPrefix(g.Code, "document."); ok {
			r.What, r.Args, r.Page, r.Code = WhatWrite, map[string]any{"title": v.title(code)}, PageDocument, code
		}
		rows = append(rows, v.row("gap."+g.Code, r))
	}
	if len(gaps) == 0 {
		rows = append(rows, v.row("publish", Row{What: WhatPublish, Due: due, Page: PagePublish}))
	}
	return rows, nil
}

// title is what the definition calls a document.
func (v *view) title(code string) definition.Text {
	for _, st := range v.def.States {
		for _, d := range st.Artefacts {
			if d.Code == code {
				return d.Title
			}
		}
	}
	return definition.Text{definition.Locales[0]: code}
}

// begins is the first instant of the planned path, zero when not chosen.
func (v *view) begins() time.Time {
	if len(v.plan) > 0 {
		return v.plan[0].Start
	}
	return time.Time{}
}

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
		if r, ok := v.term(instance(a.Activity), a.def, &a.Activity); ok {
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
		r.Then = append(r.Then, Phrase{"auto", map[string]any{"state": to.Title, "at": inst.DueAt}})
		if limit := inst.Longest(def); !limit.IsZero() && v.extends(st, a) {
			r.Then = append(r.Then, Phrase{"max", map[string]any{"day": limit}})
		}
		switch {
		case v.extends(st, a) && inst.DueAt.After(v.now):
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

// extends reports whether the person may move the end of the term.
func (v *view) extends(st definition.State, a *process.Activity) bool {
	act := process.ActProcessExtend
	if a != nil {
		act = process.ActActivityRun
	}
	return slices.Contains(st.Allows, "extend") && st.Term != nil && st.Term.Until == "" && v.may(act)
}

// source is where the present term comes from: a law, or the template when its
// length is what made the end. Dates that people chose or moved have none.
func (v *view) source(inst workflow.Instance, def *definition.Compiled, st definition.State) *Source {
	planned, ok := v.planned(inst.State)
	byPlan := inst.ActivityID == 0 && ok && planned.Source == workflow.SourceDefinition && planned.End.Equal(inst.DueAt)
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

func (v *view) planned(state string) (workflow.PlannedPhase, bool) {
	i := slices.IndexFunc(v.plan, func(p workflow.PlannedPhase) bool { return p.State == state })
	if i < 0 {
		return workflow.PlannedPhase{}, false
	}
	return v.plan[i], true
}

// wanted is when an activity without a term of its own should move on: before
// its phase begins, or else before it ends.
func (v *view) wanted(a process.Activity) time.Time {
	path := v.def.MainPath()
	here, there := slices.Index(path, v.inst.State), slices.Index(path, a.Phase)
	p, ok := v.planned(a.Phase)
	switch {
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
