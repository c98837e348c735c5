package gate_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/PuerkitoBio/goquery"

	"arengo/process"
	"arengo/process/foresight"
	"arengo/web/page"
	"arengo/web/page/pagetest"
	"arengo/web/site"
	"arengo/web/staff/gate"
	"arengo/web/templates"
	"arengo/workflow"
	"arengo/workflow/definition"
	"arengo/workflow/outlook"
)

func request() *site.Request {
	return &site.Request{Lang: "it", Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Gate: process.Gate{
		Process: process.Process{ID: 1, Slug: "siena", Title: "Siena", Zone: "Europe/Rome"},
	}}
}

func option(t definition.Transition, blockers ...workflow.Blocker) workflow.Option {
	title := definition.Text{"it": "Passa all’" + t.ID, "en": "Move to " + t.ID}
	return workflow.Option{Transition: t, Label: title, To: definition.State{Title: title}, Blockers: blockers}
}

func options() []workflow.Option {
	guards := []definition.Guard{{Code: "results-published"}, {Code: "meeting-scheduled"}, {Code: "unheard-of"}}
	people := []string{"facilitator"}
	return []workflow.Option{
		option(definition.Transition{ID: "meet", By: people, From: []string{"a"}, Requires: guards},
			workflow.Blocker{Code: "results-published", Fix: "results", Explain: definition.Text{"it": "Pubblica i risultati"}},
			workflow.Blocker{Code: "min-term", Explain: definition.Text{"it": "Almeno 21 giorni"}}),
		option(definition.Transition{ID: "write", By: people, From: []string{"a"}, ReasonAsked: true}),
		option(definition.Transition{ID: "hold", By: []string{"timer"}, From: []string{"a"}}),
		option(definition.Transition{ID: "cancel", By: people, From: []string{"*"}, ReasonRequired: true, ReasonAsked: true}),
	}
}

func TestBuildSortsMovesAndLinksRemedies(t *testing.T) {
	t.Parallel()
	v := gate.Build(request(), options(), nil).At(7)
	if len(v.Moves) != 2 || len(v.More) != 1 || len(v.Auto) != 1 || v.Revision != 7 {
		t.Fatalf("%+v", v)
	}
	meet := v.Moves[0]
	if meet.Open || len(meet.Blocks) != 2 || meet.Blocks[0].Action.Href != "/gestione/siena/documenti/results" ||
		meet.Blocks[1].Mark != "wait" || meet.Blocks[1].Action != nil || v.Blocked() != 2 {
		t.Errorf("%+v", meet)
	}
	if !slices.Equal(meet.InOrder, []string{"data fissata"}) {
		t.Errorf("in order: %q", meet.InOrder)
	}
	if write := v.Moves[1]; !write.Open || !write.Primary || write.Reason == nil || write.Reason.Required || write.Key == meet.Key {
		t.Errorf("%+v", write)
	}
	if !v.More[0].Reason.Required || v.More[0].Primary {
		t.Errorf("%+v", v.More[0])
	}
	kept, ok := v.Refused("cancel", "Perché sì").Find("cancel")
	if !ok || kept.Reason.Value != "Perché sì" {
		t.Errorf("the reason was lost: %+v", kept)
	}
}

// An early end of a term of law stays the usual way on: it asks for a reason, and says
// what it takes away.
func TestAnEarlyEndSaysWhatItCuts(t *testing.T) {
	t.Parallel()
	for left, want := range map[int64]string{
		0: "La fase finisce oggi, e la fine viene dalla legge: art. 14 (L.R. 46/2013). ", 1: "Manca un giorno alla fine della fase", 19: "Mancano 19 giorni",
	} {
		early := option(definition.Transition{ID: "meet", By: []string{"facilitator"}, From: []string{"a"}})
		early.Cut = &workflow.Cut{Law: &definition.Law{Article: "art. 14", Source: "L.R. 46/2013", Confidence: "V"}, Left: left}
		v := gate.Build(request(), []workflow.Option{early}, nil)
		if len(v.Moves) != 1 || len(v.More) != 0 {
			t.Fatalf("%d left: %+v", left, v)
		}
		if m := v.Moves[0]; m.Rare || !m.Primary || m.Reason == nil || !m.Reason.Required || len(m.Warnings) != 1 || !strings.Contains(m.Warnings[0], want) {
			t.Errorf("%d left: %+v", left, m)
		}
	}
}

