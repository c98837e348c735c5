package page_test

import (
	"testing"

	"arengo/web/page"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, in, want string }{
		{"prose", "Ciao **mondo**", "<p>Ciao <strong>mondo</strong></p>"},
		{"link", "[qui](https://esempio.it)", `<p><a href="https://esempio.it" rel="nofollow noopener">qui</a></p>`},
		{"relative link", "[qui](/faq)", `<p><a href="/faq" rel="nofollow noopener">qui</a></p>`},
		{"script link", "[qui](javascript:alert(1))", "<p>qui</p>"},
		{"data link", "[qui](data:text/html;base64,AA)", "<p>qui</p>"},
		{"raw html", "a <script>x</script><b style=\"x\" onclick=\"y\">b</b>", "<p>a xb</p>"},
		{"image", "![x](https://spia.it/p.gif)", "<p></p>"},
		{"heading", "# Titolo", "<h3>Titolo</h3>"},
		{"heading that begins lower", "## Titolo", "<h3>Titolo</h3>"},
		{"headings", "## Uno\n\n### Due", "<h3>Uno</h3>\n<h4>Due</h4>"},
		{"deep heading", "# Uno\n\n###### Titolo", "<h3>Uno</h3>\n<h6>Titolo</h6>"},
		{"list", "- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
		{"empty", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := string(page.Markdown(c.in)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
