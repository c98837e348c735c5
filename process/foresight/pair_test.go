package foresight_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/foresight"
	"arengo/process/meeting"
	"arengo/process/questionnaire"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow"
)

// path has a phase that listens for ten days and closes questionnaires when it
// is over, after a week of preparation.
const path = `
workflow: asked-path
version: 1
title: {it: Percorso, en: Process}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: preparation
states:
  preparation: {title: {it: Preparazione, en: Preparation}, term: {length: 7d}, allows: [edit, extend]}
  listening:
    title: {it: Ascolto, en: Listening}
    term: {length: 10d, max: 30d}
    allows: [edit, extend]
    on_enter: [{open: {kind: questionnaire}}]
  analysis:
    title: {it: Analisi, en: Analysis}
    on_enter: [{close: {kind: questionnaire}}]
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: listen, event: listen, from: [preparation], to: listening, by: [promoter], title: {it: Ascolta, en: Listen}}
  - {id: analyse, event: analyse, from: [listening], to: analysis, by: [promoter], title: {it: Analizza, en: Analyse}}
  - {id: end, event: end, from: [analysis], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

const questions = `
title: {it: Prova, en: Trial}
sections:
  - code: one
    title: {it: Uno, en: One}
    items:
      - {code: more, type: long_text, text: {it: Altro?, en: Anything else?}, max: 50}
