package portal_test

import (
	"net/http"
	"testing"
)

// BenchmarkProcessPage measures the page as the first reader of a second gets
// it: nothing is repeated from memory.
func BenchmarkProcessPage(b *testing.B) {
	w, _ := lived(b)
	browser := w.Visitor()
	browser.Get(slug).Is(http.StatusOK)
	for b.Loop() {
		browser.Get(slug)
	}
}
