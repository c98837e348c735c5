package conduct

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// NoTime is what an incident names instead of a transition when a state in which
// the public takes part was over before anybody could enter it: the workers were
// away while it lasted. It stays until a person moves the activity, or leads the
// process on without it.
const NoTime = "no time"

// lost looks after those who had no time to take part in an activity that the
// timer or its process has moved late.
func (c *Conduct) lost(ctx context.Context, tx bun.IDB, r workflow.Result) error {
	if r.Transition == "" || r.Replayed || r.ActivityID == 0 || !workflow.Late(r.EffectiveAt, r.Now) {
		return nil
	}
	inst, err := c.engine.Instance(ctx, tx, r.Ref)
	if err != nil {
		return err
	}
	def, err := c.engine.Definition(ctx, tx, inst)
	if err != nil {
		return err
	}
	log, err := c.engine.Log(ctx, tx, r.ProcessID, 0, 0)
	if err != nil {
		return err
	}
	in, out, ok := unlived(def, slices.DeleteFunc(log, func(e workflow.LogEntry) bool { return e.ActivityID != r.ActivityID || e.From == e.To }))
	if !ok {
		return nil
	}
	told, err := c.engine.Hold(ctx, tx, &workflow.Blocked{Ref: r.Ref, Transition: NoTime, Blockers: []workflow.Blocker{{
		Code: "no-time", Explain: explainNoTime(in.EffectiveAt, out.EffectiveAt, def.Location), Fix: "moves",
	}}})
	for i := range told {
		// The same at each later state that is passed, so that it is said once.
		told[i].Occasion = fmt.Sprintf("p%d.a%d.s%d.notime", r.ProcessID, r.ActivityID, out.Seq)
		told[i].NoTime = true
	}
	if err != nil {
		return err
	}
	return c.Carry(ctx, tx, told, Cause{})
}

// unlived finds the last state of a log of moves in which the public takes part,
// when it was left as of an instant before it was entered in fact.
func unlived(def *definition.Compiled, log []workflow.LogEntry) (in, out workflow.LogEntry, ok bool) {
	for i := len(log) - 2; i >= 0; i-- {
		in, out = log[i], log[i+1]
		if def.Door(in.To) != "" {
			return in, out, out.ActorKind != workflow.ActorPerson && out.EffectiveAt.After(in.EffectiveAt) && !in.At.Before(out.EffectiveAt)
		}
	}
	return in, out, false
}

// goneOn closes the incidents of activities that had no time: a person leads the
// process on without them.
func (c *Conduct) goneOn(ctx context.Context, tx bun.IDB, processID int64) error {
	open, err := c.engine.Incidents(ctx, tx, processID)
	if err != nil {
		return err
	}
	for _, i := range open {
		if i.Transition != NoTime {
			continue
		}
		if err := c.engine.Withdraw(ctx, tx, i.Ref, NoTime); err != nil {
			return err
		}
	}
	return nil
}

// explainNoTime says when it would have been open; a half-open end is shown as
// the last minute before it.
func explainNoTime(from, end time.Time, zone *time.Location) definition.Text {
	at := func(t time.Time, lang string) string {
		return civil.DateOf(t, zone).Words(lang) + ", " + t.In(zone).Format("15:04")
	}
	end = end.Add(-time.Nanosecond)
	return definition.Text{
		"it": fmt.Sprintf("Doveva essere aperta: inizio %s, fine %s. Il servizio era fermo e nessuno ha potuto partecipare", at(from, "it"), at(end, "it")),
		"en": fmt.Sprintf("It was to be open from %s to %s, but the service was down: nobody could take part", at(from, "en"), at(end, "en")),
	}
}
