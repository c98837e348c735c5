package absence_test

import (
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/absence"
	"arengo/process/fault"
	"arengo/process/message"
	"arengo/process/worldtest"
	"arengo/workflow/civil"
)

func day(t *testing.T, s string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// world has Luisa, who facilitates, and Dario, whom nobody knows yet.
func world(t *testing.T) (w *worldtest.World, luisa, dario process.Actor) {
	t.Helper()
	w = worldtest.New(t)
	luisa = w.Actor("luisa@comune.example.org", "Luisa")
	w.Member(luisa, process.RoleFacilitator)
	return w, luisa, w.Actor("dario@comune.example.org", "Dario")
}

func away(t *testing.T, luisa process.Actor) absence.Away {
	t.Helper()
	return absence.Away{
		Person: luisa.Person, Role: process.RoleFacilitator, Deputy: process.Person{Email: "Dario@comune.example.org", Name: "Dario"},
		From: day(t, "2026-03-16"), Until: day(t, "2026-03-20"),
	}
}

// told resolves who a notice to the facilitators, due at an instant, is for.
func told(t *testing.T, w *worldtest.World, due time.Time) []process.PersonID {
	t.Helper()
	q, err := message.New(w.Core).Audience(t.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.Process.ID), Kind: "action-needed", Audience: process.RoleFacilitator, DueAt: due, Payload: []byte("{}"),
	})
	w.Must(err)
	var out []process.PersonID
	w.Must(w.DB.NewRaw("SELECT person_id FROM (?) a", q).Scan(t.Context(), &out))
	return out
}

// TestDeputyHoldsTheRoleOnThoseDaysOnly follows Dario through the days before,
// of, and after the absence, in the process's zone.
func TestDeputyHoldsTheRoleOnThoseDaysOnly(t *testing.T) {
	t.Parallel()
	w, luisa, dario := world(t)
	w.Must(absence.Set(t.Context(), w.Core, w.Process.ID, w.Promoter, away(t, luisa)))
	for at, want := range map[string]bool{
		"2026-03-15T22:59:59Z": false, "2026-03-15T23:00:00Z": true, "2026-03-20T22:59:59Z": true, "2026-03-20T23:00:00Z": false,
	} {
		now, err := time.Parse(time.RFC3339, at)
		w.Must(err)
		w.Clock.Set(now)
		_, err = w.Core.Enter(t.Context(), w.Process.Slug, dario, process.ActContactImport)
		if (err == nil) != want {
			t.Errorf("%s: %v, may enter: %v", at, err, want)
		}
		if told := told(t, w, now); len(told) != 1 || (told[0] == dario.Person) != want {
			t.Errorf("%s: told %v, want the deputy: %v", at, told, want)
		}
		if _, err := w.Core.Enter(t.Context(), w.Process.Slug, luisa, process.ActContactImport); err != nil {
			t.Errorf("%s: the holder lost the role: %v", at, err)
		}
	}
}

func TestDeputyIsTold(t *testing.T) {
	t.Parallel()
	w, luisa, dario := world(t)
	w.Must(absence.Set(t.Context(), w.Core, w.Process.ID, w.Promoter, away(t, luisa)))
	if n := w.Count(`SELECT count(*) FROM notice WHERE kind = 'role-assigned' AND person_id = ? AND payload->'extra'->>'until' = '2026-03-20'`, dario.Person); n != 1 {
		t.Errorf("%d notices to the deputy", n)
	}
	list, err := absence.List(t.Context(), w.DB, w.Process.ID, w.Start)
	w.Must(err)
	if len(list) != 1 || list[0].DeputyName != "Dario" {
		t.Fatalf("list: %+v", list)
	}
	if from, until := list[0].Days(w.Process.Location()); from.String() != "2026-03-16" || until.String() != "2026-03-20" {
		t.Errorf("days %v to %v", from, until)
	}
	if list, err = absence.List(t.Context(), w.DB, w.Process.ID, w.Start.AddDate(0, 1, 0)); err != nil || len(list) != 0 {
		t.Errorf("one that is over: %v, %v", list, err)
	}
}

