package webtest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/PuerkitoBio/goquery"

	"arengo/web/locale"
	"arengo/web/page"
	"arengo/web/page/pagetest"
)

// Browser keeps the cookies of one visitor, who reads Lang. Forms may be sent
// from several goroutines at once.
type Browser struct {
	Lang string
	Ours bool // says, as newer browsers do, that its forms come from our pages

	site    *Site
	mu      sync.Mutex
	cookies map[string]string
	token   string // of forms, for those whom a session protects
}

// Has reports whether the browser keeps a cookie.
func (b *Browser) Has(cookie string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cookies[cookie] != ""
}

// As gives the browser the cookies of another, as signing in anew does.
func (b *Browser) As(other *Browser) {
	other.mu.Lock()
	defer other.mu.Unlock()
	b.cookies, b.token = maps.Clone(other.cookies), other.token
}

// Get asks for an address.
func (b *Browser) Get(path string) *Answer {
	b.site.w.T.Helper()
	path, _, _ = strings.Cut(path, "#") // which no browser sends
	return b.do(httptest.NewRequest(http.MethodGet, path, nil))
}

// Page asks for an address that must be a good page in every language, and
// gives the page in the browser's own.
func (b *Browser) Page(path string) *Answer {
	b.site.w.T.Helper()
	own := b.Lang
	for _, b.Lang = range page.Languages {
		if b.Lang != own {
			b.Get(path).Is(http.StatusOK)
		}
	}
	b.Lang = own
	return b.Get(path).Is(http.StatusOK)
}

