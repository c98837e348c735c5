package focusgroup_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/process/roster"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// The evening is in summer time, the clock starts in winter time.
var evening = meeting.Draft{Starts: "2026-04-02T18:00", Ends: "2026-04-02T20:00", Place: "Biblioteca"}

var (
	starts = time.Date(2026, time.April, 2, 16, 0, 0, 0, time.UTC)
	ends   = starts.Add(2 * time.Hour)
)

// world is a focus group in preparation, with a facilitator and people.
type world struct {
	*meetingtest.World
	groups *focusgroup.Service
	a      process.Activity
	m      meeting.Meeting
	leader process.PersonID
	people []process.PersonID
}

func newWorld(t *testing.T, people int) *world {
	t.Helper()
	base := meetingtest.New(t, focusgroup.Kind{})
	return gathered(base, base.Activity("focusgroup"), people)
}

func gathered(base *meetingtest.World, a process.Activity, people int) *world {
	base.T.Helper()
	w := &world{World: base, groups: focusgroup.New(base.Core), a: a}
	t := base.T
	w.Must(w.Core.AddMember(t.Context(), w.Process.ID, w.Promoter, process.Person{Email: "tommaso@example.org", Name: "Tommaso Landi"}, process.RoleFacilitator))
	w.leader = w.Person("tommaso@example.org")
	w.Must(w.Core.AddMember(t.Context(), w.Process.ID, w.Promoter, process.Person{Email: "giulia@example.org", Name: "Giulia D’Amico"}, process.RoleEditor))
	w.people = w.People(people)
	for _, p := range w.people {
		w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, p, meetingtest.Start)
	}
	return w
}

func (w *world) prepare() {
	w.T.Helper()
	var err error
	w.m, err = w.Meetings.Schedule(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter, evening)
	w.Must(err)
	g := w.group()
	g.Facilitator, g.NoteTaker, g.Guide = w.leader, w.Person("giulia@example.org"), "1. Giro di nomi"
	g.Themes = []focusgroup.Theme{{Title: "Orari"}, {Title: "Fermate"}}
	_, err = w.groups.Save(w.T.Context(), w.Promoter, g)
	w.Must(err)
}

// convene invites everybody and convenes the group.
func (w *world) convene() {
	w.T.Helper()
	w.prepare()
	w.invite(w.people...)
	w.Must(w.Advance(w.a, "convene", ""))
}

func (w *world) invite(people ...process.PersonID) {
	w.T.Helper()
	_, err := roster.New(w.Core).Invite(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter,
		roster.Selection{Persons: people, Notice: "focusgroup-invitation"})
	w.Must(err)
}

func (w *world) group() focusgroup.Group {
	w.T.Helper()
	g, err := w.groups.Group(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	return g
}

func (w *world) accept(p process.PersonID) meeting.Registration {
	w.T.Helper()
	r, err := w.groups.Accept(w.T.Context(), w.a.ProcessID, w.a.ID, p)
	w.Must(err)
	return r
}

func (w *world) arrive(p process.PersonID) {
	w.T.Helper()
	w.Must(w.groups.Arrive(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: w.m.ID, Person: p}))
}

func (w *world) save(n focusgroup.Note) (focusgroup.Note, error) {
	n.ProcessID, n.Activity = w.a.ProcessID, w.a.ID
	return w.groups.SaveNote(w.T.Context(), w.Promoter, n)
}

func (w *world) guest(p process.PersonID) focusgroup.Guest {
	w.T.Helper()
	g, ok, err := w.groups.Guest(w.T.Context(), w.a.ProcessID, w.a.ID, p)
	w.Must(err)
	if !ok {
		w.T.Fatalf("person %d is not invited", p)
	}
	return g
}

func TestDefinition(t *testing.T) {
	t.Parallel()
	if _, problems := definition.Check("workflow.yaml", focusgroup.Kind{}.Workflow(), nil); len(problems) > 0 {
		t.Error(problems)
	}
}

