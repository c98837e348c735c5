package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// noted does what changes a document, if it is the actor's to change, and has the
// log of the process tell what the public can read of it from then on.
func noted(ctx context.Context, tx bun.IDB, core *process.Service, p process.Process, who process.Actor, code string, do func() error) error {
	named, as, err := core.Document(ctx, tx, p, who, code)
	if err != nil {
		return err
	}
	before, err := Written(ctx, tx, p.ID, code)
	if err != nil {
		return err
	}
	if err := do(); err != nil || !named {
		return err
	}
	after, err := Written(ctx, tx, p.ID, code)
	if err != nil {
		return err
	}
	act, read := "", after
	switch was, is := before.PublishedAt != nil, after.PublishedAt != nil; {
	case was && !is:
		act, read = definition.ActWithdrawDocument, before // nobody read what it became
	case is && (!was || before.digest() != after.digest()):
		act = definition.ActPublishDocument
	}
	if act == "" {
		return nil
	}
	return core.Engine().NoteDocument(ctx, tx, int64(p.ID), as, act, workflow.DocumentAct{Code: code, Digest: read.digest()})
}

func (d Document) digest() string {
	sum := sha256.Sum256([]byte(d.Title + "\n" + d.Body))
	return hex.EncodeToString(sum[:])
}

// Relied reports that something rests on a document: a move of the process whose
// conditions asked for it, or an end that was moved by it. Such a document can be
// written anew, and not be taken back.
func Relied(ctx context.Context, db bun.IDB, core *process.Service, p process.Process, code string) (bool, error) {
	log, err := core.Engine().Brief(ctx, db, int64(p.ID))
	if err != nil {
		return false, err
	}
	now, _, err := core.Definition(ctx, db, p)
	if err != nil {
		return false, err
	}
	for _, e := range log {
		if workflow.RulingOf(e).Act == code {
			return true, nil
		}
		if e.ActivityID != 0 || e.Event == "" {
			continue
		}
		def := now
		if e.FromPin.Definition != "" {
			if def, err = core.Engine().Resolve(ctx, db, e.FromPin.Definition, e.FromPin.Version); err != nil {
				return false, err
			}
		}
		if def.Rests(e.Transition, code) {
			return true, nil
		}
	}
	return false, nil
}
