package questionnaire_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/web/webtest"
)

func TestAnswerWithoutScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)

	first := w.open(w.at(""))
	w.want(first, 200, "Che legame hai?")
	if got := first.Text(".ar-facts"); !strings.Contains(got, "Comune di Prova") || !strings.Contains(got, "Circa") {
		t.Errorf("who asks, how long: %q", got)
	}
	if first.Find("input:checked").Length() != 0 {
		t.Error("something is ticked already")
	}
	if got := first.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control %q", got)
	}
	if got := first.Find("body").AttrOr("data-opened", ""); got != w.at("/ha-aperto") {
		t.Errorf("opened beacon %q", got)
	}

	empty := w.fill(first, one("link")...)
	w.want(empty, http.StatusUnprocessableEntity, "Che legame hai?")
	if !strings.HasPrefix(empty.Text("title"), "Errore") || empty.Find(`.ar-errors a[href="#d-link"]`).Length() != 1 {
		t.Errorf("title %q, summary %q", empty.Text("title"), empty.Text(".ar-errors"))
	}

	years := w.fill(empty, one("link", "live")...)
	w.want(years, 200, "Da quanti anni?")
	wrong := w.fill(years, one("years", "tanti")...)
	w.want(wrong, http.StatusUnprocessableEntity, "Da quanti anni?")
	if got := wrong.Find("#d-years").AttrOr("value", ""); got != "tanti" {
		t.Errorf("the input became %q", got)
	}
	before := w.fill(wrong, append(back(), "years", "")...)
	w.want(before, 200, "Che legame hai?")
	if before.Find(`input[value=live]`).AttrOr("checked", "no") == "no" {
		t.Error("the answer is gone after going back")
	}
	again := w.fill(before, one("link", "live")...)
	w.want(again, 200, "Da quanti anni?")
	if got := again.Find("#d-years").AttrOr("value", ""); got != "" {
		t.Errorf("after going back with the field empty it is %q", got)
	}
	place := w.fill(again, one("years", "23")...)
	w.want(place, 200, "Dove?")
	if place.Find("select#d-place option").Length() != 3 {
		t.Error("municipalities are missing")
	}
	note := w.fill(place, one("place", "052011")...)
	w.want(note, 200, "Quasi finito")
	trust := w.fill(note, one("pause")...)
	w.want(trust, 200, "Quanta fiducia?")

	t.Run("another device goes on here", func(*testing.T) {
		w.want(w.open(w.at("")), 200, "Quanta fiducia?")
	})
	themes := w.fill(trust, one("trust", "unsure")...)
	w.want(themes, 200, "Quali temi?")
	many := w.fill(themes, one("themes", "bus", "school", "home")...)
	w.want(many, http.StatusUnprocessableEntity, "Quali temi?")
	if many.Find("input:checked").Length() != 3 {
		t.Error("the choices are gone")
	}
	more := w.fill(many, one("themes", "bus", "school")...)
	w.want(more, 200, "Altro?")
	long := w.fill(more, one("more", strings.Repeat("x", 51))...)
	w.want(long, http.StatusUnprocessableEntity, "Altro?")

	t.Run("an answer to mend keeps the review from sending", func(t *testing.T) {
		review := w.open(w.at("/rileggi-e-invia"))
		w.want(review, 200, "Rileggi le tue risposte")
		if review.Find("#mancano a").Length() != 1 || review.Find("main form").Length() != 0 {
			t.Error("it can be sent")
		}
		refused := w.send(w.at("/rileggi-e-invia"), url.Values{"csrf": {w.csrf(more)}})
		w.want(refused, http.StatusUnprocessableEntity, "Rileggi le tue risposte")
		if !strings.HasPrefix(refused.Text("title"), "Errore") {
			t.Errorf("title %q", refused.Text("title"))
		}
	})

	review := w.fill(long, one("more", "Un pulmino")...)
	w.want(review, 200, "Rileggi le tue risposte")
	for _, want := range []string{"Ci vivo", "23", "Chiusi", "Non so", "Autobus, Scuola", "Un pulmino"} {
		if !strings.Contains(review.Text("main"), want) {
			t.Errorf("the review lacks %q", want)
		}
	}
	edit := w.open(review.Find(`.ar-edit a[href*="/place"]`).AttrOr("href", ""))
	w.want(edit, 200, "Dove?")
	review = w.fill(edit, one("place", "052032")...)
	w.want(review, 200, "Rileggi le tue risposte")

	receipt := w.fill(review)
	w.want(receipt, 200, "Grazie, le tue risposte sono arrivate")
	code := receipt.Text(".ar-code")
	if len(code) != 14 || !strings.Contains(receipt.Text("main"), "m•••@example.org") {
		t.Errorf("code %q, page %q", code, receipt.Text("main"))
	}
	if receipt.Find("main a[href*='/questionnaire/']").Length() != 0 {
		t.Error("the receipt leads to results that nobody published")
	}
	t.Run("whatever is opened or sent later shows the same receipt", func(t *testing.T) {
		for name, a := range map[string]*webtest.Answer{
			"the link": w.open(w.at("")), "a question": w.open(w.at("/trust")), "the review": w.open(w.at("/rileggi-e-invia")),
			"the form again": w.fill(review), "an answer": w.fill(more, one("more", "Ancora")...),
		} {
			if got := a.Text(".ar-code"); got != code {
				t.Errorf("%s: %d %q", name, a.Code, got)
			}
		}
		if w.rows("response") != 1 || w.rows("draft") != 0 {
			t.Errorf("%d responses, %d drafts", w.rows("response"), w.rows("draft"))
		}
	})
	t.Run("published results are behind the same link", func(t *testing.T) {
		w.Exec(`UPDATE questionnaire SET results_published_at = ? WHERE process_id = ?`, w.Start, w.Process.ID)
		a := w.open(w.at(""))
		if got := a.Text(".ar-code"); got != code {
			t.Errorf("receipt %q", got)
		}
		if a.Find("main a[href^='/percorsi/'][href*='/questionnaire/']").Length() != 1 || strings.Contains(a.Text("main"), "Quando escono i risultati") {
			t.Errorf("the results are not to be found: %s", a.Text("main"))
		}
	})
}

