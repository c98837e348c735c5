package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

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
	Kept   map[string]string `json:"kept,omitempty"`   // the caller's own

	Dates map[string]time.Time `json:"dates,omitempty"` // of the call, as they were
}

func pinOf(i *row.Instance) pin {
	return pin{
		i.Definition, i.Version, i.State, row.UTC(i.MinAt), row.UTC(i.DueAt), row.UTC(i.MaxAt), row.UTC(i.FirstDueAt),
	}
}

// Revert takes the last migration of an instance back, as long as nothing else
// moved it since: its term, its plan and what is still to come are as they were,
// but for what hangs on dates of the call that were given since, and those
// affected are told where an end moves back. Faults: Invalid
// workflow.reason_required; Closed workflow.migrate_ended; Conflict
// workflow.revert_none, workflow.revert_over (the term that would come back is
// over, or something else would happen at once), workflow.held, workflow.stale.
func (e *Engine) Revert(ctx context.Context, tx bun.IDB, ref Ref, p Pause) (Migration, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Migration{}, err
	}
	if err := p.check(w); err != nil {
		return Migration{}, err
	}
	old, err := w.revertible(ctx)
	if err != nil {
		return Migration{}, err
	}
	rows, err := w.unripe(ctx)
	if err != nil {
		return Migration{}, err
	}
	out := Migration{
		From: w.inst.State, To: old.From.State, Old: row.UTC(w.inst.DueAt), New: row.UTC(old.From.DueAt), States: old.States, Kept: old.Kept,
	}
	def, err := e.pinned(ctx, tx, old.From.Definition, old.From.Version, placeOf(w.inst))
	if err != nil {
		return Migration{}, err
	}
	told := w.concerned()
	w.turned = (*history.Past).Back
	w.inst.MinAt, w.inst.MaxAt, w.inst.FirstDueAt = old.From.MinAt, old.From.MaxAt, old.From.FirstDueAt
	if err := e.turn(ctx, w, def, out.To); err != nil {
		return Migration{}, err
	}
	if err := w.atOnce(rows, out.New, "workflow.revert_over"); err != nil {
		return Migration{}, err
	}
	if err := w.settle(ctx, &out, rows, told); err != nil {
		return Migration{}, err
	}
	if err := w.restore(ctx, old.Plan); err != nil {
		return Migration{}, err
	}
	if !maps.EqualFunc(old.Dates, w.facts.Process.Dates, time.Time.Equal) {
		b := w.reanchored(phaseOf(old.Plan, w.inst.State))
		w.inst.MinAt, w.inst.MaxAt = b.Min, b.Max
		if err := w.redate(ctx); err != nil {
			return Migration{}, err
		}
	}
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActRevert, From: out.From, ActorKind: string(p.Actor.Kind), ActorRole: w.office(p.Actor),
	}
	text := row.Text{PersonID: p.Actor.PersonID, Reason: p.Reason, PublicReason: p.PublicReason}
	return out, w.record(ctx, as, text, migrated{From: old.To, To: pinOf(w.inst), Moved: out.Moved})
}

// Revertible reports that Revert would find a migration to take back.
func (e *Engine) Revertible(ctx context.Context, db bun.IDB, ref Ref) (bool, error) {
	rows := e.open(db)
	inst, err := rows.Instance(ctx, ref)
	if err != nil {
		return false, err
	}
	_, err = (&work{tx: db, rows: rows, process: inst, inst: inst}).revertible(ctx)
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return err == nil, err
}

