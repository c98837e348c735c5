package form_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
)

var (
	placeholder = regexp.MustCompile(`\{(\w+)\}`)
	answerKey   = regexp.MustCompile(`"questionnaire\.(answer\.[a-z_]+[a-z])"`)
	checkCode   = regexp.MustCompile(`(?:c\.fail\(item, [^,]+|c\.add\(Severity\w+, (?:Problem\{[^}]*\}|whole\([^)]*\)|at)), "([a-z_]+)"(.*)\)\n`)
	argName     = regexp.MustCompile(`"([a-z]+)", `)
)

func catalogue(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../../web/locale/" + lang + "/questionnaire.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// sentences are the texts of a key: the plain one, or both plurals.
func sentences(texts map[string]string, key string) []string {
	if s, ok := texts[key]; ok {
		return []string{s}
	}
	one, other := texts[key+".one"], texts[key+".other"]
	if one == "" || other == "" {
		return nil
	}
	return []string{one, other}
}

func source(t *testing.T, files ...string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
	return b.String()
}

// Every key that the code can report has its sentence in every language, and
// every placeholder of the sentence is among the arguments.
func TestEveryKeyHasItsSentence(t *testing.T) {
	t.Parallel()
	found := checkCode.FindAllStringSubmatch(source(t, "check.go", "check_condition.go", "reach.go"), -1)
	if len(found) < 40 {
		t.Fatalf("only %d checks found in the source", len(found))
	}
	answers := answerKey.FindAllStringSubmatch(source(t, "validate.go"), -1)
	if len(answers) < 10 {
		t.Fatalf("only %d answer keys found in the source", len(answers))
	}
	for _, lang := range form.Languages {
		texts := catalogue(t, lang)
		for _, m := range found {
			given := map[string]bool{"where": true}
			for _, arg := range argName.FindAllStringSubmatch(m[2], -1) {
				given[arg[1]] = true
			}
			list := sentences(texts, "questionnaire.check."+m[1])
			if len(list) == 0 {
				t.Errorf("%s: no sentence for check %s", lang, m[1])
			}
			for _, s := range list {
				for _, p := range placeholder.FindAllStringSubmatch(s, -1) {
					if !given[p[1]] {
						t.Errorf("%s: %s wants {%s}: %s", lang, m[1], p[1], m[0])
					}
				}
			}
		}
		for _, m := range answers {
			if len(sentences(texts, "questionnaire."+m[1])) == 0 {
				t.Errorf("%s: no sentence for %s", lang, m[1])
			}
		}
		for _, kind := range form.Types() {
			for _, key := range []string{"type." + string(kind)} {
				if texts["questionnaire."+key] == "" {
					t.Errorf("%s: no word for %s", lang, key)
				}
			}
			for _, op := range form.Ops(kind) {
				if texts["questionnaire.op."+string(op)] == "" {
					t.Errorf("%s: no word for %s", lang, op)
				}
			}
		}
		for _, kind := range []string{"choice", "multiple", "municipality", "number", "text"} {
			if texts["questionnaire.answer.required_"+kind] == "" {
				t.Errorf("%s: no sentence for a required %s", lang, kind)
			}
		}
	}
}

func TestAnswerArgumentsFillTheSentences(t *testing.T) {
	t.Parallel()
	f := areaForm(t)
	texts := catalogue(t, "it")
	broken := []struct {
		code   string
		answer form.Answer
	}{
		{"q12", form.TextAnswer(strings.Repeat("x", 652))},
		{"q3", form.NumberAnswer(200)},
		{"q3", form.NumberAnswer(-1)},
		{"q3", form.Answer{Raw: "tanti"}},
		{"q14", form.NumberAnswer(1.555)},
		{"q8", form.ListAnswer("hours", "links", "stop", "price")},
	}
	for _, b := range broken {
		list := f.ValidateItem(b.code, b.answer)
		if len(list) != 1 {
			t.Fatalf("%s: %v", b.code, list)
		}
		for _, s := range sentences(texts, list[0].Key) {
			for _, p := range placeholder.FindAllStringSubmatch(s, -1) {
				if _, ok := list[0].Args[p[1]]; !ok {
					t.Errorf("%s wants {%s}, has %s", list[0].Key, p[1], fmt.Sprint(list[0].Args))
				}
			}
		}
	}
}
