package workflow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Start is what Create needs. Version 0 is the latest, an empty Zone the
// definition's; Plan may be nil.
type Start struct {
	Definition string
	Version    int
	Zone       string
	Closed     string // see Instance
	Actor      Actor
	Plan       []PlannedPhase
}

// Create starts an instance in its initial state, arms its deadlines and
// returns the effects of entering it. The process must exist before its
// activities. A second instance is a fault.Conflict "workflow.instance_exists".
func (e *Engine) Create(ctx context.Context, tx bun.IDB, ref Ref, s Start) (Result, error) {
	w, err := e.begin(ctx, tx, ref, s)
	if err != nil {
		return Result{}, err
	}
	if err := w.plan(ctx, s.Plan); err != nil {
		return Result{}, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return Result{}, err
	}
	if err := e.enter(ctx, w, "", w.now); err != nil {
		return Result{}, err
	}
	w.facts.Term = TermFacts(instance(w.inst), w.now, w.def.Location)
	as := &row.Log{EffectiveAt: w.now, Transition: definition.ActCreate, ActorKind: string(s.Actor.Kind), ActorRole: w.office(s.Actor)}
	if err := w.record(ctx, as, row.Text{PersonID: s.Actor.PersonID}, w.facts); err != nil {
		return Result{}, err
	}
	if err := w.arm(ctx); err != nil {
		return Result{}, err
	}
	r := w.result("", as)
	r.Effects = w.effects(w.state().OnEnter, "enter", w.now)
	return r, nil
}

// begin inserts the row of a new instance, under the process's lock.
func (e *Engine) begin(ctx context.Context, tx bun.IDB, ref Ref, s Start) (*work, error) {
	def, err := e.pinned(ctx, tx, s.Definition, s.Version, place{s.Zone, s.Closed})
	if err != nil {
		return nil, err
	}
	level := definition.LevelProcess
	w := &work{tx: tx, rows: e.open(tx), told: e.told, def: def}
	if ref.ActivityID != 0 {
		level = definition.LevelActivity
		if w.process, _, err = w.rows.Lock(ctx, ref.Process()); err != nil {
			return nil, err
		}
	}
	if def.Level != level {
		return nil, fmt.Errorf("create %+v: workflow %s is of level %s", ref, def.Name, def.Level)
	}
	if w.now, err = e.Now(ctx, tx); err != nil {
		return nil, err
	}
	if err := w.rows.Publish(ctx, published(e.shipped(def), w.now)); err != nil {
		return nil, err
	}
	w.inst = &row.Instance{
		ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, Definition: def.Name, Version: def.Version,
		Zone: def.Location.String(), ClosedDays: s.Closed, State: def.Initial, EnteredAt: w.now, CreatedAt: w.now,
	}
	if w.process == nil {
		w.process = w.inst
	}
	return w, w.rows.AddInstance(ctx, w.inst)
}

// shipped is the definition with its own zone, as it is published.
func (e *Engine) shipped(def *definition.Compiled) *definition.Compiled {
	if c, err := e.defs.Get(def.Name, def.Version); err == nil {
		return c
	}
	return def
}

// Explain lists the transitions that leave the present state and what blocks
// each for this actor: the same decision as Apply, without the move or a lock.
func (e *Engine) Explain(ctx context.Context, tx bun.IDB, ref Ref, actor Actor) ([]Option, error) {
	rows := e.open(tx)
	inst, err := rows.Instance(ctx, ref)
	if err != nil {
		return nil, err
	}
	w := &work{tx: tx, rows: rows, process: inst, inst: inst}
	if ref.ActivityID != 0 {
		if w.process, err = rows.Instance(ctx, ref.Process()); err != nil {
			return nil, err
		}
	}
	if w.now, err = e.Now(ctx, tx); err != nil {
		return nil, err
	}
	if w.def, err = e.pinned(ctx, tx, inst.Definition, inst.Version, placeOf(inst)); err != nil {
		return nil, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return nil, err
	}
	options := Options(w.def, w.input(actor))
	return options, w.foresee(ctx, options, w.now)
}

// Options lists every transition that leaves the state, in file order, with
// its blockers.
func Options(def *definition.Compiled, in Input) []Option {
	var out []Option
	for _, t := range def.Leaving(in.State) {
		to, _ := def.State(t.To)
		out = append(out, Option{Transition: t, Label: def.Label(t), To: to, Blockers: block(def, t, in), Cut: in.cut(def, t)})
	}
	return out
}

// Owes reports that the option needs a reason: its transition always does, or it cuts
// a term of law short now.
func (o Option) Owes() bool { return o.Transition.ReasonRequired || o.Cut != nil }

// input is what a decision about the instance depends on, before anything is
// asked for.
func (w *work) input(actor Actor) Input {
	in := Input{State: w.inst.State, Held: row.UTC(w.inst.HeldAt), Actor: actor, Facts: w.facts}
	if w.inst.ActivityID != 0 {
		in.Rests = row.UTC(w.process.HeldAt)
	}
	return in
}

