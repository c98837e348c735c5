package main

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/web/site"
)

// guard is a whole site in front of two unpublished processes, each with an
// activity of every kind and something of everything in it, and somebody signed
// in for each role on the first.
type guard struct {
	t            *testing.T
	app          *app
	handler      http.Handler
	routes       []site.Route
	own, foreign estate
	people       map[string]visitor
	asked        int
}

// estate is a process with the identifiers of what it holds: activities by
// kind, inner things by the parameter's name, or by kind and name where each
// kind has its own.
type estate struct {
	process    process.Process
	activities map[string]process.Activity
	inner      map[string]string
	tokens     map[string]string // personal links, by the beginning of their path

	organisation string // that leads it
}

type visitor struct {
	actor   process.Actor
	session string
}

// The people of the tests. Nobody is not signed in; a participant is, without
// any role.
const (
	nobody        = "nobody"
	participant   = "participant"
	promoter      = "promoter"
	otherPromoter = "other promoter"
	facilitator   = "facilitator"
	editor        = "editor"
	expert        = "expert"
	guarantor     = "guarantor"
	decider       = "deciding-body"
	administrator = "administrator"
)

var everybody = []string{nobody, participant, promoter, otherPromoter, facilitator, editor, expert, guarantor, decider, administrator}

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
	g := &guard{
		t: t, app: a, handler: server.Handler(), people: map[string]visitor{nobody: {}},
		routes: routes(&site.Site{Core: a.core}),
	}
	if len(g.routes) < 100 {
		t.Fatalf("only %d routes are registered", len(g.routes))
	}
	g.settle()
	return g
}

func (g *guard) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *guard) exec(sql string, args ...any) {
	g.t.Helper()
	_, err := g.app.db.NewRaw(sql, args...).Exec(g.t.Context())
	g.must(err)
}

// insert runs an INSERT … RETURNING id.
func (g *guard) insert(sql string, args ...any) (id int64) {
	g.t.Helper()
	g.must(g.app.db.NewRaw(sql, args...).Scan(g.t.Context(), &id))
	return id
}

// settle makes the organisations, the people and both processes.
func (g *guard) settle() {
	g.t.Helper()
	ctx, now := g.t.Context(), time.Now()
	lead, err := place.FindOrAdd(ctx, g.app.db, place.Organisation{Name: "Comune capofila", Kind: "municipality"}, now)
	g.must(err)
	other, err := place.FindOrAdd(ctx, g.app.db, place.Organisation{Name: "Comune altrove", Kind: "municipality"}, now)
	g.must(err)
	for _, name := range everybody[1:] {
		id, err := process.FindOrAddPerson(ctx, g.app.db, process.Person{
			Email: address(name), Name: name, Administrator: name == administrator,
		}, now)
		g.must(err)
		g.people[name] = visitor{actor: process.Actor{Person: id}, session: "session-of-" + name}
	}
	g.must(place.AddPromoter(ctx, g.app.db, lead, g.people[promoter].actor.Person, now))
	g.must(place.AddPromoter(ctx, g.app.db, other, g.people[otherPromoter].actor.Person, now))
	for name, v := range g.people {
		if name == nobody {
			continue
		}
		v.actor, err = process.LoadActor(ctx, g.app.db, v.actor.Person)
		g.must(err)
		g.signIn(v)
		g.people[name] = v
	}
	// The foreign one first: what is made last has other numbers.
	g.foreign = g.build(otherPromoter, other, "altrove")
	g.own = g.build(promoter, lead, "qui")
	g.own.tokens["/accedi/"] = g.app.core.Links().Token(process.Link{Purpose: process.LinkSignIn, Version: 1, Subject: g.insert(
		`INSERT INTO sign_in (person_id, requested_at, expires_at) VALUES (?, now(), now() + interval '1 hour') RETURNING id`,
		g.people[participant].actor.Person)})
	var readers []process.PersonID
	for _, name := range everybody[1:] {
		readers = append(readers, g.people[name].actor.Person)
	}
	g.tell(g.own, readers...)
	g.tell(g.foreign, process.PersonID(g.insert(`SELECT id FROM person WHERE email = 'ada-altrove@example.org'`)))
	for _, role := range []string{process.RoleFacilitator, process.RoleEditor, process.RoleExpert, process.RoleGuarantor, process.RoleDecider} {
		g.must(g.app.core.AddMember(ctx, g.own.process.ID, g.people[promoter].actor, process.Person{Email: address(role)}, role))
	}
}

