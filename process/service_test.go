package process_test

import (
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/document"
	"arengo/process/fault"
	"arengo/process/message"
	"arengo/process/processtest"
	"arengo/process/webinar"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/history"
)

// morning is a Monday in Rome, some weeks before the change to summer time.
var morning = time.Date(2026, time.March, 2, 8, 30, 0, 0, time.UTC)

type bundle struct {
	*process.Service

	t           testing.TB
	clock       *processtest.Clock
	promoter    process.Actor
	facilitator process.Actor
	stranger    process.Actor
	org         process.OrganisationID
	other       process.OrganisationID
}

func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{t: t, clock: processtest.NewClock(morning)}
	library := definition.NewLibrary()
	template, err := os.ReadFile("../fixtures/templates/area-path.yaml")
	b.must(err)
	_, err = library.Add("area-path.yaml", template)
	b.must(err)
	_, err = library.Add("webinar.yaml", webinar.Kind{}.Workflow())
	b.must(err)
	_, err = library.Add("assembly.yaml", assembly.Kind{}.Workflow())
	b.must(err)
	b.Service = process.New(process.Config{
		DB: processtest.Database(t), Definitions: library, Clock: b.clock, Kinds: process.NewKinds(webinar.Kind{}, assembly.Kind{}),
		Links: links(t, newSecret), BaseURL: "https://arengo.example.org", Source: message.New,
		Log: slog.New(slog.DiscardHandler),
	})
	b.org, b.other = b.organisation("Comune di Siena"), b.organisation("Comune di Altrove")
	b.promoter, b.facilitator, b.stranger = b.person("lucia@example.org"), b.person("marta@example.org"), b.person("uno@example.org")
	b.must(addPromoter(b, b.org, b.promoter.Person))
	b.promoter, err = process.LoadActor(t.Context(), b.DB(), b.promoter.Person)
	b.must(err)
	return b
}

func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) organisation(name string) (id process.OrganisationID) {
	b.t.Helper()
	b.must(b.DB().NewRaw(`INSERT INTO organisation (public_id, name, kind, created_at) VALUES (?, ?, 'municipality', ?) RETURNING id`,
		process.PublicID(), name, morning).Scan(b.t.Context(), &id))
	return id
}

func addPromoter(b *bundle, o process.OrganisationID, who process.PersonID) error {
	_, err := b.DB().NewRaw(`INSERT INTO membership (organisation_id, person_id, role, created_at) VALUES (?, ?, 'promoter', ?)`,
		o, who, morning).Exec(b.t.Context())
	return err
}

func (b *bundle) person(email string) process.Actor {
	b.t.Helper()
	id, err := process.FindOrAddPerson(b.t.Context(), b.DB(), process.Person{Email: email, Name: "P " + email}, morning)
	b.must(err)
	a, err := process.LoadActor(b.t.Context(), b.DB(), id)
	b.must(err)
	return a
}

func (b *bundle) create() process.Process {
	b.t.Helper()
	p, err := b.Create(b.t.Context(), b.promoter, process.NewProcess{
		Template: "area-path", Title: "Next Generation Siena", OrganisationID: b.org,
		StartsOn: civil.Date{Year: 2026, Month: time.March, Day: 2},
	})
	b.must(err)
	return p
}

