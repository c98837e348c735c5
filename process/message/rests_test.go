package message_test

import (
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/meeting"
	"arengo/process/pause"
	"arengo/process/webinar"
	"arengo/process/worldtest"
)

// A process that rests with its activities writes once to everybody, whatever
// they have a place in, and names all that rests and what becomes of each meeting;
// the same when it goes on. Who has a place is led there.
func TestARestIsToldOnce(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "procedure", Path: procedure, Kinds: []process.Kind{webinar.Kind{}}})
	w.Settle("lucia@comune.example.org", "Lucia")
	w.Member(w.Actor("marta@example.org", "Marta"), process.RoleFacilitator)
	w.Publish()
	meetings := meeting.New(w.Core)
	miriam, request := w.Person("miriam@example.org"), pause.Request{Reason: "Elezioni"}
	w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)`, w.Process.ID, miriam, w.Start, w.Start)
	saturday, both := w.Start.AddDate(0, 0, 5), process.ActivityID(0)
	for title, days := range map[string]int{"Prima serata": 1, "Due serate": 2} {
		a := w.NewActivity("webinar", "apply", title)
		for i := range days {
			date := saturday.AddDate(0, 0, i).Format(time.DateOnly)
			_, err := meetings.Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
				Starts: date + "T18:00", Ends: date + "T19:00", JoinURL: "https://meet.example.org/x",
			})
			w.Must(err)
		}
		w.Must(w.Advance(a, "open", ""))
		_, err := meetings.Register(t.Context(), w.Process.ID, a.ID, miriam)
		w.Must(err)
		request.With = append(request.With, a.ID)
		if days == 2 {
			both = a.ID
		}
	}
	sent, rest := w.Post(), pause.New(w.Core)
	w.Clock.Advance(time.Hour)
	sent()
	one := func(to string, words ...string) string {
		t.Helper()
		var text []string
		for _, m := range sent() {
			if m.Recipients[0] == to {
				text = append(text, strings.Join(strings.Fields(m.Subject()+" "+m.Text()), " "))
			}
			if m.Recipients[0] == "lucia@comune.example.org" {
				t.Errorf("who did it reads of it: %s", m.Subject())
			}
		}
		if len(text) != 1 {
			t.Fatalf("%d messages: %q", len(text), text)
		}
		for _, word := range words {
			if !strings.Contains(text[0], word) {
				t.Errorf("it does not say %q: %s", word, text[0])
			}
		}
		return text[0]
	}
	w.Must(rest.Suspend(t.Context(), w.Process.ID, w.Promoter, request))
	day := "14 marzo 2026 alle 18:00"
	one("miriam@example.org", "Sospeso: "+w.Process.Title, "«Prima serata»: l’incontro di sabato "+day+" non si fa", "«Due serate»: gli incontri di sabato "+day+" e domenica 15 marzo 2026 alle 18:00 non si fanno", "Elezioni")
	w.Clock.Advance(24 * time.Hour)
	w.Must(rest.Resume(t.Context(), w.Process.ID, w.Promoter, request))
	text := one("miriam@example.org", "Si riprende: "+w.Process.Title, "«Prima serata»: l’incontro si fa sabato "+day, "Elezioni", "«Due serate»: gli incontri si fanno sabato "+day+" e domenica 15")
	if !strings.Contains(text, "/r/webinar/") {
		t.Errorf("it leads to no place of theirs: %s", text)
	}

	request.Activity, request.With = both, nil
	w.Must(rest.Suspend(t.Context(), w.Process.ID, w.Promoter, request))
	one("miriam@example.org", "Sospeso: Due serate", "Gli incontri di sabato "+day+" e domenica 15 marzo 2026 alle 18:00 non si fanno")
	w.Clock.Advance(time.Hour)
	w.Must(rest.Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Reason: "Anche il resto"}))
	one("marta@example.org", "Sospeso: "+w.Process.Title)
}
