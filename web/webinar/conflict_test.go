package webinar_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestMeetingConflictKeepsBothVersions(t *testing.T) {
	t.Parallel()
	w := open(t)
	b, edit := w.Desk(), w.Staff()+"/incontri/1"
	form := `form[action="` + edit + `"]`
	mine, theirs := b.Page(edit), b.Page(edit)
	b.Submit(theirs, form, "starts", "2026-03-27T18:00", "ends", "2026-03-27T19:30").Back()
	got := b.Submit(mine, form, "place", "Santa Maria della Scala").Is(http.StatusConflict)
	text := got.Text("#conflitto ~ table")
	for _, want := range []string{"27/03/2026, 18:00", "26/03/2026, 18:00", "Palazzo Patrizi", "Santa Maria della Scala"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q side by side: %s", want, text)
		}
	}
	if n := got.Find("#conflitto ~ table tbody tr").Length(); n != 3 {
		t.Errorf("%d rows, want begin, end and place: %s", n, text)
	}
	if v := got.Find("#incontro-place").AttrOr("value", ""); v != "Santa Maria della Scala" {
		t.Errorf("the form holds %q", v)
	}
	// A refusal of another sort does not make the old form a new one.
	bad := b.Submit(mine, form, "place", "Altrove", "ends", "2026-03-26T17:00").Is(http.StatusUnprocessableEntity)
	b.Submit(bad, form, "ends", "2026-03-26T19:30").Is(http.StatusConflict)
	// Without a revision nothing is saved over.
	b.Submit(mine, form, "place", "Altrove", "revision", "-").Is(http.StatusConflict)

	b.Submit(got, form).Back()
	b.Page(w.Staff()).Says("Santa Maria della Scala", "Giovedì 26 marzo 2026 alle 18:00")
}
