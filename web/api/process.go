package api

import (
	"math"

	"arengo/process"
	"arengo/process/wire"
	"arengo/web/site"
	"arengo/workflow"
)

// The sizes of a page of processes and of the log.
const (
	processesAtOnce, maxProcesses     = 20, 50
	transitionsAtOnce, maxTransitions = 50, 200
)

type processPage struct {
	Items      []wire.Head `json:"items"`
	Total      int         `json:"total"`
	NextOffset int         `json:"next_offset,omitempty"`
}

// processList gives the processes that the token's organisation leads, drafts
// included, those that are open first.
func (a *area) processList(r *site.Request) error {
	offset, err := number(r, "offset", 0, 0, math.MaxInt32)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", processesAtOnce, 1, maxProcesses)
	if err != nil {
		return err
	}
	ctx, db := r.Context(), a.core.DB()
	list, total, err := a.core.List(ctx, process.Filter{
		Mine: r.Actor.Person, Lead: r.Grant.Organisation, Offset: int(offset), Limit: int(limit),
	})
	if err != nil {
		return err
	}
	o, err := a.core.LoadOrganisation(ctx, db, r.Grant.Organisation)
	if err != nil {
		return err
	}
	out := processPage{Items: make([]wire.Head, len(list)), Total: total}
	for i, p := range list {
		if out.Items[i], err = a.wire.Listed(ctx, db, p, o); err != nil {
			return err
		}
	}
	if end := int(offset) + len(list); len(list) > 0 && end < total {
		out.NextOffset = end
	}
	return r.JSON(out)
}

func (a *area) processShow(r *site.Request) error {
	ctx, db := r.Context(), a.core.DB()
	o, err := a.core.LoadOrganisation(ctx, db, r.Grant.Organisation)
	if err != nil {
		return err
	}
	p, err := a.wire.Process(ctx, db, r.Gate.Process, o)
	if err != nil {
		return err
	}
	r.SetHeader("ETag", etag(p.Revision))
	return r.JSON(p)
}

type transitionPage struct {
	Items     []wire.Entry `json:"items"`
	NextAfter int64        `json:"next_after,omitempty"`
}

// transitionList gives the log in order, a page at a time; "activity" narrows
// it to one.
func (a *area) transitionList(r *site.Request) error {
	after, err := number(r, "after", 0, 0, math.MaxInt64)
	if err != nil {
		return err
	}
	limit, err := number(r, "limit", transitionsAtOnce, 1, maxTransitions)
	if err != nil {
		return err
	}
	on, err := a.target(r, r.Query("activity"))
	if err != nil {
		return err
	}
	names, err := a.names(r)
	if err != nil {
		return err
	}
	// One more than is shown tells whether there is another page.
	log, err := a.log(r, on, after, int(limit)+1)
	if err != nil {
		return err
	}
	out := transitionPage{Items: []wire.Entry{}}
	for _, e := range log[:min(len(log), int(limit))] {
		out.Items = append(out.Items, wire.EntryOf(e, names[e.ActivityID]))
	}
	if len(log) > int(limit) {
		out.NextAfter = log[limit-1].Seq
	}
	return r.JSON(out)
}

func (a *area) log(r *site.Request, on target, after int64, limit int) ([]workflow.LogEntry, error) {
	if on.id != 0 {
		return a.core.Engine().LogOf(r.Context(), a.core.DB(), on.ref, after, limit)
	}
	return a.core.Engine().Log(r.Context(), a.core.DB(), int64(r.Gate.Process.ID), after, limit)
}
