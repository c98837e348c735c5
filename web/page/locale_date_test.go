package page_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process/fault"
	"arengo/web/page"
)

// A refusal that names an instant names it as the page would, not as Go does.
func TestInstantsInTexts(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, time.November, 29, 23, 0, 0, 0, time.UTC) // half-open end of the 29th in Rome
	for lang, want := range map[string]string{"it": "domenica 29 novembre 2026 alle 23:59", "en": "23:59"} {
		for _, err := range []error{
			fault.Field("end", "workflow.extend_beyond_max", "max", midnight),
			fault.Field("end", "workflow.extend_not_later", "due", midnight),
			fault.New(fault.Closed, "workflow.term_ended", "due", midnight),
		} {
			got := page.Explain(lang, err)
			if !strings.Contains(got, want) || strings.Contains(got, "UTC") || strings.Contains(got, "{") {
				t.Errorf("%s: %q", lang, got)
			}
		}
	}
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	if got := page.Explain("it", fault.New(fault.Closed, "workflow.term_ended", "due", midnight.In(lisbon))); !strings.Contains(got, "alle 23:00") {
		t.Errorf("in its own zone: %q", got)
	}
}
