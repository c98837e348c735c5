// Package message is what the domain tells notify: who a notice is for, who must
// not receive it any more, and what it says to each.
package message

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/process"
	"arengo/process/wording"
	"arengo/workflow/definition"
)

// New makes the source of a service; it is what process.Config.Source takes.
func New(s *process.Service) notify.Source {
	return source{s, wording.NewReader(s.Log())}
}

// source answers what notify must know of the domain.
type source struct {
	s     *process.Service
	texts *wording.Reader
}

// Audience gives the query of those whom the notice is for now.
func (src source) Audience(_ context.Context, _ bun.IDB, n notify.Notice) (schema.QueryAppender, error) {
	return src.audience(n)
}

// skipped are those who must not receive a notice, by person.
type skipped map[int64]notify.Verdict

// ever says why a person does not receive it, unless that is said already.
func (s skipped) ever(person int64, reason string) {
	if _, said := s[person]; !said {
		s[person] = notify.Verdict{Reason: reason}
	}
}

// Check names those who must not receive the notice any more: who answered,
// withdrew or left the audience since it was expanded, whom another notice of the
// same act tells, and everyone when a call to answer comes after the doors closed.
func (src source) Check(ctx context.Context, db bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Verdict, error) {
	skip := skipped{}
	in, err := src.within(ctx, db, n, persons)
	if err != nil {
		return nil, err
	}
	reason, err := src.pointless(ctx, db, n)
	if err != nil {
		return nil, err
	}
	if reason == "" && ends[n.Kind] {
		return skip, src.notTold(ctx, db, n, persons, in, skip)
	}
	if reason != "" {
		in = nil
	} else {
		reason = "left_audience"
	}
	for _, p := range persons {
		if !in[p] {
			skip.ever(p, reason)
		}
	}
	if err := src.together(ctx, db, n, persons, skip); err != nil {
		return nil, err
	}
	if calls(n.Kind) {
		return skip, src.asked(ctx, db, n, persons, skip)
	}
	if !rests[n.Kind] {
		return skip, nil
	}
	return skip, src.once(ctx, db, n, persons, skip)
}

// calls reports a notice that asks to answer.
func calls(kind string) bool { return slices.Contains(definition.Calls, kind) }

// opened says that one may take part, by whichever door.
const opened = "activity-opened"

// pointless says why nobody needs a notice any more, or "": a call to answer
// after the doors closed, a reminder of a meeting that was called off.
func (src source) pointless(ctx context.Context, db bun.IDB, n notify.Notice) (string, error) {
	doors := []string{"respond"}
	switch {
	case n.ActivityID == 0 && calls(n.Kind):
		return src.passed(ctx, db, n)
	case n.ActivityID == 0:
		return "", nil
	case appointments[n.Kind]:
		return src.calledOff(ctx, db, n)
	case n.Kind == opened:
		doors = definition.Doors
	case !calls(n.Kind):
		return "", nil
	}
	a, err := src.s.LoadActivity(ctx, db, process.ID(n.ProcessID), process.ActivityID(n.ActivityID))
	if err != nil {
		return "", err
	}
	now, err := src.s.Now(ctx, db)
	if err != nil {
		return "", err
	}
	for _, door := range doors {
		open, err := src.s.Allows(ctx, db, a, door, now)
		if err != nil || open {
			return "", err
		}
	}
	if a.Held() && (n.Kind == "invitation" || n.Kind == opened) {
		return notify.HeldBack, nil // reminders come anew with the end
	}
	return "closed", nil
}

// appointments are the notices that make no sense once the meeting is off.
var appointments = map[string]bool{
	"registration-confirmed": true, "place-available": true, "meeting-reminder": true,
	"meeting-moved": true, "focusgroup-invitation": true, "registration-confirm": true,
}

func (src source) calledOff(ctx context.Context, db bun.IDB, n notify.Notice) (string, error) {
	var payload process.Payload
	if err := json.Unmarshal(n.Payload, &payload); err != nil {
		return "", fmt.Errorf("payload of notice %q: %w", n.Key, err)
	}
	m, err := noticeMeeting(ctx, db, n, payload.Meeting)
	if err != nil || m == nil || m.CancelledAt.IsZero() {
		return "", err
	}
	return "called_off", nil
}

// passed says that the phase is over of whose end a process reminds.
func (src source) passed(ctx context.Context, db bun.IDB, n notify.Notice) (string, error) {
	inst, payload, err := src.instance(ctx, db, n)
	if err != nil || payload.State == "" || inst.State == payload.State {
		return "", err
	}
	return "closed", nil
}