// TestLife lives a group from its preparation to its minutes, by the clock.
func TestLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	for _, code := range []string{"meeting-scheduled", "facilitator-named", "note-taker-named", "themes-written", "people-invited"} {
		blocked(t, w.Advance(w.a, "convene", ""), code)
	}
	w.convene()
	w.At(meetingtest.Start.Add(time.Minute))
	if n := w.Deliveries(w.a, "focusgroup-invitation"); n != 3 {
		t.Errorf("%d invitations, want 3", n)
	}
	w.accept(w.people[0])
	w.Must(w.groups.Decline(t.Context(), w.a.ProcessID, w.a.ID, w.people[1]))
	for i, want := range []focusgroup.Reply{focusgroup.Accepted, focusgroup.Declined, focusgroup.Silent} {
		if got := w.guest(w.people[i]).Reply; got != want {
			t.Errorf("person %d: %s, want %s", i, got, want)
		}
	}
	late := w.Person("tardi@example.org")
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, late, meetingtest.Start)
	w.invite(late)
	if n := w.Told(w.a, "focusgroup-invitation", late); n != 1 {
		t.Errorf("who is invited late was told %d times", n)
	}

	w.At(starts.Add(-24 * time.Hour))
	if n := w.Deliveries(w.a, "meeting-reminder"); n != 1 {
		t.Errorf("%d reminders, want 1: only to who comes", n)
	}
	theme := w.group().Themes[0].ID
	_, err := w.save(focusgroup.Note{Theme: theme, Statement: "Presto"})
	refused(t, err, fault.Closed, "focusgroup.notes_early")
	w.At(starts)
	w.arrive(w.people[0])
	_, err = w.save(focusgroup.Note{Theme: theme, Speaker: 1, Statement: "L’ultimo autobus parte alle 19"})
	w.Must(err)

	w.At(ends)
	if s := w.State(w.a); s != "held" {
		t.Fatalf("state %s at the end", s)
	}
	if _, err := w.groups.Accept(t.Context(), w.a.ProcessID, w.a.ID, w.people[2]); !fault.Is(err, fault.Closed) {
		t.Errorf("accepted after the end: %v", err)
	}
	refused(t, w.groups.Decline(t.Context(), w.a.ProcessID, w.a.ID, w.people[2]), fault.Closed, "focusgroup.closed_respond")
	blocked(t, w.Advance(w.a, "minute", ""), "minutes-published")
	blocked(t, w.Advance(w.a, "deserted", "x"), "nobody-came")
	w.minutes()
	blocked(t, w.Advance(w.a, "minute-without-notes", "x"), "no-notes")
	w.Must(w.Advance(w.a, "minute", ""))
	if s := w.State(w.a); s != "minuted" {
		t.Errorf("state %s", s)
	}
	list, err := focusgroup.Kind{}.Evidence(t.Context(), w.DB, w.a.ProcessID, w.a.ID)
	w.Must(err)
	if len(list) < 1 || list[0].Label != "Orari: appunto 1 (senza citazione)" || list[0].Ref != "note:1" {
		t.Errorf("evidence %+v", list)
	}
	_, err = w.save(focusgroup.Note{Theme: theme, Statement: "Tardi"})
	refused(t, err, fault.Closed, "focusgroup.closed_notes")
}

func (w *world) minutes() {
	w.T.Helper()
	m, err := w.Meetings.SaveMinutes(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Minutes{Body: "# Orari\nPochi."})
	w.Must(err)
	w.Must(w.Meetings.PublishMinutes(w.T.Context(), w.a.ProcessID, w.a.ID, w.Promoter, m.Revision))
}

