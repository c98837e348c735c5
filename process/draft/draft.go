// Package draft keeps the phases of a process while its promoter changes them:
// the definition that the process runs, edited step by step, checked and planned
// at each, until it is used. What is used is published as a definition like any
// other, which no one else is offered.
package draft

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/fault"
	"arengo/workflow"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/definition/encode"
	"arengo/workflow/edit"
	"arengo/workflow/outlook"
)

// Service holds the use cases of changing phases.
type Service struct{ core *process.Service }

// New makes the service.
func New(core *process.Service) *Service { return &Service{core: core} }

// keepSteps is how many of the last changes can be undone.
const keepSteps = 30

// Step is a change that can be undone: Act is the last word of the locale key
// "editor.act.<act>", Subject the title of what was changed, Source the
// definition as it was before.
type Step struct {
	Number  int64
	Act     string
	Subject string
	Source  string
	DoneAt  time.Time
	By      string
}

// Draft is the phases of a process as they are being changed, or as they stand
// where Edited is false. Revision goes back with every change; 0 when nobody
// changed anything yet.
type Draft struct {
	Revision   int64
	Edited     bool
	UpdatedAt  time.Time
	Base       *definition.Compiled // what the process runs
	Instance   workflow.Instance    // and where it stands
	Definition definition.Definition
	Source     []byte
	Problems   []edit.Located
	Compiled   *definition.Compiled // nil while there are problems
	Steps      []Step               // latest first

	Before, After []workflow.PlannedPhase // After is empty while there are problems
	Moves         []workflow.Move
}

// Load gives the draft of a process with its problems and the dates that it
// moves.
func (s *Service) Load(ctx context.Context, p process.Process) (Draft, error) {
	return s.load(ctx, s.core.DB(), p)
}

func (s *Service) load(ctx context.Context, db bun.IDB, p process.Process) (Draft, error) {
	base, inst, err := s.core.Definition(ctx, db, p)
	if err != nil {
		return Draft{}, err
	}
	row, err := load(ctx, db, p.ID)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Revision: row.Revision, UpdatedAt: row.UpdatedAt, Base: base, Instance: inst}
	if row.Source != "" && row.of(base) {
		d.Edited = true
		d.set(base, s.kinds(), []byte(row.Source))
	} else if err := d.whole(base); err != nil {
		return Draft{}, err
	}
	if row.of(base) {
		if d.Steps, err = steps(ctx, db, p.ID); err != nil {
			return Draft{}, err
		}
	}
	return d, s.plan(ctx, db, p, &d)
}

// whole makes the draft of a process whose phases nobody changed.
func (d *Draft) whole(base *definition.Compiled) error {
	source, err := encode.YAML(edit.Written(base.Definition))
	d.Source, d.Compiled, d.Definition = source, base, edit.Written(base.Definition)
	return err
}

// set reads a source into the draft. What it takes from the law is a problem of
// it, however it came to be.
func (d *Draft) set(base *definition.Compiled, kinds []string, source []byte) {
	const file = "fasi.yaml"
	d.Source = source
	compiled, problems := definition.Check(file, source, kinds)
	if compiled != nil {
		if problems = edit.Losses(base.Definition, compiled.Definition); len(problems) > 0 {
			d.Definition = edit.Written(compiled.Definition)
			d.Problems = edit.Locate(source, problems)
			return
		}
	}
	d.Compiled, d.Problems = compiled, edit.Locate(source, problems)
	if compiled != nil {
		d.Definition = edit.Written(compiled.Definition)
		return
	}
	read, _ := definition.Draft(file, source, kinds)
	d.Definition = edit.Written(read)
}

func (s *Service) kinds() []string { return s.core.Definitions().Kinds() }

// plan lays out the dates of the draft beside those of the process.
func (s *Service) plan(ctx context.Context, db bun.IDB, p process.Process, d *Draft) error {
	before, err := s.core.Expected(ctx, db, p)
	if err != nil {
		return err
	}
	d.Before = before
	if d.Compiled == nil || p.StartsOn == nil {
		return nil
	}
	if !d.Edited {
		d.After = before
		return nil
	}
	begins, err := s.core.Begins(ctx, db, p)
	if err != nil {
		return err
	}
	if begins {
		d.After, err = s.laidOut(ctx, db, p, d)
	} else {
		d.After, err = s.goesOn(ctx, db, p, d)
	}
	if d.After != nil {
		d.Moves = workflow.Moves(before, d.After)
	}
	return err
}

// goesOn is what the plan of a process that has begun would come to by its draft.
func (s *Service) goesOn(ctx context.Context, db bun.IDB, p process.Process, d *Draft) ([]workflow.PlannedPhase, error) {
	now, err := s.core.Now(ctx, db)
	if err != nil {
		return nil, err
	}
	return s.core.Engine().OutlookBy(ctx, db, p.Ref(), d.Compiled.Local(p.Location()), now)
}

