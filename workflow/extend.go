package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/history"
	"arengo/workflow/row"
)

// NewEnd is the request for another end of the present term. Act names the
// document by which it was decided, where the term asks for one or the end is an
// exception to a law. Exception says that Reason is a written exception to the
// maximum. ExpectRevision 0 skips the check.
type NewEnd struct {
	End            time.Time
	Reason         string
	PublicReason   bool
	Act            string
	Exception      bool
	Actor          Actor
	ExpectRevision int64
}

// Extend moves the end of the present state's term to a later instant. The
// state must allow "extend". The end stays within the term's maximum and within
// what its extend says, unless an exception is written. Faults: Invalid
// workflow.extend_not_later, workflow.extend_past, workflow.extend_beyond_max,
// workflow.too_far (field end), workflow.reason_required (field reason),
// workflow.extend_act_missing, workflow.exception_act_missing (field act); Closed workflow.term_ended; Conflict
// workflow.extend_not_allowed, workflow.extend_times, workflow.no_term,
// workflow.extend_anchored, workflow.held, workflow.stale.
func (e *Engine) Extend(ctx context.Context, tx bun.IDB, ref Ref, x NewEnd) (Extension, error) {
	return e.changeEnd(ctx, tx, ref, x, later)
}

// Shorten moves the end of the present state's term to an earlier instant that
// is still to come. The state must allow "shorten". An extension that it takes back
// before anybody was told of it counts as used no more. Faults: Invalid
// workflow.shorten_not_earlier, workflow.shorten_past,
// workflow.shorten_below_min (field end), workflow.reason_required (field
// reason); Closed workflow.term_ended; Conflict workflow.shorten_not_allowed,
// workflow.no_term, workflow.extend_anchored, workflow.held, workflow.stale.
func (e *Engine) Shorten(ctx context.Context, tx bun.IDB, ref Ref, x NewEnd) (Extension, error) {
	return e.changeEnd(ctx, tx, ref, x, sooner)
}

// endChange is the way in which an end moves.
type endChange struct {
	act, word, notice string
	may               func(w *work, x NewEnd) error
}

var (
	later  = endChange{definition.ActExtend, "extended", definition.NoticeExtended, (*work).mayExtend}
	sooner = endChange{definition.ActShorten, "shortened", definition.NoticeShortened, (*work).mayShorten}
)

func (e *Engine) changeEnd(ctx context.Context, tx bun.IDB, ref Ref, x NewEnd, c endChange) (Extension, error) {
	w, err := e.lock(ctx, tx, ref)
	if err != nil {
		return Extension{}, err
	}
	if x.ExpectRevision != 0 && x.ExpectRevision != w.inst.Revision {
		return Extension{}, fault.New(fault.Conflict, "workflow.stale", "expected", x.ExpectRevision, "revision", w.inst.Revision)
	}
	if err := w.mayMoveEnd(); err != nil {
		return Extension{}, err
	}
	if strings.TrimSpace(x.Reason) == "" {
		return Extension{}, fault.Field("reason", "workflow.reason_required")
	}
	if t := w.state().Term; c.act == definition.ActExtend && t != nil && t.Extend != nil && t.Extend.Act && x.Act == "" {
		return Extension{}, fault.Field("act", "workflow.extend_act_missing")
	}
	out, err := e.newEnd(ctx, w, x, c)
	if err != nil {
		return Extension{}, err
	}
	w.inst.DueAt, w.inst.EndGiven = out.New, true
	w.inst.Revision++
	if w.inst.Extensions -= len(out.Back); c.act == definition.ActExtend {
		w.inst.Extensions++
	}
	if err := w.rows.Resolve(ctx, ref, w.now); err != nil {
		return Extension{}, fmt.Errorf("resolve incidents: %w", err)
	}
	as := &row.Log{
		EffectiveAt: w.now, Transition: c.act, From: w.inst.State, ActorKind: string(x.Actor.Kind), ActorRole: w.office(x.Actor),
	}
	text := row.Text{PersonID: x.Actor.PersonID, Reason: x.Reason, PublicReason: x.PublicReason}
	noLaw := out.Exception && instance(w.inst).Beyond(w.def, out.New) == nil
	if err := w.record(ctx, as, text, moved{out.Old, out.New, out.Moved, x.Act, out.Exception, noLaw, len(out.Back)}); err != nil {
		return Extension{}, err
	}
	out.Revision = w.inst.Revision
	if audience := w.concerned(); len(audience) > 0 {
		out.Effects = []Effect{{
			Kind: EffectNotice, Ref: ref, Notice: c.notice, Audience: audience, State: w.inst.State, At: w.now,
			Occasion: w.occasion(fmt.Sprintf("%s.r%d", c.word, w.inst.Revision)), Expires: out.New, DueAt: out.New,
		}}
	}
	return out, nil
}

