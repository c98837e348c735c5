package process_test

import (
	"testing"

	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/focusgroup"
	"arengo/process/questionnaire"
	"arengo/workflow/definition"
)

// What a page invites to is what the state lets a newcomer do: in the minutes
// after a closing only those who had begun may send.
func TestDoorIsForNewcomers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind  process.Kind
		doors map[string]string
	}{
		{questionnaire.Kind{}, map[string]string{"ready": "", "open": "respond", "closing": "", "closed": "", "cancelled": ""}},
		{codesign.Kind{}, map[string]string{"draft": "", "open": "register", "running": "register", "voting": "vote", "concluded": ""}},
		{focusgroup.Kind{}, map[string]string{"draft": "", "convened": "register", "held": ""}},
	} {
		def, problems := definition.Check(tt.kind.Name(), tt.kind.Workflow(), nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for state, want := range tt.doors {
			if got := def.Door(state); got != want {
				t.Errorf("%s %s: %q, want %q", tt.kind.Name(), state, got, want)
			}
		}
	}
}
