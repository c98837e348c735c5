package cockpit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/meeting"
	"arengo/process/pause"
)

// day is noon in Rome some days after the start.
func day(n int) time.Time { return time.Date(2026, time.March, 9+n, 11, 0, 0, 0, time.UTC) }

// list writes the rows as "band what page", in their order, and holds Count
// against them.
func list(t *testing.T, w *cockpittest.World, who process.Actor) []string {
	t.Helper()
	now := w.Clock.Time()
	b, err := w.Cockpit.Today(t.Context(), who, now)
	w.Must(err)
	var out []string
	for _, r := range slices.Concat(b.Late, b.Now, b.Next, b.Later) {
		out = append(out, fmt.Sprintf("%s %s %s%s", r.Band, r.What, r.Page, r.Code))
	}
	n, err := w.Cockpit.Count(t.Context(), who, now)
	w.Must(err)
	if n != b.Open() {
		t.Errorf("Count is %d, the board has %d", n, b.Open())
	}
	return out
}

func want(t *testing.T, got []string, rows ...string) {
	t.Helper()
	if !slices.Equal(got, rows) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(rows, "\n  "))
	}
}

// The term of a phase comes nearer, is extended, stops at a guard, is freed and
// ends: each time the cockpit says what to do, and doing it removes the row.
func TestTermOfThePhase(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	who := w.Facilitator
	want(t, list(t, w, who), "later decide moves")
	w.At(day(13)) // the term ends at the end of day 19
	want(t, list(t, w, who), "next decide moves")
	b, err := w.Cockpit.Today(t.Context(), who, w.Clock.Time())
	w.Must(err)
	if r := b.Next[0]; r.Source == nil || r.Source.Length.Days != 20 || len(r.Then) != 2 || r.Then[0].Key != "auto" || r.Then[1].Key != "max" {
		t.Errorf("%+v", r)
	}
	w.At(day(19))
	want(t, list(t, w, who), "now decide moves")
	end := time.Date(2026, time.April, 8, 22, 0, 0, 0, time.UTC)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, who, process.NewEnd{End: end, Reason: "Maltempo"})
	w.Must(err)
	want(t, list(t, w, who), "later decide moves")

	b, err = w.Cockpit.Today(t.Context(), who, w.Clock.Time())
	w.Must(err)
	if b.Later[0].Source != nil {
		t.Error("an end that somebody moved is still called the template's")
	}

	w.At(end.Add(time.Minute)) // the guard stops the timer
	want(t, list(t, w, who), "late resolve project-sheet")
	b, err = w.Cockpit.Today(t.Context(), who, w.Clock.Time())
	w.Must(err)
	if !b.Late[0].Due.Equal(end) {
		t.Errorf("due %s", b.Late[0].Due)
	}
	w.Write("project-sheet", false)
	want(t, list(t, w, who), "late advance moves")
	_, err = w.Core.Advance(t.Context(), w.Process.ID, who, process.Move{Transition: "analyse"})
	w.Must(err)
	want(t, list(t, w, who), "later advance moves", "later prepare activities")
	b, err = w.Cockpit.Today(t.Context(), who, w.Clock.Time())
	w.Must(err)
	if b.Done != 1 || b.DoneBefore != 0 { // the extension was two weeks before
		t.Errorf("done %d and %d", b.Done, b.DoneBefore)
	}
}

// Once the end stands at its maximum only a promoter may move it on: nobody else is
// asked to decide about it.
func TestNobodyIsAskedToExtendBeyondTheMaximum(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	for n, asked := range []string{"later decide moves", "later advance moves"} {
		end := i.MaxAt.AddDate(0, 0, n-1)
		_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: end, Reason: "Maltempo"})
		w.Must(err)
		want(t, list(t, w, w.Facilitator), asked)
		if rows := list(t, w, w.Promoter); !slices.Contains(rows, "later decide moves") {
			t.Errorf("a promoter reads %q", rows)
		}
	}
}

// Where a law grants one extension and it was given, only a promoter goes on, by a
// written exception: nobody else is asked to decide.
func TestNobodyIsAskedToExtendMoreOftenThanGranted(t *testing.T) {
	t.Parallel()
	w := cockpittest.Lawful(t)
	w.Publish()
	i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	for n, asked := range []string{"later decide moves", "later advance moves"} {
		want(t, list(t, w, w.Facilitator), asked)
		_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Facilitator, process.NewEnd{End: i.DueAt.AddDate(0, 0, n+1), Reason: "Maltempo"})
		if (err != nil) != (n > 0) {
			t.Fatalf("extension %d: %v", n+1, err)
		}
	}
	if rows := list(t, w, w.Promoter); !slices.Contains(rows, "later decide moves") {
		t.Errorf("a promoter reads %q", rows)
	}
}