// Publish writes what a library ships as immutable rows. It changes
// nothing for those already there and refuses one whose source differs.
func Publish(ctx context.Context, tx bun.IDB, l *definition.Library, clock Clock) error {
	now, err := clock.Now(ctx, tx)
	if err != nil {
		return fmt.Errorf("publish definitions: %w", err)
	}
	var all []error
	for _, c := range l.Shipped() {
		if err := database(tx).Publish(ctx, published(c, now)); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

func published(c *definition.Compiled, now time.Time) row.Definition {
	return row.Definition{Name: c.Name, Version: c.Version, SHA256: c.SHA256, Source: c.Source, CreatedAt: now}
}

// Publish writes one definition that no program ships as an immutable row, which
// Resolve finds from then on, with what it was made from. fault.Conflict
// "workflow.definition_changed" where the name and version have another source.
func (e *Engine) Publish(ctx context.Context, tx bun.IDB, c *definition.Compiled, base Pin) error {
	now, err := e.clock.Now(ctx, tx)
	if err != nil {
		return fmt.Errorf("publish %s@%d: %w", c.Name, c.Version, err)
	}
	e.defs.Doubt(c.Name, c.Version)
	d := published(c, now)
	d.BaseName, d.BaseVersion = base.Definition, base.Version
	return e.open(tx).Publish(ctx, d)
}

// Version is a published definition, and what it was made from: zero for one that
// is shipped, its version 0 where nobody knows it.
type Version struct {
	Pin
	Base Pin
}

// Versions are the published definitions of a name, the oldest first.
func (e *Engine) Versions(ctx context.Context, db bun.IDB, name string) ([]Version, error) {
	rows, err := e.open(db).Versions(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("list versions of %s: %w", name, err)
	}
	out := make([]Version, len(rows))
	for i, d := range rows {
		out[i] = Version{Pin{d.Name, d.Version}, Pin{d.BaseName, d.BaseVersion}}
	}
	return out, nil
}

// Load takes into the library every published definition that an instance runs
// and this program does not ship: what is asked of all definitions at once knows
// them too. One that no longer compiles is logged and left out, since it is of
// no concern to the other processes.
func (e *Engine) Load(ctx context.Context, db bun.IDB) error {
	all, err := e.open(db).Used(ctx)
	if err != nil {
		return fmt.Errorf("load definitions: %w", err)
	}
	for _, d := range all {
		_, err := e.Resolve(ctx, db, d.Name, d.Version)
		var broken definition.Problems
		switch {
		case errors.As(err, &broken), fault.Is(err, fault.NotFound):
			e.log.ErrorContext(ctx, "a definition in use cannot be loaded", "definition", d.Name, "version", d.Version, "error", err)
		case err != nil:
			return fmt.Errorf("load definition %s@%d: %w", d.Name, d.Version, err)
		}
	}
	return nil
}

// Resolve finds a definition in the library or, for a version that this program
// does not ship, among the published rows: one that it no longer ships, or that
// a newer program beside it published. What is found stays in the library, unless
// it is read in the transaction that publishes it and may come to nothing.
// Version 0 is the latest that is shipped. fault.NotFound
// "workflow.definition_unknown" when it is nowhere.
func (e *Engine) Resolve(ctx context.Context, db bun.IDB, name string, version int) (*definition.Compiled, error) {
	c, err := e.defs.Get(name, version)
	if err == nil || version == 0 {
		return c, err
	}
	source, found, err := e.open(db).Source(ctx, name, version)
	if err != nil {
		return nil, err
	}
	if !found {
		return e.defs.Get(name, version)
	}
	c, problems := definition.Read(fmt.Sprintf("%s@%d", name, version), source, nil)
	if problems != nil {
		return nil, fmt.Errorf("published definition no longer compiles: %w", problems)
	}
	_, outside := db.(*bun.DB)
	return e.defs.Learn(c, !outside)
}

// place is where an instance counts its days: the zone of its clock, "" for the
// definition's, and the days of every year on which the offices are closed.
type place struct{ zone, closed string }

func placeOf(i *row.Instance) place { return place{i.Zone, i.ClosedDays} }

// pinned is a definition as an instance counts its days.
func (e *Engine) pinned(ctx context.Context, db bun.IDB, name string, version int, at place) (*definition.Compiled, error) {
	def, err := e.Resolve(ctx, db, name, version)
	if err != nil {
		return nil, err
	}
	return Localize(def, at.zone, at.closed)
}

// Localize is a definition as days are counted in a place: in a zone, "" for its
// own, where the offices are closed on some days of every year, such as
// "12-01,06-24". fault.Invalid workflow.zone_unknown (field zone),
// workflow.closed_bad (field closed).
func Localize(def *definition.Compiled, zone, closed string) (*definition.Compiled, error) {
	if closed == "" && (zone == "" || zone == def.Location.String()) {
		return def, nil
	}
	location, err := def.Location, error(nil)
	if zone != "" {
		if location, err = civil.Zone(zone); err != nil {
			return nil, fault.Field("zone", "workflow.zone_unknown", "zone", zone).Because(err)
		}
	}
	var days []civil.MonthDay
	for _, word := range row.Words(closed) {
		day, err := civil.ParseMonthDay(word)
		if err != nil {
			return nil, fault.Field("closed", "workflow.closed_bad", "value", word).Because(err)
		}
		days = append(days, day)
	}
	return def.Local(location, days...), nil
}
