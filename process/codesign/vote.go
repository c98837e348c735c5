package codesign

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Ballot is how many dots a person puts on each card; cards without are left
// out.
type Ballot map[CardID]int

// Sum is how many dots are on the ballot.
func (b Ballot) Sum() int {
	n := 0
	for _, dots := range b {
		n += dots
	}
	return n
}

// Vote puts a registered person's ballot in place of the one before, until the
// vote closes; an empty one takes the vote back. Ballots of one person follow
// each other, however many are sent at once. Refusals: fault.Invalid at "dots"
// "codesign.dots_many" (more than one has), "codesign.dots_one_card" (more than
// may go on one card) and "codesign.dots_negative"; fault.Conflict
// "codesign.card_unavailable" (hidden meanwhile, or of another lab);
// fault.Forbidden "codesign.not_registered"; fault.Closed "codesign.closed_vote".
func (s *Service) Vote(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID, b Ballot) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.enter(ctx, tx, id, activity, "codesign.closed_vote", "vote")
		if err != nil {
			return err
		}
		if err := lockRegistered(ctx, tx, f.activity, person); err != nil {
			return err
		}
		lab, err := loadLab(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		clean, err := b.check(lab)
		if err != nil {
			return err
		}
		return replaceBallot(ctx, tx, f.activity, person, clean)
	})
}

// check drops the cards without dots and applies the rules of the lab.
func (b Ballot) check(l Lab) (Ballot, error) {
	out, sum := Ballot{}, 0
	for card, dots := range b {
		switch {
		case dots < 0:
			return nil, fault.Field("dots", "codesign.dots_negative")
		case dots > l.DotsACard:
			return nil, fault.Field("dots", "codesign.dots_one_card", "max", l.DotsACard)
		case dots > 0:
			out[card] = dots
			sum += dots
		}
	}
	if sum > l.Dots {
		return nil, fault.Field("dots", "codesign.dots_many", "max", l.Dots, "n", sum)
	}
	return out, nil
}

// Ballot reads what a person voted.
func (s *Service) Ballot(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) (Ballot, error) {
	return loadBallot(ctx, s.domain.DB(), id, activity, person)
}

// Turnout is how many voted, of how many who could, and how many dots they put.
type Turnout struct{ Voters, Registered, Dots int }

// Turnout counts the vote as it stands.
func (s *Service) Turnout(ctx context.Context, id process.ID, activity process.ActivityID) (Turnout, error) {
	return loadTurnout(ctx, s.domain.DB(), id, activity)
}

// Seat finds the table of a person, 0 when they have none.
func (s *Service) Seat(ctx context.Context, id process.ID, activity process.ActivityID, person process.PersonID) (TableID, error) {
	return seatOf(ctx, s.domain.DB(), process.Activity{ProcessID: id, ID: activity}, person)
}
