package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a private cluster with a database and an ordinary role, both
// called arengo; the role owns the database and may create others. Its unix
// socket asks no password but lies in a folder closed to other users; its
// loopback port asks for the one in the file postgres-password.
type Postgres struct {
	place  *place
	child  *child
	data   string
	socket string
	port   int
}

// startPatience covers the recovery of a cluster that was killed.
const startPatience = 2 * time.Minute

func startPostgres(ctx context.Context, p *place) (*Postgres, error) {
	g := &Postgres{place: p}
	var err error
	if g.data, err = p.sub("postgres"); err != nil {
		return nil, err
	}
	if err := g.Start(ctx); err != nil {
		return nil, err
	}
	return g, nil
}

// Start starts the cluster again, on the same port and data, after Stop or Kill.
func (g *Postgres) Start(ctx context.Context) error {
	p := g.place
	bin, err := postgresBin(g.data)
	if err != nil {
		return err
	}
	// SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
	leftover := []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL}
	if err := quiet(filepath.Join(g.data, "postmaster.pid"), g.data, leftover, 20*time.Second); err != nil {
		return err
	}
	if err := p.initdb(bin, g.data); err != nil {
		return err
	}
	if g.socket, err = p.socketDir(); err != nil {
		return err
	}
	if g.port, err = p.port("postgres"); err != nil {
		return err
	}
	argv := append([]string{filepath.Join(bin, "postgres"), "-D", g.data}, g.settings()...)
	if g.child, err = p.spawn("postgres", argv, syscall.SIGINT); err != nil {
		return err
	}
	ready := func() error { return g.admin(ctx, "SELECT 1") }
	if err := g.child.wait(ready, startPatience); err != nil {
		return errors.Join(err, g.Stop())
	}
	if err := g.prepare(ctx); err != nil {
		return errors.Join(err, g.Stop())
	}
	return nil
}

// Kill ends the cluster's parent at once, as a crash would; its children notice
// and end by themselves.
func (g *Postgres) Kill() error { return g.child.stop(syscall.SIGKILL, 20*time.Second) }

// URL is the address of the database arengo over the unix socket.
func (g *Postgres) URL() string {
	q := url.Values{"host": {g.socket}, "port": {strconv.Itoa(g.port)}}
	return "postgres://arengo@/arengo?" + q.Encode()
}

// Port is where the cluster listens on 127.0.0.1.
func (g *Postgres) Port() int { return g.port }

// Stop stops the cluster by a fast shutdown: clients are disconnected and
// nothing is lost.
func (g *Postgres) Stop() error {
	err := g.child.stop(syscall.SIGINT, time.Minute)
	if !strings.HasPrefix(g.socket, g.place.dir) {
		_ = os.Remove(g.socket) // only when empty; the next start makes it again
	}
	return err
}

// settings are given on the command line, so that an upgrade of this program
// changes them in a folder that exists.
func (g *Postgres) settings() []string {
	list := []string{
		"port=" + strconv.Itoa(g.port),
		"listen_addresses=127.0.0.1",
		"unix_socket_directories=" + g.socket,
		"unix_socket_permissions=0700",
		"timezone=UTC",
		"log_timezone=UTC",
		// A failing statement carries people's data in its text.
		"log_min_error_statement=panic",
		"log_statement=none",
		"log_min_duration_statement=-1",
		"logging_collector=off",
		"shared_buffers=128MB",
		"max_connections=120",
	}
	if g.place.Throwaway {
		list = append(list, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal",
			"max_wal_senders=0", "max_connections=400", "max_wal_size=4GB", "checkpoint_timeout=1d",
			"autovacuum_naptime=1h")
	}
	var args []string
	for _, s := range list {
		args = append(args, "-c", s)
	}
	return args
}

// initdb makes the cluster beside its place and moves it there when it is
// whole, so that a kill in between leaves no half of one.
func (p *place) initdb(bin, data string) error {
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); err == nil {
		return nil
	}
	fresh, err := p.sub("postgres.new")
	if err != nil {
		return err
	}
	if err := emptyDir(fresh); err != nil {
		return err
	}
	argv := []string{
		filepath.Join(bin, "initdb"), "-D", fresh, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
		"--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions",
	}
	if p.Throwaway {
		argv = append(argv, "--no-sync")
	}
	if out, err := p.command(argv).CombinedOutput(); err != nil {
		return fmt.Errorf("create the database cluster: %w\n%s", err, out)
	}
	// Remove takes only an empty folder: it cannot cost data.
	if err := errors.Join(os.Remove(data), os.Rename(fresh, data)); err != nil {
		return fmt.Errorf("create the database cluster: %w", err)
	}
	return nil
}

