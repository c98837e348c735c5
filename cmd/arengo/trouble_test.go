package main

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arengo/process/pg"
	"arengo/process/processtest"
)

// broken is a production environment in which nothing answers.
func broken(lang string) []string {
	return []string{
		"ARENGO_LANG=" + lang, "ARENGO_ADDR=127.0.0.1:0", "ARENGO_SECRET=" + strings.Repeat("s", 32),
		"ARENGO_DATABASE_URL=postgres://app:secret-word@127.0.0.1:1/x", "ARENGO_REDIS_URL=redis://:secret-word@127.0.0.1:1/0",
		"ARENGO_SMTP_URL=smtp://app:secret-word@127.0.0.1:1",
	}
}

// oneHint fails unless what was printed is one line with all the words and no
// password.
func oneHint(t *testing.T, printed string, words ...string) {
	t.Helper()
	if strings.Count(printed, "\n") != 1 || strings.Contains(printed, "secret-word") {
		t.Errorf("want one line without a password, got\n%s", printed)
	}
	for _, w := range words {
		if !strings.Contains(printed, w) {
			t.Errorf("no %q in\n%s", w, printed)
		}
	}
}

func TestNoDatabase(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"serve"}, {"work"}, {"seed"}, {"migrate"}, {"migrate", "status"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			code, _, errs := execute(t, broken("it"), args...)
			if code != 1 {
				t.Errorf("code %d", code)
			}
			oneHint(t, errs, "ARENGO_DATABASE_URL: il database non risponde", "connessione rifiutata, 127.0.0.1:1", "controlla", "arengo doctor")
			_, _, errs = execute(t, broken("en"), args...)
			oneHint(t, errs, "ARENGO_DATABASE_URL: the database does not answer", "connection refused", "check", "arengo doctor")
		})
	}
	t.Run("Migrator", func(t *testing.T) {
		t.Parallel()
		_, _, errs := execute(t, append(broken("it"), "ARENGO_MIGRATE_DATABASE_URL=postgres://owner:secret-word@127.0.0.1:1/x"), "migrate")
		oneHint(t, errs, "ARENGO_MIGRATE_DATABASE_URL: il database")
	})
}

// A wrong password and a name that no database has are told apart.
func TestDatabaseRefuses(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(processtest.DatabaseURL(t))
	if err != nil {
		t.Fatal(err)
	}
	wrong := "postgres://arengo:secret-word@127.0.0.1:" + address.Query().Get("port") + "/x"
	address.Path = "/nowhere"
	for where, why := range map[string]string{wrong: "rifiuta utente o password", address.String(): "il database con quel nome non esiste"} {
		for _, command := range []string{"serve", "migrate"} {
			code, _, errs := execute(t, append(broken("it"), "ARENGO_DATABASE_URL="+where), command)
			if code != 1 {
				t.Errorf("%s: code %d", command, code)
			}
			oneHint(t, errs, "ARENGO_DATABASE_URL", why, "controlla")
		}
	}
}

// What a newer program has migrated is neither read nor changed.
func TestNewSchema(t *testing.T) {
	t.Parallel()
	address := processtest.DatabaseURL(t)
	db, err := pg.Open(address, 2)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `INSERT INTO bun_migrations (name, group_id) VALUES ('20990101000000', 99)`); err != nil {
		t.Fatal(err)
	}
	before := digests(t, db)
	for _, args := range [][]string{{"serve"}, {"work"}, {"seed"}, {"migrate"}, {"migrate", "down", "1"}} {
		code, _, errs := execute(t, append(broken("en"), "ARENGO_DATABASE_URL="+address), args...)
		if code != 1 {
			t.Errorf("%v: code %d", args, code)
		}
		oneHint(t, errs, "20990101000000", "unknown to this program", "run the newer program")
	}
	for _, command := range []string{"serve", "migrate"} {
		_, _, errs := execute(t, append(broken("it"), "ARENGO_DATABASE_URL="+address), command)
		oneHint(t, errs, "20990101000000", "che questo programma non conosce", "usa il programma più recente")
	}
	if _, out, _ := execute(t, append(broken("it"), "ARENGO_DATABASE_URL="+address), "doctor"); !strings.Contains(out, "schema   il database ha già la migrazione 20990101000000") {
		t.Errorf("doctor says\n%s", out)
	}
	for table, sum := range digests(t, db) {
		if sum != before[table] {
			t.Errorf("%s changed", table)
		}
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	code, _, errs := execute(t, append(broken("it"), "ARENGO_ADDR="+l.Addr().String()), "serve")
	if code != 1 {
		t.Errorf("code %d", code)
	}
	oneHint(t, errs, "ARENGO_ADDR: non si può ascoltare su "+l.Addr().String(), "imposta un altro indirizzo")
}

