package meeting

import (
	"context"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Visitor is what somebody without a personal link says of themself. Locale is
// the language of the page; any other word than "en" counts as "it".
type Visitor struct {
	Email  string
	Name   string
	Locale string
}

const (
	maxName      = 80
	maxConfirmed = 5 // an hour and address, over all activities
)

// What makes a mail reader turn a name into a link; a title such as "Dott.ssa"
// is none.
var (
	nameTitle = regexp.MustCompile(`(?i)\b(dott|dr|prof|sig|avv|ing|arch|geom|rag)\.(ssa\b|ra\b|na\b)?`)
	nameHost  = regexp.MustCompile(`[\p{L}\p{N}]{2,}\.\p{L}{2,}`)
)

// plainName reports whether a name that anybody may have typed for anybody's
// address can stand in a message.
func plainName(name string) bool {
	return len([]rune(name)) <= maxName && !strings.ContainsAny(name, `/:@<>\`) &&
		!strings.Contains(strings.ToLower(name), "www.") && !nameHost.MatchString(nameTitle.ReplaceAllString(name, ""))
}

// RequestRegistration registers a visitor by address, adding the person when
// there is none, and says the rest by mail: its answer is the same whoever the
// address belongs to. Who is registered already gets the confirmation again,
// at most once an hour. Refusals: fault.Invalid at "email" and "name",
// fault.Forbidden "meeting.invited_only", fault.TooMany "meeting.visitor_many"
// beyond five confirmations an hour to the address, and those of Register.
func (s *Service) RequestRegistration(ctx context.Context, id process.ID, activity process.ActivityID, v Visitor) error {
	person, err := v.person()
	if err != nil {
		return err
	}
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.lock(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		if err := s.may(ctx, tx, f, "register"); err != nil {
			return err
		}
		if f.setting.InvitedOnly {
			return fault.New(fault.Forbidden, "meeting.invited_only")
		}
		// Before the address is looked up, so that a full hall tells nothing.
		if err := s.door(ctx, tx, f); err != nil {
			return err
		}
		known, err := process.FindOrAddVisitor(ctx, tx, person, f.now)
		if err != nil {
			return err
		}
		if err := spare(ctx, tx, known, f.now); err != nil {
			return err
		}
		r, err := s.register(ctx, tx, f, known)
		if err != nil || !r.Already {
			return err
		}
		return s.tellAgain(ctx, tx, f, r)
	})
}

// spare keeps whoever owns an address from being flooded: anybody can ask for
// anybody, and each activity would send a confirmation of its own. The person
// is locked, so that requests about several activities are counted one by one.
func spare(ctx context.Context, tx bun.IDB, person process.PersonID, now time.Time) error {
	n, err := countConfirmed(ctx, tx, person, now.Add(-time.Hour))
	if err == nil && n >= maxConfirmed {
		return fault.New(fault.TooMany, "meeting.visitor_many")
	}
	return err
}

func (v Visitor) person() (process.Person, error) {
	var bad fault.List
	email, err := process.CleanEmail(v.Email)
	if err != nil {
		refusal, ok := fault.As(err)
		if !ok {
			return process.Person{}, err
		}
		bad = append(bad, refusal)
	}
	name := strings.Join(strings.FieldsFunc(v.Name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if name == "" {
		bad = append(bad, fault.Field("name", "meeting.name_missing"))
	}
	if !plainName(name) {
		bad = append(bad, fault.Field("name", "meeting.name_bad", "max", maxName))
	}
	locale := "it"
	if v.Locale == "en" {
		locale = "en"
	}
	return process.Person{Email: email, Name: name, Locale: locale}, bad.Err()
}

// ByToken finds the registration that a personal link stands for, cancelled
// ones included. Every failure is fault.NotFound "link.bad".
func (s *Service) ByToken(ctx context.Context, token string) (Registration, error) {
	link, err := s.domain.Links().Read(process.LinkRegister, token)
	if err != nil {
		return Registration{}, err
	}
	r, err := loadRegistration(ctx, s.domain.DB(), link.Process, RegistrationID(link.Subject))
	if fault.Is(err, fault.NotFound) || err == nil && r.Version != link.Version {
		return Registration{}, fault.New(fault.NotFound, "link.bad")
	}
	return r, err
}

// Token is the personal link of a registration.
func (s *Service) Token(r Registration) string {
	return s.domain.Links().Token(process.Link{
		Purpose: process.LinkRegister, Process: r.ProcessID, Subject: int64(r.ID), Version: r.Version,
	})
}

// Invitation is what a personal link to an invitation stands for.
type Invitation struct {
	ProcessID process.ID
	ID        int64
	Activity  process.ActivityID `bun:"activity_id"`
	Person    process.PersonID   `bun:"person_id"`
	Version   int
}

// ByInvitation finds the invitation of a personal link, for kinds that people
// are invited to; the person then registers with Register. A withdrawn one and
// every other failure is fault.NotFound "link.bad".
func (s *Service) ByInvitation(ctx context.Context, token string) (Invitation, error) {
	link, err := s.domain.Links().Read(process.LinkInvited, token)
	if err != nil {
		// Messages write one purpose for every kind of invitation.
		link, err = s.domain.Links().Read(process.LinkAnswer, token)
	}
	if err != nil {
		return Invitation{}, err
	}
	i, err := loadInvitation(ctx, s.domain.DB(), link.Process, link.Subject)
	if err == nil && i.Version != link.Version {
		return Invitation{}, fault.New(fault.NotFound, "link.bad")
	}
	return i, err
}

// Joining is the way into an online meeting. URL is empty outside [Opens,
// Closes) and for those who have no place.
type Joining struct {
	Meeting Meeting
	URL     string
	Opens   time.Time
	Closes  time.Time
}

// JoinURL gives the address of the meeting that goes on or comes next, to who
// has a place and only from some minutes before the beginning until the end.
// Refusals: fault.Forbidden "meeting.join_not_registered", fault.Closed
// "meeting.closed_join", "meeting.join_over", and "meeting.join_early" with the
// local time "opens" (Joining is filled but for the URL); fault.NotFound
// "meeting.join_none" when there is no address.
func (s *Service) JoinURL(ctx context.Context, r Registration, now time.Time) (Joining, error) {
	db := s.domain.DB()
	r, err := loadRegistration(ctx, db, r.ProcessID, r.ID)
	if err != nil {
		return Joining{}, err
	}
	if r.Status != Registered {
		return Joining{}, fault.New(fault.Forbidden, "meeting.join_not_registered")
	}
	f := &floor{now: now}
	if f.activity, err = s.domain.LoadActivity(ctx, db, r.ProcessID, r.Activity); err != nil {
		return Joining{}, err
	}
	if f.setting, err = loadSetting(ctx, db, r.ProcessID, r.Activity); err != nil {
		return Joining{}, err
	}
	if f.meetings, err = liveMeetings(ctx, db, r.ProcessID, r.Activity); err != nil {
		return Joining{}, err
	}
	coming := f.unfinished()
	if len(coming) == 0 {
		return Joining{}, fault.New(fault.Closed, "meeting.join_over")
	}
	ok, err := s.domain.Allows(ctx, db, f.activity, "join", now)
	if err != nil {
		return Joining{}, err
	}
	if !ok {
		return Joining{}, fault.New(fault.Closed, "meeting.closed_join")
	}
	return s.joining(ctx, f, coming[0])
}

func (s *Service) joining(ctx context.Context, f *floor, m Meeting) (Joining, error) {
	url := m.JoinURL
	m.JoinURL = ""
	j := Joining{Meeting: m, Opens: f.setting.opens(m), Closes: m.EndsAt}
	if url == "" {
		return j, fault.New(fault.NotFound, "meeting.join_none")
	}
	if f.now.Before(j.Opens) {
		p, err := s.domain.LoadProcess(ctx, s.domain.DB(), f.activity.ProcessID)
		if err != nil {
			return j, err
		}
		return j, fault.New(fault.Closed, "meeting.join_early", "opens", j.Opens.In(p.Location()).Format("02/01/2006 15:04"))
	}
	j.URL, j.Meeting.JoinURL = url, url
	return j, nil
}

// opens is when the doors of a meeting open.
func (d Setting) opens(m Meeting) time.Time {
	return m.StartsAt.Add(-time.Duration(d.JoinOpensBefore) * time.Minute)
}
