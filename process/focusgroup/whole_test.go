package focusgroup_test

import (
	"testing"

	"arengo/process/focusgroup"
	"arengo/process/meeting"
)

// TestWholeOrNothing: what is refused half way leaves nothing behind, neither a
// place without an answer nor a presence without a code, and the next attempt
// does all of it.
func TestWholeOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2)
	w.convene()
	comes, declines := w.people[0], w.people[1]
	w.Exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$`)
	failing := func(table string, do func() error) {
		t.Helper()
		w.Exec(`CREATE TRIGGER refused BEFORE INSERT OR UPDATE ON ` + table + ` EXECUTE FUNCTION refuse()`)
		if err := do(); err == nil {
			t.Errorf("%s: nothing was refused", table)
		}
		w.Exec(`DROP TRIGGER refused ON ` + table)
	}

	failing("invitation", func() error {
		_, err := w.groups.Accept(t.Context(), w.a.ProcessID, w.a.ID, comes)
		return err
	})
	if g := w.guest(comes); g.Reply != focusgroup.Silent || w.Notices(w.a, "registration-confirmed") != 0 {
		t.Errorf("half an acceptance: %+v", g)
	}
	w.accept(comes)
	w.accept(declines)
	w.Exec(`UPDATE invitation SET answered_at = NULL WHERE person_id = ?`, declines)
	decline := func() error { return w.groups.Decline(t.Context(), w.a.ProcessID, w.a.ID, declines) }
	failing("invitation", decline)
	if g := w.guest(declines); g.Reply != focusgroup.Accepted {
		t.Errorf("half a refusal gave the place away: %s", g.Reply)
	}
	w.Must(decline())
	if g := w.guest(declines); g.Reply != focusgroup.Declined {
		t.Errorf("declined: %s", g.Reply)
	}

	w.At(starts)
	failing("focusgroup_speaker", func() error {
		return w.groups.Arrive(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: w.m.ID, Person: comes})
	})
	if g := w.guest(comes); g.Present {
		t.Errorf("present without a code: %+v", g)
	}
	w.arrive(comes)
	if g := w.guest(comes); !g.Present || g.Code != 1 {
		t.Errorf("arrived: %+v", g)
	}
}
