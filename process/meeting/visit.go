package meeting

import (
	"context"
	"time"

	"arengo/process"
	"arengo/process/fault"
)

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
		return Joining{}, process.Shut(ctx, db, f.activity, "meeting.closed_join")
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
