package form

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
)

// conditions checks every show-if: what it refers to, whether it is well
// formed, cycles, and whether it can ever hold.
func (c *checker) conditions() {
	items := c.def.Items()
	known, declared := map[string]*Item{}, []*Item{}
	for _, item := range items {
		usable := codePattern.MatchString(item.Code) && !reserved[item.Code] && known[item.Code] == nil
		if item.Type != Note && item.Type.Valid() && usable {
			known[item.Code] = item
			declared = append(declared, item)
		}
	}
	env, err := newEnv(declared)
	if err != nil {
		c.add(SeverityError, Problem{Field: "sections"}, "expression", "reason", err.Error())
		return
	}
	edges := map[string][]string{}
	sound := map[string]bool{}
	compiled := map[string]*expression{}
	for n, item := range items {
		if item.ShowIf.Empty() {
			sound[item.Code] = true
			continue
		}
		if c.index[item.Code] != n {
			continue // a duplicate code; reported already
		}
		before := len(c.found)
		e := c.condition(env, known, item)
		if e != nil {
			compiled[item.Code], edges[item.Code] = e, e.items
			c.backwards(item, n, e.items)
		}
		sound[item.Code] = len(c.found) == before && e != nil
	}
	c.cycles(items, edges)
	c.reach(items, compiled, sound)
}

// condition checks one show-if by itself; nil when it cannot be compiled.
func (c *checker) condition(env *cel.Env, known map[string]*Item, item *Item) *expression {
	cond := item.ShowIf
	if len(cond.Rules) > 0 && strings.TrimSpace(cond.Expr) != "" {
		c.fail(item, "show_if", "show_if_both")
		return nil
	}
	before := len(c.found)
	for n, rule := range cond.Rules {
		c.rule(known, item, rule, n)
	}
	if len(c.found) > before {
		return nil
	}
	source, err := cond.CEL(c.def)
	if err != nil {
		c.fail(item, "show_if", "expression", "reason", err.Error())
		return nil
	}
	if unknown := unknownItem(known, source); unknown != "" {
		c.fail(item, "show_if", "show_if_unknown", "other", unknown)
		return nil
	}
	e, err := compileExpression(env, known, source)
	if err != nil {
		c.fail(item, "show_if", "expression", "reason", firstLine(err))
		return nil
	}
	return e
}

func (c *checker) rule(known map[string]*Item, item *Item, rule Rule, n int) {
	other := known[rule.Item]
	switch {
	case rule.Item == "":
		c.fail(item, "show_if", "show_if_incomplete", "n", n+1)
		return
	case other == nil && c.def.Item(rule.Item) != nil && c.def.Item(rule.Item).Type == Note:
		c.fail(item, "show_if", "show_if_note", "other", c.def.Item(rule.Item).Words(Languages[0]))
		return
	case other == nil:
		c.fail(item, "show_if", "show_if_gone")
		return
	case !allowed(other.Type, rule.Op):
		c.fail(item, "show_if", "show_if_op", "n", n+1, "other", c.numbers[rule.Item])
		return
	case rule.Op == Answered:
		return
	case rule.Value == "":
		c.fail(item, "show_if", "show_if_incomplete", "n", n+1)
		return
	}
	if other.Type.Choice() && other.Option(string(rule.Value)) == nil {
		c.fail(item, "show_if", "show_if_option", "other", c.numbers[rule.Item], "option", string(rule.Value))
		return
	}
	if _, err := rule.cel(other); err != nil {
		c.fail(item, "show_if", "show_if_value", "other", c.numbers[rule.Item], "value", string(rule.Value))
	}
}

// unknownItem finds a name in a hand-written expression that is no item.
func unknownItem(known map[string]*Item, source string) string {
	env, err := cel.NewEnv(cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(maxNesting))
	if err != nil {
		return ""
	}
	parsed, issues := env.Parse(source)
	if issues.Err() != nil {
		return ""
	}
	for _, name := range freeNames(parsed.NativeRep().Expr(), nil) {
		if known[name] == nil {
			return name
		}
	}
	return ""
}

// firstLine is a compiler's message without the drawing under it.
func firstLine(err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	return strings.TrimPrefix(line, "ERROR: <input>:")
}

// backwards refuses references to the item itself and to later ones.
func (c *checker) backwards(item *Item, n int, refs []string) {
	for _, code := range refs {
		switch at := c.index[code]; {
		case at == n:
			c.fail(item, "show_if", "show_if_self")
		case at > n:
			c.fail(item, "show_if", "show_if_later", "other", c.numbers[code])
		}
	}
}

// cycles reports each ring of items that wait for one another, once.
func (c *checker) cycles(items []*Item, edges map[string][]string) {
	reported := map[string]bool{}
	for _, item := range items {
		ring := ringFrom(item.Code, edges)
		if len(ring) < 2 || reported[item.Code] {
			continue
		}
		names := make([]string, len(ring))
		for n, code := range ring {
			reported[code] = true
			names[n] = c.where(Problem{Item: code, Number: c.numbers[code]})
		}
		c.fail(item, "show_if", "show_if_cycle", "items", strings.Join(names, "; "))
	}
}

// ringFrom finds a shortest way from an item back to itself, itself first.
func ringFrom(start string, edges map[string][]string) []string {
	from := map[string]string{}
	queue := []string{start}
	for len(queue) > 0 {
		code := queue[0]
		queue = queue[1:]
		for _, next := range edges[code] {
			if next == start {
				ring := []string{code}
				for code != start {
					code = from[code]
					ring = append(ring, code)
				}
				slices.Reverse(ring)
				return ring
			}
			if _, met := from[next]; !met {
				from[next] = code
				queue = append(queue, next)
			}
		}
	}
	return nil
}

// where names an item without its code, which nobody who writes questions knows.
func (c *checker) where(p Problem) string {
	item := c.def.Item(p.Item)
	if item == nil {
		return ""
	}
	words := item.Words(Languages[0])
	switch {
	case p.Number == 0:
		return cmp.Or(words, "·")
	case words == "":
		return strconv.Itoa(p.Number)
	}
	return strconv.Itoa(p.Number) + ", “" + words + "”"
}
