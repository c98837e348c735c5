package strict_test

import (
	"strings"
	"testing"

	"arengo/workflow/strict"
)

// TestFaultsOfYAMLInWords: what people get wrong in YAML is said in Italian, at
// its line.
func TestFaultsOfYAMLInWords(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"a: b: c\n":           "f:1: questo qui non può stare: controlla i rientri",
		"a:\n  b: c\n d: e\n": "f:3: questo qui non può stare",
		"a: {b: c}}\n":        "f:1: questo qui non può stare",
		"a:\n\t- b\n":         "f:2: c’è una tabulazione",
		"\ta: b\n":            "f:1: c’è una tabulazione",
		"a: 'x\n\ty'\n":       "f:2: c’è una tabulazione",
		"a: [b\nc: d\n":       "f:2: una [ non è chiusa",
		"a: [b}\n":            "f:1: una [ non è chiusa",
		"a: {b: 1\nc: d\n":    "f:2: una { non è chiusa",
		"a: {b]\n":            "f:1: una { non è chiusa",
		"a\nb: c\n":           "f:1: questo non è `chiave: valore`",
		"a: b\nc\n":           "f:2: questo non è `chiave: valore`",
		"a: |\nb\n":           "f:2: questo non è `chiave: valore`",
		"[a]: b\n":            "f:1: questo non è `chiave: valore`",
		"a: 'b\nc: d\n":       "f:1: un testo tra virgolette non è chiuso",
		"a: \"b\nc: d\n":      "f:1: un testo tra virgolette non è chiuso",
		"a: @b\n":             "f:1: un testo non può cominciare con @",
		"a: %b\n":             "f:1: un testo non può cominciare con %",
		"a: \"\\q\"\n":        "f:1: \\q non significa nulla tra virgolette doppie",
		"a: - b\n":            "f:1: un elenco non comincia accanto alla sua chiave",
		"a: &x\n":             "f:1: ancore e rimandi",
		"a: [,]\n":            "f:1: prima della virgola manca un valore",
		"a: >x\n  b\n":        "f:1: la riga non è YAML valido (invalid header option: \"x\")",
	} {
		r := strict.New("f")
		r.Root([]byte(source))
		found := r.Problems().In("it")
		if len(found) != 1 || !strings.HasPrefix(found[0].String(), want) {
			t.Errorf("%q: %v, want %s", source, found, want)
		}
		if foreign := strings.Contains(want, "invalid"); foreign != (len(found) == 1 && found[0].Original != "") {
			t.Errorf("%q: %+v", source, found)
		}
	}
}
