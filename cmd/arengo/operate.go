package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"arengo/cmd/arengo/doctor"
	"arengo/cmd/arengo/embedded"
	"arengo/migrations"
	"arengo/process/pg"
)

const migrateUsage = "usage: arengo migrate [up | down N | status]"

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
		fmt.Fprintln(errs, migrateUsage)
		return 2
	}
	if err := withMigrateDatabase(ctx, os.Getenv, func(address string) error {
		if err := runMigrate(ctx, address, do, n, out); err != nil || do != "up" {
			return err
		}
		return grant(ctx, address, os.Getenv("ARENGO_DATABASE_URL"))
	}); err != nil {
		fmt.Fprintf(errs, "arengo: %v\n", err)
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
	asJSON := len(args) == 1 && args[0] == "--json"
	if len(args) > 0 && !asJSON {
		fmt.Fprintln(errs, "usage: arengo doctor [--json]")
		return 2
	}
	lang := language(os.Getenv)
	c, err := loadConfig(os.Getenv)
	if err != nil {
		fmt.Fprintf(errs, "arengo: %v\n", err)
		return 1
	}
	o := doctor.Options{
		DatabaseURL: c.DatabaseURL, RedisURL: c.RedisURL, SMTPURL: c.SMTPURL, DataDir: c.DataDir, Now: time.Now, Say: lang.say,
	}
	if c.DatabaseURL == "" {
		found, ok := embedded.Find(ctx, c.DataDir)
		if !ok {
			fmt.Fprintf(errs, "arengo: %s\n", lang.say(
				"i server privati non sono accesi: avvia arengo serve, o imposta ARENGO_DATABASE_URL",
				"the private servers do not run: start arengo serve, or set ARENGO_DATABASE_URL"))
			return 1
		}
		o.DatabaseURL, o.RedisURL = found.DatabaseURL, found.RedisURL
	}
	return report(doctor.Examine(ctx, o), asJSON, out)
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
