package processtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/migrations"
	"arengo/process/pg"
)

// connections is the pool of one test's database: enough for eight clients and
// a worker, small enough for many tests at once.
const connections = 12

// Database opens a migrated database that only this test uses; it is dropped
// when the test ends.
func Database(t testing.TB) *bun.DB {
	t.Helper()
	return open(t, DatabaseURL(t))
}

// DatabaseURL is the address of a migrated database that only this test uses,
// for tests that start programs.
func DatabaseURL(t testing.TB) string {
	t.Helper()
	name, err := template()
	if err != nil {
		t.Fatalf("template database: %v", err)
	}
	return create(t, name)
}

// EmptyDatabase opens a database without a schema, for tests of migrations.
func EmptyDatabase(t testing.TB) *bun.DB {
	t.Helper()
	addresses(t)
	return open(t, create(t, "template0"))
}

func open(t testing.TB, address string) *bun.DB {
	t.Helper()
	db, err := pg.Open(address, connections)
	if err != nil {
		t.Fatalf("open the test's database: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func create(t testing.TB, from string) string {
	t.Helper()
	name := "t_" + strings.ToLower(rand.Text())
	if err := admin(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+from+strategy()); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := admin(context.WithoutCancel(t.Context()), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return withName(addresses(t).DatabaseURL, name)
}

// admin runs a statement that must stand outside a transaction.
func admin(ctx context.Context, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	db, err := server()
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, sql)
	return err
}

// server is the connection on which databases are created and dropped.
var server = sync.OnceValues(func() (*bun.DB, error) {
	a, err := servers()
	if err != nil {
		return nil, err
	}
	return pg.Open(a.DatabaseURL, 4)
})

// strategy copies the template's files. PostgreSQL's own choice since version
// 15 writes each of their pages into its log as well, which takes four times
// the processor; before, there was no choice.
var strategy = sync.OnceValue(func() string {
	db, err := server()
	if err != nil {
		return "" // whoever asked finds out
	}
	var version int
	err = db.NewRaw("SELECT current_setting('server_version_num')::int").Scan(context.Background(), &version)
	if err != nil || version < 150000 {
		return ""
	}
	return " STRATEGY file_copy"
})

// template makes sure that the server has a database with this program's
// migrations and names it. The first of several test programs makes it.
var template = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	name := "template_" + migrations.Embedded().Hash()[:16]
	db, err := server()
	if err != nil {
		return "", err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // the error of what was done on it counts
	// The lock ends with the transaction, which itself changes nothing: a
	// database cannot be created inside one.
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	// On a busy machine building takes longer than a transaction may stand idle.
	if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext(?))", name); err != nil {
		return "", err
	}
	var found bool
	err = tx.NewRaw("SELECT EXISTS (SELECT FROM pg_database WHERE datname = ?)", name).Scan(ctx, &found)
	if err != nil || found {
		return name, err
	}
	return name, build(ctx, name)
})

// build migrates a database under another name first, so that a program that
// is killed leaves no half-made template.
func build(ctx context.Context, name string) error {
	draft := name + "_new"
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + draft + " WITH (FORCE)", "CREATE DATABASE " + draft + " TEMPLATE template0"} {
		if err := admin(ctx, sql); err != nil {
			return err
		}
	}
	a, err := servers()
	if err != nil {
		return err
	}
	db, err := pg.Open(withName(a.DatabaseURL, draft), 2)
	if err != nil {
		return err
	}
	_, err = migrations.Up(ctx, db)
	if closing := db.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	return admin(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
}

func withName(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // pg.Open reports it
	}
	u.Path = "/" + name
	return u.String()
}
