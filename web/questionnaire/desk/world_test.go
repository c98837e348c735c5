package desk_test

import (
	"cmp"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"

	"arengo/process"
	"arengo/process/account"
	"arengo/process/meeting/meetingtest"
	domain "arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	"arengo/web/page/pagetest"
	"arengo/web/questionnaire/desk"
	"arengo/web/site"
)

// pages are the templates of this package.
var pages = []string{
	"questionnaire/activity", "questionnaire/builder", "questionnaire/extend", "questionnaire/people",
	"questionnaire/public", "questionnaire/remind", "questionnaire/results", "site/error",
}

// world is the staff's pages over a process with one questionnaire, with the
// twenty questions of the area.
type world struct {
	*meetingtest.World
	service  *domain.Service
	roster   *roster.Service
	activity process.Activity
	people   []process.PersonID
	engine   *gin.Engine
	root     string
	lang     string // "" is Italian
	public   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, domain.Kind{})}
	w.service, w.roster = domain.New(w.Domain), roster.New(w.Domain)
	w.activity = w.Activity(desk.Kind)
	w.Exec(`UPDATE process SET published_at = ? WHERE id = ?`, meetingtest.Start, w.Process.ID)
	w.root = "/gestione/" + w.Process.Slug + "/questionnaire/" + w.activity.PublicID
	w.public = "/percorsi/" + w.Process.Slug + "/questionnaire/" + w.activity.PublicID
	w.define(area(t))
	s := &site.Site{
		Core: w.Domain, Accounts: account.New(w.Domain), Renderer: pagetest.Renderer(t, pages...), Limits: site.NewLimits(),
		Log: slog.New(slog.DiscardHandler),
	}
	gin.SetMode(gin.ReleaseMode)
	w.engine = gin.New()
	w.engine.Use(site.Identify)
	w.Must(s.Mount(w.engine, desk.Routes(s, domain.New(w.Domain))))
	sum := sha256.Sum256([]byte(w.Promoter.Email))
	w.Exec(`INSERT INTO session (token_hash, person_id, created_at, expires_at) VALUES (?, ?, ?, ?)`,
		sum[:], w.Promoter.Person, meetingtest.Start, meetingtest.Start.AddDate(1, 0, 0))
	return w
}

// area is the questionnaire of twenty questions of package form.
func area(t testing.TB) form.Definition {
	t.Helper()
	data, err := os.ReadFile("../../../process/questionnaire/form/testdata/area.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := form.ParseYAML(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) load() domain.Questionnaire {
	w.T.Helper()
	q, err := w.service.Load(w.T.Context(), w.Process.ID, w.activity.ID)
	w.Must(err)
	return q
}

func (w *world) define(d form.Definition) {
	w.T.Helper()
	q := w.load()
	q.Definition = d
	_, err := w.service.Save(w.T.Context(), w.Promoter, q)
	w.Must(err)
}

// open publishes the questions, invites that many people in three
// municipalities and opens the answering until the end of March 29.
func (w *world) open(people int) {
	w.T.Helper()
	_, err := w.service.PublishDefinition(w.T.Context(), w.Process.ID, w.activity.ID, w.Promoter, w.load().Revision)
	w.Must(err)
	w.Must(w.service.SetEnd(w.T.Context(), w.Process.ID, w.activity.ID, w.Promoter, "2026-03-29"))
	w.people = w.People(people)
	w.Exec(`INSERT INTO territory (scheme, code, kind, name, zone) VALUES ('istat', '052032', 'municipality', 'Siena', 'Siena'),
		('istat', '052009', 'municipality', 'Chiusi', 'Valdichiana'), ('istat', '052015', 'municipality', 'Montepulciano', 'Valdichiana')`)
	for n, p := range w.people {
		code := []string{"052032", "052009", "052015"}[n%3]
		w.Exec(`INSERT INTO contact (process_id, person_id, territory_id, created_at)
			VALUES (?, ?, (SELECT id FROM territory WHERE code = ?), ?)`, w.Process.ID, p, code, meetingtest.Start)
	}
	_, err = w.roster.Invite(w.T.Context(), w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	w.Must(w.Advance(w.activity, "prepare", ""))
	w.Must(w.Advance(w.activity, "open", ""))
}

// answer makes the nth invited person send an answer to every question that
// they see.
func (w *world) answer(n int) {
	w.T.Helper()
	var id int64
	w.Must(w.DB.NewRaw(`SELECT id FROM invitation WHERE process_id = ? AND activity_id = ? AND person_id = ?`,
		w.Process.ID, w.activity.ID, w.people[n]).Scan(w.T.Context(), &id))
	token := w.Domain.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: w.Process.ID, Subject: id, Version: 1})
	f, err := w.service.Form(w.T.Context(), w.Process.ID, w.activity.ID, 0)
	w.Must(err)
	for _, p := range f.Pages() {
		v := "testo di prova"
		switch item := p.Item; {
		case item.Type == form.Note:
			continue
		case item.Type.Choice():
			v = item.Options[n%len(item.Options)].Code
		case item.Type == form.Scale:
			v = []string{"1", "2", "3", "4", "5"}[n%5]
		case item.Type == form.Number:
			v = "12"
		}
		if _, err := w.service.SaveAnswer(w.T.Context(), token, p.Item.Code, url.Values{p.Item.Code: {v}}); err != nil {
			w.T.Fatal(err)
		}
	}
	_, err = w.service.Submit(w.T.Context(), token)
	w.Must(err)
}

