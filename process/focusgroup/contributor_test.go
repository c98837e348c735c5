package focusgroup_test

import (
	"encoding/json"
	"slices"
	"testing"

	"arengo/notify"
	"arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/message"
)

// TestContributorsAreTold: whose words stand in a note hears at the end what
// became of them, also when nobody ticked attendance; who declined does not.
func TestContributorsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3)
	w.convene()
	w.accept(w.people[0])
	w.accept(w.people[1])
	w.Must(w.groups.Decline(t.Context(), w.a.ProcessID, w.a.ID, w.people[2]))
	w.At(starts)
	for _, p := range w.people[:2] {
		w.arrive(p)
		w.Must(w.Meetings.Unnote(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: w.m.ID, Person: p}))
	}
	_, err := w.save(focusgroup.Note{Theme: w.group().Themes[0].ID, Speaker: 2, Statement: "L’ultimo autobus parte alle 19"})
	w.Must(err)
	q, err := message.New(w.Core).Audience(t.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.a.ProcessID), Kind: "what-became-of-it", Audience: "contributors", Key: "end", Payload: json.RawMessage(`{}`),
	})
	w.Must(err)
	var got []int64
	w.Must(w.DB.NewRaw(`SELECT person_id FROM (?) AS a ORDER BY person_id`, q).Scan(t.Context(), &got))
	if want := []int64{int64(w.people[1])}; !slices.Equal(got, want) {
		t.Errorf("told %v, want the one who spoke, %v", got, want)
	}
}
