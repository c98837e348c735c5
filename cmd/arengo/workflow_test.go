package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"arengo/workflow/definition"
)

func TestWorkflowCheck(t *testing.T) {
	t.Parallel()
	good := filepath.Join("..", "..", "fixtures", "templates", "area-path.yaml")
	source, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	typo := strings.Replace(string(source), "to: facilitator", "to: facilitatr", 1)
	typo = strings.Replace(typo, "final: true}", "finall: true}", 1)
	for _, slip := range []string{"to: facilitatr", "finall: true}"} {
		if !strings.Contains(typo, slip) {
			t.Fatalf("the template has nothing to make %q of", slip)
		}
	}
	if err := os.WriteFile(bad, []byte(typo), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		errs []string // each a part of one line, in order
		out  string
	}{
		{"good", []string{"check", good}, 0, nil, good + ": in order\n"},
		{"bad", []string{"check", good, bad}, 1, []string{"did you mean \"facilitator\"?", "state closed", "unknown key \"finall\""}, good + ": in order\n"},
		{"flag after the file", []string{"check", good, "--json"}, 0, nil, "{\"files\":1,\"problems\":[]}\n"},
		{"missing file", []string{"check", "no-such.yaml"}, 1, []string{"no-such.yaml:1: the file does not exist: check its name"}, ""},
		{"folder", []string{"check", filepath.Dir(bad)}, 1, []string{":1: it is a folder: name the files to check"}, ""},
		{"no file", []string{"check"}, 2, []string{"usage: arengo workflow check"}, ""},
		{"no word", nil, 2, []string{"usage:"}, ""},
		{"another word", []string{"paint", good}, 2, []string{"usage:"}, ""},
		{"unknown flag", []string{"check", "--loud", good}, 2, []string{"usage:"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			if code := workflowCommand(t.Context(), c.args, &out, &errs); code != c.code {
				t.Errorf("exit %d, want %d: %s", code, c.code, errs.String())
			}
			if out.String() != c.out {
				t.Errorf("output %q, want %q", out.String(), c.out)
			}
			if c.errs == nil && errs.Len() > 0 {
				t.Errorf("unexpected error %q", errs.String())
			}
			for _, part := range c.errs {
				if !strings.Contains(errs.String(), part) {
					t.Errorf("%q is missing in %q", part, errs.String())
				}
			}
			if c.code != 1 {
				return
			}
			for line := range strings.Lines(errs.String()) {
				if strings.Count(line, ":") < 2 || !strings.HasPrefix(line, c.args[len(c.args)-1]+":") {
					t.Errorf("not file:line: message: %q", line)
				}
			}
		})
	}
	t.Run("json", func(t *testing.T) {
		t.Parallel()
		var out, errs bytes.Buffer
		if code := workflowCommand(t.Context(), []string{"check", "--json", bad}, &out, &errs); code != 1 || errs.Len() > 0 {
			t.Errorf("exit %d, error %q", code, errs.String())
		}
		var report struct {
			Problems []struct {
				File, Message string
				Line          int
			}
		}
		if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Problems) < 2 || report.Problems[0].Line < 2 {
			t.Errorf("%v: %s", err, out.String())
		}
	})
}

