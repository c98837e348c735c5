package page_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"arengo/web/page"
	"arengo/web/static"
)

func get(h http.Handler, method, url string, headers ...string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func smallAssets(t *testing.T) *page.Assets {
	t.Helper()
	a, err := page.NewAssets(fstest.MapFS{
		"css/a.css":       {Data: []byte(`@font-face { src: url("../fonts/f.woff2") } ` + strings.Repeat("p { color: red } ", 50))},
		"fonts/f.woff2":   {Data: []byte("font")},
		"svg/sprites.svg": {Data: []byte(`<svg><symbol id="it-x" viewBox="0 0 1 1"></symbol></svg>`)},
		"embed.go":        {Data: []byte("package x")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAssetNamesFollowContent(t *testing.T) {
	t.Parallel()
	a := smallAssets(t)
	if url := a.URL("css/a.css"); !regexp.MustCompile(`^/static/css/a\.[0-9a-f]{12}\.css$`).MatchString(url) {
		t.Errorf("url %q", url)
	}
	if !a.HasIcon("it-x") || a.HasIcon("it-y") || a.URL("embed.go") != "" {
		t.Error("icons or kinds are wrong")
	}
	sheet := body(t, get(a, http.MethodGet, a.URL("css/a.css")))
	if !strings.Contains(sheet, `url("`+a.URL("fonts/f.woff2")+`")`) {
		t.Errorf("the sheet does not name the hashed font: %.80s", sheet)
	}
}

func TestAssetHandler(t *testing.T) {
	t.Parallel()
	a := smallAssets(t)
	url := a.URL("css/a.css")
	t.Run("OK", func(t *testing.T) {
		t.Parallel()
		r := get(a, http.MethodGet, url)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != "text/css; charset=utf-8" || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	})
	t.Run("Gzip", func(t *testing.T) {
		t.Parallel()
		r := get(a, http.MethodGet, url, "Accept-Encoding", "br, gzip;q=0.8")
		if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Fatalf("%v", r.Header)
		}
		z, err := gzip.NewReader(bytes.NewBufferString(body(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil || !strings.Contains(string(plain), "color: red") {
			t.Errorf("%v %.40s", err, plain)
		}
	})
	t.Run("GzipRefused", func(t *testing.T) {
		t.Parallel()
		if r := get(a, http.MethodGet, url, "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
			t.Error("gzip was sent")
		}
	})
	t.Run("NotModified", func(t *testing.T) {
		t.Parallel()
		tag := get(a, http.MethodGet, url).Header.Get("ETag")
		if r := get(a, http.MethodGet, url, "If-None-Match", tag); r.StatusCode != http.StatusNotModified || tag == "" {
			t.Errorf("%d with %s", r.StatusCode, tag)
		}
		if r := get(a, http.MethodGet, url, "If-None-Match", tag, "Accept-Encoding", "gzip"); r.StatusCode != 200 {
			t.Error("the gzip form shares the plain form's tag")
		}
	})
	t.Run("PlainNameIsRevalidated", func(t *testing.T) {
		t.Parallel()
		if r := get(a, http.MethodGet, "/static/css/a.css"); r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	})
	t.Run("HeadNotFoundAndMethod", func(t *testing.T) {
		t.Parallel()
		if r := get(a, http.MethodHead, url); r.StatusCode != 200 || body(t, r) != "" || r.Header.Get("Content-Length") == "" {
			t.Errorf("HEAD %d %v", r.StatusCode, r.Header)
		}
		if r := get(a, http.MethodGet, "/static/css/none.css"); r.StatusCode != 404 {
			t.Errorf("missing asset: %d", r.StatusCode)
		}
		if r := get(a, http.MethodPost, url); r.StatusCode != 405 {
			t.Errorf("POST: %d", r.StatusCode)
		}
	})
}

func TestNewAssetsRefuses(t *testing.T) {
	t.Parallel()
	if _, err := page.NewAssets(fstest.MapFS{"css/a.css": {Data: []byte(`a { b: url("../img/none.png") }`)}}); err == nil {
		t.Error("a sheet that refers to nothing was accepted")
	}
	if _, err := page.NewAssets(fstest.MapFS{"x.exe": {Data: []byte("x")}}); err == nil {
		t.Error("an unknown kind was accepted")
	}
}

// What is shipped stays small, and asks nobody else for anything.
func TestShippedAssets(t *testing.T) {
	t.Parallel()
	a, err := page.NewAssets(static.FS)
	if err != nil {
		t.Fatal(err)
	}
	limits := map[string]int{"css/bootstrap-italia.css": 180_000, "css/arengo.css": 60_000, "svg/sprites.svg": 60_000, "js/arengo.js": 8_000}
	for name, limit := range limits {
		text := body(t, get(a, http.MethodGet, "/static/"+name))
		if len(text) == 0 || len(text) > limit {
			t.Errorf("%s has %d bytes, at most %d wanted", name, len(text), limit)
		}
		if found := regexp.MustCompile(`(?:url\(["']?|@import ["']|src=["']|fetch\(["'])(?:https?:)?//[^"')]+`).FindString(text); found != "" {
			t.Errorf("%s asks a third party: %s", name, found)
		}
	}
	sheet := body(t, get(a, http.MethodGet, "/static/css/bootstrap-italia.css"))
	if !strings.Contains(sheet, "--bootstrap-italia-version") {
		t.Error("the version variable of Bootstrap Italia was lost")
	}
}
