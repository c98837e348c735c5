package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"arengo/cmd/arengo/doctor"
	"arengo/cmd/arengo/embedded"
	"arengo/migrations"
	"arengo/process"
	"arengo/process/pg"
	"arengo/workflow/history"
)

// migrate brings the schema up to date (up, the default), takes back the newest
// N migrations (down N) or lists them (status). It needs nothing but the
// database: ARENGO_MIGRATE_DATABASE_URL, else ARENGO_DATABASE_URL, else that of
// the embedded default, running or not. After up the role of
// ARENGO_DATABASE_URL, if it is another, gets its rights.
func migrate(ctx context.Context, args []string, out, errs io.Writer) int {
	do, n := "up", 0
	if len(args) > 0 {
		do = args[0]
	}
	var err error
	switch {
	case do == "down" && len(args) == 2:
		n, err = strconv.Atoi(args[1])
	case (do == "up" || do == "status") && len(args) <= 1:
	default:
		err = errors.New("wrong usage")
	}
	if err != nil || n < 0 || (do == "down" && n == 0) {
		usage(errs, "migrate", language(os.Getenv))
		return 2
	}
	if err := withMigrateDatabase(ctx, os.Getenv, func(address string) error {
		if err := runMigrate(ctx, address, do, n, out); err != nil || do != "up" {
			return err
		}
		return grant(ctx, address, os.Getenv("ARENGO_DATABASE_URL"))
	}); err != nil {
		lang := language(os.Getenv)
		fmt.Fprintf(errs, "arengo: %v\n", explain(err, lang))
		return 1
	}
	return 0
}

// withMigrateDatabase calls do with the address of the database to migrate.
func withMigrateDatabase(ctx context.Context, get func(string) string, do func(address string) error) (err error) {
	for _, name := range []string{"ARENGO_MIGRATE_DATABASE_URL", "ARENGO_DATABASE_URL"} {
		if address := get(name); address != "" {
			k := &checker{lang: language(get)}
			k.database(name, address)
			if err := errors.Join(k.problems...); err != nil {
				return err
			}
			if err := reach(ctx, name, address, k.lang); err != nil {
				return err
			}
			return do(address)
		}
	}
	dir := or(get("ARENGO_DATA_DIR"), "data")
	if found, ok := embedded.Find(ctx, dir); ok {
		return do(found.DatabaseURL)
	}
	s, err := embedded.Start(ctx, embedded.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	return do(s.Postgres.URL())
}

func runMigrate(ctx context.Context, address, do string, n int, out io.Writer) (err error) {
	db, err := pg.Open(address, 2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var list []migrations.Entry
	switch do {
	case "up":
		list, err = migrations.Up(ctx, db)
	case "down":
		list, err = migrations.Down(ctx, db, n)
	default:
		list, err = migrations.Status(ctx, db)
	}
	for _, e := range list {
		at := "-"
		if e.Applied {
			at = e.AppliedAt.Format(time.RFC3339)
		}
		fmt.Fprintf(out, "%s %s %s\n", e.Version, at, e.Comment)
	}
	return err
}

// grant gives the application's role its rights when it is not the role that
// migrates.
func grant(ctx context.Context, owner, application string) (err error) {
	if application == "" {
		return nil
	}
	by, err := pgx.ParseConfig(owner)
	if err != nil {
		return err
	}
	to, err := pgx.ParseConfig(application)
	if err != nil || by.User == to.User {
		return err
	}
	db, err := pg.Open(owner, 2)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return migrations.Grant(ctx, db, to.User)
}

// examine prints a line for each thing that Arengo needs, with what to do about
// what is wrong, and ends with 1 when something fails. --json prints one object.
func examine(ctx context.Context, args []string, out, errs io.Writer) int {
	lang := language(os.Getenv)
	asJSON := len(args) == 1 && args[0] == "--json"
	if len(args) > 0 && !asJSON {
		usage(errs, "doctor", lang)
		return 2
	}
	c, err := loadConfig(os.Getenv)
	if err != nil {
		fmt.Fprintf(errs, "arengo: %v\n", err)
		return 1
	}
	o := doctor.Options{
		DatabaseURL: c.DatabaseURL, RedisURL: c.RedisURL, SMTPURL: c.SMTPURL, DataDir: c.DataDir, Now: time.Now, Say: lang.say,
		Bounce: doctor.Bounce{
			Address: c.Bounce.Address, Listen: c.Bounce.Listen, IMAP: c.Bounce.IMAP, HTTP: len(c.Bounce.Secrets) > 0, MailFrom: c.MailFrom,
		},
	}
	if c.DatabaseURL == "" {
		found, ok := embedded.Find(ctx, c.DataDir)
		if !ok {
			return noServers(errs, lang, c.DataDir)
		}
		o.DatabaseURL, o.RedisURL = found.DatabaseURL, found.RedisURL
	}
	return report(doctor.Examine(ctx, o), asJSON, out)
}

// noServers refuses to look at private servers that do not run in a folder: making
// them, where its name may be a slip, would find nothing wrong in nothing. They may
// run in another, since a relative folder is that of whoever calls.
func noServers(errs io.Writer, lang tongue, dir string) int {
	if whole, err := filepath.Abs(dir); err == nil {
		dir = whole
	}
	fmt.Fprintf(errs, "arengo: "+lang.say(
		"i server privati non sono accesi in %s: se girano in un’altra cartella indicala con ARENGO_DATA_DIR, altrimenti avvia arengo serve, o imposta ARENGO_DATABASE_URL",
		"the private servers do not run in %s: if they run in another folder name it in ARENGO_DATA_DIR, else start arengo serve, or set ARENGO_DATABASE_URL")+"\n", dir)
	return 1
}

// report prints what the doctor found and returns the exit code.
func report(lines []doctor.Line, asJSON bool, out io.Writer) int {
	code := 0
	for _, l := range lines {
		if l.Level == doctor.Fail {
			code = 1
		}
		if !asJSON {
			fmt.Fprintf(out, "%-4s %-8s %s\n", l.Level, l.Check, l.Text)
		}
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(map[string]any{"ok": code == 0, "checks": lines}); err != nil {
			return 1
		}
	}
	return code
}

// verifyCommand is `arengo verify [PROCESS]`, or `arengo workflow verify`: it recomputes the log's
// chain of one process, by slug, or of all, and prints a line for each. The exit
// code is 1 when one does not hold.
func verifyCommand(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) > 1 || (len(args) == 1 && strings.HasPrefix(args[0], "-")) {
		usage(errs, "verify", language(os.Getenv))
		return 2
	}
	lang, code := language(os.Getenv), 0
	if c, err := loadConfig(os.Getenv); err == nil && c.DatabaseURL == "" && os.Getenv("ARENGO_MIGRATE_DATABASE_URL") == "" {
		if _, ok := embedded.Find(ctx, c.DataDir); !ok {
			return noServers(errs, lang, c.DataDir)
		}
	}
	if err := withMigrateDatabase(ctx, os.Getenv, func(address string) (err error) {
		db, err := pg.Open(address, 2)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, db.Close()) }()
		if err := checkSchema(ctx, db, lang); err != nil {
			return err
		}
		code, err = verifyLogs(ctx, db, strings.Join(args, ""), out, lang)
		return err
	}); err != nil {
		fmt.Fprintf(errs, "arengo: %v\n", explain(err, lang))
		return 1
	}
	return code
}

