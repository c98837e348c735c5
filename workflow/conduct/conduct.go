// Package conduct leads the two levels of a process: a transition of the process
// opens and closes its activities, theirs move the process in turn, and what an
// activity should have done by then comes first. It is the one way in which
// anything moves; a process that is rehearsed moves by it as the real one does.
//
// What becomes of a notice, which activities there are and whose transactions
// these are is the caller's: its Stage.
package conduct

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/definition"
)

// Events by which a process opens and closes its activities; every kind's
// workflow that a process may open has the first two. CutShort is that of a
// kind which tells people when it closes before its own end.
const (
	EventOpen     = "open"
	EventClose    = "close"
	EventCutShort = "cut-short"
)

// Activity is one of a process's own.
type Activity struct {
	workflow.Ref
	Kind string
}

// Cause is what a notice tells of the act that it follows; each word is empty
// when there is nothing to tell.
type Cause struct {
	Reason   string          // that the act gave to everybody
	ClosedBy string          // who ended a state: ByTimer, ByPerson or ByPhase
	OldEnd   time.Time       // of the term, before an act moved it
	Beyond   bool            // the term's new end is a written exception to its bound
	Law      *definition.Law // that it goes beyond; nil where only the definition bounds the term
	Act      string          // the code of the document that decides it, "" for none
	By       int64           // the person whose act it was, who knows of it
	Together string          // the occasion of the process's own notice, where its activities rest or go on with it
}

// Who ends a state, for Cause: the timer by itself, the person who had begun
// what the timer only ends, or the process for its activity.
const (
	ByTimer  = "timer"
	ByPerson = "person"
	ByPhase  = "phase"
)

// Stage is where a conduct takes place. The transaction is what the engine's
// store works with: nil in memory.
type Stage interface {
	// Activities lists those of a process, in the order of their making.
	Activities(ctx context.Context, tx bun.IDB, processID int64) ([]Activity, error)

	// Announce takes a notice into the transaction of its cause.
	Announce(ctx context.Context, tx bun.IDB, e workflow.Effect, c Cause) error

	// InTx runs do as one transaction, in which nothing else moves the process of
	// a deadline, and which is about that: its ID is 0 where it is about none.
	InTx(ctx context.Context, d workflow.DeadlineRef, do func(ctx context.Context, tx bun.IDB) error) error
}

// Conduct moves processes with their activities. It holds no state of theirs.
type Conduct struct {
	engine *workflow.Engine
	stage  Stage
	clock  workflow.Clock
	log    *slog.Logger
	lanes  int // processes that a sweep moves at once
}

// New is a conduct of what an engine runs.
func New(engine *workflow.Engine, stage Stage, clock workflow.Clock, log *slog.Logger) *Conduct {
	return &Conduct{engine: engine, stage: stage, clock: clock, log: log, lanes: 1}
}

// Apply carries out a transition with its consequences. The refusals are those
// of workflow.Engine.Apply; what stops a consequence is none, see Follow.
func (c *Conduct) Apply(ctx context.Context, tx bun.IDB, command workflow.Command) (workflow.Result, error) {
	res, err := c.engine.Apply(ctx, tx, command)
	if err != nil {
		return res, err
	}
	cause := Cause{Reason: public(command.Reason, command.PublicReason)}
	if command.Event == EventCutShort {
		cause.ClosedBy = ByPhase
	}
	if err := c.Carry(ctx, tx, res.Effects, cause); err != nil || res.Replayed {
		return res, err
	}
	if err := c.ended(ctx, tx, res); err != nil {
		return res, err
	}
	if command.Actor.Kind == workflow.ActorPerson && res.ActivityID == 0 {
		return res, c.goneOn(ctx, tx, res.ProcessID)
	}
	return res, c.after(ctx, tx, res)
}

// ended closes what is still open in a process that a move brought to its end.
func (c *Conduct) ended(ctx context.Context, tx bun.IDB, r workflow.Result) error {
	if r.ActivityID != 0 || !r.Final {
		return nil
	}
	return c.each(ctx, tx, workflow.Effect{Ref: r.Ref, At: r.EffectiveAt}, EventClose)
}

// after does what follows a move that has been carried out.
func (c *Conduct) after(ctx context.Context, tx bun.IDB, r workflow.Result) error {
	if _, err := c.anchored(ctx, tx, r.Ref); err != nil {
		return err
	}
	return c.lost(ctx, tx, r)
}

