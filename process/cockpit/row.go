package cockpit

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/civil"
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
	plan       []workflow.PlannedPhase // as it was promised
	dates      map[string]time.Time    // of the call, by code
	activities []activity
	documents  map[string]bool // code → published
	populated  bool
	held       []string // roles that somebody holds
	meetings   []meeting
	bounced    int
	incidents  []incident
	unread     *Unread // an activity that cannot be read
	now        time.Time
}

type activity struct {
	process.Activity
	def        *definition.Compiled
	left       map[string]time.Time // when it left each state
	firstDue   time.Time            // the end of its term, before anybody extended it
	extensions int
}

func (r mineRow) instance() workflow.Instance {
	return workflow.Instance{
		Ref: r.Ref(), Definition: r.Definition, Version: r.Version, Zone: r.Zone, State: r.State,
		Revision: r.StateRevision, Entry: r.Entry, EnteredAt: r.EnteredAt,
		MinAt: value(r.MinAt), DueAt: value(r.DueAt), MaxAt: value(r.MaxAt), FirstDueAt: value(r.FirstDueAt),
		Extensions: r.Extensions, HeldAt: value(r.HeldAt),
	}
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
			What: WhatBounced, Args: map[string]any{"n": v.bounced}, Due: v.end(), Page: PageBounced,
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
	due := v.toPublish()
	var rows []Row
	for _, g := range gaps {
		r := Row{What: WhatGap, Args: map[string]any{"code": g.Code}, Due: due, Page: g.Fix}
		if code, ok := strings.CutPrefix(g.Code, "document."); ok {
			d := v.artefact(code)
			r.What, r.Args, r.Page, r.Code = WhatWrite, map[string]any{"title": d.Title}, PageDocument, code
			r = v.appoint(d, r)
		}
		rows = append(rows, v.row("gap."+g.Code, r))
	}
	if len(gaps) == 0 {
		rows = append(rows, v.row("publish", Row{What: WhatPublish, Due: due, Page: PagePublish}))
	}
	return rows, nil
}

// toPublish is until when publication is in time: the end of the first day of the
// planned path, zero when that is not chosen.
func (v *view) toPublish() time.Time {
	if len(v.plan) == 0 {
		return time.Time{}
	}
	zone := v.process.Location()
	return civil.DateOf(v.plan[0].Start, zone).Add(1).Start(zone)
}

// band places an instant: the civil day on which a half-open end is shown.
func band(due, now time.Time, zone *time.Location) Band {
	if due.IsZero() {
		return Next
	}
	days := dayNumber(due.Add(-time.Second), zone) - dayNumber(now, zone)
	switch {
	case !due.After(now):
		return Late
	case days <= 0:
		return Now
	case days <= Window:
		return Next
	}
	return Later
}

// dayNumber numbers the calendar days of a zone.
func dayNumber(t time.Time, zone *time.Location) int {
	y, m, d := t.In(zone).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
