package catalogue

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// formatters are the functions of a source that say whatever value they are
// given, and those of Go's own templates that choose.
var formatters = []string{"ending", "each", "day", "at", "eq", "and", "or", "not", "len"}

// sources reads the texts of a kind in every language, holds what they say
// against what is declared, and gives the common variables that they say.
func (r *reader) sources(file string, lines map[string]int, k Kind) (common []int) {
	said := map[string]bool{}
	for _, locale := range locales {
		name := path.Join(k.Name, locale+".md")
		raw, err := fs.ReadFile(r.from, name)
		if err != nil {
			r.bad(name, 0, "%s has no text in %q", k.Name, locale)
			continue
		}
		source := Typeset(locale, string(raw))
		r.out.sources[k.Name+"/"+locale] = source
		tree := parse.New(name)
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(source, "", "", map[string]*parse.Tree{}); err != nil {
			r.problems = append(r.problems, err) // names file and line
			continue
		}
		w := &walker{reader: r, file: name, source: source, kind: k, said: said}
		w.list(tree.Root, "")
	}
	for i, f := range k.Fields {
		if at := fmt.Sprintf("$.fields[%d]", i); !said[own+f.Name] {
			r.bad(file, lines[at+".name"], "no text says %s", f.Name)
		}
		for j, inner := range f.Fields {
			if !said[own+f.Name+"."+inner.Name] {
				r.bad(file, lines[fmt.Sprintf("$.fields[%d].fields[%d].name", i, j)], "no text says %s of %s", inner.Name, f.Name)
			}
		}
	}
	for i, s := range r.out.common {
		if slices.ContainsFunc(append(s.Reads, s.Says...), func(word string) bool { return said[word] }) {
			common = append(common, i)
		}
	}
	return common
}

// The fields of templates.Facts in which a kind's own values stand.
const (
	own  = ".Extra."
	rows = ".Lists."
)

// walker goes through the actions of one text. Paths begin at the facts, however
// deep in `with` and `range` they stand.
type walker struct {
	*reader

	file, source string
	kind         Kind
	said         map[string]bool
}

func (w *walker) bad(n parse.Node, format string, args ...any) {
	line := 1 + strings.Count(w.source[:int(n.Position())], "\n")
	w.reader.bad(w.file, line, format, args...)
}

// list walks the nodes of a text in which the dot is the value at a path.
func (w *walker) list(l *parse.ListNode, dot string) {
	if l == nil {
		return
	}
	for _, node := range l.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
		case *parse.ActionNode:
			w.printed(n, w.pipe(n.Pipe, dot))
		case *parse.IfNode:
			w.branch(n.BranchNode, dot, false)
		case *parse.WithNode:
			w.branch(n.BranchNode, dot, true)
		case *parse.RangeNode:
			w.branch(n.BranchNode, dot, true)
		default:
			w.bad(n, "%s has no place in a notice", n)
		}
	}
}

func (w *walker) branch(n parse.BranchNode, dot string, moves bool) {
	inner := w.pipe(n.Pipe, dot)
	if !moves {
		inner = dot
	}
	w.list(n.List, inner)
	w.list(n.ElseList, dot)
}

// printed notes a flag or a list that is written out.
func (w *walker) printed(n parse.Node, what string) {
	if f, ok := w.field(what); ok && !f.sayable() {
		w.bad(n, "%s is a %s and no text", f.Name, f.Type)
	}
}

// made stands for the path of a value that a function made: it has no fields.
const made = "?"

// pipe gives the path of its value.
func (w *walker) pipe(p *parse.PipeNode, dot string) (what string) {
	if len(p.Decl) > 0 || len(p.Cmds) != 1 {
		w.bad(p, "%s: a notice says one thing in each pair of braces", p)
		return ""
	}
	args := p.Cmds[0].Args
	if f, ok := args[0].(*parse.IdentifierNode); ok {
		w.function(f)
		for _, arg := range args[1:] {
			w.value(arg, dot)
		}
		return made
	}
	for _, arg := range args {
		what = w.value(arg, dot)
	}
	return what
}

func (w *walker) function(n *parse.IdentifierNode) {
	if slices.Contains(formatters, n.Ident) {
		return
	}
	i := slices.IndexFunc(w.out.common, func(s shared) bool { return slices.Contains(s.Says, n.Ident) })
	if i >= 0 {
		w.said[n.Ident] = true
		for _, name := range w.out.common[i].With {
			w.declared(n, own+name)
		}
		return
	}
	w.bad(n, "no function is called %s", n.Ident)
}

// value gives the path of an argument, and notes one that nobody declared.
func (w *walker) value(node parse.Node, dot string) (what string) {
	switch n := node.(type) {
	case *parse.PipeNode:
		return w.pipe(n, dot)
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		what = dot + "." + strings.Join(n.Ident, ".")
	case *parse.VariableNode: // "$" alone is the facts
		if what = strings.Join(n.Ident[1:], "."); n.Ident[0] != "$" || what == "" {
			return ""
		}
		what = "." + what
	case *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
		return ""
	default:
		w.bad(n, "%s has no place in a notice", n)
		return ""
	}
	w.declared(node, what)
	return what
}

func (w *walker) declared(n parse.Node, what string) {
	if _, ok := w.field(what); ok {
		name := strings.TrimPrefix(strings.TrimPrefix(what, own), rows)
		list, _, _ := strings.Cut(name, ".")
		w.said[own+list], w.said[own+name] = true, true
		return
	}
	if slices.ContainsFunc(w.out.common, func(s shared) bool { return slices.Contains(s.Reads, what) }) {
		w.said[what] = true
		return
	}
	w.bad(n, "%s is declared neither in %s/notice.yaml nor in common.yaml", what, w.kind.Name)
}

// field finds the field of the kind at a path: its own, or that of a row.
func (w *walker) field(what string) (Field, bool) {
	name, isOwn := strings.CutPrefix(what, own)
	if !isOwn {
		list, ok := strings.CutPrefix(what, rows)
		if !ok {
			return Field{}, false
		}
		name = list
	}
	list, inner, isRow := strings.Cut(name, ".")
	i := slices.IndexFunc(w.kind.Fields, func(f Field) bool { return f.Name == list && (f.Type == List) != isOwn })
	if i < 0 {
		return Field{}, false
	}
	if !isRow {
		return w.kind.Fields[i], true
	}
	j := slices.IndexFunc(w.kind.Fields[i].Fields, func(f Field) bool { return f.Name == inner })
	if j < 0 {
		return Field{}, false
	}
	return w.kind.Fields[i].Fields[j], true
}
