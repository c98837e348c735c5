//go:build !testclock

package main

import (
	"bytes"
	"os"
	"testing"
)

// Nobody can move the time of a program that people use.
func TestProductionHasNoTraceOfTheTestClock(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte("clock_timestamp()")) {
		t.Fatal("the search finds nothing at all")
	}
	if bytes.Contains(b, []byte("test_clock")) {
		t.Error("the binary names the test clock's table")
	}
}
