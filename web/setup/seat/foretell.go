package seat

import (
	"slices"

	"arengo/process"
	"arengo/process/foresight"
	"arengo/process/seat"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/workflow/definition"
)

// foretell adds what the move of an activity to a phase changes.
func (a *area) foretell(r *site.Request, p *seatPage, on process.Activity, to string) error {
	look, err := seat.Look(r.Context(), a.core, r.Gate.Process, seat.Move{Activity: on.ID, From: on.Phase, To: to})
	if err != nil {
		return err
	}
	pairs, err := a.foresee.Pairs(r.Context(), r.Gate.Process, foresight.Change{Activity: on.ID, Phase: to})
	if err != nil {
		return err
	}
	pairs = slices.DeleteFunc(pairs, func(x foresight.Pair) bool { return x.Activity.ID != on.ID })
	p.Chosen, p.Send = to, r.T("setup.seat.send", "phase", look.To.Title.In(r.Lang))
	own, err := a.core.Engine().Resolve(r.Context(), a.core.DB(), on.Definition, on.Version)
	if err != nil {
		return err
	}
	p.Effects = effects(r, on.State != own.Initial, look)
	p.Warnings = slices.Concat(warnings(r, on, look), gate.Clashes(r, pairs))
	return nil
}

// effects are what changes, and what does not, for an activity that people have
// heard of or not.
func effects(r *site.Request, announced bool, look seat.Preview) []string {
	var out []string
	if key := "setup.seat.public"; r.Gate.Process.Published() {
		if !announced {
			key += ".later"
		}
		out = append(out, r.T(key, "phase", look.To.Title.In(r.Lang)))
	}
	for _, x := range look.Gone {
		out = append(out, r.T("setup.seat.gone", "move", x.Move.In(r.Lang), "why", x.Text.In(r.Lang)))
	}
	return append(out, r.T("setup.seat.stays"))
}

// warnings are what somebody may not have wanted of it.
func warnings(r *site.Request, on process.Activity, look seat.Preview) []string {
	var out []string
	kind := r.T(on.Kind + ".kind")
	for _, n := range look.Lacks {
		out = append(out, r.T("setup.seat.lacks", "phase", n.Phase.In(r.Lang), "kind", kind, "n", n.Missing))
	}
	for _, x := range look.New {
		out = append(out, r.T("setup.seat.new", "move", x.Move.In(r.Lang), "why", x.Text.In(r.Lang)))
	}
	passes := func(key string, list []definition.State) {
		for _, st := range list {
			out = append(out, r.T(key, "phase", st.Title.In(r.Lang), "kinds", r.T(on.Kind+".kinds")))
		}
	}
	passes("setup.seat.opens", look.Opens)
	passes("setup.seat.closes", look.Closes)
	return out
}
