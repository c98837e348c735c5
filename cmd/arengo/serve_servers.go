package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"arengo/cmd/arengo/embedded"
	"arengo/migrations"
	"arengo/process/pg"
)

// ownServers are the private servers of the embedded default, and the
// configuration that points to them.
type ownServers struct {
	config      Config
	log         *slog.Logger
	servers     *embedded.Servers
	mailbox     *embedded.Mailbox
	mailboxPage *http.Server
	mailboxURL  string
}

// mailboxPort is where the pages of the mailbox are, when nobody else is at
// their first start.
const mailboxPort = 8025

// startOwnServers starts PostgreSQL, Redis and the mailbox under the data folder
// and brings the schema up to date. What a killed program left is taken over.
func startOwnServers(ctx context.Context, c Config, log *slog.Logger) (s *ownServers, err error) {
	s = &ownServers{config: c, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if s.servers, err = embedded.Start(ctx, embedded.Options{Dir: c.DataDir, Logger: log}); err != nil {
		return s, err
	}
	if err := s.openMailbox(); err != nil {
		return s, err
	}
	s.config.DatabaseURL, s.config.RedisURL = s.servers.Postgres.URL(), s.servers.Redis.URL()
	s.config.SMTPURL = s.mailbox.URL()
	s.config.Site = s.config.Site.orDemo()
	if len(s.config.Secrets) == 0 {
		secret, err := keptSecret(filepath.Join(c.DataDir, "secret"))
		if err != nil {
			return s, err
		}
		s.config.Secrets = []string{secret}
	}
	return s, migrateUp(ctx, s.config.DatabaseURL)
}

// orDemo is the owner that a demonstration names when the environment names
// none: no reader may take it for a body's own site.
func (o Owner) orDemo() Owner {
	if o.Name == "" && o.Contact == "" {
		o.Name = "Dimostrazione: ente e persone inventati. Demonstration: invented body and people" // to readers of either language
		o.Contact = "arengo@example.org"
	}
	return o
}

func (s *ownServers) openMailbox() (err error) {
	folder := filepath.Join(s.servers.Dir(), "mail")
	if s.mailbox, err = embedded.StartMailbox(folder, "127.0.0.1:0", s.log); err != nil {
		return err
	}
	port, err := s.servers.PagesPort(mailboxPort)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("pages of the mailbox: %w", err)
	}
	s.mailboxURL = "http://" + l.Addr().String() + "/"
	s.mailboxPage = &http.Server{Handler: s.mailbox.Handler(""), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := s.mailboxPage.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("the pages of the mailbox stopped", "error", err)
		}
	}()
	return nil
}

// stop ends what was started, the database last.
func (s *ownServers) stop() error {
	var all []error
	if s.mailboxPage != nil {
		all = append(all, s.mailboxPage.Close())
	}
	if s.mailbox != nil {
		all = append(all, s.mailbox.Stop())
	}
	if s.servers != nil {
		all = append(all, s.servers.Stop())
		s.log.Info("servers stopped")
	}
	return errors.Join(all...)
}

func migrateUp(ctx context.Context, address string) error {
	db, err := pg.Open(address, 2)
	if err != nil {
		return err
	}
	_, err = migrations.Up(ctx, db)
	return errors.Join(err, db.Close())
}

// keptSecret reads the secret of the data folder, or draws it the first time:
// links in messages must work after a restart.
func keptSecret(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read secret: %w", err)
	}
	secret := rand.Text() + rand.Text()
	if err := os.MkdirAll(filepath.Dir(file), 0o711); err != nil {
		return "", fmt.Errorf("keep secret: %w", err)
	}
	// Whole or not at all: half a secret would be refused for ever.
	draft := file + ".new"
	if err := os.WriteFile(draft, []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep secret: %w", err)
	}
	return secret, os.Rename(draft, file)
}
