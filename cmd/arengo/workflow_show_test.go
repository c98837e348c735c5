package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWorkflowShow(t *testing.T) {
	t.Parallel()
	good := filepath.Join("..", "..", "fixtures", "templates", "area-path.yaml")
	source, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, bytes.ReplaceAll(source, []byte("to: exploration"), []byte("to: eksploration")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		args      []string
		code      int
		out, errs string // how the output begins, a part of the errors
	}{
		{"text is the default", []string{good}, 0, "Area path (area-path, version ", ""},
		{"text in Italian", []string{"--lang", "it", good}, 0, "Percorso d’area (area-path, versione ", ""},
		{"mermaid", []string{good, "--format", "mermaid"}, 0, "stateDiagram-v2\n", ""},
		{"svg", []string{"--format=svg", good, "--lang=it"}, 0, "<svg xmlns=\"http://www.w3.org/2000/svg\"", ""},
		{"a definition with problems", []string{bad}, 1, "", "bad.yaml:"},
		{"missing file", []string{"no-such.yaml"}, 1, "", "no-such.yaml:1: the file does not exist: check its name"},
		{"no file", nil, 2, "", "usage: arengo workflow check"},
		{"two files", []string{good, good}, 2, "", "usage:"},
		{"another format", []string{good, "--format", "png"}, 2, "", "usage:"},
		{"another language", []string{good, "--lang", "fr"}, 2, "", "usage:"},
		{"unknown flag", []string{good, "--loud"}, 2, "", "usage:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := workflowCommand(t.Context(), append([]string{"show"}, c.args...), &out, &errs); code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, errs.String())
			}
			if !strings.HasPrefix(out.String(), c.out) || (c.out == "") != (out.Len() == 0) {
				t.Errorf("output %.120q, want %q", out.String(), c.out)
			}
			if !strings.Contains(errs.String(), c.errs) || (c.errs == "") != (errs.Len() == 0) {
				t.Errorf("errors %q, want %q", errs.String(), c.errs)
			}
		})
	}
}
