package flow_test

import (
	"strings"
	"testing"
	"time"

	"arengo/web/flow"
	"arengo/web/page"
	"arengo/workflow/definition"
)

// Phases that a promoter changed are no version of the template that they were made
// from, though they keep its title: a reader would take them for those of a law.
func TestFollows(t *testing.T) {
	t.Parallel()
	words := page.Words{Lang: "it", Zone: time.UTC}
	def := &definition.Compiled{Definition: definition.Definition{Name: "tuscany-local", Version: 2, Title: definition.Text{"it": "Processo locale, Toscana"}}}
	if got, want := flow.Follows(words, def, definition.ActMigrate), "Il percorso segue ora il modello “Processo locale, Toscana”, versione 2."; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
	def.Name += "-p7"
	for _, act := range []string{definition.ActMigrate, definition.ActRevert} {
		if got := flow.Follows(words, def, act); !strings.Contains(got, "fasi proprie") || !strings.Contains(got, "a partire dal modello “Processo locale, Toscana” (modifica 2)") {
			t.Errorf("%s says %q", act, got)
		}
	}
}
