package form

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// Limits of the search for answers that show an item. Beyond them nothing is
// claimed: a condition that could not be searched is not called impossible.
const (
	maxTries   = 20_000
	maxSubsets = 6
)

// reach reports the items whose condition can never hold, whatever anybody
// answers. It tries every combination of answers that could make a difference
// to the item's condition and to the conditions of the items it asks about.
func (c *checker) reach(items []*Item, compiled map[string]*expression, sound map[string]bool) {
	if Errors(c.found) > 0 && !c.buildable() {
		return
	}
	f := &Form{def: *c.def, index: c.index, shows: make([]*expression, len(items))}
	for n, item := range items {
		f.pages = append(f.pages, Page{Item: item, Index: n})
		if sound[item.Code] {
			f.shows[n] = compiled[item.Code]
		}
	}
	for n, item := range items {
		if f.shows[n] == nil {
			continue
		}
		s := search{form: f, target: n, sound: sound}
		if s.prepare() && !s.possible() {
			c.fail(item, "show_if", "never_shown")
		}
	}
}

// buildable reports whether the codes are in order, so that places and codes
// stand for the same items.
func (c *checker) buildable() bool {
	for _, p := range c.found {
		switch p.Code {
		case "code_duplicate", "code_invalid", "type_unknown", "too_many_items":
			return false
		}
	}
	return true
}

// search looks for answers that show one item.
type search struct {
	form   *Form
	target int
	sound  map[string]bool
	chain  []int // the items that matter, in order, the target last
	tries  [][]Answer
	left   int
}

// prepare gathers the items that matter and the answers worth trying; false
// when the search would be too long or could not be complete.
func (s *search) prepare() bool {
	if !s.gather(s.target) {
		return false
	}
	slices.Sort(s.chain)
	simple := true
	var constants []any
	for _, n := range s.chain {
		if e := s.form.shows[n]; e != nil {
			simple = simple && e.simple
			constants = literals(e.root, constants)
		}
	}
	for _, n := range s.chain[:len(s.chain)-1] {
		item := s.form.pages[n].Item
		tries, ok := candidates(item, constants, simple)
		if !ok {
			return false
		}
		s.tries = append(s.tries, tries)
	}
	s.left = maxTries
	return true
}

func (s *search) gather(n int) bool {
	if slices.Contains(s.chain, n) {
		return true
	}
	if !s.sound[s.form.pages[n].Item.Code] {
		return false
	}
	s.chain = append(s.chain, n)
	if e := s.form.shows[n]; e != nil {
		for _, code := range e.items {
			if !s.gather(s.form.index[code]) {
				return false
			}
		}
	}
	return true
}

// possible reports whether some answers show the target, or whether the search
// was given up.
func (s *search) possible() bool { return s.try(newState(s.form), 0) }

func (s *search) try(st *state, at int) bool {
	if s.left--; s.left < 0 {
		return true
	}
	n := s.chain[at]
	shown, err := st.shown(n)
	if err != nil {
		return true
	}
	if n == s.target {
		return shown
	}
	if !shown {
		st.set(n, Answer{})
		return s.try(st, at+1)
	}
	for _, a := range s.tries[at] {
		st.set(n, a)
		if s.try(st, at+1) {
			return true
		}
	}
	st.set(n, Answer{})
	return false
}

// candidates lists the answers of an item that conditions with these constants
// can tell apart; ok is false when there are too many, or when the conditions
// compute with free values.
func candidates(item *Item, constants []any, simple bool) (list []Answer, ok bool) {
	switch {
	case item.Type.One():
		for _, o := range item.Options {
			list = append(list, TextAnswer(o.Code))
		}
	case item.Type == Multiple:
		if list, ok = subsets(item, constants, simple); !ok {
			return nil, false
		}
	case item.Type == Scale:
		for _, v := range item.Steps() {
			list = append(list, NumberAnswer(float64(v)))
		}
		if item.Scale != nil && !item.Scale.Unsure.Empty() {
			list = append(list, UnsureAnswer())
		}
	case !simple:
		return nil, false
	case item.Type == Number:
		list = numbers(item, constants)
	default:
		list = append(list, TextAnswer("\u2026"))
		for _, v := range constants {
			if text, isText := v.(string); isText && text != "" {
				list = append(list, TextAnswer(text))
			}
		}
	}
	if !item.Required {
		list = append(list, Answer{})
	}
	return list, true
}

func numbers(item *Item, constants []any) []Answer {
	scale := math.Pow10(item.Decimals)
	step := 1 / scale
	points := []float64{0}
	for _, b := range []*float64{item.Min, item.Max} {
		if b != nil {
			points = append(points, *b)
		}
	}
	for _, v := range constants {
		if n, ok := v.(float64); ok {
			points = append(points, n-step, n, n+step, n+step/2)
		}
	}
	var list []Answer
	for _, p := range points {
		p = math.Round(p*scale) / scale
		if (item.Min == nil || p >= *item.Min) && (item.Max == nil || p <= *item.Max) {
			list = append(list, NumberAnswer(p))
		}
	}
	return list
}

// subsets lists the choices that conditions can tell apart: every set of the
// options they mention, with one option that they do not.
func subsets(item *Item, constants []any, simple bool) ([]Answer, bool) {
	var named []string
	other := ""
	for _, o := range item.Options {
		if !simple || slices.Contains(constants, any(o.Code)) {
			named = append(named, o.Code)
		} else if !o.Exclusive {
			other = o.Code
		}
	}
	if len(named) > maxSubsets {
		return nil, false
	}
	var list []Answer
	for bits := range 1 << len(named) {
		var codes []string
		for n, code := range named {
			if bits&(1<<n) != 0 {
				codes = append(codes, code)
			}
		}
		if len(codes) == 0 && other != "" {
			codes = append(codes, other)
		}
		if len(codes) > 0 && choosable(item, codes) {
			list = append(list, ListAnswer(codes...))
		}
	}
	return list, true
}

// choosable reports whether the item's upper bound and exclusive options allow
// these codes together.
func choosable(item *Item, codes []string) bool {
	if item.Max != nil && float64(len(codes)) > *item.Max {
		return false
	}
	for _, code := range codes {
		if o := item.Option(code); o != nil && o.Exclusive && len(codes) > 1 {
			return false
		}
	}
	return true
}

// literals collects the constants of an expression: string and float64.
func literals(e ast.Expr, out []any) []any {
	visit(e, func(e ast.Expr) {
		if e.Kind() != ast.LiteralKind {
			return
		}
		switch v := e.AsLiteral().(type) {
		case types.String:
			out = append(out, string(v))
		case types.Int:
			out = append(out, float64(v))
		case types.Double:
			out = append(out, float64(v))
		}
	})
	return out
}