func wantCode(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != code || e.Key != key {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.create(), b.create()
	if first.Slug != "next-generation-siena" || second.Slug != "next-generation-siena-2" {
		t.Errorf("slugs %q and %q", first.Slug, second.Slug)
	}
	plan, err := b.Engine().Plan(t.Context(), b.DB(), first.Ref())
	b.must(err)
	if len(plan) != 6 {
		t.Fatalf("%d phases, want 6", len(plan))
	}
	rome, _ := time.LoadLocation("Europe/Rome")
	if got, want := plan[0].End.In(rome).Format(time.DateTime), "2026-04-01 00:00:00"; got != want {
		t.Errorf("preparation ends %s, want %s: thirty civil days over the change of the clock", got, want)
	}

	t.Run("ErrFar", func(t *testing.T) {
		_, err := b.Create(t.Context(), b.promoter, process.NewProcess{
			Template: "area-path", Title: "Fra molto", OrganisationID: b.org, StartsOn: civil.DateOf(morning.AddDate(10, 0, 2), rome),
		})
		if e, ok := fault.As(err); !ok || e.Key != "workflow.too_far" || e.Field != "starts_on" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("ErrPast", func(t *testing.T) {
		n := process.NewProcess{
			Template: "area-path", Title: "Tempo fa", OrganisationID: b.org, StartsOn: civil.DateOf(morning, rome).Add(-1),
		}
		_, err := b.Create(t.Context(), b.promoter, n)
		e, ok := fault.As(err)
		if !ok || e.Key != "process.starts_past" || e.Field != "starts_on" {
			t.Errorf("got %v", err)
		}
		n.Past = true
		if _, err := b.Create(t.Context(), b.promoter, n); err != nil {
			t.Errorf("what began before: %v", err)
		}
	})
	t.Run("ErrFields", func(t *testing.T) {
		_, err := b.Create(t.Context(), b.promoter, process.NewProcess{Template: "none"})
		var list fault.List
		if !errors.As(err, &list) || len(list) != 4 {
			t.Errorf("got %v, want four refusals at once", err)
		}
	})
	t.Run("ErrNotYourOrganisation", func(t *testing.T) {
		_, err := b.Create(t.Context(), b.promoter, process.NewProcess{
			Template: "area-path", Title: "X", OrganisationID: b.other, StartsOn: civil.Date{Year: 2026, Month: 3, Day: 2},
		})
		wantCode(t, err, fault.Forbidden, "process.not_your_organisation")
	})
	t.Run("ErrStranger", func(t *testing.T) {
		_, err := b.Create(t.Context(), b.stranger, process.NewProcess{})
		wantCode(t, err, fault.Forbidden, "policy.role")
	})
}

func TestTwoEditors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	d := process.Details{Title: "Uno", Summary: "s", Revision: p.Revision}
	b.must(b.Update(t.Context(), p.ID, b.promoter, d))
	d.Title = "Due"
	wantCode(t, b.Update(t.Context(), p.ID, b.promoter, d), fault.Conflict, "form.stale")
	now, err := b.LoadProcess(t.Context(), b.DB(), p.ID)
	b.must(err)
	if now.Title != "Uno" {
		t.Errorf("the second editor overwrote the first: %q", now.Title)
	}
}

func TestDatesKeepToTheTerms(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	start := civil.Date{Year: 2026, Month: time.March, Day: 9}
	_, moves, err := b.PreviewDates(t.Context(), p.ID, start, nil)
	b.must(err)
	if len(moves) == 0 {
		t.Error("a new start moves nothing")
	}
	for days, key := range map[int]string{20: "process.term_short", 61: "process.term_long"} {
		err := b.SetDates(t.Context(), p.ID, b.promoter, process.Dates{Revision: p.Revision, Start: start, Days: map[string]int{"exploration": days}})
		wantCode(t, err, fault.Invalid, key)
	}
	b.must(b.SetDates(t.Context(), p.ID, b.promoter, process.Dates{Revision: p.Revision, Start: start, Days: map[string]int{"exploration": 60}}))
}

// Before publication nothing is promised: the present phase ends where the new
// dates say, and nothing of the old end fires.
func TestDatesMoveThePresentEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	due := func() time.Time {
		inst, err := b.Engine().Instance(t.Context(), b.DB(), p.Ref())
		b.must(err)
		return inst.DueAt
	}
	fired := func() (names []string) {
		_, err := b.Sweep(t.Context())
		b.must(err)
		all, err := b.Engine().Deadlines(t.Context(), b.DB(), p.Ref())
		b.must(err)
		for _, d := range all {
			if !d.FiredAt.IsZero() {
				names = append(names, d.Name)
			}
		}
		return names
	}
	old := due()
	start := civil.Date{Year: 2026, Month: time.June, Day: 1}
	b.must(b.SetDates(t.Context(), p.ID, b.promoter, process.Dates{Revision: p.Revision, Start: start, Days: map[string]int{"preparation": 80}}))
	rome, err := time.LoadLocation("Europe/Rome")
	b.must(err)
	want := time.Date(2026, time.August, 20, 0, 0, 0, 0, rome)
	if !due().Equal(want) || !want.After(old) {
		t.Fatalf("the phase ends %s, want %s", due(), want)
	}
	b.clock.Set(old.Add(time.Hour))
	if got := fired(); len(got) > 0 {
		t.Errorf("the old end fired %v", got)
	}
	b.clock.Set(want.Add(-time.Minute))
	if got := strings.Join(fired(), " "); got != "action-needed.7d action-needed.1d" {
		t.Errorf("before the new end fired %q", got)
	}
	// And back, to an end before the one that stood: the reminders move too.
	b.clock.Set(time.Date(2026, time.June, 2, 8, 0, 0, 0, rome))
	b.must(b.SetDates(t.Context(), p.ID, b.promoter, process.Dates{Revision: p.Revision + 1, Start: start, Days: map[string]int{"preparation": 30}}))
	if want := time.Date(2026, time.July, 1, 0, 0, 0, 0, rome); !due().Equal(want) {
		t.Errorf("the phase ends %s, want %s", due(), want)
	}
	b.clock.Set(due())
	if got := strings.Join(fired(), " "); got != "action-needed.7d action-needed.1d end" {
		t.Errorf("at the new end fired %q", got)
	}
	log, err := b.Engine().Log(t.Context(), b.DB(), int64(p.ID), 0, 0)
	b.must(err)
	if last := log[len(log)-1]; last.Transition != "reschedule" || last.Office != process.RolePromoter {
		t.Errorf("the log ends with %+v", last)
	}
}

// Names may be kept as long as people were told, or less.
func TestKeepDays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	update := func(keep int) error {
		b.t.Helper()
		now, err := b.LoadProcess(t.Context(), b.DB(), p.ID)
		b.must(err)
		return b.Update(t.Context(), p.ID, b.promoter, process.Details{
			Title: now.Title, Summary: "Due frasi", ContactEmail: "info@example.org", KeepDays: keep, Revision: now.Revision,
		})
	}
	wantCode(t, update(process.KeepLeast-1), fault.Invalid, "process.keep_bad")
	wantCode(t, update(process.KeepMost+1), fault.Invalid, "process.keep_bad")
	b.must(update(500))
	_, err := b.DB().ExecContext(t.Context(), `UPDATE process SET published_at = ? WHERE id = ?`, morning, p.ID)
	b.must(err)
	wantCode(t, update(501), fault.Invalid, "process.keep_longer")
	b.must(update(90))
	b.must(update(0)) // not on every form
	if now, err := b.LoadProcess(t.Context(), b.DB(), p.ID); err != nil || now.KeepDays != 90 {
		t.Errorf("%d days, %v", now.KeepDays, err)
	}
}

