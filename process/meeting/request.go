package meeting

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/uptrace/bun"

	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/fault"
)

// RequestID identifies a request within its process.
type RequestID int64

// Request is a registration asked for from the public page, which takes no
// place until it is confirmed from the address. Name is "" while nobody told
// us what the person is called.
type Request struct {
	ProcessID process.ID
	ID        RequestID
	Activity  process.ActivityID `bun:"activity_id"`
	Person    process.PersonID   `bun:"person_id"`
	Name      string
	Email     string
	ExpiresAt time.Time
	Mails     int
	MailedAt  *time.Time
}

// Expired reports whether the request can no longer be confirmed at now.
func (r Request) Expired(now time.Time) bool { return !now.Before(r.ExpiresAt) }

// Visitor is what somebody without a personal link says of themself. Locale is
// the language of the page; any other word than "en" counts as "it".
type Visitor struct {
	Email  string
	Locale string
}

const (
	maxName = 80

	// confirmable is how long a request waits for its confirmation.
	confirmable = 24 * time.Hour
	// kept is how long one that expired can still say so.
	kept = 7 * 24 * time.Hour
)

// pauses are the least times between the messages that requests about one
// activity send to one address: before the second, the third and any other.
var pauses = []time.Duration{10 * time.Minute, time.Hour, 6 * time.Hour}

// silent reports whether the address had a message so lately that another
// would be a nuisance. A day later the count begins again.
func (r Request) silent(now time.Time) bool {
	if r.MailedAt == nil || r.Mails == 0 {
		return false
	}
	pause := pauses[min(r.Mails, len(pauses))-1]
	return now.Before(r.MailedAt.Add(pause))
}

// RequestRegistration asks for a place on behalf of an address. Anybody can
// type anybody's, so it sends a link to it and takes no place: Confirm does, and
// the queue's order is that of confirming. A place in the order of requests
// could be had for addresses that are not one's own, or be kept for a day
// without deciding. The message says nothing that the visitor typed.
//
// The answer is the same whoever the address belongs to, and whether or not a
// message goes: who is registered gets their own page's link again. Messages
// about one activity go to one address at growing intervals, so that nobody is
// flooded, and nobody can be locked out either: whoever provoked the message,
// its link works for the owner, and each request prolongs it.
//
// who, when signed in with that very address, needs no other proof and is
// registered at once; ok is true and the registration is theirs. Refusals:
// fault.Invalid at "email", fault.Forbidden "meeting.invited_only",
// fault.TooMany "limit.mail", and those of Register.
func (s *Service) RequestRegistration(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, v Visitor) (reg Registration, ok bool, err error) {
	email, err := process.CleanEmail(v.Email)
	if err != nil {
		return reg, false, err
	}
	if who.SignedIn() && email == who.Email {
		reg, err = s.Register(ctx, id, activity, who.Person)
		return reg, err == nil, err
	}
	return reg, false, s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
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
		return s.request(ctx, tx, f, process.Person{Email: email, Locale: templates.Supported(v.Locale)})
	})
}

// request keeps the request and sends a message, unless one went lately.
func (s *Service) request(ctx context.Context, tx bun.IDB, f *floor, visitor process.Person) error {
	if err := process.CheckVisitorMail(ctx, tx, f.activity.ProcessID, f.now); err != nil {
		return err
	}
	person, err := process.FindOrAddVisitor(ctx, tx, visitor, f.now)
	if err != nil {
		return err
	}
	if err := forgetRequests(ctx, tx, f, f.now.Add(-kept)); err != nil {
		return err
	}
	r, err := keepRequest(ctx, tx, f, person)
	if err != nil || r.silent(f.now) {
		return err
	}
	if r.MailedAt != nil && !f.now.Before(r.MailedAt.Add(confirmable)) {
		r.Mails = 0
	}
	r.Mails, r.MailedAt = r.Mails+1, &f.now
	if err := noteMail(ctx, tx, r); err != nil {
		return err
	}
	old, found, err := personRegistration(ctx, tx, f.activity, person)
	switch {
	case err != nil:
		return err
	case found && old.Live():
		return s.tellAgain(ctx, tx, f, old)
	}
	return s.tellRequest(ctx, tx, f, r)
}

