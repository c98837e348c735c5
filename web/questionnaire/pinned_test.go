package questionnaire_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"arengo/notify"
	"arengo/process"
	"arengo/process/message"
	"arengo/process/questionnaire"
	"arengo/process/worldtest"
	"arengo/web/portal"
	pages "arengo/web/questionnaire"
	"arengo/web/webtest"
	"arengo/workflow/definition"
)

// nextPath is the path that a newer program ships; nothing in it is called as
// it was in the first version.
const nextPath = `
workflow: test-path
version: 2
title: {it: Percorso nuovo, en: New path}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: going
states:
  going: {title: {it: Si va, en: Going}, allows: [edit]}
  done: {title: {it: Fatto, en: Done}, final: true}
transitions:
  - {id: end, event: end, from: [going], to: done, by: [promoter], title: {it: Chiudi, en: End}}
`

// upgrade puts a program in the place of w's, on the same database, that ships
// other versions of everything that runs there.
func (w *world) upgrade() {
	w.T.Helper()
	library := definition.NewLibrary(questionnaire.Kind{}.Name())
	for _, source := range []string{nextPath, strings.Replace(string(questionnaire.Kind{}.Workflow()), "version: 6\n", "version: 7\n", 1)} {
		c, err := library.Add("next.yaml", []byte(source))
		w.Must(err)
		if c.Version != 2 && c.Version != 7 {
			w.T.Fatalf("%s is of version %d", c.Name, c.Version)
		}
	}
	w.World.World.Core = process.New(process.Config{
		DB: w.DB, Definitions: library, Clock: w.Clock, Kinds: w.Core.Kinds(), Links: w.Core.Links(),
		BaseURL: worldtest.BaseURL, Source: message.New, Log: slog.New(slog.DiscardHandler),
	})
	w.Site = webtest.Serve(w.World.World, "", pages.Routes, portal.Routes)
	w.Browser = w.Visitor()
}

// listed asks for the home page, which has the process among those that take
// answers.
func (w *world) listed() {
	w.T.Helper()
	w.Get("/").Is(200).Says(w.Process.Title, "In corso", "Rispondi al questionario")
}

// walk does what people do with a process that began under an older program.
func (w *world) walk() {
	w.T.Helper()
	gate, err := w.Core.Enter(w.T.Context(), w.Process.Slug, process.Actor{}, process.ActProcessView)
	w.Must(err)
	if gate.Process.ID != w.Process.ID || gate.At.Final {
		w.T.Errorf("entered %+v", gate)
	}
	options, err := w.Core.Explain(w.T.Context(), w.Process.ID, 0, w.Promoter)
	w.Must(err)
	if len(options) != 1 {
		w.T.Errorf("moves %+v", options)
	}
	w.want(w.open(w.at("")), 200, "Che legame hai?")
	w.want(w.fill(w.open(w.at("")), one("link", "work")...), 200, "Dove?")
	if w.rows("draft") != 1 {
		w.T.Error("nothing is saved")
	}
	var person int64
	w.One(&person, `SELECT person_id FROM invitation WHERE process_id = ?`, w.Process.ID)
	facts, err := message.New(w.Core).Facts(w.T.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.Process.ID), ActivityID: int64(w.activity.ID), Kind: "invitation", Audience: "invited", Key: "x",
		Payload: json.RawMessage(`{}`), DueAt: w.Clock.Time(),
	}, []int64{person})
	w.Must(err)
	if facts[person].Recipient.Link == "" {
		w.T.Errorf("the mail says %+v", facts[person])
	}
}

// What began under a program that shipped another version goes on, with what
// is asked of all definitions at once as well.
func TestProcessOutlivesItsVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.Publish()
	w.upgrade()
	w.Must(w.Core.Engine().Load(t.Context(), w.DB))
	w.listed()
	w.walk()
	if c, err := w.Core.Definitions().Latest("test-path"); err != nil || c.Version != 2 {
		t.Errorf("something new would begin with %v, %v", c, err)
	}
	second := w.NewProcess("Un percorso nuovo")
	_, inst, err := w.Core.Definition(t.Context(), w.DB, second)
	w.Must(err)
	if inst.Version != 2 {
		t.Errorf("something new began with version %d", inst.Version)
	}
}

// What another program began after this one had started is found when it is met.
func TestVersionPublishedLaterIsMet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	w.Publish()
	w.upgrade()
	w.walk()
	w.listed()
}
