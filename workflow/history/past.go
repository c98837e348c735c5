package history

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/guard"
	"arengo/workflow/row"
)

// Past is what the log tells of the states that an instance was in, by the names
// that they have now.
type Past struct {
	Entries map[string]time.Time // the last into each
	Rests   []Rest               // suspensions that are over
	Lives   map[string]Life      // what each was left with, where it did not begin afresh since

	open   *Rest // the one that is not
	before *Past // as it was before the last migration
}

// Life is what became of a state's term until it was left: by which row and
// transition that was, and the extensions that count as used, where the rows tell.
type Life struct {
	Seq    int64
	By     string
	Grants []Grant
}

// Rest is a suspension that is over: of whichever State, until it was resumed or
// the state was left.
type Rest struct {
	State string
	civil.Rest
}

// PastOf folds the rows that enter a state, suspend, resume, extend, shorten and
// migrate. A row that enters no state has neither an event nor an empty state before it. A
// state begins afresh unless it is entered by one of the transitions that reopen.
func PastOf(rows []row.Log, reopen ...string) (Past, error) {
	p := Past{Entries: map[string]time.Time{}, Lives: map[string]Life{}}
	for _, r := range rows {
		enters := r.Event != "" || r.From == ""
		if enters {
			p.live(r, slices.Contains(reopen, r.Transition))
		}
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
		case definition.ActExtend, definition.ActShorten:
			if err := p.grant(r); err != nil {
				return Past{}, err
			}
		case definition.ActSuspend:
			p.close(r.EffectiveAt)
			p.open = &Rest{State: r.From, Rest: civil.Rest{From: r.EffectiveAt.UTC()}}
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

// live notes which row left a state, and forgets that of one that begins afresh.
func (p *Past) live(r row.Log, reopens bool) {
	left := p.Lives[r.From]
	left.Seq, left.By = r.Seq, r.Transition
	p.Lives[r.From] = left
	if !reopens {
		delete(p.Lives, r.To)
	}
}

// Leaving is the term of a state as it stood when the state was left, what was
// granted in it, and from which end first.
type Leaving struct {
	Life

	First time.Time
	Term  guard.TermFacts
}

// passages reads the log, see the engine's Store.
type passages interface {
	Passages(ctx context.Context, ref row.Ref, acts, factual []string) ([]row.Log, error)
}

// Left reads how an instance left a state last; false where it never did, or where
// the state began afresh since. reopen are the transitions that do not begin it so.
func Left(ctx context.Context, rows passages, ref row.Ref, state string, reopen []string) (l Leaving, ok bool, err error) {
	acts := append([]string{definition.ActMigrate, definition.ActRevert}, granting...)
	log, err := rows.Passages(ctx, ref, acts, acts)
	if err != nil {
		return l, false, fmt.Errorf("read passages: %w", err)
	}
	p, err := PastOf(log, reopen...)
	if l.Life, ok = p.Lives[state]; err != nil || !ok || l.By == "" {
		return l, false, err
	}
	if log, err = rows.Passages(ctx, ref, acts, []string{l.By}); err != nil {
		return l, false, fmt.Errorf("read passages: %w", err)
	}
	facts := struct{ Term *guard.TermFacts }{&l.Term}
	for _, r := range log {
		if r.Seq != l.Seq {
			continue
		}
		if err := json.Unmarshal(r.Facts, &facts); err != nil {
			return l, false, fmt.Errorf("read transition %d: %w", r.Seq, err)
		}
	}
	if l.First = l.Term.DueAt; len(l.Grants) > 0 {
		l.First = l.Grants[0].Old
	}
	return l, true, nil
}

func (p *Past) close(at time.Time) {
	if p.open != nil {
		p.Rests = append(p.Rests, Rest{State: p.open.State, Rest: civil.Rest{From: p.open.From, To: at.UTC()}})
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
	p.Lives = make(map[string]Life, len(old.Lives))
	for name, life := range old.Lives {
		if to := Called(names, name); p.Lives[to].Seq <= life.Seq {
			p.Lives[to] = life
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
