package draft_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/assembly"
	"arengo/process/draft"
	"arengo/process/fault"
	"arengo/process/webinar"
	"arengo/process/worldtest"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

type world struct {
	*worldtest.World
	*draft.Service
}

func newWorld(t *testing.T) *world {
	t.Helper()
	source, err := fixtures.Template("area-path")
	if err != nil {
		t.Fatal(err)
	}
	w := worldtest.Build(t, worldtest.Config{
		Template: "area-path", Path: string(source),
		Kinds: []process.Kind{webinar.Kind{}, assembly.Kind{}}, Known: []string{"questionnaire", "focusgroup", "codesign"},
	})
	w.Settle("marta@comune.example.org", "Marta Bindi")
	return &world{w, draft.New(w.Core)}
}

// now is the draft as it is stored.
func (w *world) now() draft.Draft {
	w.T.Helper()
	w.Process = w.Reload(w.Process)
	d, err := w.Load(w.T.Context(), w.Process)
	w.Must(err)
	return d
}

func (w *world) edit(revision int64, do func(definition.Definition) (definition.Definition, error)) error {
	return w.Edit(w.T.Context(), w.Process.ID, w.Promoter, draft.Change{Revision: revision, Act: "add", Subject: "x", Do: do})
}

// adding adds a phase of ten days behind another.
func adding(title, after string) func(definition.Definition) (definition.Definition, error) {
	return func(d definition.Definition) (definition.Definition, error) {
		out, _, err := edit.AddState(d, edit.NewState{
			Words: edit.Words{Title: definition.Text{"it": title}}, After: after, Length: civil.Span{Days: 10},
		})
		return out, err
	}
}