// What is done in the first hours of a Monday in Rome, which is still Sunday in
// UTC, is of the new week.
func TestTheWeekBeginsInRome(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	monday := time.Date(2026, time.March, 16, 0, 0, 0, 0, time.FixedZone("CET", 3600))
	extend := func(at time.Time, day int) {
		t.Helper()
		w.At(at.UTC())
		_, err := w.Core.Extend(t.Context(), w.Process.ID, w.Facilitator, process.NewEnd{
			End: time.Date(2026, time.April, day, 22, 0, 0, 0, time.UTC), Reason: "Maltempo",
		})
		w.Must(err)
	}
	extend(monday.Add(-time.Minute), 3)
	extend(monday.Add(time.Minute), 6)
	for _, now := range []time.Time{monday.Add(2 * time.Minute), monday.Add(36 * time.Hour)} {
		b, err := w.Cockpit.Today(t.Context(), w.Facilitator, now.UTC())
		w.Must(err)
		if b.Done != 1 || b.DoneBefore != 1 {
			t.Errorf("at %s: done %d and %d, want one in each week", now, b.Done, b.DoneBefore)
		}
	}
}

func TestDocumentsAndActivitiesOfThePhase(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	want(t, list(t, w, w.Editor), "later write documentproject-sheet")
	w.Write("project-sheet", false)
	want(t, list(t, w, w.Editor))
	w.At(day(19).Add(24 * time.Hour)) // the timer moves on by itself
	want(t, list(t, w, w.Editor), "later write documentresults", "later prepare activities")
	w.Write("results", false)
	want(t, list(t, w, w.Editor), "later release documentresults", "later prepare activities")
	w.Must(w.Documents.Publish(t.Context(), w.Promoter, w.Process.ID, "results", true))
	a := w.NewActivity("assembly", "analysis", "Assemblea")
	want(t, list(t, w, w.Editor))
	want(t, list(t, w, w.Facilitator), "later advance moves", "later advance moves")
	w.At(day(30)) // a term without an event of its own is overdue, never silent
	want(t, list(t, w, w.Facilitator), "late advance moves", "late advance moves")
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Facilitator, process.Move{Activity: a.ID, Transition: "discard"})
	w.Must(err)
	want(t, list(t, w, w.Facilitator), "late advance moves", "late prepare activities")
}

func TestBlockedTodayIsForeseen(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	w.Write("project-sheet", false)
	w.At(day(25))
	b, err := w.Cockpit.Today(t.Context(), w.Facilitator, w.Clock.Time())
	w.Must(err)
	i := slices.IndexFunc(b.Next, func(r cockpit.Row) bool { return r.Transition == "end" })
	if i < 0 {
		t.Fatalf("%+v", b)
	}
	last := b.Next[i].Then[len(b.Next[i].Then)-1]
	if last.Key != "blocked" || last.Args["n"] != 1 {
		t.Errorf("%+v", b.Next[i].Then)
	}
}

func TestPublicationIsAskedOfPromotersOnly(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	got := list(t, w, w.Promoter)
	for _, row := range []string{"now gap settings", "now gap population", "now write documentproject-sheet"} {
		if !slices.Contains(got, row) {
			t.Errorf("%q is missing in %q", row, got)
		}
	}
	for _, row := range list(t, w, w.Facilitator) {
		if strings.Contains(row, "gap") {
			t.Errorf("the facilitator is asked for %q", row)
		}
	}
	w.Exec(`UPDATE process SET summary = 'Tutto' WHERE id = ?`, w.Process.ID)
	var territory process.TerritoryID
	w.Must(w.DB.NewRaw(`INSERT INTO territory (scheme, code, kind, name) VALUES ('istat', '052032', 'municipality', 'Siena')
		RETURNING id`).Scan(t.Context(), &territory))
	w.Must(w.Core.SetPopulation(t.Context(), w.Process.ID, w.Promoter, []process.PopulationUnit{{Territory: territory, Units: 10}}))
	w.Write("project-sheet", false)
	if got = list(t, w, w.Promoter); !slices.Contains(got, "now publish publish") { // its first day is in time
		t.Errorf("%q", got)
	}
	w.Clock.Set(day(1))
	if got = list(t, w, w.Promoter); !slices.Contains(got, "late publish publish") {
		t.Errorf("%q", got)
	}
	w.Must(w.Core.Publish(t.Context(), w.Process.ID, w.Promoter))
	want(t, list(t, w, w.Promoter), "later decide moves")
}

// A document that the definition gives to an office is asked of who holds that; while
// nobody does, those who name people are asked for somebody.
func TestDocumentOfAnOfficeThatNobodyHolds(t *testing.T) {
	t.Parallel()
	w := cockpittest.Given(t)
	guarantor := w.Actor("garante@regione.example.org", "Ada Conti")
	has := func(when string, who process.Actor, rows ...string) {
		t.Helper()
		var got []string
		for _, row := range list(t, w, who) {
			if strings.Contains(row, "project-sheet") || strings.Contains(row, "appoint") {
				got = append(got, row)
			}
		}
		if !slices.Equal(got, rows) {
			t.Errorf("%s: %q, want %q", when, got, rows)
		}
	}
	has("draft", w.Promoter, "now appoint people")
	w.Publish()
	has("vacant", w.Promoter, "later appoint people")
	has("vacant", w.Facilitator)
	w.Must(w.Core.AddMember(t.Context(), w.Process.ID, w.Promoter, process.Person{Email: guarantor.Email}, process.RoleGuarantor))
	has("held", w.Promoter)
	has("held", guarantor, "later write documentproject-sheet")
}