func TestFixLeadsSomewhereForEveryWord(t *testing.T) {
	t.Parallel()
	p, a := request().Gate.Process, process.Activity{Kind: "webinar", PublicID: "abc"}
	if len(definition.Fixes) < 20 {
		t.Fatalf("%d fixes", len(definition.Fixes))
	}
	for _, fix := range definition.Fixes {
		if !page.Texts().Has("staff.fix." + fix) {
			t.Errorf("no button for %s", fix)
		}
		for _, href := range []string{gate.Fix(p, nil, fix), gate.Fix(p, &a, fix)} {
			if !strings.HasPrefix(href, "/gestione/siena") || href == "/gestione/siena" {
				t.Errorf("%s leads to %q", fix, href)
			}
		}
	}
	if got := gate.Fix(p, &a, "minutes"); got != "/gestione/siena/webinar/abc#minutes" {
		t.Error(got)
	}
	if got := gate.Fix(p, &a, "settings"); got != "/gestione/siena/webinar/abc#settings" {
		t.Error(got)
	}
	for fix, want := range map[string]string{
		"roles": "/gestione/siena#persone", "phases": "/gestione/siena/fasi", "moves": "/gestione/siena/webinar/abc#avanza",
		"suspension": "/gestione/siena/webinar/abc#proroga", "process-suspension": "/gestione/siena#proroga",
	} {
		if got := gate.Fix(p, &a, fix); got != want {
			t.Errorf("%s leads to %s", fix, got)
		}
	}
	if got := gate.Fix(p, nil, "suspension"); got != "/gestione/siena#proroga" {
		t.Error(got)
	}
	if got := gate.Fix(p, nil, "settings"); got != "/gestione/siena/impostazioni" {
		t.Error(got)
	}
	if got := gate.Fix(p, nil, "deadline"); got != "/gestione/siena/date" {
		t.Error(got)
	}
	at := time.Now()
	p.PublishedAt = &at
	if got := gate.Fix(p, nil, "deadline"); got != "/gestione/siena#proroga" {
		t.Error(got)
	}
	if gate.Fix(p, nil, "") != "" {
		t.Error("no fix is no address")
	}
}

func TestTheTimersMoveIsNoFinalState(t *testing.T) {
	t.Parallel()
	r, all := request(), options()
	due := time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC) // midnight in Rome
	a := process.Activity{Kind: "webinar", PublicID: "abc", DueAt: &due}
	v := gate.Build(r, all[2:3], &a)
	if len(v.Auto) != 1 || !strings.Contains(v.Auto[0], "29 novembre 2026 alle 23:59") || strings.Contains(v.Empty, "finale") {
		t.Errorf("%q, %q", v.Auto, v.Empty)
	}
	back := option(definition.Transition{ID: "reopen", Reopens: true}, workflow.Blocker{Code: definition.BlockRole})
	if v = gate.Build(r, []workflow.Option{back}, &a); !strings.Contains(v.Empty, "solo riaprire") {
		t.Errorf("what somebody else may reopen says %q", v.Empty)
	}
	if v = gate.Build(r, nil, &a); len(v.Auto) != 0 || !strings.Contains(v.Empty, "finale, e non si riapre") {
		t.Errorf("the end: %q, %q", v.Auto, v.Empty)
	}
	if v = gate.Build(r, all[2:3], nil); len(v.Auto) != 1 || !strings.Contains(v.Auto[0], "alla scadenza") {
		t.Errorf("no term: %q", v.Auto)
	}
}

type view struct {
	page.Base
	Moves  gate.View
	Change *gate.Change
}

func TestPartials(t *testing.T) {
	t.Parallel()
	r := request()
	due := time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC) // midnight in Rome
	a := process.Activity{Kind: "webinar", PublicID: "abc", StateRevision: 3}
	x := changeable(t, r, workflow.Instance{DueAt: due, MaxAt: due.AddDate(0, 0, 2), Revision: 3}, false, &a)
	if end := x.Part(gate.Extend).Field("end"); end.Low != "2026-11-30" || end.High != "2026-12-01" || !strings.Contains(end.Hint, "martedì 1° dicembre 2026") {
		t.Errorf("%+v", end)
	}
	source := overlay(t, "test/gate.html", `{{define "content"}}<h1>x</h1>{{template "moves" .Moves}}{{template "change" .Change}}{{end}}`)
	p := view{Base: page.Base{Now: r.Now, CSRF: "token"}, Moves: gate.Build(r, options(), &a), Change: x}
	for _, lang := range page.Languages {
		renderer := pagetest.RendererOf(t, page.Config{Templates: source, Only: []string{"test/gate"}})
		doc := pagetest.Doc(t, renderer, "test/gate", pagetest.WithLang(p, lang))
		pagetest.Check(t, doc)
		form := doc.Find(`form[action="/gestione/siena/avanza"]`)
		if form.Length() != 2 || form.Find(`input[name=csrf]`).Length() != 2 ||
			form.Find(`input[name=activity][value=abc]`).Length() != 2 || form.Find(`input[name=revision][value="3"]`).Length() != 2 {
			t.Errorf("forms: %d", form.Length())
		}
		if doc.Find(".ar-gate").First().Find("li").Length() != 2 || doc.Find("details").FilterFunction(inMoves).Length() != 1 {
			t.Error("reasons or rarer moves are missing")
		}
	}
}

