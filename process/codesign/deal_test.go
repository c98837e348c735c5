package codesign

import (
	"testing"

	"pgregory.net/rapid"

	"arengo/process"
)

// Everybody gets a seat, who had one keeps it, and from empty tables the
// fullest and the emptiest differ by one at most, also within a municipality
// whose people come when the tables are equally full.
func TestDeal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tables := []TableID{11, 12, 13, 14}[:rapid.IntRange(1, 4).Draw(t, "tables")]
		people := rapid.IntRange(0, 60).Draw(t, "people")
		seats := make([]Seat, people)
		for i := range seats {
			seats[i] = Seat{Person: process.PersonID(i + 1), Territory: process.TerritoryID(rapid.IntRange(0, 3).Draw(t, "territory"))}
		}
		dealt := deal(tables, seats)
		if len(dealt) != people {
			t.Fatalf("%d of %d were seated", len(dealt), people)
		}
		size, same := map[TableID]int{}, map[process.TerritoryID]map[TableID]int{}
		for _, s := range seats {
			table := dealt[s.Person]
			size[table]++
			if same[s.Territory] == nil {
				same[s.Territory] = map[TableID]int{}
			}
			same[s.Territory][table]++
		}
		even(t, tables, size, 1)
		for _, by := range same {
			even(t, tables, by, 2)
		}
	})
}

func even(t *rapid.T, tables []TableID, size map[TableID]int, slack int) {
	low, high := size[tables[0]], size[tables[0]]
	for _, table := range tables {
		low, high = min(low, size[table]), max(high, size[table])
	}
	if high-low > slack {
		t.Fatalf("tables from %d to %d people: %v", low, high, size)
	}
}

func TestDealKeepsSeats(t *testing.T) {
	t.Parallel()
	dealt := deal([]TableID{1, 2}, []Seat{{Person: 1, Table: 1}, {Person: 2, Table: 1}, {Person: 3}, {Person: 4}, {Person: 5}})
	if _, moved := dealt[1]; moved || len(dealt) != 3 || dealt[3] != 2 || dealt[4] != 2 {
		t.Errorf("got %v", dealt)
	}
}

func TestBallotRules(t *testing.T) {
	t.Parallel()
	lab := Lab{Dots: 8, DotsACard: 3}
	for name, c := range map[string]struct {
		b  Ballot
		ok bool
	}{
		"empty": {Ballot{}, true}, "all dots": {Ballot{1: 3, 2: 3, 3: 2}, true}, "nine": {Ballot{1: 3, 2: 3, 3: 3}, false},
		"four on one": {Ballot{1: 4}, false}, "negative hides excess": {Ballot{1: 3, 2: 3, 3: 3, 4: -1}, false},
	} {
		if _, err := c.b.check(lab); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if clean, err := (Ballot{1: 0, 2: 2}).check(lab); err != nil || len(clean) != 1 || clean.Sum() != 2 {
		t.Errorf("got %v, %v", clean, err)
	}
}
