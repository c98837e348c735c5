package embedded_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"arengo/cmd/arengo/embedded"
)

// A program that starts the servers and never stops them, for tests that kill
// it: this test program under another name.
const helper = "ARENGO_EMBEDDED_HELPER"

func TestMain(m *testing.M) {
	dir := os.Getenv(helper)
	if dir == "" {
		os.Exit(m.Run())
	}
	s, err := embedded.Start(context.Background(), embedded.Options{Dir: dir, Detached: os.Getenv(helper+"_DETACHED") != ""})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.Postgres.URL())
	fmt.Println(s.Redis.URL())
	select {}
}

func start(t *testing.T, dir string) *embedded.Servers {
	t.Helper()
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// folder is a temporary folder that every user may pass through: T.TempDir's
// may not be.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "arengo-embedded-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func stop(t *testing.T, s *embedded.Servers) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func client(t *testing.T, address string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// remember writes a fact into both servers.
func remember(t *testing.T, database, queue string) {
	t.Helper()
	if _, err := connect(t, database).Exec(t.Context(), "CREATE TABLE fact (n int); INSERT INTO fact VALUES (42)"); err != nil {
		t.Fatal(err)
	}
	if err := client(t, queue).Set(t.Context(), "fact", "42", 0).Err(); err != nil {
		t.Fatal(err)
	}
}

func checkFact(t *testing.T, s *embedded.Servers) {
	t.Helper()
	var n int
	if err := connect(t, s.Postgres.URL()).QueryRow(t.Context(), "SELECT n FROM fact").Scan(&n); err != nil || n != 42 {
		t.Errorf("database: %d, %v; want 42", n, err)
	}
	if got := client(t, s.Redis.URL()).Get(t.Context(), "fact").Val(); got != "42" {
		t.Errorf("redis: %q, want 42", got)
	}
}

func TestStartStopStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	remember(t, s.Postgres.URL(), s.Redis.URL())
	port := s.Postgres.Port()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	wanted := taken.Addr().(*net.TCPAddr).Port
	pages, err := s.PagesPort(wanted)
	if err != nil || pages == wanted {
		t.Errorf("pages on %d, which is taken (%v)", pages, err)
	}
	if port >= 32768 {
		t.Errorf("port %d lies in the ephemeral range", port)
	}
	stop(t, s)
	if found, ok := embedded.Find(t.Context(), dir); ok {
		t.Errorf("found %v after Stop", found)
	}
	if pids := running(t, s.Dir()); len(pids) > 0 {
		t.Errorf("still running after Stop: %v", pids)
	}
	s = start(t, dir)
	defer stop(t, s)
	checkFact(t, s)
	if s.Postgres.Port() != port {
		t.Errorf("port %d, want %d again", s.Postgres.Port(), port)
	}
	if again, err := s.PagesPort(wanted); err != nil || again != pages {
		t.Errorf("pages on %d, want %d again (%v)", again, pages, err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	defer stop(t, s)
	conn := connect(t, s.Postgres.URL())
	wanted := map[string]string{"log_min_error_statement": "panic", "fsync": "on", "TimeZone": "UTC", "server_encoding": "UTF8"}
	for name, want := range wanted {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", name, got, err, want)
		}
	}
	var super bool
	if err := conn.QueryRow(t.Context(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super); err != nil || super {
		t.Errorf("the role is a superuser (%v, %v)", super, err)
	}
	for name, want := range map[string]string{"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"} {
		got, err := client(t, s.Redis.URL()).ConfigGet(t.Context(), name).Result()
		if err != nil || got[name] != want {
			t.Errorf("%s = %q, %v; want %q", name, got[name], err, want)
		}
	}
}

// The loopback ports, which every user of the machine can reach, ask for a
// password.
func TestPortsAskForPassword(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	defer stop(t, s)
	address := fmt.Sprintf("postgres://arengo:wrong@127.0.0.1:%d/arengo?sslmode=disable", s.Postgres.Port())
	if conn, err := pgx.Connect(t.Context(), address); err == nil {
		_ = conn.Close(t.Context())
		t.Error("PostgreSQL let a wrong password in")
	}
	options, err := redis.ParseURL(s.Redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	options.Password = ""
	c := redis.NewClient(options)
	defer c.Close()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("Redis asks for no password")
	}
}

func TestNeverRunsAsRoot(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	defer stop(t, s)
	pids := running(t, s.Dir())
	if len(pids) < 2 {
		t.Fatalf("found processes %v, want PostgreSQL and Redis", pids)
	}
	for _, pid := range pids {
		info, err := os.Stat("/proc/" + strconv.Itoa(pid))
		if err != nil {
			continue // a backend that ended
		}
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid == 0 {
			t.Errorf("process %d runs as root", pid)
		}
	}
}

// A folder under one that only root may enter, as a checkout in /root is.
func TestUnreachableFolder(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(folder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "data")
	s := start(t, dir)
	defer func() {
		stop(t, s)
		if s.Dir() != dir {
			_ = os.RemoveAll(s.Dir())
			_ = os.Remove(filepath.Dir(s.Dir())) // when nobody else uses it
		}
	}()
	if moved := s.Dir() != dir; moved != (os.Geteuid() == 0) {
		t.Errorf("kept in %s", s.Dir())
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(folder(t), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "data")} {
		if _, err := embedded.Start(t.Context(), embedded.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "set ARENGO_DATA_DIR") {
			t.Errorf("%s: got %v, want the variable and the remedy", dir, err)
		}
	}
}

func TestFolderInUse(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	defer stop(t, s)
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use by another arengo") {
		t.Errorf("got %v, want a refusal", err)
	}
	found, ok := embedded.Find(t.Context(), dir)
	if !ok || found.DatabaseURL != s.Postgres.URL() || found.RedisURL != s.Redis.URL() {
		t.Errorf("found %v, %v; want the running servers", found, ok)
	}
	if err := client(t, s.Redis.URL()).Ping(t.Context()).Err(); err != nil {
		t.Errorf("the refused start disturbed the first: %v", err)
	}
}

// A program is killed; its servers end by the kernel's signal or, detached,
// stay. Either way the next start finds the data at once.
func TestStartAfterKill(t *testing.T) {
	t.Parallel()
	for _, detached := range []string{"", "yes"} {
		t.Run("detached="+detached, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), helper+"="+dir, helper+"_DETACHED="+detached)
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			var addresses []string
			for len(addresses) < 2 && lines.Scan() {
				addresses = append(addresses, lines.Text())
			}
			if len(addresses) < 2 {
				t.Fatal("the program did not start its servers")
			}
			remember(t, addresses[0], addresses[1])
			// everysec: what the last second wrote to Redis may be lost with
			// its process, so hand it to the kernel first.
			if err := client(t, addresses[1]).ConfigSet(t.Context(), "appendfsync", "always").Err(); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			s := start(t, dir)
			defer stop(t, s)
			checkFact(t, s)
		})
	}
}

