package cockpit

import (
	"context"
	"slices"
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/seat"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// incidents are deadlines that a guard stopped: a row for each reason that
// still holds, or the transition itself once none does.
func (s *Service) incidents(ctx context.Context, v *view) ([]Row, error) {
	var rows []Row
	for _, i := range v.incidents {
		inst, def, a := v.inst, v.def, v.find(i.ActivityID)
		if a != nil {
			inst, def = instance(*a), a.def
		} else if i.ActivityID != 0 {
			continue
		}
		if !v.may(act(a)) && !v.may(process.ActProcessPublish) {
			continue
		}
		options, err := s.core.Explain(ctx, v.process.ID, i.ActivityID, v.standing.Actor)
		if err != nil {
			return nil, err
		}
		if i.Transition == conduct.NoTime && a != nil {
			rows = append(rows, v.lost(i, options, a))
			continue
		}
		for _, o := range options {
			if o.Transition.ID == i.Transition {
				rows = append(rows, v.blocked(i, o, inst, def, a)...)
			}
		}
	}
	return rows, nil
}

// lost is the row of an activity for which nobody had time: its reopening where
// the state knows one and the person may do it.
func (v *view) lost(i incident, options []workflow.Option, a *activity) Row {
	r := Row{What: WhatMissed, Due: i.OpenedAt, Activity: &a.Activity, Page: PageMoves}
	for _, o := range options {
		if o.Transition.Reopens && v.holds(o.Transition) && v.may(process.ActProcessReopen) {
			r.What, r.Transition = WhatLost, o.Transition.ID
		}
	}
	r.Then = []Phrase{{Key: r.What}}
	return v.row("incident."+strconv.FormatInt(i.ID, 10), r)
}

// blocked are the rows of one incident. Who may not do the transition is told
// of the reasons all the same: they may be theirs to mend.
func (v *view) blocked(i incident, o workflow.Option, inst workflow.Instance, def *definition.Compiled, a *activity) []Row {
	st, _ := def.State(inst.State)
	due := inst.DueAt
	if due.IsZero() || due.After(v.now) {
		due = i.OpenedAt
	}
	base := Row{Due: due, Activity: a.pointer(), Source: v.source(inst, def, st)}
	key := "incident." + strconv.FormatInt(i.ID, 10)
	var rows []Row
	for _, b := range o.Blockers {
		if b.Code == definition.BlockRole {
			continue
		}
		r := base
		r.What, r.Args, r.Page = WhatResolve, map[string]any{"reason": b.Explain, "label": o.Label}, b.Fix
		r.Then = []Phrase{{"stopped", map[string]any{"label": o.Label}}}
		if r.Page == "" {
			r.Page = PageMoves
		}
		rows = append(rows, v.row(key+"."+b.Code, r))
	}
	if len(rows) == 0 && v.holds(o.Transition) {
		base.What, base.Page, base.Transition = WhatAdvance, PageMoves, o.Transition.ID
		base.Args = map[string]any{"label": o.Label, "state": st.Title}
		rows = append(rows, v.row(key, base))
	}
	return rows
}

func (a *activity) pointer() *process.Activity {
	if a == nil {
		return nil
	}
	return &a.Activity
}

func (v *view) find(id process.ActivityID) *activity {
	i := slices.IndexFunc(v.activities, func(a activity) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &v.activities[i]
}

// act is what the policy calls moving this instance.
func act(a *activity) process.Act {
	if a != nil {
		return process.ActActivityRun
	}
	return process.ActProcessAdvance
}

// needs are the activities that the template asks for in the present phase and
// nobody has made yet.
func (v *view) needs() []Row {
	if !v.may(process.ActActivityEdit) {
		return nil
	}
	st, _ := v.def.State(v.inst.State)
	seats := make([]seat.Seat, len(v.activities))
	for i, a := range v.activities {
		seats[i] = seat.Seat{Activity: a.Activity, Off: a.def.CalledOff(a.State)}
	}
	var rows []Row
	for _, need := range seat.Missing(st, seats) {
		r := Row{
			What: WhatPrepare, Page: "activities", Due: v.end(),
			Args: map[string]any{"kind": need.Kind, "n": need.Min},
		}
		if len(need.Note) > 0 {
			r.Then = []Phrase{{"note", map[string]any{"note": need.Note}}}
		}
		rows = append(rows, v.row("need."+need.Kind, r))
	}
	return rows
}

// gatherings are the meetings of the next days, with what they still lack.
func (v *view) gatherings() []Row {
	if !v.may(process.ActActivityRun) {
		return nil
	}
	var rows []Row
	for _, m := range v.meetings {
		a := v.find(m.ActivityID)
		if a == nil || a.State == stateCancelled || a.Held() { // at rest it does not take place: its row asks to resume it
			continue
		}
		r := Row{
			What: WhatMeet, Activity: a.pointer(), Due: m.StartsAt, Page: "meeting",
			Args: map[string]any{"title": m.name(a.Title)}, Then: []Phrase{{"registered", map[string]any{"n": m.Registered}}},
		}
		if !m.Placed {
			r.What, r.Then = WhatConvene, append(r.Then, Phrase{Key: "no_place"})
		}
		if !m.Agenda && !slices.Contains(a.def.Counts, countThemes) {
			r.What, r.Then = WhatConvene, append(r.Then, Phrase{Key: "no_agenda"})
		}
		row := v.row("meeting."+strconv.FormatInt(m.ID, 10), r)
		if row.Band == Late { // it has begun and is not over
			row.Band = Now
		}
		rows = append(rows, row)
	}
	return rows
}

// countThemes is the count of a kind whose meetings follow themes of its own:
// its page has no place for an agenda.
const countThemes = "themes"

// results are the answers that nobody can give any more and nobody can read
// yet: what the state lets staff publish and the kind counts as not published.
func (s *Service) results(ctx context.Context, v *view) ([]Row, error) {
	var ripe []process.Activity
	for _, a := range v.activities {
		if a.def.Allows(a.State, "publish") && slices.Contains(a.def.Counts, countResults) && v.may(process.ActActivityRun) {
			ripe = append(ripe, a.Activity)
		}
	}
	ripe, err := s.unpublished(ctx, v.process.ID, ripe)
	if err != nil || len(ripe) == 0 {
		return nil, err
	}
	counts, err := s.core.Counts(ctx, s.core.DB(), v.process.ID, ripe)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, a := range ripe {
		rows = append(rows, v.row("results."+strconv.FormatInt(int64(a.ID), 10), Row{
			What: WhatResults, Activity: &ripe[i], Due: v.within(a.EnteredAt.Add(readingTime)), Page: PageResults,
			Then: []Phrase{{"answered", map[string]any{"n": counts[a.ID]["answered"]}}},
		}))
	}
	return rows, nil
}

// readingTime is how long people wait for what they have said, at most, before
// the cockpit calls it late: a week, which no law asks for.
const readingTime = 7 * 24 * time.Hour

// within is an instant, or the end of the phase when that comes first.
func (v *view) within(at time.Time) time.Time {
	if end := v.end(); !end.IsZero() && end.Before(at) {
		return end
	}
	return at
}

// unpublished leaves those activities whose kind says that their results are
// not public, by one question a kind: every page of the workspace pays for it.
func (s *Service) unpublished(ctx context.Context, id process.ID, ripe []process.Activity) ([]process.Activity, error) {
	byKind := map[string][]process.ActivityID{}
	for _, a := range ripe {
		byKind[a.Kind] = append(byKind[a.Kind], a.ID)
	}
	public := map[process.ActivityID]bool{}
	for name, ids := range byKind {
		kind, err := s.core.Kinds().Get(name)
		if err != nil {
			return nil, err
		}
		counts, err := kind.Counts(ctx, s.core.DB(), id, ids)
		if err != nil {
			return nil, err
		}
		for a, n := range counts {
			public[a] = n[countResults] > 0
		}
	}
	return slices.DeleteFunc(ripe, func(a process.Activity) bool { return public[a.ID] }), nil
}

// countResults is the count of a kind whose results become public by an act:
// 0 until then.
const countResults = "results_published"

// instance is what an activity says of its own workflow.
func instance(a activity) workflow.Instance {
	return workflow.Instance{
		Ref: a.Ref(), State: a.State, Revision: a.StateRevision, EnteredAt: a.EnteredAt,
		MinAt: value(a.MinAt), DueAt: value(a.DueAt), MaxAt: value(a.MaxAt), FirstDueAt: a.firstDue, Extensions: a.extensions,
		HeldAt: value(a.HeldAt),
	}
}

func value(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
