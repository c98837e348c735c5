// Package digest tells together what people chose to hear once a day or once a
// week: one mail a person over all their processes.
//
// What somebody wants in a digest waits as a delivery on a channel that nobody
// drains. In the morning Run writes one notice for all whose time has come; it is
// expanded into a mail each, like any other. When such a mail is about to be sent it
// takes what waits for its reader, and each thing is asked about once more: what
// became pointless is left out and says why. Only once the mail has been handed
// over are they told. A mail that failed gives them back for the next; a run that
// was missed is made up for by the next; and none is in two mails, because it
// belongs to one from the moment it is taken.
package digest

import (
	"context"
	"log/slog"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/notify/preference"
)

// Wrap makes a source that also knows digests, over one that knows all else. The
// inner one is asked for what a digest says of its reader: name, links and why.
func Wrap(inner notify.Source, clock notify.Clock, log *slog.Logger) notify.Source {
	return source{inner, clock, log}
}

type source struct {
	notify.Source

	clock notify.Clock
	log   *slog.Logger
}

// Audience is, of a digest, everybody for whom something waits that is due.
func (s source) Audience(ctx context.Context, db bun.IDB, n notify.Notice) (schema.QueryAppender, error) {
	if n.Kind != preference.Digest {
		return s.Source.Audience(ctx, db, n)
	}
	return waiting(), nil
}

// Check takes, of a digest, what waits for its readers, and leaves out what need
// not be told any more. For whom nothing is left there is no mail.
func (s source) Check(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Verdict, error) {
	if n.Kind != preference.Digest {
		return s.Source.Check(ctx, db, n, persons)
	}
	if err := take(ctx, db, n, persons); err != nil {
		return nil, err
	}
	things, err := taken(ctx, db, n, persons)
	if err != nil {
		return nil, err
	}
	now, err := s.clock.Now(ctx, db)
	if err != nil {
		return nil, err
	}
	out, err := s.judge(ctx, db, things, now)
	if err != nil {
		return nil, err
	}
	if err := leave(ctx, db, out); err != nil {
		return nil, err
	}
	left := map[int64]bool{}
	for _, t := range things {
		left[t.PersonID] = left[t.PersonID] || !slices.ContainsFunc(out, t.is)
	}
	verdicts := map[int64]notify.Verdict{}
	for _, p := range persons {
		if !left[p] {
			verdicts[p] = notify.Verdict{Reason: nothing}
		}
	}
	return verdicts, nil
}

// nothing is why a digest is not sent: all that it would have told is pointless.
const nothing = "nothing_to_say"

// Runner sees to it that digests are written. Any number may run.
type Runner struct {
	DB     *bun.DB
	Outbox *notify.Outbox
	Clock  notify.Clock
}

// Run settles what became of the digests so far and, in the hours for it, writes
// the notice of the day when something waits that is due. Running it at any time,
// twice or on several nodes, is harmless.
func (r *Runner) Run(ctx context.Context) error {
	now, err := r.Clock.Now(ctx, r.DB)
	if err != nil {
		return err
	}
	if err := settle(ctx, r.DB); err != nil {
		return err
	}
	day, hour := r.Outbox.Rules().Digest(now)
	if !hour {
		return nil
	}
	if due, err := anybody(ctx, r.DB); err != nil || !due {
		return err
	}
	return r.Outbox.Add(ctx, r.DB, notify.Notice{
		ProcessID: notify.Account, Key: "digest/" + day, Kind: preference.Digest, DueAt: now, CreatedAt: now,
	})
}
