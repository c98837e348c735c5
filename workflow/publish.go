package workflow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/process/fault"
	"arengo/workflow/definition"
	"arengo/workflow/row"
)

// Publish writes what a library ships as immutable rows. It changes
// nothing for those already there and refuses one whose source differs.
func Publish(ctx context.Context, tx bun.IDB, l *definition.Library, clock Clock) error {
	now, err := clock.Now(ctx, tx)
	if err != nil {
		return fmt.Errorf("publish definitions: %w", err)
	}
	var all []error
	for _, c := range l.Shipped() {
		if err := database(tx).Publish(ctx, published(c, now)); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

func published(c *definition.Compiled, now time.Time) row.Definition {
	return row.Definition{Name: c.Name, Version: c.Version, SHA256: c.SHA256, Source: c.Source, CreatedAt: now}
}

// Publish writes one definition that no program ships as an immutable row, which
// Resolve finds from then on. fault.Conflict "workflow.definition_changed" where
// the name and version have another source.
func (e *Engine) Publish(ctx context.Context, tx bun.IDB, c *definition.Compiled) error {
	now, err := e.clock.Now(ctx, tx)
	if err != nil {
		return fmt.Errorf("publish %s@%d: %w", c.Name, c.Version, err)
	}
	return e.open(tx).Publish(ctx, published(c, now))
}

// Load takes into the library every published definition that an instance runs
// and this program does not ship: what is asked of all definitions at once knows
// them too. One that no longer compiles is logged and left out, since it is of
// no concern to the other processes.
func (e *Engine) Load(ctx context.Context, db bun.IDB) error {
	all, err := e.open(db).Used(ctx)
	if err != nil {
		return fmt.Errorf("load definitions: %w", err)
	}
	for _, d := range all {
		_, err := e.Resolve(ctx, db, d.Name, d.Version)
		var broken definition.Problems
		switch {
		case errors.As(err, &broken), fault.Is(err, fault.NotFound):
			e.log.ErrorContext(ctx, "a definition in use cannot be loaded", "definition", d.Name, "version", d.Version, "error", err)
		case err != nil:
			return fmt.Errorf("load definition %s@%d: %w", d.Name, d.Version, err)
		}
	}
	return nil
}

// Resolve finds a definition in the library or, for a version that this program
// does not ship, among the published rows: one that it no longer ships, or that
// a newer program beside it published. What is found stays in the library.
// Version 0 is the latest that is shipped. fault.NotFound
// "workflow.definition_unknown" when it is nowhere.
func (e *Engine) Resolve(ctx context.Context, db bun.IDB, name string, version int) (*definition.Compiled, error) {
	c, err := e.defs.Get(name, version)
	if err == nil || version == 0 {
		return c, err
	}
	source, found, err := e.open(db).Source(ctx, name, version)
	if err != nil {
		return nil, err
	}
	if !found {
		return e.defs.Get(name, version)
	}
	c, problems := definition.Check(fmt.Sprintf("%s@%d", name, version), source, nil)
	if problems != nil {
		return nil, fmt.Errorf("published definition no longer compiles: %w", problems)
	}
	return e.defs.Keep(c)
}
