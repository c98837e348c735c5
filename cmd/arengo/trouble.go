package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"arengo/cmd/arengo/doctor"
	"arengo/cmd/arengo/embedded"
	"arengo/notify/mail"
	"arengo/process/pg"
	"arengo/workflow/queue"
)

// patience is how long a server may take to answer at the start; asking Redis,
// which nothing waits for, takes less.
const (
	patience      = 10 * time.Second
	patienceRedis = 2 * time.Second
)

// knock asks whether the database can be used, and says in the reader's
// language what to do when it cannot.
func knock(ctx context.Context, db *bun.DB, variable string, lang tongue) error {
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := db.PingContext(asking)
	if err == nil || ctx.Err() != nil {
		return err
	}
	return errors.New(doctor.NoDatabase(variable, err, lang.say) + seeDoctor(lang))
}

// reach is knock for an address.
func reach(ctx context.Context, variable, address string, lang tongue) error {
	db, err := pg.Open(address, 1)
	if err != nil {
		return err
	}
	return errors.Join(knock(ctx, db, variable, lang), db.Close())
}

// explain is err, or what it comes from in the reader's language when that has a
// remedy.
func explain(err error, lang tongue) error {
	var servers *embedded.Trouble
	if errors.As(err, &servers) {
		return errors.New(servers.Say(lang.say))
	}
	return doctor.BadSchema(err, lang.say)
}

func seeDoctor(lang tongue) string {
	return lang.say(" (arengo doctor controlla tutto)", " (arengo doctor checks everything)")
}

// lookForRedis warns when Redis does not answer. Nothing is refused for it:
// sweeps find the work, and it may come up later.
func (a *app) lookForRedis(ctx context.Context) {
	client, err := queue.Probe(a.config.RedisURL)
	if err != nil {
		return // loadConfig has refused it
	}
	defer func() { _ = client.Close() }() // nothing was written
	asking, cancel := context.WithTimeout(ctx, patienceRedis)
	defer cancel()
	if err := client.Ping(asking).Err(); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, doctor.NoRedis(err, a.config.Lang.say)+a.config.Lang.say(
			"; intanto il lavoro va avanti, con qualche secondo di ritardo", "; meanwhile work goes on, some seconds late"))
	}
}

// silence keeps the Redis library from printing by itself: what it says comes
// back as errors.
type silence struct{}

// Printf drops what the library says.
func (silence) Printf(context.Context, string, ...any) {}

// logger writes to w in the format that the configuration says. Lines about a
// server that cannot be used get a remedy.
func (c Config) logger(w io.Writer) *slog.Logger {
	var h slog.Handler = slog.NewTextHandler(w, nil)
	if c.LogFormat == "json" {
		h = slog.NewJSONHandler(w, nil)
	}
	return slog.New(remedies{h, c.Lang})
}

// remedies adds to records with an error that the operator can mend which
// variable it is about and what to do.
type remedies struct {
	slog.Handler
	lang tongue
}

// Handle adds the remedy and passes the record on.
func (h remedies) Handle(ctx context.Context, r slog.Record) error {
	remedy := ""
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			remedy = h.remedy(err)
		}
		return remedy == ""
	})
	if remedy != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("remedy", remedy))
	}
	return h.Handler.Handle(ctx, r)
}

func (h remedies) remedy(err error) string {
	var relay *mail.Error
	var database *pgconn.ConnectError
	switch {
	case errors.As(err, &relay):
		return doctor.NoRelay(err, h.lang.say)
	case errors.As(err, &database):
		return doctor.NoDatabase("ARENGO_DATABASE_URL", err, h.lang.say)
	}
	return ""
}

// WithAttrs keeps the remedies.
func (h remedies) WithAttrs(attrs []slog.Attr) slog.Handler {
	return remedies{h.Handler.WithAttrs(attrs), h.lang}
}

// WithGroup keeps the remedies.
func (h remedies) WithGroup(name string) slog.Handler {
	return remedies{h.Handler.WithGroup(name), h.lang}
}
