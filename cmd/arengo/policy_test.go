package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/web"
	"arengo/web/site"
	"arengo/workflow/civil"
)

// guard is a whole site in front of one unpublished process with one activity
// of each kind, and somebody signed in for each role.
type guard struct {
	t          *testing.T
	app        *app
	handler    http.Handler
	process    process.Process
	activities map[string]string // by kind: public identifier
	people     map[string]visitor
}

type visitor struct {
	actor   process.Actor
	session string
}

const sentinel = "nobody"

func newGuard(t *testing.T) *guard {
	t.Helper()
	config := Config{
		DatabaseURL: processtest.DatabaseURL(t), RedisURL: processtest.Redis(t), SMTPURL: "smtp://127.0.0.1:9",
		BaseURL: "http://arengo.test", Secrets: []string{strings.Repeat("g", 40)}, MailFrom: "arengo@example.org",
	}
	a, err := newApp(t.Context(), config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.close() })
	server, err := a.web()
	if err != nil {
		t.Fatal(err)
	}
	g := &guard{t: t, app: a, handler: server.Handler(), activities: map[string]string{}, people: map[string]visitor{sentinel: {}}}
	g.settle()
	return g
}

func (g *guard) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

// settle makes the organisation, the people, the process and its activities.
func (g *guard) settle() {
	g.t.Helper()
	ctx := g.t.Context()
	now := time.Now()
	lead, err := place.FindOrAdd(ctx, g.app.db, place.Organisation{Name: "Comune capofila", Kind: "municipality"}, now)
	g.must(err)
	other, err := place.FindOrAdd(ctx, g.app.db, place.Organisation{Name: "Comune altrove", Kind: "municipality"}, now)
	g.must(err)
	for _, name := range []string{"promoter", "other-promoter", "facilitator", "editor", "expert", "participant", "administrator"} {
		g.person(name)
	}
	g.must(place.AddPromoter(ctx, g.app.db, lead, g.people["promoter"].actor.Person, now))
	g.must(place.AddPromoter(ctx, g.app.db, other, g.people["other-promoter"].actor.Person, now))
	for name := range g.people {
		g.reload(name)
	}
	promoter := g.people["promoter"].actor
	g.process, err = g.app.core.Create(ctx, promoter, process.NewProcess{
		Template: "area-path", Title: "Percorso sorvegliato", OrganisationID: lead, StartsOn: civil.DateOf(now, time.UTC),
	})
	g.must(err)
	for _, role := range []string{process.RoleFacilitator, process.RoleEditor, process.RoleExpert} {
		g.must(g.app.core.AddMember(ctx, g.process.ID, promoter, process.Person{Email: role + "@example.org"}, role))
	}
	for _, kind := range g.app.core.Kinds().Names() {
		activity, err := g.app.core.CreateActivity(ctx, g.process.ID, promoter, process.NewActivity{Kind: kind, Title: "Attività", Phase: "exploration"})
		g.must(err)
		g.activities[kind] = activity.PublicID
	}
}

func (g *guard) person(name string) {
	g.t.Helper()
	id, err := process.FindOrAddPerson(g.t.Context(), g.app.db, process.Person{
		Email: name + "@example.org", Name: name, Administrator: name == "administrator",
	}, time.Now())
	g.must(err)
	g.people[name] = visitor{actor: process.Actor{Person: id}, session: "session-of-" + name}
}

// signIn opens the session of somebody, again when they have just left.
func (g *guard) signIn(v visitor) {
	_, err := g.app.db.NewRaw(`INSERT INTO session (token_hash, person_id, created_at, expires_at)
		VALUES (sha256(?::text::bytea), ?, now(), now() + interval '1 hour') ON CONFLICT DO NOTHING`,
		v.session, v.actor.Person).Exec(g.t.Context())
	g.must(err)
}

func (g *guard) reload(name string) {
	v := g.people[name]
	if v.session == "" {
		return
	}
	actor, err := process.LoadActor(g.t.Context(), g.app.db, v.actor.Person)
	g.must(err)
	v.actor = actor
	g.people[name] = v
}