`

// world is a process in preparation, begun on Monday 9 March 2026, with a ready
// questionnaire of its second phase, planned from the 16th to the 25th, and
// three people invited to it.
type world struct {
	*worldtest.World
	foresight *foresight.Service
	asks      *questionnaire.Service
	activity  process.Activity
}

func newWorld(t *testing.T, last string) *world {
	t.Helper()
	return newWorldOn(t, path, last)
}

// newWorldOn is newWorld with a path of its own.
func newWorldOn(t *testing.T, path, last string) *world {
	t.Helper()
	w := &world{World: worldtest.Build(t, worldtest.Config{
		Template: "asked-path", Path: path, Kinds: []process.Kind{questionnaire.Kind{}, webinar.Kind{}},
	})}
	w.Settle("lucia@comune.example.org", "Lucia Ferri")
	w.foresight, w.asks = foresight.New(w.Core), questionnaire.New(w.Core)
	ctx := t.Context()
	var err error
	w.activity, err = w.Core.CreateActivity(ctx, w.Process.ID, w.Promoter, process.NewActivity{Kind: "questionnaire", Title: "Domande", Phase: "listening"})
	w.Must(err)
	q, err := w.asks.Load(ctx, w.Process.ID, w.activity.ID)
	w.Must(err)
	q.Definition, err = form.ParseYAML([]byte(questions))
	w.Must(err)
	q, err = w.asks.Save(ctx, w.Promoter, q)
	w.Must(err)
	_, err = w.asks.PublishDefinition(ctx, w.Process.ID, w.activity.ID, w.Promoter, q.Revision)
	w.Must(err)
	w.Must(w.asks.SetEnd(ctx, w.Process.ID, w.activity.ID, w.Promoter, last))
	for _, name := range []string{"ada", "bice", "carla"} {
		who := w.Actor(name+"@example.org", name)
		w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, who.Person, w.Start)
	}
	_, err = roster.New(w.Core).Invite(ctx, w.Process.ID, w.activity.ID, w.Promoter, roster.Selection{All: true})
	w.Must(err)
	w.Exec(`INSERT INTO suppression SELECT 'carla@example.org', 'bounced', ?`, w.Start)
	w.Must(w.Advance(w.activity, "prepare", ""))
	return w
}

func (w *world) pair(c foresight.Change) foresight.Pair {
	w.T.Helper()
	pairs, err := w.foresight.Pairs(w.T.Context(), w.Process, c)
	w.Must(err)
	if len(pairs) != 1 {
		w.T.Fatalf("%d pairs", len(pairs))
	}
	return pairs[0]
}

func (w *world) looks(on *process.Activity) map[string]foresight.Outlook {
	w.T.Helper()
	var id process.ActivityID
	if on != nil {
		id = on.ID
	}
	options, err := w.Core.Explain(w.T.Context(), w.Process.ID, id, w.Promoter)
	w.Must(err)
	looks, err := w.foresight.Moves(w.T.Context(), w.Process, on, options, w.Clock.Time())
	w.Must(err)
	return looks
}

// rome is the half-open end of a day of March 2026 before the change of time.
func rome(day int) time.Time { return time.Date(2026, time.March, day, 23, 0, 0, 0, time.UTC) }

// The longest time of a questionnaire, 60 days, counts from the planned opening,
// on the 16th, and not from the day on which somebody chooses its end.
func TestLongestTimeCountsFromThePlannedOpening(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-25")
	w.Must(w.Advance(w.activity, "revise", ""))
	w.Must(w.asks.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, "2026-05-14"))
	err := w.asks.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, "2026-05-16")
	if e, ok := fault.As(err); !ok || e.Key != "answer.end_beyond" {
		t.Errorf("got %v", err)
	}
}

func TestPairBeforeThePhaseBegins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-25")
	if p := w.pair(foresight.Change{}); p.Clash() || !p.Coming || !p.Closed || !p.End.Equal(rome(25)) || !p.Until.Equal(rome(25)) {
		t.Errorf("%+v", p)
	}
	for day, late := range map[string]bool{"2026-03-15": false, "2026-03-26": true} {
		w.Must(w.Advance(w.activity, "revise", ""))
		w.Must(w.asks.SetEnd(t.Context(), w.Process.ID, w.activity.ID, w.Promoter, day))
		w.Must(w.Advance(w.activity, "prepare", ""))
		if p := w.pair(foresight.Change{}); p.Late() != late || p.Early() == late {
			t.Errorf("%s: %+v", day, p)
		}
	}
}

// What is open already, in a phase to come, is early for nobody.
func TestWhatIsOpenIsNotEarly(t *testing.T) {
	t.Parallel()
	now := rome(10)
	p := foresight.Pair{Coming: true, From: rome(25), End: rome(20)}
	if p.Activity.DueAt = &now; p.Early() || p.Clash() {
		t.Error("early though it is open")
	}
	if p.Activity.DueAt = nil; !p.Early() {
		t.Error("not early though it is closed before its phase begins")
	}
}

// A launch ahead of the plan brings the end of the phase before the end of its
// questionnaire, which stays where it is.
func TestEarlyLaunchIsForeseen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-25")
	look := w.looks(nil)["listen"]
	if !look.Ends.Equal(rome(19)) || !look.Planned.Equal(rome(25)) || len(look.Pairs) != 1 || !look.Pairs[0].Late() || !look.Pairs[0].Closed {
		t.Fatalf("%+v", look)
	}
	// Three are invited, and one address takes no mail.
	if o := look.Opens; len(o) != 1 || o[0].Activity.ID != w.activity.ID || !o[0].Tells || o[0].Told != 2 || !exchanges(o[0].Dates, "+end") {
		t.Errorf("opens %+v", o)
	}
	w.Must(w.Advance(process.Activity{}, "listen", ""))
	w.At(w.Start.Add(time.Minute))
	if n := w.Deliveries(w.activity, "invitation"); n != 2 {
		t.Errorf("%d invitations left", n)
	}
	if o := w.looks(nil)["analyse"].Opens; len(o) != 0 {
		t.Errorf("what is open opens again: %+v", o)
	}
	if p := w.pair(foresight.Change{}); !p.Late() || p.Coming || !p.Until.Equal(look.Ends) {
		t.Errorf("%+v", p)
	}
	if p := w.pair(foresight.Change{End: rome(26)}); p.Clash() {
		t.Errorf("a longer phase: %+v", p)
	}
	if p := w.pair(foresight.Change{Activity: w.activity.ID, End: rome(18)}); p.Clash() {
		t.Errorf("a shorter questionnaire: %+v", p)
	}
}

// What the gate says beforehand is what happens: whom a phase's move shuts out,
// and who is told, as by an early close.
func TestMoveThatClosesTellsAsAnEarlyClose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-25")
	w.Must(w.Advance(process.Activity{}, "listen", ""))
	w.Exec(`UPDATE invitation SET drafted_at = ? WHERE process_id = ? AND id = (SELECT min(id) FROM invitation WHERE process_id = ?)`,
		w.Start, w.Process.ID, w.Process.ID)
	look := w.looks(nil)["analyse"]
	if len(look.Closes) != 1 {
		t.Fatalf("%+v", look)
	}
	a, err := w.Core.LoadActivity(t.Context(), w.DB, w.Process.ID, w.activity.ID)
	w.Must(err)
	own := w.looks(&a)
	for name, c := range map[string]foresight.Closing{"phase": look.Closes[0], "own": own["close-early"].Closes[0]} {
		if !c.Answers || !c.Early || c.Unsent != 3 || c.Drafts != 1 || c.Told != 2 || c.Grace.IsZero() || name == "phase" && !exchanges(c.Dates, "-end", "+end") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if c := own["cancel"].Closes[0]; c.Told != 2 || !c.Grace.IsZero() {
		t.Errorf("cancelled: %+v", c)
	}
	w.Must(w.Advance(process.Activity{}, "analyse", ""))
	w.At(w.Start.Add(time.Minute))
	if got := w.State(w.activity); got != "closing" {
		t.Errorf("state %s", got)
	}
	if n := w.Deliveries(w.activity, "closed-early"); n != 2 {
		t.Errorf("%d are told", n)
	}
	var by string
	w.One(&by, `SELECT payload->'extra'->>'closed_by' FROM notice WHERE process_id = ? AND kind = 'closed-early'`, w.Process.ID)
	if by != "phase" {
		t.Errorf("closed by %q", by)
	}
}

// At the questionnaire's own end the phase closes it without a word: the date
// was kept.
func TestMoveAtTheEndTellsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "2026-03-19")
	w.Must(w.Advance(process.Activity{}, "listen", ""))
	w.Clock.Set(rome(19))
	if look := w.looks(nil)["analyse"]; len(look.Closes) != 1 || look.Closes[0].Early || look.Closes[0].Told != 0 {
		t.Errorf("%+v", look)
	}
	w.Must(w.Advance(process.Activity{}, "analyse", ""))
	if n := w.Notices(w.activity, "closed-early"); n != 0 || w.State(w.activity) != "closing" {
		t.Errorf("%d notices, state %s", n, w.State(w.activity))
	}
}

// A move that ends the process closes what is open, whatever the definition says,
// and says what it cannot close.
func TestTheEndIsForeseen(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, strings.NewReplacer("[{close: {kind: questionnaire}}]", "[]").Replace(path), "2026-04-25")
	w.Must(w.Advance(process.Activity{}, "listen", ""))
	evening := w.NewActivity("webinar", "listening", "Serata")
	_, err := meeting.New(w.Core).Schedule(t.Context(), w.Process.ID, evening.ID, w.Promoter, meeting.Draft{
		Title: "Serata", Starts: "2026-04-20T18:00", Ends: "2026-04-20T19:30", JoinURL: "https://video.example.org/abc",
	})
	w.Must(err)
	w.Must(w.Advance(evening, "open", ""))
	w.Must(w.Advance(process.Activity{}, "analyse", ""))
	look := w.looks(nil)["end"]
	if len(look.Closes) != 1 || !look.Closes[0].Early || look.Closes[0].Told != 2 || len(look.Stays) != 1 || look.Stays[0].ID != evening.ID {
		t.Fatalf("%+v", look)
	}
	w.Must(w.Advance(process.Activity{}, "end", ""))
	w.At(w.Start.Add(time.Minute))
	if w.State(w.activity) != "closing" || w.Deliveries(w.activity, "closed-early") != 2 || w.State(evening) != "open" {
		t.Errorf("%s, %s", w.State(w.activity), w.State(evening))
	}
}

// exchanges reports that among dates are all of these, as dropped or set.
func exchanges(dates []workflow.Date, names ...string) bool {
	seen := map[string]bool{}
	for _, d := range dates {
		seen["-"+d.Name] = seen["-"+d.Name] || d.New.IsZero()
		seen["+"+d.Name] = seen["+"+d.Name] || d.Old.IsZero()
	}
	for _, name := range names {
		if !seen[name] {
			return false
		}
	}
	return true
}
