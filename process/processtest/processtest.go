// Package processtest gives each test real servers of its own: a migrated
// PostgreSQL database, a Redis, an SMTP server that records and misbehaves on
// command, and a clock that stands still. Everything is safe in parallel tests
// and cleans up after itself. A server that is missing fails the test.
//
// The servers are those of ARENGO_TEST_DATABASE_URL and ARENGO_TEST_REDIS_URL
// when they are set, as `arengo services` does, else private ones that all
// test programs of this user share.
package processtest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"arengo/cmd/arengo/embedded"
)

// patience is how long Eventually waits, and how long servers may take.
const patience = 20 * time.Second

var servers = sync.OnceValues(func() (embedded.Addresses, error) {
	a := embedded.Addresses{
		DatabaseURL: os.Getenv("ARENGO_TEST_DATABASE_URL"),
		RedisURL:    os.Getenv("ARENGO_TEST_REDIS_URL"),
	}
	if a.DatabaseURL != "" && a.RedisURL != "" {
		return a, nil
	}
	shared, err := embedded.Shared(context.Background())
	if err != nil {
		return a, err
	}
	if a.DatabaseURL == "" {
		a.DatabaseURL = shared.DatabaseURL
	}
	if a.RedisURL == "" {
		a.RedisURL = shared.RedisURL
	}
	return a, nil
})

func addresses(t testing.TB) embedded.Addresses {
	t.Helper()
	a, err := servers()
	if err != nil {
		t.Fatalf("test servers: %v", err)
	}
	return a
}

// Eventually waits until ok holds and fails the test with what after 20 s. Use
// it only for what another goroutine or process does: deadlines move the
// clock instead.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	end := time.After(patience)
	beat := time.NewTicker(10 * time.Millisecond)
	defer beat.Stop()
	for !ok() {
		select {
		case <-end:
			t.Fatalf("still not after %s: %s", patience, what)
		case <-t.Context().Done():
			t.Fatalf("test ended before: %s", what)
		case <-beat.C:
		}
	}
}
