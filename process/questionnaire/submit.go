package questionnaire

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
	"arengo/process/questionnaire/form"
)

// Submit sends a draft: the answers that the person can see are validated
// again, stored apart from who gave them, and acknowledged. Sending again, or
// fifty times at once, stores one response and gives the same receipt.
// Refusals: a fault.List of fault.Invalid, one for each problem, with the
// item's code as Field; fault.Invalid "answer.nothing" when nothing at all is answered; and
// those of SaveAnswer, "answer.sent" apart.
func (s *Service) Submit(ctx context.Context, token string) (Receipt, error) {
	for {
		r, err := s.submit(ctx, token)
		if !errors.Is(err, errChanged) { // the person typed on in another window
			return r, err
		}
	}
}

func (s *Service) submit(ctx context.Context, token string) (Receipt, error) {
	var out Receipt
	err := s.answering(ctx, token, false, func(ctx context.Context, tx pg.Tx, a attempt) error {
		if a.at.answered() {
			return again(ctx, tx, a, &out)
		}
		if err := s.mayAnswer(a, true); err != nil {
			return err
		}
		answers, err := s.complete(ctx, tx, a)
		if err != nil {
			return err
		}
		day, err := day(a)
		if err != nil {
			return err
		}
		out = Receipt{Code: newCode(), At: a.now}
		return s.store(ctx, tx, a, sending{answers: answers, receipt: out, id: newID(), day: day})
	})
	return out, err
}

// again finds the receipt of answers sent before.
func again(ctx context.Context, tx bun.IDB, a attempt, out *Receipt) error {
	at, err := readSituation(ctx, tx, a.link.Process, a.link.Subject)
	if err != nil {
		return err
	}
	r := at.receipt()
	if r == nil {
		return fault.New(fault.Closed, "answer.sent")
	}
	*out = *r
	return nil
}

// complete validates the draft and gives what of it is stored: the answers to
// hidden items are dropped.
func (s *Service) complete(ctx context.Context, tx bun.IDB, a attempt) (form.Answers, error) {
	f, _, err := s.compiled(ctx, tx, a.key())
	if err != nil {
		return nil, err
	}
	draft, err := a.at.answers()
	if err != nil {
		return nil, err
	}
	problems, err := f.Validate(draft)
	if err != nil {
		return nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	answers, err := f.Submitted(draft)
	if err == nil && len(answers) == 0 {
		return nil, fault.New(fault.Invalid, "answer.nothing")
	}
	return answers, err
}

// store writes a response and queues its receipt, a mail which holds the code
// and no answer.
func (s *Service) store(ctx context.Context, tx pg.Tx, a attempt, r sending) error {
	var stored int64
	response, err := insertResponse(a, r, &stored)
	if err != nil {
		return err
	}
	receipt, err := s.core.Tells(process.Telling{
		Process: a.link.Process, Activity: a.at.ActivityID, Person: a.at.PersonID, Kind: "receipt",
		Occasion: "receipt/" + a.at.InvitationKey(), Now: a.now,
		Payload: process.Payload{Extra: map[string]string{"receipt": r.receipt.Code}},
	})
	if err != nil {
		return err
	}
	if err := tx.Send(ctx, response, receipt); err != nil {
		return fmt.Errorf("store response: %w", err)
	}
	if stored != 1 {
		return errChanged
	}
	return nil
}

var alphabet = base32.NewEncoding("ABCDEFGHJKMNPQRSTUVWXYZ023456789").WithPadding(base32.NoPadding)

// newCode makes a receipt's code: three groups of four characters that are not
// easily confused, 60 bits of chance.
func newCode() string {
	var raw [8]byte
	rand.Read(raw[:]) // never fails: crypto/rand crashes the program instead
	s := alphabet.EncodeToString(raw[:])
	return strings.Join([]string{s[:4], s[4:8], s[8:12]}, "-")
}

// sending is a response on its way into the tables. day is when the answers
// came, as far as the response may tell.
type sending struct {
	answers form.Answers
	receipt Receipt
	id      string
	day     string
}

// day is the civil day of an act, in the zone of its questionnaire.
func day(a attempt) (string, error) {
	zone, err := zoneOf(a.flow, a.at)
	if err != nil {
		return "", err
	}
	return a.now.In(zone).Format(time.DateOnly), nil
}
