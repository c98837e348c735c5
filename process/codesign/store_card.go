package codesign

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/pg"
)

const cardSQL = `SELECT c.process_id, c.id, c.activity_id, c.kind, c.title, c.body, coalesce(c.table_id, 0) AS table_id,
		coalesce(t.name, '') AS table_name, c.author_id, c.revision, c.created_at, c.hidden_at, c.hidden_why,
		coalesce(v.dots, 0) AS dots, coalesce(v.voters, 0) AS voters
	FROM codesign_card c
	LEFT JOIN codesign_table t ON t.process_id = c.process_id AND t.id = c.table_id
	LEFT JOIN (SELECT process_id, card_id, sum(dots) AS dots, count(*) AS voters FROM codesign_vote
		WHERE process_id = ?0 AND activity_id = ?1 GROUP BY process_id, card_id) v
		ON v.process_id = c.process_id AND v.card_id = c.id
	WHERE c.process_id = ?0 AND c.activity_id = ?1`

func listCards(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]Card, error) {
	var out []Card
	if err := db.NewRaw(cardSQL+` ORDER BY c.id`, id, activity).Scan(ctx, &out); err != nil {
		return nil, fmt.Errorf("list cards: %w", err)
	}
	return out, nil
}

func contributors(id process.ID) schema.QueryAppender {
	return bun.SafeQuery(`SELECT c.author_id AS person_id FROM codesign_card c
		JOIN registration r ON r.process_id = c.process_id AND r.activity_id = c.activity_id AND r.person_id = c.author_id
		WHERE c.process_id = ?0 AND c.hidden_at IS NULL
		UNION ALL SELECT person_id FROM codesign_vote WHERE process_id = ?0`, id)
}

func loadCard(ctx context.Context, db bun.IDB, c Card) (Card, error) {
	var out Card
	err := db.NewRaw(cardSQL+` AND c.id = ?2`, c.ProcessID, c.Activity, c.ID).Scan(ctx, &out)
	if pg.NoRows(err) {
		return out, fault.New(fault.NotFound, "codesign.card_gone")
	}
	if err != nil {
		return out, fmt.Errorf("load card: %w", err)
	}
	return out, nil
}

func countCards(ctx context.Context, tx bun.IDB, a process.Activity, author process.PersonID) (int, error) {
	var n int
	err := tx.NewRaw(`SELECT count(*) FROM codesign_card WHERE process_id = ? AND activity_id = ? AND author_id = ?`,
		a.ProcessID, a.ID, author).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count cards: %w", err)
	}
	return n, nil
}

func insertCard(ctx context.Context, tx bun.IDB, c *Card) error {
	err := tx.NewRaw(`INSERT INTO codesign_card (process_id, activity_id, kind, title, body, table_id, author_id, created_at)
		VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?, ?) RETURNING id, revision`,
		c.ProcessID, c.Activity, c.Kind, c.Title, c.Body, c.Table, c.Author, c.CreatedAt).Scan(ctx, &c.ID, &c.Revision)
	if err != nil {
		return fmt.Errorf("insert card: %w", err)
	}
	return nil
}

func updateCard(ctx context.Context, tx bun.IDB, c *Card) error {
	res, err := tx.NewRaw(`UPDATE codesign_card SET kind = ?, title = ?, body = ?, table_id = nullif(?, 0), revision = revision + 1
		WHERE process_id = ? AND activity_id = ? AND id = ? AND revision = ?`,
		c.Kind, c.Title, c.Body, c.Table, c.ProcessID, c.Activity, c.ID, c.Revision).Exec(ctx)
	if err := expectOne(res, err, "update card"); err != nil {
		return err
	}
	c.Revision++
	return nil
}

