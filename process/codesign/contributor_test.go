package codesign_test

import (
	"encoding/json"
	"slices"
	"testing"

	"arengo/notify"
	"arengo/process/message"
)

// TestContributorsAreTold: nobody ticked attendance, yet who wrote or voted
// hears at the end what became of it.
func TestContributorsAreTold(t *testing.T) {
	t.Parallel()
	w := open(t, 4)
	w.At(first)
	w.write(w.people[0], "Un bus la sera")
	w.Must(w.labs.Hide(t.Context(), w.Promoter, w.write(w.people[1], "Fuori tema"), "Fuori tema"))
	w.Must(err2(w.labs.WriteFor(t.Context(), w.Promoter, w.card("Dal foglio del tavolo"))))
	w.Exec(`INSERT INTO codesign_vote (process_id, activity_id, person_id, card_id, dots)
		SELECT process_id, activity_id, ?, min(id), 1 FROM codesign_card WHERE hidden_at IS NULL
		GROUP BY process_id, activity_id`, w.people[2])
	q, err := message.New(w.Core).Audience(t.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.a.ProcessID), Kind: "what-became-of-it", Audience: "contributors", Key: "end", Payload: json.RawMessage(`{}`),
	})
	w.Must(err)
	var got []int64
	w.Must(w.DB.NewRaw(`SELECT person_id FROM (?) AS a ORDER BY person_id`, q).Scan(t.Context(), &got))
	if want := []int64{int64(w.people[0]), int64(w.people[2])}; !slices.Equal(got, want) {
		t.Errorf("told %v, want who wrote and who voted, %v", got, want)
	}
}
