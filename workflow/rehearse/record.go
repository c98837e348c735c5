package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/workflow"
	"arengo/workflow/conduct"
	"arengo/workflow/definition"
	"arengo/workflow/memory"
	"arengo/workflow/row"
)

// rows is the memory of the engine, which remembers what a transaction fired
// and what was stopped.
type rows struct {
	*memory.Store
	seen []any // row.Deadline that fired, row.Incident that was opened
}

func newRows() *rows { return &rows{Store: memory.New()} }

// Claim remembers the deadline that fires.
func (s *rows) Claim(ctx context.Context, d *row.Deadline, now time.Time) error {
	err := s.Store.Claim(ctx, d, now)
	if err == nil {
		s.seen = append(s.seen, *d)
	}
	return err
}

// AddIncident remembers that of a deadline.
func (s *rows) AddIncident(ctx context.Context, r *row.Incident) error {
	s.seen = append(s.seen, *r)
	return s.Store.AddIncident(ctx, r)
}

// Hold remembers that of a consequence.
func (s *rows) Hold(ctx context.Context, r *row.Incident) (bool, error) {
	ok, err := s.Store.Hold(ctx, r)
	if ok && err == nil {
		s.seen = append(s.seen, *r)
	}
	return ok, err
}

// settle takes what a transaction did into the report, and lets it have its
// consequences among people.
func (r *rehearsal) settle(ctx context.Context, told []telling, seen []any) error {
	for _, what := range seen {
		switch what := what.(type) {
		case row.Deadline:
			r.fired(what)
		case row.Incident:
			if err := r.stopped(what); err != nil {
				return err
			}
		}
	}
	if err := r.readLog(ctx); err != nil {
		return err
	}
	r.present = r.instance(process)
	for _, t := range told {
		if err := r.send(t); err != nil {
			return err
		}
	}
	return nil
}

// fired notes a deadline that was carried out now.
func (r *rehearsal) fired(d row.Deadline) {
	r.changes++
	ref := row.Ref{ProcessID: d.ProcessID, ActivityID: d.ActivityID}
	out := Deadline{
		ID: d.ID, Generation: d.Generation,
		Due: d.DueAt.UTC(), Fired: r.clock.Time(), Name: d.Name, Does: d.Event, Activity: r.titleOf(ref), State: r.stateOf(ref),
		ordinary: d.Name == "end", timed: r.timed(ref, d.Name),
	}
	if out.Does == "" {
		out.Does = d.Notice
	}
	out.Late = out.Fired.Sub(out.Due) >= time.Minute
	out.Text = r.words.Deadline(r.definitionOf(ref), out.State, d.Name)
	r.report.Deadlines = append(r.report.Deadlines, out)
}

// timed reports a reminder, which may have a time of day of its own.
func (r *rehearsal) timed(ref row.Ref, name string) bool {
	s, _ := r.definitionOf(ref).State(r.stateOf(ref))
	return slices.ContainsFunc(s.Reminders, func(m definition.Reminder) bool { return strings.HasPrefix(name, m.Name(-1)) })
}

// stopped notes a transition that guards stopped.
func (r *rehearsal) stopped(i row.Incident) error {
	r.changes++
	ref := row.Ref{ProcessID: i.ProcessID, ActivityID: i.ActivityID}
	out := Incident{At: r.clock.Time(), Activity: r.titleOf(ref), Transition: i.Transition, Why: []string{}}
	var blockers []workflow.Blocker
	if err := json.Unmarshal(i.Blockers, &blockers); err != nil {
		return fmt.Errorf("rehearse: blockers: %w", err)
	}
	for _, b := range blockers {
		out.Why = append(out.Why, b.Explain.In(r.Lang))
	}
	r.report.Incidents = append(r.report.Incidents, out)
	if n := len(r.report.Deadlines); i.DeadlineID != 0 && n > 0 {
		r.report.Deadlines[n-1].Blocked = true
	}
	return nil
}

