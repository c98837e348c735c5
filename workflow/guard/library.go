package guard

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"

	"arengo/workflow/strict"
)

// What an expression may name.
var (
	variables = []string{"process", "activities", "artefacts", "counts", "term", "now"}
	functions = []string{
		"exists", "exists_one", "all", "filter", "map", "size", "has", "present", "published", "startsWith", "endsWith", "contains",
		"matches", "timestamp", "duration", "int", "double", "string",
	}
)

// translation says in our words what CEL finds in one expression.
type translation struct {
	calls  map[string]bool // functions that the expression calls
	owners map[string]reflect.Type
	loose  map[string]bool // names that a function which does not exist would have bound
}

// translate are the problems that CEL found, the cause before what follows from
// it: of an expression that cannot be read the first alone.
func translate(env *cel.Env, expr string, found []*common.Error) []strict.Phrase {
	t := translation{calls: map[string]bool{}, owners: map[string]reflect.Type{}, loose: map[string]bool{}}
	if tree, issues := env.Parse(expr); issues.Err() == nil {
		ast.PostOrderVisit(ast.NavigateAST(tree.NativeRep()), ast.NewExprVisitor(t.visit))
	} else {
		found = found[:1]
	}
	var out []strict.Phrase
	for _, e := range found {
		message := strings.ReplaceAll(e.Message, "\n", " ")
		if m := unknownName.FindStringSubmatch(message); m != nil && t.loose[m[1]] {
			continue
		}
		said := strict.Translate(message, t.usual(), strict.Say("the expression is not valid"))
		if strings.HasPrefix(message, "Syntax error") && e.Location.Line() == 1 {
			said = strict.Say("%s (character %d)", said, e.Location.Column()+1)
		}
		if said.Original() == "" {
			said = strict.Say("the expression is not valid: %s", said)
		}
		if !slices.ContainsFunc(out, func(p strict.Phrase) bool { return p.String() == said.String() }) {
			out = append(out, said)
		}
	}
	return out
}

// visit notes the functions that are called, and of which facts each field is.
func (t *translation) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.SelectKind:
		s := e.AsSelect()
		t.owners[s.FieldName()] = owner(s.Operand())
	case ast.CallKind:
		call := e.AsCall()
		t.calls[call.FunctionName()] = true
		if args := call.Args(); call.IsMemberFunction() && len(args) > 0 && args[0].Kind() == ast.IdentKind && !slices.Contains(variables, args[0].AsIdent()) {
			t.loose[args[0].AsIdent()] = true
		}
	}
}

// owner is the type of the facts that a field is taken from. Names which the
// expression binds itself are of activities.
func owner(operand ast.Expr) reflect.Type {
	name := ""
	switch operand.Kind() {
	case ast.IdentKind:
		name = operand.AsIdent()
	case ast.SelectKind:
		name = operand.AsSelect().FieldName()
	}
	switch name {
	case "process":
		return reflect.TypeFor[ProcessFacts]()
	case "population":
		return reflect.TypeFor[Population]()
	case "term":
		return reflect.TypeFor[TermFacts]()
	}
	return reflect.TypeFor[ActivityFacts]()
}

func fields(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("cel"), ",")
		out = append(out, name)
	}
	return out
}

var unknownName = regexp.MustCompile(`^undeclared reference to '([^']+)'`)

func (t *translation) usual() []strict.Saying {
	return append([]strict.Saying{
		{Pattern: unknownName, Words: func(m []string) strict.Phrase {
			list := variables
			if t.calls[m[1]] {
				list = functions
			}
			return strict.Say("there is nothing called %q%s", m[1], strict.Suggest(m[1], list))
		}},
		{Pattern: regexp.MustCompile(`^undefined field '(.+)'`), Words: func(m []string) strict.Phrase {
			from, ok := t.owners[m[1]]
			if !ok {
				return strict.Say("there is no field %q", m[1])
			}
			return strict.Say("there is no field %q%s", m[1], strict.Suggest(m[1], fields(from)))
		}},
	}, usualCEL...)
}

