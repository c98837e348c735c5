package workflow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// NewVersion asks that a running instance goes on by another definition: a newer
// version of its own, or one that was made from it. States maps those of the old
// definition to those of the new one; one that is missing keeps its name.
// ExpectRevision 0 skips the check.
type NewVersion struct {
	Definition     string
	Version        int
	States         map[string]string
	Reason         string
	PublicReason   bool
	Actor          Actor
	ExpectRevision int64
}

// Migration is what a change of definition does, or would do: the state that the
// instance is in before and after, the dates of its deadlines that change, and
// the plan from here on.
type Migration struct {
	From, To string
	Moved    []Move
	Plan     []PlannedPhase
	Revision int64
}

// pin is a definition as an instance names it, with what hangs on it: what the
// log keeps so that a migration can be taken back.
type pin struct {
	Definition string    `json:"definition"`
	Version    int       `json:"version"`
	State      string    `json:"state"`
	MinAt      time.Time `json:"min_at,omitzero"`
	DueAt      time.Time `json:"due_at,omitzero"`
	MaxAt      time.Time `json:"max_at,omitzero"`
	FirstDueAt time.Time `json:"first_due_at,omitzero"`
}

// migrated is what the log keeps of a migration.
type migrated struct {
	From  pin            `json:"from"`
	To    pin            `json:"to"`
	Moved []Move         `json:"moved"`
	Plan  []PlannedPhase `json:"plan,omitempty"` // as it was, without reasons

	States map[string]string `json:"states,omitempty"` // the mapping, old names to new ones
}

func pinOf(i *row.Instance) pin {
	return pin{
		i.Definition, i.Version, i.State, row.UTC(i.MinAt), row.UTC(i.DueAt), row.UTC(i.MaxAt), row.UTC(i.FirstDueAt),
	}
}

// Migrate moves an instance to another definition. It stays where it is, in the
// state that the present one is mapped to; the end of its term is a promise and
// stays, within what the new definition allows; deadlines are placed anew and the
// phases to come are planned by the new definition. Faults: Invalid
// workflow.reason_required (field reason), workflow.migrate_state (field states:
// the present state has none in the new definition, or a final one); NotFound
// workflow.definition_unknown; Conflict workflow.migrate_same,
// workflow.migrate_level, workflow.migrate_final, workflow.held, workflow.stale.
func (e *Engine) Migrate(ctx context.Context, tx bun.IDB, ref Ref, v NewVersion) (Migration, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Migration{}, err
	}
	if err := (Pause{Reason: v.Reason, ExpectRevision: v.ExpectRevision}).check(w); err != nil {
		return Migration{}, err
	}
	before := pinOf(w.inst)
	planned, err := w.wholePlan(ctx)
	if err != nil {
		return Migration{}, err
	}
	out, err := e.migrate(ctx, w, v, true)
	if err != nil {
		return Migration{}, err
	}
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActMigrate, From: out.From, ActorKind: string(v.Actor.Kind), ActorRole: w.office(v.Actor),
	}
	text := row.Text{PersonID: v.Actor.PersonID, Reason: v.Reason, PublicReason: v.PublicReason}
	if err := w.record(ctx, as, text, migrated{From: before, To: pinOf(w.inst), Moved: out.Moved, Plan: planned, States: v.States}); err != nil {
		return Migration{}, err
	}
	out.Revision = w.inst.Revision
	return out, nil
}

// PreviewMigrate lists what Migrate would change and saves nothing. It returns
// the same faults, except those of the reason and the revision.
func (e *Engine) PreviewMigrate(ctx context.Context, tx bun.IDB, ref Ref, v NewVersion) (Migration, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Migration{}, err
	}
	return e.migrate(ctx, w, v, false)
}

func (e *Engine) migrate(ctx context.Context, w *work, v NewVersion, save bool) (Migration, error) {
	def, err := e.pinned(ctx, w.tx, v.Definition, v.Version, placeOf(w.inst))
	if err != nil {
		return Migration{}, err
	}
	out := Migration{From: w.inst.State, To: v.state(w.inst.State), Revision: w.inst.Revision}
	if err := w.mayMigrate(def, out.To); err != nil {
		return Migration{}, err
	}
	if save {
		if err := w.rows.Publish(ctx, published(e.shipped(def), w.now)); err != nil {
			return Migration{}, err
		}
	}
	w.def = def
	w.inst.Definition, w.inst.Version, w.inst.State = def.Name, def.Version, out.To
	w.inst.Revision++
	if err := e.gather(ctx, w, w.now); err != nil {
		return Migration{}, err
	}
	planned, err := w.wholePlan(ctx)
	if err != nil {
		return Migration{}, err
	}
	due := w.migratedEnd()
	if out.Moved, err = w.rearm(ctx, due, save); err != nil {
		return Migration{}, err
	}
	w.inst.DueAt = due
	if len(planned) > 0 {
		out.Plan = w.planFrom(due, v.chosen(planned))
	}
	if !save || len(planned) == 0 {
		return out, nil
	}
	return out, w.replan(ctx, v.States, out.Plan)
}

