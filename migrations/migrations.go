// Package migrations carries the schema as SQL files and applies them with
// bun's migrator. It adds what the migrator lacks: an advisory lock that dies
// with its session, a checksum of every applied file, and recovery when the
// program is killed between a migration and its record.
package migrations

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed *.sql
var files embed.FS

// Entry is one migration as Status reports it.
type Entry struct {
	Version   string    // the digits that begin the file's name
	Comment   string    // the words that follow them
	Applied   bool      // whether the database has it
	AppliedAt time.Time // UTC; zero when not applied
}

// Set is a validated collection of migrations. Its methods may be called from
// several programs at once: they take turns.
type Set struct {
	migrations *migrate.Migrations
	sums       map[string]string // version → checksum of both its files
	names      map[string]string // version → version_comment
	latest     string
	hash       string
}

// New reads the *.tx.up.sql and *.tx.down.sql files in the root of fsys. It
// refuses any other .sql name, because bun runs such a file outside a
// transaction, and a migration that lacks one of its two files.
func New(fsys fs.FS) (*Set, error) {
	s := &Set{migrations: migrate.NewMigrations(), sums: map[string]string{}, names: map[string]string{}}
	paths, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	whole := sha256.New()
	halves := map[string][]string{}
	for _, p := range paths { // Glob sorts: down before up
		content, err := fs.ReadFile(fsys, p)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		base, ok := strings.CutSuffix(p, ".tx.up.sql")
		if !ok {
			base, ok = strings.CutSuffix(p, ".tx.down.sql")
		}
		version, _, found := strings.Cut(base, "_")
		if !ok || !found {
			return nil, fmt.Errorf("migration %s: want VERSION_name.tx.up.sql or VERSION_name.tx.down.sql", path.Base(p))
		}
		sum := sha256.Sum256(content)
		halves[version] = append(halves[version], hex.EncodeToString(sum[:]))
		s.names[version] = base
		fmt.Fprintf(whole, "%s %x\n", p, sum)
	}
	for version, sums := range halves {
		if len(sums) != 2 {
			return nil, fmt.Errorf("migration %s: want exactly one up and one down file", s.names[version])
		}
		s.sums[version] = strings.Join(sums, ":")
		s.latest = max(s.latest, version)
	}
	s.hash = hex.EncodeToString(whole.Sum(nil))
	if err := s.migrations.Discover(fsys); err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return s, nil
}

// Embedded is the set that this program carries. It panics when the files do
// not pass New: such a program must not start.
func Embedded() *Set {
	s, err := New(files)
	if err != nil {
		panic(err)
	}
	return s
}

// Up applies what the embedded set has and db lacks; see Set.Up.
func Up(ctx context.Context, db *bun.DB) ([]Entry, error) { return Embedded().Up(ctx, db) }

// Down takes back the newest n migrations of the embedded set; see Set.Down.
func Down(ctx context.Context, db *bun.DB, n int) ([]Entry, error) {
	return Embedded().Down(ctx, db, n)
}

// Status lists the embedded migrations, oldest first; see Set.Status.
func Status(ctx context.Context, db *bun.DB) ([]Entry, error) { return Embedded().Status(ctx, db) }

// Latest is the version of the newest embedded migration.
func Latest() string { return Embedded().Latest() }

// Latest is the version of the newest migration, "" when the set is empty.
func (s *Set) Latest() string { return s.latest }

// Hash identifies the names and contents of the whole set: 64 hex digits.
func (s *Set) Hash() string { return s.hash }

// Up applies every migration that the database lacks, oldest first, and
// returns those it applied. It fails, having changed nothing, when a file that
// was applied has since been edited or is unknown to this program. A migration
// that fails leaves its predecessors applied and itself undone.
func (s *Set) Up(ctx context.Context, db *bun.DB) ([]Entry, error) {
	var done []Entry
	err := s.locked(ctx, db, s.remember, func(m *migrate.Migrator) error {
		if len(s.sums) == 0 {
			return nil
		}
		group, err := m.Migrate(ctx)
		if group != nil {
			for _, one := range group.Migrations {
				done = append(done, entry(one, one.IsApplied()))
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migrate up: %w", err)
	}
	return done, nil
}

// Down takes back the newest n applied migrations, newest first, and returns
// them; n beyond what is applied takes back everything. It fails like Up.
func (s *Set) Down(ctx context.Context, db *bun.DB, n int) ([]Entry, error) {
	var done []Entry
	err := s.locked(ctx, db, forget, func(m *migrate.Migrator) error {
		all, err := m.MigrationsWithStatus(ctx)
		if err != nil {
			return err
		}
		applied := all.Applied() // newest first
		for _, one := range applied[:min(max(n, 0), len(applied))] {
			if err := one.Down(ctx, m, &one); err != nil {
				return fmt.Errorf("%s: down: %w", one.String(), err)
			}
			if err := m.MarkUnapplied(ctx, &one); err != nil {
				return err
			}
			done = append(done, entry(one, false))
		}
		return nil
	})
	if err != nil {
		return done, fmt.Errorf("migrate down: %w", err)
	}
	return done, nil
}

// Status lists the set's migrations, oldest first. It changes nothing, works
// on a database that was never migrated and fails on an edited or unknown
// applied file, returning the list all the same.
func (s *Set) Status(ctx context.Context, db *bun.DB) ([]Entry, error) {
	m := migrate.NewMigrator(db, s.migrations)
	exists, err := hasTables(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("migration status: %w", err)
	}
	all := s.migrations.Sorted()
	if exists {
		if all, err = m.MigrationsWithStatus(ctx); err != nil {
			return nil, fmt.Errorf("migration status: %w", err)
		}
		err = s.verify(ctx, db, m)
	}
	list := make([]Entry, 0, len(all))
	for _, one := range all {
		list = append(list, entry(one, one.IsApplied()))
	}
	return list, err
}

func entry(m migrate.Migration, applied bool) Entry {
	e := Entry{Version: m.Name, Comment: m.Comment, Applied: applied}
	if applied {
		e.AppliedAt = m.MigratedAt.UTC()
	}
	return e
}

// verify compares what the database recorded with what the program carries.
func (s *Set) verify(ctx context.Context, db bun.IDB, m *migrate.Migrator) error {
	applied, err := m.AppliedMigrations(ctx)
	if err != nil {
		return err
	}
	sums, err := recorded(ctx, db)
	if err != nil {
		return err
	}
	var problems []error
	for _, one := range slices.Backward(applied) { // oldest first
		switch want, known := s.sums[one.Name]; {
		case !known:
			problems = append(problems, &UnknownError{one.Name})
		case sums[one.Name] != want:
			problems = append(problems, &EditedError{s.names[one.Name]})
		}
	}
	return errors.Join(problems...)
}

// UnknownError is a migration that the database has and this program does not
// carry: a newer program was here.
type UnknownError struct{ Migration string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("migration %s is applied but unknown to this program: run the newer program", e.Migration)
}

// EditedError is a migration whose file changed after it was applied.
type EditedError struct{ Migration string }

func (e *EditedError) Error() string {
	return fmt.Sprintf("migration %s was edited after it was applied: restore the file and write a new migration", e.Migration)
}
