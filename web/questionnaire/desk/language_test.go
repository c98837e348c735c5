package desk_test

import (
	"testing"
	"time"
)

// TestEveryPage renders every page in both languages, in every state of the
// questionnaire; a text that is missing fails the test.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := func(paths ...string) {
		t.Helper()
		for _, w.Lang = range []string{"it", "en"} {
			for _, path := range append(paths, "", "/domande", "/domande/q1", "/domande/q2", "/domande/q8?inglese=1&elimina=1",
				"/domande/q12?condizioni=2", "/sezione/you", "/risultati") {
				page := w.Get(w.root + path).Is(200)
				if got, _ := page.Find("html").Attr("lang"); got != w.Lang {
					t.Errorf("%s speaks %s", path, got)
				}
			}
			w.look(w.public).Is(200)
		}
		w.Lang = "it"
	}
	all()
	w.open(36)
	all("/persone", "/sollecito")
	here := "/gestione/" + w.Process.Slug + "/proroga"
	extension := fields(w.Get(w.root), here)
	extension.Set("end", "2026-04-05")
	extension.Set("reason", "Perché")
	for _, w.Lang = range []string{"it", "en"} {
		w.PostForm(here, extension).Is(200)
	}
	for n := range 36 {
		w.answer(n)
	}
	all("/persone", "/sollecito")
	w.At(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC))
	all("/persone")
	w.At(time.Date(2026, time.March, 29, 22, 10, 0, 0, time.UTC))
	w.PostForm(w.root+"/risultati", map[string][]string{"title": {"Esiti"}, "body": {"Testo"}}).Is(303)
	all("/persone", "/risultati?comune=052032", "/risultati?comune=nessuno")
}
