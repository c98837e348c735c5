package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"arengo/cmd/arengo/embedded"
)

// machine describes where the figures come from.
func (h *house) machine() string {
	h.b.Helper()
	setting := func(name string) (value string) {
		h.must(h.app.db.NewRaw("SELECT current_setting(?)", name).Scan(h.b.Context(), &value))
		return value
	}
	memory, err := strconv.Atoi(field(read(h.b, "/proc/meminfo"), "MemTotal:"))
	h.must(err)
	kernel := strings.TrimSpace(read(h.b, "/proc/sys/kernel/osrelease"))
	return fmt.Sprintf("%s, %d cores, %d GB, Linux %s, %s, PostgreSQL %s (fsync %s, synchronous_commit %s, full_page_writes %s), Redis %s (appendonly %s).",
		model(h.b), runtime.NumCPU(), (memory+1<<19)>>20, kernel, strings.Replace(runtime.Version(), "go", "Go ", 1),
		strings.Fields(setting("server_version"))[0], setting("fsync"), setting("synchronous_commit"), setting("full_page_writes"),
		h.redis("redis_version"), h.redis("aof_enabled"))
}

func (h *house) redis(name string) string {
	h.b.Helper()
	options, err := redis.ParseURL(h.app.config.RedisURL)
	h.must(err)
	client := redis.NewClient(options)
	defer client.Close()
	info, err := client.Info(h.b.Context()).Result()
	h.must(err)
	for line := range strings.Lines(info) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+":"); ok {
			return value
		}
	}
	return "unknown"
}

func model(b *testing.B) string {
	b.Helper()
	for line := range strings.Lines(read(b, "/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func read(b *testing.B, path string) string {
	b.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	return string(data)
}

// field is the first word after a name at the beginning of a line.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			if words := strings.Fields(rest); len(words) > 0 {
				return words[0]
			}
		}
	}
	return ""
}

// tick is the unit of /proc/*/stat: Linux reports hundredths of a second on
// every machine that Go runs on.
const tick = 10 * time.Millisecond

// stat gives the fields of /proc/pid/stat from the third on: the second, the
// program's name, may hold spaces. ok is false when the process is gone.
func stat(pid int) (fields []string, ok bool) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, false
	}
	_, rest, found := strings.Cut(string(data), ") ")
	return strings.Fields(rest), found
}

// ticks adds fields of a stat line, numbered as in proc(5).
func ticks(b *testing.B, fields []string, numbers ...int) (sum time.Duration) {
	b.Helper()
	for _, n := range numbers {
		v, err := strconv.ParseInt(fields[n-3], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(v) * tick
	}
	return sum
}

// cpuOf is the processor time of processes so far, user and system.
func cpuOf(b *testing.B, pids ...int) (sum time.Duration) {
	b.Helper()
	for _, pid := range pids {
		fields, ok := stat(pid)
		if !ok {
			b.Fatalf("process %d is gone", pid)
		}
		sum += ticks(b, fields, 14, 15)
	}
	return sum
}

// postmaster is the parent of all processes of the PostgreSQL server.
type postmaster int

func (h *house) postmaster() postmaster {
	h.b.Helper()
	fields, ok := stat(h.count("SELECT pg_backend_pid()"))
	if !ok {
		h.b.Fatal("PostgreSQL runs elsewhere: its processor time cannot be read")
	}
	pid, err := strconv.Atoi(fields[1])
	h.must(err)
	return postmaster(pid)
}

// cpu is the processor time of the server so far: of the parent, of its
// children that have ended, and of those that run.
func (p postmaster) cpu(b *testing.B) time.Duration {
	b.Helper()
	fields, ok := stat(int(p))
	if !ok {
		b.Fatal("PostgreSQL is gone")
	}
	sum := ticks(b, fields, 14, 15, 16, 17)
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		b.Fatal(err)
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(entry))
		if err != nil {
			continue
		}
		if fields, ok := stat(pid); ok && fields[1] == strconv.Itoa(int(p)) {
			sum += ticks(b, fields, 14, 15)
		}
	}
	return sum
}

// memory adds what the web server holds now and held at most.
func (t *table) memory(web *exec.Cmd) {
	t.b.Helper()
	status := read(t.b, fmt.Sprintf("/proc/%d/status", web.Process.Pid))
	mega := func(name string) float64 {
		kilo, err := strconv.Atoi(field(status, name))
		if err != nil {
			t.b.Fatal(err)
		}
		return float64(kilo) / 1024
	}
	t.line("Memory of `arengo serve` after the runs above", fmt.Sprintf("**%.0f MB** (at most %.0f MB)", mega("VmRSS:"), mega("VmHWM:")), "", "< 150 MB")
}

// tool finds a program that measuring needs, also where Debian hides it.
func tool(b *testing.B, name string) string {
	b.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		b.Fatalf("%s is not installed: run .ci/deps bench", name)
	}
	return found[len(found)-1]
}

func freeAddress(b *testing.B) string {
	b.Helper()
	port, err := embedded.FreePort(0)
	if err != nil {
		b.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

func asJSON(b testing.TB, value any) string {
	b.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		b.Fatal(err)
	}
	return string(raw)
}

func fromJSON[T any](b testing.TB, raw string) (out T) {
	b.Helper()
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		b.Fatal(err)
	}
	return out
}