func (w *world) csrf(a *webtest.Answer) string {
	return a.Find(`main input[name=csrf]`).First().AttrOr("value", "")
}

func TestDoubleClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	a := w.open(w.at("/link"))
	w.fill(a, one("link", "work")...)
	values := url.Values{"csrf": {w.csrf(a)}}
	var wait sync.WaitGroup
	codes := make([]string, 8)
	for i := range codes {
		wait.Go(func() { codes[i] = w.send(w.at("/rileggi-e-invia"), values).Text(".ar-code") })
	}
	wait.Wait()
	for _, c := range codes {
		if c == "" || c != codes[0] {
			t.Fatalf("codes %q", codes)
		}
	}
	if w.rows("response") != 1 {
		t.Errorf("%d responses", w.rows("response"))
	}
}

func TestLookingChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	for range 5 {
		w.want(w.open(w.at("")), 200, "Che legame hai?")
	}
	var seen int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM invitation WHERE opened_at IS NOT NULL`).Scan(t.Context(), &seen))
	if seen != 0 || w.rows("draft") != 0 {
		t.Errorf("%d opened, %d drafts", seen, w.rows("draft"))
	}
}

func TestScriptsHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	a := w.open(w.at("/more"))
	f := a.Find("main form")
	if f.AttrOr("data-autosave", "") != w.at("/more/bozza-automatica") {
		t.Fatalf("autosave %q", f.AttrOr("data-autosave", ""))
	}
	said := w.send(w.at("/more/bozza-automatica"), url.Values{"csrf": {w.csrf(a)}, "more": {"A metà"}})
	var body struct{ Message string }
	w.Must(json.Unmarshal([]byte(said.Body), &body))
	if body.Message != "Bozza salvata alle 9:00" {
		t.Errorf("said %q", body.Message)
	}
	w.Exec(`UPDATE process SET zone = 'America/New_York' WHERE id = ?`, w.Process.ID)
	said = w.send(w.at("/more/bozza-automatica"), url.Values{"csrf": {w.csrf(a)}, "more": {"A metà"}})
	w.Must(json.Unmarshal([]byte(said.Body), &body))
	if body.Message != "Bozza salvata alle 4:00" {
		t.Errorf("in another zone it said %q", body.Message)
	}
	if got := w.open(w.at("/more")).Text("#d-more"); got != "A metà" {
		t.Errorf("kept %q", got)
	}
	opened := w.send(w.at("/ha-aperto"), url.Values{"csrf": {w.csrf(a)}})
	var at time.Time
	w.Must(w.DB.NewRaw(`SELECT opened_at FROM invitation`).Scan(t.Context(), &at))
	if opened.Code != http.StatusNoContent || at.IsZero() {
		t.Errorf("%d, opened at %s", opened.Code, at)
	}
}

func TestFormsNeedTheirToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	for _, path := range []string{"/link", "/link/bozza-automatica", "/rileggi-e-invia", "/ha-aperto"} {
		if a := w.send(w.at(path), url.Values{"link": {"live"}}); a.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if a := w.open("/i/questionnaire/" + strings.Repeat("A", 30)); a.Code != http.StatusNotFound {
		t.Errorf("a forged link: %d", a.Code)
	}
	if a := w.open(w.at("/nothing")); a.Code != http.StatusNotFound {
		t.Errorf("an unknown question: %d", a.Code)
	}
}

func TestAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	a := w.open(w.at("/link"))
	w.Clock.Set(closes.Add(time.Second))
	w.want(w.open(w.at("")), 200, "La raccolta è chiusa")
	w.want(w.fill(a, one("link", "live")...), http.StatusConflict, "La raccolta è chiusa")
	w.At(closes.Add(time.Hour))
	w.want(w.open(w.at("/link")), 200, "La raccolta è chiusa")
	w.want(w.send(w.at("/rileggi-e-invia"), url.Values{"csrf": {w.csrf(a)}}), http.StatusConflict, "La raccolta è chiusa")
}

// TestLateAnswerIsShown: what somebody wrote when the end passed under their
// hands is on the page that says so, to copy; looking at it again is not.
func TestLateAnswerIsShown(t *testing.T) {
	t.Parallel()
	for phase, want := range map[string]string{"over": "La raccolta è chiusa", "cancelled": "Il questionario è stato annullato"} {
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, true)
			text, choice := w.open(w.at("/more")), w.open(w.at("/themes"))
			if phase == "over" {
				w.Clock.Set(closes)
			} else {
				w.Must(w.Advance(w.activity, "cancel", "Doppione"))
			}
			const written = "L’autobus della sera\n<b>&</b> la scuola"
			a := w.fill(text, one("more", written)...)
			w.want(a, http.StatusConflict, want)
			if got := a.Find("textarea[readonly]").Text(); got != written || a.Text("label[for=late-text]") != "Altro?" {
				t.Errorf("to copy: %q under %q", got, a.Text("label[for=late-text]"))
			}
			a = w.fill(choice, one("themes", "bus", "home")...)
			if got := a.Find("textarea[readonly]").Text(); got != "Autobus\nCasa" {
				t.Errorf("chosen: %q", got)
			}
			for _, nothing := range []*webtest.Answer{w.fill(text, one("more", " ")...), w.open(w.at(""))} {
				w.want(nothing, nothing.Code, want)
				if nothing.Find("textarea").Length() != 0 {
					t.Error("something to copy where nothing was written")
				}
			}
		})
	}
}

func TestGracePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	review := w.fill(w.open(w.at("/link")), one("link", "work")...)
	w.At(closes.Add(time.Minute))
	a := w.open(w.at("/trust"))
	w.want(a, 200, "Quanta fiducia?")
	if got := a.Text(".ar-panel--late"); !strings.Contains(got, "0:10") {
		t.Errorf("says %q", got)
	}
	_ = review
	a = w.open(w.at("/rileggi-e-invia"))
	w.want(a, 200, "Rileggi le tue risposte")
	w.want(w.fill(a), 200, "Grazie, le tue risposte sono arrivate")
}

func TestEarlyPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.want(w.open(w.at("")), 200, "La raccolta non è ancora aperta")
}

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	path := "/gestione/" + w.Process.Slug + "/questionnaire/" + w.activity.PublicID + "/anteprima"
	if a := w.open(path); a.Path == path {
		t.Fatalf("a visitor sees %d", a.Code)
	}
	w.Browser = w.SignedIn(w.Promoter)
	a := w.open(path)
	w.want(a, 200, "Che legame hai?")
	if a.Find(".ar-preview").Length() != 1 {
		t.Error("the preview is not marked")
	}
	a = w.fill(a, one("link", "live")...)
	w.want(a, 200, "Da quanti anni?")
	a = w.fill(a, back()...)
	if a.Find(`input[value=live][checked]`).Length() != 1 {
		t.Error("the answer did not travel along")
	}
	for _, step := range [][]string{
		one("link", "work"), one("place", "052011"), one("pause"), one("trust", "4"), one("themes", "bus"), one("more", "Ciao"),
	} {
		a = w.fill(a, step...)
	}
	w.want(a, 200, "Rileggi le tue risposte")
	if a.Find("main form").Length() != 0 || !strings.Contains(a.Text("main"), "Qui finisce l’anteprima") {
		t.Error("a preview can be sent")
	}
	if w.rows("draft") != 0 || w.rows("response") != 0 {
		t.Error("a preview was stored")
	}
}

func TestEnglish(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.Lang = "en"
	a := w.open(w.at(""))
	w.want(a, 200, "What is your link?")
	w.want(w.fill(a, one("link")...), http.StatusUnprocessableEntity, "What is your link?")
	w.want(w.fill(a, one("link", "work")...), 200, "Where?")
	review := w.open(w.at("/rileggi-e-invia"))
	w.want(review, 200, "Review your answers")
	w.want(w.fill(review), 200, "Thank you, your answers have arrived")
}

func TestCancelledPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.Must(w.Advance(w.activity, "cancel", "Non serve più"))
	w.want(w.open(w.at("")), 200, "Il questionario è stato annullato")
	w.Lang = "en"
	w.want(w.open(w.at("/link")), 200, "The questionnaire has been cancelled")
}

// TestHiddenQuestion opens the address of a question that does not concern the
// person: it leads to where they stand.
func TestHiddenQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.fill(w.open(w.at("/link")), one("link", "work")...)
	w.want(w.open(w.at("/years")), 200, "Dove?")
}
