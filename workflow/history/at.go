package history

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Moment is what an instance was at an instant, as the log tells it.
type Moment struct {
	Ref        row.Ref
	Definition string
	Version    int
	State      string
	Since      time.Time // when the state counted from
	Due        time.Time // the end of its term as it stood then; zero when it had none
	Held       bool      // it was suspended
	Seq        int64     // the last row of the log that counted then
	By         string    // the office that made it so
}

// At tells what each instance of a process was at an instant, the process first.
// What a late timer did counts from when it was due. Instances that did not exist
// yet are left out.
func At(ctx context.Context, kept Kept, processID int64, at time.Time) ([]Moment, error) {
	rows, _, err := kept.Log(ctx, processID, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("state of process %d at %s: %w", processID, at, err)
	}
	instances, err := kept.Instances(ctx, processID)
	if err != nil {
		return nil, fmt.Errorf("state of process %d at %s: %w", processID, at, err)
	}
	var out []Moment
	for i := range instances {
		m, ok, err := lookBack(&instances[i], rows, at)
		if err != nil {
			return nil, fmt.Errorf("state of process %d at %s: %w", processID, at, err)
		}
		if ok {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return int(a.Ref.ActivityID - b.Ref.ActivityID) })
	return out, nil
}

// told is what rows say of dates and definitions, each its own part of it.
type told struct {
	Old  *time.Time `json:"old"` // of an end that was moved
	Term *struct {
		DueAt time.Time `json:"due_at"`
	} `json:"term"` // of the state that was left
	From *struct {
		Definition string    `json:"definition"`
		Version    int       `json:"version"`
		DueAt      time.Time `json:"due_at"`
	} `json:"from"` // of a migration, and of one that was taken back
}

// lookBack goes forward through the rows that counted at the instant, and then
// to the first that says what the end was and which definition it was under.
func lookBack(i *row.Instance, rows []row.Log, at time.Time) (Moment, bool, error) {
	m := Moment{Ref: i.Ref(), Definition: i.Definition, Version: i.Version, Due: row.UTC(i.DueAt)}
	dated, pinned, found := false, false, false
	for k := range rows {
		r := &rows[k]
		if r.ActivityID != i.ActivityID {
			continue
		}
		if !r.EffectiveAt.After(at) {
			m.pass(r)
			found = true
			continue
		}
		var t told
		if err := json.Unmarshal(r.Facts, &t); err != nil {
			return m, false, fmt.Errorf("facts of row %d: %w", r.Seq, err)
		}
		if due, ok := t.due(); ok && !dated {
			m.Due, dated = due, true
		}
		if t.From != nil && !pinned {
			m.Definition, m.Version, pinned = t.From.Definition, t.From.Version, true
		}
	}
	return m, found, nil
}

// pass takes a row of the log as done.
func (m *Moment) pass(r *row.Log) {
	switch r.Transition {
	case definition.ActSuspend:
		m.Held = true
	case definition.ActResume:
		m.Held = false
	case definition.ActExtend, definition.ActShorten, definition.ActReschedule, definition.ActPublish, definition.ActErase,
		definition.ActMigrate, definition.ActRevert:
	default:
		m.Since, m.By, m.Held = r.EffectiveAt.UTC(), r.ActorRole, false
	}
	m.State, m.Seq = r.To, r.Seq
}

// due is the end that stood before the row, if it tells.
func (t told) due() (time.Time, bool) {
	switch {
	case t.Term != nil:
		return row.UTC(t.Term.DueAt), true
	case t.From != nil:
		return row.UTC(t.From.DueAt), true
	case t.Old != nil:
		return row.UTC(*t.Old), true
	}
	return time.Time{}, false
}
