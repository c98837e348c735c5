package guard_test

import (
	"strings"
	"testing"

	"arengo/workflow/guard"
)

// TestFaultsOfExpressionsInWords: what people get wrong in an expression is said
// in both languages, the cause alone, with what they may have meant.
func TestFaultsOfExpressionsInWords(t *testing.T) {
	t.Parallel()
	const invalid = "l’espressione non è valida: "
	for _, c := range []struct{ expr, italian, english string }{
		{`process.popolation.units > 3`, `il campo "popolation" non esiste (volevi scrivere "population"?)`, `there is no field "popolation" (did you mean "population"?)`},
		{`process.population.unit > 3`, `il campo "unit" non esiste (volevi scrivere "units"?)`, "units"},
		{`activities.exists(a, a.ovr)`, `il campo "ovr" non esiste (volevi scrivere "over"?)`, "over"},
		{`term.lenght > 3`, `il campo "lenght" non esiste (scegli tra: entered_at, min_at, due_at, max_at, elapsed_days, left_days)`, "left_days"},
		{`proces.state == "open"`, `non c’è nulla di nome "proces" (volevi scrivere "process"?)`, "process"},
		{`activities.exist(a, a.over)`, `non c’è nulla di nome "exist" (volevi scrivere "exists"?)`, "exists"},
		{`process.state.startswith("o")`, `non c’è nulla di nome "startswith" (volevi scrivere "startsWith"?)`, "startsWith"},
		{`now == 3`, `== non va tra un istante e un numero intero (volevi scrivere "term.elapsed_days"?)`, "an instant"},
		{`now > "2026"`, `> non va tra un istante e un testo (volevi scrivere "timestamp(\"2026-03-24T09:00:00Z\")"?)`, "timestamp"},
		{`now + 3 > now`, `+ non va tra un istante e un numero intero (volevi scrivere "duration(\"72h\")"?)`, "duration"},
		{`counts.answers > 3.5`, `> non va tra un numero intero e un numero con decimali (volevi scrivere "double(…)"?)`, "double"},
		{`counts.answers && true`, `c’è un numero intero dove serve un sì o no`, "there is a whole number where a yes or no belongs"},
		{`!counts.answers`, `! va davanti a un sì o no, non davanti a un numero intero`, "!"},
		{`1 in 2`, `“in” cerca dentro un elenco, non dentro un numero intero`, "“in”"},
		{`size(1) > 0`, `size non vale per un numero intero`, "size does not take a whole number"},
		{`true ? 1 : "a"`, `le due risposte di “? :” devono essere dello stesso tipo`, "both answers"},
		{`activities.size > 3`, `un elenco non ha campi (volevi scrivere "activities.exists(a, a.over)"?)`, "a list has no fields"},
		{`term.min_at.x`, `un istante non ha campi`, "an instant has no fields"},
		{`1 +`, `finisce troppo presto (carattere 4)`, "it ends too soon (character 4)"},
		{`(1 == 1`, `manca ) (carattere 8)`, ") is missing"},
		{`1 == 1)`, `) lì non può stare (carattere 7)`, ") cannot stand there"},
		{`now = now`, `= non si legge (volevi scrivere "=="?) (carattere 5)`, "=="},
		{`process.state == 'x`, `un testo tra virgolette non è chiuso, o contiene \ (carattere 18)`, "not closed"},
		{`process.state == “x”`, `un testo va tra virgolette diritte, come "questo" (carattere 18)`, "straight quotes"},
		{`1 # 2`, `# non si legge (carattere 3)`, "#"},
		{strings.Repeat("1==1&&", 200) + "true", `ha 1204 caratteri, al massimo possono essere 1000`, "1204"},
		{strings.Repeat("(", 300) + strings.Repeat(")", 300), `ha troppe parentesi una dentro l’altra`, "nests too deeply"},
		{`if`, `"if" è una parola riservata`, "a word of the language"},
		{`99999999999999999999 > 1`, `un numero è troppo grande`, "too large"},
		{`activities.exists("a", true)`, `prima va un nome semplice, come in activities.exists(a, a.over)`, "a plain name"},
	} {
		_, found := guard.Compile(c.expr, names)
		if len(found) != 1 {
			t.Errorf("%.60s: %v", c.expr, found)
			continue
		}
		if got := found[0].In("it"); got != invalid+c.italian {
			t.Errorf("%.60s: %s", c.expr, got)
		}
		if got := found[0].In("en"); !strings.Contains(got, c.english) || found[0].Original() != "" {
			t.Errorf("%.60s: %s (%s)", c.expr, got, found[0].Original())
		}
	}
}

// TestAnUnusualFaultKeepsItsOriginal: where we have no words the library's are
// kept apart, so that a page can say in which language they are.
func TestAnUnusualFaultKeepsItsOriginal(t *testing.T) {
	t.Parallel()
	_, found := guard.Compile("has(process)", names)
	if len(found) == 0 || found[0].In("it") != "l’espressione non è valida" || !strings.Contains(found[0].Original(), "has()") {
		t.Errorf("%v", found)
	}
}
