package form

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// CEL is the condition as the expression that the server evaluates. The items
// are those of the definition; a rule on an item that is not there, or with a
// value of the wrong sort, is an error.
func (c *Condition) CEL(def *Definition) (string, error) {
	if c.Empty() {
		return "true", nil
	}
	if len(c.Rules) == 0 {
		return strings.TrimSpace(c.Expr), nil
	}
	parts := make([]string, len(c.Rules))
	for i, rule := range c.Rules {
		item := def.Item(rule.Item)
		if item == nil {
			return "", fmt.Errorf("rule %d: unknown item %s", i+1, rule.Item)
		}
		part, err := rule.cel(item)
		if err != nil {
			return "", fmt.Errorf("rule %d: %w", i+1, err)
		}
		parts[i] = part
	}
	if c.All {
		return strings.Join(parts, " && "), nil
	}
	return strings.Join(parts, " || "), nil
}

func (r Rule) cel(item *Item) (string, error) {
	if r.Op == Answered {
		return fmt.Sprintf("%s(%s)", fnAnswered, r.Item), nil
	}
	if item.Type == Scale && r.Value == Unsure && (r.Op == Is || r.Op == IsNot) {
		if r.Op == Is {
			return fmt.Sprintf("%s(%s)", fnUnsure, r.Item), nil
		}
		return fmt.Sprintf("!%s(%s)", fnUnsure, r.Item), nil
	}
	value, err := literal(item, string(r.Value))
	if err != nil {
		return "", err
	}
	if !allowed(item.Type, r.Op) {
		return "", fmt.Errorf("%s does not apply to a %s", r.Op, item.Type)
	}
	switch r.Op {
	case Is:
		return fmt.Sprintf("%s == %s", r.Item, value), nil
	case IsNot:
		return fmt.Sprintf("%s != %s", r.Item, value), nil
	case AtMost:
		return fmt.Sprintf("%s <= %s", r.Item, value), nil
	case AtLeast:
		return fmt.Sprintf("%s >= %s", r.Item, value), nil
	}
	return fmt.Sprintf("%s in %s", value, r.Item), nil
}

// Ops lists the comparisons that an item of this type takes, in the order in
// which the builder offers them.
func Ops(t Type) []Op {
	switch {
	case t == Multiple:
		return []Op{Includes, Answered}
	case t.Numeric():
		return []Op{Is, IsNot, AtMost, AtLeast, Answered}
	case t.One():
		return []Op{Is, IsNot, Answered}
	case t.Textual():
		return []Op{Answered, Is, IsNot}
	}
	return nil
}

func allowed(t Type, op Op) bool {
	for _, o := range Ops(t) {
		if o == op {
			return true
		}
	}
	return false
}

// plainNumber is what a rule's number looks like: no exponent, no sign but
// minus, so that it is a CEL literal as it stands.
var plainNumber = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,6})?$`)

// literal writes a rule's value as a CEL literal of the item's type.
func literal(item *Item, value string) (string, error) {
	if !item.Type.Numeric() {
		return strconv.Quote(value), nil
	}
	if !plainNumber.MatchString(value) {
		return "", fmt.Errorf("%q is not a number", value)
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return "", fmt.Errorf("%q is not a number", value)
	}
	if whole(item) {
		if n != float64(int64(n)) {
			return "", fmt.Errorf("%q is not a whole number", value)
		}
		return strconv.FormatInt(int64(n), 10), nil
	}
	text := strconv.FormatFloat(n, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text, nil
}

// FromCEL reads an expression back into rules. ok is false when the rules
// cannot say it (it mixes "and" with "or", computes, or is not CEL at all).
func FromCEL(source string) (c Condition, ok bool) {
	env, err := cel.NewEnv(cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(maxNesting))
	if err != nil {
		return Condition{}, false
	}
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return Condition{}, false
	}
	root := parsed.NativeRep().Expr()
	op := operators.LogicalAnd
	if root.Kind() == ast.CallKind && root.AsCall().FunctionName() == operators.LogicalOr {
		op = operators.LogicalOr
	}
	c.All = op == operators.LogicalAnd
	for _, leaf := range flatten(root, op) {
		rule, ok := ruleOf(leaf)
		if !ok {
			return Condition{}, false
		}
		c.Rules = append(c.Rules, rule)
	}
	return c, true
}

func flatten(e ast.Expr, op string) []ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != op {
		return []ast.Expr{e}
	}
	var out []ast.Expr
	for _, arg := range e.AsCall().Args() {
		out = append(out, flatten(arg, op)...)
	}
	return out
}

func ruleOf(e ast.Expr) (Rule, bool) {
	if e.Kind() != ast.CallKind {
		return Rule{}, false
	}
	c := e.AsCall()
	args := operands(c)
	switch name := c.FunctionName(); name {
	case operators.Equals, operators.NotEquals, operators.LessEquals, operators.GreaterEquals:
		ops := map[string]Op{
			operators.Equals: Is, operators.NotEquals: IsNot,
			operators.LessEquals: AtMost, operators.GreaterEquals: AtLeast,
		}
		return comparison(args[0], ops[name], args[1])
	case operators.In:
		return comparison(args[1], Includes, args[0])
	case fnAnswered, fnUnsure:
		if len(args) != 1 || args[0].Kind() != ast.IdentKind {
			return Rule{}, false
		}
		if name == fnAnswered {
			return Rule{Item: args[0].AsIdent(), Op: Answered}, true
		}
		return Rule{Item: args[0].AsIdent(), Op: Is, Value: Unsure}, true
	case operators.LogicalNot:
		inner, ok := ruleOf(args[0])
		if !ok || inner.Op != Is || inner.Value != Unsure || args[0].AsCall().FunctionName() != fnUnsure {
			return Rule{}, false
		}
		inner.Op = IsNot
		return inner, true
	}
	return Rule{}, false
}

func comparison(item ast.Expr, op Op, value ast.Expr) (Rule, bool) {
	if item.Kind() != ast.IdentKind || value.Kind() != ast.LiteralKind {
		return Rule{}, false
	}
	text, ok := scalarOf(value.AsLiteral())
	return Rule{Item: item.AsIdent(), Op: op, Value: text}, ok
}

func scalarOf(v ref.Val) (Scalar, bool) {
	switch v := v.(type) {
	case types.String:
		return Scalar(v), true
	case types.Int:
		return Scalar(strconv.FormatInt(int64(v), 10)), true
	case types.Double:
		return Scalar(strconv.FormatFloat(float64(v), 'f', -1, 64)), true
	}
	return "", false
}
