package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"arengo/web"
	"arengo/web/site"
)

// TestWhoMayDoWhat walks every registered route as everybody, before and after
// publication, and compares what happens with the table. Every identifier is a
// real one, so that nothing hides behind "not found".
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	for _, published := range []bool{false, true} {
		t.Run(map[bool]string{false: "before publication", true: "after publication"}[published], func(t *testing.T) {
			t.Parallel()
			g := newGuard(t)
			g.covers()
			if published {
				g.publish()
			}
			for _, route := range g.inOrder() {
				// Outside a process nothing depends on its publication.
				if i := rowOf(route); i >= 0 && (!published || strings.Contains(route.Path, "/:")) {
					g.walk(route, permissions[i], published)
				}
			}
			var now bool
			g.must(g.app.db.NewRaw(`SELECT published_at IS NOT NULL FROM process WHERE id = ?`, g.own.process.ID).Scan(t.Context(), &now))
			if now != published {
				t.Errorf("published: %v, after a walk that began with %v", now, published)
			}
		})
	}
}

// inOrder gives pages before forms, and last the forms that take away what
// other routes name.
func (g *guard) inOrder() []site.Route {
	rank := func(r site.Route) int {
		switch {
		case r.Method == http.MethodGet:
			return 0
		case strings.Contains(r.Path, ":token"), strings.HasSuffix(r.Path, "/contatti/togli"):
			return 3 // who leaves or is taken off the list has no invitation any more
		case takes(r):
			return 2
		}
		return 1
	}
	list := slices.Clone(g.routes)
	slices.SortStableFunc(list, func(a, b site.Route) int { return rank(a) - rank(b) })
	return list
}

// takes reports whether a form, once accepted, leaves nothing to do for the
// next person.
func takes(r site.Route) bool {
	last := r.Path[strings.LastIndex(r.Path, "/"):]
	return r.Method == http.MethodPost && slices.Contains([]string{"/elimina", "/ritira", "/togli", "/annulla", "/disdici"}, last)
}

func (g *guard) walk(route site.Route, r row, published bool) {
	g.t.Helper()
	may := r.before
	if published {
		may = r.after
	}
	taken := false
	who := everybody
	if r.byLink() { // it asks nobody's role
		who = []string{nobody, participant, promoter}
	}
	for _, who := range who {
		res := g.follow(route, who)
		name := fmt.Sprintf("%s %s as %s", route.Method, route.Path, who)
		switch {
		case r.byLink(), slices.Contains(may, who):
			if !taken || res.Code != http.StatusNotFound {
				g.permitted(name, res)
			}
			taken = takes(route)
		default:
			g.refused(name, res, refusal(route, who, published))
		}
	}
}

func (g *guard) refused(name string, res *httptest.ResponseRecorder, want int) {
	g.t.Helper()
	if res.Code != want {
		g.t.Errorf("%s: status %d, want the refusal %d", name, res.Code, want)
	} else if where := res.Header().Get("Location"); want == http.StatusSeeOther && !strings.HasPrefix(where, "/accedi?") {
		g.t.Errorf("%s: leads to %s, want the way to sign in", name, where)
	}
}

func what(res *httptest.ResponseRecorder) string {
	s := res.Body.String()
	if i := strings.Index(s, "<h1"); i > 0 {
		s = s[i:min(len(s), i+150)]
	}
	return strings.ReplaceAll(s, "\n", " ")
}

// permitted accepts every answer but a refusal: an empty form may be wrong,
// or too early.
func (g *guard) permitted(name string, res *httptest.ResponseRecorder) {
	g.t.Helper()
	switch c := res.Code; {
	case c >= 500, c == http.StatusUnauthorized, c == http.StatusForbidden, c == http.StatusNotFound, c == http.StatusTooManyRequests,
		c == http.StatusSeeOther && strings.HasPrefix(res.Header().Get("Location"), "/accedi?"):
		g.t.Errorf("%s: status %d, want to be let in: %s", name, c, what(res))
	}
}

// refusal is how somebody is turned away.
func refusal(route site.Route, who string, published bool) int {
	outsider := who == nobody || who == participant || who == otherPromoter
	switch public := strings.HasPrefix(route.Path, "/percorsi/"); {
	case site.ForPrograms(route.Path):
		return http.StatusUnauthorized
	case public: // a draft that does not exist for them
		return http.StatusNotFound
	case who == nobody && route.Method == http.MethodGet:
		return http.StatusSeeOther
	case who == nobody:
		return http.StatusUnauthorized
	case outsider && !published && strings.Contains(route.Path, "/:process"):
		return http.StatusNotFound
	}
	return http.StatusForbidden
}

// inner are the parameters of a path that name something inside a process.
func inner(path string) []string {
	var out []string
	for part := range strings.SplitSeq(path, "/") {
		if strings.HasPrefix(part, ":") && !slices.Contains([]string{":process", ":organisation", ":token", ":lang"}, part) {
			out = append(out, part)
		}
	}
	return out
}

