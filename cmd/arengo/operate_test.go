package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"arengo/cmd/arengo/embedded"
	"arengo/process/pg"
	"arengo/process/processtest"
)

// execute runs this program to its end and returns what it printed.
func execute(t *testing.T, env []string, args ...string) (code int, out, errs string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + os.TempDir(), "LANG=C"}, env...)
	cmd.Dir = t.TempDir()
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func TestMigrateCommand(t *testing.T) {
	t.Parallel()
	env := []string{"ARENGO_MIGRATE_DATABASE_URL=" + processtest.DatabaseURL(t)}
	_, before, _ := execute(t, env, "migrate", "status")
	if strings.Contains(before, " - ") || before == "" {
		t.Fatalf("a migrated database has status\n%s", before)
	}
	if code, out, errs := execute(t, env, "migrate", "down", "1"); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("down 1: code %d, %q, %q", code, out, errs)
	}
	if _, out, _ := execute(t, env, "migrate", "status"); strings.Count(out, " - ") != 1 {
		t.Errorf("after down 1 the status is\n%s", out)
	}
	if code, out, errs := execute(t, env, "migrate"); code != 0 || strings.Count(out, "\n") != 1 {
		t.Errorf("up: code %d, %q, %q", code, out, errs)
	}
}

func TestCommandsRefuseWrongUsage(t *testing.T) {
	t.Parallel()
	cases := [][]string{
		{},
		{"nothing"},
		{"migrate", "down"},
		{"migrate", "down", "x"},
		{"migrate", "down", "0"},
		{"migrate", "sideways"},
		{"migrate", "up", "3"},
		{"doctor", "now"},
		{"serve", "--frob"},
		{"work", "now"},
		{"seed", "siena"},
		{"workflow", "paint"},
		{"services"},
		{"services", "true"},
		{"mailbox", "here"},
	}
	for _, args := range cases {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			code, out, errs := execute(t, nil, args...)
			if code != 2 || out != "" || !strings.Contains(strings.ToLower(errs), "usage") {
				t.Errorf("code %d, out %q, errors %q; want 2 and a usage", code, out, errs)
			}
		})
	}
	if code, _, errs := execute(t, []string{"ARENGO_LANG=it"}, "frob"); code != 2 || !strings.Contains(errs, `non c’è un comando "frob"`) {
		t.Errorf("unknown command: code %d, %q", code, errs)
	}
	for name := range commands {
		code, out, errs := execute(t, []string{"ARENGO_LANG=it"}, name, "--help")
		if code != 0 || errs != "" || !strings.HasPrefix(out, "uso: arengo "+name) {
			t.Errorf("%s --help: code %d, %q, %q", name, code, out, errs)
		}
	}
	if code, out, _ := execute(t, nil, "--help"); code != 0 || !strings.Contains(out, "migrate") {
		t.Errorf("--help: code %d, %q", code, out)
	}
}

func TestDoctorCommand(t *testing.T) {
	t.Parallel()
	env := []string{
		"ARENGO_DATABASE_URL=" + processtest.DatabaseURL(t), "ARENGO_REDIS_URL=" + processtest.Redis(t),
		"ARENGO_SMTP_URL=" + processtest.SMTP(t).URL(), "ARENGO_SECRET=" + strings.Repeat("s", 32), "ARENGO_DATA_DIR=/",
	}
	if code, out, errs := execute(t, env, "doctor"); code != 0 || strings.Count(out, "\n") != 8 {
		t.Errorf("code %d\n%s%s", code, out, errs)
	}
	broken := append(env, "ARENGO_SMTP_URL=smtp://127.0.0.1:1", "ARENGO_LANG=it")
	if code, out, _ := execute(t, broken, "doctor"); code != 1 || !strings.Contains(out, "fail smtp") || !strings.Contains(out, "controlla") {
		t.Errorf("code %d\n%s", code, out)
	}
	if code, out, _ := execute(t, broken, "doctor", "--json"); code != 1 || !strings.Contains(out, `"check": "smtp"`) {
		t.Errorf("code %d\n%s", code, out)
	}
	if code, _, errs := execute(t, nil, "doctor"); code != 1 || !strings.Contains(errs, "arengo serve") {
		t.Errorf("with nothing running: code %d, %q", code, errs)
	}
}

func TestServicesCommand(t *testing.T) {
	t.Parallel()
	code, out, errs := execute(t, nil, "services", "--", "sh", "-c", `echo "$ARENGO_TEST_DATABASE_URL"; echo "$ARENGO_TEST_REDIS_URL"; echo "$ARENGO_TEST_SMTP_URL"; exit 7`)
	lines := strings.Fields(out)
	if code != 7 || len(lines) != 3 {
		t.Fatalf("code %d, %q, %q; want the command's 7 and three addresses", code, out, errs)
	}
	for i, prefix := range []string{"postgres://", "redis://", "smtp://"} {
		if !strings.HasPrefix(lines[i], prefix) {
			t.Errorf("address %q, want %s…", lines[i], prefix)
		}
	}
	_, socket, _ := strings.Cut(lines[0], "host=")
	socket, _, _ = strings.Cut(strings.ReplaceAll(socket, "%2F", "/"), "&")
	if _, err := os.Stat(socket); socket == "" || !os.IsNotExist(err) {
		t.Errorf("folder %q is still there (%v)", socket, err)
	}
}

// The embedded default has no address to give: the command finds it, running or
// not.
func TestMigrateEmbedded(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "arengo-migrate-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	env := []string{"ARENGO_DATA_DIR=" + filepath.Join(dir, "data")}
	if code, out, errs := execute(t, env, "migrate"); code != 0 || out == "" {
		t.Fatalf("stopped: code %d, %q, %q", code, out, errs)
	}
	s, err := embedded.Start(t.Context(), embedded.Options{Dir: filepath.Join(dir, "data")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	if code, out, errs := execute(t, env, "migrate", "status"); code != 0 || strings.Contains(out, " - ") {
		t.Errorf("running: code %d, %q, %q", code, out, errs)
	}
	if code, out, errs := execute(t, env, "doctor"); code != 0 {
		t.Errorf("doctor: code %d, %q, %q", code, out, errs)
	}
}

// Two roles: one owns the tables, the other only works with them.
func TestMigrateGrants(t *testing.T) {
	t.Parallel()
	address := processtest.DatabaseURL(t)
	db, err := pg.Open(address, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	app := "app_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "CREATE ROLE "+app+" LOGIN; GRANT "+app+" TO CURRENT_USER"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := db.ExecContext(context.Background(), "DROP OWNED BY "+app+"; DROP ROLE "+app); err != nil {
			t.Error(err)
		}
	}()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(app)
	env := []string{"ARENGO_MIGRATE_DATABASE_URL=" + address, "ARENGO_DATABASE_URL=" + u.String()}
	if code, out, errs := execute(t, env, "migrate"); code != 0 {
		t.Fatalf("code %d, %q, %q", code, out, errs)
	}
	var reads, changesLog bool
	const query = "SELECT has_table_privilege(?, 'person', 'UPDATE'), has_table_privilege(?, 'transition_log', 'UPDATE')"
	if err := db.NewRaw(query, app, app).Scan(t.Context(), &reads, &changesLog); err != nil {
		t.Fatal(err)
	}
	if !reads || changesLog {
		t.Errorf("may change people %v and the log %v; want true, false", reads, changesLog)
	}
}
