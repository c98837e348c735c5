package calldate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/calldate"
	"arengo/process/fault"
	"arengo/process/worldtest"
	"arengo/workflow"
	"arengo/workflow/civil"
)

// waiting lasts until a day of the call, and may begin from another.
const waiting = `
workflow: waiting
version: 1
title: {it: Attesa, en: Waiting}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: waiting
dates:
  - {code: last-day, required: true, days: ["03-20", "03-21", "03-29"], title: {it: Ultimo giorno, en: Last day}}
  - {code: first-day, title: {it: Primo giorno, en: First day}}
states:
  waiting: {title: {it: In attesa, en: Waiting}, term: {until: "date:last-day"}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - id: end
    event: end
    from: [waiting]
    to: over
    by: [promoter]
    title: {it: Chiudi, en: End}
    requires:
      - {code: in-window, guard: '"first-day" in process.dates && now >= process.dates["first-day"]',
         explain: {it: È presto, en: It is early}}
`

func day(d int) civil.Date { return civil.Date{Year: 2026, Month: time.March, Day: d} }

func newWorld(t *testing.T) (*worldtest.World, *calldate.Service) {
	t.Helper()
	w := worldtest.Build(t, worldtest.Config{Template: "waiting", Path: waiting})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	return w, calldate.New(w.Core)
}

func TestSave(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t)
	save := func(days map[string]civil.Date) error {
		_, err := s.Save(t.Context(), w.Process.ID, w.Promoter, days, "")
		return err
	}
	missing := func() bool {
		gaps, err := w.Core.Gaps(t.Context(), w.DB, w.Process)
		w.Must(err)
		return slices.Contains(gaps, process.Gap{Code: "dates", Fix: "deadline"})
	}
	ends := func(want string) {
		t.Helper()
		i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref())
		w.Must(err)
		got := ""
		if !i.DueAt.IsZero() {
			got = i.DueAt.In(w.Process.Location()).Format("2006-01-02 15:04")
		}
		if got != want {
			t.Errorf("the phase ends at %q, want %q", got, want)
		}
	}
	free := func() bool {
		options, err := w.Core.Explain(t.Context(), w.Process.ID, 0, w.Promoter)
		w.Must(err)
		return len(options) == 1 && len(options[0].Blockers) == 0
	}
	ends("")
	if !missing() {
		t.Error("publication does not ask for the required date")
	}

	far := day(29)
	far.Year += 36
	if e, ok := fault.As(save(map[string]civil.Date{"last-day": far})); !ok || e.Key != "workflow.too_far" || e.Field != "day.last-day" {
		t.Errorf("a slip of the year: %v", e)
	}
	if e, ok := fault.As(save(map[string]civil.Date{"last-day": day(30)})); !ok || e.Key != "process.date_day" || e.Field != "day.last-day" {
		t.Errorf("a day on which it cannot fall: %v", e)
	}
	w.Must(save(map[string]civil.Date{"last-day": day(29), "unknown": day(1)}))
	ends("2026-03-30 00:00") // the day lasts to its own end, the night of summer time too
	if missing() || free() {
		t.Errorf("with the required date alone: missing %t, free %t", missing(), free())
	}
	w.Must(save(map[string]civil.Date{"last-day": day(20), "first-day": day(9)}))
	ends("2026-03-21 00:00")
	if !free() {
		t.Error("the first day came, and the move is still blocked")
	}
	w.Must(save(map[string]civil.Date{"last-day": day(20)}))
	if free() {
		t.Error("a date that was emptied still counts")
	}
	dates, err := s.List(t.Context(), w.Process)
	w.Must(err)
	if len(dates) != 2 || dates[0].Day != day(20) || dates[1].Day != (civil.Date{}) {
		t.Errorf("kept %v", dates)
	}
}

// ordered asks for a day after another, as a law of windows does.
var ordered = strings.Replace(waiting, "{code: first-day, ", "{code: first-day, after: last-day, ", 1)

