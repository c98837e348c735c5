package focusgroup_test

import (
	"testing"

	"arengo/process"
	domain "arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/pause"
)

// Who is invited to a suspended group may say that they do not come and take
// their consent back, and nothing else.
func TestSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.convene()
	guest, door := w.Visitor(), w.door(w.people[0], process.LinkAnswer)
	guest.Submit(guest.Get(door), `form[action$="/risposta"]`, "risposta", "si").Back()
	guest.Submit(guest.Get(door), `form[action$="/consensi"]`, "purpose", "participation").Back()
	w.Must(pause.New(w.Core).Suspend(t.Context(), w.Process.ID, w.Promoter, pause.Request{Activity: w.a.ID, Reason: "Chi conduce è malato"}))

	guest.Get(door).Is(200).Says("Sospeso", "puoi solo dire che non vieni")
	guest.Submit(guest.Get(door), `form[action$="/consensi"]`, "purpose", "-").Back()
	if g := w.guest(0); g.Consented(meeting.Participation) {
		t.Error("the consent cannot be taken back")
	}
	other := guest.Get(w.door(w.people[1], process.LinkInvited)).Is(200)
	if other.Find(`button[value="si"]`).Length() != 0 || other.Find(`button[value="no"]`).Length() != 1 {
		t.Errorf("what is offered: %s", other.Find("#risposta").Parent().Text())
	}
	guest.Submit(guest.Get(door), `form[action$="/risposta"]`, "risposta", "no").Back()
	if g := w.guest(0); g.Reply != domain.Declined {
		t.Errorf("the answer is %s", g.Reply)
	}
	w.SignedIn(w.Promoter).Get(w.desk).Is(200).Says("Sospeso", "Riprendi")
	w.Visitor().Get(w.public).Is(200).Says("Sospeso")
}
