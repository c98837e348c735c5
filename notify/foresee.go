package notify

import (
	"context"

	"github.com/uptrace/bun"

	"arengo/notify/channel"
)

// Reach is whom a notice would reach if it were expanded now: of so many People,
// those whom any channel may write to; how many it may not, by reason code; and
// some of the reached by name.
type Reach struct {
	People  int
	Reached int
	Not     map[string]int
	Sample  []Reached
}

// Reached is one person in a sample.
type Reached struct {
	PersonID      int64
	Name, Address string
}

// Foresee says whom a notice that is not written yet would reach, with a sample of
// at most so many. It changes nothing.
func (o *Outbox) Foresee(ctx context.Context, db bun.IDB, n Notice, sample int) (Reach, error) {
	audience, err := o.source.Audience(ctx, db, n)
	if err != nil || audience == nil {
		return Reach{}, err
	}
	var ways []channel.Reach
	for _, way := range o.ways {
		if wanted(way, n, audience) != nil {
			ways = append(ways, way)
		}
	}
	return foresee(ctx, db, n, union(ways, n, audience), sample)
}

// Sample is what a notice says to one person: the facts that the source gives of
// it now; false when it has none.
func (o *Outbox) Sample(ctx context.Context, db bun.IDB, n Notice, person int64) (Facts, bool, error) {
	facts, err := o.source.Facts(ctx, db, n, []int64{person})
	f, ok := facts[person]
	return f, ok, err
}
