package api

import (
	"slices"

	"arengo/process/fault"
	"arengo/process/wire"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// option is a transition as a program sees it before it asks for it.
type option struct {
	ID     string          `json:"id"`
	Event  string          `json:"event"`
	Label  definition.Text `json:"label"`
	To     wire.State      `json:"to"`
	Reason string          `json:"reason"` // "required", "welcome" or "none"

	Reopens bool     `json:"reopens"`
	Tell    []string `json:"tell,omitempty"` // those among whom a reopening chooses
}

// answer is whether an event can happen now, and everything in its way.
type answer struct {
	Event      string         `json:"event"`
	Activity   string         `json:"activity,omitempty"`
	Allowed    bool           `json:"allowed"`
	Revision   int64          `json:"revision"`
	Transition *option        `json:"transition,omitempty"`
	Blockers   []site.Blocker `json:"blockers"`
}

// standing is what may leave the present state, in the order of the definition.
type standing struct {
	Activity string   `json:"activity,omitempty"`
	State    string   `json:"state"`
	Revision int64    `json:"revision"`
	Items    []answer `json:"items"`
}

// options are what may leave the present state of what a call names.
func (a *area) options(r *site.Request) (on target, inst workflow.Instance, list []workflow.Option, err error) {
	if on, err = a.target(r, r.Query("activity")); err != nil {
		return on, inst, nil, err
	}
	if inst, err = a.core.Engine().Instance(r.Context(), a.core.DB(), on.ref); err != nil {
		return on, inst, nil, err
	}
	list, err = a.core.Explain(r.Context(), r.Gate.Process.ID, on.id, r.Actor)
	return on, inst, list, err
}

// eventList lists every transition that leaves the present state, each with what
// is in its way.
func (a *area) eventList(r *site.Request) error {
	on, inst, options, err := a.options(r)
	if err != nil {
		return err
	}
	out := standing{Activity: on.public, State: inst.State, Revision: inst.Revision, Items: make([]answer, len(options))}
	for i, o := range options {
		out.Items[i] = a.answer(r, on, inst, o)
	}
	r.SetHeader("ETag", etag(inst.Revision))
	return r.JSON(out)
}

func (a *area) answer(r *site.Request, on target, inst workflow.Instance, o workflow.Option) answer {
	return answer{
		Event: o.Transition.Event, Activity: on.public, Allowed: o.Allowed(), Revision: inst.Revision, Transition: optionOf(o),
		Blockers: a.blockers(r, on, o.Blockers),
	}
}

// eventCan answers "why can I not advance?" by what the page of that name asks.
func (a *area) eventCan(r *site.Request) error {
	on, inst, options, err := a.options(r)
	if err != nil {
		return err
	}
	event := r.Param("event")
	out := answer{Event: event, Activity: on.public, Revision: inst.Revision, Blockers: []site.Blocker{}}
	for _, o := range options {
		if o.Transition.Event == event {
			return r.JSON(a.answer(r, on, inst, o))
		}
	}
	def, err := a.core.Engine().Definition(r.Context(), a.core.DB(), inst)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(def.Transitions, func(t definition.Transition) bool { return t.Event == event }) {
		return fault.New(fault.NotFound, "api.event_unknown", "event", event)
	}
	d, err := workflow.Decide(def, workflow.Input{State: inst.State, Event: event})
	if err != nil {
		return err
	}
	out.Blockers = append(out.Blockers, a.blockers(r, on, d.Blockers)...)
	return r.JSON(out)
}

func optionOf(o workflow.Option) *option {
	out := option{
		ID: o.Transition.ID, Event: o.Transition.Event, Label: o.Label, Reason: "none",
		To:      wire.State{Name: o.To.Name, Title: o.To.Title, Final: o.To.Final},
		Reopens: o.Transition.Reopens, Tell: o.Transition.Tell,
	}
	switch {
	case o.Owes():
		out.Reason = "required"
	case o.Transition.ReasonAsked:
		out.Reason = "welcome"
	}
	return &out
}

// blockers adds to what stands in the way the pages that resolve it, which are
// those of the workspace's own list.
func (a *area) blockers(r *site.Request, on target, list []workflow.Blocker) []site.Blocker {
	out := make([]site.Blocker, len(list))
	for i, b := range list {
		out[i] = site.Blocker{Code: b.Code, Explain: b.Explain}
		if href := gate.Fix(r.Gate.Process, on.activity, b.Fix); href != "" {
			out[i].Href = a.core.BaseURL() + href
		}
	}
	return out
}
