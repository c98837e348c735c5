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
	States, Dates []string                          // of the process; nil accepts any, where they are not the definition's own
	Termless      func(field string) (state string) // a state whose term has no such value, or ""
}

// check looks for roles, counts, artefacts, kinds, states, dates and terms that
// do not exist.
func (n Names) check(root ast.NavigableExpr) []strict.Phrase {
	c := &looking{names: n}
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		c.member(e)
		if e.Kind() == ast.CallKind {
			c.call(e.AsCall())
		}
	}))
	return c.found
}

// looking collects the names of one expression that do not exist.
type looking struct {
	names Names
	found []strict.Phrase
}

func (c *looking) want(what strict.Phrase, word string, list []string) {
	if !slices.Contains(list, word) {
		c.found = append(c.found, strict.Say("unknown %s %q%s", what, word, strict.Suggest(word, list)))
	}
}

func (c *looking) member(e ast.Expr) {
	owner, field := member(e)
	switch {
	case owner == "counts":
		c.want(strict.Say("count"), field, c.names.Counts)
	case owner == "roles":
		c.want(strict.Say("role"), field, c.names.Roles)
	case owner == "dates" && c.names.Dates != nil:
		c.want(strict.Say("date"), field, c.names.Dates)
	case owner == "term":
		if state := c.names.Termless(field); state != "" {
			c.found = append(c.found, strict.Say("term.%s has no value in state %s", field, state))
		}
	}
}

func (c *looking) call(call ast.CallExpr) {
	switch name, args := call.FunctionName(), call.Args(); name {
	case "present", "published":
		if code, ok := only(args); ok {
			c.want(strict.Say("artefact"), code, c.names.Artefacts)
		}
	case operators.In:
		if code, ok := literal(args[0]); ok && c.names.Dates != nil && args[1].Kind() == ast.SelectKind && args[1].AsSelect().FieldName() == "dates" {
			c.want(strict.Say("date"), code, c.names.Dates)
		}
	case operators.Equals, operators.NotEquals:
		for i, arg := range args {
			if word, ok := literal(args[1-i]); ok && arg.Kind() == ast.SelectKind {
				c.compared(arg.AsSelect(), word)
			}
		}
	}
}

// compared looks at a field that is compared with a word.
func (c *looking) compared(s ast.SelectExpr, word string) {
	owner := ""
	if s.Operand().Kind() == ast.IdentKind {
		owner = s.Operand().AsIdent()
	}
	switch field := s.FieldName(); {
	case field == "kind" && c.names.Kinds != nil:
		c.want(strict.Say("kind"), word, c.names.Kinds)
	case c.names.States != nil && (field == "phase" || field == "state" && owner == "process"):
		c.want(strict.Say("state"), word, c.names.States)
	}
}

func only(args []ast.Expr) (string, bool) {
	if len(args) != 1 {
		return "", false
	}
	return literal(args[0])
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