// After a power cut the pid file names a process that is not PostgreSQL.
func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	remember(t, s.Postgres.URL(), s.Redis.URL())
	stop(t, s)
	path := filepath.Join(s.Dir(), "postgres", "postmaster.pid")
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	if err := os.WriteFile(path, fmt.Appendf(nil, "%d\n%s\n", stranger.Process.Pid, filepath.Dir(path)), 0o644); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	defer stop(t, s)
	checkFact(t, s)
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("a process that is not ours was ended: %v", err)
	}
}

// A folder whose making was interrupted.
func TestInterruptedInit(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	half := filepath.Join(dir, "postgres.new")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, dir))
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("cartella-", 15))
	s := start(t, dir)
	defer stop(t, s)
	connect(t, s.Postgres.URL())
}

func TestRedisRestart(t *testing.T) {
	t.Parallel()
	r, err := embedded.StartRedis(t.Context(), embedded.Options{Dir: folder(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	address := r.URL()
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.URL() != address {
		t.Errorf("address %s, want %s again", r.URL(), address)
	}
}

// The cluster's parent is killed: it comes back on its own port, with its data.
func TestPostgresRestart(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	defer stop(t, s)
	remember(t, s.Postgres.URL(), s.Redis.URL())
	address := s.Postgres.URL()
	if err := s.Postgres.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Postgres.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Postgres.URL() != address {
		t.Errorf("address %s, want %s again", s.Postgres.URL(), address)
	}
	checkFact(t, s)
}

// running lists the processes at work under dir.
func running(t *testing.T, dir string) []int {
	t.Helper()
	out, err := exec.Command("sh", "-c", `for p in /proc/[0-9]*; do echo "${p#/proc/} $(readlink $p/cwd)"; done`).Output()
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for line := range bytes.Lines(out) {
		number, cwd, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		if pid, err := strconv.Atoi(number); err == nil && strings.HasPrefix(cwd, dir+"/") {
			pids = append(pids, pid)
		}
	}
	return pids
}
