package workflow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

// NewVersion asks that a running instance goes on by another definition: a newer
// version of its own, or one that was made from it. States maps those of the old
// definition to those of the new one; one that is missing keeps its name.
// Kept is the caller's own, which Revert gives back. ExpectRevision 0 skips the
// check.
type NewVersion struct {
	Definition     string
	Version        int
	States         map[string]string
	Kept           map[string]string
	Reason         string
	PublicReason   bool
	Actor          Actor
	ExpectRevision int64
}

// Migration is what a change of definition does: the state that the
// instance is in before and after, the end of its term, the dates of its deadlines
// that change, and the plan from here on. Effects tell those affected where the
// end moves. States and Kept, of one that is taken back, are the mapping and the
// caller's own that it was made with.
type Migration struct {
	From, To string
	Old, New time.Time
	Moved    []Move
	Plan     []PlannedPhase
	Effects  []Effect
	Revision int64
	States   map[string]string
	Kept     map[string]string
}

// Migrate moves an instance to another definition. It stays where it is, in the
// state that the present one is mapped to. The end of its term is a promise: it
// stays, even beyond what the new definition allows, moves later where that asks
// for longer, and never earlier. Deadlines are placed anew, none of which happens
// at once; the phases to come are planned by the new definition with the ends and
// lengths that somebody chose. Faults: Invalid workflow.reason_required (field
// reason), workflow.migrate_state (field states: the present state has none in the
// new definition, or a final one); NotFound workflow.definition_unknown; Closed
// workflow.migrate_ended; Conflict workflow.migrate_same, workflow.migrate_older,
// workflow.migrate_level, workflow.migrate_final, workflow.migrate_over,
// workflow.held, workflow.stale.
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
	out, err := e.migrate(ctx, w, v)
	if err != nil {
		return Migration{}, err
	}
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActMigrate, From: out.From, ActorKind: string(v.Actor.Kind), ActorRole: w.office(v.Actor),
	}
	text := row.Text{PersonID: v.Actor.PersonID, Reason: v.Reason, PublicReason: v.PublicReason}
	facts := migrated{From: before, To: pinOf(w.inst), Moved: out.Moved, Plan: planned, States: v.States, Kept: v.Kept, Dates: w.facts.Process.Dates}
	return out, w.record(ctx, as, text, facts)
}

func (e *Engine) migrate(ctx context.Context, w *work, v NewVersion) (Migration, error) {
	def, err := e.pinned(ctx, w.tx, v.Definition, v.Version, placeOf(w.inst))
	if err != nil {
		return Migration{}, err
	}
	out := Migration{From: w.inst.State, To: history.Called(v.States, w.inst.State), Old: row.UTC(w.inst.DueAt), States: v.States, Kept: v.Kept}
	if err := w.mayMigrate(def, out.To); err != nil {
		return Migration{}, err
	}
	rows, err := w.unripe(ctx)
	if err != nil {
		return Migration{}, err
	}
	if err := w.rows.Publish(ctx, published(e.shipped(def), w.now)); err != nil {
		return Migration{}, err
	}
	old, err := w.rows.Plan(ctx, w.inst.Ref())
	if err != nil {
		return Migration{}, fmt.Errorf("read plan: %w", err)
	}
	old = carried(old, v.States)
	was, told := w.def, w.concerned()
	term := w.state().Term
	w.turned = func(p *history.Past) { p.Rename(v.States) }
	if err := e.turn(ctx, w, def, out.To); err != nil {
		return Migration{}, err
	}
	if out.New, err = w.migratedEnd(old, w.keepsBounds(was, term, v.States)); err != nil {
		return Migration{}, err
	}
	if err := w.atOnce(rows, out.New, "workflow.migrate_over"); err != nil {
		return Migration{}, err
	}
	if err := w.settle(ctx, &out, rows, told); err != nil {
		return Migration{}, err
	}
	if slices.ContainsFunc(old, func(p row.Phase) bool { return !p.PlannedStart.IsZero() || p.Fixed || p.Days > 0 }) {
		out.Plan = w.planFrom(out.New, old)
	}
	return out, w.replan(ctx, old, out.Plan)
}

// turn lets an instance run by another definition from here on.
func (e *Engine) turn(ctx context.Context, w *work, def *definition.Compiled, state string) error {
	w.def = def
	w.inst.Definition, w.inst.Version, w.inst.State = def.Name, def.Version, state
	w.inst.Revision++
	return e.gather(ctx, w, w.now)
}

// settle brings the deadlines in line with the end that a change of definition
// leaves, and says whom to tell where it moved: those concerned before and after.
func (w *work) settle(ctx context.Context, out *Migration, rows []row.Deadline, told []string) (err error) {
	if out.Moved, err = w.rearmRows(ctx, rows, w.anew(rows, out.New)); err != nil {
		return err
	}
	w.inst.DueAt, out.Revision = out.New, w.inst.Revision
	if out.New.Equal(out.Old) {
		return nil
	}
	if out.New.After(w.now) {
		if err := w.rows.Resolve(ctx, w.inst.Ref(), w.now); err != nil {
			return fmt.Errorf("resolve incidents: %w", err)
		}
	}
	for _, word := range w.concerned() {
		if !slices.Contains(told, word) {
			told = append(told, word)
		}
	}
	if len(told) == 0 || out.New.IsZero() {
		return nil
	}
	notice := definition.NoticeShortened
	if !out.Old.IsZero() && out.New.After(out.Old) {
		notice = definition.NoticeExtended
	}
	out.Effects = []Effect{{
		Kind: EffectNotice, Ref: w.inst.Ref(), Notice: notice, Audience: told, State: w.inst.State, At: w.now,
		Occasion: w.occasion(fmt.Sprintf("version.r%d", w.inst.Revision)), Expires: out.New, DueAt: out.New,
	}}
	return nil
}

