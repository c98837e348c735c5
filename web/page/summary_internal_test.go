package page

import "testing"

// The summary names a field by the label that the page shows.
func TestLabelOf(t *testing.T) {
	t.Parallel()
	const text = `<label for="title">Titolo &amp; sigla <span class="fw-normal ar-muted">(facoltativo)</span></label>
		<fieldset class="x" id="kind"> <legend class="y"><span>Tipo</span></legend></fieldset>`
	for id, want := range map[string]string{"title": "Titolo &amp; sigla", "kind": "Tipo", "none": "", "": ""} {
		if got := labelOf(text, id); got != want {
			t.Errorf("label of %q is %q, want %q", id, got, want)
		}
	}
}
