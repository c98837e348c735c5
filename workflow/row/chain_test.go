package row_test

import (
	"encoding/json"
	"testing"

	"arengo/workflow/guard"
	"arengo/workflow/row"
)

func TestDigestOfFactsIsStable(t *testing.T) {
	t.Parallel()
	sum := func(roles map[string]int64) string {
		raw, err := json.Marshal(guard.Facts{Process: guard.ProcessFacts{Roles: roles}})
		if err != nil {
			t.Fatal(err)
		}
		facts, err := row.Canonical(raw)
		if err != nil {
			t.Fatal(err)
		}
		return row.Digest(facts)
	}
	one := sum(map[string]int64{"editor": 2, "facilitator": 1})
	if sum(map[string]int64{"facilitator": 1, "editor": 2}) != one {
		t.Error("the same facts have two digests")
	}
	if sum(map[string]int64{"facilitator": 1, "editor": 3}) == one {
		t.Error("other facts have the same digest")
	}
	shuffled, err := row.Canonical([]byte(`{"b": 10000000000000000001, "a": {"d": 1.50, "c": null}}`))
	if err != nil || string(shuffled) != `{"a":{"c":null,"d":1.50},"b":10000000000000000001}` {
		t.Errorf("%s, %v", shuffled, err)
	}
}
