package codesign_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/codesign"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Three Saturdays; the clocks change between the second and the third.
var sessions = []meeting.Draft{
	{Title: "Dai bisogni alle idee", Starts: "2026-03-14T09:30", Ends: "2026-03-14T15:30", Place: "Biblioteca"},
	{Title: "Dalle idee alle proposte", Starts: "2026-03-21T09:30", Ends: "2026-03-21T15:30", Place: "Biblioteca"},
	{Title: "Scelta", Starts: "2026-04-04T09:30", Ends: "2026-04-04T13:30", Place: "Biblioteca"},
}

var (
	first = time.Date(2026, time.March, 14, 8, 30, 0, 0, time.UTC)
	last  = time.Date(2026, time.April, 4, 11, 30, 0, 0, time.UTC)
)

type world struct {
	*meetingtest.World
	labs   *codesign.Service
	a      process.Activity
	people []process.PersonID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: meetingtest.New(t, codesign.Kind{})}
	w.labs = codesign.New(w.Core)
	w.a = w.Activity("codesign")
	return w
}

// open is a lab with three sessions, two tables and n people.
func open(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(t)
	for _, d := range sessions {
		_, err := w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
		w.Must(err)
	}
	for _, name := range []string{"Muoversi", "Curarsi"} {
		w.Must(w.table(codesign.Table{Name: name}))
	}
	w.Must(w.Advance(w.a, "open", ""))
	w.people = w.People(n)
	for _, p := range w.people {
		_, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, p)
		w.Must(err)
	}
	return w
}

// running is a lab on its first morning, with two cards.
func running(t *testing.T, n int) *world {
	t.Helper()
	w := open(t, n)
	w.At(first)
	w.write(w.people[0], "Autobus la sera")
	w.write(w.people[1], "Ambulatorio")
	return w
}

func (w *world) table(table codesign.Table) error {
	table.ProcessID, table.Activity = w.a.ProcessID, w.a.ID
	return w.labs.SaveTable(w.T.Context(), w.Promoter, table)
}

