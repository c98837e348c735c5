package definition_test

import (
	"testing"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// A reminder urges those who have not answered only where it goes to them.
func TestDeadlineTitleOfReminders(t *testing.T) {
	t.Parallel()
	c := &definition.Compiled{Definition: definition.Definition{States: []definition.State{{Name: "open", Reminders: []definition.Reminder{
		{Notice: definition.NoticeReminder, Before: civil.Span{Days: 3}, Of: definition.AnchorEnd, To: []string{"silent"}},
		{Notice: definition.NoticeReminder, Before: civil.Span{Minutes: 10}, Of: definition.AnchorEnd, To: []string{"facilitator", "followers"}},
	}}}}}
	for name, want := range map[string]string{"reminder.3d": "", "reminder.10m": "Promemoria", "last-days.1d": "", "end": ""} {
		if got := c.DeadlineTitle(name)["it"]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