func inMoves(_ int, s *goquery.Selection) bool { return s.Closest("#avanza").Length() > 0 }

const changing = `
workflow: changing
version: 1
title: {it: Prova, en: Trial}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: going
states:
  going:
    title: {it: Si va, en: Going}
    term: {length: 7d, max: 60d, extend: {max: 5d, act: true}, law: {article: art. 14, source: "https://example.org/legge", checked: 2026-03-01, confidence: V}}
    allows: [edit, extend, shorten, hold]
  done: {title: {it: Fatto, en: Done}, final: true}
transitions:
  - {id: end, event: end, from: [going], to: done, by: [promoter], title: {it: Chiudi, en: End}}
`

func changeable(t *testing.T, r *site.Request, i workflow.Instance, promoter bool, a *process.Activity) *gate.Change {
	t.Helper()
	def, err := definition.NewLibrary().Add("changing.yaml", []byte(changing))
	if err != nil {
		t.Fatal(err)
	}
	i.State = "going"
	return gate.BuildChange(r, gate.Subject{Instance: i, Def: def, Promoter: promoter, Papers: []page.Choice{{Value: "act", Label: "Delibera"}}}, a)
}

func TestChangeSaysTheLegalBound(t *testing.T) {
	t.Parallel()
	r := request()
	due := time.Date(2026, 11, 29, 23, 0, 0, 0, time.UTC) // midnight in Rome
	running := workflow.Instance{DueAt: due, FirstDueAt: due, MaxAt: due.AddDate(0, 0, 5), MinAt: due.AddDate(0, 0, -3)}
	c := changeable(t, r, running, true, nil)
	x := c.Part(gate.Extend)
	if x == nil || x.Exception == nil || x.Field("end").High != "" || x.Field("act") == nil || !strings.Contains(x.Field("end").Hint, "4 dicembre 2026 (art. 14)") {
		t.Fatalf("promoter: %+v", x)
	}
	if f := changeable(t, r, running, false, nil).Part(gate.Extend); f.Exception != nil || f.Field("end").High != "2026-12-04" {
		t.Errorf("facilitator: %+v", f)
	}
	if s := c.Part(gate.Shorten); s == nil || s.Field("end").Low != "2026-11-26" || s.Field("end").High != "2026-11-28" {
		t.Errorf("shorter: %+v", s)
	}
	if c.Part(gate.Suspend) == nil || c.Part(gate.Resume) != nil || c.Held != "" {
		t.Errorf("%+v", c)
	}
	further := running
	further.MaxAt = due.AddDate(0, 0, 50)
	if x := changeable(t, r, further, true, nil).Part(gate.Extend); strings.Contains(x.Field("end").Hint+x.Exception.Hint, "art. 14") || strings.Contains(x.Exception.Label, "di legge") || !strings.Contains(x.Field("end").Hint, "modello") {
		t.Errorf("of what the template alone bounds: %+v", x)
	}
	running.HeldAt = r.Now
	if c = changeable(t, r, running, true, nil); len(c.Parts) != 1 || c.Part(gate.Resume) == nil || !strings.Contains(c.Held, "23 novembre 2026") {
		t.Errorf("held: %+v", c)
	}
}

// A phase that neither moves nor rests says why, with the article, and offers no
// form; an activity says nothing.
func TestFixedPhaseSaysWhy(t *testing.T) {
	t.Parallel()
	law := `law: {article: art. 14, source: "https://example.org/legge", checked: 2026-03-01, confidence: V}`
	for _, c := range []struct{ name, term, want string }{
		{"law", "length: 7d, " + law, "della legge (art. 14): non si proroga"},
		{"to be verified", "length: 7d, " + strings.NewReplacer(", checked: 2026-03-01", "", "confidence: V", "confidence: R").Replace(law), "(art. 14, da verificare)"},
		{"template", "length: 7d", "del modello"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i := strings.Index(changing, "    term: ")
			source := changing[:i] + "    term: {" + c.term + "}\n    allows: [edit]\n" + changing[strings.Index(changing, "  done: "):]
			def, err := definition.NewLibrary().Add("changing.yaml", []byte(source))
			if err != nil {
				t.Fatal(err)
			}
			r := request()
			s := gate.Subject{Def: def, Promoter: true, Instance: workflow.Instance{State: "going", DueAt: r.Now.AddDate(0, 0, 3)}}
			if got := gate.BuildChange(r, s, nil); got == nil || !strings.Contains(got.Note, c.want) || len(got.Parts) != 0 || got.Due == nil {
				t.Errorf("%+v", got)
			}
			if got := gate.BuildChange(r, s, &process.Activity{}); got != nil {
				t.Errorf("an activity: %+v", got)
			}
			s.Instance.DueAt = time.Time{}
			if got := gate.BuildChange(r, s, nil); got != nil {
				t.Errorf("without end: %+v", got)
			}
		})
	}
}

