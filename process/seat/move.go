package seat

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
)

// Move gives an activity another phase. From is the one that the form showed.
type Move struct {
	Activity process.ActivityID
	From, To string
}

// Phases are those that an activity may be moved to, besides its own: the present
// phase of its process and those to come. What is over takes nothing in.
func Phases(def *definition.Compiled, now workflow.Instance) []string {
	path := def.MainPath()
	return path[max(0, slices.Index(path, now.State)):]
}

// Kept is the refusal to move an activity that is over: everybody may have read in
// which phase it was. Of a process that is no more than a draft any may be moved.
// It is fault.Closed "activity.phase_kept".
func Kept(ctx context.Context, db bun.IDB, core *process.Service, p process.Process, a process.Activity) error {
	def, err := core.Engine().Resolve(ctx, db, a.Definition, a.Version)
	if err == nil && p.Published() && def.Final(a.State) {
		err = fault.New(fault.Closed, "activity.phase_kept")
	}
	return err
}

// Do moves an activity to another phase, which its log notes; to its own changes
// nothing. State, dates, invitations and what people gave stay as they are, and nobody
// is told. The refusals are fault.NotFound "activity.not_found", fault.Conflict
// "form.stale" when somebody moved it first, fault.Invalid "activity.phase_over" (field
// phase) for a phase that is over or none, those of Kept and, for
// process.ActActivityEdit, of process.Allow.
func Do(ctx context.Context, core *process.Service, id process.ID, who process.Actor, m Move) error {
	return core.Conduct(ctx, id, who, process.ActActivityEdit, func(ctx context.Context, tx bun.Tx, _ *conduct.Conduct, as workflow.Actor) error {
		p, err := core.LoadProcess(ctx, tx, id)
		if err != nil {
			return err
		}
		a, err := m.carry(ctx, tx, core, p)
		if err != nil || a.Phase == m.To {
			return err
		}
		return core.Engine().NotePhase(ctx, tx, a.Ref(), as, workflow.PhaseChange{From: a.Phase, To: m.To})
	})
}

// carry writes the new phase in the caller's transaction and gives the activity as
// it was.
func (m Move) carry(ctx context.Context, tx bun.IDB, core *process.Service, p process.Process) (process.Activity, error) {
	a, err := core.LoadActivity(ctx, tx, p.ID, m.Activity)
	if err != nil || a.Phase == m.To {
		return a, err
	}
	if a.Phase != m.From {
		return a, fault.New(fault.Conflict, "form.stale")
	}
	if err := Kept(ctx, tx, core, p, a); err != nil {
		return a, err
	}
	def, inst, err := core.Definition(ctx, tx, p)
	if err != nil {
		return a, err
	}
	if !slices.Contains(Phases(def, inst), m.To) {
		return a, fault.Field("phase", "activity.phase_over")
	}
	to := Seat{Activity: a}
	to.Phase = m.To
	return a, to.Save(ctx, tx)
}

// Reason is something in the way of a move of the process, with the name of the
// move.
type Reason struct {
	Move, Text definition.Text
}

// Need is what a phase would lack of the kind.
type Need struct {
	Phase   definition.Text
	Missing int
}

// Preview is what a move would change. Gone and New are the reasons against moves of
// the process that would fall away or arise; Lacks are phases that would have less
// than they ask for. Opens and Closes are phases that come before the activity's own,
// or are it, and open or close what there is of the kind, whatever its phase.
type Preview struct {
	From, To      definition.State
	Gone, New     []Reason
	Lacks         []Need
	Opens, Closes []definition.State
}

// Look shows what a move changes; nothing is saved. The refusals are those of Do,
// but for the policy's.
func Look(ctx context.Context, core *process.Service, p process.Process, m Move) (out Preview, err error) {
	err = pg.Undone(ctx, core.DB(), func(ctx context.Context, tx bun.Tx) error {
		def, inst, err := core.Definition(ctx, tx, p)
		if err != nil {
			return err
		}
		before, err := against(ctx, tx, core, p)
		if err != nil {
			return err
		}
		a, err := m.carry(ctx, tx, core, p)
		if err != nil {
			return err
		}
		after, err := against(ctx, tx, core, p)
		if err != nil {
			return err
		}
		out.From, _ = def.State(a.Phase)
		out.To, _ = def.State(m.To)
		out.Gone, out.New = without(before, after), without(after, before)
		out.pass(def, inst, a.Kind)
		seats, err := Of(ctx, tx, core, p.ID)
		out.lack(seats, a.Kind)
		return err
	})
	return out, err
}

// against are the reasons against each move of the process, by their codes.
func against(ctx context.Context, tx bun.IDB, core *process.Service, p process.Process) (map[[2]string]Reason, error) {
	options, err := core.Engine().Explain(ctx, tx, p.Ref(), workflow.System())
	out := map[[2]string]Reason{}
	for _, o := range options {
		for _, b := range o.Blockers {
			out[[2]string{o.Transition.ID, b.Code}] = Reason{o.Label, b.Explain}
		}
	}
	return out, err
}

// without are the reasons of one map that another lacks, in the order of their moves.
func without(these, those map[[2]string]Reason) []Reason {
	var keys [][2]string
	for k := range these {
		if _, ok := those[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	out := make([]Reason, len(keys))
	for i, k := range keys {
		out[i] = these[k]
	}
	return out
}

// pass notes the phases after the present one, up to the chosen one, that open or
// close the kind; what the chosen one opens is what it should.
func (p *Preview) pass(def *definition.Compiled, now workflow.Instance, kind string) {
	for _, name := range Phases(def, now) {
		st, _ := def.State(name)
		for _, x := range st.OnEnter {
			switch {
			case name == now.State:
			case x.Close == kind:
				p.Closes = append(p.Closes, st)
			case x.Open == kind && name != p.To.Name:
				p.Opens = append(p.Opens, st)
			}
		}
		if name == p.To.Name {
			return
		}
	}
}

// lack notes the phases of the two that ask for more of the kind than they have.
func (p *Preview) lack(seats []Seat, kind string) {
	for _, st := range []definition.State{p.From, p.To} {
		for _, n := range Missing(st, seats) {
			if n.Kind == kind {
				p.Lacks = append(p.Lacks, Need{st.Title, n.Min})
			}
		}
	}
}
