package codesign

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
)

// Seat is a registered person and their table, 0 when they have none yet.
type Seat struct {
	Person       process.PersonID `bun:"person_id"`
	Name         string
	Territory    process.TerritoryID
	Municipality string
	Table        TableID `bun:"table_id"`
}

// Seats lists those who have a place in the lab, by name.
func (s *Service) Seats(ctx context.Context, id process.ID, activity process.ActivityID) ([]Seat, error) {
	return listSeats(ctx, s.domain.DB(), id, activity)
}

// SitDown gives people their tables; table 0 takes the seat back. Who is not
// registered is passed over. Refusals: fault.Invalid "codesign.table_bad" at
// "table", and those of SaveTable.
func (s *Service) SitDown(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, seats map[process.PersonID]TableID) error {
	return s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.seating(ctx, tx, id, activity, who)
		if err != nil {
			return err
		}
		tables, err := listTables(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		for _, table := range seats {
			of := func(t Table) bool { return t.ID == table }
			if table != 0 && !slices.ContainsFunc(tables, of) {
				return fault.Field("table", "codesign.table_bad")
			}
		}
		return writeSeats(ctx, tx, f.activity, seats)
	})
}

// Deal gives every registered person who has none a seat, so that tables are
// equally full and each municipality is spread over them; seats given before
// stay. It returns how many it gave. Refusals: fault.Conflict
// "codesign.no_tables" and those of SaveTable.
func (s *Service) Deal(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor) (int, error) {
	given := 0
	err := s.domain.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		f, err := s.seating(ctx, tx, id, activity, who)
		if err != nil {
			return err
		}
		tables, err := listTables(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		if len(tables) == 0 {
			return fault.New(fault.Conflict, "codesign.no_tables")
		}
		seats, err := listSeats(ctx, tx, id, activity)
		if err != nil {
			return err
		}
		ids := make([]TableID, len(tables))
		for i, t := range tables {
			ids[i] = t.ID
		}
		dealt := deal(ids, seats)
		given = len(dealt)
		return writeSeats(ctx, tx, f.activity, dealt)
	})
	return given, err
}

// deal seats those who have none: municipality by municipality, each person at
// one of the emptiest tables, and among these where fewest of the same
// municipality sit.
func deal(tables []TableID, seats []Seat) map[process.PersonID]TableID {
	type spot struct {
		table TableID
		from  process.TerritoryID
	}
	size, same := map[TableID]int{}, map[spot]int{}
	var free []Seat
	for _, s := range seats {
		if s.Table == 0 {
			free = append(free, s)
			continue
		}
		size[s.Table]++
		same[spot{s.Table, s.Territory}]++
	}
	slices.SortStableFunc(free, func(a, b Seat) int { return cmp.Compare(a.Territory, b.Territory) })
	out := make(map[process.PersonID]TableID, len(free))
	for _, s := range free {
		best := slices.MinFunc(tables, func(a, b TableID) int {
			return cmp.Or(cmp.Compare(size[a], size[b]), cmp.Compare(same[spot{a, s.Territory}], same[spot{b, s.Territory}]))
		})
		size[best]++
		same[spot{best, s.Territory}]++
		out[s.Person] = best
	}
	return out
}
