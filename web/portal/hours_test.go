package portal_test

import (
	"strings"
	"testing"

	"arengo/web/page"
)

// Of a phase counted in hours the public page says the same end as the pages of staff:
// the day and the time, before it begins and while it lasts.
func TestPhaseByTheHour(t *testing.T) {
	t.Parallel()
	w := worldOf(t, strings.Replace(smallPath, "term: {length: 20d, max: 60d}", "term: {length: 73h, max: 99h}", 1))
	w.publish()
	says := func() {
		t.Helper()
		plan, err := w.Core.Expected(t.Context(), w.DB, w.Process)
		w.Must(err)
		words := page.Words{Lang: "it", Zone: page.Rome}
		want := words.Day(plan[1].Start) + ", fino a " + words.EndDay(plan[1].End)
		if got := w.Visitor().Get(slug).Text("#fase-2"); !strings.Contains(got, want) || !strings.Contains(want, " alle ") {
			t.Errorf("the page does not say %q: %s", want, got)
		}
	}
	says()
	w.move("launch", "")
	says()
}
