package form

import (
	"fmt"
	"regexp"
	"slices"
	"sort"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/stdlib"
	"cel.dev/cel-go/common/types"
)

// Limits of an expression: its length in characters, its nesting, and the
// steps that one evaluation may take.
const (
	maxExpression = 2000
	maxNesting    = 40
	maxCost       = 10_000
)

// The functions that ask about an item itself instead of about its value.
const (
	fnAnswered = "answered"
	fnUnsure   = "unsure"
)

var codePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// reserved are the words that CEL keeps for itself or that name its types; an
// item with such a code could not be written in an expression.
var reserved = map[string]bool{
	"as": true, "break": true, "const": true, "continue": true, "else": true, "for": true,
	"function": true, "if": true, "import": true, "in": true, "let": true, "loop": true,
	"package": true, "namespace": true, "return": true, "var": true, "void": true, "while": true,
	"true": true, "false": true, "null": true, "int": true, "uint": true, "double": true,
	"bool": true, "string": true, "bytes": true, "list": true, "map": true, "type": true,
	"null_type": true, "dyn": true, "google": true, "optional_type": true,
}

// strict holds cel-go's own implementation of every standard function, by
// name; the logical operators are not taken from it.
var strict = strictFunctions()

func strictFunctions() map[string]*functions.Overload {
	table := map[string]*functions.Overload{}
	for _, fn := range stdlib.Functions() {
		bindings, err := fn.Bindings()
		if err != nil {
			continue
		}
		for _, b := range bindings {
			if b.Operator == fn.Name() {
				table[fn.Name()] = b
			}
		}
	}
	return table
}

// expression is a checked CEL expression over the items of one questionnaire.
type expression struct {
	source string
	root   ast.Expr
	items  []string // codes it refers to, sorted
	simple bool     // compares items with constants only
}

// newEnv declares every item that may be referred to, nullable and typed.
func newEnv(items []*Item) (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.CrossTypeNumericComparisons(true),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.ParserRecursionLimit(maxNesting),
		cel.Function(fnAnswered, cel.Overload("answered_item", []*cel.Type{cel.DynType}, cel.BoolType)),
		cel.Function(fnUnsure, cel.Overload("unsure_item", []*cel.Type{cel.DynType}, cel.BoolType)),
	}
	for _, item := range items {
		if t := celType(item); t != nil {
			options = append(options, cel.Variable(item.Code, t))
		}
	}
	return cel.NewEnv(options...)
}

func celType(item *Item) *cel.Type {
	switch {
	case item.Type == Multiple:
		return cel.ListType(cel.StringType)
	case whole(item):
		return cel.NullableType(cel.IntType)
	case item.Type == Number:
		return cel.NullableType(cel.DoubleType)
	case item.Type == Note:
		return nil
	}
	return cel.NullableType(cel.StringType)
}

// whole reports whether the item's value is a whole number.
func whole(item *Item) bool {
	return item.Type == Scale || (item.Type == Number && item.Decimals == 0)
}

// compileExpression parses and type-checks an expression, and refuses what the
// evaluator does not know: maps, messages, functions that are not standard.
func compileExpression(env *cel.Env, known map[string]*Item, source string) (*expression, error) {
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	if t := checked.OutputType(); !t.IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("the expression gives %s, not true or false", t)
	}
	scan := scanner{known: known, items: map[string]bool{}, simple: true}
	root := checked.NativeRep().Expr()
	if err := scan.walk(root, map[string]bool{}); err != nil {
		return nil, err
	}
	e := &expression{source: source, root: root, simple: scan.simple}
	for code := range scan.items {
		e.items = append(e.items, code)
	}
	sort.Strings(e.items)
	return e, nil
}

// scanner collects the items of an expression and notices what it uses.
type scanner struct {
	known  map[string]*Item
	items  map[string]bool
	simple bool
}

