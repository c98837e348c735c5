package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arengo/process/processtest"
	"arengo/process/worldtest"
	"arengo/workflow/history"
)

func TestVerifyLogs(t *testing.T) {
	t.Parallel()
	w := worldtest.New(t)
	other := w.NewProcess("Un altro percorso")
	read := func(slug string, lang tongue, want int) string {
		t.Helper()
		var out strings.Builder
		code, err := verifyLogs(t.Context(), w.DB, slug, &out, lang)
		w.Must(err)
		if code != want {
			t.Errorf("exit %d, want %d\n%s", code, want, out.String())
		}
		return out.String()
	}
	if got, want := read("", "en", 0), other.Slug+": intact\n"+w.Process.Slug+": intact\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	w.Exec(`ALTER TABLE transition_log DISABLE TRIGGER USER; UPDATE transition_log SET to_state = 'closed' WHERE seq = 1 AND process_id = `+
		`(SELECT id FROM process WHERE slug = ?)`, other.Slug)
	if got, want := read("", "it", 1), other.Slug+": rotto alla riga 1: è stata cambiata\n"+w.Process.Slug+": integro\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got, want := read(w.Process.Slug, "it", 0), w.Process.Slug+": integro\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	var none strings.Builder
	if code, err := verifyLogs(t.Context(), w.DB, "nessuno", &none, "it"); code != 1 || err == nil || !strings.Contains(err.Error(), `"nessuno"`) {
		t.Errorf("unknown process: exit %d, %v", code, err)
	}
	if len(flaws) != len(history.Flaws) {
		t.Errorf("%d flaws in Italian of %d", len(flaws), len(history.Flaws))
	}
}

func TestVerifyCommand(t *testing.T) {
	t.Parallel()
	env := []string{"ARENGO_DATABASE_URL=" + processtest.DatabaseURL(t), "ARENGO_LANG=it"}
	if code, out, errs := execute(t, env, "verify"); code != 0 || out != "" || errs != "" {
		t.Errorf("no process: exit %d, %q, %q", code, out, errs)
	}
	if code, _, errs := execute(t, env, "verify", "nessuno"); code != 1 || !strings.Contains(errs, `non c’è un percorso "nessuno"`) {
		t.Errorf("unknown process: exit %d, %q", code, errs)
	}
	if code, _, errs := execute(t, env, "verify", "a", "b"); code != 2 || !strings.Contains(errs, "arengo verify [PERCORSO]") {
		t.Errorf("two processes: exit %d, %q", code, errs)
	}
}

// A slip in the folder's name makes no servers there.
func TestVerifyMakesNoServers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "dta")
	code, _, errs := execute(t, []string{"ARENGO_DATA_DIR=" + dir, "ARENGO_LANG=it"}, "verify")
	if code != 1 || !strings.Contains(errs, "i server privati non sono accesi in "+dir) || !strings.Contains(errs, "ARENGO_DATA_DIR") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is there: %v", err)
	}
}
