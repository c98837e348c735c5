package page_test

import (
	"testing"

	"arengo/web/page"
)

func TestNewLoadsTheEmbeddedPages(t *testing.T) {
	t.Parallel()
	if _, err := page.New(page.Config{}); err != nil {
		t.Fatal(err)
	}
}