// RequestByToken finds the request that a link asks to confirm, an expired one
// too. Every failure is fault.NotFound "link.bad".
func (s *Service) RequestByToken(ctx context.Context, token string) (Request, error) {
	link, err := s.domain.Links().Read(process.LinkConfirm, token)
	if err != nil {
		return Request{}, err
	}
	return loadRequest(ctx, s.domain.DB(), link.Process, RequestID(link.Subject))
}

// Confirm takes a place, or the last one in the queue, for who proves by a link
// that a request came from their address. Name is used only for a person whom
// nobody named yet. Doing it twice is doing it once, also after the request
// expired. Refusals: fault.NotFound "link.bad", fault.Closed
// "meeting.request_expired", fault.Invalid at "name", and those of Register.
func (s *Service) Confirm(ctx context.Context, token, name string) (Registration, error) {
	r, err := s.RequestByToken(ctx, token)
	if err != nil {
		return Registration{}, err
	}
	var reg Registration
	err = s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.lock(ctx, tx, r.ProcessID, r.Activity)
		if err != nil {
			return err
		}
		var found bool
		if reg, found, err = personRegistration(ctx, tx, f.activity, r.Person); err != nil || found && reg.Live() {
			return err
		}
		if r, err = loadRequest(ctx, tx, r.ProcessID, r.ID); err != nil {
			return err
		}
		if r.Expired(f.now) {
			return fault.New(fault.Closed, "meeting.request_expired")
		}
		if err := s.may(ctx, tx, f, "register"); err != nil {
			return err
		}
		if r.Name == "" {
			if err := nameVisitor(ctx, tx, r.Person, name); err != nil {
				return err
			}
		}
		reg, err = s.register(ctx, tx, f, r.Person)
		return err
	})
	return reg, err
}

func nameVisitor(ctx context.Context, tx bun.IDB, person process.PersonID, typed string) error {
	name, err := cleanName(typed)
	if err != nil {
		return err
	}
	return process.NameVisitor(ctx, tx, person, name)
}

// What makes a mail reader turn a name into a link; a title such as "Dott.ssa"
// is none.
var (
	nameTitle = regexp.MustCompile(`(?i)\b(dott|dr|prof|sig|avv|ing|arch|geom|rag)\.(ssa\b|ra\b|na\b)?`)
	nameHost  = regexp.MustCompile(`[\p{L}\p{N}]{2,}\.\p{L}{2,}`)
)

// cleanName trims a name that somebody typed and refuses, at "name", what
// cannot stand in a message.
func cleanName(typed string) (string, error) {
	name := strings.Join(strings.FieldsFunc(typed, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	switch {
	case name == "":
		return "", fault.Field("name", "meeting.name_missing")
	case len([]rune(name)) > maxName || strings.ContainsAny(name, `/:@<>\`) || strings.Contains(strings.ToLower(name), "www.") ||
		nameHost.MatchString(nameTitle.ReplaceAllString(name, "")):
		return "", fault.Field("name", "meeting.name_bad", "max", maxName)
	}
	return name, nil
}

// tellRequest sends the link to confirm. Its words name the meeting and
// nothing that the visitor typed.
func (s *Service) tellRequest(ctx context.Context, tx bun.IDB, f *floor, r Request) error {
	t := f.telling("registration-confirm", "", "request."+strconv.FormatInt(f.now.UnixMicro(), 10), f.unfinished()[0])
	t.Person, t.Payload.Request = r.Person, int64(r.ID)
	return s.domain.Tell(ctx, tx, t)
}
