package roster

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
)

// Trouble says why nothing is sent to an address, but for what answers its owner:
// Source is one of notify's, Code the status of RFC 3463 or "", Words the other
// side's own. It began at Since and ends by itself at Until, the zero time for one
// that stays. The zero Trouble is none.
type Trouble struct {
	Source string
	Code   string
	Words  string
	Since  time.Time
	Until  time.Time `bun:",nullzero"`
}

// Complained tells that the owner called a message unwanted: the address works.
func (t Trouble) Complained() bool { return t.Source == notify.SourceComplaint }

// Why is the reason as a word of the catalogue: "complaint", "full", "repeated",
// "domain", "disabled", "missing" or "refused"; "" when there is no trouble.
func (t Trouble) Why() string {
	_, detail, _ := strings.Cut(t.Code, ".")
	switch {
	case t.Source == "":
		return ""
	case t.Complained():
		return "complaint"
	case detail == "2.2":
		return "full"
	case t.Source == notify.SourceRepeated:
		return "repeated"
	case detail == "1.2" || detail == "1.10" || strings.HasPrefix(detail, "4."):
		return "domain"
	case detail == "2.1" || detail == "7.13":
		return "disabled"
	case strings.HasPrefix(detail, "1."):
		return "missing"
	}
	return "refused"
}

// Retry lets messages go to a person's address again, and sends again the
// invitations that the person has not answered, by the same links; it returns how
// many. For an address that works already it does nothing. Refusals:
// fault.NotFound "roster.contact_gone", fault.Conflict "roster.contact_complained"
// for who called a message unwanted, which only they can take back, and those of
// the policy.
func (s *Service) Retry(ctx context.Context, id process.ID, who process.Actor, publicID string) (again int, err error) {
	err = s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, id, who, process.ActContactImport)
		if err != nil {
			return err
		}
		c, err := loadContact(ctx, tx, id, publicID, true)
		switch {
		case err != nil || c.Trouble == Trouble{}:
			return err
		case c.Trouble.Complained():
			return fault.New(fault.Conflict, "roster.contact_complained")
		}
		if err := lift(ctx, tx, c.Email); err != nil {
			return err
		}
		asked, err := openInvitations(ctx, tx, id, c.Person)
		if err != nil {
			return err
		}
		for i := range asked {
			asked[i].Again = "." + stamp(now)
		}
		again, err = s.ask(ctx, tx, id, c.Person, asked, now)
		return err
	})
	return again, err
}