func (e *Engine) newEnd(ctx context.Context, w *work, x NewEnd, c endChange) (Extension, error) {
	x.End = x.End.UTC().Truncate(time.Microsecond)
	if err := c.may(w, x); err != nil {
		return Extension{}, err
	}
	if err := w.stillOpen(ctx); err != nil {
		return Extension{}, err
	}
	if err := e.gather(ctx, w, w.now); err != nil {
		return Extension{}, err
	}
	moves, err := w.rearm(ctx, x.End)
	if err != nil {
		return Extension{}, err
	}
	out := Extension{Old: row.UTC(w.inst.DueAt), New: x.End, Revision: w.inst.Revision}
	limit := w.longest()
	out.Exception = !limit.IsZero() && x.End.After(limit) || c.act == definition.ActExtend && x.Exception && w.granted(x) != nil
	if out.Exception && c.act == definition.ActExtend {
		out.Law = instance(w.inst).Beyond(w.def, x.End)
	}
	if err := excepted(out.Law, x.Act); err != nil {
		return Extension{}, err
	}
	for _, m := range moves {
		if m.Name != deadlineEnd {
			out.Moved = append(out.Moved, m)
		}
	}
	if c.act == definition.ActShorten {
		granted, err := history.Granted(ctx, w.rows, w.inst.Ref(), w.inst.State)
		if err != nil {
			return Extension{}, err
		}
		out.Back = history.TakenBack(granted, x.End, w.now)
	}
	return out, nil
}

// local is an instant in the process's own zone, in which a refusal is read.
func (w *work) local(t time.Time) time.Time { return t.In(w.def.Location) }

// mayMoveEnd refuses what has no end of its own that could move.
func (w *work) mayMoveEnd() error {
	switch s := w.state(); {
	case !w.inst.HeldAt.IsZero():
		return fault.New(fault.Conflict, "workflow.held")
	case w.inst.DueAt.IsZero():
		return fault.New(fault.Conflict, "workflow.no_term")
	case s.Term != nil && s.Term.Until != "":
		return fault.New(fault.Conflict, "workflow.extend_anchored")
	}
	return nil
}

func (w *work) mayExtend(x NewEnd) error {
	switch {
	case !slices.Contains(w.state().Allows, "extend"):
		return fault.New(fault.Conflict, "workflow.extend_not_allowed")
	case !x.End.After(w.inst.DueAt):
		return fault.Field("end", "workflow.extend_not_later", "due", w.local(w.inst.DueAt))
	case !x.End.After(w.now):
		return fault.Field("end", "workflow.extend_past")
	case Near("end", x.End, w.now) != nil:
		return Near("end", x.End, w.now)
	case x.Exception:
		return nil
	}
	return w.granted(x)
}

// excepted refuses an exception to a law that no act decided; there is none to a
// nil one.
func excepted(law *definition.Law, act string) error {
	if law == nil || act != "" {
		return nil
	}
	return fault.Field("act", "workflow.exception_act_missing", "article", law.Article)
}

