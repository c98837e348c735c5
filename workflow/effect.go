package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"arengo/process/fault"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/outlook"
	"arengo/workflow/row"
)

func (w *work) result(from string, as *row.Log) Result {
	return Result{
		Ref: w.inst.Ref(), From: from, To: w.inst.State, Transition: as.Transition, Event: as.Event,
		Revision: w.inst.Revision, Seq: as.Seq, Entry: w.inst.Entry, Now: w.now, EffectiveAt: as.EffectiveAt,
		Final: w.def.Final(w.inst.State),
	}
}

// occasion is the stable key of something that happens in the present entry.
func (w *work) occasion(what string) string {
	return fmt.Sprintf("p%d.a%d.e%d.%s", w.inst.ProcessID, w.inst.ActivityID, w.inst.Entry, what)
}

// effects turns actions into data; cause tells where they stand.
func (w *work) effects(actions []definition.Action, cause string, at time.Time) []Effect {
	var out []Effect
	for _, a := range actions {
		f := Effect{Ref: w.inst.Ref(), State: w.inst.State, At: at, DueAt: w.promised()}
		var what string
		switch {
		case a.Notice != "":
			f.Kind, f.Notice, f.Audience, what = EffectNotice, a.Notice, a.To, a.Notice
		case a.Open != "":
			f.Kind, f.ActivityKind, what = EffectOpen, a.Open, "open-"+a.Open
		case a.Close != "":
			f.Kind, f.ActivityKind, what = EffectClose, a.Close, "close-"+a.Close
		default:
			f.Kind, f.Event, what = EffectFire, a.Fire, "fire-"+a.Fire
		}
		f.Occasion = w.occasion(cause + "." + what)
		out = append(out, f)
	}
	return out
}

// entering is what the state that was entered asks for; one that is reopened
// tells again nobody what they know.
func (w *work) entering(t *definition.Transition) []definition.Action {
	actions := w.state().OnEnter
	if !t.Reopens {
		return actions
	}
	return slices.DeleteFunc(slices.Clone(actions), func(a definition.Action) bool { return a.Notice != "" })
}

// said is what a command says of a reopening: whom to tell, and when what goes on
// ends; "" for nothing.
func (c Command) said() string {
	if len(c.Tell) == 0 && c.End.IsZero() && !c.Exception && c.Act == "" {
		return ""
	}
	tell := slices.Compact(slices.Sorted(slices.Values(c.Tell)))
	if c.Exception {
		tell = append(tell, "exception")
	}
	if c.Act != "" {
		tell = append(tell, c.Act)
	}
	return strings.Join(tell, ",") + " " + c.End.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)
}

// known is what a transition was decided on, with what was said of a reopening:
// its key answers for that too.
type known struct {
	guard.Facts
	Said string `json:"said,omitempty"`
}

func (e LogEntry) says(c Command) bool {
	var k struct{ Said string }
	return (len(e.Facts) == 0 || json.Unmarshal(e.Facts, &k) == nil) && k.Said == c.said()
}

// reopened tells those chosen that what had ended goes on.
func (w *work) reopened(tell []string, at time.Time) Effect {
	return Effect{
		Kind: EffectNotice, Ref: w.inst.Ref(), Notice: definition.NoticeReopened, Audience: tell, State: w.inst.State, At: at,
		Occasion: w.occasion("reopened"), Expires: row.UTC(w.inst.DueAt), DueAt: row.UTC(w.inst.DueAt),
	}
}

// Date is a date that an option drops (New is zero) or arms (Old is zero), by the
// title that its definition gives it; Title is nil for ends and usual reminders. Of
// a phase to come it is the end, under the name and the title of its state; Never is
// that phase where it would have no day, nil otherwise.
type Date struct {
	Move
	Title definition.Text
	Never *PlannedPhase
}

// foresee adds to options when the states that they lead to would end, entered
// at an instant, and which dates that drops and arms: the terms are placed as the
// transitions themselves place them.
func (w *work) foresee(ctx context.Context, options []Option, at time.Time) error {
	plan, err := w.planned(ctx)
	if err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return fmt.Errorf("read deadlines: %w", err)
	}
	before := w.expected(plan)
	for i := range options {
		o := &options[i]
		inst, next := *w.inst, *w
		next.inst, inst.State = &inst, o.To.Name
		if next.goes.spent, err = w.used(ctx, &o.Transition); err != nil {
			return err
		}
		if err := next.begin(plan, w.inst.State, at); err != nil {
			return err
		}
		if p := plannedFor(before, o.To.Name); p != nil && !o.To.Final {
			o.Planned = p.End
		}
		if o.Ends, o.Latest = inst.DueAt, next.goes.spent.limit(); o.Latest.IsZero() {
			o.Latest = inst.MaxAt
		}
		o.GoesOn = next.goes.spent.law != nil
		o.Dates = w.exchange(rows, deadlines(w.def, o.To, next.moment(at, inst.DueAt)))
		next.facts = outlook.Begun(w.facts, inst.State, at)
		after := next.expected(outlook.Passed(plan, w.inst.State, inst.State, at))
		o.Later, o.Waits = Shifts(w.def, inst.State, before, after), outlook.Waiting(after)[inst.State]
	}
	return nil
}

