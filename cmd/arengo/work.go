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
		return errors.New(c.Lang.say(
			"ARENGO_DATABASE_URL: non è impostato; impostalo, o usa arengo serve, che senza database porta con sé anche il suo worker",
			"ARENGO_DATABASE_URL: is not set; set it, or use arengo serve, which without a database brings its own worker along"))
	}
	a, err := newApp(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	a.lookForRedis(ctx)
	worker, err := a.worker()
	if err != nil {
		return err
	}
	log.Info("working")
	return worker.Run(ctx)
}
