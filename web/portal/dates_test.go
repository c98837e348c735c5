package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A phase that ends before its plan brings those after it forward, and one that ends
// after it puts them off: there is neither a gap nor an overlap between them.
func TestLaterPhasesFollowWhatHappened(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish()
	third := func() string {
		t.Helper()
		return w.Visitor().Get(slug).Is(http.StatusOK).Text("#fase-3")
	}
	if got := third(); !strings.Contains(got, "1° – 15 aprile 2026") {
		t.Errorf("as planned: %q", got)
	}
	w.move("launch", "") // ten days early
	if got := third(); !strings.Contains(got, "23 marzo – 6 aprile 2026") || !strings.Contains(got, "date previste") {
		t.Errorf("early: %q", got)
	}
	w.At(time.Date(2026, time.March, 30, 9, 0, 0, 0, time.UTC)) // nine days late
	if got := third(); !strings.Contains(got, "31 marzo – 14 aprile 2026") {
		t.Errorf("late: %q", got)
	}
}
