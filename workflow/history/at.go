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

// lookBack finds the last entry that counted at the instant, and takes back what
// was done since and did not count yet, the latest first. What came to be known
// late, such as an end that went by during a suspension, counts before acts that
// were done earlier: these are of the entry before it. A suspension lasted until
// the act that ended it, whatever was found to have happened meanwhile.
func lookBack(i *row.Instance, rows []row.Log, at time.Time) (Moment, bool, error) {
	var own []row.Log
	entry := -1
	for _, r := range rows {
		if r.ActivityID != i.ActivityID {
			continue
		}
		if enters(r) && !r.EffectiveAt.After(at) {
			entry = len(own)
		}
		own = append(own, r)
	}
	m := Moment{Ref: i.Ref(), Definition: i.Definition, Version: i.Version, Due: row.UTC(i.DueAt)}
	if entry < 0 {
		return m, false, nil
	}
	m.Since, m.By, m.Held = own[entry].EffectiveAt.UTC(), own[entry].ActorRole, held(own, at)
	k := len(own) - 1
	for ; k > entry && (own[k].EffectiveAt.After(at) || slices.ContainsFunc(own[entry+1:k+1], enters)); k-- {
		var t told
		if err := json.Unmarshal(own[k].Facts, &t); err != nil {
			return m, false, fmt.Errorf("facts of row %d: %w", own[k].Seq, err)
		}
		t.takeBack(&m)
	}
	m.State, m.Seq = own[k].To, own[k].Seq
	return m, true, nil
}

// enters reports a row that enters a state; the others are acts on the one that
// stands.
func enters(r row.Log) bool { return r.Event != "" || r.From == "" }

// held reports that an instance was suspended at an instant.
func held(own []row.Log, at time.Time) bool {
	on := false
	for _, r := range own {
		switch {
		case r.EffectiveAt.After(at) && r.Transition != definition.ActSuspend && on:
			return true // it lasted beyond the instant
		case r.Transition == definition.ActSuspend:
			on = !r.EffectiveAt.After(at)
		case r.Transition == definition.ActResume || enters(r):
			on = false
		}
	}
	return on
}

// told is what rows say of the dates and the definition before them, each its own
// part of it.
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

// takeBack is what an instance was before the row.
func (t told) takeBack(m *Moment) {
	switch {
	case t.Term != nil:
		m.Due = row.UTC(t.Term.DueAt)
	case t.From != nil:
		m.Due, m.Definition, m.Version = row.UTC(t.From.DueAt), t.From.Definition, t.From.Version
	case t.Old != nil:
		m.Due = row.UTC(*t.Old)
	}
}
