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

// Grace is how long somebody who changed an end may think better of it: its notice
// waits, so that who takes the change back within it has alarmed nobody.
const Grace = time.Minute

// ToldAt is when people are told of an end that was changed at an instant: after
// the grace, but at once of one that comes before, and of a zero one after it.
func ToldAt(at, end time.Time) time.Time {
	if late := at.Add(Grace); end.IsZero() || end.After(late) {
		return late
	}
	return at
}

// Grant is an extension that counts as used: when it was given, and from which end
// to which it moved the term.
type Grant struct{ At, Old, New time.Time }

// granting are the acts that give an extension and take it back.
var granting = []string{definition.ActExtend, definition.ActShorten}

// Granted lists the extensions of an instance's present term that count as used, in
// order: those taken back before anybody was told of them do not, and those of the
// term that a reopened one goes on are not among them.
func Granted(ctx context.Context, rows passages, ref row.Ref, state string) ([]Grant, error) {
	acts := append([]string{definition.ActMigrate, definition.ActRevert}, granting...)
	log, err := rows.Passages(ctx, ref, acts, acts)
	if err != nil {
		return nil, fmt.Errorf("read passages: %w", err)
	}
	p, err := PastOf(log)
	return p.Lives[state].Grants, err
}

// TakenBack are those of a term's extensions that an end shortened to at now takes
// back before anybody was told of them: the last ones, as far as it is no later
// than the end that each had moved.
func TakenBack(granted []Grant, end, now time.Time) []Grant {
	n := len(granted)
	for n > 0 && !end.After(granted[n-1].Old) && now.Before(ToldAt(granted[n-1].At, granted[n-1].New)) {
		n--
	}
	return granted[n:]
}

// grant folds an extension into the life of its state, or a shortening, which says
// how many of the last ones it returned.
func (p *Past) grant(r row.Log) error {
	var m struct {
		Old, New time.Time
		Returned int
	}
	if err := json.Unmarshal(r.Facts, &m); err != nil {
		return fmt.Errorf("read the changed end %d: %w", r.Seq, err)
	}
	life := p.Lives[r.From]
	if r.Transition == definition.ActExtend {
		life.Grants = append(life.Grants, Grant{r.EffectiveAt.UTC(), m.Old.UTC(), m.New.UTC()})
	} else {
		life.Grants = slices.Clip(life.Grants[:max(0, len(life.Grants)-m.Returned)])
	}
	p.Lives[r.From] = life
	return nil
}
