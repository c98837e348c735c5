package codesign

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
	"arengo/process/outcome"
)

// CardID identifies a card within its process.
type CardID int64

// CardKinds are what a card can be; each is also a kind of outcome.
var CardKinds = []string{"need", "idea", "proposal"}

// Card is a need, an idea or a proposal. Table is 0, and TableName empty, for
// one that belongs to none. Dots are those of the vote. HiddenAt is set while
// the staff keep it from view, with HiddenWhy. Author is for the author and the
// staff: pages show the table.
type Card struct {
	ProcessID process.ID
	ID        CardID
	Activity  process.ActivityID `bun:"activity_id"`
	Kind      string
	Title     string
	Body      string
	Table     TableID `bun:"table_id"`
	TableName string
	Author    process.PersonID `bun:"author_id"`
	Dots      int
	Voters    int
	Revision  int64
	CreatedAt time.Time
	HiddenAt  *time.Time
	HiddenWhy string

	FormKey string `bun:"-"` // of the form that makes it, see package once
	Already bool   `bun:"-"` // that form had made it before
}

// Ref finds the card among the evidence of its activity.
func (c Card) Ref() string { return fmt.Sprintf("card:%d", c.ID) }

// concluded is the state in which the vote is over.
const concluded = "concluded"

// cited is how the card reads where an outcome stands on it, in the language
// that outcomes are written in: with its dots, if it has any, only once the vote
// is over.
func (c Card) cited(voted bool) string {
	switch {
	case !voted || c.Dots == 0:
		return c.Title
	case c.Dots == 1:
		return c.Title + " (1 punto)"
	}
	return fmt.Sprintf("%s (%d punti)", c.Title, c.Dots)
}

// Hidden reports whether the staff keep the card from view.
func (c Card) Hidden() bool { return c.HiddenAt != nil }

const (
	maxTitle = 120
	maxBody  = 2000
	maxCards = 30 // of one author
)

// Cards lists those of a lab in the order of writing, hidden ones included.
func (s *Service) Cards(ctx context.Context, id process.ID, activity process.ActivityID) ([]Card, error) {
	return listCards(ctx, s.domain.DB(), id, activity)
}

// Ranked gives the cards that are not hidden, most dots first; equal ones keep
// their order.
func Ranked(cards []Card) []Card {
	out := slices.DeleteFunc(slices.Clone(cards), Card.Hidden)
	slices.SortStableFunc(out, func(a, b Card) int { return cmp.Compare(b.Dots, a.Dots) })
	return out
}

// Write adds a card (ID 0), or changes one of the author's own, while the
// sessions go on. Who has a seat writes for that table. A new one by a form that
// the author sent before gives what that made, Already. Refusals: fault.Invalid
// at "kind", "title", "body" and "table"; fault.Forbidden
// "codesign.not_registered" and "codesign.not_author"; fault.Conflict
// "form.stale" and "codesign.cards_many"; fault.Closed "codesign.closed_propose".
func (s *Service) Write(ctx context.Context, author process.PersonID, c Card) (Card, error) {
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.enter(ctx, tx, c.ProcessID, c.Activity, "codesign.closed_propose", "propose")
		if err != nil {
			return err
		}
		if err := lockRegistered(ctx, tx, f.activity, author); err != nil {
			return err
		}
		table, err := seatOf(ctx, tx, f.activity, author)
		if err != nil {
			return err
		}
		if table != 0 {
			c.Table = table
		}
		c, err = s.put(ctx, tx, f, author, c)
		return err
	})
	return c, err
}

// WriteFor is Write by the staff, for a table that wrote on paper. Refusals:
// those of Write, but for registration, and those of the policy.
func (s *Service) WriteFor(ctx context.Context, who process.Actor, c Card) (Card, error) {
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.domain.Begin(ctx, tx, c.ProcessID, who, process.ActActivityEdit); err != nil {
			return err
		}
		f, err := s.enter(ctx, tx, c.ProcessID, c.Activity, "codesign.closed_propose", "propose")
		if err != nil {
			return err
		}
		c, err = s.put(ctx, tx, f, who.Person, c)
		return err
	})
	return c, err
}

// put checks a card and writes it; one that is there must be the author's.
func (s *Service) put(ctx context.Context, tx bun.IDB, f floor, author process.PersonID, c Card) (Card, error) {
	c.Title, c.Body = strings.Join(strings.Fields(c.Title), " "), strings.TrimSpace(c.Body)
	tables, err := listTables(ctx, tx, c.ProcessID, c.Activity)
	if err != nil {
		return c, err
	}
	if err := checkCard(c, tables); err != nil {
		return c, err
	}
	if c.ID == 0 {
		return add(ctx, tx, f, author, c)
	}
	old, err := loadCard(ctx, tx, c)
	if err != nil {
		return c, err
	}
	if old.Author != author {
		return c, fault.New(fault.Forbidden, "codesign.not_author")
	}
	return c, updateCard(ctx, tx, &c)
}

