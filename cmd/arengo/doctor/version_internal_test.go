package doctor

import (
	"os"
	"strings"
	"testing"
)

func TestOlder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		found, oldest string
		want          bool
	}{
		{"14.19", OldestPostgres, true},
		{"15.0 (Debian 15.0-1)", OldestPostgres, false},
		{"17rc1", OldestPostgres, false},
		{"6.2.14", OldestRedis, true},
		{"7.0.15", OldestRedis, false},
		{"10.0", OldestRedis, false},
		{"", OldestRedis, false},
	} {
		if got := older(c.found, c.oldest); got != c.want {
			t.Errorf("%q before %q: %v", c.found, c.oldest, got)
		}
	}
}

// The versions are said where operators read them, and are the same ones.
func TestOldestIsSaidTheSameEverywhere(t *testing.T) {
	t.Parallel()
	for file, words := range map[string][]string{
		"publiccode.yml":   {"name: PostgreSQL\n      versionMin: \"" + OldestPostgres + "\"", "name: Redis\n      versionMin: \"" + OldestRedis + "\""},
		".ci/deps":         {"PostgreSQL " + OldestPostgres + " or later", "Redis " + OldestRedis + " or later"},
		"docs/operator.md": {"PostgreSQL " + OldestPostgres + " or later", "Redis " + OldestRedis + " or later"},
	} {
		text, err := os.ReadFile("../../../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s does not say %q", file, w)
			}
		}
	}
}
