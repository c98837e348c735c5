package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"arengo/web/site"
)

// fromElsewhere are the headers of forms that another site sends.
var fromElsewhere = []map[string]string{
	{"Sec-Fetch-Site": "cross-site", "Origin": "https://altrove.example.net"},
	{"Sec-Fetch-Site": "same-site", "Origin": "https://vicino.arengo.test"},
	{"Sec-Fetch-Site": "", "Origin": "https://altrove.example.net"}, // an old browser
	{"Sec-Fetch-Site": "", "Origin": "null"},
}

// Every form is refused from elsewhere, with or without its token; and without
// its token, or with somebody else's, from here too. Only anonymous forms have
// no token, and act in nobody's name.
func TestForgedFormsAreRefused(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	g.publish()
	before := digests(t, g.app.db)
	for _, route := range g.routes {
		if route.Method != http.MethodPost {
			continue
		}
		path, want := g.fill(route.Path), http.StatusForbidden
		if route.Access == site.Keyed || route.Access == site.Hooked {
			want = http.StatusUnauthorized // a session opens nothing there, wherever the request comes from
		}
		refused := func(how, who string, form url.Values, header map[string]string) {
			res := g.ask(request{method: route.Method, path: path, form: form, header: header, who: who})
			if res.Code != want {
				t.Errorf("POST %s as %s %s: status %d, want %d", route.Path, who, how, res.Code, want)
			}
		}
		for _, who := range []string{nobody, administrator} {
			for _, header := range fromElsewhere {
				refused(fmt.Sprint("from ", header), who, g.stamped(route.Path, who), header)
			}
			bearer := strings.Contains(route.Path, ":token")
			if who == nobody && !bearer {
				continue // anonymous: the origin is all there is
			}
			form := g.stamped(route.Path, who)
			form.Del("csrf")
			refused("without a token", who, form, nil)
			form.Set("csrf", g.stamped("/", promoter).Get("csrf"))
			refused("with another person's token", who, form, nil)
			if bearer {
				form.Set("csrf", g.app.core.Links().Sign("csrf", "token:"+g.value(g.foreign, "/segui/:token", ":token")))
				refused("with another link's token", who, form, nil)
			}
		}
	}
	for name, sum := range digests(t, g.app.db) {
		if sum != before[name] {
			t.Errorf("%s changed", name)
		}
	}
}

// Answers that no page makes carry the protecting headers as well; ask checks
// them on every answer of these tests.
func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	g.publish()
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/healthz", 200},
		{"GET", "/readyz", 200},
		{"HEAD", "/", 200},
		{"GET", "/non-esiste", 404},
		{"GET", "/static/non-esiste.css", 404},
		{"GET", "/gestione/", 301},
		{"GET", "//accedi", 404},
		{"GET", "/percorsi/%00", 404},
		{"GET", "/?%ff", 404},
		{"DELETE", "/accedi", 405},
		{"OPTIONS", "/accedi", 405},
		{"GET", "/esci", 405},
		{"GET", "/oggi", 303},
		{"GET", g.fill("/percorsi/:process/registro.csv"), 200},
		{"GET", "/accedi/forged", 404},
	} {
		if res := g.ask(request{method: tt.method, path: tt.path, who: nobody}); res.Code != tt.want {
			t.Errorf("%s %s: status %d, want %d", tt.method, tt.path, res.Code, tt.want)
		}
	}
	for name, body := range map[string]string{
		"too big":   "email=" + strings.Repeat("x", 2<<20),
		"malformed": "email=%zz",
	} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://arengo.test/accedi", strings.NewReader(body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res := httptest.NewRecorder()
		g.handler.ServeHTTP(res, req)
		if res.Code != http.StatusUnprocessableEntity || !strings.HasPrefix(res.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: status %d, headers %v", name, res.Code, res.Header())
		}
	}
}
