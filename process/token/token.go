// Package token gives other programs access to an organisation's processes: keys
// of the API. A token acts as the person who made it, on the processes that the
// organisation leads and on no other, while that person may still connect
// programs there; whether an act is allowed is decided by process.Allow, as for
// a person in a browser.
package token

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// The scopes: what a token may do of what its person may.
const (
	Read    = "read"    // every token has it
	Advance = "advance" // move processes and activities
)

// Lives are the lengths of life that a person chooses from, in days.
var Lives = []int{30, 90, 365}

// prefix makes a token recognisable to people and to programs that look for
// secrets where they should not be.
const prefix = "arengo_"

// maxName bounds the name of a token, in characters.
const maxName = 100

// Token is what an organisation knows of one of its tokens, the secret apart.
type Token struct {
	PublicID   string
	Name       string
	By         string // name of the person it acts as, or the address
	Scopes     []string
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

// May reports whether the token has a scope.
func (t Token) May(scope string) bool { return slices.Contains(t.Scopes, scope) }

// Ended reports that the token opens nothing any more.
func (t Token) Ended(now time.Time) bool { return t.RevokedAt != nil || !now.Before(t.ExpiresAt) }

// Grant is what a request with a good token may do: act as Actor on the
// processes of Organisation.
type Grant struct {
	ID           string // the token's public identifier
	Actor        process.Actor
	Organisation process.OrganisationID
	Scopes       []string
}

// May reports whether the grant includes a scope.
func (g Grant) May(scope string) bool { return slices.Contains(g.Scopes, scope) }

// Service holds the use cases of tokens.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core} }

// Draft is what the form says of a token to be. Days is one of Lives.
type Draft struct {
	Name    string
	Advance bool
	Days    int
	FormKey string
}

func (d *Draft) check() error {
	d.Name = strings.Join(strings.Fields(d.Name), " ")
	var bad fault.List
	switch {
	case d.Name == "":
		bad = append(bad, fault.Field("name", "form.required"))
	case utf8.RuneCountInString(d.Name) > maxName:
		bad = append(bad, fault.Field("name", "form.too_long", "max", maxName))
	}
	if !slices.Contains(Lives, d.Days) {
		bad = append(bad, fault.Field("days", "form.required"))
	}
	return bad.Err()
}

// Make makes a token and gives its secret, which is kept nowhere. A form that
// was sent before makes nothing: already, and no secret. Refusals:
// fault.Invalid at "name" or "days", and those of Allow for process.ActConnect.
func (s *Service) Make(ctx context.Context, o process.OrganisationID, who process.Actor, d Draft) (secret string, already bool, err error) {
	if err := d.check(); err != nil {
		return "", false, err
	}
	err = s.core.Connect(ctx, o, who, func(ctx context.Context, tx bun.Tx, now time.Time) (err error) {
		form := once.Form{Person: int64(who.Person), Name: "api-token", Key: d.FormKey}
		_, already, err = once.Do(ctx, tx, form, now, func() (string, error) {
			row := row{
				PublicID: process.PublicID(), OrganisationID: o, PersonID: who.Person, Name: d.Name, Scopes: []string{Read},
				CreatedAt: now, ExpiresAt: now.AddDate(0, 0, d.Days),
			}
			if d.Advance {
				row.Scopes = append(row.Scopes, Advance)
			}
			secret = prefix + row.PublicID + "_" + rand.Text()
			row.TokenHash = hash(secret)
			return row.PublicID, insert(ctx, tx, &row)
		})
		return err
	})
	return secret, already, err
}

// Revoke ends a token at once; twice is no error. fault.NotFound
// "connect.token_unknown" for one of another organisation.
func (s *Service) Revoke(ctx context.Context, o process.OrganisationID, who process.Actor, publicID string) error {
	return s.core.Connect(ctx, o, who, func(ctx context.Context, tx bun.Tx, now time.Time) error {
		return revoke(ctx, tx, o, publicID, now)
	})
}

// List gives the tokens of an organisation, the newest first.
func (s *Service) List(ctx context.Context, o process.OrganisationID) ([]Token, error) {
	return list(ctx, s.core.DB(), o)
}

// Open finds what a secret lets its bearer do, and notes that it was used, to
// the minute. Refusals: fault.Unauthenticated "api.token_bad" for one that is
// unknown or was revoked, "api.token_expired", and fault.Forbidden
// "api.token_standing" when the person who made it may not connect programs to
// the organisation any more.
func (s *Service) Open(ctx context.Context, secret string, now time.Time) (Grant, error) {
	if !strings.HasPrefix(secret, prefix) {
		return Grant{}, fault.New(fault.Unauthenticated, "api.token_bad")
	}
	db := s.core.DB()
	t, err := byHash(ctx, db, hash(secret))
	switch {
	case err != nil:
		return Grant{}, err
	case t.RevokedAt != nil:
		return Grant{}, fault.New(fault.Unauthenticated, "api.token_bad")
	case !now.Before(t.ExpiresAt):
		return Grant{}, fault.New(fault.Unauthenticated, "api.token_expired")
	}
	actor, err := process.LoadActor(ctx, db, t.PersonID)
	if err != nil {
		return Grant{}, err
	}
	if err := s.core.AllowOrganisation(ctx, db, t.OrganisationID, actor, process.ActConnect); err != nil {
		if _, refused := fault.As(err); refused {
			err = fault.New(fault.Forbidden, "api.token_standing").Because(err)
		}
		return Grant{}, err
	}
	if t.LastUsedAt == nil || now.Sub(*t.LastUsedAt) >= time.Minute {
		if err := touch(ctx, db, t.ID, now); err != nil {
			return Grant{}, err
		}
	}
	return Grant{ID: t.PublicID, Actor: actor, Organisation: t.OrganisationID, Scopes: t.Scopes}, nil
}

// keepEnded is how long tokens that open nothing any more stay on the list.
const keepEnded = 180 * 24 * time.Hour

// Purge forgets tokens that ended half a year ago, at most limit, and returns
// how many it forgot.
func (s *Service) Purge(ctx context.Context, limit int) (int, error) {
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return 0, err
	}
	return purge(ctx, s.core.DB(), now.Add(-keepEnded), limit)
}

// hash is what is kept of a secret. It has 130 bits of chance, so that it needs
// no slow function.
func hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