func address(name string) string { return strings.ReplaceAll(name, " ", ".") + "@example.org" }

// build makes a process with something of everything.
func (g *guard) build(by string, lead process.OrganisationID, word string) estate {
	g.t.Helper()
	ctx, who := g.t.Context(), g.people[by].actor
	e := estate{activities: map[string]process.Activity{}, inner: map[string]string{}, tokens: map[string]string{}}
	var err error
	e.process, err = g.app.core.Create(ctx, who, process.NewProcess{
		Template: "area-path", Title: "Percorso " + word, OrganisationID: lead, StartsOn: today(),
	})
	g.must(err)
	for _, kind := range g.app.core.Kinds().Names() {
		e.activities[kind], err = g.app.core.CreateActivity(ctx, e.process.ID, who, process.NewActivity{Kind: kind, Title: "Attività", Phase: "exploration"})
		g.must(err)
		if kind != "questionnaire" {
			g.furnish(&e, kind, who)
		}
	}
	id, person := e.process.ID, who.Person
	g.exec(`INSERT INTO artefact (process_id, code, title, body, updated_at, published_at) VALUES (?, ?, 'Carta', 'Testo', now(), now())`, id, "carta-"+word)
	e.inner[":code"] = "carta-" + word
	e.inner[":phase"] = "governance-" + word
	g.exec(`INSERT INTO definition_draft (process_id, revision, base_name, base_version, source, updated_by, updated_at)
		SELECT i.process_id, 1, d.name, d.version, replace(d.source, 'governance', ?), ?, now() FROM workflow_instance i
		JOIN workflow_definition d ON (d.name, d.version) = (i.definition, i.version) WHERE i.process_id = ? AND i.activity_id = 0`,
		e.inner[":phase"], person, id)
	e.inner[":event"], e.inner[":hook"] = "end", "gancio-"+word
	g.exec(`INSERT INTO webhook (public_id, organisation_id, created_by, url, events, created_at)
		VALUES (?, ?, ?, 'https://comune.example.org/', '{process.transition}', now())`, e.inner[":hook"], lead, person)
	g.must(g.app.db.NewRaw(`SELECT public_id FROM organisation WHERE id = ?`, lead).Scan(ctx, &e.organisation))
	e.inner[":outcome"] = "esito-" + word
	g.exec(`INSERT INTO outcome (process_id, public_id, kind, title, created_by, created_at) VALUES (?, ?, 'need', 'Bisogno', ?, now())`, id, e.inner[":outcome"], person)
	g.furnishQuestionnaire(&e, word)
	g.furnishFocusGroup(&e, person)
	g.furnishLab(&e, person)
	g.furnishLedger(&e, person)
	follower := int64(g.people[participant].actor.Person)
	g.exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, now())`, id, follower)
	e.inner[":person"] = "persona-" + word
	g.exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, now())`, id,
		g.insert(`INSERT INTO person (public_id, email, name, locale, created_at) VALUES (?, ?, 'Ada Neri', 'it', now()) RETURNING id`,
			e.inner[":person"], "ada-"+word+"@example.org"))
	e.inner[":ref"] = "messaggio-" + word
	g.exec(`INSERT INTO follower (process_id, person_id, requested_at) VALUES (?, ?, now())`, id, follower)
	g.link(&e, "/segui/", process.LinkFollow, follower)
	g.link(&e, "/disiscrivi/", process.LinkUnsubscribe, follower)
	g.link(&e, "/conferma/", process.LinkConfirm, g.insert(`INSERT INTO registration_request (process_id, activity_id, person_id, expires_at)
		VALUES (?, ?, ?, now() + interval '1 day') RETURNING id`, id, e.activities["webinar"].ID, person))
	return e
}

