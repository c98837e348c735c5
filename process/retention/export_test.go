package retention

import (
	"context"
	"time"

	"arengo/process"
)

// Parts lists the columns whose rows pass to nameless twins, as table.column.
func Parts() []string {
	var out []string
	for _, p := range parts {
		out = append(out, p.table+"."+p.column)
	}
	return out
}

// Due gives, for each process whose names are due at now, what erases them.
func Due(ctx context.Context, core *process.Service, now time.Time) ([]func(context.Context, time.Time) (bool, error), error) {
	s := New(core)
	list, err := s.due(ctx, now)
	var out []func(context.Context, time.Time) (bool, error)
	for _, o := range list {
		out = append(out, func(ctx context.Context, now time.Time) (bool, error) { return s.erase(ctx, o, now) })
	}
	return out, err
}
