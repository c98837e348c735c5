package pagetest_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/web/page"
	"arengo/web/page/pagetest"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, html, want string }{
		{"OK", `<h1 class="mb-2">a</h1><label for="a">x</label><input id="a"><label><input type="radio"></label>`, ""},
		{"NoHeading", `<p>a</p>`, "0 h1"},
		{"Style", `<h1 style="color:red">a</h1>`, "style attribute"},
		{"Script", `<h1>a</h1><script>x()</script>`, "inline style or script"},
		{"Class", `<h1 class="nobody-ships-this">a</h1>`, `class "nobody-ships-this"`},
		{"TwiceID", `<h1 id="a">a</h1><p id="a">b</p>`, `id "a" twice`},
		{"Pointer", `<h1>a</h1><section aria-labelledby="none">b</section>`, "points nowhere"},
		{"Label", `<h1>a</h1><textarea></textarea>`, "without a label"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(c.html))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(pagetest.Problems(doc), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWithLang(t *testing.T) {
	t.Parallel()
	type view struct {
		page.Base
		Name string
	}
	original := &view{Base: page.Base{Lang: "it"}, Name: "x"}
	copied, ok := pagetest.WithLang(original, "en").(view)
	if !ok || copied.Lang != "en" || copied.Name != "x" || original.Lang != "it" {
		t.Errorf("got %+v from %+v", copied, original)
	}
	if b, ok := pagetest.WithLang(page.Base{Lang: "it"}, "en").(page.Base); !ok || b.Lang != "en" {
		t.Errorf("got %+v", b)
	}
}
