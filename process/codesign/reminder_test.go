package codesign_test

import (
	"slices"
	"testing"
	"time"

	"arengo/notify"
	"arengo/process/codesign"
	"arengo/process/meeting"
	"arengo/process/message"
)

// Sessions on consecutive days: the reminder of the second is due when the
// first begins, that of the third while it is still on.
var weekend = []meeting.Draft{
	{Title: "Sabato", Starts: "2026-03-14T09:30", Ends: "2026-03-14T15:30", Place: "Biblioteca"},
	{Title: "Domenica mattina", Starts: "2026-03-15T09:30", Ends: "2026-03-15T12:30", Place: "Biblioteca"},
	{Title: "Domenica pomeriggio", Starts: "2026-03-15T14:00", Ends: "2026-03-15T16:00", Place: "Palestra"},
}

// TestReminderSpeaksOfItsSession has a lab of two days live and reads each
// reminder as it goes out: every session is announced once, its own day before.
func TestReminderSpeaksOfItsSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, d := range weekend {
		_, err := w.Meetings.Schedule(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, d)
		w.Must(err)
	}
	w.Must(w.table(codesign.Table{Name: "Muoversi"}))
	w.Must(w.Advance(w.a, "open", ""))
	guest := w.People(1)[0]
	_, err := w.Meetings.Register(t.Context(), w.a.ProcessID, w.a.ID, guest)
	w.Must(err)
	all, err := w.Meetings.Meetings(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	for _, m := range all {
		w.At(m.StartsAt.Add(-24 * time.Hour))
	}
	outbox := message.New(w.Core)
	var told []notify.Notice
	w.Must(w.DB.NewRaw(`SELECT process_id, activity_id, key, kind, audience, payload, due_at FROM notice
		WHERE activity_id = ? AND kind = 'meeting-reminder' ORDER BY due_at`, w.a.ID).Scan(t.Context(), &told))
	var got, want []string
	for _, n := range told {
		facts, err := outbox.Facts(t.Context(), w.DB, n, []int64{int64(guest)})
		w.Must(err)
		m := facts[int64(guest)].Meeting
		got = append(got, m.UID+" "+m.Start.UTC().Format(time.RFC3339))
	}
	for _, m := range all {
		want = append(want, m.UID+" "+m.StartsAt.UTC().Format(time.RFC3339))
	}
	if !slices.Equal(got, want) {
		t.Errorf("reminded of\n%q, want\n%q", got, want)
	}
}
