package setup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"
	"github.com/uptrace/bun"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/assembly"
	"arengo/process/message"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/process/webinar"
	"arengo/web/page/pagetest"
	"arengo/web/setup"
	"arengo/web/site"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

// world is the pages of this package over a database of its own, with the
// shipped template and territories, and three people: a promoter of Siena, a
// second one, and somebody who has nothing to do with it.
type world struct {
	t      *testing.T
	core   *process.Service
	engine *gin.Engine
	lucia  *browser
	marco  *browser
	nobody *browser
	siena  string // public identifier of the organisation
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	library := definition.NewLibrary("webinar", "assembly", "questionnaire", "focusgroup", "codesign")
	kinds := process.NewKinds(webinar.Kind{}, assembly.Kind{})
	for _, k := range []process.Kind{webinar.Kind{}, assembly.Kind{}} {
		_, err := library.Add(k.Name()+".yaml", k.Workflow())
		w.must(err)
	}
	source, err := fixtures.Template("area-path")
	w.must(err)
	_, err = library.Add("area-path.yaml", source)
	w.must(err)
	links, err := process.NewLinks(strings.Repeat("s", 32))
	w.must(err)
	w.core = process.New(process.Config{
		DB: processtest.Database(t), Definitions: library, Clock: processtest.NewClock(monday), Kinds: kinds, Links: links,
		BaseURL: "https://arengo.example.org", Source: message.New, Log: slog.New(slog.DiscardHandler),
	})
	w.places()
	s := &site.Site{
		Core: w.core, Accounts: account.New(w.core), Renderer: pagetest.Renderer(t, pages...), Limits: site.NewLimits(),
		Log: slog.New(slog.DiscardHandler),
	}
	gin.SetMode(gin.ReleaseMode)
	w.engine = gin.New()
	w.engine.Use(site.Identify)
	w.must(s.Mount(w.engine, setup.Routes(s)))
	w.lucia, w.marco, w.nobody = w.signIn("lucia@siena.example.org", true), w.signIn("marco@siena.example.org", true), w.signIn("altro@example.org", false)
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// places loads the municipalities of the province of Siena and its capital.
func (w *world) places() {
	w.t.Helper()
	all, err := fixtures.Territories()
	w.must(err)
	zones := map[fixtures.TerritoryRef]string{}
	var list []place.Territory
	var parents []string
	for _, t := range all {
		if t.Kind == "zone" {
			zones[t.Ref()] = t.Name
			continue
		}
		_, parent := t.Parent.Split()
		scheme := strings.Replace(t.Scheme, "iso", "istat", 1)
		list = append(list, place.Territory{Scheme: scheme, Code: t.Code, Kind: t.Kind, Name: t.Name, Zone: zones[t.Zone], Population: int64(t.Population)})
		parents = append(parents, parent)
	}
	w.must(w.core.InTx(w.t.Context(), func(ctx context.Context, tx bun.Tx) error {
		return place.AddTerritories(ctx, tx, list, parents)
	}))
	var siena process.TerritoryID
	w.one(&siena, `SELECT id FROM territory WHERE code = '052032'`)
	_, err = place.FindOrAdd(w.t.Context(), w.core.DB(), place.Organisation{Name: "Comune di Siena", Kind: "municipality", Territory: siena}, monday)
	w.must(err)
	w.one(&w.siena, `SELECT public_id FROM organisation WHERE name = 'Comune di Siena'`)
}

func (w *world) one(dest any, sql string, args ...any) {
	w.t.Helper()
	w.must(w.core.DB().NewRaw(sql, args...).Scan(w.t.Context(), dest))
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.core.DB().NewRaw(sql, args...).Exec(w.t.Context())
	w.must(err)
}

func (w *world) signIn(email string, promoter bool) *browser {
	w.t.Helper()
	who, err := process.FindOrAddPerson(w.t.Context(), w.core.DB(), process.Person{Email: email, Name: "P " + email, Locale: "it"}, monday)
	w.must(err)
	if promoter {
		var org process.OrganisationID
		w.one(&org, `SELECT id FROM organisation WHERE name = 'Comune di Siena'`)
		w.must(place.AddPromoter(w.t.Context(), w.core.DB(), org, who, monday))
	}
	sum := sha256.Sum256([]byte(email))
	w.exec(`INSERT INTO session (token_hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?)`, sum[:], who, monday, monday.AddDate(0, 0, 7))
	actor, err := process.LoadActor(w.t.Context(), w.core.DB(), who)
	w.must(err)
	return &browser{w: w, session: email, actor: actor}
}

// draft makes a process through the domain and gives it.
func (w *world) draft() process.Process {
	w.t.Helper()
	var org process.OrganisationID
	w.one(&org, `SELECT id FROM organisation WHERE name = 'Comune di Siena'`)
	p, err := w.core.Create(w.t.Context(), w.lucia.actor, process.NewProcess{
		Template: "area-path", Title: "Area senese", OrganisationID: org, StartsOn: civil.Date{Year: 2027, Month: 1, Day: 11},
	})
	w.must(err)
	return p
}

func (w *world) reload(p process.Process) process.Process {
	w.t.Helper()
	p, err := w.core.LoadProcess(w.t.Context(), w.core.DB(), p.ID)
	w.must(err)
	return p
}

// browser is somebody at the pages, without scripts.
type browser struct {
	w       *world
	session string
	lang    string // of the cookie, "" for none
	actor   process.Actor
}

// answer is a page as it came.
type answer struct {
	*goquery.Document
	status int
	path   string // of the page, after redirects
	body   string
}

func (b *browser) do(req *http.Request, path string) answer {
	b.w.t.Helper()
	req.AddCookie(&http.Cookie{Name: "arengo_session", Value: b.session})
	if b.lang != "" {
		req.AddCookie(&http.Cookie{Name: "arengo_lang", Value: b.lang})
	}
	rec := httptest.NewRecorder()
	b.w.engine.ServeHTTP(rec, req.WithContext(b.w.t.Context()))
	if to := rec.Header().Get("Location"); to != "" {
		return answer{status: rec.Code, path: to}
	}
	body := rec.Body.String()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	b.w.must(err)
	if strings.Contains(rec.Header().Get("Content-Type"), "html") {
		pagetest.Check(b.w.t, doc)
		if doc.Find(".ar-preview").Length() > 0 {
			b.w.t.Errorf("%s claims to be a preview: a field of the page hides one of the frame", path)
		}
	}
	return answer{Document: doc, status: rec.Code, path: path, body: body}
}

func (b *browser) get(path string) answer {
	b.w.t.Helper()
	return b.do(httptest.NewRequest(http.MethodGet, path, nil), path)
}

// page is get for a page that must be there.
func (b *browser) page(path string) answer {
	b.w.t.Helper()
	a := b.get(path)
	if a.status != http.StatusOK || a.Document == nil {
		b.w.t.Fatalf("GET %s: %d %s", path, a.status, a.path)
	}
	return a
}

// fill are changes to what a form holds when it is sent; a nil value takes the
// field out.
type fill map[string][]string

// send submits the form of a page that holds a control or button, as a browser
// without scripts would. submit is "name=value" of the button, or "".
func (b *browser) send(from answer, form, submit string, changes fill) answer {
	b.w.t.Helper()
	f := from.Find(form)
	if f.Length() != 1 {
		b.w.t.Fatalf("%s: %d forms match %q", from.path, f.Length(), form)
	}
	values := controls(from, f)
	for name, v := range changes {
		values[name] = v
	}
	if name, value, ok := strings.Cut(submit, "="); ok {
		if f.Find(fmt.Sprintf("button[name=%q][value=%q]", name, value)).Length() == 0 {
			b.w.t.Fatalf("%s: no button %s", from.path, submit)
		}
		values.Set(name, value)
	}
	action := f.AttrOr("action", from.path)
	if f.AttrOr("method", "get") == "get" {
		action, _, _ = strings.Cut(action, "#")
		return b.get(action + "?" + values.Encode())
	}
	req := httptest.NewRequest(http.MethodPost, action, strings.NewReader(values.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req, action)
}

func controls(from answer, f *goquery.Selection) url.Values {
	values := url.Values{}
	all := f.Find("input[name], textarea[name], select[name]")
	if id := f.AttrOr("id", ""); id != "" {
		all = all.AddSelection(from.Find(`[form="` + id + `"][name]`))
	}
	all.Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		_, checked := s.Attr("checked")
		switch kind := s.AttrOr("type", ""); {
		case goquery.NodeName(s) == "textarea":
			values.Add(name, strings.TrimPrefix(s.Text(), "\n"))
		case goquery.NodeName(s) == "select":
			chosen := s.Find("option[selected]")
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			values.Add(name, chosen.AttrOr("value", ""))
		case kind == "file", (kind == "radio" || kind == "checkbox") && !checked:
		default:
			values.Add(name, s.AttrOr("value", ""))
		}
	})
	return values
}