// A process that starts later is prepared from its first day on.
func TestFirstPhaseCountsFromItsStart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := process.NewProcess{
		Template: "area-path", Title: "Più tardi", OrganisationID: b.org,
		StartsOn: civil.Date{Year: 2026, Month: time.May, Day: 4},
	}
	p, err := b.Create(t.Context(), b.promoter, n)
	b.must(err)
	plan, err := b.Engine().Plan(t.Context(), b.DB(), p.Ref())
	b.must(err)
	inst, err := b.Engine().Instance(t.Context(), b.DB(), p.Ref())
	b.must(err)
	if !inst.DueAt.Equal(plan[0].End) {
		t.Errorf("ends %s, planned %s", inst.DueAt, plan[0].End)
	}
}

func TestPublishNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	gaps, err := b.Gaps(t.Context(), b.DB(), p)
	b.must(err)
	var codes []string
	for _, g := range gaps {
		codes = append(codes, g.Code)
	}
	if got, want := strings.Join(codes, " "), "summary facilitator population document.project-sheet"; got != want {
		t.Errorf("missing %q, want %q", got, want)
	}
	wantCode(t, b.Publish(t.Context(), p.ID, b.promoter), fault.Conflict, "publish.missing")

	b.complete(p)
	b.must(b.Publish(t.Context(), p.ID, b.promoter))
	b.must(b.Publish(t.Context(), p.ID, b.promoter))
	if _, err := b.Enter(t.Context(), p.Slug, process.Actor{}, process.ActProcessView); err != nil {
		t.Errorf("a visitor cannot see it: %v", err)
	}
	p, err = b.LoadProcess(t.Context(), b.DB(), p.ID)
	b.must(err)
	if err := b.Update(t.Context(), p.ID, b.promoter, process.Details{Title: p.Title, Revision: p.Revision}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a public process lost its contact: %v", err)
	}
	later := civil.Date{Year: 2026, Month: time.May, Day: 4}
	wantCode(t, b.SetDates(t.Context(), p.ID, b.promoter, process.Dates{Revision: 99, Start: later}), fault.Conflict, "process.dates_public")
}

