package rehearse

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/rehearse/scenario"
)

// holdMoments are the beginnings and ends of suspensions that are to come.
func (r *rehearsal) holdMoments() []moment {
	var out []moment
	for i, h := range r.Scenario.Holds {
		name := h.From.String()
		if !r.noted["hold."+name] {
			out = append(out, moment{h.From.At(9, 0, r.def.Location), func(ctx context.Context) error {
				r.noted["hold."+name] = true
				return r.suspend(ctx, r.Scenario.Holds[i])
			}})
		} else if !r.noted["resume."+name] {
			out = append(out, moment{h.Until.Add(1).At(9, 0, r.def.Location), func(ctx context.Context) error {
				r.noted["resume."+name] = true
				return r.resume(ctx, r.Scenario.Holds[i])
			}})
		}
	}
	return out
}

// suspend suspends the process and those of its activities that can be.
func (r *rehearsal) suspend(ctx context.Context, h scenario.Hold) error {
	r.changes++
	inst := r.instance(process)
	if r.def.Final(inst.State) {
		return nil
	}
	s, _ := r.def.State(inst.State)
	r.act(step{what: r.words.Tell("suspend", "until", r.words.Day(h.Until)), who: "promoter"}, inst)
	r.onTheDay()
	pause := r.pause(h)
	for _, ref := range r.refs() {
		if ref != process && !r.definitionOf(ref).Allows(r.stateOf(ref), "hold") {
			continue
		}
		err := r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
			_, err := r.conduct.Suspend(ctx, tx, ref, pause)
			return err
		})
		var refused *fault.Error
		if errors.As(err, &refused) && ref == process {
			r.report.Acts = r.report.Acts[:len(r.report.Acts)-1]
			r.once(Warning{
				Code: "hold-refused", Level: Look, At: r.clock.Time(), State: inst.State,
				Text: r.words.Tell("hold-refused", "state", s.Title.In(r.Lang), "day", r.words.Day(h.From), "why", r.words.Refusal(refused.Key)),
				Do:   r.words.Tell("hold-refused-do"),
			}, h.From.String())
			return nil
		}
		if err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// onTheDay says that the last act belongs to its day, and not to a term.
func (r *rehearsal) onTheDay() {
	last := &r.report.Acts[len(r.report.Acts)-1]
	last.Due, last.Late = last.On, false
}

// resume ends what rests.
func (r *rehearsal) resume(ctx context.Context, h scenario.Hold) error {
	r.changes++
	pause := r.pause(h)
	for _, ref := range r.refs() {
		if !r.instance(ref).Held() {
			continue
		}
		if ref == process {
			r.act(step{what: r.words.Tell("resume"), who: "promoter"}, r.instance(ref))
			r.onTheDay()
		}
		if err := r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
			_, err := r.conduct.Resume(ctx, tx, ref, pause)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (r *rehearsal) pause(h scenario.Hold) workflow.Pause {
	reason := h.Reason
	if reason == "" {
		reason = r.words.Tell("reason")
	}
	return workflow.Pause{Reason: reason, PublicReason: true, Actor: workflow.Person(1, "promoter")}
}

// refs are the process and its activities.
func (r *rehearsal) refs() []workflow.Ref {
	out := []workflow.Ref{process}
	for _, a := range r.activities {
		if a.made() {
			out = append(out, a.ref)
		}
	}
	return out
}

// extensionMoments are the extensions of the scenario whose state runs: about
// five working days before its end.
func (r *rehearsal) extensionMoments() []moment {
	inst := r.instance(process)
	var out []moment
	for i, x := range r.Scenario.Extensions {
		if r.extended[i] || x.State != inst.State || inst.DueAt.IsZero() || inst.Held() {
			continue
		}
		day := r.workday(r.date(inst.DueAt).Add(-8))
		out = append(out, moment{day.At(9, 30, r.def.Location), func(ctx context.Context) error {
			r.extended[i] = true
			return r.extend(ctx, x, inst)
		}})
	}
	return out
}

func (r *rehearsal) extend(ctx context.Context, x scenario.Extension, inst workflow.Instance) error {
	r.changes++
	s, _ := r.def.State(inst.State)
	end := civil.Span{Days: x.Days}.Shift(inst.DueAt, 1, r.cal)
	reason := x.Reason
	if reason == "" {
		reason = r.words.Tell("reason")
	}
	r.act(step{what: r.words.Tell("extend", "state", s.Title.In(r.Lang), "day", r.words.End(end, r.def.Location)), who: "promoter", fix: "deadline"}, inst)
	err := r.InTx(ctx, ofProcess, func(ctx context.Context, tx bun.IDB) error {
		out, err := r.conduct.Extend(ctx, tx, process, workflow.NewEnd{
			End: end, Reason: reason, PublicReason: true, Act: x.Act, Exception: x.Exception, Actor: workflow.Person(1, "promoter"),
		})
		if err == nil && out.Exception {
			r.once(r.beyond(s, out.Law, "extended-beyond", end), x.State)
		}
		return err
	})
	var refused *fault.Error
	if !errors.As(err, &refused) {
		return err
	}
	r.report.Acts = r.report.Acts[:len(r.report.Acts)-1]
	w := r.beyond(s, inst.Beyond(r.def, end), "extend-refused", end)
	w.Text += " " + r.words.Refusal(refused.Key)
	r.once(w, x.State)
	return nil
}
