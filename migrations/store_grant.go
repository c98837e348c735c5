package migrations

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Grant gives the application's role what it needs on the schema and no more:
// it reads and writes rows, cannot change the schema or empty a table, only
// adds to tables whose triggers refuse changes, and only reads which
// migrations ran. It is called by the tables' owner after Up, whenever the
// application runs under another role.
func Grant(ctx context.Context, db *bun.DB, role string) error {
	err := db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		to := bun.Ident(role)
		for _, sql := range []string{
			"GRANT USAGE ON SCHEMA public TO ?",
			"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ?",
			"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ?",
		} {
			if _, err := tx.ExecContext(ctx, sql, to); err != nil {
				return err
			}
		}
		own := []string{"bun_migrations", "bun_migration_locks", "migration_checksum"}
		for _, table := range own {
			if _, err := tx.ExecContext(ctx, "REVOKE INSERT, UPDATE, DELETE ON ? FROM ?", bun.Ident(table), to); err != nil {
				return err
			}
		}
		fixed, err := appendOnly(ctx, tx)
		if err != nil {
			return err
		}
		for _, table := range fixed {
			if _, err := tx.ExecContext(ctx, "REVOKE UPDATE, DELETE ON ? FROM ?", bun.Ident(table), to); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("grant rights to role %s: %w", role, err)
	}
	return nil
}

// appendOnly lists the tables on which a row trigger refuses every UPDATE and
// DELETE.
func appendOnly(ctx context.Context, tx bun.IDB) ([]string, error) {
	var tables []string
	const query = `SELECT DISTINCT c.relname FROM pg_trigger t
		JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
		WHERE c.relnamespace = 'public'::regnamespace AND p.proname = 'workflow_refuse_change'
			AND t.tgqual IS NULL AND (t.tgtype & 1) = 1 ORDER BY 1`
	if err := tx.NewRaw(query).Scan(ctx, &tables); err != nil {
		return nil, fmt.Errorf("list append-only tables: %w", err)
	}
	return tables, nil
}
