package portal

import "testing"

// What a visitor sends with a vote is not written to the log.
func TestSortIsAWordOfOurs(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/": "home", "": "home", "/faq": "faq", "/percorsi/siena/report?x=1": "percorsi", "/i/questionnaire/secret-token": "i",
		"/anna@example.org": "other", "https://example.org/": "other", "/faq\nlevel=ERROR": "other",
	} {
		if got := sort(path); got != want {
			t.Errorf("%q is %q, want %q", path, got, want)
		}
	}
}