func (w *world) tables() []codesign.Table {
	w.T.Helper()
	list, err := w.labs.Tables(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	return list
}

func (w *world) card(title string) codesign.Card {
	return codesign.Card{ProcessID: w.a.ProcessID, Activity: w.a.ID, Kind: "proposal", Title: title}
}

func (w *world) write(p process.PersonID, title string) codesign.Card {
	w.T.Helper()
	c, err := w.labs.Write(w.T.Context(), p, w.card(title))
	w.Must(err)
	return c
}

func (w *world) cards() []codesign.Card {
	w.T.Helper()
	list, err := w.labs.Cards(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	return list
}

func (w *world) vote(p process.PersonID, b codesign.Ballot) error {
	return w.labs.Vote(w.T.Context(), w.a.ProcessID, w.a.ID, p, b)
}

// evidence is how what can be cited reads.
func (w *world) evidence() (labels []string) {
	w.T.Helper()
	list, err := codesign.Kind{}.Evidence(w.T.Context(), w.DB, w.a.ProcessID, w.a.ID)
	w.Must(err)
	for _, e := range list {
		labels = append(labels, e.Label)
	}
	return labels
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	if _, problems := definition.Check("workflow.yaml", codesign.Kind{}.Workflow(), nil); len(problems) > 0 {
		t.Error(problems)
	}
}

// TestLife lives a lab through three sessions and a vote, by the clock.
func TestLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blocked(t, w.Advance(w.a, "open", ""), "meeting-scheduled")
	blocked(t, w.Advance(w.a, "open", ""), "tables-ready")
	w = open(t, 4)
	refused(t, err2(w.labs.Write(t.Context(), w.people[0], w.card("Presto"))), fault.Closed, "codesign.closed_propose")
	w.At(first.Add(-24 * time.Hour))
	if n := w.Deliveries(w.a, "meeting-reminder"); n != 4 {
		t.Errorf("%d reminders before the first session, want 4", n)
	}
	w.At(first)
	if s := w.State(w.a); s != "running" {
		t.Fatalf("state %s on the first morning", s)
	}
	w.write(w.people[0], "Autobus la sera")
	blocked(t, w.Advance(w.a, "vote", ""), "cards-written")
	second := w.write(w.people[1], "Ambulatorio")
	refused(t, w.vote(w.people[0], codesign.Ballot{second.ID: 1}), fault.Closed, "codesign.closed_vote")
	for _, day := range []time.Time{first.AddDate(0, 0, 6), time.Date(2026, time.April, 3, 7, 30, 0, 0, time.UTC)} {
		w.At(day)
	}
	if n := w.Deliveries(w.a, "meeting-reminder"); n != 12 {
		t.Errorf("%d reminders in all, want 12: three sessions for four people", n)
	}
	w.At(last)
	if s := w.State(w.a); s != "voting" {
		t.Fatalf("state %s after the last session", s)
	}
	refused(t, err2(w.labs.Write(t.Context(), w.people[0], w.card("Tardi"))), fault.Closed, "codesign.closed_propose")
	w.Must(w.vote(w.people[0], codesign.Ballot{second.ID: 3}))
	blocked(t, w.Advance(w.a, "conclude-early", "Hanno votato tutti"), "min-term")
	closes := time.Date(2026, time.April, 11, 22, 0, 0, 0, time.UTC) // 00:00 of 12 April in Rome
	w.At(closes.Add(-time.Second))
	w.Must(w.vote(w.people[1], codesign.Ballot{second.ID: 1}))
	if got := w.evidence(); !slices.Equal(got, []string{"Autobus la sera", "Ambulatorio"}) {
		t.Errorf("while people vote the evidence says who leads: %q", got)
	}
	o, err := w.labs.Turn(t.Context(), w.Promoter, w.a, second.ID)
	w.Must(err)
	if got := o.Evidence[0].Label; got != "Ambulatorio" {
		t.Errorf("while people vote the outcome says %q", got)
	}
	w.Clock.Set(closes)
	refused(t, w.vote(w.people[2], codesign.Ballot{second.ID: 1}), fault.Closed, "codesign.closed_vote")
	w.At(closes)
	if s := w.State(w.a); s != "concluded" {
		t.Fatalf("state %s after the vote", s)
	}
	list, err := codesign.Kind{}.Evidence(t.Context(), w.DB, w.a.ProcessID, w.a.ID)
	w.Must(err)
	if len(list) != 2 || list[0].Label != "Ambulatorio (4 punti)" || list[0].Ref != second.Ref() {
		t.Errorf("evidence %+v", list)
	}
	counts, err := codesign.Kind{}.Counts(t.Context(), w.DB, w.a.ProcessID, []process.ActivityID{w.a.ID})
	w.Must(err)
	if c := counts[w.a.ID]; c["votes"] != 4 || c["voters"] != 2 || c["cards"] != 2 || c["tables"] != 2 {
		t.Errorf("counts %v", c)
	}
	w.Must(w.Advance(w.a, "reopen", "Il modulo non si apriva"))
	if got := w.evidence(); w.State(w.a) != "voting" || !slices.Equal(got, []string{"Autobus la sera", "Ambulatorio"}) {
		t.Errorf("state %s, and the evidence says %q, when the vote goes on", w.State(w.a), got)
	}
	w.Must(w.vote(w.people[2], codesign.Ballot{second.ID: 1}))
	if n := w.Notices(w.a, "activity-opened"); n != 2 {
		t.Errorf("%d notices that it opened: the reopening repeats one", n)
	}
	w.At(closes.AddDate(0, 0, 8))
	if s := w.State(w.a); s != "concluded" {
		t.Errorf("state %s after the second vote", s)
	}
}

func TestEndings(t *testing.T) {
	t.Parallel()
	w := running(t, 2)
	w.Must(w.Advance(w.a, "conclude-unvoted", "Consenso unanime"))
	if s := w.State(w.a); s != "concluded" {
		t.Errorf("state %s", s)
	}
	w = running(t, 2)
	w.Must(w.Advance(w.a, "vote", ""))
	w.Clock.Set(first.Add(72 * time.Hour))
	w.Must(w.Advance(w.a, "conclude-early", "Hanno votato tutti"))
	w = open(t, 1)
	blocked(t, w.Advance(w.a, "cancel", "Neve"), "meetings-cancelled")
	w.Must(w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Neve"))
	if s := w.State(w.a); s != "cancelled" {
		t.Errorf("state %s", s)
	}
}

// TestCallOffAfterTheFirstSession cancels the sessions that remain, and not the
// lab: what was written in the first is concluded.
func TestCallOffAfterTheFirstSession(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	w.At(first)
	err := w.Meetings.CallOff(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, "Neve")
	if e, ok := fault.As(err); !ok || e.Code != fault.Closed || e.Key != "meeting.call_off_begun" {
		t.Errorf("got %v, want closed meeting.call_off_begun", err)
	}
	all, err := w.Meetings.Meetings(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	if n, s := w.Notices(w.a, "meeting-cancelled"), w.State(w.a); slices.ContainsFunc(all, meeting.Meeting.Cancelled) || n != 0 || s != "running" {
		t.Errorf("%+v, %d notices of a cancellation, state %s", all, n, s)
	}
	for _, m := range all[1:] {
		w.Must(w.Meetings.Cancel(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Cancellation{Meeting: m.ID, Reason: "Neve"}))
	}
	w.Must(w.Advance(w.a, "conclude-unvoted", "Neve"))
	if s := w.State(w.a); s != "concluded" {
		t.Errorf("state %s", s)
	}
}

// TestFiftyVotesAtOnce sends fifty different ballots of one person at once:
// whatever wins, it is one whole ballot and never more than the dots.
func TestFiftyVotesAtOnce(t *testing.T) {
	t.Parallel()
	w := running(t, 2)
	for i := range 8 {
		w.write(w.people[i%2], fmt.Sprintf("Idea %d", i))
	}
	w.Must(w.Advance(w.a, "vote", ""))
	cards := w.cards()
	if len(cards) != 10 {
		t.Fatalf("%d cards", len(cards))
	}
	var wg sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		wg.Go(func() {
			b := codesign.Ballot{}
			for j := range 3 {
				b[cards[(i*3+j)%len(cards)].ID] = 3 - j/2 // 3 + 3 + 2 = 8
			}
			errs[i] = w.vote(w.people[0], b)
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("ballot %d: %v", i, err)
		}
	}
	b, err := w.labs.Ballot(t.Context(), w.a.ProcessID, w.a.ID, w.people[0])
	if err != nil || b.Sum() != 8 || len(b) != 3 {
		t.Errorf("the ballot is %v (%v), want 8 dots on 3 cards", b, err)
	}
	turnout, err := w.labs.Turnout(t.Context(), w.a.ProcessID, w.a.ID)
	if err != nil || turnout != (codesign.Turnout{Voters: 1, Registered: 2, Dots: 8}) {
		t.Errorf("turnout %+v, %v", turnout, err)
	}
}

func TestVote(t *testing.T) {
	t.Parallel()
	w := running(t, 2)
	cards := w.cards()
	a, b := cards[0].ID, cards[1].ID
	w.Must(w.Advance(w.a, "vote", ""))
	for name, c := range map[string]struct {
		ballot codesign.Ballot
		code   fault.Code
		key    string
	}{
		"four on one": {codesign.Ballot{a: 4}, fault.Invalid, "codesign.dots_one_card"},
		"unknown":     {codesign.Ballot{999: 1}, fault.Conflict, "codesign.card_unavailable"},
		"negative":    {codesign.Ballot{a: -1}, fault.Invalid, "codesign.dots_negative"},
	} {
		if err := w.vote(w.people[0], c.ballot); !is(err, c.code, c.key) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	refused(t, w.vote(w.Stranger.Person, codesign.Ballot{a: 1}), fault.Forbidden, "codesign.not_registered")
	w.Must(w.vote(w.people[0], codesign.Ballot{a: 3, b: 2}))
	w.Must(w.vote(w.people[0], codesign.Ballot{b: 1}))
	if got := codesign.Ranked(w.cards()); got[0].ID != b || got[0].Dots != 1 || got[1].Dots != 0 {
		t.Errorf("after a change: %+v", got)
	}
	hide := func(why string) {
		w.Must(w.labs.Hide(t.Context(), w.Promoter, codesign.Card{ProcessID: w.a.ProcessID, Activity: w.a.ID, ID: b}, why))
	}
	hide("Offensiva")
	refused(t, w.vote(w.people[0], codesign.Ballot{b: 1}), fault.Conflict, "codesign.card_unavailable")
	hide("")
	if got := codesign.Ranked(w.cards()); len(got) != 2 || got[0].Dots != 0 {
		t.Errorf("dots came back with the card: %+v", got)
	}
	w.Must(w.vote(w.people[0], nil))
}

func TestCards(t *testing.T) {
	t.Parallel()
	w := running(t, 3)
	tables := w.tables()
	w.Must(w.labs.SitDown(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, map[process.PersonID]codesign.TableID{w.people[2]: tables[1].ID}))
	c := w.card("  Bici   elettriche ")
	c.Table = tables[0].ID
	c, err := w.labs.Write(t.Context(), w.people[2], c)
	if err != nil || c.Table != tables[1].ID || c.Title != "Bici elettriche" {
		t.Fatalf("got %+v, %v: who has a seat writes for that table", c, err)
	}
	mine := c
	mine.Body = "A noleggio"
	_, err = w.labs.Write(t.Context(), w.people[2], mine)
	w.Must(err)
	refused(t, err2(w.labs.Write(t.Context(), w.people[2], mine)), fault.Conflict, "form.stale")
	refused(t, err2(w.labs.Write(t.Context(), w.people[0], mine)), fault.Forbidden, "codesign.not_author")
	refused(t, err2(w.labs.Write(t.Context(), w.Stranger.Person, w.card("x"))), fault.Forbidden, "codesign.not_registered")
	bad := w.card("")
	bad.Kind, bad.Table = "wish", 999
	err = err2(w.labs.WriteFor(t.Context(), w.Promoter, bad))
	for _, key := range []string{"codesign.title_missing", "codesign.kind_bad", "codesign.table_bad"} {
		refused(t, err, fault.Invalid, key)
	}
	for i := range 29 {
		w.write(w.people[0], fmt.Sprint("Scheda ", i))
	}
	refused(t, err2(w.labs.Write(t.Context(), w.people[0], w.card("Una di troppo"))), fault.Conflict, "codesign.cards_many")
}

func TestOutcomeOfACard(t *testing.T) {
	t.Parallel()
	w := running(t, 2)
	card := w.cards()[0]
	o, err := w.labs.Turn(t.Context(), w.Promoter, w.a, card.ID)
	if err != nil || o.Kind != "proposal" || o.Title != card.Title || len(o.Evidence) != 1 || o.Evidence[0].Ref != card.Ref() {
		t.Fatalf("got %+v, %v", o, err)
	}
	again, err := w.labs.Turn(t.Context(), w.Promoter, w.a, card.ID)
	if err != nil || again.PublicID != o.PublicID {
		t.Errorf("twice made %+v, %v", again, err)
	}
	w.Must(w.labs.Hide(t.Context(), w.Promoter, w.cards()[1], "Doppione"))
	refused(t, err2(w.labs.Turn(t.Context(), w.Promoter, w.a, w.cards()[1].ID)), fault.NotFound, "codesign.card_gone")
}

// TestTurnAtOnce makes a card an outcome from several requests at once, as a
// double click does.
func TestTurnAtOnce(t *testing.T) {
	t.Parallel()
	w := running(t, 2)
	card := w.cards()[0]
	const clicks = 4
	made, failed := make([]string, clicks), make([]error, clicks)
	var all sync.WaitGroup
	for i := range clicks {
		all.Go(func() {
			o, err := w.labs.Turn(t.Context(), w.Promoter, w.a, card.ID)
			made[i], failed[i] = o.PublicID, err
		})
	}
	all.Wait()
	for i := range clicks {
		if failed[i] != nil || made[i] == "" || made[i] != made[0] {
			t.Errorf("click %d made %q, %v; the first %q", i, made[i], failed[i], made[0])
		}
	}
	var n int
	w.Must(w.DB.NewRaw(`SELECT count(*) FROM outcome WHERE process_id = ?`, w.a.ProcessID).Scan(t.Context(), &n))
	if n != 1 {
		t.Errorf("%d outcomes from one card", n)
	}
}

func TestTablesAndSeats(t *testing.T) {
	t.Parallel()
	w := open(t, 5)
	n, err := w.labs.Deal(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter)
	if err != nil || n != 5 {
		t.Fatalf("seated %d, %v", n, err)
	}
	tables := w.tables()
	if tables[0].Seated+tables[1].Seated != 5 || tables[0].Seated < 2 || tables[1].Seated < 2 {
		t.Errorf("tables %+v", tables)
	}
	refused(t, w.table(codesign.Table{Name: "Curarsi"}), fault.Invalid, "codesign.table_twice")
	refused(t, w.labs.DeleteTable(t.Context(), w.Promoter, tables[0]), fault.Conflict, "codesign.table_used")
	renamed := tables[0]
	renamed.Topic = "Autobus"
	w.Must(w.table(renamed))
	refused(t, w.table(renamed), fault.Conflict, "form.stale")
	for _, p := range w.people {
		w.Must(w.labs.SitDown(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, map[process.PersonID]codesign.TableID{p: 0}))
	}
	w.Must(w.labs.DeleteTable(t.Context(), w.Promoter, tables[1]))

	lab, err := w.labs.Lab(t.Context(), w.a.ProcessID, w.a.ID)
	if err != nil || lab.Dots != 8 || lab.DotsACard != 3 {
		t.Fatalf("got %+v, %v", lab, err)
	}
	lab.Dots, lab.DotsACard = 5, 6
	refused(t, w.labs.SaveLab(t.Context(), w.Promoter, lab), fault.Invalid, "codesign.dots_a_card_bad")
	lab.DotsACard = 2
	w.Must(w.labs.SaveLab(t.Context(), w.Promoter, lab))
	refused(t, w.labs.SaveLab(t.Context(), w.Promoter, lab), fault.Conflict, "form.stale")
	if err := w.labs.SaveLab(t.Context(), w.Stranger, lab); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger got %v", err)
	}
}

func err2[T any](_ T, err error) error { return err }

// is finds a refusal by code and key, wherever it stands in a list.
func is(err error, code fault.Code, key string) bool {
	var list fault.List
	if errors.As(err, &list) {
		return slices.ContainsFunc(list, func(e *fault.Error) bool { return e.Code == code && e.Key == key })
	}
	e, ok := fault.As(err)
	return ok && e.Code == code && e.Key == key
}

func refused(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	if !is(err, code, key) {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

func blocked(t *testing.T, err error, code string) {
	t.Helper()
	var b *workflow.Blocked
	if !errors.As(err, &b) || !slices.ContainsFunc(b.Blockers, func(x workflow.Blocker) bool { return x.Code == code }) {
		t.Errorf("got %v, want blocked by %s", err, code)
	}
}
