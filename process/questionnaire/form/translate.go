package form

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
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
