package desk_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestSessionGone sends a form without a session, then in another session: what
// was typed comes back each time, until it is stored.
func TestSessionGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	typed := "\n<b>Perché</b> & come?\n\nSeconda riga"
	values := fields(w.Get(here), here)
	values.Set("text_it", typed)

	out := w.Visitor()
	refused := out.Post(here, values).Is(http.StatusUnauthorized).Says("Non è stato salvato nulla", "Quello che hai scritto")
	if got := refused.Find("a[href^='/accedi?da=']").Length(); got != 1 {
		t.Errorf("%d links to sign in", got)
	}
	if refused.Find("form[method=post] button").Length() != 0 || !strings.Contains(refused.Find("textarea").Text(), "<b>Perché</b>") {
		t.Error("a form of unknown origin can be sent again, or its text is not shown")
	}
	out.Get("/").Hides("Perché")

	out.Ours = true
	refused = out.Post(here, values).Is(http.StatusUnauthorized)
	kept := `form[action="` + here + `"]`
	if refused.Find(kept+` input[name=csrf]`).Length() != 0 {
		t.Error("who has no session gets a token")
	}
	again := w.Visitor()
	again.Ours = true
	again.As(w.Browser)
	older := again.Submit(refused, kept).Is(http.StatusForbidden).Says("aperta prima che tu accedessi")
	if w.stored("q1").Text["it"] == strings.TrimSpace(typed) {
		t.Fatal("a form without a token was accepted")
	}
	again.Submit(older, kept).Is(http.StatusSeeOther)
	if got := w.stored("q1"); got.Text["it"] != strings.TrimSpace(typed) || len(got.Options) == 0 || got.Options[0].Text["it"] == "" {
		t.Errorf("stored %q %v", got.Text["it"], labels(*got))
	}

	values.Set("csrf", "forged")
	if w.Post(here, values).Is(http.StatusForbidden).Find("main form[method=post] input[name=csrf]").Length() != 0 { // the menu's own form, which signs out, has one
		t.Error("a form of unknown origin gets a token")
	}
}
