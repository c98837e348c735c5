package questionnaire_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Who skipped everything is told so kindly, and can go back; nothing is sent.
func TestNothingAnsweredIsNotSent(t *testing.T) {
	t.Parallel()
	w := worldOf(t, true, strings.ReplaceAll(trial, "required: true, ", ""))
	for w.Lang = range map[string]bool{"it": true, "en": true} {
		w.fill(w.open(w.at("/trust")), "-vai", "avanti")
		review := w.open(w.at("/rileggi-e-invia"))
		if review.Code != http.StatusOK || review.Find("#niente").Length() != 1 || review.Find("#invia").Length() != 0 {
			t.Fatalf("%s: %d %s", w.Lang, review.Code, review.Text("main"))
		}
	}
	w.Lang = "it"
	a := w.fill(w.open(w.at("/trust")), "-vai", "avanti")
	refused := w.send(w.at("/rileggi-e-invia"), url.Values{"csrf": {w.csrf(a)}})
	if refused.Code != http.StatusUnprocessableEntity || refused.Find(`.ar-errors a[href="#niente"]`).Length() != 1 || w.rows("response") != 0 {
		t.Errorf("%d %s", refused.Code, refused.Text("main"))
	}
}