// complete adds what publication asks for.
func (b *bundle) complete(p process.Process) {
	b.t.Helper()
	ctx := b.t.Context()
	b.must(b.Update(ctx, p.ID, b.promoter, process.Details{
		Title: p.Title, Summary: "Che cosa serve all’area", ContactEmail: "percorso@example.org", Revision: p.Revision,
	}))
	b.must(b.AddMember(ctx, p.ID, b.promoter, process.Person{Email: "Marta@example.org"}, process.RoleFacilitator))
	var place process.TerritoryID
	b.must(b.DB().NewRaw(`INSERT INTO territory (scheme, code, kind, name) VALUES ('istat', '052032', 'municipality', 'Siena') RETURNING id`).Scan(ctx, &place))
	b.must(b.SetPopulation(ctx, p.ID, b.promoter, []process.PopulationUnit{{Territory: place, Units: 46_000}}))
	b.must(document.New(b.Service).Save(ctx, b.promoter, document.Document{
		ProcessID: p.ID, Code: "project-sheet", Title: "Scheda di progetto", Body: "Testo",
	}))
}

func TestAdvanceExplainsEveryReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	_, err := b.Advance(t.Context(), p.ID, b.promoter, process.Move{Transition: "launch"})
	var blocked *workflow.Blocked
	if !errors.As(err, &blocked) {
		t.Fatalf("got %v, want a refusal with reasons", err)
	}
	var codes []string
	for _, r := range blocked.Blockers {
		codes = append(codes, r.Code)
	}
	for _, want := range []string{"population-defined", "questionnaire-ready", "facilitator-named"} {
		if !strings.Contains(strings.Join(codes, " "), want) {
			t.Errorf("reasons %v, want %s among them", codes, want)
		}
	}
	options, err := b.Explain(t.Context(), p.ID, 0, b.promoter)
	b.must(err)
	if len(options) != 2 || len(options[0].Blockers) != len(blocked.Blockers) || !options[1].Allowed() {
		t.Errorf("the page and the refusal disagree: %+v", options)
	}
	_, err = b.Advance(t.Context(), p.ID, b.stranger, process.Move{Transition: "launch"})
	wantCode(t, err, fault.NotFound, "process.not_found")
}

func TestCancelEndsEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	b.complete(p)
	_, err := b.Advance(t.Context(), p.ID, b.promoter, process.Move{Transition: "cancel"})
	if err == nil {
		t.Fatal("cancelled without a reason")
	}
	_, err = b.Advance(t.Context(), p.ID, b.promoter, process.Move{Transition: "cancel", Reason: "Manca il bilancio", Key: "k"})
	b.must(err)
	again, err := b.Advance(t.Context(), p.ID, b.promoter, process.Move{Transition: "cancel", Reason: "Manca il bilancio", Key: "k"})
	if err == nil && !again.Replayed {
		t.Error("a repeated request was carried out twice")
	}
	wantCode(t, b.Update(t.Context(), p.ID, b.promoter, process.Details{Title: "X", Revision: 2}), fault.Closed, "policy.ended")
	b.clock.Advance(365 * 24 * time.Hour)
	fired, err := b.Sweep(t.Context())
	b.must(err)
	if fired != 0 {
		t.Errorf("%d timers outlived the process", fired)
	}
	b.must(history.Verify(t.Context(), history.In(b.DB()), int64(p.ID)))
}