func path(d definition.Definition) string {
	var out []string
	for _, s := range edit.Phases(d) {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

func key(t *testing.T, err error, want string) {
	t.Helper()
	if e, ok := fault.As(err); !ok || e.Key != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEditKeepsEachStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if d := w.now(); d.Edited || d.Revision != 0 || len(d.Moves) != 0 || d.Compiled == nil {
		t.Fatalf("before any change: %+v", d)
	}
	w.Must(w.edit(0, adding("Verifica", "exploration")))
	d := w.now()
	if !d.Edited || d.Revision != 1 || len(d.Steps) != 1 || d.Steps[0].By != "Marta Bindi" {
		t.Fatalf("%+v", d.Steps)
	}
	if len(d.Moves) != 5 || d.Moves[0].Name != "verifica" || !d.Moves[0].Old.IsZero() || d.Moves[1].New.Sub(d.Moves[1].Old).Round(24*time.Hour) != 240*time.Hour {
		t.Errorf("moves: %+v", d.Moves)
	}
	key(t, w.edit(0, adding("Altro", "")), "form.stale")
	w.Must(w.edit(1, func(d definition.Definition) (definition.Definition, error) {
		return edit.AddReminder(d, "verifica", edit.Remind{Days: 30, To: []string{"promoter"}})
	}))
	d = w.now()
	if len(d.Problems) != 1 || d.Problems[0].State != "verifica" || d.Compiled != nil || len(d.After) != 0 {
		t.Fatalf("problems: %+v", d.Problems)
	}
	_, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 2, "prova")
	key(t, err, "editor.problems_left")

	w.Must(w.Undo(t.Context(), w.Process.ID, w.Promoter, 2))
	if d = w.now(); len(d.Problems) != 0 || d.Revision != 3 || len(d.Steps) != 1 {
		t.Errorf("after undoing: %+v", d.Steps)
	}
	w.Must(w.Drop(t.Context(), w.Process.ID, w.Promoter, 3))
	if d = w.now(); d.Edited || len(edit.Phases(d.Definition)) != 6 || len(d.Steps) != 2 {
		t.Errorf("after dropping: %t %d", d.Edited, len(d.Steps))
	}
	w.Must(w.Undo(t.Context(), w.Process.ID, w.Promoter, 4))
	if d = w.now(); !d.Edited || len(edit.Phases(d.Definition)) != 7 {
		t.Error("dropping cannot be undone")
	}
	w.Must(w.Undo(t.Context(), w.Process.ID, w.Promoter, 5))
	w.Must(w.Undo(t.Context(), w.Process.ID, w.Promoter, 6))
	if d = w.now(); d.Edited || len(d.Steps) != 0 {
		t.Error("undoing everything leaves a draft")
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 0, "prova")
	key(t, err, "editor.unchanged")
	editor := w.Actor("redattrice@comune.example.org", "Redattrice")
	w.Member(editor, process.RoleEditor)
	err = w.Edit(t.Context(), w.Process.ID, editor, draft.Change{Do: adding("x", "")})
	key(t, err, "policy.role")
	err = w.Edit(t.Context(), w.Process.ID, w.Stranger, draft.Change{Do: adding("x", "")})
	key(t, err, "process.not_found")
	key(t, w.edit(0, func(d definition.Definition) (definition.Definition, error) { return edit.RemoveState(d, "nulla") }), "editor.phase_unknown")
	if d := w.now(); d.Revision != 0 {
		t.Error("a refused change left a trace")
	}
}

// What is used is the process's own: it runs it, its dates follow, and nobody
// else is offered it.
func TestUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Must(w.edit(0, adding("Mandato", "")))
	w.Must(w.edit(1, func(d definition.Definition) (definition.Definition, error) { return edit.RemoveState(d, "codesign") }))
	want := w.now()
	used, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 2, "Fasi riviste")
	w.Must(err)
	name := edit.NameFor("area-path", int64(w.Process.ID))
	if used.Name != name || used.Version.Version != 1 || len(used.Moves) != 7 {
		t.Errorf("%+v", used)
	}
	def, inst, err := w.Core.Definition(t.Context(), w.DB, w.Process)
	w.Must(err)
	if def.Name != name || inst.State != "mandato" || path(def.Definition) != "mandato preparation exploration analysis governance report" {
		t.Errorf("%s in %s of %s", def.Name, inst.State, path(def.Definition))
	}
	if got := inst.DueAt.In(w.Process.Location()); !inst.DueAt.Equal(want.After[0].End) {
		t.Errorf("the first phase ends at %s, want %s", got, want.After[0].End)
	}
	d := w.now()
	if d.Edited || d.Revision != 3 || len(d.Steps) != 0 || len(d.Moves) != 0 {
		t.Errorf("a draft stayed: %+v", d.Revision)
	}
	for i, ph := range d.Before {
		if !ph.End.Equal(want.After[i].End) || ph.State != want.After[i].State {
			t.Errorf("%s until %s, want %s until %s", ph.State, ph.End, want.After[i].State, want.After[i].End)
		}
	}
	for _, c := range w.Core.Definitions().Shipped() {
		if c.Name == name {
			t.Error("a definition of one process is offered to all")
		}
	}
	if _, err := w.Core.Create(t.Context(), w.Promoter, process.NewProcess{Template: name, Title: "Copia", OrganisationID: w.Org, StartsOn: civil.Date{Year: 2030, Month: 1, Day: 1}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("another process begins with it: %v", err)
	}

	w.Must(w.edit(3, adding("Ancora", "report")))
	used, err = w.Use(t.Context(), w.Process.ID, w.Promoter, 4, "Fasi riviste")
	w.Must(err)
	if used.Name != name || used.Version.Version != 2 {
		t.Errorf("the second time: %+v", used)
	}
}

// Lengths chosen on the page of the dates hold, but for phases whose own length
// the draft changes.
func TestChosenLengthsStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	start := civil.DateOf(*w.Process.StartsOn, time.UTC)
	w.Must(w.Core.SetDates(t.Context(), w.Process.ID, w.Promoter, process.Dates{Revision: 1, Start: start, Days: map[string]int{"analysis": 50, "report": 15}}))
	w.Must(w.edit(0, func(d definition.Definition) (definition.Definition, error) {
		return edit.SetTerm(d, "report", edit.Lasts{Length: civil.Span{Days: 20}})
	}))
	_, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 1, "Fasi riviste")
	w.Must(err)
	got := map[string]int{}
	for _, ph := range w.now().Before {
		got[ph.State] = ph.Days
	}
	if got["analysis"] != 50 || got["report"] != 0 {
		t.Errorf("%v", got)
	}
}

func TestUseKeepsActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.NewActivity("webinar", "governance", "Presentazione")
	w.Must(w.edit(0, func(d definition.Definition) (definition.Definition, error) { return edit.RemoveState(d, "governance") }))
	_, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 1, "prova")
	key(t, err, "editor.seated")
	w.Must(w.Undo(t.Context(), w.Process.ID, w.Promoter, 1))
	w.Must(w.edit(2, adding("Altro", "governance")))
	used, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 3, "prova")
	w.Must(err)
	if used.Version.Version < 1 {
		t.Errorf("%+v", used)
	}
}

// A public process is told which version it may move to, once each.
func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.World.Publish()
	w.Must(w.edit(0, adding("Verifica", "exploration")))
	_, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 1, "prova")
	key(t, err, "editor.public")
	for range 2 {
		v, err := w.Service.Publish(t.Context(), w.Process.ID, w.Promoter, 1)
		w.Must(err)
		if v.Version != 1 {
			t.Errorf("%+v", v)
		}
		if _, err := w.Core.Engine().Resolve(t.Context(), w.DB, v.Name, v.Version); err != nil {
			t.Error(err)
		}
	}
	if d := w.now(); !d.Edited {
		t.Error("the draft is gone before the process runs it")
	}
	w.Must(w.edit(1, adding("Altra", "exploration")))
	v, err := w.Service.Publish(t.Context(), w.Process.ID, w.Promoter, 2)
	w.Must(err)
	if v.Version != 2 {
		t.Errorf("%+v", v)
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.now()
	name, source, err := draft.File(d, w.Process.ID)
	w.Must(err)
	if name != edit.NameFor("area-path", int64(w.Process.ID))+".yaml" {
		t.Error(name)
	}
	imported := func(revision int64, data string) (definition.Problems, error) {
		return w.Import(t.Context(), w.Process.ID, w.Promoter, revision, "mio.yaml", []byte(data))
	}
	text := strings.Replace(string(source), "length: 60d", "length: 61d", 1)
	problems, err := imported(0, strings.ReplaceAll(text, "facilitator", "facilitatore"))
	if err != nil || len(problems) < 5 {
		t.Fatalf("%v %v", problems, err)
	}
	if !slices.ContainsFunc(problems.In("it"), func(p definition.Problem) bool { return strings.Contains(p.Message, "volevi scrivere") }) {
		t.Errorf("%v", problems.In("it"))
	}
	if problems, _ := imported(0, strings.ReplaceAll(text, "kind: assembly", "kind: sagra")); len(problems) == 0 {
		t.Error("an unknown kind is taken")
	}
	_, err = imported(0, strings.Repeat("#", draft.MostBytes+1))
	key(t, err, "editor.import_long")
	_, err = imported(0, strings.Replace(text, "level: process", "level: activity", 1))
	if err == nil {
		t.Log("an activity's definition is refused by the check itself")
	}
	if d := w.now(); d.Edited {
		t.Fatal("a file with problems was taken")
	}
	problems, err = imported(0, text)
	if err != nil || problems != nil {
		t.Fatal(problems, err)
	}
	if d := w.now(); !d.Edited || d.Steps[0].Act != "import" || len(d.Moves) != 2 {
		t.Errorf("%+v", d.Moves)
	}
}

// An activity that was discarded does not keep its phase from being removed; one
// that still stands there does.
func TestDiscardedActivityHoldsNoPhase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.NewActivity("webinar", "governance", "Presentazione")
	w.Must(w.edit(0, func(d definition.Definition) (definition.Definition, error) { return edit.RemoveState(d, "governance") }))
	if _, err := w.Use(t.Context(), w.Process.ID, w.Promoter, 1, "prova"); !fault.Is(err, fault.Conflict) {
		t.Errorf("the phase of an activity: %v", err)
	}
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Activity: a.ID, Transition: "discard"})
	w.Must(err)
	_, err = w.Use(t.Context(), w.Process.ID, w.Promoter, 1, "prova")
	w.Must(err)
}
