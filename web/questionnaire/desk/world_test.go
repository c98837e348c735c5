package desk_test

import (
	"net/url"
	"os"
	"testing"

	"arengo/process"
	"arengo/process/meeting/meetingtest"
	domain "arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	"arengo/web/questionnaire/desk"
	"arengo/web/site"
	"arengo/web/staff"
	"arengo/web/webtest"
)

// pages are the templates of this package.
const pages = "questionnaire/activity questionnaire/builder questionnaire/people questionnaire/public questionnaire/remind questionnaire/results staff/change staff/reopen"

// world is the staff's pages over a process with one questionnaire, with the
// twenty questions of the area. The browser is the promoter's.
type world struct {
	*meetingtest.World
	*webtest.Site
	*webtest.Browser

	service  *domain.Service
	roster   *roster.Service
	activity process.Activity
	people   []process.PersonID
	root     string
	public   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, domain.Kind{})}
	w.service, w.roster = domain.New(w.Core), roster.New(w.Core)
	w.activity = w.Activity(desk.Kind)
	w.Publish()
	w.root = "/gestione/" + w.Process.Slug + "/questionnaire/" + w.activity.PublicID
	w.public = "/percorsi/" + w.Process.Slug + "/questionnaire/" + w.activity.PublicID
	w.define(area(t))
	w.Site = webtest.Serve(w.World.World, pages, staff.Routes, func(s *site.Site) []site.Route { return desk.Routes(s, domain.New(w.Core)) })
	w.Browser = w.SignedIn(w.Promoter)
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
	token := w.Core.Links().Token(process.Link{Purpose: process.LinkAnswer, Process: w.Process.ID, Subject: id, Version: 1})
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

// look opens a page for everybody, in the language of the promoter.
func (w *world) look(path string) *webtest.Answer {
	w.T.Helper()
	v := w.Visitor()
	v.Lang = w.Lang
	return v.Get(path)
}

// fields is what the first form with this action would send as it stands.
func fields(a *webtest.Answer, action string) url.Values {
	return webtest.Values(a.Form(`form[action="` + action + `"]`))
}

// stored is an item of the working copy; nil when there is none.
func (w *world) stored(code string) *form.Item {
	w.T.Helper()
	d := w.load().Definition
	return d.Item(code)
}
