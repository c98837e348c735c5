package form

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Op compares an earlier answer with a value.
type Op string

// The comparisons. Is and IsNot take one option, a number or a text; AtMost
// and AtLeast a number; Includes an option of a multiple choice; Answered
// takes no value.
const (
	Is       Op = "is"
	IsNot    Op = "is_not"
	AtMost   Op = "at_most"
	AtLeast  Op = "at_least"
	Includes Op = "includes"
	Answered Op = "answered"
)

// Unsure is the value that stands for the way out of a scale, in a rule and in
// a posted form.
const Unsure = "unsure"

// Condition says when an item is shown: when all of its rules hold, or any of
// them. Expr is a CEL expression instead of rules, for what the rules cannot
// say; the builder shows it read-only. A definition holds one or the other.
type Condition struct {
	All   bool   `json:"all,omitempty" yaml:"all,omitempty"`
	Rules []Rule `json:"rules,omitempty" yaml:"rules,omitempty"`
	Expr  string `json:"expr,omitempty" yaml:"expr,omitempty"`
}

// Rule compares one earlier answer: the item's code, the comparison, and the
// value as the form posts it (an option's code, a number, a text).
type Rule struct {
	Item  string `json:"item" yaml:"item"`
	Op    Op     `json:"op" yaml:"op"`
	Value Scalar `json:"value,omitempty" yaml:"value,omitempty"`
}

// Scalar is a rule's value. It is stored as a JSON string, and read from a
// string or a number, so that YAML written by hand need not quote.
type Scalar string

// UnmarshalJSON reads a string or a number.
func (s *Scalar) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*s = Scalar(text)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return fmt.Errorf("value must be a text or a number: %s", data)
	}
	*s = Scalar(n.String())
	return nil
}

// UnmarshalYAML reads any YAML scalar as it is written.
func (s *Scalar) UnmarshalYAML(unmarshal func(any) error) error {
	var v any
	if err := unmarshal(&v); err != nil {
		return err
	}
	switch v := v.(type) {
	case string:
		*s = Scalar(v)
	case float64:
		*s = Scalar(strconv.FormatFloat(v, 'f', -1, 64))
	case int, int64, uint64, bool:
		*s = Scalar(fmt.Sprint(v))
	default:
		return fmt.Errorf("value must be a text or a number, not %T", v)
	}
	return nil
}

// Empty reports whether the condition says nothing, so that the item is
// always shown.
func (c *Condition) Empty() bool {
	return c == nil || (len(c.Rules) == 0 && strings.TrimSpace(c.Expr) == "")
}

// Truth is the outcome of a condition in three values.
type Truth int

// The three values. Unknown is what a comparison with a missing answer gives.
const (
	False Truth = iota
	True
	Unknown
)

// An EvalError is a fault inside an expression: division by zero, overflow, a
// cost above the bound. It is ours to mend, not the participant's.
type EvalError struct {
	Item string // the item whose condition failed
	Err  error
}

// Error names the item and the cause; it holds no answer.
func (e *EvalError) Error() string { return fmt.Sprintf("condition of item %s: %v", e.Item, e.Err) }

// Unwrap gives the cause.
func (e *EvalError) Unwrap() error { return e.Err }
