package meeting

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Purpose is what a person consents to.
type Purpose string

// The purposes of consent.
const (
	Participation Purpose = "participation" // taking part on the stated terms
	Recording     Purpose = "recording"     // being recorded
	Quotation     Purpose = "quotation"     // being quoted without a name
)

// Purposes lists every purpose.
var Purposes = []Purpose{Participation, Recording, Quotation}

// Consent makes the consents of a registered or invited person those to the
// purposes, at the present version of the text: the rest is withdrawn, and what
// holds for that version keeps its time. All of it happens, or nothing. The
// register keeps what was withdrawn. Withdrawing is possible in every state:
// consent can always be withdrawn (GDPR art. 7.3). Refusals: fault.Invalid
// "meeting.purpose_bad" at "purpose"; if there is anything new to give,
// fault.Forbidden "meeting.consent_stranger" and fault.Closed
// "meeting.closed_consent".
func (s *Service) Consent(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID, purposes ...Purpose) error {
	for _, p := range purposes {
		if !slices.Contains(Purposes, p) {
			return fault.Field("purpose", "meeting.purpose_bad", "purpose", string(p))
		}
	}
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.lock(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		held, err := heldConsents(ctx, tx, f, person)
		if err != nil {
			return err
		}
		var fresh []Purpose
		for _, p := range Purposes {
			switch {
			case !slices.Contains(purposes, p):
				err = withdrawConsent(ctx, tx, f, person, p)
			case !slices.Contains(held, p):
				fresh = append(fresh, p)
			}
			if err != nil {
				return err
			}
		}
		if err := s.give(ctx, tx, f, person, fresh); err != nil {
			return err
		}
		return markConsent(ctx, tx, f.activity, person)
	})
}

// give records consents of somebody who may give them now.
func (s *Service) give(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID, purposes []Purpose) error {
	if len(purposes) == 0 {
		return nil
	}
	if err := s.may(ctx, tx, f, "consent"); err != nil {
		return err
	}
	if err := s.belongs(ctx, tx, f, person); err != nil {
		return err
	}
	for _, p := range purposes {
		if err := giveConsent(ctx, tx, f, person, p); err != nil {
			return err
		}
	}
	return nil
}

// belongs asks that the person is registered or invited.
func (s *Service) belongs(ctx context.Context, tx bun.IDB, f *floor, person process.PersonID) error {
	r, found, err := personRegistration(ctx, tx, f.activity, person)
	if err != nil || found && r.Live() {
		return err
	}
	if err := invited(ctx, tx, f.activity, person); fault.Is(err, fault.Forbidden) {
		return fault.New(fault.Forbidden, "meeting.consent_stranger")
	} else if err != nil {
		return err
	}
	return nil
}
