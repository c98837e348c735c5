package embedded

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/jackc/pgx/v5"
)

// Addresses are where servers that another program started answer.
type Addresses struct {
	DatabaseURL string `json:"database_url"`
	RedisURL    string `json:"redis_url"`
}

// users is held, by a lock that the kernel gives back, as long as this program
// lives.
var users *os.File

//go:embed warden.sh
var warden string

// Shared joins the throwaway servers that all test programs of this user
// share, starting them when there are none. They stop by themselves a little
// after the last program that joined has ended, however it ended, and leave
// nothing behind but their empty folder.
func Shared(ctx context.Context) (Addresses, error) {
	dir, err := sharedDir()
	if err != nil {
		return Addresses{}, err
	}
	if users == nil {
		f, err := os.OpenFile(filepath.Join(dir, "users"), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return Addresses{}, fmt.Errorf("join the test servers: %w", err)
		}
		if err := flock(f, syscall.LOCK_SH); err != nil {
			return Addresses{}, errors.Join(err, f.Close())
		}
		users = f
	}
	start, err := os.OpenFile(filepath.Join(dir, "start"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return Addresses{}, fmt.Errorf("join the test servers: %w", err)
	}
	defer start.Close()
	if err := flock(start, syscall.LOCK_EX); err != nil {
		return Addresses{}, err
	}
	if a, ok := living(ctx, dir); ok {
		return a, nil
	}
	return startShared(ctx, dir)
}

func startShared(ctx context.Context, dir string) (Addresses, error) {
	// What a crash left is of no use to anybody: begin afresh.
	servers := filepath.Join(dir, "servers")
	o := Options{Dir: servers, Throwaway: true, Detached: true}
	if err := sweep(servers); err != nil {
		return Addresses{}, err
	}
	s, err := Start(ctx, o)
	if err != nil {
		return Addresses{}, err
	}
	a := Addresses{DatabaseURL: s.Postgres.URL(), RedisURL: s.Redis.URL()}
	content, err := json.Marshal(a)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "addresses.json"), content, 0o600)
	}
	if err == nil {
		err = startWarden(dir, s)
	}
	if err != nil {
		return Addresses{}, errors.Join(err, s.Stop())
	}
	// The folder's lock goes with the servers' first program, which may end
	// before the others: the lock "users" is what counts here.
	return a, s.place.close()
}

// startWarden leaves a small process that waits for the last user to end.
func startWarden(dir string, s *Servers) error {
	cmd := exec.Command("/bin/sh", "-c", warden, "arengo-test-warden", dir,
		strconv.Itoa(s.Postgres.child.cmd.Process.Pid), strconv.Itoa(s.Redis.child.cmd.Process.Pid), s.Dir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Dir = "/"
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the test servers' warden: %w", err)
	}
	go func() { _ = cmd.Wait() }()
	return nil
}

// sweep stops what a killed warden left and removes its files.
func sweep(dir string) error {
	p, err := openPlace(Options{Dir: dir})
	if err != nil {
		return err
	}
	pg, redis := filepath.Join(p.dir, "postgres"), filepath.Join(p.dir, "redis")
	now := []syscall.Signal{syscall.SIGQUIT, syscall.SIGKILL}
	err = errors.Join(
		quiet(filepath.Join(pg, "postmaster.pid"), pg, now, startPatience),
		quiet(filepath.Join(redis, "redis.pid"), redis, []syscall.Signal{syscall.SIGKILL}, startPatience),
	)
	return errors.Join(err, emptyDir(p.dir), p.close())
}

// living reads the addresses and asks both servers whether they are there.
func living(ctx context.Context, dir string) (Addresses, bool) {
	var a Addresses
	content, err := os.ReadFile(filepath.Join(dir, "addresses.json"))
	if err != nil || json.Unmarshal(content, &a) != nil {
		return a, false
	}
	return a, a.answer(ctx)
}

// answer reports whether both servers do.
func (a Addresses) answer(ctx context.Context) bool {
	conn, err := pgx.Connect(ctx, a.DatabaseURL)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // the answer is what counts
	options, err := redis.ParseURL(a.RedisURL)
	if err != nil {
		return false
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }() // the answer is what counts
	return conn.Ping(ctx) == nil && client.Ping(ctx).Err() == nil
}

// sharedDir is a folder of this user under the system's temporary one.
func sharedDir() (string, error) {
	user, err := unprivileged()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), "arengo-test-"+strconv.Itoa(os.Geteuid()))
	if err := makeDir(dir, user.folderMode()); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(st.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s belongs to somebody else: set TMPDIR to a folder of yours", dir)
	}
	return dir, nil
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
