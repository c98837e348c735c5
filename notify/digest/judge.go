package digest

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/notify/preference"
	"arengo/process/fault"
	"arengo/process/pg"
)

// thing is one delivery that a digest has taken, with its notice. Waited is for
// how long it has been due, by the database's clock.
type thing struct {
	notify.Delivery

	Notice notify.Notice
	Waited time.Duration
}

// occasion is what several readers of a batch have in common.
type occasion struct {
	notify.Notice
	things []thing
}

func (o occasion) persons() []int64 {
	out := make([]int64, len(o.things))
	for i, t := range o.things {
		out[i] = t.PersonID
	}
	return out
}

// occasions groups things by their notices, in the order of their coming.
func occasions(things []thing) []occasion {
	var out []occasion
	at := map[[2]int64]int{}
	for _, t := range things {
		key := [2]int64{t.ProcessID, t.NoticeID}
		i, seen := at[key]
		if !seen {
			i = len(out)
			at[key], out = i, append(out, occasion{Notice: t.Notice})
		}
		out[i].things = append(out[i].things, t)
	}
	return out
}

// left is a thing that a digest leaves out: for good, or with a Delay until a later
// one. A zero Delay with the status queued gives it to the next.
type left struct {
	thing

	status notify.Status
	why    string
	delay  time.Duration
}

func (t thing) is(l left) bool { return t.ProcessID == l.ProcessID && t.ID == l.ID }

// judge says what is left out, and why.
func (s source) judge(ctx context.Context, db bun.IDB, things []thing, now time.Time) (out []left, err error) {
	choices, err := preference.Among(ctx, db, readers(things))
	if err != nil {
		return nil, err
	}
	for _, o := range occasions(things) {
		kind, known := notify.KindNamed(o.Kind)
		verdicts, err := s.ask(ctx, db, o, now)
		if err != nil {
			return nil, err
		}
		for _, t := range o.things {
			v, skip := verdicts[t.PersonID]
			switch {
			case !known, !o.CancelledAt.IsZero():
				out = append(out, left{t, notify.Suppressed, "cancelled", 0})
			case choices[t.PersonID].Of(preference.Topic(kind)) == preference.None:
				out = append(out, left{t, notify.Suppressed, "unsubscribed", 0})
			case t.Waited > kind.TimeToLive: // since it was due: the wait for its turn does not count
				out = append(out, left{t, notify.Expired, "", 0})
			case skip && !v.Until.IsZero():
				out = append(out, left{t, notify.Queued, v.Reason, max(v.Until.Sub(now), time.Minute)})
			case skip:
				out = append(out, left{t, notify.Suppressed, v.Reason, 0})
			}
		}
	}
	return out, nil
}

// ask is Check of what the inner source knows. A notice that it cannot tell about,
// or at which it panics, waits for the next digest and keeps no other back.
func (s source) ask(ctx context.Context, db bun.IDB, o occasion, now time.Time) (verdicts map[int64]notify.Verdict, err error) {
	err = fault.Caught(func() (err error) {
		verdicts, err = s.Source.Check(ctx, db, o.Notice, o.persons())
		return err
	})
	if err == nil || pg.Lost(err) || ctx.Err() != nil {
		return verdicts, err
	}
	s.troubled(ctx, o, err)
	verdicts = map[int64]notify.Verdict{}
	for _, p := range o.persons() {
		verdicts[p] = notify.Verdict{Reason: trouble, Until: now.Add(patience)}
	}
	return verdicts, nil
}

// trouble is why a thing waits for a fault of ours, and patience how long.
const (
	trouble  = "internal_error"
	patience = 6 * time.Hour
)

func (s source) troubled(ctx context.Context, o occasion, err error) {
	s.log.ErrorContext(ctx, "a digest could not tell of a notice",
		"process_id", o.ProcessID, "notice_id", o.ID, "count", len(o.things), "error", err)
}

func readers(things []thing) []int64 {
	var out []int64
	for _, t := range things {
		out = append(out, t.PersonID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