// fill writes a path's parameters.
func (g *guard) fill(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		switch {
		case part == ":process":
			parts[i] = g.process.Slug
		case part == ":activity":
			parts[i] = g.activities[parts[i-1]]
		case strings.HasPrefix(part, ":"):
			parts[i] = "zzz"
		}
	}
	return strings.Join(parts, "/")
}

// ask sends one request as somebody; csrf says whether a form has its token.
func (g *guard) ask(route site.Route, who string, csrf bool) *httptest.ResponseRecorder {
	v := g.people[who]
	form := url.Values{}
	if csrf && v.session != "" {
		form.Set("csrf", g.app.core.Links().Sign("csrf", "session:"+v.session))
	}
	var body io.Reader
	if route.Method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	req := httptest.NewRequestWithContext(context.Background(), route.Method, "http://arengo.test"+g.fill(route.Path), body)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if v.session != "" {
		g.signIn(v)
		req.AddCookie(&http.Cookie{Name: "arengo_session", Value: v.session})
	}
	res := httptest.NewRecorder()
	g.handler.ServeHTTP(res, req)
	return res
}

// wanted is what the policy says about a route for somebody.
func (g *guard) wanted(route site.Route, who string) error {
	g.t.Helper()
	actor := g.people[who].actor
	if strings.Contains(route.Path, "/:process") {
		_, err := g.app.core.Enter(g.t.Context(), g.process.Slug, actor, route.Act)
		return err
	}
	standing, err := g.app.core.Everywhere(g.t.Context(), actor)
	g.must(err)
	return process.Allow(route.Act, standing, process.Situation{Published: true})
}

// TestEveryRouteHasAPolicy walks every registered route as everybody.
func TestEveryRouteHasAPolicy(t *testing.T) {
	t.Parallel()
	g := newGuard(t)
	all := routes(&site.Site{Core: g.app.core})
	if len(all) < 30 {
		t.Fatalf("only %d routes are registered", len(all))
	}
	roles := make([]string, 0, len(g.people))
	for name := range g.people {
		roles = append(roles, name)
	}
	slices.Sort(roles)
	for _, published := range []bool{false, true} {
		if published {
			_, err := g.app.db.NewRaw(`UPDATE process SET published_at = now() WHERE id = ?`, g.process.ID).Exec(t.Context())
			g.must(err)
		}
		for _, route := range all {
			for _, who := range roles {
				g.check(route, who)
			}
		}
	}
}

func (g *guard) check(route site.Route, who string) {
	t := g.t
	name := route.Method + " " + route.Path + " as " + who
	res := g.ask(route, who, true)
	if res.Code >= 500 {
		t.Errorf("%s: status %d", name, res.Code)
		return
	}
	switch route.Access {
	case site.Public:
		if res.Code == http.StatusUnauthorized || res.Code == http.StatusForbidden {
			t.Errorf("%s: status %d on a page for everybody", name, res.Code)
		}
	case site.Bearer:
		if res.Code != http.StatusNotFound && res.Code != http.StatusTooManyRequests && res.Code != http.StatusForbidden {
			t.Errorf("%s: status %d for a forged token", name, res.Code)
		}
	case site.Gated:
		g.checkGated(route, who, name, res)
	default:
		t.Errorf("%s declares no access", name)
	}
}

func (g *guard) checkGated(route site.Route, who, name string, res *httptest.ResponseRecorder) {
	t := g.t
	want := g.wanted(route, who)
	e, refused := fault.As(want)
	switch {
	case want != nil && !refused:
		t.Fatal(want)
	case !refused:
		if res.Code == http.StatusUnauthorized || res.Code == http.StatusForbidden {
			t.Errorf("%s: status %d, but the policy permits it", name, res.Code)
		}
		if route.Method == http.MethodPost && g.people[who].session != "" {
			if bare := g.ask(route, who, false); bare.Code != http.StatusForbidden {
				t.Errorf("%s: status %d without the form's token", name, bare.Code)
			}
		}
	case e.Code == fault.Unauthenticated && route.Method == http.MethodGet:
		if res.Code != http.StatusSeeOther || !strings.HasPrefix(res.Header().Get("Location"), "/accedi?") {
			t.Errorf("%s: status %d, want the way to sign in", name, res.Code)
		}
	default:
		if res.Code != e.Status() {
			t.Errorf("%s: status %d, want %d (%s)", name, res.Code, e.Status(), e.Key)
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