func (w *work) mayMigrate(def *definition.Compiled, to string) error {
	s, ok := def.State(to)
	switch {
	case !w.inst.HeldAt.IsZero():
		return fault.New(fault.Conflict, "workflow.held")
	case def.Name == w.inst.Definition && def.Version == w.inst.Version:
		return fault.New(fault.Conflict, "workflow.migrate_same")
	case def.Name == w.inst.Definition && def.Version < w.inst.Version:
		return fault.New(fault.Conflict, "workflow.migrate_older")
	case def.Level != w.def.Level:
		return fault.New(fault.Conflict, "workflow.migrate_level")
	case w.state().Final:
		return fault.New(fault.Conflict, "workflow.migrate_final")
	case !ok || s.Final:
		return fault.Field("states", "workflow.migrate_state", "state", w.state().Title.In("it"))
	}
	return nil
}

// unripe gives the deadlines of the present entry, unless one that moves the
// instance is due and about to fire: people may already have been turned away.
func (w *work) unripe(ctx context.Context) ([]row.Deadline, error) {
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return nil, fmt.Errorf("read deadlines: %w", err)
	}
	for _, r := range rows {
		if r.Open() && r.Action == actionEvent && !r.DueAt.After(w.now) {
			return nil, fault.New(fault.Closed, "workflow.migrate_ended", "due", w.local(r.DueAt))
		}
	}
	return rows, nil
}

// atOnce refuses a definition by which something would happen at once, unasked:
// an event that would have been due before. One that fired and that a guard
// stopped stays stopped.
func (w *work) atOnce(rows []row.Deadline, due time.Time, key string) error {
	for _, d := range deadlines(w.def, w.state(), w.moment(w.entered(), due)) {
		if d.action != actionEvent || d.due.After(w.now) {
			continue
		}
		i := slices.IndexFunc(rows, func(r row.Deadline) bool { return r.Name == d.name })
		if i < 0 || rows[i].FiredAt.IsZero() || rows[i].Action != actionEvent {
			return fault.New(fault.Conflict, key, "due", w.local(d.due))
		}
	}
	return nil
}

// keepsBounds reports that the present state's term is placed as in the
// definition before: its least and most stay as they are.
func (w *work) keepsBounds(before *definition.Compiled, was *definition.Term, names map[string]string) bool {
	is := w.state().Term
	if was == nil || is == nil || before.Calendar != w.def.Calendar {
		return was == is
	}
	from := was.From
	if kind, name := definition.SplitAnchor(from); kind == definition.AnchorState {
		from = kind + ":" + history.Called(names, name)
	}
	return was.Min == is.Min && was.Max == is.Max && from == is.From && was.OnHoliday == is.OnHoliday
}

// migratedEnd places minimum and maximum by the new definition, unless they are
// those of the one before, and gives the end of the term. One that begins only now
// counts like any other, or from now where it would be over; one that was promised
// is no earlier. What is granted beyond it goes on counting from the end that was
// planned first, unless the end is another.
func (w *work) migratedEnd(old []row.Phase, same bool) (time.Time, error) {
	term, stands := w.state().Term, row.UTC(w.inst.DueAt)
	from := w.entered()
	for _, p := range phases(old) {
		if p.State == w.inst.State && w.inst.Entry == 1 && p.Start.After(from) {
			from = p.Start // of the first state, see enter
		}
	}
	b := outlook.TermBounds(term, from, nil, w.facts, w.def.Civil())
	if !same {
		w.inst.MinAt, w.inst.MaxAt = b.Min, b.Max
	}
	due := stands
	switch {
	case term != nil && term.Until != "":
		due = outlook.AtLeast(stands, w.anchoredEnd(b))
	case stands.IsZero():
		if due = b.Due; !due.IsZero() && !due.After(w.now) {
			due = outlook.TermBounds(&definition.Term{Length: term.Length, OnHoliday: term.OnHoliday}, w.now, nil, w.facts, w.def.Civil()).Due
		}
	}
	if due = row.UTC(due); !due.IsZero() {
		due = outlook.AtLeast(due, row.UTC(w.inst.MinAt))
	}
	if stands.IsZero() && !due.IsZero() && !due.After(w.now) {
		return due, fault.New(fault.Conflict, "workflow.migrate_over", "due", w.local(due))
	}
	switch {
	case term != nil && term.Until != "":
		w.inst.FirstDueAt = b.Due
	case !due.Equal(stands):
		w.inst.FirstDueAt = due
	}
	return due, nil
}
