package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
)

// work is a worker node: it fires deadlines and delivers messages until it is
// told to stop. Any number may run.
func work(ctx context.Context, c Config, log *slog.Logger, _ io.Writer) (err error) {
	if c.DatabaseURL == "" {
		return errors.New("ARENGO_DATABASE_URL is not set: arengo serve brings its own worker along when it brings its own database")
	}
	a, err := newApp(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	worker, err := a.worker()
	if err != nil {
		return err
	}
	log.Info("working")
	return worker.Run(ctx)
}
