package preference

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/pace"
)

type row struct {
	PersonID int64
	Topic    string
	Cadence  Cadence
}

// Among gives the choices of those of some persons who made one, a statement for
// all of them.
func Among(ctx context.Context, db bun.IDB, persons []int64) (map[int64]Choice, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	var rows []row
	err := db.NewRaw(`SELECT person_id, topic, cadence FROM preference WHERE person_id IN (?)`, bun.List(persons)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read preferences: %w", err)
	}
	out := map[int64]Choice{}
	for _, r := range rows {
		if out[r.PersonID] == nil {
			out[r.PersonID] = Choice{}
		}
		out[r.PersonID][r.Topic] = r.Cadence
	}
	return out, nil
}

// Read gives what one person chose.
func Read(ctx context.Context, db bun.IDB, person int64) (Choice, error) {
	all, err := Among(ctx, db, []int64{person})
	if err != nil || all[person] == nil {
		return Choice{}, err
	}
	return all[person], nil
}

// Change is a choice that somebody makes at an instant. Topics that it leaves out
// stay as they are.
type Change struct {
	Person int64
	Choice Choice
	Now    time.Time
	Rules  pace.Rules
}

// Set notes a choice in the caller's transaction and gives the one before. What
// waits for a digest follows it: it goes at once, or with the next digest of the
// new cadence. What is refused now stays where it is, and is left out when its
// turn comes: who takes a refusal back has lost nothing. The refusal is
// fault.Invalid "preference.unknown" at a topic or for a cadence that there is not.
func Set(ctx context.Context, tx bun.IDB, c Change) (Choice, error) {
	if err := c.Choice.check(); err != nil {
		return nil, err
	}
	// Who changes it twice at once is answered twice, one after the other.
	if _, err := tx.NewRaw(`SELECT FROM person WHERE id = ? FOR NO KEY UPDATE`, c.Person).Exec(ctx); err != nil {
		return nil, fmt.Errorf("lock preferences: %w", err)
	}
	before, err := Read(ctx, tx, c.Person)
	if err != nil {
		return nil, err
	}
	for _, t := range Topics() {
		cadence, chosen := c.Choice[t.Name]
		if !chosen || cadence == before.Of(t.Name) {
			continue
		}
		if err := write(ctx, tx, c, t.Name, cadence); err != nil {
			return nil, fmt.Errorf("set preference of %s: %w", t.Name, err)
		}
		if err := reroute(ctx, tx, c, t.Name, cadence); err != nil {
			return nil, fmt.Errorf("reroute what waits of %s: %w", t.Name, err)
		}
	}
	return before, nil
}

func write(ctx context.Context, tx bun.IDB, c Change, topic string, cadence Cadence) error {
	_, err := tx.NewRaw(`INSERT INTO preference (person_id, topic, cadence, changed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id, topic) DO UPDATE SET cadence = EXCLUDED.cadence, changed_at = EXCLUDED.changed_at`,
		c.Person, topic, cadence, c.Now).Exec(ctx)
	return err
}

// reroute moves what waits for a digest that is not being written yet.
func reroute(ctx context.Context, tx bun.IDB, c Change, topic string, cadence Cadence) error {
	if cadence == None {
		return nil
	}
	way, wait := Digest, time.Duration(0)
	if cadence == Immediate {
		way = direct
	} else {
		wait = cadence.Next(c.Rules, c.Now).Sub(c.Now)
	}
	_, err := tx.NewRaw(`UPDATE delivery AS d SET channel = ?, due_at = clock_timestamp() + ? * interval '1 millisecond'
		FROM notice AS n WHERE n.process_id = d.process_id AND n.id = d.notice_id AND n.kind IN (?)
			AND d.person_id = ? AND d.channel = ? AND d.status = 'queued' AND d.digest_id IS NULL`,
		way, wait.Milliseconds(), bun.List(kinds(topic)), c.Person, Digest).Exec(ctx)
	return err
}

// direct is the channel on which digests go themselves, and all else that is not
// collected.
const direct = "mail"
