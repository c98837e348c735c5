package portal

import (
	"testing"

	"arengo/process/codesign"
	"arengo/workflow/definition"
)

// A lab that votes does not ask to register.
func TestCallIsWhatTheStateAllows(t *testing.T) {
	t.Parallel()
	def, problems := definition.Check("codesign", codesign.Kind{}.Workflow(), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for state, want := range map[string]string{
		"open": "Iscriviti al laboratorio", "running": "Iscriviti al laboratorio", "voting": "Vota le schede del laboratorio",
	} {
		if got := doorWord("it", "codesign", "call", def, state); got != want {
			t.Errorf("%s: %q, want %q", state, got, want)
		}
	}
	if got := doorWord("it", "codesign", "asked", def, "voting"); got != "Vota chi è iscritto, dal proprio collegamento personale." {
		t.Errorf("asked while voting: %q", got)
	}
}
