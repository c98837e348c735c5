package webinar_test

import (
	"net/http"
	"testing"
)

func TestAttendanceIsSavedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, name := range []string{"anna", "bruno", "carla"} {
		w.Registers(name, name+"@example.org")
	}
	w.At(starts)
	b, form := w.Desk(), `form[action$="/presenze"]`
	page := b.Page(w.Staff())
	var ids []string
	for _, box := range page.Find("#attendance input[type=checkbox]").EachIter() {
		ids = append(ids, box.AttrOr("value", ""))
	}
	if len(ids) != 3 {
		t.Fatalf("%d boxes", len(ids))
	}
	noted := func() int { return w.Count(`SELECT count(*) FROM attendance`) }
	for _, unknown := range []string{"999999", "-1", "99999999999999999999", "x"} {
		b.Submit(page, form, "present", ids[0], "present", unknown, "present", ids[1]).Is(http.StatusNotFound)
		if n := noted(); n != 0 {
			t.Fatalf("%q in the middle: %d noted", unknown, n)
		}
	}
	// Carla leaves while the form is open: it comes back with its ticks.
	w.Must(w.Meetings.Unregister(t.Context(), w.Process.ID, w.Activity.ID, w.Person("carla@example.org")))
	back := b.Submit(page, form, "present", ids[0], "present", ids[2]).Is(http.StatusConflict)
	if n := back.Find("#attendance input[checked]").Length(); n != 1 || noted() != 0 {
		t.Errorf("%d ticks, %d noted", n, noted())
	}
	for range 2 {
		b.Submit(back, form).Back()
	}
	if n := noted(); n != 1 {
		t.Errorf("%d noted, want 1", n)
	}
}