// granted refuses an extension that only a written exception gives.
func (w *work) granted(x NewEnd) error {
	limit, t := w.longest(), w.state().Term
	switch {
	case t.Spent(w.inst.Extensions):
		return fault.New(fault.Conflict, "workflow.extend_times", "n", t.Extend.Times)
	case !limit.IsZero() && x.End.After(limit):
		return fault.Field("end", "workflow.extend_beyond_max", "max", w.local(limit))
	}
	return nil
}

// reach is how many years ahead a date may lie that somebody writes. What is
// beyond is a slip, and is as hard to take back as it is easy to make.
const reach = 10

// Near refuses, at a field, a date of more than ten years ahead: fault.Invalid
// "workflow.too_far".
func Near(field string, at, now time.Time) error {
	if at.After(now.AddDate(reach, 0, 0)) {
		return fault.Field(field, "workflow.too_far", "years", reach)
	}
	return nil
}

// longest is the latest end without an exception.
func (w *work) longest() time.Time { return instance(w.inst).Longest(w.def) }

// Longest is the latest end that an extension of the present term may give
// without an exception, zero for no bound.
func (i Instance) Longest(def *definition.Compiled) time.Time {
	s, _ := def.State(i.State)
	return s.Term.Latest(i.MaxAt, i.FirstDueAt, def.Civil())
}

// Spent reports that no extension of the present term is left but by an exception.
func (i Instance) Spent(def *definition.Compiled) bool {
	s, _ := def.State(i.State)
	limit := i.Longest(def)
	return s.Term.Spent(i.Extensions) || !limit.IsZero() && !limit.After(i.DueAt)
}

// Beyond is the law that an extension of the present term to an end would break, of
// its maximum or of what extend grants beyond it; nil where none would.
func (i Instance) Beyond(def *definition.Compiled, end time.Time) *definition.Law {
	s, _ := def.State(i.State)
	law := s.Term.Bound()
	if law == nil {
		return nil
	}
	limit, spent := i.MaxAt, false
	if x := s.Term.Extend; x != nil && x.Law != nil {
		limit, spent = i.Longest(def), s.Term.Spent(i.Extensions)
	}
	if spent || !limit.IsZero() && end.After(limit) {
		return law
	}
	return nil
}

// Bound is the law of the bound that an extension of the present term meets first;
// nil where that is the definition's own, though a law may set one further on.
func (i Instance) Bound(def *definition.Compiled) *definition.Law {
	s, _ := def.State(i.State)
	switch law := s.Term.Bound(); {
	case law == nil, s.Term.Extend != nil && s.Term.Extend.Law != nil:
		return law
	case i.MaxAt.IsZero(), s.Term.Spent(i.Extensions), !i.Longest(def).Equal(i.MaxAt):
		return nil
	default:
		return law
	}
}

func (w *work) mayShorten(x NewEnd) error {
	switch {
	case !slices.Contains(w.state().Allows, "shorten"):
		return fault.New(fault.Conflict, "workflow.shorten_not_allowed")
	case !x.End.Before(w.inst.DueAt):
		return fault.Field("end", "workflow.shorten_not_earlier", "due", w.local(w.inst.DueAt))
	case !x.End.After(w.now):
		return fault.Field("end", "workflow.shorten_past")
	case x.End.Before(w.inst.MinAt):
		return fault.Field("end", "workflow.shorten_below_min", "min", w.local(w.inst.MinAt))
	}
	return nil
}

// stillOpen refuses a term that is over by the clock and whose event is about
// to fire, since people may already have been turned away. It lets through one
// whose event a guard stopped, or that has none.
func (w *work) stillOpen(ctx context.Context) error {
	if w.now.Before(w.inst.DueAt) {
		return nil
	}
	rows, err := w.rows.Deadlines(ctx, w.inst.Ref(), w.inst.Entry)
	if err != nil {
		return fmt.Errorf("read deadlines: %w", err)
	}
	for _, r := range rows {
		if r.Name == deadlineEnd && r.Action == actionEvent && r.Open() && !r.DueAt.After(w.now) {
			return w.tooLate()
		}
	}
	return nil
}
