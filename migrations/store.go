package migrations

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// lockKey is the advisory lock that one migrating program holds ("arengo" in
// ASCII).
const lockKey = 0x6172656e676f

// locked runs fn while no other program migrates this database. after runs
// inside the transaction of each migration, so that the checksum's row tells
// truly whether the migration's own transaction committed.
func (s *Set) locked(ctx context.Context, db *bun.DB, after migrate.MigrationHook, fn func(*migrate.Migrator) error) (err error) {
	if db.Stats().MaxOpenConnections == 1 {
		return errors.New("migrating needs at least two connections: one holds the lock")
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(?)`, int64(lockKey)); err != nil {
		return fmt.Errorf("take the migration lock: %w", err)
	}
	defer func() {
		// The caller's context may be over; the lock must be given back all the
		// same, because the connection returns to the pool.
		_, unlock := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(?)`, int64(lockKey))
		err = errors.Join(err, unlock)
	}()
	m := migrate.NewMigrator(db, s.migrations, migrate.WithMarkAppliedOnSuccess(true), migrate.AfterMigration(after))
	if err := m.Init(ctx); err != nil {
		return err
	}
	const table = `CREATE TABLE IF NOT EXISTS migration_checksum (version text PRIMARY KEY, sum text NOT NULL)`
	if _, err := conn.ExecContext(ctx, table); err != nil {
		return err
	}
	if err := s.repair(ctx, conn, m); err != nil {
		return err
	}
	if err := s.verify(ctx, conn, m); err != nil {
		return err
	}
	return fn(m)
}

// repair settles a migration whose transaction committed while the program
// died before bun's own record, which bun writes outside that transaction.
func (s *Set) repair(ctx context.Context, db bun.IDB, m *migrate.Migrator) error {
	sums, err := recorded(ctx, db)
	if err != nil {
		return err
	}
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return err
	}
	for _, one := range all {
		_, ran := sums[one.Name]
		if ran == one.IsApplied() {
			continue
		}
		if ran {
			one.GroupID = all.LastGroupID() + 1
			err = m.MarkApplied(ctx, &one)
		} else {
			err = m.MarkUnapplied(ctx, &one)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Set) remember(ctx context.Context, db bun.IConn, m *migrate.Migration) error {
	_, err := db.ExecContext(ctx, `INSERT INTO migration_checksum (version, sum) VALUES (?, ?)`, m.Name, s.sums[m.Name])
	return err
}

func forget(ctx context.Context, db bun.IConn, m *migrate.Migration) error {
	_, err := db.ExecContext(ctx, `DELETE FROM migration_checksum WHERE version = ?`, m.Name)
	return err
}

func recorded(ctx context.Context, db bun.IDB) (map[string]string, error) {
	var rows []struct{ Version, Sum string }
	if err := db.NewRaw(`SELECT version, sum FROM migration_checksum`).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("read checksums: %w", err)
	}
	sums := make(map[string]string, len(rows))
	for _, r := range rows {
		sums[r.Version] = r.Sum
	}
	return sums, nil
}

func hasTables(ctx context.Context, db bun.IDB) (bool, error) {
	var found bool
	err := db.NewRaw(`SELECT to_regclass('migration_checksum') IS NOT NULL AND to_regclass('bun_migrations') IS NOT NULL`).Scan(ctx, &found)
	return found, err
}