// A day that does not come after the one that it must is refused with both, and what a
// definition asks only later keeps a process from being published.
func TestDatesInOrder(t *testing.T) {
	t.Parallel()
	w := worldtest.Build(t, worldtest.Config{Template: "waiting", Path: ordered})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	s := calldate.New(w.Core)
	for _, c := range []struct {
		last, first civil.Date
		refused     bool
	}{{day(20), day(19), true}, {day(20), day(20), true}, {day(20), civil.Date{}, false}, {day(20), day(21), false}, {day(29), day(21), true}, {civil.Date{}, day(9), false}} {
		_, err := s.Save(t.Context(), w.Process.ID, w.Promoter, map[string]civil.Date{"last-day": c.last, "first-day": c.first}, "")
		e, ok := fault.As(err)
		if !c.refused && err != nil || c.refused && (!ok || e.Key != "process.date_after" || e.Field != "day.first-day") {
			t.Errorf("%s before %s: %v", c.last, c.first, err)
		}
	}
	stuck := func() bool {
		gaps, err := w.Core.Gaps(t.Context(), w.DB, w.Process)
		w.Must(err)
		return slices.Contains(gaps, process.Gap{Code: "order", Fix: "deadline"})
	}
	before := stuck()
	if _, err := w.DB.ExecContext(t.Context(), "INSERT INTO call_date (process_id, code, day) VALUES (?, 'last-day', '2026-03-20')", w.Process.ID); err != nil {
		t.Fatal(err)
	}
	if before || !stuck() {
		t.Errorf("out of order: %t before, %t after", before, stuck())
	}
	// What was there is not refused again while neither of the two is touched.
	_, err := s.Save(t.Context(), w.Process.ID, w.Promoter, map[string]civil.Date{"last-day": day(20), "first-day": day(9)}, "")
	w.Must(err)
}

// A phase that must end on a day long past keeps a process from being published, as the
// first phase and behind another; one to come does not.
func TestDayLongPast(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		template, old, now string
		stuck              bool
	}{
		"first":   {waiting, `until: "date:last-day"`, `until: "day:2020-01-01"`, true},
		"behind":  {later, "length: 10d", `until: "day:2020-01-01"`, true},
		"to come": {later, "length: 10d", `until: "day:2029-01-01"`, false},
	} {
		text := strings.Replace(strings.Replace(c.template, c.old, c.now, 1), `until: "date:last-day"`, "length: 5d", 1)
		id := map[bool]string{true: "waiting", false: "later"}[name == "first"]
		w := worldtest.Build(t, worldtest.Config{Template: id, Path: text})
		w.Settle("marta@comune.example.org", "Marta Bindi")
		gaps, err := w.Core.Gaps(t.Context(), w.DB, w.Process)
		if w.Must(err); slices.Contains(gaps, process.Gap{Code: "order", Fix: "deadline"}) != c.stuck {
			t.Errorf("%s: gaps %v", name, gaps)
		}
	}
}

func TestSaveOncePublic(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t)
	_, err := s.Save(t.Context(), w.Process.ID, w.Promoter, map[string]civil.Date{"last-day": day(20)}, "")
	w.Must(err)
	w.Publish()
	for name, tt := range map[string]struct {
		days map[string]civil.Date
		want fault.Code
	}{
		"ErrMoved":   {map[string]civil.Date{"last-day": day(21)}, fault.Conflict},
		"ErrEmptied": {nil, fault.Conflict},
		"Filled":     {map[string]civil.Date{"last-day": day(20), "first-day": day(9)}, ""},
		"Stranger":   {map[string]civil.Date{"last-day": day(20)}, fault.Forbidden},
	} {
		who := w.Promoter
		if name == "Stranger" {
			who = w.Stranger
		}
		_, err := s.Save(t.Context(), w.Process.ID, who, tt.days, "")
		if tt.want == "" && err != nil || tt.want != "" && !fault.Is(err, tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// A date that a public process is given is in its log, with its reason and the
// office of who gave it, whether or not an end moves; of a draft it is not.
func TestSaveIsLogged(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t)
	noted := func() (out []workflow.LogEntry) {
		log, err := w.Core.Engine().Log(t.Context(), w.DB, int64(w.Process.ID), 0, 0)
		w.Must(err)
		for _, e := range log {
			if len(workflow.DatesOf(e)) > 0 {
				out = append(out, e)
			}
		}
		return out
	}
	save := func(days map[string]civil.Date, reason string) {
		_, err := s.Save(t.Context(), w.Process.ID, w.Promoter, days, reason)
		w.Must(err)
	}
	save(map[string]civil.Date{"last-day": day(20)}, "")
	w.Publish()
	both := map[string]civil.Date{"last-day": day(20), "first-day": day(9)}
	if _, err := s.Preview(t.Context(), w.Process.ID, w.Promoter, both); err != nil || len(noted()) != 0 {
		t.Fatalf("a draft and a preview are in the log: %v, %v", noted(), err)
	}
	save(both, " Protocollo 12 ")
	save(both, "again")
	got := noted()
	if len(got) != 1 {
		t.Fatalf("noted %+v", got)
	}
	want := []workflow.DateChange{{Code: "first-day", New: "2026-03-09"}}
	if e := got[0]; !slices.Equal(workflow.DatesOf(e), want) || e.Reason != "Protocollo 12" || !e.PublicReason ||
		e.Office != process.RolePromoter || e.PersonID != int64(w.Promoter.Person) {
		t.Errorf("noted %+v of %v", e, workflow.DatesOf(e))
	}
}

// What filling a date in moves is listed beforehand, and not done.
func TestPreviewMovesNothing(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t)
	days := map[string]civil.Date{"last-day": day(20)}
	foreseen, err := s.Preview(t.Context(), w.Process.ID, w.Promoter, days)
	w.Must(err)
	moves := foreseen.Moves
	end := day(21).Start(w.Process.Location())
	if want := []workflow.Move{{Name: "end", New: end}}; !slices.Equal(moves, want) {
		t.Errorf("moves %v, want %v", moves, want)
	}
	if i, err := w.Core.Engine().Instance(t.Context(), w.DB, w.Process.Ref()); err != nil || !i.DueAt.IsZero() {
		t.Errorf("the preview moved the end to %s, %v", i.DueAt, err)
	}
	if dates, err := s.List(t.Context(), w.Process); err != nil || dates[0].Day != (civil.Date{}) {
		t.Errorf("the preview kept %v, %v", dates, err)
	}
	saved, err := s.Save(t.Context(), w.Process.ID, w.Promoter, days, "")
	if w.Must(err); !slices.Equal(saved, moves) {
		t.Errorf("saved %v, foreseen %v", saved, moves)
	}
	w.Publish()
	if _, err := s.Preview(t.Context(), w.Process.ID, w.Promoter, nil); !fault.Is(err, fault.Conflict) {
		t.Errorf("a promise is broken in a preview: %v", err)
	}
}

