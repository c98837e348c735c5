package history

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Past is what the log tells of the states that an instance was in, by the names
// that they have now.
type Past struct {
	Entries map[string]time.Time // the last into each
	Rests   []row.Rest           // suspensions that are over

	open   *row.Rest // the one that is not
	before *Past     // as it was before the last migration
}

// PastOf folds the rows that enter a state, suspend, resume and migrate. A row
// that enters no state has neither an event nor an empty state before it.
func PastOf(rows []row.Log) (Past, error) {
	p := Past{Entries: map[string]time.Time{}}
	for _, r := range rows {
		enters := r.Event != "" || r.From == ""
		if enters && p.Entries[r.To].Before(r.EffectiveAt) {
			p.Entries[r.To] = r.EffectiveAt.UTC()
		}
		switch r.Transition {
		case definition.ActMigrate:
			var m struct{ States map[string]string }
			if err := json.Unmarshal(r.Facts, &m); err != nil {
				return Past{}, fmt.Errorf("read migration %d: %w", r.Seq, err)
			}
			p.Rename(m.States)
		case definition.ActRevert:
			p.Back()
		case definition.ActSuspend:
			p.close(r.EffectiveAt)
			p.open = &row.Rest{State: r.From, From: r.EffectiveAt.UTC()}
		case definition.ActResume:
			p.close(r.EffectiveAt)
		default:
			if enters {
				p.close(r.EffectiveAt)
			}
		}
	}
	return p, nil
}

func (p *Past) close(at time.Time) {
	if p.open != nil {
		p.Rests = append(p.Rests, row.Rest{State: p.open.State, From: p.open.From, To: at.UTC()})
		p.open = nil
	}
}

// Rename gives all states their new names at once: names may be exchanged, and
// two states become one.
func (p *Past) Rename(names map[string]string) {
	old := *p
	p.before = &old
	p.Entries = make(map[string]time.Time, len(old.Entries))
	for name, at := range old.Entries {
		if to := Called(names, name); p.Entries[to].Before(at) {
			p.Entries[to] = at
		}
	}
	p.Rests = slices.Clone(old.Rests)
	for i := range p.Rests {
		p.Rests[i].State = Called(names, p.Rests[i].State)
	}
}

// Back undoes the last renaming, after which nothing was entered.
func (p *Past) Back() {
	if p.before != nil {
		*p = *p.before
	}
}

// Called is what a state is called by a mapping of old names to new ones.
func Called(names map[string]string, state string) string {
	if to, ok := names[state]; ok {
		return to
	}
	return state
}
