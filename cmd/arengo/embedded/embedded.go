// Package embedded runs a private PostgreSQL, Redis and mailbox as children of
// this program, under one data folder: the default for a first look, and the
// servers that tests use. It never starts, stops or reads a system service and
// it imports nothing of ours.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Options say where the servers keep their data and how careful they are.
type Options struct {
	// Dir is the data folder; it is created. As root the servers run as another
	// user: when that user cannot reach Dir, their files go to
	// /var/lib/arengo/NAME-HASH instead.
	Dir string
	// Throwaway servers lose everything in a power cut (no fsync, no
	// append-only file) and are several times faster. For tests only.
	Throwaway bool
	// Detached servers outlive this program. For servers that several test
	// programs share.
	Detached bool
	// Logger receives a line a step; nil discards them.
	Logger *slog.Logger
}

// Servers are a running PostgreSQL and Redis.
type Servers struct {
	Postgres *Postgres
	Redis    *Redis
	place    *place
}

// Start starts both servers, after stopping any that a killed program left in
// the same folder. It fails when another living program uses the folder, and
// with a remedy when a server is not installed.
func Start(ctx context.Context, o Options) (*Servers, error) {
	p, err := openPlace(o)
	if err != nil {
		return nil, err
	}
	pg, err := startPostgres(ctx, p)
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	redis, err := startRedis(ctx, p, "redis")
	if err != nil {
		return nil, errors.Join(err, pg.Stop(), p.close())
	}
	return &Servers{Postgres: pg, Redis: redis, place: p}, nil
}

// Dir is the folder that holds the servers' files; see Options.Dir.
func (s *Servers) Dir() string { return s.place.dir }

// Stop stops Redis, then PostgreSQL, and gives the folder free. Everything
// that uses them must have stopped before.
func (s *Servers) Stop() error {
	return errors.Join(s.Redis.Stop(), s.Postgres.Stop(), s.place.close())
}

// place is a folder locked for this program, with what the servers need to
// know about it.
type place struct {
	Options
	dir  string // what the servers' user can reach
	user account
	lock *os.File
	// ports remembers the port of each server, so that addresses a person wrote
	// down stay true.
	ports map[string]int
}

func openPlace(o Options) (*place, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	user, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	p := &place{Options: o, user: user, dir: dir}
	if err := makeDir(dir, user.folderMode()); err != nil {
		return nil, err
	}
	if !user.reaches(dir) {
		p.dir = elsewhere(dir)
		if err := makeDir(p.dir, user.folderMode()); err != nil {
			return nil, err
		}
		if !user.reaches(p.dir) {
			return nil, trouble(nil,
				"l’utente %s, che fa girare il database, non arriva né a %s né a %s: scegli un’altra cartella con ARENGO_DATA_DIR",
				"user %s, who runs the database, can reach neither %s nor %s: choose another folder with ARENGO_DATA_DIR", user.name, dir, p.dir)
		}
		o.Logger.Info("the servers' files are kept elsewhere, where their user can reach them", "folder", p.dir)
	}
	if p.lock, err = lockFile(filepath.Join(p.dir, "lock")); err != nil {
		return nil, err
	}
	if err := p.loadPorts(); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// elsewhere is the folder that stands for one that the servers' user cannot
// reach.
func elsewhere(dir string) string {
	return filepath.Join("/var/lib/arengo", filepath.Base(dir)+"-"+short(dir))
}

// Find returns the addresses of the servers that another program runs in the
// data folder dir, and whether they answer. It starts and changes nothing.
func Find(ctx context.Context, dir string) (Addresses, bool) {
	user, err := unprivileged()
	if err != nil {
		return Addresses{}, false
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return Addresses{}, false
	}
	p := &place{user: user, dir: dir}
	if !user.reaches(dir) {
		p.dir = elsewhere(dir)
	}
	if p.loadPorts() != nil || p.ports["postgres"] == 0 || p.ports["redis"] == 0 {
		return Addresses{}, false
	}
	password, err := os.ReadFile(filepath.Join(p.dir, "redis-password"))
	if err != nil {
		return Addresses{}, false
	}
	pg := &Postgres{socket: p.socketPath(), port: p.ports["postgres"]}
	redis := &Redis{port: p.ports["redis"], password: strings.TrimSpace(string(password))}
	a := Addresses{DatabaseURL: pg.URL(), RedisURL: redis.URL()}
	return a, a.answer(ctx)
}

func (p *place) close() error { return p.lock.Close() }

// sub makes a folder that only the servers' user may enter.
func (p *place) sub(name string) (string, error) {
	path := filepath.Join(p.dir, name)
	if err := makeDir(path, 0o700); err != nil {
		return "", err
	}
	return path, p.user.own(path)
}

// lockFile takes a lock that the kernel gives back however the program ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwritable(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(trouble(err,
			"la cartella dei dati %s è in uso da un altro arengo: fermalo, o imposta ARENGO_DATA_DIR su un’altra cartella",
			"data folder %s is in use by another arengo: stop it or set ARENGO_DATA_DIR to another folder", filepath.Dir(path)), f.Close())
	}
	return f, nil
}

func unwritable(err error) error {
	return trouble(err,
		"la cartella dei dati non è scrivibile (%v): imposta ARENGO_DATA_DIR su una cartella in cui questo utente possa scrivere",
		"the data folder cannot be written to (%v): set ARENGO_DATA_DIR to a folder that this user may write to", err)
}

func makeDir(path string, mode os.FileMode) error {
	if err := os.MkdirAll(path, mode); err != nil {
		return unwritable(err)
	}
	return nil
}
