package process_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/message"
	"arengo/process/webinar"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// chained is a path whose second phase opens its webinars by itself.
const chained = `
workflow: chained
version: 1
title: {it: Percorso, en: Process}
timezone: America/New_York
roles: [promoter, facilitator, editor, expert, participant]
initial: preparation
states:
  preparation: {title: {it: Preparazione, en: Preparation}, term: {length: 10d, max: 20d}, allows: [extend]}
  talk: {title: {it: Ascolto, en: Listening}, term: {length: 10d}, on_enter: [{open: {kind: webinar}}], activities: [{kind: webinar, count: {min: 1}}]}
  over: {title: {it: Concluso, en: Over}, final: true}
transitions:
  - {id: launch, event: launch, from: [preparation], to: talk, by: [promoter]}
  - {id: finish, event: finish, from: [talk], to: over, by: [promoter]}
`

// chain is a process at the brink of launch with a webinar that has no meeting
// yet, so that the guard of its opening, by those who may do it, holds it back.
func chain(t *testing.T, by string) (*bundle, process.Activity) {
	t.Helper()
	b := setup(t)
	library := definition.NewLibrary()
	for name, source := range map[string][]byte{
		"chained.yaml": []byte(chained), "assembly.yaml": assembly.Kind{}.Workflow(),
		"webinar.yaml": bytes.Replace(webinar.Kind{}.Workflow(), []byte("by: [promoter, facilitator, system]"), []byte("by: ["+by+"]"), 1),
	} {
		_, err := library.Add(name, source)
		b.must(err)
	}
	b.Service = process.New(process.Config{
		DB: b.DB(), Definitions: library, Clock: b.clock, Kinds: process.NewKinds(webinar.Kind{}, assembly.Kind{}),
		Links: links(t, newSecret), BaseURL: "https://arengo.example.org", Source: message.New, Log: slog.New(slog.DiscardHandler),
	})
	p, err := b.Create(t.Context(), b.promoter, process.NewProcess{
		Template: "chained", Title: "Percorso", OrganisationID: b.org, StartsOn: civil.Date{Year: 2026, Month: time.March, Day: 2},
	})
	b.must(err)
	a, err := b.CreateActivity(t.Context(), p.ID, b.promoter, process.NewActivity{Kind: "webinar", Title: "Domande", Phase: "talk"})
	b.must(err)
	return b, a
}

func (b *bundle) state(a process.Activity) string {
	b.t.Helper()
	inst, err := b.Engine().Instance(b.t.Context(), b.DB(), a.Ref())
	b.must(err)
	return inst.State
}

// stuck counts the open incidents, whose reason and remedy are checked.
func (b *bundle) stuck(a process.Activity) int {
	b.t.Helper()
	list, err := b.Engine().Incidents(b.t.Context(), b.DB(), int64(a.ProcessID))
	b.must(err)
	for _, i := range list {
		if i.Ref != a.Ref() || i.Transition != "open" || len(i.Blockers) != 1 || i.Blockers[0].Code != "meeting-scheduled" || i.Blockers[0].Fix != "meeting" {
			b.t.Errorf("incident %+v", i)
		}
	}
	return len(list)
}

func (b *bundle) launch(a process.Activity) {
	b.t.Helper()
	_, err := b.DB().NewRaw(`UPDATE process SET published_at = created_at WHERE id = ?`, a.ProcessID).Exec(b.t.Context())
	b.must(err)
	_, err = b.Advance(b.t.Context(), a.ProcessID, b.promoter, process.Move{Transition: "launch"})
	b.must(err)
	if b.state(a) != "draft" || b.stuck(a) != 1 {
		b.t.Fatalf("state %s, %d incidents", b.state(a), b.stuck(a))
	}
}

func (b *bundle) schedule(a process.Activity) {
	b.t.Helper()
	_, err := meeting.New(b.Service).Schedule(b.t.Context(), a.ProcessID, a.ID, b.promoter, meeting.Draft{
		Title: "Domande", Starts: "2026-03-12T18:00", Ends: "2026-03-12T19:00", JoinURL: "https://incontri.example.org/x",
	})
	b.must(err)
}

