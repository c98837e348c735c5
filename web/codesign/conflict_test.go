package codesign_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestSessionConflictKeepsBothVersions(t *testing.T) {
	t.Parallel()
	w := open(t, 0)
	b := w.Desk()
	mine, theirs := b.Get(w.desk).Is(http.StatusOK), b.Get(w.desk)
	form := `form[action="` + mine.Find(`form[action*="/incontri/"]`).First().AttrOr("action", "") + `"]`
	b.Submit(theirs, form, "place", "Sala di Marco").Back()
	got := b.Submit(mine, form, "place", "Sala di Lucia", "agenda", "Saluti").Is(http.StatusConflict)
	text := got.Text("#conflitto ~ table")
	if n := got.Find("#conflitto").Length(); n != 1 || !strings.Contains(text, "Sala di Marco") || !strings.Contains(text, "Sala di Lucia") || !strings.Contains(text, "Saluti") {
		t.Errorf("%d conflicts: %s", n, text)
	}
	if got.Find(`details[open] `+form).Length() != 1 || got.Find(form+` input[name=place]`).AttrOr("value", "") != "Sala di Lucia" {
		t.Error("the form is closed, or lost what was typed")
	}
	bad := b.Submit(mine, form, "place", "Sala di Lucia", "starts", "").Is(http.StatusUnprocessableEntity)
	b.Submit(bad, form, "starts", "2026-03-14T09:30").Is(http.StatusConflict)
	b.Submit(got, form).Back()
	b.Get(w.desk).Says("Sala di Lucia").Hides("Sala di Marco")
}