func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read folder: %w", err)
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("empty folder: %w", err)
		}
	}
	return nil
}

// prepare makes the role and the database, once.
func (g *Postgres) prepare(ctx context.Context) error {
	password, err := g.place.secret("postgres-password")
	if err != nil {
		return err
	}
	rights := "LOGIN CREATEDB"
	if g.place.Throwaway {
		rights += " CREATEROLE" // tests try the rights of other roles
	}
	steps := []struct{ check, make string }{
		{"SELECT 1 FROM pg_roles WHERE rolname = 'arengo'", "CREATE ROLE arengo " + rights + " PASSWORD '" + password + "'"},
		{"SELECT 1 FROM pg_database WHERE datname = 'arengo'", "CREATE DATABASE arengo OWNER arengo"},
	}
	for _, s := range steps {
		err := g.admin(ctx, s.check)
		if errors.Is(err, pgx.ErrNoRows) {
			err = g.admin(ctx, s.make)
		}
		if err != nil {
			return fmt.Errorf("prepare the database: %w", err)
		}
	}
	return nil
}

// admin runs one statement as the cluster's superuser. A SELECT without rows
// is pgx.ErrNoRows.
func (g *Postgres) admin(ctx context.Context, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	q := url.Values{"host": {g.socket}, "port": {strconv.Itoa(g.port)}}
	conn, err := pgx.Connect(ctx, "postgres://postgres@/postgres?"+q.Encode())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // the statement's own error is what counts
	tag, err := conn.Exec(ctx, sql)
	if err == nil && tag.Select() && tag.RowsAffected() == 0 {
		return pgx.ErrNoRows
	}
	return err
}

// socketPath is a folder whose path is short enough for a unix socket (107
// bytes on Linux).
func (p *place) socketPath() string {
	if dir := filepath.Join(p.dir, "run"); len(dir) < 85 {
		return dir
	}
	return "/tmp/arengo-" + short(p.dir)
}

// socketDir makes the folder of socketPath, closed to other users.
func (p *place) socketDir() (string, error) {
	dir := p.socketPath()
	if strings.HasPrefix(dir, p.dir) {
		return p.sub("run")
	}
	if err := makeDir(dir, 0o700); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	// Whoever made the folder could put a socket of their own into it.
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || (int(st.Uid) != p.user.uid && int(st.Uid) != os.Geteuid()) {
		return "", trouble(nil, "%s è di qualcun altro: scegli una ARENGO_DATA_DIR più corta",
			"%s belongs to somebody else: choose a shorter ARENGO_DATA_DIR", dir)
	}
	return dir, p.user.own(dir)
}

// secret reads a random word from a file, made on first use.
func (p *place) secret(name string) (string, error) {
	path := filepath.Join(p.dir, name)
	if content, err := os.ReadFile(path); err == nil && len(content) > 0 {
		return strings.TrimSpace(string(content)), nil
	}
	word := rand.Text()
	if err := os.WriteFile(path, []byte(word+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return word, nil
}

// postgresBin finds the folder with postgres and initdb: the version that made
// the cluster, for a new cluster the newest.
func postgresBin(data string) (string, error) {
	wanted := ""
	if content, err := os.ReadFile(filepath.Join(data, "PG_VERSION")); err == nil {
		wanted = strings.TrimSpace(string(content))
	}
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	sort.Slice(dirs, func(i, j int) bool { return major(dirs[i]) > major(dirs[j]) })
	for _, dir := range dirs {
		_, err := os.Stat(filepath.Join(dir, "initdb"))
		if err == nil && (wanted == "" || strconv.Itoa(major(dir)) == wanted) {
			return dir, nil
		}
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		return filepath.Dir(path), nil
	}
	if wanted != "" {
		return "", trouble(nil, "la cartella dei dati è di PostgreSQL %s, che non è installato: installa postgresql-%s",
			"the data folder was made by PostgreSQL %s, which is not installed: install postgresql-%s", wanted, wanted)
	}
	return "", trouble(nil,
		"PostgreSQL non è installato: esegui `make deps`, installa il pacchetto postgresql, o imposta ARENGO_DATABASE_URL su un tuo server",
		"PostgreSQL is not installed: run `make deps`, install the package postgresql, or set ARENGO_DATABASE_URL to a server of yours")
}

func major(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}
