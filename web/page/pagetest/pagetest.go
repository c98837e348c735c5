// Package pagetest renders pages in tests and checks what every page must
// keep: texts in each language, classes that the style sheets know, no inline
// style or script, unique ids, labelled controls.
package pagetest

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/web/locale"
	"arengo/web/page"
	"arengo/web/static"
)

// Renderer makes a renderer of the embedded pages, or only of the named ones,
// whose missing texts fail t.
func Renderer(t testing.TB, only ...string) *page.Renderer {
	t.Helper()
	return RendererOf(t, page.Config{Only: only})
}

// RendererOf is Renderer with the parts of c that are set.
func RendererOf(t testing.TB, c page.Config) *page.Renderer {
	t.Helper()
	if c.Catalogue == nil {
		cat, err := page.LoadCatalogue(locale.FS)
		if err != nil {
			t.Fatal(err)
		}
		cat.OnMissing(func(lang, key string) { t.Errorf("no text %q in %q", key, lang) })
		c.Catalogue = cat
	}
	r, err := page.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each renders the page once a language, as a subtest, checks it and hands its
// document to f. View is a struct that embeds page.Base by value; its Lang is
// set here, so texts translated by the handler stay in the language they have.
func Each(t *testing.T, name string, view page.View, f func(t *testing.T, lang string, doc *goquery.Document)) {
	t.Helper()
	for _, lang := range page.Languages {
		t.Run(lang, func(t *testing.T) {
			doc := Doc(t, Renderer(t, name), name, WithLang(view, lang))
			Check(t, doc)
			f(t, lang, doc)
		})
	}
}

// WithLang is a copy of view whose Base.Lang is lang.
func WithLang(view page.View, lang string) page.View {
	v := reflect.ValueOf(view)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	if _, bare := view.(page.Base); bare {
		c.FieldByName("Lang").SetString(lang)
	} else {
		c.FieldByName("Base").FieldByName("Lang").SetString(lang)
	}
	return c.Interface().(page.View) // a copy of a View
}

// Doc renders the page with status 200 and parses it.
func Doc(t testing.TB, r *page.Renderer, name string, view page.View) *goquery.Document {
	t.Helper()
	w := httptest.NewRecorder()
	if err := r.Render(w, http.StatusOK, name, view); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Check fails t for everything in the document that no page may have.
func Check(t testing.TB, doc *goquery.Document) {
	t.Helper()
	for _, problem := range Problems(doc) {
		t.Error(problem)
	}
}

// Problems lists what the document has and no page may have.
func Problems(doc *goquery.Document) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if n := doc.Find("h1").Length(); n != 1 {
		add("%d h1 instead of one", n)
	}
	doc.Find("[style]").Each(func(_ int, s *goquery.Selection) { add("style attribute on %s", outer(s)) })
	doc.Find("style, script:not([src]), [onclick], [onsubmit], [onchange]").Each(func(_ int, s *goquery.Selection) {
		add("inline style or script: %s", outer(s))
	})
	shipped := Classes()
	doc.Find("[class]").Each(func(_ int, s *goquery.Selection) {
		for class := range strings.FieldsSeq(s.AttrOr("class", "")) {
			if !shipped[class] {
				add("class %q is in no style sheet", class)
			}
		}
	})
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if ids[id] {
			add("id %q twice", id)
		}
		ids[id] = true
	})
	for _, attr := range []string{"for", "aria-labelledby", "aria-describedby"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			for id := range strings.FieldsSeq(s.AttrOr(attr, "")) {
				if !ids[id] {
					add("%s=%q points nowhere", attr, id)
				}
			}
		})
	}
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		if !labelled(doc, s) {
			add("control without a label: %s", outer(s))
		}
	})
	return out
}

func labelled(doc *goquery.Document, s *goquery.Selection) bool {
	if s.Closest("label").Length() > 0 || s.AttrOr("aria-label", "") != "" || s.AttrOr("aria-labelledby", "") != "" {
		return true
	}
	id := s.AttrOr("id", "")
	return id != "" && doc.Find(`label[for="`+id+`"]`).Length() > 0
}

func outer(s *goquery.Selection) string {
	html, err := goquery.OuterHtml(s)
	if err != nil {
		return err.Error()
	}
	return html[:min(len(html), 160)]
}

var selector = regexp.MustCompile(`\.(-?[_a-zA-Z][\w-]*)`)

// Classes is every class that a shipped style sheet names.
var Classes = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	sheets, err := fs.Glob(static.FS, "css/*.css")
	if err != nil || len(sheets) == 0 {
		panic("no style sheets are embedded")
	}
	for _, sheet := range sheets {
		css, err := fs.ReadFile(static.FS, sheet)
		if err != nil {
			panic(err)
		}
		for _, m := range selector.FindAllSubmatch(css, -1) {
			out[string(m[1])] = true
		}
	}
	return out
})
