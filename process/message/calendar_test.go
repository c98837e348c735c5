package message_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"arengo/notify"
	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/processtest"
)

// audience is who hears of a meeting's changes, each by their own part in it.
type audience struct {
	*bundle

	sink    *processtest.Sink
	drainer *notify.Drainer
	meeting meeting.Meeting
}

// crowd fills the webinar's two places and lets one person wait; another is
// invited and silent, another follows.
func crowd(t *testing.T) *audience {
	t.Helper()
	a := &audience{bundle: setup(t), sink: processtest.SMTP(t)}
	a.drainer = a.Drainer(a.sink)
	d, err := a.Meetings.Setting(t.Context(), a.Process.ID, a.activity.ID)
	a.Must(err)
	d.Capacity = 2
	_, err = a.Meetings.SetSetting(t.Context(), a.Process.ID, a.activity.ID, a.Promoter, d)
	a.Must(err)
	a.Exec(`UPDATE meeting_setting SET told = 'registered,silent,followers'`)
	_, err = a.Meetings.Register(t.Context(), a.Process.ID, a.activity.ID, a.guests[2])
	a.Must(err)
	a.Exec(`INSERT INTO invitation (process_id, activity_id, person_id, created_at) VALUES (?, ?, ?, ?)`,
		a.Process.ID, a.activity.ID, a.Person("invitata@example.org"), a.Clock.Time())
	a.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?0, ?1, ?2, ?2)`,
		a.Process.ID, a.Person("segue@example.org"), a.Clock.Time())
	list, err := a.Meetings.Meetings(t.Context(), a.Process.ID, a.activity.ID)
	a.Must(err)
	a.meeting = list[0]
	a.mails()
	return a
}

// mails sends what is due and gives the mails that came since the last time.
func (a *audience) mails() []*processtest.Message {
	a.T.Helper()
	before := len(a.sink.Messages())
	a.Must(a.drainer.Round(a.T.Context()))
	return a.sink.Messages()[before:]
}

func (a *audience) address(person process.PersonID) string {
	a.T.Helper()
	var email string
	a.One(&email, `SELECT email FROM person WHERE id = ?`, person)
	return email
}

// folds are the line breaks within the lines of a calendar file.
var folds = regexp.MustCompile(`\r?\n `)

// got sums up, for each reader, the calendar parts of their mails: "words" for
// a mail without one, its method and sequence otherwise.
func (a *audience) got(mails []*processtest.Message) map[string][]string {
	a.T.Helper()
	out := map[string][]string{}
	for _, m := range mails {
		what := "words"
		if slices.Contains(m.Kinds(), "text/calendar") {
			ics, method := m.Calendar()
			ics = folds.ReplaceAllString(ics, "")
			if !strings.Contains(ics, "METHOD:"+method) || !strings.Contains(ics, "UID:"+a.meeting.UID) ||
				!strings.Contains(ics, "mailto:"+m.Recipients[0]) || strings.Count(ics, "\nATTENDEE") != 1 {
				a.T.Errorf("method %s:\n%s", method, ics)
			}
			what = method + regexp.MustCompile(`SEQUENCE:\d+`).FindString(ics)
		} else if strings.Contains(m.Text(), "allegato") {
			a.T.Errorf("speaks of an attachment that is not there:\n%s", m.Text())
		}
		out[m.Recipients[0]] = append(out[m.Recipients[0]], what)
	}
	return out
}

// heard asserts what each part in the meeting got.
func (a *audience) heard(place, waiting string) {
	a.T.Helper()
	got := a.got(a.mails())
	want := map[string]string{
		a.address(a.guests[0]): place, a.address(a.guests[1]): place, "invitata@example.org": place,
		a.address(a.guests[2]): waiting, "segue@example.org": "words",
	}
	for who, what := range want {
		if !slices.Equal(got[who], []string{what}) {
			a.T.Errorf("%s got %v, want %s", who, got[who], what)
		}
	}
	if len(got) != len(want) {
		a.T.Errorf("mails to %v", got)
	}
}

func TestCancelFileGoesToWhoHasThePlace(t *testing.T) {
	t.Parallel()
	a := crowd(t)
	a.Must(a.Meetings.Cancel(t.Context(), a.Process.ID, a.activity.ID, a.Promoter, meeting.Cancellation{Meeting: a.meeting.ID, Reason: "Sala allagata"}))
	a.heard("CANCELSEQUENCE:1", "words")
}

// Who waits is told of the move in words that fit, not that the places are gone.
func TestMoveIsToldToWhoWaits(t *testing.T) {
	t.Parallel()
	a := crowd(t)
	_, err := a.Meetings.Reschedule(t.Context(), a.Process.ID, a.activity.ID, a.Promoter, meeting.Rescheduling{
		Meeting: a.meeting.ID, Revision: a.meeting.Revision, Draft: meeting.Draft{Starts: "2026-03-21T18:00", Ends: "2026-03-21T19:00"},
	})
	a.Must(err)
	waits := a.address(a.guests[2])
	for _, m := range a.mails() {
		if told := strings.Contains(m.Text(), "Sei ancora in lista d’attesa"); told != (m.Recipients[0] == waits) {
			t.Errorf("%s reads:\n%s", m.Recipients[0], m.Text())
		}
		if !strings.Contains(m.Text(), "è stato spostato") {
			t.Errorf("%s does not read of the move:\n%s", m.Recipients[0], m.Text())
		}
	}
}

func TestMoveFileGoesToWhoHasThePlace(t *testing.T) {
	t.Parallel()
	a := crowd(t)
	d := meeting.Draft{Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00"}
	move := func(change func()) {
		change()
		var err error
		a.meeting, err = a.Meetings.Reschedule(t.Context(), a.Process.ID, a.activity.ID, a.Promoter, meeting.Rescheduling{
			Meeting: a.meeting.ID, Revision: a.meeting.Revision, Draft: d,
		})
		a.Must(err)
	}
	// A place alone leaves the sequence, a time does not.
	move(func() { d.Place = "Palestra" })
	a.heard("REQUESTSEQUENCE:0", "words")
	move(func() { d.Ends = "2026-03-20T20:00" })
	a.heard("REQUESTSEQUENCE:1", "words")
	move(func() { d.Place = "Sala consiliare" })
	a.heard("REQUESTSEQUENCE:1", "words")
	move(func() { d.Starts, d.Ends = "2026-03-21T18:00", "2026-03-21T19:00" })
	a.heard("REQUESTSEQUENCE:2", "words")
}

func TestLeavingTakesBackTheFileThatThereIs(t *testing.T) {
	t.Parallel()
	a := crowd(t)
	for _, tt := range []struct {
		guest int
		want  string
	}{{2, "words"}, {0, "CANCELSEQUENCE:0"}} {
		a.Must(a.Meetings.Unregister(t.Context(), a.Process.ID, a.activity.ID, a.guests[tt.guest]))
		if got := a.got(a.mails())[a.address(a.guests[tt.guest])]; !slices.Equal(got, []string{tt.want}) {
			t.Errorf("who left got %v, want %s", got, tt.want)
		}
	}
}