// upload sends a file by the form of a page.
func (b *browser) upload(from answer, name string, data []byte) answer {
	b.w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	f := from.Find("form[enctype]")
	b.w.must(m.WriteField("csrf", f.Find("input[name=csrf]").AttrOr("value", "")))
	part, err := m.CreateFormFile("file", name)
	b.w.must(err)
	_, err = part.Write(data)
	b.w.must(err)
	b.w.must(m.Close())
	action := f.AttrOr("action", "")
	req := httptest.NewRequest(http.MethodPost, action, &body)
	req.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(req, action)
}

// moved requires a redirect and follows it within this package's pages.
func (b *browser) moved(a answer, to string) answer {
	b.w.t.Helper()
	if a.status != http.StatusSeeOther || a.path != to {
		text := ""
		if a.Document != nil {
			text = strings.Join(strings.Fields(a.Find(".ar-errors, main").First().Text()), " ")
		}
		b.w.t.Fatalf("answer is %d %s, want a redirect to %s: %s", a.status, a.path, to, text)
	}
	return b.page(to)
}

// refused requires a form to come back with a status and an error that links
// to a control of the page.
func refused(t *testing.T, a answer, status int, field string) {
	t.Helper()
	if a.status != status || a.Document == nil {
		t.Fatalf("status %d %s, want %d", a.status, a.path, status)
	}
	if !strings.HasPrefix(a.Find("title").Text(), "Errore:") {
		t.Errorf("title %q does not begin with the error", a.Find("title").Text())
	}
	if field == "" {
		return
	}
	if a.Find(`.ar-errors a[href="#`+field+`"]`).Length() == 0 {
		html, _ := a.Find(".ar-errors").Html()
		t.Errorf("no error links to %s: %s", field, html)
	}
	if a.Find(`[id="`+field+`"]`).Length() != 1 {
		t.Errorf("no control %s", field)
	}
}

var pages = []string{
	"setup/choose", "setup/create", "setup/details", "setup/partners", "setup/population", "setup/dates", "setup/people",
	"setup/documents", "setup/document", "setup/contacts", "setup/import", "setup/publish", "setup/activities",
}

// post sends a form that no page offers.
func (b *browser) post(path string, values fill) answer {
	b.w.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values(values).Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req, path)
}