// tell gives people a message each, all of one name.
func (g *guard) tell(e estate, people ...process.PersonID) {
	g.t.Helper()
	n := g.insert(`INSERT INTO notice (process_id, key, kind, audience, payload, due_at, expires_at, created_at, expanded_at)
		VALUES (?, 'policy', 'phase-opened', 'followers', '{}', now(), now() + interval '1 day', now(), now()) RETURNING id`, e.process.ID)
	for _, who := range people {
		g.exec(`WITH d AS (INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts,
				queued_at, due_at, sent_at) VALUES (?0, ?1, ?2, '', '', 'it', 'inbox', 1, 'sent', 1, now(), now(), now()) RETURNING id)
			INSERT INTO inbox_item (process_id, delivery_id, notice_id, person_id, ref, locale, sender, subject, preview, body, at)
			SELECT ?0, id, ?1, ?2, ?3, 'it', 'Percorso', 'Oggetto', '', 'Testo', now() FROM d`, e.process.ID, n, who, e.inner[":ref"])
	}
}

func (g *guard) link(e *estate, path string, purpose process.Purpose, subject int64) {
	e.tokens[path] = g.app.core.Links().Token(process.Link{Purpose: purpose, Process: e.process.ID, Subject: subject, Version: 1})
}

// furnish gives an activity two meetings, a registration and a material. A
// meeting of some kinds is named by its number, of others by its place in the
// list: the second does for what is elsewhere.
func (g *guard) furnish(e *estate, kind string, who process.Actor) {
	g.t.Helper()
	a := e.activities[kind]
	for day := range 2 {
		begins := time.Now().In(e.process.Location()).Add(time.Duration(26+24*day) * time.Hour)
		m, err := meeting.New(g.app.core).Schedule(g.t.Context(), e.process.ID, a.ID, who, meeting.Draft{
			Starts: begins.Format("2006-01-02T15:04"), Ends: begins.Add(time.Hour).Format("2006-01-02T15:04"), Place: "Sala",
			JoinURL: "https://incontri.example.org/" + kind,
		})
		g.must(err)
		e.inner[kind+":meeting"] = strconv.FormatInt(int64(m.ID), 10)
		if kind == "focusgroup" {
			break // has one
		}
	}
	e.inner[kind+":material"] = strconv.FormatInt(g.insert(`INSERT INTO material (process_id, activity_id, kind, title, url, created_at)
		VALUES (?, ?, 'slides', 'Materiale', 'https://example.org/', now()) RETURNING id`, a.ProcessID, a.ID), 10)
	registration := g.insert(`INSERT INTO registration (process_id, activity_id, person_id, status, queued_at, changed_at)
		VALUES (?, ?, ?, 'registered', now(), now()) RETURNING id`, a.ProcessID, a.ID, g.people[participant].actor.Person)
	e.inner[kind+":registration"] = strconv.FormatInt(registration, 10)
	g.link(e, "/r/"+kind+"/", process.LinkRegister, registration)
}

