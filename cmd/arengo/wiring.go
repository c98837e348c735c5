package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/cmd/arengo/doctor"
	"arengo/migrations"
	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/digest"
	"arengo/notify/mail"
	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/cockpit"
	"arengo/process/demo"
	"arengo/process/letterbox"
	"arengo/process/message"
	"arengo/process/pg"
	"arengo/process/retention"
	"arengo/process/subscription"
	"arengo/process/token"
	"arengo/web"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/workflow"
	"arengo/workflow/queue"
)

// connections is how many a node keeps to the database: some for requests or
// tasks, some for a drain, one for the election.
const connections = 24

// app is one node: the domain over its database, and what wakes workers. Web
// and worker are made from it.
type app struct {
	config Config
	log    *slog.Logger
	db     *bun.DB
	clock  workflow.Clock
	domain process.Config
	core   *process.Service
	queue  *queue.Client
}

// newApp connects, checks that the schema is this program's, publishes the
// definitions and loads those that only running processes have. It needs a database, and no Redis.
func newApp(ctx context.Context, c Config, log *slog.Logger) (*app, error) {
	a := &app{config: c, log: log}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) open(ctx context.Context) error {
	links, err := process.NewLinks(a.config.Secrets...)
	if err != nil {
		return err
	}
	registry := kinds()
	definitions, err := library(registry)
	if err != nil {
		return err
	}
	if a.db, err = pg.Open(a.config.DatabaseURL, connections); err != nil {
		return err
	}
	if err := knock(ctx, a.db, "ARENGO_DATABASE_URL", a.config.Lang); err != nil {
		return err
	}
	if err := checkSchema(ctx, a.db, a.config.Lang); err != nil {
		return err
	}
	if a.clock, err = openClock(ctx, a.db); err != nil {
		return err
	}
	if a.queue, err = queue.NewClient(a.config.RedisURL, a.log); err != nil {
		return err
	}
	a.domain = process.Config{
		DB: a.db, Definitions: definitions, Clock: a.clock, Kinds: registry, Links: links,
		BaseURL: a.config.BaseURL, Source: message.New, Log: a.log, Waker: a.queue,
		Ways:    a.ways(),
		Witness: subscription.Witness, Ahead: subscription.Ahead, Loopback: a.config.WebhookLoopback,
		Pace: a.config.Pace,
	}
	a.core = process.New(a.domain)
	return pg.InTx(ctx, a.db, func(ctx context.Context, tx bun.Tx) error {
		if err := workflow.Publish(ctx, tx, definitions, a.clock); err != nil {
			return err
		}
		return a.core.Engine().Load(ctx, tx)
	})
}

// checkSchema refuses a database that this program's migrations have not made:
// migrating is an act of its own, with rights of its own.
func checkSchema(ctx context.Context, db *bun.DB, lang tongue) error {
	list, err := migrations.Status(ctx, db)
	if err != nil {
		return fmt.Errorf("schema: %w", doctor.BadSchema(err, lang.say))
	}
	missing := 0
	for _, m := range list {
		if !m.Applied {
			missing++
		}
	}
	if missing > 0 {
		return fmt.Errorf(lang.say(
			"ARENGO_DATABASE_URL: al database mancano %d migrazioni su %d; esegui: arengo migrate up",
			"ARENGO_DATABASE_URL: the database lacks %d of %d migrations; run: arengo migrate up",
		), missing, len(list))
	}
	return nil
}

// close sends the last wake and gives everything back.
func (a *app) close() error {
	var all []error
	if a.queue != nil {
		all = append(all, a.queue.Close())
	}
	if a.db != nil {
		all = append(all, a.db.Close())
	}
	return errors.Join(all...)
}

// worker is what a worker node runs: the queue, and beside it what tells other
// programs, whose slowness must keep no mail, and what takes reports in.
type worker struct {
	queue  *queue.Server
	beside []func(context.Context) error
}

// Run works until the context ends.
func (w *worker) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(w.beside))
	for _, run := range w.beside {
		go func() { ended <- run(ctx) }()
	}
	all := w.queue.Run(ctx)
	stop()
	for range w.beside {
		all = errors.Join(all, <-ended)
	}
	return all
}

// worker makes the node's worker.
func (a *app) worker() (*worker, error) {
	relay, err := mail.ParseRelay(a.config.SMTPURL)
	if err != nil {
		return nil, err
	}
	mailroom, err := a.mailroom()
	if err != nil {
		return nil, err
	}
	post, err := email.New(relay, mail.Sender{Address: a.config.MailFrom, Name: a.config.Site.SiteName, Return: mailroom.address()})
	if err != nil {
		return nil, err
	}
	drainer, err := notify.NewDrainer(notify.DrainerConfig{
		DB: a.db, Outbox: a.core.Outbox(), Clock: a.clock, Log: a.log,
		Channels: a.channels(post),
	})
	if err != nil {
		return nil, err
	}
	sender, err := webhook.NewSender(webhook.Config{
		DB: a.db, Secrets: subscription.Secrets(a.core.Links()), Now: time.Now, Log: a.log, Loopback: a.config.WebhookLoopback,
		Stopped: subscription.Tell(a.core),
	})
	if err != nil {
		return nil, err
	}
	server, err := queue.NewServer(queue.Config{
		Redis: a.config.RedisURL, DB: a.db, Log: a.log, SweepEvery: sweepEvery,
		Jobs: &jobs{
			core: a.core, names: retention.New(a.core), drainer: drainer, sender: sender,
			digests: &digest.Runner{DB: a.db, Outbox: a.core.Outbox(), Clock: a.clock},
			purges: []purge{
				account.New(a.core).Purge, a.core.PurgeForms, token.New(a.core).Purge, subscription.New(a.core).Purge,
				a.purgeTraffic, letterbox.New(a.core).Purge, mailroom.postmaster.Purge,
			},
		},
	})
	return &worker{server, append(mailroom.intakes, sender.Run)}, err
}

// purgeTraffic forgets figures of mail that are a week old.
func (a *app) purgeTraffic(ctx context.Context, limit int) (int, error) {
	return a.core.Outbox().PurgeTraffic(ctx, a.db, limit)
}

// page is what the frame of every page shows of the owner.
func (o Owner) page() page.Site {
	return page.Site{
		Name: o.SiteName, Owner: page.Link{Label: o.Name, Href: o.URL}, Contact: page.Contact{Text: o.Name, Email: o.Contact},
		AccessibilityURL: o.AccessibilityURL, SourceURL: o.SourceURL,
	}
}

// web makes the node's web server.
func (a *app) web() (*web.Server, error) {
	renderer, err := page.New(page.Config{Site: a.config.Site.page()})
	if err != nil {
		return nil, err
	}
	s := &site.Site{
		Core: a.core, Accounts: account.New(a.core), Renderer: renderer, Limits: site.NewLimits(), Log: a.log,
		Secure: strings.HasPrefix(a.config.BaseURL, "https://"), CacheFor: 1,
		Todo: cockpit.New(a.core).Count, Unread: letterbox.New(a.core).Unread, HookSecrets: a.config.Bounce.Secrets,
	}
	if s.Return, err = a.returns(); err != nil {
		return nil, err
	}
	return web.New(web.Config{
		Site: s, Routes: routes(s), Log: a.log, Origin: a.config.BaseURL,
		TrustedProxies: a.config.TrustedProxies, Ready: a.db.PingContext,
	})
}

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
	return demo.Load(ctx, demo.Config{
		Domain: a.domain, Name: "siena", Log: a.log, Channels: []channel.Channel{a.inbox()},
	})
}