// reply is what a browser got.
type reply struct {
	t      testing.TB
	status int
	to     string // of a redirect
	body   string
	doc    *goquery.Document
}

// do sends a request, as the promoter unless who is "".
func (w *world) do(method, path string, values url.Values, who string) reply {
	w.T.Helper()
	var body io.Reader
	if values != nil {
		if who != "" {
			values.Set("csrf", w.Domain.Links().Sign("csrf", "session:"+who))
		}
		body = strings.NewReader(values.Encode())
	}
	req := httptest.NewRequest(method, path, body)
	req.Header.Set("Accept-Language", cmp.Or(w.lang, "it"))
	if values != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != "" {
		req.AddCookie(&http.Cookie{Name: "arengo_session", Value: who})
	}
	rec := httptest.NewRecorder()
	w.engine.ServeHTTP(rec, req)
	out := reply{t: w.T, status: rec.Code, to: rec.Header().Get("Location"), body: rec.Body.String()}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(out.body))
	w.Must(err)
	out.doc = doc
	return out
}

func (w *world) get(path string) reply {
	w.T.Helper()
	return w.do(http.MethodGet, path, nil, w.Promoter.Email)
}

func (w *world) post(path string, values url.Values) reply {
	w.T.Helper()
	return w.do(http.MethodPost, path, values, w.Promoter.Email)
}

func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d instead of %d: %s", r.status, status, strings.Join(strings.Fields(r.doc.Find("main").Text()), " "))
	}
	return r
}

// says checks that the page holds a text, spaces aside.
func (r reply) says(text string) reply {
	r.t.Helper()
	if !strings.Contains(r.plain(), text) {
		r.t.Errorf("the page does not say %q: %s", text, r.plain())
	}
	return r
}

func (r reply) silent(text string) reply {
	r.t.Helper()
	if strings.Contains(r.plain(), text) {
		r.t.Errorf("the page says %q", text)
	}
	return r
}

func (r reply) plain() string {
	return strings.ReplaceAll(strings.Join(strings.Fields(r.doc.Find("main").Text()), " "), "\u00a0", " ")
}

// checked fails on what no page may have.
func (r reply) checked() reply {
	r.t.Helper()
	pagetest.Check(r.t, r.doc)
	return r
}

// fields is what the first form with this action would send as it stands.
func (r reply) fields(action string) url.Values {
	r.t.Helper()
	form := r.doc.Find(`form[action="` + action + `"]`).First()
	if form.Length() == 0 {
		r.t.Fatalf("no form posts to %s", action)
	}
	out := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		_, checked := s.Attr("checked")
		switch kind := s.AttrOr("type", ""); {
		case goquery.NodeName(s) == "textarea":
			out.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			chosen := s.Find("option[selected]").First()
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			out.Add(name, chosen.AttrOr("value", ""))
		case (kind == "checkbox" || kind == "radio") && !checked:
		default:
			out.Add(name, s.AttrOr("value", ""))
		}
	})
	return out
}

// stored is an item of the working copy; nil when there is none.
func (w *world) stored(code string) *form.Item {
	w.T.Helper()
	d := w.load().Definition
	return d.Item(code)
}