// Post sends values as they are.
func (b *Browser) Post(path string, values url.Values) *Answer {
	b.site.w.T.Helper()
	path, _, _ = strings.Cut(path, "#")
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// PostForm sends values as a form of a page would, with its token.
func (b *Browser) PostForm(path string, values url.Values) *Answer {
	b.site.w.T.Helper()
	signed := url.Values{"csrf": {b.token}}
	maps.Copy(signed, values)
	return b.Post(path, signed)
}

// Send opens a page, which must be good, and submits the form on it that posts
// to action, with changes.
func (b *Browser) Send(page, action string, changes ...string) *Answer {
	b.site.w.T.Helper()
	return b.Submit(b.Page(page), `form[action="`+action+`"]`, changes...)
}

// Submit sends the first form of a page that matches the selector as it stands,
// with changes: pairs of names and values. The value "-" takes a field out, a
// name that is given again has several values, and "@name" begins the pair of a
// button, which must be in the form.
func (b *Browser) Submit(from *Answer, form string, changes ...string) *Answer {
	b.site.w.T.Helper()
	f := from.Form(form)
	values := Values(f)
	set := map[string]bool{}
	for i := 0; i+1 < len(changes); i += 2 {
		name, value := changes[i], changes[i+1]
		if button, ok := strings.CutPrefix(name, "@"); ok {
			name = button
			if Button(f, name, value).Length() == 0 {
				b.site.w.T.Fatalf("%s: no button %s=%s in %s", from.Path, name, value, form)
			}
		}
		if !set[name] || value == "-" {
			values.Del(name)
		}
		if set[name] = true; value != "-" {
			values.Add(name, value)
		}
	}
	action := f.AttrOr("action", from.Path)
	if f.AttrOr("method", "get") == "get" {
		action, _, _ = strings.Cut(action, "#")
		return b.Get(action + "?" + values.Encode())
	}
	return b.Post(action, values)
}

// Twice submits a form as two clicks at once do, and a third later, as Submit
// does. All must lead to one place, which it gives.
func (b *Browser) Twice(from *Answer, form string, changes ...string) string {
	b.site.w.T.Helper()
	from.Form(form) // fails here rather than in a goroutine
	var answers [3]*Answer
	var wait sync.WaitGroup
	for i := range 2 {
		wait.Go(func() { answers[i] = b.Submit(from, form, changes...) })
	}
	wait.Wait()
	answers[2] = b.Submit(from, form, changes...)
	to := answers[0].Back().Location()
	for _, a := range answers[1:] {
		a.To(to)
	}
	return to
}

// Upload sends a file by the form of a page that takes one.
func (b *Browser) Upload(from *Answer, name string, data []byte) *Answer {
	b.site.w.T.Helper()
	f := from.Form("form[enctype]")
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for field, values := range Values(f) {
		b.site.w.Must(m.WriteField(field, values[0]))
	}
	part, err := m.CreateFormFile("file", name)
	b.site.w.Must(err)
	_, err = part.Write(data)
	b.site.w.Must(err)
	b.site.w.Must(m.Close())
	r := httptest.NewRequest(http.MethodPost, f.AttrOr("action", from.Path), &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

// Follow opens where an answer sends the browser, until there is a page.
func (b *Browser) Follow(a *Answer) *Answer {
	b.site.w.T.Helper()
	for range 5 {
		if a.Code != http.StatusSeeOther {
			return a
		}
		a = b.Get(a.Location())
	}
	b.site.w.T.Fatalf("%s: redirects without an end", a.Path)
	return nil
}

func (b *Browser) do(r *http.Request) *Answer {
	w := b.site.w
	w.T.Helper()
	r = r.WithContext(w.T.Context())
	r.Header.Set("Accept-Language", b.Lang)
	if b.Ours {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	b.mu.Lock()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	b.mu.Unlock()
	rec := httptest.NewRecorder()
	b.site.Server.ServeHTTP(rec, r)
	b.keep(rec.Result().Cookies())
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(rec.Body.String()))
	w.Must(err)
	a := &Answer{Code: rec.Code, Path: r.URL.RequestURI(), Body: rec.Body.String(), Header: rec.Header(), Doc: doc, t: w.T}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") && a.Location() == "" {
		b.check(a)
	}
	return a
}

func (b *Browser) keep(cookies []*http.Cookie) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range cookies {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
}

// check looks at what every page must keep.
func (b *Browser) check(a *Answer) {
	a.t.Helper()
	pagetest.Check(a.t, a.Doc)
	if got := a.Find("html").AttrOr("lang", ""); got != b.Lang && !b.Has("arengo_lang") {
		a.t.Errorf("%s is in %q, want %q", a.Path, got, b.Lang)
	}
	// What stands before the product's name is a text, not a struct or nothing.
	title, _, named := strings.Cut(a.Text("title"), "·")
	if title = strings.TrimSpace(strings.TrimPrefix(title, "Errore:")); !named || title == "" || strings.ContainsAny(title, "{}") {
		a.t.Errorf("%s has the title %q", a.Path, a.Text("title"))
	}
	main := a.Text("main")
	if strings.Contains(main, "map[") {
		a.t.Errorf("%s shows a value of the program: %s", a.Path, main)
	}
	words := a.Find("main").Clone()
	words.Find("code").Remove() // what programs are told has names like ours
	if key := bare().FindString(words.Text()); key != "" {
		a.t.Errorf("%s has no text for %s", a.Path, key)
	}
}

// bare finds a key that stands where its text should: a word that begins as
// the keys of the catalogues do.
var bare = sync.OnceValue(func() *regexp.Regexp {
	areas := map[string]bool{}
	for _, file := range catalogues() {
		data, err := locale.FS.ReadFile(file)
		if err != nil {
			panic(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(data, &texts); err != nil {
			panic(err)
		}
		for key := range texts {
			area, _, _ := strings.Cut(key, ".")
			areas[area] = true
		}
	}
	return regexp.MustCompile(`\b(` + strings.Join(slices.Sorted(maps.Keys(areas)), "|") + `)\.[a-z_.]+(?:[^\w@-]|$)`)
})

func catalogues() []string {
	files, err := fs.Glob(locale.FS, "it/*.json")
	if err != nil || len(files) == 0 {
		panic("no catalogues are embedded")
	}
	return files
}
