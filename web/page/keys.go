package page

import (
	"fmt"
	"text/template/parse"
)

// use is a function called with a constant first argument in a template.
type use struct{ function, argument, where string }

// uses collects the calls with constant first arguments in the trees, and the
// templates that each tree calls.
func uses(tree *parse.Tree) (calls []use, templates []string) {
	if tree == nil || tree.Root == nil {
		return nil, nil
	}
	walk(tree.Root, func(n parse.Node) {
		switch n := n.(type) {
		case *parse.TemplateNode:
			templates = append(templates, n.Name)
		case *parse.CommandNode:
			if len(n.Args) < 2 {
				return
			}
			f, isCall := n.Args[0].(*parse.IdentifierNode)
			arg, isText := n.Args[1].(*parse.StringNode)
			if isCall && isText {
				where, _ := tree.ErrorContext(n)
				calls = append(calls, use{f.Ident, arg.Text, where})
			}
		}
	})
	return calls, templates
}

// walk visits every node below n, n included.
func walk(n parse.Node, visit func(parse.Node)) {
	switch n := n.(type) {
	case nil:
		return
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, c := range n.Nodes {
			walk(c, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.IfNode:
		branch(&n.BranchNode, visit)
	case *parse.RangeNode:
		branch(&n.BranchNode, visit)
	case *parse.WithNode:
		branch(&n.BranchNode, visit)
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, c := range n.Cmds {
			walk(c, visit)
		}
	case *parse.CommandNode:
		visit(n)
		for _, a := range n.Args {
			walk(a, visit)
		}
	case *parse.TemplateNode:
		visit(n)
		walk(n.Pipe, visit)
	}
}

func branch(n *parse.BranchNode, visit func(parse.Node)) {
	walk(n.Pipe, visit)
	walk(n.List, visit)
	walk(n.ElseList, visit)
}

// checkUses reports the first constant that names no text, asset or icon.
func (r *Renderer) checkUses(calls []use) error {
	for _, u := range calls {
		ok := true
		switch u.function {
		case "t", "th":
			ok = r.cat.Has(u.argument)
		case "asset":
			ok = r.assets.Has(u.argument)
		case "icon":
			ok = r.assets.HasIcon(u.argument)
		}
		if !ok {
			return fmt.Errorf("%s: %s %q does not exist", u.where, u.function, u.argument)
		}
	}
	return nil
}