// add writes a new card, unless the form made it before. That is not refused
// for the number of cards, the author's last one among them.
func add(ctx context.Context, tx bun.IDB, f floor, author process.PersonID, c Card) (Card, error) {
	form := once.Form{Process: int64(c.ProcessID), Person: int64(author), Name: "card", Key: c.FormKey}
	ref, already, err := once.Do(ctx, tx, form, f.now, func() (string, error) {
		n, err := countCards(ctx, tx, f.activity, author)
		if err != nil {
			return "", err
		}
		if n >= maxCards {
			return "", fault.New(fault.Conflict, "codesign.cards_many", "max", maxCards)
		}
		c.Author, c.CreatedAt = author, f.now
		err = insertCard(ctx, tx, &c)
		return c.Ref(), err
	})
	if err != nil || !already {
		return c, err
	}
	if _, err := fmt.Sscanf(ref, "card:%d", &c.ID); err != nil {
		return c, fmt.Errorf("read the card %q of a form: %w", ref, err)
	}
	c, err = loadCard(ctx, tx, c)
	c.Already = true
	return c, err
}

func checkCard(c Card, tables []Table) error {
	bad := short("title", c.Title, maxTitle)
	bad = append(bad, short("body", c.Body, maxBody)...)
	if c.Title == "" {
		bad = append(bad, fault.Field("title", "codesign.title_missing"))
	}
	if !slices.Contains(CardKinds, c.Kind) {
		bad = append(bad, fault.Field("kind", "codesign.kind_bad"))
	}
	if c.Table != 0 && !slices.ContainsFunc(tables, func(t Table) bool { return t.ID == c.Table }) {
		bad = append(bad, fault.Field("table", "codesign.table_bad"))
	}
	return bad.Err()
}

// Hide keeps a card from view, with a reason that its author reads, and gives
// the dots on it back to those who put them; why "" shows it again. It is
// possible as long as the vote is not over. Refusals: fault.NotFound
// "codesign.card_gone", fault.Closed "codesign.closed_moderate" and those of
// the policy.
func (s *Service) Hide(ctx context.Context, who process.Actor, c Card, why string) error {
	why = strings.TrimSpace(why)
	if err := short("why", why, maxTopic).Err(); err != nil {
		return err
	}
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, _, err := s.domain.Begin(ctx, tx, c.ProcessID, who, process.ActActivityRun); err != nil {
			return err
		}
		f, err := s.enter(ctx, tx, c.ProcessID, c.Activity, "codesign.closed_moderate", "propose", "vote")
		if err != nil {
			return err
		}
		var at *time.Time
		if why != "" {
			at = &f.now
		}
		return hideCard(ctx, tx, c, at, why)
	})
}

// Turn makes a card into an outcome of the process, with the card as its
// evidence; one that was made from it already is given back, also to whoever
// asks at the same moment. Refusals: fault.NotFound "codesign.card_gone" (also
// for a hidden card), those of outcome.Add and those of the policy.
func (s *Service) Turn(ctx context.Context, who process.Actor, a process.Activity, id CardID) (o outcome.Outcome, err error) {
	err = s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, now, err := s.domain.Begin(ctx, tx, a.ProcessID, who, process.ActOutcomeEdit)
		if err != nil {
			return err
		}
		card, err := loadCard(ctx, tx, Card{ProcessID: a.ProcessID, Activity: a.ID, ID: id})
		if err != nil {
			return err
		}
		if card.Hidden() {
			return fault.New(fault.NotFound, "codesign.card_gone")
		}
		// After the lock: a second click finds what the first one made.
		made, err := turned(ctx, tx, a)
		if err != nil {
			return err
		}
		var ok bool
		if o, ok = made[id]; ok {
			return nil
		}
		o, err = outcome.Add(ctx, tx, now, who, outcome.Outcome{
			ProcessID: a.ProcessID, Kind: card.Kind, Title: card.Title, Body: card.Body,
			Evidence: []outcome.Evidence{{ActivityID: a.ID, Ref: card.Ref(), Label: card.cited(a.State == concluded)}},
		})
		return err
	})
	return o, err
}

// Turned gives the outcomes that stand on cards of a lab, by card; the first
// of several.
func (s *Service) Turned(ctx context.Context, a process.Activity) (map[CardID]outcome.Outcome, error) {
	return turned(ctx, s.domain.DB(), a)
}

func turned(ctx context.Context, db bun.IDB, a process.Activity) (map[CardID]outcome.Outcome, error) {
	list, err := outcome.ListIn(ctx, db, a.ProcessID, false)
	if err != nil {
		return nil, err
	}
	out := map[CardID]outcome.Outcome{}
	for _, o := range list {
		for _, e := range o.Evidence {
			var id CardID
			if _, err := fmt.Sscanf(e.Ref, "card:%d", &id); err != nil || e.ActivityID != a.ID {
				continue
			}
			if _, ok := out[id]; !ok {
				out[id] = o
			}
		}
	}
	return out, nil
}
