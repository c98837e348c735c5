package meeting

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Setting is how the gatherings of an activity are run. Capacity 0 is no
// limit. JoinOpensBefore is in minutes. Told is the audience of news about the
// meetings, in the words of notices, joined by commas; it is the kind's choice
// and no form's. Recorded says that people are told of a recording when they
// register. ConsentVersion rises when ConsentText changes.
type Setting struct {
	Capacity        int
	JoinOpensBefore int
	InvitedOnly     bool
	Recorded        bool
	Told            string
	ConsentText     string
	ConsentVersion  int
	Revision        int64
}

// Default is what a new activity begins with: no limit of places, the link to
// join from 15 minutes before, news to those registered.
func Default() Setting { return Setting{JoinOpensBefore: 15, Told: "registered", ConsentVersion: 1} }

// Prepare writes the setting of a new activity; a kind calls it from Create.
func Prepare(ctx context.Context, tx bun.IDB, a process.Activity, d Setting) error {
	return insertSetting(ctx, tx, a.ProcessID, a.ID, d)
}

const (
	maxCapacity    = 1_000_000
	maxOpensBefore = 24 * 60
)

// Setting reads how the activity's gatherings are run.
func (s *Service) Setting(ctx context.Context, id process.ID, activity process.ActivityID) (Setting, error) {
	return loadSetting(ctx, s.domain.DB(), id, activity)
}

// SetSetting changes everything but Told. More places promote those who wait,
// in their order; fewer turn nobody out. Refusals: fault.Invalid at "capacity",
// "join_opens_before", "consent_text" and "recorded" (it can no longer be
// announced once a meeting has begun), fault.Conflict "form.stale",
// fault.Closed "meeting.closed_convene" and those of the policy.
func (s *Service) SetSetting(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, d Setting) (Setting, error) {
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEdit, "convene")
		if err != nil {
			return err
		}
		d.ConsentText = strings.TrimSpace(d.ConsentText)
		if err := d.check(f); err != nil {
			return err
		}
		if d.Revision != f.setting.Revision {
			return fault.New(fault.Conflict, "form.stale")
		}
		d.Told, d.ConsentVersion = f.setting.Told, f.setting.ConsentVersion
		if d.ConsentText != f.setting.ConsentText {
			d.ConsentVersion++
		}
		d.Revision++
		if err := updateSetting(ctx, tx, id, activity, d); err != nil {
			return err
		}
		f.setting = d
		return s.promote(ctx, tx, f, 0)
	})
	return d, err
}

func (d Setting) check(f *floor) error {
	var bad fault.List
	if d.Capacity < 0 || d.Capacity > maxCapacity {
		bad = append(bad, fault.Field("capacity", "meeting.capacity_bad", "max", maxCapacity))
	}
	if d.JoinOpensBefore < 0 || d.JoinOpensBefore > maxOpensBefore {
		bad = append(bad, fault.Field("join_opens_before", "meeting.opens_before_bad", "max", maxOpensBefore))
	}
	bad = append(bad, short("consent_text", d.ConsentText, maxAgenda)...)
	if d.Recorded && !f.setting.Recorded && len(f.meetings) > 0 && f.meetings[0].Begun(f.now) {
		bad = append(bad, fault.Field("recorded", "meeting.recorded_late"))
	}
	return bad.Err()
}
