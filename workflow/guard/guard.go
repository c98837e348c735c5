// Package guard reads and evaluates the conditions of transitions: expressions
// in CEL over facts that are counts and states, never people.
package guard

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"arengo/workflow/strict"
)

const (
	maxLength = 1000    // characters of an expression
	maxCost   = 500_000 // CEL cost units of one evaluation: some hundred activities, twice nested
)

// Program is a guard ready to evaluate.
type Program struct {
	cel  cel.Program
	tree *cel.Ast
}

// environment declares what guards see: process, activities, artefacts, counts,
// term and now, all typed.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	artefacts := cel.ObjectType("guard.Artefacts")
	return cel.NewEnv(
		ext.NativeTypes(ext.ParseStructTags(true), reflect.TypeFor[ProcessFacts](), reflect.TypeFor[ActivityFacts](),
			reflect.TypeFor[Artefacts](), reflect.TypeFor[TermFacts]()),
		cel.Variable("process", cel.ObjectType("guard.ProcessFacts")),
		cel.Variable("activities", cel.ListType(cel.ObjectType("guard.ActivityFacts"))),
		cel.Variable("artefacts", artefacts),
		cel.Variable("counts", cel.MapType(cel.StringType, cel.IntType)),
		cel.Variable("term", cel.ObjectType("guard.TermFacts")),
		cel.Variable("now", cel.TimestampType),
		cel.Function("present", cel.MemberOverload("artefacts_present", []*cel.Type{artefacts, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, code ref.Val) ref.Val {
				return hasArtefact(a, code, func(f Artefacts) []string { return append(f.Present, f.Published...) })
			}))),
		cel.Function("published", cel.MemberOverload("artefacts_published", []*cel.Type{artefacts, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, code ref.Val) ref.Val {
				return hasArtefact(a, code, func(f Artefacts) []string { return f.Published })
			}))),
		cel.ParserExpressionSizeLimit(maxLength),
	)
})

func hasArtefact(a, code ref.Val, list func(Artefacts) []string) ref.Val {
	f, ok := a.Value().(Artefacts)
	word, isText := code.Value().(string)
	if !ok || !isText {
		return types.NewErr("artefacts of an unknown shape: %T", a.Value())
	}
	return types.Bool(slices.Contains(list(f), word))
}

// Compile type-checks an expression and the names in it. It returns what is
// wrong, a phrase each.
func Compile(expr string, names Names) (Program, []strict.Phrase) {
	env, err := environment()
	if err != nil {
		return Program{}, []strict.Phrase{invalid(err)}
	}
	tree, issues := env.Compile(expr)
	if issues.Err() != nil {
		return Program{}, translate(env, expr, issues.Errors())
	}
	if tree.OutputType() != cel.BoolType {
		return Program{}, []strict.Phrase{strict.Say("the expression gives %s, a guard must give a yes or no", typeWord(tree.OutputType().String()))}
	}
	p, err := env.Program(tree, cel.CostLimit(maxCost))
	if err != nil {
		return Program{}, []strict.Phrase{invalid(err)}
	}
	return Program{p, tree}, names.check(ast.NavigateAST(tree.NativeRep()))
}

// invalid is an error that no usual fault explains.
func invalid(err error) strict.Phrase {
	return strict.Translate(strings.ReplaceAll(err.Error(), "\n", " "), nil, strict.Say("the expression is not valid"))
}

// Holds evaluates a guard over facts that Bind prepared. A failure (a division
// by zero, the cost limit) is an error, see Reason, never a "no".
func (p Program) Holds(facts map[string]any) (bool, error) {
	out, _, err := p.cel.Eval(facts)
	if err != nil {
		return false, err
	}
	b, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("gave %s", strings.ToLower(fmt.Sprint(out.Type())))
	}
	return b, nil
}
