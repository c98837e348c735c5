package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// MaterialID identifies a material within its process.
type MaterialID int64

// MaterialKind is what a material is.
type MaterialKind string

// The kinds of material.
const (
	MaterialRecording MaterialKind = "recording"
	MaterialSlides    MaterialKind = "slides"
	MaterialDocument  MaterialKind = "document"
)

// Material is an address with a title, for those who attended and those who
// could not.
type Material struct {
	ProcessID process.ID
	ID        MaterialID
	Activity  process.ActivityID `bun:"activity_id"`
	Kind      MaterialKind
	Title     string
	URL       string
	CreatedAt time.Time

	FormKey string `bun:"-"` // of the form that adds it, see package once
	Already bool   `bun:"-"` // that form had added it before
}

// Publish adds materials and tells those registered, with one notice for all
// that are added at once. A form (that of the first) that the actor sent before
// adds nothing: its materials come back Already, without an ID. Refusals: those of the policy; fault.Invalid at
// "kind", "title" and "url"; fault.Conflict "meeting.recording_unannounced"
// when nobody was told of a recording; fault.Closed "meeting.closed_publish".
func (s *Service) Publish(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, list ...Material) ([]Material, error) {
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEnd, "publish")
		if err != nil || len(list) == 0 {
			return err
		}
		form := once.Form{Process: int64(id), Person: int64(who.Person), Name: "material", Key: list[0].FormKey}
		_, already, err := once.Do(ctx, tx, form, f.now, func() (string, error) {
			err := s.addMaterials(ctx, tx, f, list)
			return fmt.Sprintf("material.%d", list[0].ID), err
		})
		for i := range list {
			list[i].Already = already
		}
		return err
	})
	return list, err
}

func (s *Service) addMaterials(ctx context.Context, tx bun.IDB, f *floor, list []Material) error {
	titles := make([]string, len(list))
	for i := range list {
		m := &list[i]
		if err := m.check(f.setting); err != nil {
			return err
		}
		m.ProcessID, m.Activity, m.CreatedAt = f.activity.ProcessID, f.activity.ID, f.now
		if err := insertMaterial(ctx, tx, m); err != nil {
			return err
		}
		titles[i] = m.Title
	}
	return s.tellPublished(ctx, tx, f, fmt.Sprintf("material.%d", list[0].ID), map[string]string{"materials": strings.Join(titles, ", ")})
}

func (m *Material) check(d Setting) error {
	m.Title, m.URL = strings.TrimSpace(m.Title), strings.TrimSpace(m.URL)
	var bad fault.List
	switch m.Kind {
	case MaterialRecording, MaterialSlides, MaterialDocument:
	default:
		bad = append(bad, fault.Field("kind", "meeting.material_kind_bad"))
	}
	if m.Title == "" {
		bad = append(bad, fault.Field("title", "meeting.title_missing"))
	}
	bad = append(bad, short("title", m.Title, maxTitle)...)
	if !secure(m.URL) {
		bad = append(bad, fault.Field("url", "meeting.url_bad"))
	}
	if len(bad) == 0 && m.Kind == MaterialRecording && !d.Recorded {
		return fault.New(fault.Conflict, "meeting.recording_unannounced")
	}
	return bad.Err()
}

// Retract removes a material; nobody is told, and one that is gone is no
// error. Refusals: those of the policy and fault.Closed "meeting.closed_publish".
func (s *Service) Retract(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, material MaterialID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEnd, "publish"); err != nil {
			return err
		}
		return deleteMaterial(ctx, tx, id, activity, material)
	})
}

// Materials lists an activity's, in the order of publication.
func (s *Service) Materials(ctx context.Context, id process.ID, activity process.ActivityID) ([]Material, error) {
	return listMaterials(ctx, s.domain.DB(), id, activity)
}

// Minutes are what was said and decided, in Markdown. Present is how many
// people were counted, 0 when nobody counted. Revision is 0 before the first
// saving. PublishedAt is nil while only the staff can read them.
type Minutes struct {
	ProcessID   process.ID
	Activity    process.ActivityID `bun:"activity_id"`
	Body        string
	Present     int
	Revision    int64
	UpdatedBy   process.PersonID
	UpdatedAt   time.Time
	PublishedAt *time.Time
}

const (
	maxBody    = 200_000
	maxPresent = 1_000_000
)

// Minutes reads those of an activity; the zero Minutes when there are none.
func (s *Service) Minutes(ctx context.Context, id process.ID, activity process.ActivityID) (Minutes, error) {
	return loadMinutes(ctx, s.domain.DB(), id, activity)
}

// SaveMinutes writes Body and Present; m.Revision must be the one that was
// read. Refusals: fault.Conflict "form.stale" (the caller still has the text),
// fault.Invalid at "body" and "present", fault.Closed "meeting.closed_minute"
// and those of the policy.
func (s *Service) SaveMinutes(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, m Minutes) (Minutes, error) {
	m.Body = strings.TrimSpace(m.Body)
	bad := short("body", m.Body, maxBody)
	if m.Present < 0 || m.Present > maxPresent {
		bad = append(bad, fault.Field("present", "meeting.present_bad"))
	}
	if err := bad.Err(); err != nil {
		return m, err
	}
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActOutcomeEdit, "minute")
		if err != nil {
			return err
		}
		next := m
		next.ProcessID, next.Activity, next.UpdatedBy, next.UpdatedAt = id, activity, who.Person, f.now
		if err := saveMinutes(ctx, tx, next); err != nil {
			return err
		}
		m, err = loadMinutes(ctx, tx, id, activity)
		return err
	})
	return m, err
}

// PublishMinutes makes the minutes public as they stand at a revision and
// tells those concerned, once. Refusals: fault.Conflict "meeting.minutes_empty"
// and "form.stale", fault.Closed "meeting.closed_minute" and those of the policy.
func (s *Service) PublishMinutes(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, revision int64) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, f, err := s.staff(ctx, tx, target{id, activity, who}, process.ActActivityEnd, "minute")
		if err != nil {
			return err
		}
		m, err := loadMinutes(ctx, tx, id, activity)
		switch {
		case err != nil:
			return err
		case m.Body == "":
			return fault.New(fault.Conflict, "meeting.minutes_empty")
		case m.Revision != revision:
			return fault.New(fault.Conflict, "form.stale")
		case m.PublishedAt != nil:
			return nil
		}
		if err := publishMinutes(ctx, tx, id, activity, f.now); err != nil {
			return err
		}
		return s.tellPublished(ctx, tx, f, fmt.Sprintf("minutes.%d", activity), map[string]string{"minutes_out": "yes"})
	})
}