// What belongs to another process does not exist in this one, not even for
// those who may all there: on no route, in no field of a form. Either it is not
// found, or the form is refused before anybody looks, as it is for what exists
// nowhere; and nothing changes in either process.
func TestForeignIdentifiersAreNotFound(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	g.publish()
	before, found := digests(t, g.app.db), 0
	want := func(name string, res, nowhere *httptest.ResponseRecorder) {
		if res.Code == http.StatusNotFound {
			found++
			return
		}
		if res.Code == http.StatusOK || res.Code != nowhere.Code || res.Header().Get("Location") != nowhere.Header().Get("Location") {
			t.Errorf("%s: status %d, want 404, and %d for what exists nowhere: %s", name, res.Code, nowhere.Code, what(res))
		}
	}
	for _, route := range g.routes {
		for _, name := range inner(route.Path) {
			for _, who := range []string{promoter, administrator} {
				want(fmt.Sprintf("%s %s with a foreign %s as %s", route.Method, route.Path, name, who), g.follow(route, who, name), g.nowhere(route, who, name))
			}
		}
		if begin, _, ok := strings.Cut(route.Path, ":token"); ok {
			for other, token := range g.own.tokens {
				if other == begin {
					continue
				}
				path := strings.Replace(route.Path, ":token", token, 1)
				form := url.Values{"csrf": {g.app.core.Links().Sign("csrf", "token:"+token)}}
				want(fmt.Sprintf("%s %s with a link of %s", route.Method, route.Path, other), g.ask(request{method: route.Method, path: g.fill(path), form: form, who: nobody}), httptest.NewRecorder())
			}
		}
	}
	for path, fields := range map[string]map[string]string{
		"/gestione/:process/avanza":                              {"activity": g.foreign.activities["webinar"].PublicID, "transition": "open", "revision": "1"},
		"/gestione/:process/proroga":                             {"activity": g.foreign.activities["webinar"].PublicID, "end": "2030-01-01", "reason": "Perché sì", "revision": "1"},
		"/gestione/:process/webinar/:activity/iscrizioni/togli":  {"registration": g.foreign.inner["webinar:registration"]},
		"/gestione/:process/webinar/:activity/materiali/togli":   {"material": g.foreign.inner["webinar:material"]},
		"/gestione/:process/assembly/:activity/iscrizioni/togli": {"registration": g.foreign.inner["assembly:registration"]},
		"/gestione/:process/codesign/:activity/presenze":         {"meeting": g.foreign.inner["codesign:meeting"], "present": "1"},
	} {
		form := g.stamped(path, administrator)
		for name, value := range fields {
			form.Set(name, value)
		}
		send := func() *httptest.ResponseRecorder {
			return g.ask(request{method: http.MethodPost, path: g.fill(path), form: form, who: administrator})
		}
		res := send()
		for name, value := range fields {
			if value == g.foreign.inner[name] || len(value) < 8 {
				form.Set(name, "987654321")
			}
		}
		want("POST "+path+" with a foreign field", res, send())
	}
	if found < 250 {
		t.Errorf("%d times not found: this proves little", found)
	}
	for name, sum := range digests(t, g.app.db) {
		if sum != before[name] {
			t.Errorf("%s changed", name)
		}
	}
}

// nowhere follows a route with an identifier that no process has.
func (g *guard) nowhere(route site.Route, who, name string) *httptest.ResponseRecorder {
	path := strings.Replace(route.Path, name, "987654321", 1)
	if name == ":item" || name == ":section" || name == ":code" {
		path = strings.Replace(route.Path, name, "nessuna", 1)
	}
	return g.ask(request{method: route.Method, path: g.fill(path), form: g.stamped(route.Path, who), who: who})
}

// An outsider cannot tell a process that is not published from one that does
// not exist: every route answers the same, to the letter.
func TestDraftsDoNotExistForOutsiders(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	slug := g.own.process.Slug
	nothing := strings.Repeat("x", len(slug))
	for _, route := range g.routes {
		if !strings.Contains(route.Path, "/:process") {
			continue
		}
		path := g.fill(route.Path)
		for _, who := range []string{nobody, participant, otherPromoter} {
			answer := func(path string) string {
				res := g.ask(request{method: route.Method, path: path, form: g.stamped(route.Path, who), who: who})
				id := res.Header().Get("X-Request-Id")
				return strings.NewReplacer(nothing, slug, id, "").Replace(fmt.Sprint(res.Code, res.Header(), res.Body))
			}
			if draft, none := answer(path), answer(strings.Replace(path, slug, nothing, 1)); draft != none {
				t.Errorf("%s %s as %s: a draft answers\n%.300s\nwhat does not exist\n%.300s", route.Method, route.Path, who, draft, none)
			}
		}
	}
}

// TestRoutesNameWhatTheyAre keeps the frame's own routes few and known.
func TestRoutesNameWhatTheyAre(t *testing.T) {
	t.Parallel()
	if want := []string{"/healthz", "/readyz", "/static/*file"}; !slices.Equal(web.Unguarded, want) {
		t.Errorf("routes outside the policy: %v, want %v", web.Unguarded, want)
	}
}