func TestReturnAndRemoval(t *testing.T) {
	t.Parallel()
	w, luisa, dario := world(t)
	w.Must(absence.Set(t.Context(), w.Core, w.Process.ID, w.Promoter, away(t, luisa)))
	w.Clock.Set(day(t, "2026-03-17").Start(time.UTC))
	may := func() bool {
		_, err := w.Core.Enter(t.Context(), w.Process.Slug, dario, process.ActContactImport)
		return err == nil
	}
	if !may() {
		t.Fatal("the deputy may not")
	}
	w.Must(absence.End(t.Context(), w.Core, w.Process.ID, w.Promoter, luisa.Person, process.RoleFacilitator))
	if may() {
		t.Error("the deputy may still after the return")
	}
	w.Must(absence.Set(t.Context(), w.Core, w.Process.ID, w.Promoter, away(t, luisa)))
	w.Must(w.Core.RemoveMember(t.Context(), w.Process.ID, w.Promoter, luisa.Person, process.RoleFacilitator))
	if may() {
		t.Error("a deputy of nobody")
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	w, luisa, dario := world(t)
	for name, c := range map[string]struct {
		who    process.Actor
		change func(*absence.Away)
		code   fault.Code
		key    string
	}{
		"Self":     {w.Promoter, func(a *absence.Away) { a.Deputy.Email = luisa.Email }, fault.Invalid, "absence.deputy_self"},
		"Order":    {w.Promoter, func(a *absence.Away) { a.Until = day(t, "2026-03-15") }, fault.Invalid, "absence.order"},
		"Past":     {w.Promoter, func(a *absence.Away) { a.From, a.Until = day(t, "2026-03-01"), day(t, "2026-03-02") }, fault.Invalid, "absence.past"},
		"Address":  {w.Promoter, func(a *absence.Away) { a.Deputy.Email = "dario" }, fault.Invalid, "person.email_bad"},
		"NoHolder": {w.Promoter, func(a *absence.Away) { a.Role = process.RoleEditor }, fault.NotFound, "member.unknown"},
		"Stranger": {dario, func(*absence.Away) {}, fault.NotFound, "process.not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			a := away(t, luisa)
			c.change(&a)
			err := absence.Set(t.Context(), w.Core, w.Process.ID, c.who, a)
			if e, ok := fault.As(err); !ok || e.Code != c.code || e.Key != c.key {
				t.Errorf("got %v, want %s %s", err, c.code, c.key)
			}
		})
	}
	if n := w.Count(`SELECT count(*) FROM absence`); n != 0 {
		t.Errorf("%d absences were noted", n)
	}
}

// TestWhoStandsInIsAwayToo: the notice is not left with somebody who is not
// there, and nobody is named who is known to be away.
func TestWhoStandsInIsAwayToo(t *testing.T) {
	t.Parallel()
	w, luisa, dario := world(t)
	w.Member(dario, process.RoleEditor)
	ugo := w.Actor("ugo@comune.example.org", "Ugo")
	w.Member(ugo, process.RoleEditor)
	w.Must(absence.Set(t.Context(), w.Core, w.Process.ID, w.Promoter, away(t, luisa)))
	w.Must(absence.SetOwn(t.Context(), w.Core, w.Process.ID, dario, absence.Own{
		Role: process.RoleEditor, Deputy: ugo.Person, From: day(t, "2026-03-18"), Until: day(t, "2026-03-18"),
	}))
	for at, want := range map[string]process.PersonID{"2026-03-17T12:00:00Z": dario.Person, "2026-03-18T12:00:00Z": luisa.Person, "2026-03-19T12:00:00Z": dario.Person} {
		now, err := time.Parse(time.RFC3339, at)
		w.Must(err)
		if told := told(t, w, now); len(told) != 1 || told[0] != want {
			t.Errorf("%s: told %v, want %d", at, told, want)
		}
	}
	err := absence.Set(t.Context(), w.Core, w.Process.ID, w.Promoter, absence.Away{
		Person: ugo.Person, Role: process.RoleEditor, Deputy: process.Person{Email: dario.Email}, From: day(t, "2026-03-10"), Until: day(t, "2026-03-18"),
	})
	if e, ok := fault.As(err); !ok || e.Key != "absence.deputy_away" || e.Field != "deputy" {
		t.Errorf("%v", err)
	}
}

// TestPromoterByOrganisationIsAway: who promotes by the organisation has no row
// on the process and is away all the same, until they promote it no longer.
func TestPromoterByOrganisationIsAway(t *testing.T) {
	t.Parallel()
	w, luisa, _ := world(t)
	w.Exec(`DELETE FROM process_member WHERE person_id = ?`, w.Promoter.Person)
	own := absence.Own{Role: process.RolePromoter, Deputy: luisa.Person, From: day(t, "2026-03-16"), Until: day(t, "2026-03-20")}
	w.Must(absence.SetOwn(t.Context(), w.Core, w.Process.ID, w.Promoter, own))
	now, err := time.Parse(time.RFC3339, "2026-03-17T12:00:00Z")
	w.Must(err)
	w.Clock.Set(now)
	if _, err := w.Core.Enter(t.Context(), w.Process.Slug, luisa, process.ActProcessPublish); err != nil {
		t.Errorf("the deputy: %v", err)
	}
	q, err := message.New(w.Core).Audience(t.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.Process.ID), Kind: "action-needed", Audience: process.RolePromoter, DueAt: now, Payload: []byte("{}"),
	})
	w.Must(err)
	var told []process.PersonID
	w.Must(w.DB.NewRaw("SELECT person_id FROM (?) a", q).Scan(t.Context(), &told))
	if len(told) != 1 || told[0] != luisa.Person {
		t.Errorf("told %v", told)
	}
	w.Exec(`DELETE FROM membership WHERE person_id = ?`, w.Promoter.Person)
	if list, err := absence.List(t.Context(), w.DB, w.Process.ID, now); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := absence.SetOwn(t.Context(), w.Core, w.Process.ID, w.Promoter, own); err == nil {
		t.Error("who holds nothing is away from it")
	}
}