// Letters lead to a page that must be there.
func TestLaunchOnlyWhatIsPublished(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	b.complete(p)
	published := func() bool {
		_, err := b.Advance(t.Context(), p.ID, b.promoter, process.Move{Transition: "launch"})
		var blocked *workflow.Blocked
		if !errors.As(err, &blocked) {
			t.Fatalf("got %v, want that the questionnaire blocks it", err)
		}
		return !slices.ContainsFunc(blocked.Blockers, func(x workflow.Blocker) bool { return x.Code == "published" })
	}
	if published() {
		t.Error("a draft may be launched")
	}
	b.must(b.Publish(t.Context(), p.ID, b.promoter))
	if !published() {
		t.Error("publication is asked for again")
	}
}

// A process that ended would leave people before a form that nobody reads.
func TestCancelNotOverPeoplesHeads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	a, err := b.CreateActivity(t.Context(), p.ID, b.promoter, process.NewActivity{Kind: "webinar", Title: "Incontro", Phase: "exploration"})
	b.must(err)
	state := func(name string) {
		_, err := b.DB().NewRaw("UPDATE workflow_instance SET state = ? WHERE process_id = ? AND activity_id = ?", name, p.ID, a.ID).Exec(t.Context())
		b.must(err)
	}
	cancel := process.Move{Transition: "cancel", Reason: "Manca il bilancio"}
	state("open")
	_, err = b.Advance(t.Context(), p.ID, b.promoter, cancel)
	var blocked *workflow.Blocked
	if !errors.As(err, &blocked) || len(blocked.Blockers) != 1 || blocked.Blockers[0].Code != "activities-over" {
		t.Fatalf("got %v, want that the open webinar blocks it", err)
	}
	state("cancelled")
	_, err = b.Advance(t.Context(), p.ID, b.promoter, cancel)
	b.must(err)
}

func TestMembers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	add := func(email, role string) error {
		return b.AddMember(t.Context(), p.ID, b.promoter, process.Person{Email: email}, role)
	}
	b.must(add(" MARTA@example.org ", process.RoleFacilitator))
	wantCode(t, add("marta@example.org", process.RoleFacilitator), fault.Conflict, "member.already")
	wantCode(t, add("no address", process.RoleEditor), fault.Invalid, "person.email_bad")
	wantCode(t, add("x@example.org", "king"), fault.Invalid, "member.role_bad")
	wantCode(t, b.RemoveMember(t.Context(), p.ID, b.promoter, b.promoter.Person, process.RolePromoter), fault.Conflict, "member.last_promoter")
	b.must(b.RemoveMember(t.Context(), p.ID, b.promoter, b.facilitator.Person, process.RoleFacilitator))
	members, err := b.Members(t.Context(), p.ID)
	b.must(err)
	if len(members) != 1 || members[0].Role != process.RolePromoter {
		t.Errorf("members %+v", members)
	}
}

// The end that somebody saw is the one that they move: a form made before
// another move is refused under the lock.
func TestExtendKnowsWhatWasSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	inst, err := b.Engine().Instance(t.Context(), b.DB(), p.Ref())
	b.must(err)
	later := process.NewEnd{End: inst.DueAt.AddDate(0, 0, 1), Reason: "Serve tempo", Revision: inst.Revision + 1}
	_, err = b.Extend(t.Context(), p.ID, b.promoter, later)
	wantCode(t, err, fault.Conflict, "workflow.stale")
	later.Revision = inst.Revision
	_, err = b.Extend(t.Context(), p.ID, b.promoter, later)
	b.must(err)
	later.End = later.End.AddDate(0, 0, 1)
	_, err = b.Extend(t.Context(), p.ID, b.promoter, later)
	wantCode(t, err, fault.Conflict, "workflow.stale")
}

