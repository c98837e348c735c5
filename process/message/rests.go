package message

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/workflow/definition"
)

// rests are the notices of a rest and of its end.
var rests = map[string]bool{definition.NoticeHeld: true, definition.NoticeResumed: true}

// act finds the notices of the act that a notice of a rest, or of its end, tells:
// one by itself where neither the process rests with it nor it with the process.
func act(ctx context.Context, db bun.IDB, n notify.Notice) ([]notify.Notice, error) {
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		return nil, fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	if n.ActivityID == 0 {
		payload.With = n.Key
	}
	return actNotices(ctx, db, n, payload.With)
}

// once skips those whom another notice of the same act tells, which names all that
// rests or goes on: the first of an activity in which they have a place, or else
// the process's. Who has not been invited yet has none.
func (src source) once(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64, skip skipped) error {
	all, err := act(ctx, db, n)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.ID == n.ID {
			break
		}
		told, err := src.reached(ctx, db, one, persons)
		if err != nil {
			return err
		}
		for p := range told {
			skip.ever(p, "told_together")
		}
	}
	if n.ActivityID == 0 {
		return nil
	}
	waiting, err := uninvited(ctx, db, n, persons)
	for _, p := range waiting {
		skip.ever(p, "not_invited_yet")
	}
	return err
}

// reached are those of the persons whom a notice of a rest tells.
func (src source) reached(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]bool, error) {
	in, err := src.within(ctx, db, n, persons)
	if err != nil || n.ActivityID == 0 {
		return in, err
	}
	waiting, err := uninvited(ctx, db, n, persons)
	for _, p := range waiting {
		delete(in, p)
	}
	return in, err
}

// along lists what rests or goes on together with the process; nothing where only
// an activity does.
func (src source) along(ctx context.Context, db bun.IDB, n notify.Notice) ([]notify.Along, error) {
	if !rests[n.Kind] {
		return nil, nil
	}
	all, err := act(ctx, db, n)
	if len(all) < 2 {
		return nil, err
	}
	var out []notify.Along
	for _, one := range all {
		if one.ActivityID == 0 {
			continue
		}
		said, err := src.rest(ctx, db, one)
		if err != nil {
			return nil, err
		}
		out = append(out, said)
	}
	return out, nil
}

// rest is an activity as it stands, with its meetings still to come.
func (src source) rest(ctx context.Context, db bun.IDB, n notify.Notice) (notify.Along, error) {
	a, err := src.s.LoadActivity(ctx, db, process.ID(n.ProcessID), process.ActivityID(n.ActivityID))
	if err != nil {
		return notify.Along{}, err
	}
	out := notify.Along{Title: a.Title}
	if a.DueAt != nil {
		out.Deadline.At = *a.DueAt
	}
	out.Starts, err = startsAhead(ctx, db, n)
	return out, err
}