// verifyLogs prints how the log of the process of a slug is, or of all for "".
func verifyLogs(ctx context.Context, db *bun.DB, slug string, out io.Writer, lang tongue) (int, error) {
	known, err := process.Slugs(ctx, db, slug)
	if err != nil {
		return 1, err
	}
	if len(known) == 0 && slug != "" {
		return 1, fmt.Errorf(lang.say("non c’è un percorso %q; scrivi la parte finale del suo indirizzo, /percorsi/…",
			"there is no process %q; write the last part of its address, /percorsi/…"), slug)
	}
	code := 0
	for _, slug := range slices.Sorted(maps.Keys(known)) {
		// One instant: a move that is being made is no break.
		err := db.RunInTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
			func(ctx context.Context, tx bun.Tx) error {
				return history.Verify(ctx, history.In(tx), int64(known[slug]))
			})
		line := lang.say("integro", "intact")
		var broken *history.Break
		switch {
		case errors.As(err, &broken):
			code = 1
			line = fmt.Sprintf(lang.say("rotto alla riga %d: %s", "broken at row %d: %s"), broken.Seq, lang.say(flaws[broken.Flaw], string(broken.Flaw)))
		case err != nil:
			return 1, err
		}
		fmt.Fprintf(out, "%s: %s\n", slug, line)
	}
	return code, nil
}

// flaws are the words of history.Flaws in Italian.
var flaws = map[history.Flaw]string{
	history.FlawEmpty:    "il registro non c’è",
	history.FlawMissing:  "manca",
	history.FlawOrder:    "non segue la riga precedente",
	history.FlawChanged:  "è stata cambiata",
	history.FlawFacts:    "i suoi dati sono stati cambiati",
	history.FlawLeap:     "non parte dallo stato a cui porta la riga precedente",
	history.FlawActor:    "chi ha agito è stato cambiato",
	history.FlawReason:   "la motivazione è stata cambiata",
	history.FlawInstance: "parla di un’attività che non c’è, o un’attività non ha righe",
	history.FlawState:    "la sua attività è in uno stato diverso da quello che dice",
	history.FlawHead:     "la testa della catena non corrisponde all’ultima riga",
}