// usualCEL are the faults that people who write expressions make, beside wrong
// names.
var usualCEL = []strict.Saying{
	{Pattern: regexp.MustCompile(`^found no matching overload for '(.+)' applied to '(.*)'`), Words: mismatch},
	{Pattern: regexp.MustCompile(`^expected type '(.+)' but found '(.+)'`), Words: func(m []string) strict.Phrase {
		return strict.Say("there is %s where %s belongs", typeWord(m[2]), typeWord(m[1]))
	}},
	{Pattern: regexp.MustCompile(`^type '(list\(.*)' does not support field selection`), Words: func([]string) strict.Phrase {
		return strict.Say("a list has no fields%s", strict.Say(" (did you mean %q?)", "activities.exists(a, a.over)"))
	}},
	{Pattern: regexp.MustCompile(`^type '(.+)' does not support field selection`), Words: func(m []string) strict.Phrase {
		return strict.Say("%s has no fields", typeWord(m[1]))
	}},
	{Pattern: regexp.MustCompile(`(?:mismatched input '<EOF>'|no viable alternative at input '<EOF>')`), Words: func([]string) strict.Phrase {
		return strict.Say("it ends too soon")
	}},
	{Pattern: regexp.MustCompile(`missing '(.+)' at '`), Words: func(m []string) strict.Phrase {
		return strict.Say("%s is missing", m[1])
	}},
	{Pattern: regexp.MustCompile(`token recognition error at: '(.*)'`), Words: unread},
	{Pattern: regexp.MustCompile(`(?:extraneous|mismatched) input '(.+)' expecting|no viable alternative at input '(.+)'`), Words: func(m []string) strict.Phrase {
		return strict.Say("%s cannot stand there", m[1]+m[2])
	}},
	{Pattern: regexp.MustCompile(`^expression code point size exceeds limit: size: (\d+), limit (\d+)`), Words: func(m []string) strict.Phrase {
		return strict.Say("it has %s characters, at most %s may be", m[1], m[2])
	}},
	{Pattern: regexp.MustCompile(`^expression (?:recursion limit|count exceeds)`), Words: func([]string) strict.Phrase {
		return strict.Say("it nests too deeply")
	}},
	{Pattern: regexp.MustCompile(`^reserved identifier: (.+)`), Words: func(m []string) strict.Phrase {
		return strict.Say("%q is a word of the language", m[1])
	}},
	{Pattern: regexp.MustCompile(`^invalid (?:int|uint|double) literal`), Words: func([]string) strict.Phrase {
		return strict.Say("a number is too large")
	}},
	{Pattern: regexp.MustCompile(`^argument (?:must be a simple name|is not an identifier)`), Words: func([]string) strict.Phrase {
		return strict.Say("first goes a plain name, as in %s", "activities.exists(a, a.over)")
	}},
}

// unread is a sign that means nothing in an expression.
func unread(m []string) strict.Phrase {
	switch sign := strings.TrimSpace(m[1]); {
	case strings.HasPrefix(sign, "="):
		return strict.Say("%s is not read%s", "=", strict.Say(" (did you mean %q?)", "=="))
	case strings.ContainsAny(sign, "“”«»"):
		return strict.Say("a text goes in straight quotes, as \"this\"")
	case strings.HasPrefix(sign, "'") || strings.HasPrefix(sign, `"`):
		return strict.Say("a text in quotes is not closed, or has a \\ in it")
	default:
		return strict.Say("%s is not read", sign)
	}
}

var operator = regexp.MustCompile(`^_(.+)_$`)

// mismatch is an operator or a function between things that it is not for.
func mismatch(m []string) strict.Phrase {
	name, types := m[1], apart(strings.Trim(m[2], "()"))
	sign := operator.FindStringSubmatch(name)
	switch {
	case name == "@in" && len(types) == 2:
		return strict.Say("“in” looks for it in a list, not in %s", typeWord(types[1]))
	case name == "_?_:_":
		return strict.Say("both answers of “? :” must be of one kind")
	case name == "!_" && len(types) == 1:
		return strict.Say("! goes before a yes or no, not before %s", typeWord(types[0]))
	case sign != nil && len(types) == 2:
		return strict.Say("%s does not go between %s and %s%s", sign[1], typeWord(types[0]), typeWord(types[1]), meant(sign[1], types))
	}
	return strict.Say("%s does not take %s", strings.Trim(name, "_@"), typeWord(strings.Join(types, ", ")))
}

// meant is what somebody who mixes an instant with something else wants to write.
func meant(sign string, types []string) strict.Phrase {
	with := func(other string) bool {
		return slices.Contains(types, "timestamp") && slices.Contains(types, other)
	}
	switch {
	case with("string"):
		return strict.Say(" (did you mean %q?)", `timestamp("2026-03-24T09:00:00Z")`)
	case with("int") && (sign == "+" || sign == "-"):
		return strict.Say(" (did you mean %q?)", `duration("72h")`)
	case with("int"):
		return strict.Say(" (did you mean %q?)", "term.elapsed_days")
	case slices.Contains(types, "int") && slices.Contains(types, "double"):
		return strict.Say(" (did you mean %q?)", "double(…)")
	}
	return strict.Plain("")
}

// apart splits the types of a signature at the commas between them.
func apart(signature string) []string {
	var out []string
	deep, from := 0, 0
	for i, sign := range signature {
		switch sign {
		case '(':
			deep++
		case ')':
			deep--
		case ',':
			if deep == 0 {
				out = append(out, strings.TrimSpace(signature[from:i]))
				from = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(signature[from:]))
}

// typeWords are the types of CEL in words.
var typeWords = map[string]strict.Phrase{
	"timestamp": strict.Say("an instant"), "duration": strict.Say("a length of time"),
	"int": strict.Say("a whole number"), "uint": strict.Say("a whole number"), "double": strict.Say("a number with decimals"),
	"string": strict.Say("a text"), "bool": strict.Say("a yes or no"), "list": strict.Say("a list"), "map": strict.Say("a table of names"),
	"guard.ProcessFacts": strict.Say("the process"), "guard.ActivityFacts": strict.Say("an activity"),
	"guard.Artefacts": strict.Say("the artefacts"), "guard.TermFacts": strict.Say("the term"),
}

// typeWord is a type of CEL in words; one that has none stays as it is.
func typeWord(name string) strict.Phrase {
	name, _, _ = strings.Cut(name, "(")
	if word, ok := typeWords[name]; ok {
		return word
	}
	return strict.Plain(name)
}
