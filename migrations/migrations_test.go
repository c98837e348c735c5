package migrations_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/uptrace/bun"

	"arengo/migrations"
	"arengo/process/pg"
	"arengo/process/processtest"
)

func set(t *testing.T, files map[string]string) *migrations.Set {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	s, err := migrations.New(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func two() map[string]string {
	return map[string]string{
		"1_one.tx.up.sql":   "CREATE TABLE one (id int); INSERT INTO one VALUES (1);",
		"1_one.tx.down.sql": "DROP TABLE one;",
		"2_two.tx.up.sql":   "CREATE TABLE two (id int);",
		"2_two.tx.down.sql": "DROP TABLE two;",
	}
}

func has(t *testing.T, db *bun.DB, table string) bool {
	t.Helper()
	var found bool
	if err := db.NewRaw("SELECT to_regclass(?) IS NOT NULL", table).Scan(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	return found
}

// The shipped files, each one down and up again.
func TestEmbeddedUpDownUp(t *testing.T) {
	t.Parallel()
	db, ctx := processtest.EmptyDatabase(t), t.Context()
	first, err := migrations.Up(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if len(first) == 0 || first[len(first)-1].Version != migrations.Latest() {
		t.Fatalf("applied %v, want up to %s", first, migrations.Latest())
	}
	before := catalogue(t, db)
	for range first {
		if done, err := migrations.Down(ctx, db, 1); err != nil || len(done) != 1 {
			t.Fatalf("down: %v, %v", done, err)
		}
	}
	for _, name := range strings.Split(catalogue(t, db), "\n") {
		if name != "" && !strings.Contains(name, "bun_migration") && !strings.Contains(name, "migration_checksum") {
			t.Errorf("left after the last down: %s", name)
		}
	}
	if second, err := migrations.Up(ctx, db); err != nil || len(second) != len(first) {
		t.Fatalf("up again: %v, %v", second, err)
	}
	if after := catalogue(t, db); after != before {
		t.Errorf("schema after up, down, up differs:\n%s\nwant\n%s", after, before)
	}
	if again, err := migrations.Up(ctx, db); err != nil || len(again) != 0 {
		t.Errorf("a second up applied %v, %v", again, err)
	}
}

// catalogue lists relations, columns, functions,
// constraints and triggers of the public schema.
func catalogue(t *testing.T, db *bun.DB) string {
	t.Helper()
	const query = `SELECT coalesce(string_agg(name, E'\n' ORDER BY name), '') FROM (
		SELECT relname || ' ' || relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT 'function ' || proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
		UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
	) AS list (name)`
	var text string
	if err := db.NewRaw(query).Scan(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEditedFileIsRefused(t *testing.T) {
	t.Parallel()
	db, ctx := processtest.EmptyDatabase(t), t.Context()
	files := two()
	delete(files, "2_two.tx.up.sql")
	delete(files, "2_two.tx.down.sql")
	if _, err := set(t, files).Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	edited := two()
	edited["1_one.tx.up.sql"] = "CREATE TABLE one (id bigint);"
	_, err := set(t, edited).Up(ctx, db)
	if err == nil || !strings.Contains(err.Error(), "1_one was edited") {
		t.Errorf("got %v, want it to name 1_one", err)
	}
	if _, err := set(t, edited).Status(ctx, db); err == nil {
		t.Error("status does not report the edit")
	}
	if has(t, db, "two") {
		t.Error("a later migration ran all the same")
	}
}

func TestUnknownMigrationIsRefused(t *testing.T) {
	t.Parallel()
	db, ctx := processtest.EmptyDatabase(t), t.Context()
	if _, err := set(t, two()).Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	older := two()
	delete(older, "2_two.tx.up.sql")
	delete(older, "2_two.tx.down.sql")
	if _, err := set(t, older).Up(ctx, db); err == nil || !strings.Contains(err.Error(), "2 is applied but unknown") {
		t.Errorf("got %v, want it to name 2", err)
	}
}

func TestFailedMigrationIsUndone(t *testing.T) {
	t.Parallel()
	db, ctx := processtest.EmptyDatabase(t), t.Context()
	broken := two()
	broken["2_two.tx.up.sql"] = "CREATE TABLE two (id int); SELECT nothing_like_it();"
	if _, err := set(t, broken).Up(ctx, db); err == nil {
		t.Fatal("a broken migration succeeded")
	}
	if !has(t, db, "one") || has(t, db, "two") {
		t.Errorf("one %v, two %v; want only one", has(t, db, "one"), has(t, db, "two"))
	}
	if done, err := set(t, two()).Up(ctx, db); err != nil || len(done) != 1 {
		t.Errorf("after the repair: %v, %v", done, err)
	}
}

// A program killed between a migration's commit and bun's record of it.
func TestKilledBeforeTheRecord(t *testing.T) {
	t.Parallel()
	db, ctx, s := processtest.EmptyDatabase(t), t.Context(), set(t, two())
	if _, err := s.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, "DELETE FROM bun_migrations WHERE name = '2'"); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Up(ctx, db); err != nil || len(done) != 0 {
		t.Errorf("up after the kill: %v, %v; want nothing to do", done, err)
	}
	if done, err := s.Down(ctx, db, 9); err != nil || len(done) != 2 {
		t.Errorf("down: %v, %v; want both", done, err)
	}
}

func TestSeveralProgramsTakeTurns(t *testing.T) {
	t.Parallel()
	db, s := processtest.EmptyDatabase(t), set(t, two())
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() { _, errs[i] = s.Up(t.Context(), db) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestLockIsGivenBackAfterCancel(t *testing.T) {
	t.Parallel()
	db, s := processtest.EmptyDatabase(t), set(t, map[string]string{
		"1_slow.tx.up.sql": "SELECT pg_sleep(60);", "1_slow.tx.down.sql": "SELECT 1;",
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { _, err := s.Up(ctx, db); ended <- err }()
	processtest.Eventually(t, "the migration sleeps", func() bool {
		var n int
		err := db.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'").Scan(t.Context(), &n)
		return err == nil && n == 1
	})
	cancel()
	if err := <-ended; err == nil {
		t.Error("a cancelled migration succeeded")
	}
	if _, err := set(t, two()).Up(t.Context(), db); err != nil {
		t.Errorf("after a cancelled migration: %v", err)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	db, ctx, s := processtest.EmptyDatabase(t), t.Context(), set(t, two())
	list, err := s.Status(ctx, db)
	if err != nil || len(list) != 2 || list[0].Applied {
		t.Fatalf("before: %v, %v", list, err)
	}
	if has(t, db, "bun_migrations") {
		t.Error("status wrote to the database")
	}
	if _, err := s.Up(ctx, db); err != nil {
		t.Fatal(err)
	}
	list, err = s.Status(ctx, db)
	if err != nil || len(list) != 2 || !list[1].Applied || list[1].Comment != "two" || list[1].AppliedAt.IsZero() {
		t.Errorf("after: %v, %v", list, err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]map[string]string{
		"outside a transaction": {"1_one.up.sql": "", "1_one.down.sql": ""},
		"no way back":           {"1_one.tx.up.sql": ""},
		"no version":            {"one.tx.up.sql": "", "one.tx.down.sql": ""},
		"one version twice": {
			"1_one.tx.up.sql": "", "1_one.tx.down.sql": "", "1_other.tx.up.sql": "", "1_other.tx.down.sql": "",
		},
	}
	if len(cases) != 4 {
		t.Fatal("cases are missing")
	}
	for name, files := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for path, content := range files {
				fsys[path] = &fstest.MapFile{Data: []byte(content)}
			}
			if _, err := migrations.New(fsys); err == nil {
				t.Error("was accepted")
			}
		})
	}
}

func TestOneConnectionIsNotEnough(t *testing.T) {
	t.Parallel()
	db, err := pg.Open(processtest.DatabaseURL(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := migrations.Up(t.Context(), db); err == nil || !strings.Contains(err.Error(), "two connections") {
		t.Errorf("got %v, want a refusal instead of waiting for ever", err)
	}
}