// laidOut is the plan that a process would have by its draft.
func (s *Service) laidOut(ctx context.Context, db bun.IDB, p process.Process, d *Draft) ([]workflow.PlannedPhase, error) {
	dates, err := s.core.CallDates(ctx, db, p.ID)
	if err != nil {
		return nil, err
	}
	start := civil.DateOf(*p.StartsOn, time.UTC)
	return outlook.Plan(d.Compiled.Local(p.Location()), start, chosen(d.Before, d.Base, d.Compiled), dates), nil
}

// chosen are the lengths that somebody chose on the page of the dates: they hold
// for the phases whose own length the draft left as it was.
func chosen(plan []workflow.PlannedPhase, base, now *definition.Compiled) map[string]int {
	out := map[string]int{}
	for _, ph := range plan {
		was, _ := base.State(ph.State)
		is, ok := now.State(ph.State)
		if !ok || ph.Days == 0 || was.Term == nil || is.Term == nil || was.Term.Length != is.Term.Length {
			continue
		}
		if is.Term.Min.Days <= ph.Days && (is.Term.Max.Days == 0 || ph.Days <= is.Term.Max.Days) {
			out[ph.State] = ph.Days
		}
	}
	return out
}

// Change is one step of editing: its words, and the operation of package edit.
// Revision is the one of the draft that the form was made from.
type Change struct {
	Revision int64
	Act      string
	Subject  string
	Do       func(definition.Definition) (definition.Definition, error)
}

// Edit changes the draft; what it gives may have problems, and is kept all the
// same. Refusals: those of the operation, fault.Conflict "form.stale" when
// somebody else changed the draft first, and those of process.Allow.
func (s *Service) Edit(ctx context.Context, id process.ID, who process.Actor, c Change) error {
	return s.change(ctx, id, who, c, func(d Draft) (string, error) {
		next, err := c.Do(d.Definition)
		if err != nil {
			return "", err
		}
		source, err := encode.YAML(next)
		return string(source), err
	})
}

// change stores what make gives instead of the draft, and how it stood before.
func (s *Service) change(ctx context.Context, id process.ID, who process.Actor, c Change, make func(Draft) (string, error)) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		d, row, err := s.begin(ctx, tx, id, who, c.Revision)
		if err != nil {
			return err
		}
		was := ""
		if d.Edited {
			was = string(d.Source)
		}
		source, err := make(d)
		if err != nil || source == string(d.Source) && source != "" {
			return err
		}
		if !row.of(d.Base) { // what was changed of a definition that the process runs no more
			if err := forget(ctx, tx, id, 0); err != nil {
				return err
			}
		}
		row.Source = source
		row.BaseName, row.BaseVersion = d.Base.Name, d.Base.Version
		if err := save(ctx, tx, id, row); err != nil {
			return err
		}
		return note(ctx, tx, id, row, Step{Act: c.Act, Subject: c.Subject, Source: was}, keepSteps)
	})
}

// begin locks the process and gives the draft with the row that follows it: its
// revision is the next, its author and time are of now.
func (s *Service) begin(ctx context.Context, tx bun.IDB, id process.ID, who process.Actor, revision int64) (Draft, stored, error) {
	p, now, err := s.core.Begin(ctx, tx, id, who, process.ActPhaseEdit)
	if err != nil {
		return Draft{}, stored{}, err
	}
	row, err := load(ctx, tx, id)
	if err != nil {
		return Draft{}, row, err
	}
	if row.Revision != revision {
		return Draft{}, row, fault.New(fault.Conflict, "form.stale")
	}
	d, err := s.load(ctx, tx, p)
	row.Revision++
	row.UpdatedBy, row.UpdatedAt = who.Person, now
	return d, row, err
}

// Undo takes the last change back. Nothing happens when there is none. Refusals:
// fault.Conflict "form.stale", and those of process.Allow.
func (s *Service) Undo(ctx context.Context, id process.ID, who process.Actor, revision int64) error {
	return s.core.InTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		d, row, err := s.begin(ctx, tx, id, who, revision)
		if err != nil || len(d.Steps) == 0 {
			return err
		}
		row.Source, row.BaseName, row.BaseVersion = d.Steps[0].Source, d.Base.Name, d.Base.Version
		if err := save(ctx, tx, id, row); err != nil {
			return err
		}
		return forget(ctx, tx, id, d.Steps[0].Number)
	})
}

// Drop goes back to the phases that the process runs; this can be undone as
// well. Refusals: those of Edit.
func (s *Service) Drop(ctx context.Context, id process.ID, who process.Actor, revision int64) error {
	return s.change(ctx, id, who, Change{Revision: revision, Act: "drop"}, func(Draft) (string, error) { return "", nil })
}