// later lasts ten days from a day of the call, and is followed by another phase.
const later = `
workflow: later
version: 1
title: {it: Dopo, en: Later}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: waiting
dates:
  - {code: last-day, title: {it: Ultimo giorno, en: Last day}}
states:
  waiting: {title: {it: In attesa, en: Waiting}, term: {until: "date:last-day"}, allows: [edit]}
  reading: {title: {it: Lettura, en: Reading}, term: {length: 10d}, allows: [edit]}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: read, event: read, from: [waiting], to: reading, by: [promoter], title: {it: Leggi, en: Read}}
  - {id: end, event: end, from: [reading], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// The preview lists the phases that move, those behind included, and changes
// nothing; saving then gives what was listed, of a public process too.
func TestPreviewOfPhasesBehind(t *testing.T) {
	t.Parallel()
	for _, public := range []bool{false, true} {
		w := worldtest.Build(t, worldtest.Config{Template: "later", Path: later})
		w.Settle("marta@comune.example.org", "Marta Bindi")
		if public {
			w.Publish()
		}
		s := calldate.New(w.Core)
		ends := func(plan []workflow.PlannedPhase) (out []string) {
			for _, ph := range plan {
				text := "?"
				if !ph.End.IsZero() {
					text = ph.End.In(w.Process.Location()).Format(time.DateOnly)
				}
				out = append(out, ph.State+" "+text)
			}
			return out
		}
		plan := func() []string {
			p, err := w.Core.Engine().Plan(t.Context(), w.DB, w.Process.Ref())
			w.Must(err)
			return ends(p)
		}
		before := plan()
		days := map[string]civil.Date{"last-day": day(20)}
		look, err := s.Preview(t.Context(), w.Process.ID, w.Promoter, days)
		w.Must(err)
		want := []string{"waiting 2026-03-21", "reading 2026-03-31"}
		if got := ends(look.After); !slices.Equal(got, want) || len(workflow.Moves(look.Before, look.After)) != 2 || len(look.Moves) != 1 {
			t.Errorf("public %t: it would be %v, want %v; moves %v", public, got, want, look.Moves)
		}
		if now := plan(); !slices.Equal(now, before) || w.Count(`SELECT count(*) FROM call_date`) != 0 {
			t.Errorf("public %t: looking changed the plan: %v", public, now)
		}
		_, err = s.Save(t.Context(), w.Process.ID, w.Promoter, days, "")
		w.Must(err)
		if got := plan(); !slices.Equal(got, want) {
			t.Errorf("public %t: saved %v, want %v", public, got, want)
		}
		start := civil.DateOf(*w.Process.StartsOn, time.UTC)
		if plan, _, err := w.Core.PreviewDates(t.Context(), w.Process.ID, start, map[string]int{"reading": 20}); err != nil || ends(plan)[1] != "reading 2026-04-10" {
			t.Errorf("public %t: twenty days of reading: %v, %v", public, ends(plan), err)
		}
		if _, err = s.Preview(t.Context(), w.Process.ID, w.Stranger, days); err == nil {
			t.Errorf("public %t: a stranger looks", public)
		}
	}
}
