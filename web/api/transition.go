package api

import (
	"errors"
	"net/http"
	"regexp"
	"slices"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/wire"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/definition"
)

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
		if unknown := a.unknown(r, on, move, err); unknown != nil {
			return unknown
		}
		return a.refused(r, on, err)
	}
	return a.tell(r, on, move.Key, res.Replayed)
}

// unknown is the refusal of a move that the definition has not at all, nil of
// one that only cannot be made now. It is asked once a move was refused.
func (a *area) unknown(r *site.Request, on target, m process.Move, cause error) error {
	var blocked *workflow.Blocked
	if !errors.As(cause, &blocked) {
		return nil
	}
	inst, err := a.core.Engine().Instance(r.Context(), a.core.DB(), on.ref)
	if err != nil {
		return err
	}
	def, err := a.core.Engine().Definition(r.Context(), a.core.DB(), inst)
	switch {
	case err != nil || slices.ContainsFunc(def.Transitions, func(t definition.Transition) bool { return t.Event == m.Event || t.ID == m.Transition }):
		return err
	case m.Event != "":
		return fault.Field("event", "api.event_unknown", "event", m.Event)
	}
	return fault.Field("transition", "api.transition_unknown", "transition", m.Transition)
}

// repeated answers a call that was carried out before as it was then.
func (a *area) repeated(r *site.Request, on target, m process.Move) (bool, error) {
	e, found, err := a.core.Engine().ByKey(r.Context(), a.core.DB(), int64(r.Gate.Process.ID), m.Key)
	if err != nil || !found {
		return false, err
	}
	c := workflow.Command{Ref: on.ref, Event: m.Event, Transition: m.Transition, Actor: workflow.Person(int64(r.Actor.Person)), Reason: m.Reason, Tell: m.Tell, End: m.End, Exception: m.Exception, Act: m.Act}
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
