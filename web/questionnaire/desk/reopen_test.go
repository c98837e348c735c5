package desk_test

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// A questionnaire that was closed and whose results are public goes on: the page
// says beforehand what becomes of them, and only those chosen are told.
func TestReopen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open(36)
	for n := range 30 {
		w.answer(n)
	}
	w.At(time.Date(2026, time.March, 29, 22, 0, 0, 0, time.UTC))
	w.At(time.Date(2026, time.March, 29, 22, 10, 0, 0, time.UTC))
	w.PostForm(w.root+"/risultati", map[string][]string{"title": {"Che cosa avete detto"}, "body": {"Muoversi."}}).Is(303)
	w.look(w.public).Is(200).Says("Ci vivo")

	link := w.Get(w.root).Is(200).Find(`#avanza a[href*="/riapri?"]`).AttrOr("href", "")
	here, _, _ := strings.Cut(link, "?")
	w.Lang = "en"
	w.Get(link).Is(200).Says("the figures are private again", "Those invited who have not answered")
	w.Lang = "it"
	page := w.Get(link).Is(200)
	page.Says("i numeri tornano riservati", "vengono avvisate 6 persone", "Al massimo")
	form := fields(page, here)
	form["tell"] = []string{"silent"}
	form.Set("end", "2026-04-12")
	w.PostForm(here, form).Is(422).Says("Scrivi il motivo")
	form.Set("reason", "Tre scuole hanno ricevuto l’invito tardi")
	form.Set("end", "2027-01-01")
	again := w.PostForm(here, form).Is(422)
	if got := again.Find("#riapri-motivo").Text(); !strings.Contains(got, "Tre scuole") || again.Find("input[name=tell][checked]").Length() != 1 {
		t.Errorf("the form kept %q", got)
	}
	form.Set("end", "2026-04-12")
	w.PostForm(here, url.Values{"transition": {"open"}, "activity": {w.activity.PublicID}}).Is(409)
	w.PostForm(here, form).Is(200).Says("Fine di “Raccolta aperta”", "non c’era", "domenica 12 aprile 2026", "Sollecito a chi non ha risposto", "avvisate per e-mail 6 persone")
	if got := w.State(w.activity); got == "open" {
		t.Error("looking reopened it")
	}
	form.Del("preview")
	w.PostForm(here, form).Is(303)
	if due := w.due(); !due.Equal(time.Date(2026, time.April, 12, 22, 0, 0, 0, time.UTC)) || w.State(w.activity) != "open" {
		t.Errorf("%s until %s", w.State(w.activity), due)
	}
	w.look(w.public).Is(200).Hides("Ci vivo")
	w.Get(w.root).Is(200).Says("Questionario aperto dal 9 marzo 2026, riaperto lunedì 30 marzo 2026.")
	w.At(time.Date(2026, time.March, 29, 22, 20, 0, 0, time.UTC))
	if n := w.Deliveries(w.activity, "reopened"); n != 6 {
		t.Errorf("%d people are told", n)
	}
	if n := w.Notices(w.activity, "invitation"); n != 1 {
		t.Errorf("%d invitations went out", n)
	}
	w.answer(31)
}
