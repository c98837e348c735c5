package codesign

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
)

// Service holds the use cases of labs. It has no state of its own.
type Service struct {
	domain   *process.Service
	meetings *meeting.Service
}

// New makes the service on top of the domain's.
func New(s *process.Service) *Service {
	return &Service{domain: s, meetings: meeting.New(s)}
}

// Lab is how a lab votes: Dots for each participant, at most DotsACard of them
// on one card.
type Lab struct {
	ProcessID process.ID
	Activity  process.ActivityID `bun:"activity_id"`
	Dots      int
	DotsACard int `bun:"dots_a_card"`
	Revision  int64
}

// MaxDots is the most dots that a participant can have.
const MaxDots = 100

// Lab reads how a lab votes.
func (s *Service) Lab(ctx context.Context, id process.ID, activity process.ActivityID) (Lab, error) {
	return loadLab(ctx, s.domain.DB(), id, activity)
}

// SaveLab changes how the lab votes, before the vote. Refusals: fault.Invalid
// at "dots" and "dots_a_card", fault.Conflict "form.stale", fault.Closed
// "codesign.closed_prepare" and those of the policy.
func (s *Service) SaveLab(ctx context.Context, who process.Actor, l Lab) error {
	var bad fault.List
	if l.Dots < 1 || l.Dots > MaxDots {
		bad = append(bad, fault.Field("dots", "codesign.dots_bad", "max", MaxDots))
	}
	if l.DotsACard < 1 || l.DotsACard > l.Dots {
		bad = append(bad, fault.Field("dots_a_card", "codesign.dots_a_card_bad"))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := s.prepare(ctx, tx, l.ProcessID, l.Activity, who); err != nil {
			return err
		}
		return updateLab(ctx, tx, l)
	})
}

// TableID identifies a working table within its process.
type TableID int64

// Table is one where people work. Facilitator is a name as the programme shows
// it. Seated counts those who have a seat there. A new one has ID 0.
type Table struct {
	ProcessID   process.ID
	ID          TableID
	Activity    process.ActivityID `bun:"activity_id"`
	Name        string
	Topic       string
	Facilitator string
	Seated      int
	Revision    int64
}

const (
	maxName  = 120
	maxTopic = 500
)

// Tables lists those of a lab, in order.
func (s *Service) Tables(ctx context.Context, id process.ID, activity process.ActivityID) ([]Table, error) {
	return listTables(ctx, s.domain.DB(), id, activity)
}

// SaveTable adds a table (ID 0) or writes over the revision that was read.
// Refusals: fault.Invalid at "name", "topic" and "facilitator", also for a name
// that another table has, fault.Conflict "form.stale", fault.Closed
// "codesign.closed_prepare" and those of the policy.
func (s *Service) SaveTable(ctx context.Context, who process.Actor, t Table) error {
	t.Name, t.Topic, t.Facilitator = strings.TrimSpace(t.Name), strings.TrimSpace(t.Topic), strings.TrimSpace(t.Facilitator)
	bad := short("name", t.Name, maxName)
	bad = append(bad, short("topic", t.Topic, maxTopic)...)
	bad = append(bad, short("facilitator", t.Facilitator, maxName)...)
	if t.Name == "" {
		bad = append(bad, fault.Field("name", "codesign.name_missing"))
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := s.prepare(ctx, tx, t.ProcessID, t.Activity, who); err != nil {
			return err
		}
		return saveTable(ctx, tx, t)
	})
}

// DeleteTable removes a table at which nobody sits and no card was written.
// Refusals: fault.Conflict "codesign.table_used" and those of SaveTable.
func (s *Service) DeleteTable(ctx context.Context, who process.Actor, t Table) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := s.prepare(ctx, tx, t.ProcessID, t.Activity, who); err != nil {
			return err
		}
		return deleteTable(ctx, tx, t)
	})
}

func short(field, text string, limit int) fault.List {
	if len([]rune(text)) > limit {
		return fault.List{fault.Field(field, "codesign.too_long", "max", limit)}
	}
	return nil
}

// floor is what a use case stands on once it holds its locks.
type floor struct {
	activity process.Activity
	now      time.Time
}

// prepare opens a use case of the staff before the vote: tables and seats can
// change while people are still working at them.
func (s *Service) prepare(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor) (floor, error) {
	return s.prepareBy(ctx, tx, id, activity, who, process.ActActivityEdit)
}

// seating is prepare for what is done with people, whose names only those who
// run the activity may read.
func (s *Service) seating(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor) (floor, error) {
	return s.prepareBy(ctx, tx, id, activity, who, process.ActActivityRun)
}

func (s *Service) prepareBy(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor, act process.Act) (floor, error) {
	if _, _, err := s.domain.Begin(ctx, tx, id, who, act); err != nil {
		return floor{}, err
	}
	return s.enter(ctx, tx, id, activity, "codesign.closed_prepare", "edit", "propose")
}

// enter shares the activity with others who write to it, reads the clock after
// the lock and asks state and clock for one of the capabilities; refusal is
// the key of fault.Closed.
func (s *Service) enter(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, refusal string, capabilities ...string) (floor, error) {
	var f floor
	if err := process.ShareActivity(ctx, tx, id, activity); err != nil {
		return f, err
	}
	var err error
	if f.now, err = s.domain.Now(ctx, tx); err != nil {
		return f, err
	}
	if f.activity, err = s.domain.LoadActivity(ctx, tx, id, activity); err != nil {
		return f, err
	}
	if f.activity.Kind != (Kind{}).Name() {
		return f, fault.New(fault.NotFound, "activity.not_found")
	}
	for _, c := range capabilities {
		ok, err := s.domain.Allows(ctx, tx, f.activity, c, f.now)
		if err != nil || ok {
			return f, err
		}
	}
	return f, process.Shut(ctx, tx, f.activity, refusal)
}
