package migrations_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process/processtest"
)

// The scopes of tables other than a process. Every other table belongs to a
// process and carries process_id first in its keys, so that the distribution
// key of a larger deployment is ready.
var (
	reference = []string{
		"territory", "organisation", "person", "membership", "sign_in", "session", "suppression", "workflow_definition", "process",
		"person_form_key", "preference", "api_token", "webhook", "closed_days_change", "channel_pause", "channel_minute", "channel_node", "alarm",
	}
	tools = []string{"bun_migrations", "bun_migration_locks", "migration_checksum"}
)

type key struct {
	Table, Name, Columns string
}

func TestProcessComesFirstInEveryKey(t *testing.T) {
	t.Parallel()
	db := processtest.Database(t)
	var tables []string
	err := db.NewRaw(`SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`).Scan(t.Context(), &tables)
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) < 30 {
		t.Fatalf("only %d tables", len(tables))
	}
	for _, name := range append(slices.Clone(reference), tools...) {
		if !slices.Contains(tables, name) {
			t.Errorf("the declared table %s does not exist", name)
		}
	}
	var keys []key
	err = db.NewRaw(`SELECT c.relname AS "table", i.relname AS name,
			(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY k(attnum, n)
				JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum) AS columns
		FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2`).Scan(t.Context(), &keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if slices.Contains(reference, table) || slices.Contains(tools, table) {
			continue
		}
		own := slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return k.Table != table })
		if len(own) == 0 {
			t.Errorf("%s has no key", table)
		}
		for _, k := range own {
			if first, _, _ := strings.Cut(k.Columns, ","); first != "process_id" {
				t.Errorf("%s: the key %s begins with %s", table, k.Name, first)
			}
		}
	}
}

// TestNoClockInDefaults keeps the database from telling the time by itself:
// business time comes in through the clock.
func TestNoClockInDefaults(t *testing.T) {
	t.Parallel()
	db := processtest.Database(t)
	var found []string
	err := db.NewRaw(`SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name NOT IN (?, ?, ?) AND column_default ~* 'now\(|current_|clock_timestamp'`,
		tools[0], tools[1], tools[2]).Scan(t.Context(), &found)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("columns with the time as default: %v", found)
	}
}