// readLog takes the new entries of the log into the report, and what they did
// to states.
func (r *rehearsal) readLog(ctx context.Context) error {
	entries, err := r.engine.Log(ctx, nil, process.ProcessID, r.logged, 0)
	if err != nil {
		return err
	}
	for _, e := range entries {
		r.changes++
		r.logged = e.Seq
		if a := r.activity(e.Ref); a != nil {
			a.state = e.To
			if e.From != e.To {
				r.entered(a)
			}
		} else if e.From != e.To {
			r.passed(e)
		}
		if e.Transition == definition.ActCreate && e.ActivityID != 0 {
			continue // the act of preparing it says so
		}
		r.report.Transitions = append(r.report.Transitions, r.transition(e))
	}
	return nil
}

func (r *rehearsal) transition(e workflow.LogEntry) Transition {
	def := r.definitionOf(e.Ref)
	out := Transition{
		At: e.At, Activity: r.titleOf(e.Ref), ID: e.Transition, From: e.From, To: e.To, By: e.Office,
		Text: r.words.Act(e.Transition),
	}
	if s, ok := def.State(e.To); ok {
		out.Title = s.Title.In(r.Lang)
	}
	if e.EffectiveAt.Before(e.At) {
		out.Counts = e.EffectiveAt
		out.Late = e.At.Sub(e.EffectiveAt) >= time.Minute
	}
	for _, t := range def.Transitions {
		if t.ID == e.Transition {
			out.Text = def.Label(t).In(r.Lang)
		}
	}
	return out
}

// passed notes that the process left a phase and entered another.
func (r *rehearsal) passed(e workflow.LogEntry) {
	if n := len(r.report.Phases); n > 0 {
		r.report.Phases[n-1].Until = e.EffectiveAt
		r.overLaw(&r.report.Phases[n-1])
	}
	s, _ := r.def.State(e.To)
	p := Phase{State: e.To, Title: s.Title.In(r.Lang), From: e.EffectiveAt}
	if s.Final {
		p.Until = e.EffectiveAt
	} else {
		p.Planned = r.planned(e.To).End
	}
	if s.Term != nil && s.Term.Law != nil {
		p.Law = s.Term.Law.Article + ", " + s.Term.Law.Source
	}
	r.report.Phases = append(r.report.Phases, p)
}

func (r *rehearsal) titleOf(ref workflow.Ref) string {
	if a := r.activity(ref); a != nil {
		return a.title
	}
	return ""
}

func (r *rehearsal) definitionOf(ref workflow.Ref) *definition.Compiled {
	if a := r.activity(ref); a != nil {
		return r.kinds[a.kind].Definition
	}
	return r.def
}

func (r *rehearsal) stateOf(ref workflow.Ref) string {
	if a := r.activity(ref); a != nil {
		return a.state
	}
	if n := len(r.report.Phases); n > 0 {
		return r.report.Phases[n-1].State
	}
	return r.def.Initial
}

// errorLog keeps what is logged as an error, which a sweep does with a deadline
// that fails.
type errorLog struct{ found []string }

// Enabled takes errors alone.
func (l *errorLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// Handle keeps the message with its error, each once.
func (l *errorLog) Handle(_ context.Context, rec slog.Record) error {
	text := rec.Message
	rec.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			text += ": " + a.Value.String()
		}
		return true
	})
	for _, f := range l.found {
		if f == text {
			return nil
		}
	}
	l.found = append(l.found, text)
	return nil
}

// WithAttrs and WithGroup change nothing: an error says enough by itself.
func (l *errorLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup is as WithAttrs.
func (l *errorLog) WithGroup(string) slog.Handler { return l }

// telling is a notice of the transaction that is under way.
type telling struct {
	effect workflow.Effect
	cause  conduct.Cause
}

// Announce keeps a notice until its transaction is done.
func (r *rehearsal) Announce(_ context.Context, _ bun.IDB, e workflow.Effect, c conduct.Cause) error {
	r.told = append(r.told, telling{e, c})
	return nil
}

// InTx runs do as a transaction; what it announced is sent when it stands.
func (r *rehearsal) InTx(ctx context.Context, _ workflow.DeadlineRef, do func(ctx context.Context, tx bun.IDB) error) error {
	r.told = nil
	r.rows.seen = nil
	if err := r.rows.InTx(ctx, do); err != nil {
		r.told, r.rows.seen = nil, nil
		return err
	}
	told, seen := r.told, r.rows.seen
	r.told, r.rows.seen = nil, nil
	return r.settle(ctx, told, seen)
}
