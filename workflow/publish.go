package workflow

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"arengo/workflow/definition"
)

// Publish writes a library's definitions as immutable rows. It changes
// nothing for those already there and refuses one whose source differs.
func Publish(ctx context.Context, tx bun.IDB, l *definition.Library, clock Clock) error {
	now, err := clock.Now(ctx, tx)
	if err != nil {
		return fmt.Errorf("publish definitions: %w", err)
	}
	var all []error
	for _, c := range l.List() {
		if err := publish(ctx, tx, c, now); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// resolve finds a definition here or, for a version that this binary no longer
// ships, among the published rows.
func (e *Engine) resolve(ctx context.Context, db bun.IDB, name string, version int) (*definition.Compiled, error) {
	c, err := e.defs.Get(name, version)
	if err == nil || version == 0 {
		return c, err
	}
	source, found, err := publishedSource(ctx, db, name, version)
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
