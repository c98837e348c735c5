package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"arengo/cmd/arengo/doctor"
	"arengo/process/demo"
)

// seedCommand loads the demonstration, into the private servers when the
// environment names none. A second time changes nothing.
func seedCommand(ctx context.Context, c Config, log *slog.Logger, _ io.Writer) (err error) {
	if c.DatabaseURL == "" {
		s, err := startOwnServers(ctx, c, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		c = s.config
	}
	a, err := newApp(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if err := a.seed(ctx); err != nil {
		return err
	}
	// Best effort: without Redis the workers' own sweep is seconds away.
	if err := a.queue.Sweep(ctx); err != nil {
		log.Info("the workers were not woken", "error", doctor.NoRedis(err, c.Lang.say))
	}
	return nil
}

// seed loads the demonstration unless it is there.
func (a *app) seed(ctx context.Context) error {
	return demo.Load(ctx, demo.Config{Domain: a.domain, Name: "siena", Log: a.log})
}
