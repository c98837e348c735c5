package edit

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"arengo/workflow/definition"
	"arengo/workflow/strict"
)

// Place is where a line of a file stands: a state and the key in it, or a
// transition with the first state that it leaves. Both are "" in the head.
type Place struct {
	Begins     int // its first line
	State      string
	Field      string // "term", "reminders", "requires"; "" for the state or the transition itself
	Transition string
}

// Places are the places of a file, by line. A file that is no YAML has none.
func Places(source []byte) []Place {
	r := strict.New("")
	root := r.Root(source)
	if root == nil {
		return nil
	}
	out := []Place{{Begins: 1}}
	for _, head := range r.Pairs(root, strict.Plain("definition")) {
		out = append(out, Place{Begins: head.Line})
		switch head.Key {
		case "states":
			for _, s := range r.Pairs(head.Value, strict.Plain("states")) {
				out = append(out, Place{Begins: s.Line, State: s.Key})
				out = append(out, fields(r, s.Value, Place{State: s.Key})...)
			}
		case "transitions":
			r.Each(head.Value, strict.Plain("transitions"), func(n ast.Node) { out = append(out, ofTransition(r, n)...) })
		}
	}
	slices.SortStableFunc(out, func(a, b Place) int { return a.Begins - b.Begins })
	return out
}

func fields(r *strict.Reader, n ast.Node, in Place) []Place {
	var out []Place
	if n == nil {
		return nil
	}
	for _, p := range r.Pairs(n, strict.Plain("state")) {
		in.Begins, in.Field = p.Line, p.Key
		out = append(out, in)
	}
	return out
}

func ofTransition(r *strict.Reader, n ast.Node) []Place {
	in := Place{Begins: strict.Line(n)}
	for _, p := range r.Pairs(n, strict.Plain("transition")) {
		in.Begins = min(in.Begins, p.Line)
		switch p.Key {
		case "id":
			in.Transition, _ = strict.Scalar(p.Value)
		case "from":
			if from := r.Words(p.Value, strict.Plain("from"), nil); len(from) > 0 && from[0] != everywhere {
				in.State = from[0]
			}
		}
	}
	return append([]Place{in}, fields(r, n, in)...)
}

// Of is the place of a line.
func Of(places []Place, line int) Place {
	var out Place
	for _, p := range places {
		if p.Begins > line {
			break
		}
		out = p
	}
	return out
}

// Located is a problem with the place it is at.
type Located struct {
	Place
	definition.Problem
}

// Locate names the place of each problem of a source.
func Locate(source []byte, problems definition.Problems) []Located {
	places := Places(source)
	out := make([]Located, len(problems))
	for i, p := range problems {
		out[i] = Located{Of(places, p.Line), p}
	}
	return out
}
