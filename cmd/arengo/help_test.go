package main

import (
	"strings"
	"testing"
)

func TestHelpDescribesEveryCommand(t *testing.T) {
	t.Parallel()
	if len(descriptions) != len(commands) {
		t.Errorf("%d descriptions of %d commands", len(descriptions), len(commands))
	}
	for lang, word := range map[tongue]string{"it": "scadenze", "en": "deadlines"} {
		var out strings.Builder
		help(&out, lang)
		for name := range commands {
			if !strings.Contains(out.String(), "\n  "+name+" ") {
				t.Errorf("%s: no line for %s", lang, name)
			}
		}
		if !strings.Contains(out.String(), word) {
			t.Errorf("%s: not in that language\n%s", lang, out.String())
		}
	}
}
