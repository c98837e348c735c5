package processtest

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
)

// Sample is a database that many tests of one program start from, each with a
// copy of its own: what takes seconds to fill takes a moment to copy.
type Sample struct {
	// Fill fills the migrated database at an address, for the first test that
	// asks. Nothing is connected to it any more when it returns.
	Fill func(t testing.TB, address string)

	once sync.Once
	name string // of what is copied
	full bool   // Fill came to its end
}

// URL is the address of a copy that only this test uses; it is dropped when the
// test ends.
func (s *Sample) URL(t testing.TB) string {
	t.Helper()
	s.once.Do(func() {
		empty, err := template()
		if err != nil {
			t.Fatalf("template database: %v", err)
		}
		name := "s_" + strings.ToLower(rand.Text())
		if err := admin(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+empty+strategy()); err != nil {
			t.Fatalf("create the sample: %v", err)
		}
		s.name = name
		s.Fill(t, withName(addresses(t).DatabaseURL, name))
		s.full = !t.Failed()
	})
	if !s.full {
		t.Fatal("the sample was not filled: see the test that asked for it first")
	}
	return create(t, s.name)
}

// Drop removes what copies are made of. TestMain calls it after the last test.
func (s *Sample) Drop() error {
	if s.name == "" {
		return nil
	}
	return admin(context.Background(), "DROP DATABASE "+s.name+" WITH (FORCE)")
}
