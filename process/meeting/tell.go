package meeting

import (
	"context"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"arengo/process"
)

// announced reports whether the activity has left its initial state: before
// that nobody knows of it, and nobody is told of changes.
func (s *Service) announced(ctx context.Context, db bun.IDB, f *floor) (bool, error) {
	inst, err := s.domain.Engine().Instance(ctx, db, f.activity.Ref())
	if err != nil {
		return false, err
	}
	def, err := s.domain.Engine().Definition(ctx, db, inst)
	if err != nil {
		return false, err
	}
	return inst.State != def.Initial, nil
}

// tellAdded sends the calendar file of a meeting that was added late.
func (s *Service) tellAdded(ctx context.Context, tx bun.IDB, f *floor, m Meeting) error {
	announced, err := s.announced(ctx, tx, f)
	if err != nil || !announced {
		return err
	}
	return s.domain.Tell(ctx, tx, f.telling("registration-confirmed", "registered", fmt.Sprintf("meeting.%d.added", m.ID), m))
}

// change is what a message says of a new time or a cancellation; oldStart as RFC
// 3339 has it.
type change struct{ reason, oldStart string }

// tellChanged tells of a new time or place, or of the end of a meeting.
func (s *Service) tellChanged(ctx context.Context, tx bun.IDB, f *floor, m Meeting, why change) error {
	announced, err := s.announced(ctx, tx, f)
	if err != nil || !announced {
		return err
	}
	kind := "meeting-moved"
	if m.Cancelled() {
		kind = "meeting-cancelled"
	}
	t := f.telling(kind, f.setting.Told, fmt.Sprintf("meeting.%d.r%d", m.ID, m.Revision), m)
	t.Payload.Reason = why.reason
	if why.oldStart != "" {
		t.Payload.Extra = map[string]string{"old_start": why.oldStart}
	}
	if err := s.domain.Tell(ctx, tx, t); err != nil {
		return err
	}
	// Those who wait have nothing in their calendar: they get words, no file.
	t.Audience, t.Occasion, t.Payload.Words = "waiting", t.Occasion+".waiting", true
	if !m.Cancelled() {
		t.Payload.Extra = map[string]string{"old_start": why.oldStart, "waiting": "1"}
	}
	return s.domain.Tell(ctx, tx, t)
}

// tellPerson sends one notice per meeting to come, each with its own calendar
// file, to the person of a registration; one and no file to who waits, or
// waited until now. The time of joining the list makes the
// occasion that of this registration and not of an earlier one.
func (s *Service) tellPerson(ctx context.Context, tx bun.IDB, f *floor, r Registration, kind string) error {
	for _, m := range f.unfinished() {
		t := f.telling(kind, "", fmt.Sprintf("registration.%d.%s.%d.m%d", r.ID, kind, r.QueuedAt.UnixMicro(), m.ID), m)
		t.Person = r.Person
		if r.Status == Waiting {
			t.Payload.Words = true
			t.Payload.Extra = map[string]string{"position": strconv.Itoa(r.Position)}
		}
		if err := s.domain.Tell(ctx, tx, t); err != nil {
			return err
		}
		if r.Status == Waiting {
			return nil // one queue for all the meetings
		}
	}
	return nil
}

// tellAgain repeats the confirmation to somebody who asked twice; when, the
// request decides.
func (s *Service) tellAgain(ctx context.Context, tx bun.IDB, f *floor, r Registration) error {
	kind := "registration-confirmed"
	if r.Status == Waiting {
		kind = "waiting-list"
	}
	t := f.telling(kind, "", fmt.Sprintf("registration.%d.%s.again.%d", r.ID, r.Status, f.now.UnixMicro()), f.unfinished()[0])
	t.Person = r.Person
	if r.Status == Waiting {
		t.Payload.Extra = map[string]string{"position": strconv.Itoa(r.Position)}
	}
	return s.domain.Tell(ctx, tx, t)
}

// tellPublished says that there is something to read or watch, once for each
// act of publishing.
func (s *Service) tellPublished(ctx context.Context, tx bun.IDB, f *floor, occasion string, words map[string]string) error {
	var last Meeting
	if n := len(f.meetings); n > 0 {
		last = f.meetings[n-1]
	}
	t := f.telling("meeting-materials", f.setting.Told, occasion, last)
	t.Payload.Extra = words
	return s.domain.Tell(ctx, tx, t)
}

func (f *floor) telling(kind, audience, occasion string, m Meeting) process.Telling {
	return process.Telling{
		Process: f.activity.ProcessID, Activity: f.activity.ID, Audience: audience, Kind: kind,
		Occasion: fmt.Sprintf("a%d.%s", f.activity.ID, occasion), Payload: process.Payload{Meeting: int64(m.ID)}, Now: f.now,
	}
}