// A consequence that a guard stops does not undo its cause, and is not only a
// line in the machine's log: people see why and what to mend.
func TestBlockedConsequenceIsAnIncident(t *testing.T) {
	t.Parallel()
	b, a := chain(t, "promoter, system")
	b.launch(a)
	var told int
	b.must(b.DB().NewRaw(`SELECT count(*) FROM notice WHERE process_id = ? AND activity_id = ? AND kind = 'action-needed'`,
		a.ProcessID, a.ID).Scan(t.Context(), &told))
	if told != 1 {
		t.Errorf("%d notices to those responsible", told)
	}
	b.schedule(a)
	_, err := b.Sweep(t.Context())
	b.must(err)
	if b.state(a) != "draft" {
		t.Error("what people may decide was decided for them")
	}
	_, err = b.Advance(t.Context(), a.ProcessID, b.promoter, process.Move{Activity: a.ID, Transition: "open"})
	b.must(err)
	if b.stuck(a) != 0 {
		t.Error("the incident stays after the move")
	}
}

func TestConsequenceOfNobodyIsTriedAgain(t *testing.T) {
	t.Parallel()
	b, a := chain(t, "system")
	b.launch(a)
	for range 2 {
		_, err := b.Sweep(t.Context())
		b.must(err)
	}
	if b.stuck(a) != 1 {
		t.Fatalf("%d incidents of one reason", b.stuck(a))
	}
	b.schedule(a)
	_, err := b.Sweep(t.Context())
	b.must(err)
	if b.state(a) != "open" || b.stuck(a) != 0 {
		t.Errorf("state %s, %d incidents", b.state(a), b.stuck(a))
	}
}

// What a refusal says of an instant is in the zone of the process.
func TestRefusalTellsTheProcessTime(t *testing.T) {
	t.Parallel()
	b, a := chain(t, "system")
	for key, days := range map[string]int{"workflow.extend_not_later": 1, "workflow.extend_beyond_max": 40} {
		_, err := b.PreviewExtend(t.Context(), a.ProcessID, process.NewEnd{End: morning.AddDate(0, 0, days)})
		e, ok := fault.As(err)
		if !ok || e.Key != key {
			t.Fatalf("got %v, want %s", err, key)
		}
		found := 0
		for name, v := range e.Args {
			if at, ok := v.(time.Time); ok {
				found++
				if zone := at.Location().String(); zone != "America/New_York" {
					t.Errorf("%s: %s is in %s", key, name, zone)
				}
			}
		}
		if found != 1 {
			t.Errorf("%s: %d instants", key, found)
		}
	}
}

// spy notes where statements run.
type spy struct {
	mu        sync.Mutex
	inside    bool
	begun     int
	unguarded []string
}

func (s *spy) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.Query == "BEGIN":
		s.begun, s.inside = s.begun+1, true
	case e.Query == "COMMIT", e.Query == "ROLLBACK":
		s.inside = false
	case !s.inside:
		s.unguarded = append(s.unguarded, e.Query)
	}
	return ctx
}

func (*spy) AfterQuery(context.Context, *bun.QueryEvent) {}

// A preview is of one moment: its locks are held until it has read everything.
func TestPreviewIsOneTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	inst, err := b.Engine().Instance(t.Context(), b.DB(), p.Ref())
	b.must(err)
	s := new(spy)
	watched := process.New(process.Config{
		DB: b.DB().WithQueryHook(s), Definitions: b.Definitions(), Clock: b.clock, Kinds: b.Kinds(), Links: b.Links(),
		Source: message.New, Log: slog.New(slog.DiscardHandler),
	})
	_, err = watched.PreviewExtend(t.Context(), p.ID, process.NewEnd{End: inst.DueAt.AddDate(0, 0, 1)})
	b.must(err)
	if s.begun != 1 || len(s.unguarded) > 0 {
		t.Errorf("%d transactions, outside them %q", s.begun, s.unguarded)
	}
}