const called = `
workflow: called
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter]
dates: [{code: evaluation-day, title: {it: Valutazione dell’Autorità, en: Evaluation}, law: {article: "art. 14, comma 3", source: "L.R. 46/2013", checked: 2026-11-23, confidence: V}}]
initial: apply
states:
  apply: {title: {it: Domanda, en: Application}, term: {length: 10d}, allows: [extend]}
  evaluation: {title: {it: Esame, en: Evaluation}, term: {until: "date:evaluation-day"}}
  done: {title: {it: Fatto, en: Done}, final: true}
transitions:
  - {id: file, event: file, from: [apply], to: evaluation, by: [promoter]}
  - {id: end, event: end, from: [evaluation], to: done, by: [promoter]}
`

// A phase that an act leaves without a day is warned of by its name, with the law that
// its date is from; one whose end only moves is not.
func TestAPhaseLeftWithoutADay(t *testing.T) {
	t.Parallel()
	def, err := definition.NewLibrary().Add("called.yaml", []byte(called))
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2027, 1, 31, 23, 0, 0, 0, time.UTC)
	st, _ := def.State("evaluation")
	x := workflow.Date{Move: workflow.Move{Name: "evaluation", Old: end, New: end}, Title: st.Title}
	if got := gate.Never(request(), def, []workflow.Date{x}); len(got) != 0 {
		t.Errorf("of one that has days: %q", got)
	}
	x.Never = &workflow.PlannedPhase{State: "evaluation", Start: end.AddDate(0, 0, 15), End: end, Source: outlook.SourceAnchor}
	got := gate.Never(request(), def, []workflow.Date{x})
	if len(got) != 1 || !strings.Contains(got[0], "“Esame” non ha più giorni: deve finire domenica 31 gennaio 2027, e comincerebbe martedì 16 febbraio 2027") ||
		!strings.Contains(got[0], "art. 14, comma 3") {
		t.Errorf("%q", got)
	}
}

// overlay is the embedded templates with one page more.
func overlay(t *testing.T, name, text string) fs.FS {
	t.Helper()
	out := fstest.MapFS{name: {Data: []byte(text)}}
	for _, pattern := range []string{"*.html", "partial/*.html"} {
		files, err := fs.Glob(templates.FS, pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no templates", err)
		}
		for _, file := range files {
			data, err := fs.ReadFile(templates.FS, file)
			if err != nil {
				t.Fatal(err)
			}
			out[file] = &fstest.MapFile{Data: data}
		}
	}
	return out
}

// What asks again for an end that nobody knows is called as the first question.
func TestDeadlineOfAnUnknownEnd(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"end-unknown.2": "Avviso che la fine non si sa", "escalation.2": "Avviso di ritardo"} {
		if got := gate.Deadline("it", name, nil); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// What the phase that a move leaves has not is said in one sentence before the move, in
// the words of the page of activities and of that of documents.
func TestAMoveSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	lacks := []foresight.Lack{
		{Kind: "assembly", Missing: 1},
		{Kind: "webinar", Missing: 2},
		{Document: definition.Text{"it": "Verbali", "en": "Minutes"}},
		{Document: definition.Text{"it": "Dossier", "en": "Dossier"}, Written: true},
	}
	for lang, want := range map[string]string{
		"it": "A questa fase manca ancora: Assemblea pubblica (ne manca 1), Webinar (ne mancano 2), “Verbali” (da scrivere), “Dossier” (da pubblicare). Nulla ferma il passaggio: controlla che vada bene così.",
		"en": "This phase still lacks: Public assembly (1 missing), Webinar (2 missing), “Minutes” (to write), “Dossier” (to publish). Nothing stops the move: make sure that this is all right.",
	} {
		view := gate.View{Moves: []gate.Move{{Transition: "on", Open: true}, {Transition: "shut"}}}.
			Foreseen(&site.Request{Lang: lang}, map[string]foresight.Outlook{"on": {Lacks: lacks}, "shut": {Lacks: lacks}})
		if got := view.Moves[0].Warnings; len(got) != 1 || got[0] != want || view.Moves[1].Warnings != nil {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
