package form

import (
	"errors"
	"fmt"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/functions"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

var errCost = errors.New("the expression takes too many steps")

// unknown is the third value while an expression is evaluated; cel-go never
// sees it, because every function that could is guarded here.
var unknown = types.NewUnknown(0, nil)

// environment answers what an expression may ask about the items.
type environment interface {
	value(code string) ref.Val // types.NullValue when unanswered or hidden
	answered(code string) bool
	unsure(code string) bool
}

// evaluate gives the truth of an expression by the rule for missing answers:
// equality with a missing answer is ordinary; ordering, arithmetic and other
// functions of it are unknown; && and || are Kleene's and stop at the first
// operand that decides; any other failure is an error.
//
// The logic is ours because CEL's own && and || absorb errors and unknowns
// alike; parsing, types and every other function are cel-go's.
func (e *expression) evaluate(env environment) (Truth, error) {
	r := run{env: env, left: maxCost}
	v, err := r.eval(e.root)
	if err != nil {
		return Unknown, err
	}
	return truth(v)
}

func truth(v ref.Val) (Truth, error) {
	switch v := v.(type) {
	case types.Bool:
		if v {
			return True, nil
		}
		return False, nil
	case *types.Unknown, types.Null:
		return Unknown, nil
	}
	return Unknown, fmt.Errorf("%v is not true or false", v.Type())
}

func (t Truth) val() ref.Val {
	switch t {
	case True:
		return types.True
	case False:
		return types.False
	}
	return unknown
}

// run is one evaluation: the items, the variables of loops, the steps left.
type run struct {
	env   environment
	local map[string]ref.Val
	left  int
}

func (r *run) eval(e ast.Expr) (ref.Val, error) {
	if r.left--; r.left < 0 {
		return nil, errCost
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return e.AsLiteral(), nil
	case ast.IdentKind:
		if v, ok := r.local[e.AsIdent()]; ok {
			return v, nil
		}
		return r.env.value(e.AsIdent()), nil
	case ast.ListKind:
		return r.list(e.AsList())
	case ast.ComprehensionKind:
		return r.loop(e.AsComprehension())
	}
	return r.call(e.AsCall())
}

func (r *run) list(l ast.ListExpr) (ref.Val, error) {
	values := make([]ref.Val, 0, l.Size())
	for _, el := range l.Elements() {
		v, err := r.eval(el)
		if err != nil {
			return nil, err
		}
		if types.IsUnknown(v) {
			return unknown, nil
		}
		values = append(values, v)
	}
	return types.NewRefValList(types.DefaultTypeAdapter, values), nil
}

func (r *run) call(c ast.CallExpr) (ref.Val, error) {
	switch c.FunctionName() {
	case operators.LogicalAnd:
		return r.junction(c, False)
	case operators.LogicalOr:
		return r.junction(c, True)
	case operators.LogicalNot:
		t, err := r.truth(c.Args()[0])
		if t == Unknown || err != nil {
			return unknown, err
		}
		return types.Bool(t == False), nil
	case operators.NotStrictlyFalse:
		t, err := r.truth(c.Args()[0])
		return types.Bool(t != False), err
	case operators.Conditional:
		return r.conditional(c.Args())
	case fnAnswered:
		return types.Bool(r.env.answered(c.Args()[0].AsIdent())), nil
	case fnUnsure:
		return types.Bool(r.env.unsure(c.Args()[0].AsIdent())), nil
	}
	return r.apply(c)
}

// junction is Kleene's "and" (decisive False) or "or" (decisive True), read
// from left to right: `n == 0 || 10 / n > 2` is safe, and an error in an
// operand that is reached always surfaces.
func (r *run) junction(c ast.CallExpr, decisive Truth) (ref.Val, error) {
	result := True
	if decisive == True {
		result = False
	}
	for _, arg := range c.Args() {
		t, err := r.truth(arg)
		if err != nil {
			return nil, err
		}
		if t == decisive {
			return decisive.val(), nil
		}
		if t == Unknown {
			result = Unknown
		}
	}
	return result.val(), nil
}

func (r *run) conditional(args []ast.Expr) (ref.Val, error) {
	t, err := r.truth(args[0])
	switch {
	case err != nil || t == Unknown:
		return unknown, err
	case t == True:
		return r.eval(args[1])
	}
	return r.eval(args[2])
}

func (r *run) truth(e ast.Expr) (Truth, error) {
	v, err := r.eval(e)
	if err != nil {
		return Unknown, err
	}
	return truth(v)
}

// apply evaluates the arguments and calls cel-go's function, unless a missing
// answer among them decides the outcome.
func (r *run) apply(c ast.CallExpr) (ref.Val, error) {
	name, exprs := c.FunctionName(), operands(c)
	args := make([]ref.Val, len(exprs))
	missing := false
	for i, e := range exprs {
		v, err := r.eval(e)
		if err != nil {
			return nil, err
		}
		if types.IsUnknown(v) {
			return unknown, nil
		}
		missing = missing || isNull(v)
		r.left -= weight(v)
		args[i] = v
	}
	switch name {
	case operators.Equals:
		return types.Equal(args[0], args[1]), nil
	case operators.NotEquals:
		return types.Bool(types.Equal(args[0], args[1]) != types.True), nil
	case operators.In:
		if isNull(args[1]) {
			return types.False, nil
		}
	default:
		if missing {
			return unknown, nil
		}
	}
	v := invoke(strict[name], args)
	if err, ok := v.(*types.Err); ok {
		return nil, fmt.Errorf("%s: %w", name, err.Unwrap())
	}
	return v, nil
}

// weight is the cost of reading a value: long texts and lists cost more.
func weight(v ref.Val) int {
	switch v := v.(type) {
	case types.String:
		return len(v) / 100
	case traits.Lister:
		if n, ok := v.Size().(types.Int); ok {
			return int(n) / 10
		}
	}
	return 0
}

func invoke(fn *functions.Overload, args []ref.Val) ref.Val {
	switch {
	case len(args) == 1 && fn.Unary != nil:
		return fn.Unary(args[0])
	case len(args) == 2 && fn.Binary != nil:
		return fn.Binary(args[0], args[1])
	case fn.Function != nil:
		return fn.Function(args...)
	}
	return types.NewErr("no such overload: %s", fn.Operator)
}

// loop runs a CEL macro (exists, all, filter, map) over a list. Over a missing
// list the outcome is unknown.
func (r *run) loop(c ast.ComprehensionExpr) (ref.Val, error) {
	over, err := r.eval(c.IterRange())
	if err != nil {
		return nil, err
	}
	list, ok := over.(traits.Lister)
	if !ok {
		return unknown, nil
	}
	accu, err := r.eval(c.AccuInit())
	if err != nil {
		return nil, err
	}
	inner := run{env: r.env, local: map[string]ref.Val{}, left: r.left}
	for name, v := range r.local {
		inner.local[name] = v
	}
	for it := list.Iterator(); it.HasNext() == types.True; {
		inner.local[c.IterVar()], inner.local[c.AccuVar()] = it.Next(), accu
		more, err := inner.truth(c.LoopCondition())
		if err != nil {
			return nil, err
		}
		if more == False {
			break
		}
		if accu, err = inner.eval(c.LoopStep()); err != nil {
			return nil, err
		}
	}
	delete(inner.local, c.IterVar())
	inner.local[c.AccuVar()] = accu
	v, err := inner.eval(c.Result())
	r.left = inner.left
	return v, err
}
