// Package account signs people in: by a link sent to their address, never by a
// password. A GET of the link changes nothing, since mail filters open links; a
// POST uses it once.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// How long things last. A link's life begins again with each request that is
// answered by it.
const (
	LinkLife    = 15 * time.Minute // no longer than the message itself is worth sending
	SessionLife = 14 * 24 * time.Hour
)

// pauses are the least times between the links sent to one address while none
// of them is used: before the second, the third, the fourth and any other.
var pauses = []time.Duration{2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour}

// sent are the links of the last day that a person got and did not use, since
// the last one that they used.
type sent struct {
	ID     int64 // of the newest; 0 when there is none
	Links  int
	LastAt time.Time `bun:",nullzero"`
}

// silent reports whether the address had a link so lately that another would
// be a nuisance.
func (s sent) silent(now time.Time) bool {
	return s.Links > 0 && now.Before(s.LastAt.Add(pauses[min(s.Links, len(pauses))-1]))
}

// Service holds the use cases of signing in.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// Request sends a sign-in link to an address, when a person with that address
// works on anything; to others it answers the same and sends nothing, so that
// nobody can learn who is registered. Anybody can type anybody's address, so
// links go to one address at growing intervals: nobody is flooded. Nobody is
// locked out either: a request that sends nothing gives the newest link its
// whole life again, whoever provoked it, and the interval ends when a link is
// used. fault.Invalid at "email" for what is no address.
func (s *Service) Request(ctx context.Context, address string) error {
	return s.RequestTo(ctx, address, "")
}

// RequestTo is Request for a link that leads to back after the sign-in: a path
// of this site, which the caller has checked, or "".
func (s *Service) RequestTo(ctx context.Context, address, back string) error {
	email, err := process.CleanEmail(address)
	if err != nil {
		return err
	}
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		person, err := staffByEmail(ctx, tx, email)
		if err != nil || person == 0 {
			return err
		}
		now, err := s.core.Now(ctx, tx)
		if err != nil {
			return err
		}
		before, err := unused(ctx, tx, person, now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if before.silent(now) {
			return prolong(ctx, tx, before.ID, now.Add(LinkLife))
		}
		id, err := insertRequest(ctx, tx, person, now, now.Add(LinkLife))
		if err != nil {
			return err
		}
		extra := map[string]string{"minutes": strconv.Itoa(int(LinkLife.Minutes()))}
		if back != "" {
			extra[process.ExtraBack] = back
		}
		return s.core.Tell(ctx, tx, process.Telling{
			Person: person, Kind: "sign-in", Occasion: "sign-in." + strconv.FormatInt(id, 10), Now: now,
			Payload: process.Payload{SignIn: id, Extra: extra},
		})
	})
}

// Peek gives the name of the person whom a sign-in link would let in, while it
// could still be used, and changes nothing. The name may be "". Refusals are
// those of Enter.
func (s *Service) Peek(ctx context.Context, token string) (name string, err error) {
	link, err := s.core.Links().Read(process.LinkSignIn, token)
	if err != nil {
		return "", fault.New(fault.NotFound, "signin.link_bad")
	}
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return "", err
	}
	if err := usable(ctx, s.core.DB(), link.Subject, now); err != nil {
		return "", err
	}
	return requestName(ctx, s.core.DB(), link.Subject)
}

// Session is a signed-in browser. Token is the cookie's value and is stored
// nowhere but there.
type Session struct {
	Token     string
	Person    process.PersonID
	ExpiresAt time.Time
}

// Enter uses a sign-in link once and opens a session. fault.NotFound
// "signin.link_bad" for a forged link, fault.Closed "signin.link_used" or
// "signin.link_old" for one that was used or has expired.
func (s *Service) Enter(ctx context.Context, token string) (Session, error) {
	link, err := s.core.Links().Read(process.LinkSignIn, token)
	if err != nil {
		return Session{}, fault.New(fault.NotFound, "signin.link_bad")
	}
	var session Session
	err = s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.core.Now(ctx, tx)
		if err != nil {
			return err
		}
		person, err := useRequest(ctx, tx, link.Subject, now)
		if err != nil {
			return err
		}
		if err := entered(ctx, tx, person, now); err != nil {
			return err
		}
		session = Session{Token: newToken(), Person: person, ExpiresAt: now.Add(SessionLife)}
		return insertSession(ctx, tx, session, now)
	})
	return session, err
}

// Actor gives who a session's token belongs to; the zero Actor, without error,
// when there is no such session any more.
func (s *Service) Actor(ctx context.Context, token string) (process.Actor, error) {
	if token == "" {
		return process.Actor{}, nil
	}
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return process.Actor{}, err
	}
	person, err := sessionPerson(ctx, s.core.DB(), hash(token), now)
	if err != nil || person == 0 {
		return process.Actor{}, err
	}
	return process.LoadActor(ctx, s.core.DB(), person)
}

// Leave ends a session; leaving twice is no error.
func (s *Service) Leave(ctx context.Context, token string) error {
	return deleteSession(ctx, s.core.DB(), hash(token))
}

// Purge forgets sessions and requests that ended more than a day ago, at most
// limit of each, and returns how many it forgot.
func (s *Service) Purge(ctx context.Context, limit int) (int, error) {
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return 0, err
	}
	return purge(ctx, s.core.DB(), now.Add(-24*time.Hour), limit)
}

func newToken() string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: crypto/rand crashes the program instead
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

func hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
