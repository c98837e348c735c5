package site

import (
	"net/url"
	"testing"
)

func TestScrub(t *testing.T) {
	t.Parallel()
	form := url.Values{"a": {"x\x00y", "perché"}, "b": {"\xff"}}
	scrub(form)
	if form["a"][0] != "xy" || form["a"][1] != "perché" || form.Get("b") != "\uFFFD" {
		t.Errorf("%q", form)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"/percorsi/siena": true, "q=perch%C3%A9+no": true, "": true,
		"q=%00": false, "/percorsi/a\x00b": false, "q=%FF": false, "q=%zz": false,
	} {
		if clean(address) != want {
			t.Errorf("%q: %v, want %v", address, !want, want)
		}
	}
}