// The minutes are due some days after the group met (T10): to write them late, or
// to take them up again, gives no more time.
func TestMinutesCountFromTheEvening(t *testing.T) {
	t.Parallel()
	base := worldtest.Build(t, worldtest.Config{Template: "kit", Kinds: []process.Kind{focusgroup.Kind{}}, Path: `
workflow: kit
version: 1
title: {it: Gruppi, en: Groups}
timezone: Europe/Rome
roles: [promoter, facilitator, editor, expert, participant]
initial: groups
states:
  groups: {title: {it: Incontri, en: Meetings}, term: {until: "activity:focusgroup"}, at_end: {event: write}, activities: [{kind: focusgroup}]}
  minutes: {title: {it: Verbali, en: Minutes}, term: {length: 7d, from: "activity:focusgroup"}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: write, event: write, from: [groups], to: minutes, by: [promoter, timer], title: {it: Scrivi, en: Write}}
  - {id: close, event: close, from: [minutes], to: over, by: [promoter], title: {it: Chiudi, en: Close}}
`})
	base.Settle("marta@comune.example.org", "Marta Bindi")
	w := gathered(&meetingtest.World{World: base, Meetings: meeting.New(base.Core)}, base.NewActivity("focusgroup", "groups", "Orari"), 1)
	w.convene()
	for day, act := range []string{"", "minute-without-notes", "reopen", "minute-without-notes"} {
		w.At(ends.AddDate(0, 0, day+1))
		if day == 1 {
			w.minutes()
		}
		if act != "" {
			w.Must(w.Advance(w.a, act, "Appunti su carta"))
		}
		i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		if want := time.Date(2026, time.April, 9, 22, 0, 0, 0, time.UTC); i.State != "minutes" || !i.DueAt.Equal(want) {
			t.Errorf("after %q: %s ends %s, want %s", act, i.State, i.DueAt, want)
		}
	}
}

func TestNobodyCame(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.convene()
	w.At(ends)
	w.Must(w.Advance(w.a, "deserted", "Sciopero dei treni"))
	if s := w.State(w.a); s != "cancelled" {
		t.Errorf("state %s", s)
	}
}

func TestWithoutNotesNeedsAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.convene()
	w.At(ends)
	w.minutes()
	blocked(t, w.Advance(w.a, "minute", ""), "notes-taken")
	var b *workflow.Blocked
	if err := w.Advance(w.a, "minute-without-notes", ""); !errors.As(err, &b) {
		t.Errorf("got %v, want blocked without a reason", err)
	}
	w.Must(w.Advance(w.a, "minute-without-notes", "Appunti su carta"))
}

// TestSeats: nobody goes over capacity, and who declines gives the place back.
func TestSeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 10)
	w.convene()
	for i, p := range w.people {
		want := meeting.Registered
		if i >= 8 {
			want = meeting.Waiting
		}
		if r := w.accept(p); r.Status != want {
			t.Errorf("person %d: %s, want %s", i, r.Status, want)
		}
	}
	if g := w.guest(w.people[9]); g.Reply != focusgroup.Queued || g.Position != 2 {
		t.Errorf("got %+v", g)
	}
	for range 2 {
		w.Must(w.groups.Decline(t.Context(), w.a.ProcessID, w.a.ID, w.people[0]))
	}
	if g := w.guest(w.people[8]); g.Reply != focusgroup.Accepted {
		t.Errorf("the first who waited is %s", g.Reply)
	}
	if _, err := w.groups.Accept(t.Context(), w.a.ProcessID, w.a.ID, w.Stranger.Person); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger got %v", err)
	}
}

// TestQuoteNeedsConsent: the flag is refused without consent to quotation and
// a quote ends when the consent does, or when its text changes.
func TestQuoteNeedsConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.convene()
	for _, p := range w.people {
		w.accept(p)
	}
	w.At(starts)
	for _, p := range w.people {
		w.arrive(p)
		w.arrive(p)
	}
	theme := w.group().Themes[1].ID
	quote := focusgroup.Note{Theme: theme, Speaker: 1, Statement: "Aspetto un’ora", Quote: true}
	_, err := w.save(quote)
	refused(t, err, fault.Invalid, "focusgroup.quote_unconsented")
	w.Must(w.Meetings.Consent(t.Context(), w.a.ProcessID, w.a.ID, w.people[0], meeting.Participation, meeting.Quotation))
	n, err := w.save(quote)
	w.Must(err)
	_, err = w.save(focusgroup.Note{Theme: theme, Speaker: 2, Statement: "Anch’io", Quote: true})
	refused(t, err, fault.Invalid, "focusgroup.quote_unconsented")
	_, err = w.save(focusgroup.Note{Theme: theme, Statement: "Tutti", Quote: true})
	refused(t, err, fault.Invalid, "focusgroup.quote_nobody")
	_, err = w.save(focusgroup.Note{Theme: theme, Speaker: 3, Statement: "Chi?"})
	refused(t, err, fault.Invalid, "focusgroup.speaker_bad")
	if !w.quotable(n.ID) {
		t.Error("not quotable in spite of consent")
	}
	w.Must(w.Meetings.Consent(t.Context(), w.a.ProcessID, w.a.ID, w.people[0], meeting.Participation))
	if w.quotable(n.ID) {
		t.Error("still quotable after the consent was withdrawn")
	}
	g := w.guest(w.people[0])
	if g.Code != 1 || !g.Present || !g.Consented(meeting.Participation) || g.Consented(meeting.Quotation) {
		t.Errorf("got %+v", g)
	}
}

