package meeting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process/meeting"
	"arengo/process/message"
)

// TestEveryMessageRenders lives through everything that is told and renders
// each message: its facts must name the meeting and leave no gap.
func TestEveryMessageRenders(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.capacity(1)
	p := w.People(4)
	for _, person := range p {
		w.register(person)
	}
	w.unregister(p[0])
	w.unregister(p[1])
	d := evening
	d.Starts = "2026-03-26T18:15"
	_, err := w.Meetings.Reschedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Rescheduling{Meeting: w.m.ID, Draft: d})
	w.Must(err)
	second := evening
	second.Starts, second.Ends = "2026-03-27T18:00", "2026-03-27T19:00"
	extra := w.schedule(second)
	w.At(starts.Add(-20 * time.Minute))
	w.Must(w.Meetings.Cancel(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Cancellation{Meeting: extra.ID, Reason: "Doppione"}))
	w.At(ends)
	_, err = w.Meetings.Publish(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter,
		meeting.Material{Kind: meeting.MaterialSlides, Title: "Presentazione", URL: "https://files.example.org/a.pdf"})
	w.Must(err)
	w.At(ends)

	var notices []notify.Notice
	w.Must(w.DB.NewRaw(`SELECT n.process_id, n.id, n.activity_id, n.key, n.kind, n.audience, n.person_id, n.payload,
		n.due_at, n.expires_at, n.created_at FROM notice n WHERE n.activity_id = ? ORDER BY n.id`, w.a.ID).Scan(t.Context(), &notices))
	seen := map[string]bool{}
	for _, n := range notices {
		if strings.HasPrefix(n.Kind, "meeting-") || strings.HasPrefix(n.Kind, "registration-") || n.Kind == "waiting-list" || n.Kind == "place-available" {
			seen[n.Kind] = true
			w.renders(n, int64(p[2]))
		}
	}
	for _, kind := range []string{
		"registration-confirmed", "waiting-list", "place-available", "registration-cancelled",
		"meeting-reminder", "meeting-moved", "meeting-cancelled", "meeting-materials",
	} {
		if !seen[kind] {
			t.Errorf("nobody was told by %s", kind)
		}
	}
}

func (w *world) renders(n notify.Notice, reader int64) {
	w.T.Helper()
	if n.PersonID != 0 {
		reader = n.PersonID
	}
	facts, err := message.New(w.Core).Facts(w.T.Context(), w.DB, n, []int64{reader})
	w.Must(err)
	f, ok := facts[reader]
	words := strings.Contains(string(n.Payload), `"words"`)
	if !ok || (f.Meeting.UID == "") != words || !strings.HasPrefix(f.Meeting.Title, w.a.Title) {
		w.T.Errorf("%s %s: facts %+v", n.Kind, n.Key, f.Meeting)
		return
	}
	if n.Kind == "meeting-cancelled" && (!f.Meeting.Cancelled || f.Meeting.Sequence != 1) {
		w.T.Errorf("%s %s: cancelled %v at sequence %d", n.Kind, n.Key, f.Meeting.Cancelled, f.Meeting.Sequence)
	}
	page, err := templates.Render(n.Kind, f)
	if err != nil || page.Subject == "" || strings.Contains(page.Text, evening.JoinURL) || slices.Contains(strings.Fields(page.Text), "<no") {
		w.T.Errorf("%s %s: %v\n%s", n.Kind, n.Key, err, page.Text)
	}
}
