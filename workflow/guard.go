package workflow

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"arengo/workflow/strict"
)

const (
	guardLength = 1000    // characters of an expression
	guardCost   = 500_000 // CEL cost units of one evaluation: some hundred activities, twice nested
)

// program is a guard ready to evaluate.
type program struct{ cel cel.Program }

// guardEnv declares what guards see: process, activities, artefacts, counts,
// term and now, all typed.
var guardEnv = sync.OnceValues(func() (*cel.Env, error) {
	artefacts := cel.ObjectType("workflow.Artefacts")
	return cel.NewEnv(
		ext.NativeTypes(ext.ParseStructTags(true), reflect.TypeFor[ProcessFacts](), reflect.TypeFor[ActivityFacts](),
			reflect.TypeFor[Artefacts](), reflect.TypeFor[TermFacts]()),
		cel.Variable("process", cel.ObjectType("workflow.ProcessFacts")),
		cel.Variable("activities", cel.ListType(cel.ObjectType("workflow.ActivityFacts"))),
		cel.Variable("artefacts", artefacts),
		cel.Variable("counts", cel.MapType(cel.StringType, cel.IntType)),
		cel.Variable("term", cel.ObjectType("workflow.TermFacts")),
		cel.Variable("now", cel.TimestampType),
		cel.Function("present", cel.MemberOverload("artefacts_present", []*cel.Type{artefacts, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, code ref.Val) ref.Val {
				return hasArtefact(a, code, func(f Artefacts) []string { return append(f.Present, f.Published...) })
			}))),
		cel.Function("published", cel.MemberOverload("artefacts_published", []*cel.Type{artefacts, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, code ref.Val) ref.Val {
				return hasArtefact(a, code, func(f Artefacts) []string { return f.Published })
			}))),
		cel.ParserExpressionSizeLimit(guardLength),
	)
})

func hasArtefact(a, code ref.Val, list func(Artefacts) []string) ref.Val {
	f, ok := a.Value().(Artefacts)
	word, isText := code.Value().(string)
	if !ok || !isText {
		return types.NewErr("artefacts of an unknown shape: %T", a.Value())
	}
	return types.Bool(contains(list(f), word))
}

// compileGuard type-checks an expression and the names in it that CEL sees as
// mere map keys or strings. It returns what is wrong, a message each.
func compileGuard(expr string, k *checker, t *Transition) (program, []string) {
	env, err := guardEnv()
	if err != nil {
		return program{}, []string{err.Error()}
	}
	tree, issues := env.Compile(expr)
	if issues.Err() != nil {
		var out []string
		for _, e := range issues.Errors() {
			out = append(out, e.Message)
		}
		return program{}, out
	}
	if tree.OutputType() != cel.BoolType {
		return program{}, []string{fmt.Sprintf("the expression gives %s, a guard must give bool", tree.OutputType())}
	}
	p, err := env.Program(tree, cel.CostLimit(guardCost))
	if err != nil {
		return program{}, []string{err.Error()}
	}
	return program{p}, k.guardNames(ast.NavigateAST(tree.NativeRep()), t)
}

// guardNames looks for roles, counts, artefacts, kinds and terms that do not exist.
func (k *checker) guardNames(root ast.NavigableExpr, t *Transition) []string {
	var out []string
	want := func(what, word string, list []string) {
		if !contains(list, word) {
			out = append(out, fmt.Sprintf("unknown %s %q%s", what, word, strict.Suggest(word, list)))
		}
	}
	var codes []string
	for _, s := range k.def.States {
		for _, a := range s.Artefacts {
			codes = append(codes, a.Code)
		}
	}
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		owner, field := member(e)
		switch {
		case owner == "counts":
			want("count", field, k.def.Counts)
		case owner == "roles":
			want("role", field, k.def.Roles)
		case owner == "term":
			if state := k.termless(t, field); state != "" {
				out = append(out, fmt.Sprintf("term.%s has no value in state %s", field, state))
			}
		}
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		if name := call.FunctionName(); (name == "present" || name == "published") && len(call.Args()) == 1 {
			if code, ok := literal(call.Args()[0]); ok {
				want("artefact", code, codes)
			}
		}
		if name := call.FunctionName(); k.kinds != nil && (name == operators.Equals || name == operators.NotEquals) {
			for i, arg := range call.Args() {
				other, ok := literal(call.Args()[1-i])
				if arg.Kind() == ast.SelectKind && arg.AsSelect().FieldName() == "kind" && ok {
					want("kind", other, k.kinds)
				}
			}
		}
	}))
	return out
}

// member takes counts.x, a.counts.x, counts["x"] and the like apart.
func member(e ast.Expr) (owner, field string) {
	var operand ast.Expr
	switch {
	case e.Kind() == ast.SelectKind:
		operand, field = e.AsSelect().Operand(), e.AsSelect().FieldName()
	case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.Index:
		operand = e.AsCall().Args()[0]
		field, _ = literal(e.AsCall().Args()[1])
	default:
		return "", ""
	}
	switch operand.Kind() {
	case ast.IdentKind:
		return operand.AsIdent(), field
	case ast.SelectKind:
		return operand.AsSelect().FieldName(), field
	}
	return "", ""
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().Value().(string)
	return s, ok
}

var (
	never  = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	always = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
)

// activation binds the facts to the guards' names. Every role and every count
// that the definition declares is there: nobody counted is zero.
func activation(def *Compiled, f Facts) map[string]any {
	activities := make([]ActivityFacts, len(f.Activities))
	for i, a := range f.Activities {
		a.Counts = zeroFilled(def.Counts, a.Counts)
		activities[i] = a
	}
	process := ProcessFacts{Population: f.Process.Population, Roles: zeroFilled(Roles, f.Process.Roles)}
	term := TermFacts{orTime(f.Term.EnteredAt, always), orTime(f.Term.MinAt, always), orTime(f.Term.DueAt, never), orTime(f.Term.MaxAt, never)}
	return map[string]any{
		"process": process, "activities": activities, "artefacts": f.Artefacts,
		"counts": zeroFilled(def.Counts, f.Counts), "term": term, "now": f.Now,
	}
}

func zeroFilled(names []string, counts map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(names))
	for _, name := range names {
		out[name] = counts[name]
	}
	return out
}

func orTime(t, unset time.Time) time.Time {
	if t.IsZero() {
		return unset
	}
	return t
}

// holds evaluates a guard. A failure (a division by zero, the cost limit) is an
// error, never a "no".
func (p program) holds(facts map[string]any) (bool, error) {
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
