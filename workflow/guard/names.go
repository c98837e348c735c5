package guard

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"arengo/workflow/strict"
)

// Names are the words that an expression may use where CEL sees mere map keys
// or strings.
type Names struct {
	Counts, Roles []string
	Artefacts     []string                          // codes
	Kinds         []string                          // of activities; nil accepts any
	Termless      func(field string) (state string) // a state whose term has no such value, or ""
}

// check looks for roles, counts, artefacts, kinds and terms that do not exist.
func (n Names) check(root ast.NavigableExpr) []strict.Phrase {
	var out []strict.Phrase
	want := func(what strict.Phrase, word string, list []string) {
		if !slices.Contains(list, word) {
			out = append(out, strict.Say("unknown %s %q%s", what, word, strict.Suggest(word, list)))
		}
	}
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		owner, field := member(e)
		switch {
		case owner == "counts":
			want(strict.Say("count"), field, n.Counts)
		case owner == "roles":
			want(strict.Say("role"), field, n.Roles)
		case owner == "term":
			if state := n.Termless(field); state != "" {
				out = append(out, strict.Say("term.%s has no value in state %s", field, state))
			}
		}
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		if name := call.FunctionName(); (name == "present" || name == "published") && len(call.Args()) == 1 {
			if code, ok := literal(call.Args()[0]); ok {
				want(strict.Say("artefact"), code, n.Artefacts)
			}
		}
		if name := call.FunctionName(); n.Kinds != nil && (name == operators.Equals || name == operators.NotEquals) {
			for i, arg := range call.Args() {
				other, ok := literal(call.Args()[1-i])
				if arg.Kind() == ast.SelectKind && arg.AsSelect().FieldName() == "kind" && ok {
					want(strict.Say("kind"), other, n.Kinds)
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