func (w *work) revertible(ctx context.Context) (migrated, error) {
	none := fault.New(fault.Conflict, "workflow.revert_none")
	if !w.inst.HeldAt.IsZero() {
		return migrated{}, fault.New(fault.Conflict, "workflow.held")
	}
	// What makes something public moves nothing.
	last, _, err := w.rows.LatestLog(ctx, w.inst.Ref(), definition.ActPublish, definition.ActPublishDocument, definition.ActWithdrawDocument)
	if err != nil {
		return migrated{}, fmt.Errorf("read the latest of the log: %w", err)
	}
	if len(last) == 0 || last[0].Transition != definition.ActMigrate {
		return migrated{}, none
	}
	var m migrated
	if err := json.Unmarshal(last[0].Facts, &m); err != nil {
		return migrated{}, fmt.Errorf("read migration %d: %w", last[0].Seq, err)
	}
	return m, nil
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

// carried is a plan under the names of another definition. What happened stays,
// in its order; of states that become one the first beginning and the last end.
func carried(plan []row.Phase, names map[string]string) []row.Phase {
	var out []row.Phase
	for _, p := range plan {
		p.State = history.Called(names, p.State)
		i := slices.IndexFunc(out, func(o row.Phase) bool { return o.State == p.State })
		if i < 0 {
			out = append(out, p)
			continue
		}
		o := &out[i]
		if p.StartedAt.IsZero() {
			continue
		}
		if o.StartedAt.IsZero() || p.EndedAt.IsZero() || !o.EndedAt.IsZero() && p.EndedAt.After(o.EndedAt) {
			o.EndedAt, o.Reason = p.EndedAt, p.Reason
		}
		if o.StartedAt.IsZero() || p.StartedAt.Before(o.StartedAt) {
			o.StartedAt = p.StartedAt
		}
	}
	return out
}

// recall gives the phases that are gone the titles of definitions before.
func (e *Engine) recall(ctx context.Context, db bun.IDB, ref Ref, plan []PlannedPhase) error {
	log, err := e.open(db).Passages(ctx, ref, []string{definition.ActMigrate}, []string{definition.ActMigrate})
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	titles, err := history.Titles(log, func(name string, version int) (*definition.Compiled, error) {
		return e.Resolve(ctx, db, name, version)
	})
	for i, p := range plan {
		if p.Gone {
			plan[i].Title = titles[p.State]
		}
	}
	return err
}

// planFrom plans the phases after the present one by the definition, from the end
// of its term, or from now where it has none. Ends that somebody fixed and lengths
// that somebody chose hold for the states that are still there.
func (w *work) planFrom(due time.Time, old []row.Phase) []PlannedPhase {
	at := due
	if at.IsZero() && !w.state().Term.Hangs() || at.Before(w.now) && !at.IsZero() {
		at = w.now
	}
	over, plan := map[string]bool{}, phases(old)
	for _, p := range plan {
		over[p.State] = !p.StartedAt.IsZero()
	}
	now, path, in := w.state(), w.def.MainPath(), w.given(plan)
	i := slices.Index(path, now.Name)
	if i < 0 { // beside the way: what was not begun comes after it
		path = slices.DeleteFunc(path, func(s string) bool { return over[s] })
		return outlook.LayOut(w.def, path, at, in)
	}
	p := in.Wishes[now.Name]
	p.State, p.Title, p.Start, p.End = now.Name, now.Title, row.UTC(w.inst.EnteredAt), due
	p.StartedAt, p.EndedAt, p.Reason = time.Time{}, time.Time{}, ""
	switch {
	case due.IsZero() && now.Term.Hangs():
		p.Source, p.Fixed = outlook.SourceAnchor, false
	case due.IsZero():
		p.Source, p.Fixed = outlook.SourceNone, false
	case p.Source == "" || p.Source == outlook.SourceNone:
		p.Source = outlook.SourceDefinition
	}
	return append([]PlannedPhase{p}, outlook.LayOut(w.def, path[i+1:], at, in)...)
}

// replan writes the plan of a migration behind what is over: old is the plan so
// far by the new names.
func (w *work) replan(ctx context.Context, old []row.Phase, plan []PlannedPhase) error {
	fresh, err := w.phaseRows(plan)
	if err != nil {
		return err
	}
	var all []row.Phase
	for _, o := range old {
		i := slices.IndexFunc(fresh, func(f row.Phase) bool { return f.State == o.State })
		switch {
		case i >= 0:
			fresh[i].StartedAt, fresh[i].EndedAt, fresh[i].Reason = o.StartedAt, o.EndedAt, o.Reason
		case !o.StartedAt.IsZero():
			all = append(all, o)
		}
	}
	return w.replace(ctx, append(all, fresh...))
}

func (w *work) replace(ctx context.Context, plan []row.Phase) error {
	for i := range plan {
		plan[i].ProcessID, plan[i].ActivityID, plan[i].Position = w.inst.ProcessID, w.inst.ActivityID, i
	}
	if err := w.rows.ReplacePlan(ctx, w.inst.Ref(), plan); err != nil {
		return fmt.Errorf("replace plan: %w", err)
	}
	return nil
}

// restore writes a plan that the log kept, with the public reasons of the moves
// that ended its states, which stand with the texts of the log alone.
func (w *work) restore(ctx context.Context, plan []PlannedPhase) error {
	log, texts, err := w.rows.Log(ctx, w.inst.ProcessID, 0, 0)
	if err != nil {
		return fmt.Errorf("read log: %w", err)
	}
	out := make([]row.Phase, len(plan))
	for i, p := range plan {
		out[i] = phaseRow(p)
		for _, r := range log {
			left := r.ActivityID == w.inst.ActivityID && r.Event != "" && !p.EndedAt.IsZero() && r.EffectiveAt.Equal(p.EndedAt)
			if text := texts[r.Seq]; left && (out[i].Reason == "" || r.From == p.State) {
				out[i].Reason = ""
				if text.PublicReason {
					out[i].Reason = text.Reason
				}
			}
		}
	}
	return w.replace(ctx, out)
}

func phaseRow(p PlannedPhase) row.Phase {
	return row.Phase{
		State: p.State, PlannedStart: p.Start, PlannedEnd: p.End, Source: string(p.Source), Days: p.Days, Fixed: p.Fixed,
		StartedAt: p.StartedAt, EndedAt: p.EndedAt,
	}
}
