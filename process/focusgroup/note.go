package focusgroup

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/once"
)

// NoteID identifies a note within its process.
type NoteID int64

// Note is something that was said. Speaker is the number of a code, 3 for
// "P3", and 0 for the group as a whole: a note never holds a name. Quote asks
// to print it word for word; Quotable reports that the speaker consents to
// that now, so that withdrawing the consent ends every quotation at once.
type Note struct {
	ProcessID  process.ID
	ID         NoteID
	Activity   process.ActivityID `bun:"activity_id"`
	Theme      ThemeID            `bun:"theme_id"`
	ThemeTitle string
	Speaker    int
	Statement  string
	Quote      bool
	Quotable   bool
	Revision   int64
	CreatedBy  process.PersonID
	CreatedAt  time.Time
	UpdatedAt  time.Time

	FormKey string `bun:"-"` // of the form that makes it, see package once
	Already bool   `bun:"-"` // that form had made it before
}

// Ref finds the note among the evidence of its activity.
func (n Note) Ref() string { return fmt.Sprintf("%s%d", notePrefix, n.ID) }

// notePrefix begins the Ref of a note and of nothing else in a group.
const notePrefix = "note:"

// cited is how the note reads where an outcome stands on it, in the language
// that outcomes are written in: its words only while they may be quoted.
func (n Note) cited() string {
	if n.Quote && n.Quotable {
		return shortened(n.ThemeTitle+": "+n.Statement, maxLabel)
	}
	return fmt.Sprintf("%s: appunto %d (senza citazione)", n.ThemeTitle, n.ID)
}

const maxStatement = 2000

// Notes lists those of a group, by theme and time of writing.
func (s *Service) Notes(ctx context.Context, id process.ID, activity process.ActivityID) ([]Note, error) {
	return listNotes(ctx, s.domain.DB(), id, activity)
}

// SaveNote adds a note (ID 0) or writes over the revision that was read.
// A new one by a form that the actor sent before is given back Already, without
// an ID: the first may be gone. Refusals: fault.Invalid at "theme", "statement", "speaker" (nobody has the
// code) and "quote" (the speaker does not consent to quotation, or it is the
// group); fault.Conflict "form.stale"; fault.NotFound "focusgroup.note_gone";
// fault.Closed "focusgroup.closed_notes" and "focusgroup.notes_early" (the
// meeting has not begun); those of the policy.
func (s *Service) SaveNote(ctx context.Context, who process.Actor, n Note) (Note, error) {
	n.Statement = strings.TrimSpace(n.Statement)
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		a, now, err := s.noting(ctx, tx, n.ProcessID, n.Activity, who)
		if err != nil {
			return err
		}
		if err := checkNote(ctx, tx, a, n); err != nil {
			return err
		}
		n.UpdatedAt = now
		if n.ID != 0 {
			return updateNote(ctx, tx, &n)
		}
		n.CreatedBy, n.CreatedAt = who.Person, now
		form := once.Form{Process: int64(n.ProcessID), Person: int64(who.Person), Name: "note", Key: n.FormKey}
		_, n.Already, err = once.Do(ctx, tx, form, now, func() (string, error) {
			err := insertNote(ctx, tx, &n)
			return n.Ref(), err
		})
		return err
	})
	return n, err
}

func (s *Service) noting(ctx context.Context, tx bun.IDB, id process.ID, activity process.ActivityID, who process.Actor) (process.Activity, time.Time, error) {
	a, now, err := s.begin(ctx, tx, id, activity, who, "take-notes")
	if err != nil {
		return a, now, err
	}
	begun, err := meetingBegun(ctx, tx, a, now)
	if err == nil && !begun {
		err = fault.New(fault.Closed, "focusgroup.notes_early")
	}
	return a, now, err
}

func checkNote(ctx context.Context, tx bun.IDB, a process.Activity, n Note) error {
	var bad fault.List
	switch {
	case n.Statement == "":
		bad = append(bad, fault.Field("statement", "focusgroup.statement_missing"))
	case len([]rune(n.Statement)) > maxStatement:
		bad = append(bad, fault.Field("statement", "focusgroup.too_long", "max", maxStatement))
	}
	g, err := loadGroup(ctx, tx, a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	known := false
	for _, t := range g.Themes {
		known = known || t.ID == n.Theme
	}
	if !known {
		bad = append(bad, fault.Field("theme", "focusgroup.theme_missing"))
	}
	speakers, err := listSpeakers(ctx, tx, a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	bad = append(bad, checkSpeaker(n, speakers)...)
	return bad.Err()
}

func checkSpeaker(n Note, speakers []Speaker) fault.List {
	if n.Speaker == 0 {
		if n.Quote {
			return fault.List{fault.Field("quote", "focusgroup.quote_nobody")}
		}
		return nil
	}
	for _, p := range speakers {
		if p.Code != n.Speaker {
			continue
		}
		if n.Quote && !p.Quotable {
			return fault.List{fault.Field("quote", "focusgroup.quote_unconsented", "code", p.Name())}
		}
		return nil
	}
	return fault.List{fault.Field("speaker", "focusgroup.speaker_bad")}
}

// DeleteNote removes a note at the revision that was read. Refusals: those of
// SaveNote, and fault.Conflict "focusgroup.note_cited" when an outcome stands
// on it.
func (s *Service) DeleteNote(ctx context.Context, who process.Actor, n Note) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.noting(ctx, tx, n.ProcessID, n.Activity, who); err != nil {
			return err
		}
		cited, err := noteCited(ctx, tx, n)
		if err != nil {
			return err
		}
		if cited {
			return fault.New(fault.Conflict, "focusgroup.note_cited")
		}
		return deleteNote(ctx, tx, n)
	})
}

// Speaker is the code of somebody who was there. Quotable reports consent to
// quotation at the present text.
type Speaker struct {
	Person   process.PersonID `bun:"person_id"`
	Code     int
	Quotable bool
}

// Name is how the code is written: "P3".
func (p Speaker) Name() string { return SpeakerName(p.Code) }

// SpeakerName writes the number of a code: "P3", or "" for the group.
func SpeakerName(code int) string {
	if code == 0 {
		return ""
	}
	return fmt.Sprintf("P%d", code)
}

// Speakers lists the codes given so far, in order.
func (s *Service) Speakers(ctx context.Context, id process.ID, activity process.ActivityID) ([]Speaker, error) {
	return listSpeakers(ctx, s.domain.DB(), id, activity)
}

// Arrive notes that a registered person is there and gives them the next code;
// repeating it changes nothing. The refusals are those of meeting.Service.Note.
func (s *Service) Arrive(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, p meeting.Presence) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := s.meetings.NoteIn(ctx, tx, id, activity, who, p); err != nil {
			return err
		}
		return giveCode(ctx, tx, id, activity, p.Person)
	})
}
