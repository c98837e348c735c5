package page_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"

	"arengo/web/page"
	"arengo/web/page/pagetest"
	"arengo/web/templates"
)

func TestNewLoadsTheEmbeddedPages(t *testing.T) {
	t.Parallel()
	if _, err := page.New(page.Config{}); err != nil {
		t.Fatal(err)
	}
}

// withPage is the shared templates and one page of that text.
func withPage(t *testing.T, text string) fs.FS {
	t.Helper()
	all := fstest.MapFS{"x/y.html": {Data: []byte(text)}}
	for _, pattern := range []string{"layout.html", "partial/*.html"} {
		files, err := fs.Glob(templates.FS, pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			data, err := fs.ReadFile(templates.FS, file)
			if err != nil {
				t.Fatal(err)
			}
			all[file] = &fstest.MapFile{Data: data}
		}
	}
	return all
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a syntax error":        `{{define "content"}}{{if}}{{end}}`,
		"no content":            `{{define "other"}}x{{end}}`,
		"an unknown function":   `{{define "content"}}{{nope}}{{end}}`,
		"an unknown text":       `{{define "content"}}{{if .Flash}}{{with .Title}}{{t "page.none" "n" 1}}{{end}}{{end}}{{end}}`,
		"an unknown text in ()": `{{define "content"}}{{printf "%s" (t "page.none")}}{{end}}`,
		"an unknown icon":       `{{define "content"}}{{icon "it-none"}}{{end}}`,
		"an unknown asset":      `{{define "content"}}{{asset "css/none.css"}}{{end}}`,
		"an unknown partial":    `{{define "content"}}{{template "none" .}}{{end}}`,
		"a broken context":      `{{define "content"}}<a href="{{if .Title}}x{{else}}">{{end}}</a>{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := page.New(page.Config{Templates: withPage(t, text)}); err == nil {
				t.Error("accepted")
			}
		})
	}
}

type plain struct {
	page.Base
	Broken func() (string, error)
}

func TestRender(t *testing.T) {
	t.Parallel()
	r := pagetest.RendererOf(t, page.Config{Templates: withPage(t, `{{define "content"}}<h1>{{.Title}}</h1>{{if .Broken}}{{call .Broken}}{{end}}{{end}}`)})
	render := func(p page.View, name string) (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		return w, r.Render(w, http.StatusTeapot, name, p)
	}
	t.Run("OK", func(t *testing.T) {
		t.Parallel()
		w, err := render(plain{Base: page.Base{Lang: "en", Title: "A < B"}}, "x/y")
		if err != nil || w.Code != http.StatusTeapot || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Content-Language") != "en" {
			t.Fatalf("%v %d %v", err, w.Code, w.Header())
		}
		if !strings.Contains(w.Body.String(), "<h1>A &lt; B</h1>") || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%v %s", w.Header(), w.Body)
		}
	})
	t.Run("CacheControl", func(t *testing.T) {
		t.Parallel()
		for want, b := range map[string]page.Base{"no-store": {Viewer: &page.Viewer{Name: "x"}}, "public, max-age=60": {CacheControl: "public, max-age=60"}} {
			if w, err := render(&plain{Base: b}, "x/y"); err != nil || w.Header().Get("Cache-Control") != want {
				t.Errorf("%v, %q, want %q", err, w.Header().Get("Cache-Control"), want)
			}
		}
	})
	t.Run("NothingWrittenOnError", func(t *testing.T) {
		t.Parallel()
		w, err := render(plain{Broken: func() (string, error) { return "", io.ErrUnexpectedEOF }}, "x/y")
		if err == nil || w.Body.Len() != 0 || len(w.Header()) != 0 {
			t.Errorf("%v, %d bytes, %v", err, w.Body.Len(), w.Header())
		}
	})
	t.Run("UnknownPage", func(t *testing.T) {
		t.Parallel()
		if _, err := render(plain{}, "x/z"); err == nil {
			t.Error("accepted")
		}
	})
}

// Requests at once never see each other's language or token.
func TestRenderConcurrently(t *testing.T) {
	t.Parallel()
	r := pagetest.RendererOf(t, page.Config{Templates: withPage(t, `{{define "content"}}<h1>{{me.CSRF}}</h1><form>{{csrf}}</form>{{end}}`)})
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			lang, token := page.Languages[i%2], strings.Repeat("x", i+1)
			w := httptest.NewRecorder()
			if err := r.Render(w, 200, "x/y", plain{Base: page.Base{Lang: lang, CSRF: token}}); err != nil {
				t.Error(err)
			}
			html := w.Body.String()
			if !strings.Contains(html, "<h1>"+token+"</h1>") || !strings.Contains(html, `value="`+token+`"`) || !strings.Contains(html, `<html lang="`+lang+`">`) {
				t.Errorf("%s %s in %.300s", lang, token, html)
			}
		})
	}
	wg.Wait()
}

func TestLayout(t *testing.T) {
	t.Parallel()
	r := demoRenderer(t)
	count := func(t *testing.T, doc *goquery.Document, wants map[string]int) {
		t.Helper()
		for selector, n := range wants {
			if got := doc.Find(selector).Length(); got != n {
				t.Errorf("%s: %d, want %d", selector, got, n)
			}
		}
	}
	footer := map[string]int{
		"[data-element=accessibility-link]": 1, "[data-element=privacy-policy-link]": 1, "[data-element=legal-notes]": 1,
		"[data-element=faq]": 1, "[data-element=report-inefficiency]": 1, ".skiplink a[href='#contenuto']": 1, "main#contenuto": 1,
	}
	for name, view := range demos(t) {
		count(t, pagetest.Doc(t, r, name, view), footer)
	}
	t.Run("Public", func(t *testing.T) {
		t.Parallel()
		count(t, pagetest.Doc(t, r, "demo/process", newProcessDemo()), map[string]int{
			"a[data-element=personal-area-login][href='/accedi']": 1, "[data-element=feedback] form[action='/voto'] input[type=radio]": 5,
			".ar-nav a[aria-current=page]": 1, "ol.breadcrumb li[aria-current=page]": 1, "a[hreflang=en][href='/lingua/en?da=%2Fpercorsi%2Fsiena']": 1,
			"body[data-csrf=t0ken]": 1, "footer a[href='tel:0577000000']": 1, "meta[name=robots]": 0,
		})
	})
	t.Run("Workspace", func(t *testing.T) {
		t.Parallel()
		count(t, pagetest.Doc(t, r, "demo/cockpit", newCockpitDemo()), map[string]int{
			"[data-element=feedback]": 0, "form[action='/esci'] input[name=csrf]": 1, ".ar-count": 1, ".ar-nav a[href='/gestione/nuovo']": 1, "meta[name=robots]": 1,
		})
	})
	t.Run("Bare", func(t *testing.T) {
		t.Parallel()
		doc := pagetest.Doc(t, r, "demo/question", newQuestionDemo())
		count(t, doc, map[string]int{
			".ar-nav": 0, "[data-element=personal-area-login]": 0, "body[data-opened='/q/x/aperto']": 1, ".ar-errors[role=alert][tabindex='-1'][autofocus] a": 2,
		})
		if title := doc.Find("head > title").Text(); !strings.HasPrefix(title, "Errore: ") {
			t.Errorf("title %q", title)
		}
		doc.Find(".ar-errors a").Each(func(_ int, s *goquery.Selection) {
			if doc.Find(s.AttrOr("href", "")).Length() != 1 {
				t.Errorf("%s points nowhere", s.AttrOr("href", ""))
			}
		})
	})
}