func TestOldSchema(t *testing.T) {
	t.Parallel()
	env := append(broken("it"), "ARENGO_DATABASE_URL="+processtest.DatabaseURL(t))
	if code, _, errs := execute(t, env, "migrate", "down", "1"); code != 0 {
		t.Fatal(errs)
	}
	for _, command := range []string{"serve", "work", "seed"} {
		code, _, errs := execute(t, env, command)
		if code != 1 {
			t.Errorf("%s: code %d", command, code)
		}
		oneHint(t, errs, "mancano 1 migrazioni", "arengo migrate up")
	}
}

// A node starts without Redis, and says so once in the reader's language.
func TestNoRedis(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "work"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			p := start(t, append(broken("it"), "ARENGO_DATABASE_URL="+processtest.DatabaseURL(t)), command)
			processtest.Eventually(t, "the node works", func() bool {
				return strings.Contains(p.printed(), "msg=serving") || strings.Contains(p.printed(), "msg=working")
			})
			p.stop()
			if got := strings.Count(p.printed(), "ARENGO_REDIS_URL: Redis non risponde (connessione rifiutata"); got != 1 {
				t.Errorf("said %d times, want once", got)
			}
			if strings.Contains(p.printed(), "redis: 20") || strings.Contains(p.printed(), "secret-word") {
				t.Error("the library prints by itself, or a password shows")
			}
		})
	}
}

// A relay that refuses the login: the log and the doctor name the variable and
// the remedy.
func TestLoginRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.sink.RefuseAuth()
	env := append(w.env, "ARENGO_LANG=it", "ARENGO_SMTP_URL=smtp://app:secret-word@"+w.sink.Addr()+"?tls=none")
	const want = "ARENGO_SMTP_URL: il server di posta rifiuta utente e password"
	p := start(t, env, "work")
	w.invite()
	processtest.Eventually(t, "the log says why nothing goes", func() bool { return strings.Contains(p.printed(), want) })
	p.stop()
	code, out, errs := execute(t, env, "doctor")
	if code != 1 || !strings.Contains(out, want) || errs != "" {
		t.Errorf("doctor: code %d\n%s%s", code, out, errs)
	}
	if all := p.printed() + out; strings.Contains(all, "secret-word") || !strings.Contains(all, "correggi utente e password") {
		t.Errorf("a password, or no remedy in\n%s", all)
	}
}

func TestDoctorSaysALineEach(t *testing.T) {
	t.Parallel()
	code, out, errs := execute(t, broken("it"), "doctor")
	if code != 1 || errs != "" || strings.Count(out, "\n") != 8 {
		t.Errorf("code %d, want eight lines and no others\n%s%s", code, out, errs)
	}
	for _, text := range []string{"refused", "failed", "dial", "secret-word"} {
		if strings.Contains(out, text) {
			t.Errorf("%q in\n%s", text, out)
		}
	}
}

// Being told to stop is no trouble with the database.
func TestStoppedWhileAsking(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := reach(ctx, "ARENGO_DATABASE_URL", "postgres://127.0.0.1:1/x", "it"); err == nil || strings.Contains(err.Error(), "ARENGO") {
		t.Errorf("got %v, want the context's end", err)
	}
}

// The private servers need a folder; without one the remedy is in the reader's
// language.
func TestNoDataFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for lang, remedy := range map[string]string{"it": "imposta ARENGO_DATA_DIR su una cartella", "en": "set ARENGO_DATA_DIR to a folder"} {
		for _, command := range []string{"serve", "migrate"} {
			code, _, errs := execute(t, []string{"ARENGO_LANG=" + lang, "ARENGO_ADDR=127.0.0.1:0", "ARENGO_DATA_DIR=" + file}, command)
			if code != 1 {
				t.Errorf("%s: code %d", command, code)
			}
			oneHint(t, errs, remedy)
		}
	}
}
