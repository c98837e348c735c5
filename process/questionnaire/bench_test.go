package questionnaire_test

import "testing"

// BenchmarkSubmit sends one draft after another over one connection at a time:
// the domain's share of a submission, without HTTP.
func BenchmarkSubmit(b *testing.B) {
	const batch = 200
	w := open(b, batch)
	tokens := make([]string, batch)
	for i := range tokens {
		tokens[i] = w.token(i)
	}
	n := batch
	for b.Loop() {
		if n == batch {
			b.StopTimer()
			w.Exec(`DELETE FROM response_identity`)
			w.Exec(`DELETE FROM response`)
			w.Exec(`UPDATE invitation SET answered_at = NULL`)
			for _, token := range tokens {
				w.mustSave(token, "link", "work")
			}
			n = 0
			b.StartTimer()
		}
		if _, err := w.service.Submit(b.Context(), tokens[n]); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