func TestMeetingsAndRefusedAddresses(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	w.Write("project-sheet", false)
	a := w.NewActivity("webinar", "listening", "Webinar di apertura")
	meetings := meeting.New(w.Core)
	m, err := meetings.Schedule(t.Context(), w.Process.ID, a.ID, w.Facilitator, meeting.Draft{
		Starts: "2026-03-18T17:30", Ends: "2026-03-18T19:00", JoinURL: "https://video.example.org/x",
	})
	w.Must(err)
	_, err = w.Core.Advance(t.Context(), w.Process.ID, w.Facilitator, process.Move{Activity: a.ID, Transition: "open"})
	w.Must(err)
	want(t, list(t, w, w.Facilitator), "later decide moves")
	w.At(day(2))
	want(t, list(t, w, w.Facilitator), "next convene meeting", "later decide moves")
	w.Exec(`UPDATE meeting SET agenda = 'Saluti' WHERE process_id = ? AND id = ?`, w.Process.ID, m.ID)
	want(t, list(t, w, w.Facilitator), "next meet meeting", "later decide moves")
	rest := pause.New(w.Core)
	w.Must(rest.Suspend(t.Context(), w.Process.ID, w.Facilitator, pause.Request{Activity: a.ID, Reason: "Voto"}))
	want(t, list(t, w, w.Facilitator), "next resume moves", "later decide moves") // it does not take place
	w.Must(rest.Resume(t.Context(), w.Process.ID, w.Facilitator, pause.Request{Activity: a.ID, Reason: "Fine del voto"}))
	w.At(time.Date(2026, time.March, 18, 17, 0, 0, 0, time.UTC)) // 18:00 in Rome: it is on
	want(t, list(t, w, w.Facilitator), "now meet meeting", "later decide moves")
	w.At(day(10)) // held: its materials are asked for before the phase ends
	want(t, list(t, w, w.Facilitator), "later decide moves", "later advance moves")

	person := w.Actor("respinto@example.org", "R")
	w.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, w.Process.ID, person.Person, cockpittest.Start)
	w.Exec(`INSERT INTO suppression (address, reason, since) VALUES ('respinto@example.org', '550', ?)`, cockpittest.Start)
	want(t, list(t, w, w.Facilitator), "later decide moves", "later advance moves", "later bounced bounced")
	w.Exec(`DELETE FROM suppression`)
	want(t, list(t, w, w.Facilitator), "later decide moves", "later advance moves")
}

func TestNobodySeesWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	w.Publish()
	admin := w.Stranger
	admin.Administrator = true
	for _, who := range []process.Actor{w.Stranger, admin, {}} {
		want(t, list(t, w, who))
	}
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Transition: "cancel", Reason: "Fondi"})
	w.Must(err)
	want(t, list(t, w, w.Facilitator))
	b, err := w.Cockpit.Today(t.Context(), w.Facilitator, w.Clock.Time())
	w.Must(err)
	if len(b.Mine) != 1 || !b.Mine[0].Over() {
		t.Errorf("%+v", b.Mine)
	}
}

// A process that cannot be read hides none of the others, and is said.
func TestOneDefinitionThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := cockpittest.New(t)
	second := w.NewProcess("Un altro percorso")
	before := list(t, w, w.Promoter)
	a := w.NewActivity("webinar", "listening", "Presentazione")
	for _, broken := range []struct {
		id  process.ID
		sql string
	}{
		{second.ID, fmt.Sprintf(`UPDATE workflow_instance SET definition = 'gone', version = 7 WHERE process_id = %d`, second.ID)},
		{w.Process.ID, fmt.Sprintf(`UPDATE workflow_instance SET definition = 'gone' WHERE activity_id = %d`, a.ID)},
	} {
		w.Exec(broken.sql)
		now := list(t, w, w.Promoter)
		b, err := w.Cockpit.Today(t.Context(), w.Promoter, w.Clock.Time())
		w.Must(err)
		n := len(b.Unread)
		if n == 0 || len(b.Mine) != 2-n || b.Unread[n-1].Process.ID != broken.id || b.Unread[n-1].Definition != "gone" || len(now) >= len(before) {
			t.Errorf("%d processes, %+v", len(b.Mine), b.Unread)
		}
		before = now
	}
}

// BenchmarkCount measures what every page of the workspace pays: twenty
// published processes with an activity each.
func BenchmarkCount(b *testing.B) {
	w := cockpittest.New(b)
	for i := range 20 {
		if i > 0 {
			w.Process = w.NewProcess(fmt.Sprintf("Percorso %d", i))
		}
		w.Publish()
		w.NewActivity("webinar", "listening", "Webinar")
		w.NewActivity("assembly", "analysis", "Assemblea")
	}
	for b.Loop() {
		if _, err := w.Cockpit.Count(b.Context(), w.Facilitator, day(5)); err != nil {
			b.Fatal(err)
		}
	}
}
