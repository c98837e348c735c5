package main

import (
	"strings"
	"testing"
)

func TestUsageIsInBothLanguages(t *testing.T) {
	t.Parallel()
	for lang, want := range map[tongue][]string{
		"it": {
			"uso: arengo workflow check [--json] FILE… | show FILE [--format text|mermaid|svg] [--lang it|en] | schema\n", "uso: arengo services [--durable] -- COMANDO [ARGOMENTO …]\n",
			"uso: arengo mailbox [--smtp HOST:PORTA] [--http HOST:PORTA] [--dir CARTELLA]\n", "uso: arengo work\n",
		},
		"en": {
			"usage: arengo workflow check [--json] FILE… | show FILE [--format text|mermaid|svg] [--lang it|en] | schema\n", "usage: arengo services [--durable] -- COMMAND [ARGUMENT …]\n",
			"usage: arengo mailbox [--smtp HOST:PORT] [--http HOST:PORT] [--dir DIR]\n", "usage: arengo work\n",
		},
	} {
		for i, name := range []string{"workflow", "services", "mailbox", "work"} {
			var out strings.Builder
			if usage(&out, name, lang); out.String() != want[i] {
				t.Errorf("%q, want %q", out.String(), want[i])
			}
		}
	}
}

func TestHelpDescribesEveryCommand(t *testing.T) {
	t.Parallel()
	if len(descriptions) != len(commands) {
		t.Errorf("%d descriptions of %d commands", len(descriptions), len(commands))
	}
	for lang, word := range map[tongue]string{"it": "scadenze", "en": "deadlines"} {
		var out strings.Builder
		help(&out, lang)
		for name := range commands {
			if !strings.Contains(out.String(), "\n  "+name+" ") {
				t.Errorf("%s: no line for %s", lang, name)
			}
		}
		if !strings.Contains(out.String(), word) {
			t.Errorf("%s: not in that language\n%s", lang, out.String())
		}
	}
}

func TestHelpOfOneCommand(t *testing.T) {
	t.Parallel()
	for name := range commands {
		var by [2]strings.Builder
		var errs strings.Builder
		for i, args := range [][]string{{"help", name}, {name, "--help"}} {
			if code := run(t.Context(), args, &by[i], &errs); code != 0 || errs.String() != "" || by[i].String() == "" {
				t.Errorf("%v: exit %d, %q", args, code, errs.String())
			}
		}
		if by[0].String() != by[1].String() {
			t.Errorf("%s is described as %q and as %q", name, by[0].String(), by[1].String())
		}
	}
}