// What is wrong with a file is said in the operator's language, also to
// scripts; the place is the same.
func TestWorkflowCheckSpeaksTheOperatorsLanguage(t *testing.T) {
	t.Parallel()
	folder, err := filepath.Abs(filepath.Join("..", "..", "workflow", "definition", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "typos.yaml")
	for _, lang := range []string{"it", "en"} {
		golden, err := os.ReadFile(filepath.Join(folder, "typos."+lang+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		env := []string{"ARENGO_LANG=" + lang}
		code, out, said := execute(t, env, "workflow", "check", file)
		if want := strings.ReplaceAll(string(golden), "typos.yaml:", file+":"); code != 1 || out != "" || said != want {
			t.Errorf("%s: code %d, output %q, errors\n%s", lang, code, out, said)
		}
		var report struct {
			Problems []struct {
				File, Message string
				Line          int
			}
		}
		_, out, _ = execute(t, env, "workflow", "check", "--json", file)
		if err := json.Unmarshal([]byte(out), &report); err != nil {
			t.Fatal(err)
		}
		lines := ""
		for _, p := range report.Problems {
			lines += fmt.Sprintf("%s:%d: %s\n", p.File, p.Line, p.Message)
		}
		if lines != said {
			t.Errorf("%s: JSON says something else:\n%s", lang, lines)
		}
	}
}

// TestTextsUseTheTypographicApostrophe holds whatever people read to the house
// style: l’ordine, not l'ordine.
func TestTextsUseTheTypographicApostrophe(t *testing.T) {
	t.Parallel()
	straight := regexp.MustCompile(`\pL'\pL`)
	elision := regexp.MustCompile(`\b(c|l|un|\pL+ll)'\pL`) // in Go, where English has its own
	root := filepath.Join("..", "..")
	for pattern, least := range map[string]int{
		"process/*/workflow.yaml":        5,
		"fixtures/templates/*.yaml":      1,
		"fixtures/questionnaires/*.yaml": 1,
		"fixtures/demo/*.yaml":           1,
		"web/locale/*/*.json":            20,
		"cmd/arengo/*.go":                20,
		"cmd/arengo/*/*.go":              10,
	} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) < least {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wrong, comment := straight, "#"
			if filepath.Ext(file) == ".go" {
				wrong, comment = elision, "//"
			}
			for n, line := range strings.Split(string(source), "\n") {
				if !strings.HasPrefix(strings.TrimSpace(line), comment) && wrong.MatchString(line) {
					t.Errorf("%s:%d: %s", file, n+1, line)
				}
			}
		}
	}
}

func TestWorkflowSchema(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	if code := workflowCommand(t.Context(), []string{"schema"}, &out, &errs); code != 0 || errs.Len() > 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var s struct {
		Schema string         `json:"$schema"`
		Keys   map[string]any `json:"properties"`
		Defs   struct {
			Kind struct{ Enum []string } `json:"kind"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Schema != "https://json-schema.org/draft/2020-12/schema" || s.Keys["workflow"] == nil || len(s.Defs.Kind.Enum) != len(known(kinds())) {
		t.Errorf("%s with %d keys and kinds %v", s.Schema, len(s.Keys), s.Defs.Kind.Enum)
	}
	if code := workflowCommand(t.Context(), []string{"schema", "FILE"}, &out, &errs); code != 2 {
		t.Errorf("with a file: exit %d", code)
	}
}

// Every kind of activity has words in the explanations of implied guards.
func TestEveryKindIsExplained(t *testing.T) {
	t.Parallel()
	names := known(kinds())
	if len(names) < 5 {
		t.Fatalf("%d kinds", len(names))
	}
	for _, name := range names {
		if definition.KindWords[name] == nil {
			t.Errorf("no words for %s", name)
		}
	}
}

// A command that is written wrong names the word that is, above how it is written.
func TestTheWrongWordIsNamed(t *testing.T) {
	t.Setenv("LC_ALL", "it_IT.UTF-8")
	for want, args := range map[string][]string{
		"parola sconosciuta: \"chek\"": {"chek", "f.yaml"},
		"opzione sconosciuta: -jsn":    {"check", "--jsn", "f.yaml"},
		"--format: \"pdf\" non è":      {"show", "f.yaml", "--format", "pdf"},
	} {
		var out, errs strings.Builder
		if code := workflowCommand(t.Context(), args, &out, &errs); code != 2 || !strings.Contains(errs.String(), want) || !strings.Contains(errs.String(), "uso: arengo workflow") {
			t.Errorf("%v: %d %s", args, code, errs.String())
		}
	}
	for _, asked := range [][]string{{"check", "-h"}, {"show", "f.yaml", "--help"}} {
		var out, errs strings.Builder
		if workflowCommand(t.Context(), asked, &out, &errs); !strings.HasPrefix(strings.TrimSpace(errs.String()), "uso: arengo workflow") {
			t.Errorf("%v: who asks for help reads %s", asked, errs.String())
		}
	}
	if _, err := parseRehearsal([]string{"f.yaml"}, "it"); err == nil || !strings.Contains(err.Error(), "--start") {
		t.Errorf("without a start: %v", err)
	}
}
