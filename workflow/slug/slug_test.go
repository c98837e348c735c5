package slug_test

import (
	"testing"

	"arengo/workflow/slug"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title, want string
		most        int
	}{
		{"Percorso d’area", "percorso-d-area", 60},
		{"  Città — è più, però! ", "citta-e-piu-pero", 60},
		{"2026", "2026", 60},
		{"…", "", 60},
		{"東京", "", 60},
		{"una parola lunghissima", "una-parola-lu", 13},
		{"dodici bytes e poi", "dodici-bytes", 13}, // never a hyphen at the end
		{"dodici bytes e poi", "dodici-bytes-e", 14},
	} {
		if got := slug.Of(c.title, c.most); got != c.want {
			t.Errorf("%q in %d is %q, not %q", c.title, c.most, got, c.want)
		}
	}
}
