package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"

	"arengo/fixtures"
	"arengo/process"
)

// serve answers requests until it is told to stop. Without a database in the
// environment it brings everything along: private servers, schema,
// demonstration, worker and a mailbox.
func serve(ctx context.Context, c Config, log *slog.Logger, out io.Writer) (err error) {
	// First of all, since it is what fails most often and fails fastest.
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf(c.Lang.say(
			"ARENGO_ADDR: non si può ascoltare su %s: %w; se un altro Arengo è acceso fermalo, o imposta un altro indirizzo",
			"ARENGO_ADDR: cannot listen on %s: %w; if another Arengo runs stop it, or set another address"), c.Addr, err)
	}
	defer func() { _ = l.Close() }() // closed by the server, unless it never began
	if c.DatabaseURL != "" {
		return serveWeb(ctx, c, l, log)
	}
	s, err := startOwnServers(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	return serveAll(ctx, s, l, out)
}

// serveWeb is a web node beside servers of the operator's.
func serveWeb(ctx context.Context, c Config, l net.Listener, log *slog.Logger) (err error) {
	a, err := newApp(ctx, c, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	a.lookForRedis(ctx)
	server, err := a.web()
	if err != nil {
		return err
	}
	if c.Site.Name == "" || c.Site.Contact == "" {
		log.Warn("the pages do not say whose site it is", "remedy", "set ARENGO_SITE_OWNER and ARENGO_SITE_CONTACT")
	}
	log.Info("serving", "address", l.Addr().String(), "site", c.BaseURL)
	return server.Serve(ctx, l)
}

// serveAll is web and worker in one program, on private servers.
func serveAll(ctx context.Context, s *ownServers, l net.Listener, out io.Writer) (err error) {
	a, err := newApp(ctx, s.config, s.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if err := a.seed(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped while loading; the next start takes it up
		}
		// A first look without it is better than none.
		s.log.ErrorContext(ctx, "the demonstration is incomplete", "error", err)
	}
	worker, err := a.worker()
	if err != nil {
		return err
	}
	server, err := a.web()
	if err != nil {
		return err
	}
	greet(out, s)
	return runBoth(ctx, s.log, worker.Run, func(ctx context.Context) error { return server.Serve(ctx, l) })
}

// runBoth runs a worker and a web server until the context ends or one of them
// does. The worker stops first, so that nothing is begun that the web's last
// requests would wait for.
func runBoth(ctx context.Context, log *slog.Logger, worker, server func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	webCtx, stopWeb := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWeb()
	worked, served := make(chan error, 1), make(chan error, 1)
	go func() { worked <- worker(ctx) }()
	go func() { served <- server(webCtx) }()
	var all error
	select {
	case err := <-served:
		stop()
		return errors.Join(err, <-worked)
	case all = <-worked: // told to stop, or broken
	}
	log.Info("worker stopped")
	stopWeb()
	all = errors.Join(all, <-served)
	log.Info("web stopped")
	return all
}

// roleName is a role as the terminal says it.
func roleName(role string, lang tongue) string {
	switch role {
	case process.RolePromoter:
		return lang.say("promotrice del percorso", "promoter of the process")
	case process.RoleFacilitator:
		return lang.say("facilitazione", "facilitator")
	case process.RoleEditor:
		return lang.say("redazione", "editor")
	case process.RoleExpert:
		return lang.say("analisi", "expert")
	case process.RoleGuarantor:
		return lang.say("garanzia", "guarantor")
	case process.RoleDecider:
		return lang.say("decisione", "deciding body")
	}
	return lang.say("amministrazione della piattaforma", "platform administrator")
}

// greet tells the person at the terminal where everything is.
func greet(out io.Writer, s *ownServers) {
	lang := s.config.Lang
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n", lang.say("Arengo è pronto.", "Arengo is ready."))
	fmt.Fprintf(&b, "  %-15s %s\n", lang.say("Sito", "Site"), s.config.BaseURL)
	fmt.Fprintf(&b, "  %-15s %s  (%s)\n\n", lang.say("Posta di prova", "Test mailbox"), s.mailboxURL,
		lang.say("i messaggi restano qui, nessuno viene spedito", "messages stay here, none is sent on"))
	if d, err := fixtures.LoadDemo("siena"); err == nil {
		fmt.Fprintf(&b, lang.say(
			"Per entrare: apri %s/accedi, scrivi uno di questi indirizzi,\npoi apri il link che arriva nella posta di prova.\n\n",
			"To sign in: open %s/accedi, write one of these addresses,\nthen open the link that arrives in the test mailbox.\n\n"), s.config.BaseURL)
		for _, p := range d.People {
			names := make([]string, len(p.Roles))
			for i, r := range p.Roles {
				names[i] = roleName(r, lang)
			}
			fmt.Fprintf(&b, "  %-32s %s, %s\n", p.Email, p.Name, strings.Join(names, ", "))
		}
	}
	fmt.Fprintf(&b, "\n%s\n\n", fmt.Sprintf(lang.say("I dati sono in %s. Ctrl-C per fermare.", "The data are in %s. Ctrl-C to stop."), s.servers.Dir()))
	_, _ = io.WriteString(out, b.String()) // a closed terminal is no reason to stop
}
