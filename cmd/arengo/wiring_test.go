package main

import (
	"log/slog"
	"strings"
	"testing"

	"arengo/process/pg"
	"arengo/process/processtest"
)

// retired is a path that no program ships any more.
const retired = `
workflow: retired-path
version: 4
title: {it: Percorso di ieri, en: Path of yesterday}
timezone: Europe/Rome
roles: [promoter]
initial: running
states:
  running: {title: {it: In corso, en: Running}}
  over: {title: {it: Finito, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [running], to: over, by: [promoter], title: {it: Chiudi, en: End}}
`

// Every node, whatever it is for, knows what runs before it does anything.
func TestNodeStartsWithWhatRuns(t *testing.T) {
	t.Parallel()
	config := Config{
		DatabaseURL: processtest.DatabaseURL(t), RedisURL: processtest.Redis(t), SMTPURL: "smtp://127.0.0.1:9",
		BaseURL: "http://arengo.test", Secrets: []string{strings.Repeat("w", 40)}, MailFrom: "arengo@example.org",
	}
	db, err := pg.Open(config.DatabaseURL, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, query := range []string{
		`INSERT INTO workflow_definition (name, version, sha256, source, created_at) VALUES ('retired-path', 4, '', ?, now())`,
		`INSERT INTO workflow_instance (process_id, definition, version, zone, state, revision, entry, entered_at, reason, head, seq, created_at)
			SELECT 1, 'retired-path', 4, 'Europe/Rome', 'running', 1, 1, now(), '', '', 0, now() WHERE ? <> ''`,
	} {
		if _, err := db.ExecContext(t.Context(), query, retired); err != nil {
			t.Fatal(err)
		}
	}
	a, err := newApp(t.Context(), config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.close() })
	if _, err := a.core.Definitions().Get("retired-path", 4); err != nil {
		t.Error(err)
	}
}