func TestList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.create()
	find := func(f process.Filter) int {
		t.Helper()
		list, n, err := b.List(t.Context(), f)
		b.must(err)
		if len(list) != n {
			t.Fatalf("%d listed of %d", len(list), n)
		}
		return n
	}
	if find(process.Filter{}) != 0 || find(process.Filter{Mine: b.promoter.Person}) != 1 || find(process.Filter{Mine: b.stranger.Person}) != 0 {
		t.Error("a draft is for its people only")
	}
	_, err := b.DB().NewRaw(`UPDATE person SET administrator = true WHERE id = ?`, b.stranger.Person).Exec(t.Context())
	b.must(err)
	if find(process.Filter{Mine: b.stranger.Person}) != 1 {
		t.Error("an administrator does not see all")
	}
	_, err = b.DB().NewRaw(`UPDATE organisation SET name = 'Unione dei Comuni' WHERE id = ?`, p.OrganisationID).Exec(t.Context())
	b.must(err)
	b.complete(p)
	b.must(b.Publish(t.Context(), p.ID, b.promoter))
	for text, want := range map[string]int{"unione": 1, "generation": 1, "Siena": 1, "%": 0, "_": 0, "serve": 1, "nulla": 0, "'; --": 0} {
		if got := find(process.Filter{Text: text}); got != want {
			t.Errorf("search for %q finds %d, want %d", text, got, want)
		}
	}
	if find(process.Filter{Status: "running"}) != 1 || find(process.Filter{Status: "ended"}) != 0 || find(process.Filter{Status: "open"}) != 0 {
		t.Error("the filter by state is wrong")
	}
	inst, err := b.Engine().Instance(t.Context(), b.DB(), p.Ref())
	b.must(err)
	_, err = b.Definitions().Add("other.yaml", []byte(endsWhere(inst.State)))
	b.must(err)
	if find(process.Filter{Status: "running"}) != 1 || find(process.Filter{Status: "ended"}) != 0 {
		t.Error("a phase is called over because another definition ends in one of that name")
	}
	a, err := b.CreateActivity(t.Context(), p.ID, b.promoter, process.NewActivity{Kind: "assembly", Title: "Assemblea", Phase: "governance"})
	b.must(err)
	for state, want := range map[string]int{"draft": 0, "convened": 1, "held": 0, "cancelled": 0} {
		_, err := b.DB().NewRaw(`UPDATE workflow_instance SET state = ? WHERE process_id = ? AND activity_id = ?`, state, p.ID, a.ID).Exec(t.Context())
		b.must(err)
		list, _, err := b.List(t.Context(), process.Filter{})
		b.must(err)
		if got := find(process.Filter{Status: "open"}); got != want || list[0].Open != want {
			t.Errorf("with an assembly that is %s, %d listed as open and %d counted, want %d", state, got, list[0].Open, want)
		}
	}
}

// endsWhere is a definition that ends in a state of that name.
func endsWhere(state string) string {
	return `
workflow: other
version: 1
title: {it: Altro, en: Other}
timezone: Europe/Rome
roles: [promoter]
initial: start-of-other
states:
  start-of-other: {title: {it: Inizio, en: Start}}
  ` + state + `: {title: {it: Fine, en: End}, final: true}
transitions:
  - {id: go, event: go, from: [start-of-other], to: ` + state + `, by: [promoter], title: {it: Vai, en: Go}}
`
}

func TestCleanEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Ada.Bianchi@Example.ORG ": "ada.bianchi@example.org", "o'neil@example.org": "o'neil@example.org",
		"": "", "ada": "", "ada@localhost": "", "Ada <ada@example.org>": "", "a@b.it,c@d.it": "", "a@b..it": "",
		"ada@example.org\nBcc: x@y.it": "", strings.Repeat("a", 250) + "@b.it": "",
	} {
		got, err := process.CleanEmail(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}
