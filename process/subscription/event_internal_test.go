package subscription

import (
	"testing"

	"arengo/notify/webhook"
	"arengo/workflow"
	"arengo/workflow/definition"
)

func TestEventOf(t *testing.T) {
	t.Parallel()
	activity := workflow.Ref{ProcessID: 1, ActivityID: 2}
	for want, entries := range map[string][]workflow.LogEntry{
		webhook.ProcessTransition:  {{Transition: "go", Event: "analyse"}, {Transition: definition.ActMigrate}, {Transition: definition.ActRevert}},
		webhook.ActivityTransition: {{Ref: activity, Transition: "go", Event: "open"}, {Ref: activity, Transition: definition.ActMigrate}},
		webhook.DeadlineMoved: {
			{Transition: definition.ActExtend},
			{Ref: activity, Transition: definition.ActShorten},
			{Transition: definition.ActReschedule},
			{Transition: definition.ActSuspend},
			{Transition: definition.ActResume},
		},
		webhook.ProcessPublished: {{Transition: definition.ActPublish}},
		"":                       {{Transition: definition.ActCreate}, {Transition: definition.ActErase}},
	} {
		for _, e := range entries {
			if got := eventOf(e); got != want {
				t.Errorf("%s of activity %d: %q, want %q", e.Transition, e.ActivityID, got, want)
			}
		}
	}
}