// state is what a state of the old definition is called in the new one.
func (v NewVersion) state(old string) string {
	if to, ok := v.States[old]; ok {
		return to
	}
	return old
}

func (w *work) mayMigrate(def *definition.Compiled, to string) error {
	s, ok := def.State(to)
	switch {
	case !w.inst.HeldAt.IsZero():
		return fault.New(fault.Conflict, "workflow.held")
	case def.Name == w.inst.Definition && def.Version == w.inst.Version:
		return fault.New(fault.Conflict, "workflow.migrate_same")
	case def.Level != w.def.Level:
		return fault.New(fault.Conflict, "workflow.migrate_level")
	case w.state().Final:
		return fault.New(fault.Conflict, "workflow.migrate_final")
	case !ok || s.Final:
		return fault.Field("states", "workflow.migrate_state", "state", w.state().Title.In("it"))
	}
	return nil
}

// migratedEnd places minimum and maximum by the new definition and gives the end
// of the term: the promised one, within them; one that hangs on an anchor where
// the new definition says so; none where the state has no term any more.
func (w *work) migratedEnd() time.Time {
	b := termBounds(w.state().Term, w.entered(), nil, w.facts, w.def.Civil())
	due := row.UTC(w.inst.DueAt)
	t := w.state().Term
	if t == nil || t.Until != "" || due.IsZero() {
		due = w.anchoredEnd(b)
	}
	if !b.max.IsZero() && due.After(b.max) {
		due = b.max
	}
	if due.Before(b.min) {
		due = b.min
	}
	w.inst.MinAt, w.inst.MaxAt, w.inst.FirstDueAt = b.min, b.max, due
	return due
}

// wholePlan is the plan as it stands, without reasons: they are people's words, and
// erasure must reach them.
func (w *work) wholePlan(ctx context.Context) ([]PlannedPhase, error) {
	plan, err := w.planned(ctx)
	if err != nil {
		return nil, fmt.Errorf("read plan: %w", err)
	}
	for i := range plan {
		plan[i].Reason = ""
	}
	return plan, nil
}

// chosen are the lengths in days that somebody chose, by the states' new names.
func (v NewVersion) chosen(plan []PlannedPhase) map[string]int {
	out := map[string]int{}
	for _, p := range plan {
		if p.Days > 0 {
			out[v.state(p.State)] = p.Days
		}
	}
	return out
}

// planFrom plans the phases after the present one by the definition, from the end
// of its term, or from now where it has none.
func (w *work) planFrom(due time.Time, days map[string]int) []PlannedPhase {
	at := due
	if at.IsZero() || at.Before(w.now) {
		at = w.now
	}
	path := w.def.MainPath()
	i := slices.Index(path, w.inst.State)
	if i < 0 {
		return nil
	}
	now := w.state()
	out := []PlannedPhase{{State: now.Name, Title: now.Title, Start: row.UTC(w.inst.EnteredAt), End: due, Source: SourceDefinition}}
	if due.IsZero() {
		out[0].Source = SourceNone
	}
	return append(out, layOut(w.def, path[i+1:], at, map[string]time.Time{now.Name: row.UTC(w.inst.EnteredAt)}, days)...)
}

// replan writes the plan of a migration. The rows of states that have another
// name now are theirs; what is over stays before the present state.
func (w *work) replan(ctx context.Context, names map[string]string, plan []PlannedPhase) error {
	for _, from := range slices.Sorted(maps.Keys(names)) {
		if to := names[from]; from != to {
			if err := w.rows.RenamePhase(ctx, w.inst.Ref(), from, to); err != nil {
				return fmt.Errorf("rename %s in the plan: %w", from, err)
			}
		}
	}
	now, err := w.planned(ctx)
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	over := 0
	for _, p := range now {
		if !p.StartedAt.IsZero() && !slices.ContainsFunc(plan, func(q PlannedPhase) bool { return q.State == p.State }) {
			over++
		}
	}
	return w.planAfter(ctx, over, plan)
}