func (g *guard) invitation(a process.Activity) int64 {
	return g.insert(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, now()) RETURNING id`,
		a.ProcessID, a.ID, g.people[participant].actor.Person)
}

func (g *guard) furnishQuestionnaire(e *estate, word string) {
	g.t.Helper()
	a := e.activities["questionnaire"]
	e.inner[":item"], e.inner[":section"] = "domanda_"+word, "sezione_"+word
	definition := `{"title": {"it": "Q", "en": "Q"}, "sections": [{"code": "` + e.inner[":section"] + `", "title": {"it": "S", "en": "S"}, "items": [
		{"code": "` + e.inner[":item"] + `", "type": "number", "text": {"it": "Quanti?", "en": "How many?"}}]}]}`
	g.exec(`UPDATE questionnaire SET definition = ?::jsonb WHERE process_id = ? AND activity_id = ?`, definition, a.ProcessID, a.ID)
	g.link(e, "/i/questionnaire/", process.LinkAnswer, g.invitation(a))
}

func (g *guard) furnishFocusGroup(e *estate, person process.PersonID) {
	g.t.Helper()
	a := e.activities["focusgroup"]
	theme := g.insert(`INSERT INTO focusgroup_theme (process_id, activity_id, position, title) VALUES (?, ?, 1, 'Tema') RETURNING id`, a.ProcessID, a.ID)
	note := g.insert(`INSERT INTO focusgroup_note (process_id, activity_id, theme_id, statement, created_by, created_at, updated_at)
		VALUES (?, ?, ?, 'Detto', ?, now(), now()) RETURNING id`, a.ProcessID, a.ID, theme, person)
	invitation := g.invitation(a)
	e.inner[":note"], e.inner[":invitation"] = strconv.FormatInt(note, 10), strconv.FormatInt(invitation, 10)
	g.link(e, "/i/focusgroup/", process.LinkInvited, invitation)
}

func (g *guard) furnishLab(e *estate, person process.PersonID) {
	g.t.Helper()
	a := e.activities["codesign"]
	table := g.insert(`INSERT INTO codesign_table (process_id, activity_id, position, name) VALUES (?, ?, 1, 'Tavolo') RETURNING id`, a.ProcessID, a.ID)
	card := g.insert(`INSERT INTO codesign_card (process_id, activity_id, kind, title, author_id, created_at)
		VALUES (?, ?, 'idea', 'Scheda', ?, now()) RETURNING id`, a.ProcessID, a.ID, person)
	e.inner[":table"], e.inner[":card"] = strconv.FormatInt(table, 10), strconv.FormatInt(card, 10)
}

func (g *guard) furnishLedger(e *estate, person process.PersonID) {
	g.t.Helper()
	notice := g.insert(`INSERT INTO notice (process_id, key, kind, audience, payload, due_at, expires_at, created_at, expanded_at)
		VALUES (?, 'phase', 'phase-opened', 'promoter', '{}', now(), now() + interval '1 day', now(), now()) RETURNING id`, e.process.ID)
	delivery := g.insert(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at)
		VALUES (?, ?, ?, 'ada@example.org', 'Ada Neri', 'it', 'mail', 1, 'failed', 1, now(), now()) RETURNING id`, e.process.ID, notice, person)
	e.inner[":notice"], e.inner[":delivery"] = strconv.FormatInt(notice, 10), strconv.FormatInt(delivery, 10)
}

// publish makes the own process public, and its gatherings too, as its
// promoter would when nothing lacks any more.
func (g *guard) publish() {
	g.exec(`UPDATE process SET published_at = now() WHERE id = ?`, g.own.process.ID)
	for kind, state := range map[string]string{"webinar": "open", "codesign": "open", "focusgroup": "convened", "assembly": "convened"} {
		g.exec(`UPDATE workflow_instance SET state = ? WHERE process_id = ? AND activity_id = ?`, state, g.own.process.ID, g.own.activities[kind].ID)
	}
}

// signIn opens the session of somebody, again when they have just left.
func (g *guard) signIn(v visitor) {
	g.exec(`INSERT INTO session (token_hash, person_id, created_at, expires_at)
		VALUES (sha256(?::text::bytea), ?, now(), now() + interval '1 hour') ON CONFLICT DO NOTHING`, v.session, v.actor.Person)
}

// kindOf is the kind whose activity a path is about, "" when none.
func (g *guard) kindOf(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		if _, ok := g.own.activities[part]; ok {
			return part
		}
	}
	return ""
}