// hideCard waits for the ballots that name the card, which hold it FOR SHARE,
// and then takes their dots off it.
func hideCard(ctx context.Context, tx bun.IDB, c Card, at *time.Time, why string) error {
	res, err := tx.NewRaw(`UPDATE codesign_card SET hidden_at = ?, hidden_why = ?, revision = revision + 1
		WHERE process_id = ? AND activity_id = ? AND id = ?`, at, why, c.ProcessID, c.Activity, c.ID).Exec(ctx)
	if err := expectOne(res, err, "hide card"); fault.Is(err, fault.Conflict) {
		return fault.New(fault.NotFound, "codesign.card_gone")
	} else if err != nil || at == nil {
		return err
	}
	_, err = tx.NewRaw(`DELETE FROM codesign_vote WHERE process_id = ? AND card_id = ?`, c.ProcessID, c.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("give dots back: %w", err)
	}
	return nil
}

// lockRegistered holds the person's registration: what one person writes or
// votes happens one after the other.
func lockRegistered(ctx context.Context, tx bun.IDB, a process.Activity, person process.PersonID) error {
	var status string
	err := tx.NewRaw(`SELECT status FROM registration WHERE process_id = ? AND activity_id = ? AND person_id = ?
		FOR NO KEY UPDATE`, a.ProcessID, a.ID, person).Scan(ctx, &status)
	if err != nil && !pg.NoRows(err) {
		return fmt.Errorf("lock registration: %w", err)
	}
	if status != "registered" {
		return fault.New(fault.Forbidden, "codesign.not_registered")
	}
	return nil
}

// replaceBallot writes the dots over those before; the cards are held, in one
// order, so that none is hidden in between.
func replaceBallot(ctx context.Context, tx bun.IDB, a process.Activity, person process.PersonID, b Ballot) error {
	_, err := tx.NewRaw(`DELETE FROM codesign_vote WHERE process_id = ? AND activity_id = ? AND person_id = ?`,
		a.ProcessID, a.ID, person).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take dots back: %w", err)
	}
	if len(b) == 0 {
		return nil
	}
	ids := make([]CardID, 0, len(b))
	for card := range b {
		ids = append(ids, card)
	}
	slices.Sort(ids)
	var held []CardID
	err = tx.NewRaw(`SELECT id FROM codesign_card WHERE process_id = ? AND activity_id = ? AND id IN (?) AND hidden_at IS NULL
		ORDER BY id FOR SHARE`, a.ProcessID, a.ID, bun.List(ids)).Scan(ctx, &held)
	if err != nil {
		return fmt.Errorf("hold cards: %w", err)
	}
	if len(held) < len(ids) {
		return fault.New(fault.Conflict, "codesign.card_unavailable")
	}
	for _, card := range ids {
		_, err := tx.NewRaw(`INSERT INTO codesign_vote (process_id, activity_id, person_id, card_id, dots) VALUES (?, ?, ?, ?, ?)`,
			a.ProcessID, a.ID, person, card, b[card]).Exec(ctx)
		if err != nil {
			return fmt.Errorf("put dots: %w", err)
		}
	}
	return nil
}

func loadBallot(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID, person process.PersonID) (Ballot, error) {
	var rows []struct {
		CardID CardID
		Dots   int
	}
	err := db.NewRaw(`SELECT card_id, dots FROM codesign_vote WHERE process_id = ? AND activity_id = ? AND person_id = ?`,
		id, activity, person).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("load ballot: %w", err)
	}
	b := Ballot{}
	for _, r := range rows {
		b[r.CardID] = r.Dots
	}
	return b, nil
}

func loadTurnout(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (Turnout, error) {
	var t Turnout
	err := db.NewRaw(`SELECT (SELECT count(DISTINCT person_id) FROM codesign_vote WHERE process_id = ?0 AND activity_id = ?1) AS voters,
			(SELECT coalesce(sum(dots), 0) FROM codesign_vote WHERE process_id = ?0 AND activity_id = ?1) AS dots,
			(SELECT count(*) FROM registration WHERE process_id = ?0 AND activity_id = ?1 AND status = 'registered') AS registered`,
		id, activity).Scan(ctx, &t)
	if err != nil {
		return t, fmt.Errorf("count turnout: %w", err)
	}
	return t, nil
}