func (s *scanner) walk(e ast.Expr, local map[string]bool) error {
	switch e.Kind() {
	case ast.LiteralKind:
		return nil
	case ast.IdentKind:
		name := e.AsIdent()
		switch {
		case local[name]:
		case s.known[name] == nil:
			return fmt.Errorf("unknown item %s", name)
		default:
			s.items[name] = true
		}
		return nil
	case ast.ListKind:
		return s.walkAll(e.AsList().Elements(), local)
	case ast.CallKind:
		return s.call(e.AsCall(), local)
	case ast.ComprehensionKind:
		s.simple = false
		return s.comprehension(e.AsComprehension(), local)
	}
	return fmt.Errorf("maps, messages and fields are not part of our expressions")
}

func (s *scanner) walkAll(all []ast.Expr, local map[string]bool) error {
	for _, e := range all {
		if err := s.walk(e, local); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) call(c ast.CallExpr, local map[string]bool) error {
	args := operands(c)
	switch name := c.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.NotStrictlyFalse:
	case operators.Conditional:
		s.simple = false
	case fnAnswered, fnUnsure:
		if args[0].Kind() != ast.IdentKind || s.known[args[0].AsIdent()] == nil || local[args[0].AsIdent()] {
			return fmt.Errorf("%s() takes the code of an item", name)
		}
	case operators.Equals, operators.NotEquals, operators.In, operators.Less, operators.LessEquals,
		operators.Greater, operators.GreaterEquals:
		s.simple = s.simple && comparesConstant(args)
	default:
		s.simple = false
		if strict[name] == nil {
			return fmt.Errorf("unknown function %s", name)
		}
	}
	return s.walkAll(args, local)
}

func (s *scanner) comprehension(c ast.ComprehensionExpr, local map[string]bool) error {
	if c.HasIterVar2() {
		return fmt.Errorf("loops over two variables are not part of our expressions")
	}
	if err := s.walkAll([]ast.Expr{c.IterRange(), c.AccuInit()}, local); err != nil {
		return err
	}
	inner := map[string]bool{c.IterVar(): true, c.AccuVar(): true}
	for name := range local {
		inner[name] = true
	}
	return s.walkAll([]ast.Expr{c.LoopCondition(), c.LoopStep(), c.Result()}, inner)
}

// comparesConstant reports whether one of two operands is a constant (or a
// negative one, or a list) and the other an item.
func comparesConstant(args []ast.Expr) bool {
	idents := 0
	for _, a := range args {
		switch a.Kind() {
		case ast.IdentKind:
			idents++
		case ast.LiteralKind:
		case ast.ListKind:
			for _, el := range a.AsList().Elements() {
				if el.Kind() != ast.LiteralKind {
					return false
				}
			}
		default:
			return false
		}
	}
	return idents <= 1
}

// operands lists the arguments of a call, the receiver of a method first.
func operands(c ast.CallExpr) []ast.Expr {
	if c.IsMemberFunction() {
		return append([]ast.Expr{c.Target()}, c.Args()...)
	}
	return c.Args()
}

// isNull reports whether a value is a missing answer (or the literal null).
func isNull(v any) bool { _, ok := v.(types.Null); return ok }

// visit calls fn for an expression and everything under it.
func visit(e ast.Expr, fn func(ast.Expr)) {
	fn(e)
	var under []ast.Expr
	switch e.Kind() {
	case ast.CallKind:
		under = operands(e.AsCall())
	case ast.ListKind:
		under = e.AsList().Elements()
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		under = []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()}
	}
	for _, u := range under {
		visit(u, fn)
	}
}

// freeNames lists the names in an expression that no loop declares.
func freeNames(e ast.Expr, local []string) []string {
	switch e.Kind() {
	case ast.IdentKind:
		if slices.Contains(local, e.AsIdent()) {
			return nil
		}
		return []string{e.AsIdent()}
	case ast.CallKind:
		return freeNamesOf(operands(e.AsCall()), local)
	case ast.ListKind:
		return freeNamesOf(e.AsList().Elements(), local)
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		out := freeNamesOf([]ast.Expr{c.IterRange(), c.AccuInit()}, local)
		inner := append(slices.Clone(local), c.IterVar(), c.AccuVar())
		return append(out, freeNamesOf([]ast.Expr{c.LoopCondition(), c.LoopStep(), c.Result()}, inner)...)
	}
	return nil
}

func freeNamesOf(all []ast.Expr, local []string) []string {
	var out []string
	for _, e := range all {
		out = append(out, freeNames(e, local)...)
	}
	return out
}
