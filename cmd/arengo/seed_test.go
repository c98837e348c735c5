package main

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/demo"
	"arengo/process/message"
	"arengo/process/processtest"
	"arengo/workflow"
)

// demoDomain is the configuration that a demonstration is loaded with.
func demoDomain(t *testing.T, clock workflow.Clock) process.Config {
	t.Helper()
	links, err := process.NewLinks(strings.Repeat("seed-test-", 4))
	if err != nil {
		t.Fatal(err)
	}
	registry := kinds()
	definitions, err := library(registry)
	if err != nil {
		t.Fatal(err)
	}
	return process.Config{
		DB: processtest.Database(t), Definitions: definitions, Clock: clock, Kinds: registry, Links: links,
		BaseURL: "http://127.0.0.1:8080", Source: message.New, Log: slog.New(slog.DiscardHandler),
	}
}

func loadDemo(ctx context.Context, c process.Config) error {
	return demo.Load(ctx, demo.Config{Domain: c, Name: "siena", Log: c.Log})
}

// digests gives, for each table, its number of rows and a digest of them.
func digests(t *testing.T, db *bun.DB) map[string]string {
	t.Helper()
	var tables []string
	if err := db.NewRaw(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 20 {
		t.Fatalf("%d tables: this compares nothing", len(tables))
	}
	out := map[string]string{}
	for _, name := range tables {
		var sum string
		err := db.NewRaw(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\n' ORDER BY t::text)), '') FROM ? t`, bun.Ident(name)).
			Scan(t.Context(), &sum)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = sum
	}
	return out
}

func rows(sum string) string { n, _, _ := strings.Cut(sum, " "); return n }

func TestSeedTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	clock := processtest.NewClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	c := demoDomain(t, clock)
	if err := loadDemo(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	first := digests(t, c.DB)
	for table, want := range map[string]string{"process": "1", "contact": "600", "population": "25", "process_partner": "28", "response": "210", "response_identity": "210", "draft": "30", "suppression": "12"} {
		if rows(first[table]) != want {
			t.Errorf("%s has %s rows, want %s", table, rows(first[table]), want)
		}
	}
	var askew int
	err := c.DB.NewRaw(`SELECT (SELECT count(*) FROM transition_log a JOIN transition_log b
			ON b.process_id = a.process_id AND b.activity_id = a.activity_id AND b.seq > a.seq AND b.at < a.at)
		+ (SELECT count(*) FROM activity a JOIN process p ON p.id = a.process_id WHERE a.created_at < p.created_at)
		+ (SELECT count(*) FROM delivery WHERE status NOT IN ('sent', 'bounced', 'suppressed') OR sent_at > ?)`, clock.Time()).Scan(t.Context(), &askew)
	if err != nil || askew != 0 {
		t.Errorf("%d rows of the past are out of order: %v", askew, err)
	}
	clock.Advance(50 * time.Hour)
	if err := loadDemo(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for table, sum := range digests(t, c.DB) {
		if sum != first[table] {
			t.Errorf("%s changed: %s, was %s", table, sum, first[table])
		}
	}
}

// breaker interrupts loads: after each first writing to a table, and between
// things that come in several. It counts statements and no time, so that it
// does the same on any machine.
type breaker struct {
	each   []string // tables of such things
	seen   map[string]bool
	last   string
	armed  bool
	cancel context.CancelFunc
}

var inserted = regexp.MustCompile(`INSERT INTO "?([a-z_]+)`)

// BeforeQuery ends the load at the first statement after a transaction that
// wrote something new.
func (b *breaker) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	into := inserted.FindStringSubmatch(e.Query)
	switch {
	case into != nil:
		if !b.seen[into[1]] || into[1] == b.last && slices.Contains(b.each, b.last) {
			b.armed = true
		}
		b.seen[into[1]], b.last = true, into[1]
	case b.armed && strings.HasPrefix(e.Query, "BEGIN"):
		b.armed = false
		b.cancel()
	}
	return ctx
}

// AfterQuery has nothing to do.
func (b *breaker) AfterQuery(context.Context, *bun.QueryEvent) {}

// An interrupted load is taken up where it was, wherever that is.
func TestSeedInterrupted(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	whole := demoDomain(t, processtest.NewClock(at))
	if err := loadDemo(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	want := digests(t, whole.DB)
	torn := demoDomain(t, processtest.NewClock(at))
	b := &breaker{seen: map[string]bool{}, each: []string{"meeting", "codesign_table"}}
	torn.DB = torn.DB.WithQueryHook(b)
	interruptions := 0
	for ; ; interruptions++ {
		ctx, cancel := context.WithCancel(t.Context())
		b.cancel = cancel
		err := loadDemo(ctx, torn)
		interrupted := ctx.Err() != nil
		cancel()
		if err == nil {
			break
		}
		if !interrupted {
			t.Fatalf("after %d interruptions: %v", interruptions, err)
		}
	}
	if interruptions < 20 {
		t.Fatalf("%d interruptions: this proves nothing", interruptions)
	}
	got := digests(t, torn.DB)
	for table := range want {
		if table == "delivery" {
			continue // who is told is decided at sending time, which an interruption puts off
		}
		if rows(got[table]) != rows(want[table]) {
			t.Errorf("%s has %s rows after interruptions, want %s", table, rows(got[table]), rows(want[table]))
		}
	}
	const words = `SELECT p.contact_email || ' ' || (SELECT string_agg(m.title || m.starts_at, ',' ORDER BY m.starts_at) FROM meeting m)
		|| (SELECT string_agg(t.position || t.name, ',' ORDER BY t.position) FROM codesign_table t) FROM process p`
	var said, say string
	for db, to := range map[*bun.DB]*string{torn.DB: &said, whole.DB: &say} {
		if err := db.NewRaw(words).Scan(t.Context(), to); err != nil {
			t.Fatal(err)
		}
	}
	if said != say || said == "" {
		t.Errorf("after interruptions it says\n%s\nwant\n%s", said, say)
	}
}
