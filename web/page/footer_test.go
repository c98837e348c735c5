package page_test

import (
	"testing"

	"arengo/web/page"
	"arengo/web/page/pagetest"
)

// An installation that names no contact shows no empty list of them.
func TestFooterWithoutContact(t *testing.T) {
	t.Parallel()
	text := `{{define "content"}}<h1>{{.Title}}</h1>{{end}}`
	type plain struct{ page.Base }
	for _, c := range []struct {
		site  page.Site
		lists int
	}{{page.Site{}, 2}, {page.Site{Contact: page.Contact{Email: "percorso@example.org"}}, 3}} {
		r := pagetest.RendererOf(t, page.Config{Templates: withPage(t, text), Site: c.site})
		doc := pagetest.Doc(t, r, "x/y", plain{page.Base{Lang: "it", Title: "Prova", Path: "/"}})
		if got := doc.Find("footer ul").Length(); got != c.lists {
			t.Errorf("%d lists in the footer, want %d", got, c.lists)
		}
		if got := doc.Find("footer ul:empty").Length(); got != 0 {
			t.Error("an empty list")
		}
		if got := doc.Find(".col-md-5 a[href='/note-legali']").Length(); got != 3-c.lists {
			t.Errorf("%d links to the licence in the first column", got)
		}
	}
}