// exchange lists the deadlines that still stand and are dropped, and then those
// that take their place. One that both have at the same instant does not change.
func (w *work) exchange(rows []row.Deadline, armed []wanted) []Date {
	var out []Date
	add := func(m Move) { out = append(out, Date{Move: m, Title: w.def.DeadlineTitle(m.Name)}) }
	for _, r := range rows {
		same := func(d wanted) bool { return d.name == r.Name && d.date().Equal(w.stood(&r)) }
		switch rests := !w.inst.HeldAt.IsZero() && r.CancelledWhy == whyHeld; {
		case !r.Open() && !rests:
		case slices.ContainsFunc(armed, same):
			armed = slices.DeleteFunc(armed, same)
		default:
			add(Move{Name: r.Name, Old: w.stood(&r)})
		}
	}
	slices.SortStableFunc(armed, func(a, b wanted) int { return a.date().Compare(b.date()) })
	for _, d := range armed {
		add(Move{Name: d.name, New: d.date().UTC()})
	}
	return out
}

// row is what is kept of a deadline that was not there yet.
func (w *work) row(d wanted) row.Deadline {
	return row.Deadline{
		ProcessID: w.inst.ProcessID, ActivityID: w.inst.ActivityID, Entry: w.inst.Entry, Name: d.name, Generation: 1,
		WallTime: wallText(d.due, w.def.Location), Zone: w.def.Location.String(), DueAt: d.due.UTC(), ExpiresAt: d.expires,
		Action: d.action, Event: d.event, Notice: d.notice, Audience: row.Join(d.audience),
	}
}

func wallText(t time.Time, zone *time.Location) string {
	return civil.WallOf(t, zone).Format("2006-01-02 15:04:05.999999")
}

// plannedFor is the row of a state in a plan, nil when there is none.
func plannedFor(plan []PlannedPhase, state string) *PlannedPhase {
	i := slices.IndexFunc(plan, func(p PlannedPhase) bool { return p.State == state })
	if i < 0 {
		return nil
	}
	return &plan[i]
}

// Move is one date that changes: a deadline by its name or a phase by its
// state. A zero Old is new, a zero New is gone. Changed says that the deadline
// does something else from now on, or tells others, even at the same instant.
type Move struct {
	Name     string
	Old, New time.Time
	Changed  bool `json:",omitempty"`
}

// Moves lists the phases whose end differs between two plans, in the order of
// the new one, those that are gone last.
func Moves(before, after []PlannedPhase) []Move {
	ends := make(map[string]time.Time, len(before))
	for _, p := range before {
		ends[p.State] = p.End
	}
	var out []Move
	seen := make(map[string]bool, len(after))
	for _, p := range after {
		seen[p.State] = true
		if old, ok := ends[p.State]; !ok || !old.Equal(p.End) {
			out = append(out, Move{Name: p.State, Old: old, New: p.End})
		}
	}
	for _, p := range before {
		if !seen[p.State] {
			out = append(out, Move{Name: p.State, Old: p.End})
		}
	}
	return out
}

// Shifts lists the phases after a state whose ends are others in a later outlook, or
// that have no day any more, in their order: by the names of the definition that the
// later one follows. An end that nobody can know is none.
func Shifts(def *definition.Compiled, state string, before, after []PlannedPhase) []Date {
	was, is := outlook.Ends(before), outlook.Ends(after)
	path := def.MainPath()
	var out []Date
	for _, name := range path[slices.Index(path, state)+1:] {
		_, planned := is[name]
		s, _ := def.State(name)
		x := Date{Move: Move{Name: name, Old: was[name], New: is[name]}, Title: s.Title}
		if p := phaseOf(after, name); planned && p.Never() {
			x.Never = p
		}
		same := x.Old.Equal(x.New) && (x.Never == nil || phaseOf(before, name) != nil && phaseOf(before, name).Never())
		if planned && !def.Final(state) && !same {
			out = append(out, x)
		}
	}
	return out
}

// stays logs that an end which was promised is now beyond its maximum.
func (w *work) stays(ctx context.Context, due time.Time, moves []Move) error {
	w.inst.Revision++
	as := &row.Log{
		EffectiveAt: w.now, Transition: definition.ActReschedule, From: w.inst.State, ActorKind: string(ActorSystem), ActorRole: string(ActorSystem),
	}
	noLaw := instance(w.inst).Beyond(w.def, due) == nil
	return w.record(ctx, as, row.Text{}, moved{Old: due, New: due, Moved: moves, Exception: true, NoLaw: noLaw})
}

// limit is the latest end that a term of law goes on to without an exception: it
// counts from its first entry. Zero is none.
func (s spent) limit() time.Time { return outlook.AtLeast(s.Term.MaxAt, s.Term.DueAt) }

func (w *work) beyond(limit time.Time) error {
	if law := w.goes.spent.law; law != nil {
		return fault.Field("end", "workflow.reopen_beyond_max", "max", w.local(limit), "article", law.Article)
	}
	return fault.Field("end", "workflow.extend_beyond_max", "max", w.local(limit))
}

// decidedOn is what the log keeps of a transition: the facts, and whether its end
// is beyond what the law allows.
func (w *work) decidedOn() any {
	if limit := w.goes.spent.limit(); limit.IsZero() || !row.UTC(w.inst.DueAt).After(limit) {
		return known{w.facts, w.said}
	}
	return struct {
		known

		Exception bool   `json:"exception"`
		Act       string `json:"act,omitempty"`
	}{known{w.facts, w.said}, true, w.goes.act}
}

// exceeded is the latest end that new bounds allow, where the end that somebody
// gave, within what was allowed then, lies beyond it; zero where it does not. A term
// that was over before it began ends on its entry, which nobody gave.
func (w *work) exceeded(b outlook.Bounds) time.Time {
	was := instance(w.inst)
	is := was
	is.MaxAt, is.FirstDueAt = b.Max, b.First
	before, limit := was.Longest(w.def), is.Longest(w.def)
	if limit.IsZero() || !b.Due.After(limit) || b.Due.Equal(row.UTC(w.inst.EnteredAt)) || !before.IsZero() && was.DueAt.After(before) {
		return time.Time{}
	}
	return limit
}
