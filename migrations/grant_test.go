package migrations_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"arengo/migrations"
	"arengo/process/processtest"
)

// role makes an ordinary role and takes it away again.
func role(t *testing.T, db *bun.DB) string {
	t.Helper()
	name := "app_" + strings.ToLower(rand.Text())
	// The server's role must be allowed to create roles, as it is in
	// `arengo services`.
	if _, err := db.ExecContext(t.Context(), "CREATE ROLE "+name+"; GRANT "+name+" TO CURRENT_USER"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "DROP OWNED BY "+name+"; DROP ROLE "+name); err != nil {
			t.Error(err)
		}
	})
	return name
}

func TestGrant(t *testing.T) {
	t.Parallel()
	db := processtest.Database(t)
	app := role(t, db)
	for range 2 { // granting twice changes nothing
		if err := migrations.Grant(t.Context(), db, app); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		sql     string
		allowed bool
	}{
		{"SELECT count(*) FROM person", true},
		{"UPDATE person SET name = name", true},
		{"DELETE FROM person WHERE false", true},
		{"SELECT count(*) FROM bun_migrations, migration_checksum", true},
		{"SELECT count(*) FROM transition_log", true},
		{"UPDATE transition_log SET process_id = 0 WHERE false", false},
		{"DELETE FROM transition_log WHERE false", false},
		{"TRUNCATE transition_log", false},
		{"UPDATE workflow_definition SET name = name WHERE false", false},
		{"TRUNCATE person CASCADE", false},
		{"DELETE FROM migration_checksum", false},
		{"DROP TABLE person", false},
		{"ALTER TABLE transition_log DISABLE TRIGGER ALL", false},
		{"CREATE TABLE mine (id int)", false},
	}
	for _, c := range cases {
		t.Run(c.sql, func(t *testing.T) {
			err := db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
				if _, err := tx.ExecContext(ctx, "SET LOCAL ROLE "+app); err != nil {
					t.Fatal(err)
				}
				_, err := tx.ExecContext(ctx, c.sql)
				return err
			})
			var refused *pgconn.PgError
			switch denied := errors.As(err, &refused) && refused.Code == "42501"; {
			case c.allowed && err != nil:
				t.Errorf("got %v, want it allowed", err)
			case !c.allowed && !denied:
				t.Errorf("got %v, want permission denied", err)
			}
		})
	}
}

func TestGrantUnknownRole(t *testing.T) {
	t.Parallel()
	err := migrations.Grant(t.Context(), processtest.Database(t), `no "such" role`)
	if err == nil || !strings.Contains(err.Error(), "grant rights to role") {
		t.Errorf("got %v", err)
	}
}