// value is what stands for a path's parameter.
func (g *guard) value(e estate, path, name string) string {
	kind := g.kindOf(path)
	switch name {
	case ":process":
		return e.process.Slug
	case ":activity":
		return e.activities[cmp.Or(kind, "webinar")].PublicID // any, where the path is about all kinds
	case ":organisation":
		return e.organisation
	case ":lang":
		return "en"
	case ":secret":
		return "a-secret-that-nobody-set"
	case ":token":
		return e.tokens[path[:strings.Index(path, ":token")]]
	case ":meeting":
		// Webinars and assemblies name it by its place in the list.
		if kind == "webinar" || kind == "assembly" {
			return map[bool]string{true: "1", false: "3"}[e.process.ID == g.own.process.ID]
		}
		return e.inner[kind+name]
	case ":material":
		return e.inner[kind+name]
	}
	return e.inner[name]
}

// fill writes a path's parameters; those named in from are the foreign
// process's.
func (g *guard) fill(path string, from ...string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if !strings.HasPrefix(part, ":") {
			continue
		}
		e := g.own
		for _, name := range from {
			if name == part {
				e = g.foreign
			}
		}
		if parts[i] = g.value(e, path, part); parts[i] == "" {
			g.t.Fatalf("nothing real stands for %s of %s", part, path)
		}
	}
	return strings.Join(parts, "/")
}

// request is one request as it goes to the site.
type request struct {
	method, path string
	form         url.Values
	header       map[string]string
	who          string
}

// ask sends a request, each from an address of its own: this is no test of the
// rate limits.
func (g *guard) ask(r request) *httptest.ResponseRecorder {
	g.t.Helper()
	v := g.people[r.who]
	var body io.Reader
	if r.method == http.MethodPost {
		body = strings.NewReader(r.form.Encode())
	}
	req := httptest.NewRequestWithContext(context.Background(), r.method, "http://arengo.test"+r.path, body)
	g.asked++
	req.RemoteAddr = "10." + strconv.Itoa(g.asked>>16) + "." + strconv.Itoa(g.asked>>8&255) + "." + strconv.Itoa(g.asked&255) + ":1000"
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if v.session != "" {
		req.AddCookie(&http.Cookie{Name: "arengo_session", Value: v.session})
	}
	res := httptest.NewRecorder()
	g.handler.ServeHTTP(res, req)
	if v.session != "" && r.method == http.MethodPost && r.path == "/esci" {
		g.signIn(v)
	}
	for name, value := range protection {
		if got := res.Header().Get(name); !strings.HasPrefix(got, value) {
			g.t.Errorf("%s %s as %s: status %d, %s is %q", r.method, r.path, r.who, res.Code, name, got)
		}
	}
	return res
}

// protection is what every answer carries, or begins with.
var protection = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; ", "X-Content-Type-Options": "nosniff",
	"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Permissions-Policy": "accelerometer=(), camera=(), ",
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}

// stamped is a form that names what is on the page, with the token that the
// page of this route would have given this person.
func (g *guard) stamped(path, who string) url.Values {
	form := url.Values{"person": {strconv.FormatInt(int64(g.people[participant].actor.Person), 10)}}
	if kind := g.kindOf(path); kind != "" && kind != "questionnaire" {
		form.Set("meeting", g.value(g.own, path, ":meeting"))
		form.Set("registration", g.own.inner[kind+":registration"])
		form.Set("material", g.own.inner[kind+":material"])
	}
	sign := func(subject string) { form.Set("csrf", g.app.core.Links().Sign("csrf", subject)) }
	if session := g.people[who].session; session != "" {
		sign("session:" + session)
	} else if strings.Contains(path, ":token") {
		sign("token:" + g.value(g.own, path, ":token"))
	}
	return form
}

func (g *guard) follow(route site.Route, who string, from ...string) *httptest.ResponseRecorder {
	g.t.Helper()
	return g.ask(request{method: route.Method, path: g.fill(route.Path, from...), form: g.stamped(route.Path, who), who: who})
}
