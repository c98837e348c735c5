package webinar_test

import (
	"strings"
	"testing"

	"arengo/process/meeting"
	"arengo/process/pause"
	"arengo/web/gathering/gatheringtest"
)

// suspend lets the webinar rest.
func suspend(w *gatheringtest.World) {
	w.T.Helper()
	w.Must(pause.New(w.Core).Suspend(w.T.Context(), w.Process.ID, w.Promoter, pause.Request{Activity: w.Activity.ID, Reason: "La relatrice è malata"}))
}

// Of a suspended webinar everybody reads that it rests; who is registered may
// leave, and who runs it may let it go on or call it off, also when its hour has
// gone by.
func TestSuspended(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.Registers("Anna Neri", "anna@example.org")
	w.Registers("Bruno Verdi", "bruno@example.org")
	suspend(w)
	public := w.Visitor().Get(w.Public()).Is(200).Says("Sospeso", "per ora non si raccoglie nulla")
	if public.Find(`form[action$="/iscriviti"]`).Length() != 0 {
		t.Error("the way in is still offered")
	}
	anna := w.Link("anna@example.org")
	page := w.Visitor().Get(anna).Is(200).Says("La tua iscrizione resta", "quando si riprende, il posto va a chi aspetta", "quel giorno non si fa, se prima non si riprende")
	for name, one := range map[string]string{"theirs": page.Text("main"), "public": public.Text("main")} {
		if strings.Contains(one, "Fra ") || strings.Contains(one, "calendario") {
			t.Errorf("%s counts the days to a meeting that rests: %s", name, one)
		}
	}
	w.Visitor().Submit(page, `form[action$="/annulla"]`).Back()
	w.Visitor().Get(anna).Says("annullata")

	w.At(starts.AddDate(0, 0, 3))
	desk := w.Desk()
	staff := desk.Get(w.Staff()).Is(200).Says("Sospeso", "nulla avviene da sé").Hides("Segna come svolto")
	if staff.Find(`#proroga input[name=what][value=resume]`).Length() != 1 {
		t.Error("nothing lets it go on")
	}
	desk.Submit(staff, `form[action$="/annulla"]`, "reason", "La relatrice non guarisce").Back()
	if s := w.State(w.Activity); s != "cancelled" {
		t.Errorf("it is %s", s)
	}
	w.Visitor().Get(w.Public()).Says("La relatrice non guarisce")
}

// A suspended webinar gets a new day after its hour has gone by.
func TestSuspendedIsMoved(t *testing.T) {
	t.Parallel()
	w := open(t)
	suspend(w)
	w.At(starts.AddDate(0, 0, 3))
	desk := w.Desk()
	edit := desk.Get(w.Staff()).Find(`#incontro-1 a[href*="/incontri/1"]`).AttrOr("href", "")
	desk.Submit(desk.Get(edit).Is(200), `form[action*="/incontri/1"]`, "starts", "2026-04-09T18:00", "ends", "2026-04-09T19:00").Back()
	list, err := w.Meetings.Meetings(t.Context(), w.Process.ID, w.Activity.ID)
	w.Must(err)
	if later := (meeting.Draft{Starts: "2026-04-09T18:00"}); meeting.DraftOf(list[0], w.Process.Location()).Starts != later.Starts {
		t.Errorf("it is on %s", list[0].StartsAt)
	}
}
