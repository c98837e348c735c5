package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What was shipped under a name and a version stays as it was: a database that
// has met it refuses another (workflow.definition_changed), and the program
// does not start. A change takes the next version and one line here.
func TestPublishedDefinitionsNeverChange(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/definitions.sum")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(file)) {
		if name, sum, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			known[name] = sum
		}
	}
	definitions, err := library(kinds())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions.Shipped() {
		name := fmt.Sprintf("%s@%d", d.Name, d.Version)
		switch known[name] {
		case d.SHA256:
		case "":
			t.Errorf("testdata/definitions.sum lacks the line\n%s %s", name, d.SHA256)
		default:
			t.Errorf("%s has changed: give it the next version", name)
		}
	}
}
