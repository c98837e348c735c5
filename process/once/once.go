// Package once keeps a form that is sent twice from making two things. Every
// showing of such a form carries a random key; the first to send it makes the
// thing and leaves its name beside the key, in the same transaction, and
// whoever sends it again is given that name.
package once

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// Form is one showing of a form to one person: the same key means nothing in
// another form or from somebody else. Process is 0 for the form that makes a
// process. Name is what the form makes, such as "outcome". Key is what the form
// carried, "" for one without a key, which makes something each time.
type Form struct {
	Process int64
	Person  int64
	Name    string
	Key     string
}

// Do calls what makes the thing, which gives its name, unless the form was sent
// before: then it gives the name of what the first one made, and already. Two
// at once wait for each other: the second goes on when the first is committed,
// or makes the thing when the first failed. It is called after the locks of the
// process and of the activity.
func Do(ctx context.Context, tx bun.IDB, f Form, now time.Time, thing func() (string, error)) (name string, already bool, err error) {
	if f.Key == "" {
		name, err = thing()
		return name, false, err
	}
	first, err := claim(ctx, tx, f, now)
	if err != nil {
		return "", false, err
	}
	if !first {
		name, err = target(ctx, tx, f)
		return name, true, err
	}
	if name, err = thing(); err != nil {
		return "", false, err
	}
	return name, false, point(ctx, tx, f, name)
}

// Purge forgets the forms sent before a time, at most limit of each scope, and
// returns how many it forgot.
func Purge(ctx context.Context, db bun.IDB, before time.Time, limit int) (int, error) {
	total := 0
	for _, s := range []scope{ofProcess, ofPerson} {
		n, err := purge(ctx, db, s, before, limit)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
