package roster

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
)

const (
	// quiet is how long a second request to follow sends no second mail.
	quiet = 10 * time.Minute
	// confirmable is how long a request waits for its confirmation.
	confirmable = 24 * time.Hour
	// kept is how long one that expired can still say so.
	kept = 7 * 24 * time.Hour
)

// Visitor is who asks to follow. Locale is the language of the page.
type Visitor struct {
	Email  string
	Locale string
}

// Follow records that an address asked to be told of a process and sends it a
// link to confirm within a day; it follows only then, and nothing of a known
// person changes. The answer is the same whether the address is new, waiting or
// following already, so that nobody can find out who follows. A request within
// ten minutes of the last sends no second mail, but the link that was sent goes
// on working: whoever types an address can neither flood its owner nor keep
// them from following. Refusals: fault.Invalid at "email", fault.NotFound
// "process.not_found" before publication, fault.TooMany "limit.mail".
func (s *Service) Follow(ctx context.Context, id process.ID, v Visitor) error {
	address, err := process.CleanEmail(v.Email)
	if err != nil {
		return err
	}
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := checkPublished(ctx, tx, id); err != nil {
			return err
		}
		now, err := s.domain.Now(ctx, tx)
		if err != nil {
			return err
		}
		if err := process.CheckVisitorMail(ctx, tx, id, now); err != nil {
			return err
		}
		person, err := process.FindOrAddVisitor(ctx, tx, process.Person{Email: address, Locale: v.Locale}, now)
		if err != nil {
			return err
		}
		if err := forgetRequests(ctx, tx, id, now.Add(-kept)); err != nil {
			return err
		}
		asked, err := requestFollow(ctx, tx, id, person, now)
		if err != nil || !asked {
			return err
		}
		return s.outbox.Add(ctx, tx, notify.Notice{
			ProcessID: int64(id), Key: personKey("follow."+stamp(now), person), Kind: "follow-confirm",
			PersonID: int64(person), DueAt: now, CreatedAt: now,
		})
	})
}

// Followed is the person and process of a link about messages.
type Followed struct {
	Process process.ID
	Person  process.PersonID
	Email   string
}

// FollowLink reads the link of a follower without changing anything, for the
// page that asks to confirm or to stop. Refusal: fault.NotFound "link.bad".
func (s *Service) FollowLink(ctx context.Context, token string) (Followed, error) {
	return s.personLink(ctx, process.LinkFollow, token)
}

// UnsubscribeLink reads the link at the foot of a message, likewise.
func (s *Service) UnsubscribeLink(ctx context.Context, token string) (Followed, error) {
	return s.personLink(ctx, process.LinkUnsubscribe, token)
}

func (s *Service) personLink(ctx context.Context, purpose process.Purpose, token string) (Followed, error) {
	link, err := s.links.Read(purpose, token)
	if err != nil {
		return Followed{}, err
	}
	email, err := personEmail(ctx, s.db, process.PersonID(link.Subject))
	return Followed{Process: link.Process, Person: process.PersonID(link.Subject), Email: email}, err
}

// Confirm makes the bearer of a link a follower. Whoever had refused messages
// of the process before gets them again: this is the later wish. Refusals:
// fault.NotFound "link.bad" and fault.Closed "roster.follow_expired" a day after
// the request, or after following was ended.
func (s *Service) Confirm(ctx context.Context, token string) (Followed, error) {
	return s.withLink(ctx, process.LinkFollow, token, func(ctx context.Context, tx bun.Tx, f Followed, now time.Time) error {
		done, err := confirmFollow(ctx, tx, f, now)
		if err == nil && !done {
			err = fault.New(fault.Closed, "roster.follow_expired")
		}
		return err
	})
}

// StopFollowing takes the person off the list at once and does nothing else:
// invitations still come. Who clicked by mistake asks again from the process's
// page. Refusal: fault.NotFound "link.bad".
func (s *Service) StopFollowing(ctx context.Context, token string) (Followed, error) {
	return s.withLink(ctx, process.LinkFollow, token, func(ctx context.Context, tx bun.Tx, f Followed, _ time.Time) error {
		return stopFollow(ctx, tx, f)
	})
}

// OptOut ends every message of the process that may be refused: following,
// invitations and reminders. Doing it twice is doing it once. Refusal:
// fault.NotFound "link.bad".
func (s *Service) OptOut(ctx context.Context, token string) (Followed, error) {
	return s.withLink(ctx, process.LinkUnsubscribe, token, func(ctx context.Context, tx bun.Tx, f Followed, now time.Time) error {
		if err := stopFollow(ctx, tx, f); err != nil {
			return err
		}
		return addOptOut(ctx, tx, f, now)
	})
}

// OptIn undoes OptOut for whoever clicked by mistake; following is not
// restored. Refusal: fault.NotFound "link.bad".
func (s *Service) OptIn(ctx context.Context, token string) (Followed, error) {
	return s.withLink(ctx, process.LinkUnsubscribe, token, func(ctx context.Context, tx bun.Tx, f Followed, _ time.Time) error {
		return removeOptOut(ctx, tx, f)
	})
}

// withLink runs a use case of a person who came by a link and may be a
// stranger to the policy: the link itself is the permission.
func (s *Service) withLink(ctx context.Context, purpose process.Purpose, token string,
	act func(context.Context, bun.Tx, Followed, time.Time) error,
) (Followed, error) {
	f, err := s.personLink(ctx, purpose, token)
	if err != nil {
		return f, err
	}
	return f, s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		now, err := s.domain.Now(ctx, tx)
		if err != nil {
			return err
		}
		return act(ctx, tx, f, now)
	})
}

func errNotPublished() error { return fault.New(fault.NotFound, "process.not_found") }
