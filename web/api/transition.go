package api

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/wire"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow"
	"arengo/workflow/civil"
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
	case o.Transition.ReasonRequired:
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

// asked is the body of a call that moves something. Revision is the state's, as
// If-Match; nil skips the check. Tell, End and Exception are of a move that reopens.
type asked struct {
	Event      string `json:"event"`
	Transition string `json:"transition"`
	Activity   string `json:"activity"`
	Reason     string `json:"reason"`
	Revision   *int64 `json:"revision"`

	Tell []string `json:"tell"`
	End  *string  `json:"end"`

	Exception bool `json:"exception"`
}

// moved is the answer: the entry that the log has of it, which is the same
// however often the call is repeated, and where the instance stands now.
type moved struct {
	Transition wire.Entry    `json:"transition"`
	Instance   wire.Instance `json:"instance"`
	Replayed   bool          `json:"replayed"`
}

const (
	maxReason = 1000 // as in the form
	mostTold  = 20
)

// goodKey is what a client may call a request.
var goodKey = regexp.MustCompile(`^[\x21-\x7e]{1,100}$`)

// transitionCreate carries out a transition, by the use case of the workspace's
// own form.
func (a *area) transitionCreate(r *site.Request) error {
	key := r.Header("Idempotency-Key")
	if !goodKey.MatchString(key) {
		return fault.Field("Idempotency-Key", "api.key_bad", "max", 100)
	}
	var in asked
	if err := r.Decode(&in); err != nil {
		return err
	}
	move, err := in.move(r.Header("If-Match"), r.Gate.Process.Location())
	if err != nil {
		return err
	}
	on, err := a.target(r, in.Activity)
	if err != nil {
		return err
	}
	move.Activity, move.Key = on.id, wire.ViaAPI+r.Grant.ID+":"+key
	// Before the policy, which has closed a process that the first call ended.
	if done, err := a.repeated(r, on, move); done || err != nil {
		return err
	}
	res, err := a.core.Advance(r.Context(), r.Gate.Process.ID, r.Actor, move)
	if err != nil {
		// Two calls with one key at once: the other may have ended the process.
		if done, failed := a.repeated(r, on, move); done || failed != nil {
			return failed
		}
		return a.refused(r, on, err)
	}
	return a.tell(r, on, move.Key, res.Replayed)
}

// move is what the body asks for; match is the header If-Match, zone that of a
// day without a time.
func (in asked) move(match string, zone *time.Location) (process.Move, error) {
	m := process.Move{Event: in.Event, Transition: in.Transition, Reason: strings.TrimSpace(in.Reason), Tell: slices.Clone(in.Tell), Exception: in.Exception}
	if (in.Event == "") == (in.Transition == "") {
		return m, fault.Field("event", "api.event_or_transition")
	}
	if utf8.RuneCountInString(m.Reason) > maxReason {
		return m, fault.Field("reason", "form.too_long", "max", maxReason)
	}
	if strings.ContainsRune(in.Event+in.Transition+in.Activity+in.Reason, 0) {
		return m, fault.New(fault.Invalid, "api.json_bad")
	}
	if len(m.Tell) > mostTold {
		return m, fault.Field("tell", "workflow.tell_unknown")
	}
	if in.End != nil {
		end, err := endOf(*in.End, zone)
		if err != nil {
			return m, err
		}
		m.End = end
	}
	if in.Revision != nil {
		if m.Revision = *in.Revision; m.Revision < 1 {
			return m, fault.Field("revision", "api.revision_bad")
		}
	}
	if match == "" || match == "*" {
		return m, nil
	}
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(match, "W/"), `"`), 10, 64)
	if err != nil || n < 1 || m.Revision != 0 && m.Revision != n {
		return m, fault.Field("If-Match", "api.revision_bad")
	}
	m.Revision = n
	return m, nil
}

// endOf reads when what is reopened ends: the day that is its last, or the
// half-open instant itself.
func endOf(text string, zone *time.Location) (time.Time, error) {
	if day, err := civil.ParseDate(text); err == nil {
		return day.Add(1).Start(zone), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err == nil { // within the years that days may have
		_, err = civil.ParseDate(at.UTC().Format(time.DateOnly))
	}
	if err != nil {
		return at, fault.Field("end", "api.end_bad")
	}
	return at, nil
}

// repeated answers a call that was carried out before as it was then.
func (a *area) repeated(r *site.Request, on target, m process.Move) (bool, error) {
	e, found, err := a.core.Engine().ByKey(r.Context(), a.core.DB(), int64(r.Gate.Process.ID), m.Key)
	if err != nil || !found {
		return false, err
	}
	c := workflow.Command{Ref: on.ref, Event: m.Event, Transition: m.Transition, Actor: workflow.Person(int64(r.Actor.Person)), Reason: m.Reason, Tell: m.Tell, End: m.End, Exception: m.Exception}
	if !e.Answers(c) {
		return true, a.refused(r, on, fault.New(fault.Conflict, "workflow.key_reused"))
	}
	return true, a.tell(r, on, m.Key, true)
}

func (a *area) tell(r *site.Request, on target, key string, replayed bool) error {
	e, _, err := a.core.Engine().ByKey(r.Context(), a.core.DB(), int64(r.Gate.Process.ID), key)
	if err != nil {
		return err
	}
	inst, err := a.wire.Instance(r.Context(), a.core.DB(), on.ref)
	if err != nil {
		return err
	}
	r.SetHeader("ETag", etag(inst.Revision))
	return r.JSONStatus(http.StatusCreated, moved{wire.EntryOf(e, on.public), inst, replayed})
}

// refused adds to a refusal what the caller needs to go on.
func (a *area) refused(r *site.Request, on target, cause error) error {
	var blocked *workflow.Blocked
	if !errors.As(cause, &blocked) && !fault.Is(cause, fault.Conflict) && !fault.Is(cause, fault.Closed) {
		return cause
	}
	inst, err := a.wire.Instance(r.Context(), a.core.DB(), on.ref)
	if err != nil {
		return err
	}
	out := &site.Refusal{Err: cause, Instance: &inst}
	if blocked != nil {
		out.Blockers = a.blockers(r, on, blocked.Blockers)
		if len(blocked.Blockers) == 1 && blocked.Blockers[0].Code == definition.BlockReason {
			out.Err = fault.Field("reason", "workflow.reason_required")
		}
	}
	return out
}