// anchored moves what the process's state hangs on the ends of its activities,
// after one of them moved, and lists what that was.
func (c *Conduct) anchored(ctx context.Context, tx bun.IDB, moved workflow.Ref) ([]workflow.Move, error) {
	if moved.ActivityID == 0 {
		return nil, nil
	}
	process, err := c.engine.Instance(ctx, tx, moved.Process())
	if err != nil {
		return nil, err
	}
	def, err := c.engine.Definition(ctx, tx, process)
	if err != nil {
		return nil, err
	}
	if s, _ := def.State(process.State); !s.Hangs(definition.AnchorActivity) || !process.HeldAt.IsZero() {
		return nil, nil
	}
	return c.engine.RescheduleAnchors(ctx, tx, process.Ref, workflow.System())
}

// Carry carries out the effects of an act: notices go to the stage, the rest
// are further moves.
func (c *Conduct) Carry(ctx context.Context, tx bun.IDB, effects []workflow.Effect, cause Cause) error {
	for _, e := range effects {
		var err error
		switch e.Kind {
		case workflow.EffectNotice:
			err = c.stage.Announce(ctx, tx, e, cause)
		case workflow.EffectOpen:
			err = c.each(ctx, tx, e, EventOpen)
		case workflow.EffectClose:
			err = c.each(ctx, tx, e, EventClose)
		case workflow.EffectFire:
			err = c.Follow(ctx, tx, workflow.Command{Ref: e.Ref.Process(), Event: e.Event, Actor: workflow.System(), At: e.At})
		default:
			err = fmt.Errorf("unknown effect %q", e.Kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// each fires an event at the process's activities of one kind, or of all where the
// effect names none. Those in a state
// that does not know the event, because they are not ready or already over, stay
// where they are: the cockpit shows what they miss.
func (c *Conduct) each(ctx context.Context, tx bun.IDB, e workflow.Effect, event string) error {
	if event == EventClose {
		if err := c.replay(ctx, tx, e.Ref.ProcessID, e.At); err != nil {
			return err
		}
	}
	activities, err := c.stage.Activities(ctx, tx, e.Ref.ProcessID)
	if err != nil {
		return err
	}
	instances, err := c.engine.Instances(ctx, tx, e.Ref.ProcessID)
	if err != nil {
		return err
	}
	for _, a := range activities {
		if e.ActivityKind != "" && a.Kind != e.ActivityKind {
			continue
		}
		i := slices.IndexFunc(instances, func(i workflow.Instance) bool { return i.Ref == a.Ref })
		if i < 0 {
			return fmt.Errorf("activity %d of process %d has no instance", a.ActivityID, a.ProcessID)
		}
		command := workflow.Command{Ref: a.Ref, Event: event, Actor: workflow.System(), At: e.At}
		def, err := c.engine.Definition(ctx, tx, instances[i])
		if err != nil {
			return err
		}
		if err := c.engine.Withdraw(ctx, tx, a.Ref, contrary(def, instances[i].State, event)...); err != nil {
			return err
		}
		if t, ok := Closes(def, instances[i], e.At); ok && event == EventClose {
			command.Event = t.Event
		}
		if err := c.Follow(ctx, tx, command); err != nil {
			return err
		}
	}
	return nil
}

// contrary lists the transitions of a state that would undo what a process asks
// of its activity. One that was stopped before and still waits must not come
// after it: an activity that could not open must not open once its phase closed.
func contrary(def *definition.Compiled, state, event string) []string {
	var out []string
	for _, t := range def.Leaving(state) {
		if (t.Event == EventOpen) != (event == EventOpen) && slices.Contains([]string{EventOpen, EventClose, EventCutShort}, t.Event) {
			out = append(out, t.ID)
		}
	}
	return out
}

// Closes is the transition by which a process closes an activity at an instant:
// before the activity's own end the one that tells those who counted on it, when
// its kind has one. It is false for what is not open.
func Closes(def *definition.Compiled, i workflow.Instance, at time.Time) (definition.Transition, bool) {
	var out definition.Transition
	found := false
	early := at.Before(i.DueAt)
	for _, t := range def.Leaving(i.State) {
		switch {
		case !slices.Contains(t.By, definition.BySystem):
		case t.Event == EventCutShort && early:
			return t, true
		case t.Event == EventClose && !found:
			out, found = t, true
		}
	}
	return out, found
}

// Follow applies a consequence. Being blocked is not an error of its cause: it
// becomes an incident, which the cockpit shows with the reasons, and which
// offers the transition once none holds.
func (c *Conduct) Follow(ctx context.Context, tx bun.IDB, command workflow.Command) error {
	_, err := c.Apply(ctx, tx, command)
	var blocked *workflow.Blocked
	if errors.As(err, &blocked) {
		told, err := c.engine.Hold(ctx, tx, blocked)
		if err != nil || told == nil {
			return err
		}
		c.log.InfoContext(ctx, "consequence blocked", "process_id", command.ProcessID, "activity_id", command.ActivityID,
			"event", command.Event, "transition", blocked.Transition)
		return c.Carry(ctx, tx, told, Cause{})
	}
	return err
}