func (w *world) quotable(id focusgroup.NoteID) bool {
	w.T.Helper()
	list, err := w.groups.Notes(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	i := slices.IndexFunc(list, func(n focusgroup.Note) bool { return n.ID == id })
	if i < 0 {
		w.T.Fatal("the note is gone")
	}
	return list[i].Quotable
}

func TestNotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.convene()
	w.At(starts)
	theme := w.group().Themes[0].ID
	_, err := w.save(focusgroup.Note{Statement: " "})
	for _, key := range []string{"focusgroup.statement_missing", "focusgroup.theme_missing"} {
		refused(t, err, fault.Invalid, key)
	}
	first, err := w.save(focusgroup.Note{Theme: theme, Statement: "Uno"})
	w.Must(err)
	second := first
	second.Statement = "Due"
	second, err = w.save(second)
	if err != nil || second.Revision != 2 {
		t.Fatalf("got %+v, %v", second, err)
	}
	first.Statement = "Tre"
	_, err = w.save(first)
	refused(t, err, fault.Conflict, "form.stale")
	refused(t, w.groups.DeleteNote(t.Context(), w.Promoter, first), fault.Conflict, "form.stale")
	if err := w.groups.DeleteNote(t.Context(), w.Stranger, second); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a stranger got %v", err)
	}
	w.Must(w.groups.DeleteNote(t.Context(), w.Promoter, second))
	_, err = w.save(second)
	refused(t, err, fault.NotFound, "focusgroup.note_gone")
}

func TestThemes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.convene()
	w.At(starts)
	g := w.group()
	_, err := w.save(focusgroup.Note{Theme: g.Themes[0].ID, Statement: "Uno"})
	w.Must(err)
	save := func(g focusgroup.Group) error { _, err := w.groups.Save(t.Context(), w.Promoter, g); return err }

	swapped := g
	swapped.Themes = []focusgroup.Theme{
		{ID: g.Themes[1].ID, Title: g.Themes[0].Title}, {ID: g.Themes[0].ID, Title: g.Themes[1].Title}, {Title: "Costi"},
	}
	w.Must(save(swapped))
	got := w.group()
	if len(got.Themes) != 3 || got.Themes[0].Title != "Orari" || got.Themes[0].ID != g.Themes[1].ID || got.Themes[2].Title != "Costi" {
		t.Errorf("got %+v", got.Themes)
	}
	refused(t, save(g), fault.Conflict, "form.stale")
	used := got
	used.Themes = got.Themes[2:]
	refused(t, save(used), fault.Conflict, "focusgroup.theme_used")
	twice := got
	twice.Themes = []focusgroup.Theme{{Title: "A"}, {Title: " A "}}
	refused(t, save(twice), fault.Invalid, "focusgroup.theme_twice")
	alone := got
	alone.NoteTaker = alone.Facilitator
	refused(t, save(alone), fault.Invalid, "focusgroup.same_person")
	outsider := got
	outsider.NoteTaker = w.people[0]
	refused(t, save(outsider), fault.Invalid, "focusgroup.person_bad")
}

// refused asserts a refusal by code and key, wherever it stands in a list.
func refused(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	var list fault.List
	if errors.As(err, &list) {
		if slices.ContainsFunc(list, func(e *fault.Error) bool { return e.Code == code && e.Key == key }) {
			return
		}
	}
	e, ok := fault.As(err)
	if !ok || e.Code != code || e.Key != key {
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
