package form

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Answer is what a person gave to one item. At most one of its parts is set;
// none is the answer of somebody who saw the question and left it blank.
//
// As JSON it is the bare value, so that stored answers can be read without this
// package: a string (text, or the code of the one option chosen), a list of
// codes, a number, null for blank, {"unsure": true}, or {"raw": "…"} for input
// that could not be read and is kept for the person to mend.
type Answer struct {
	Text   string
	List   []string
	Number *float64
	Unsure bool
	Raw    string
}

// Answers holds the answers of one person by item code. A missing key is a
// question never seen, an empty Answer one that was left blank.
type Answers map[string]Answer

// TextAnswer is an answer in words, or the one option chosen, by its code.
func TextAnswer(s string) Answer { return Answer{Text: s} }

// ListAnswer is the set of options chosen, by their codes.
func ListAnswer(codes ...string) Answer { return Answer{List: codes} }

// NumberAnswer is a number or a step of a scale.
func NumberAnswer(n float64) Answer { return Answer{Number: &n} }

// UnsureAnswer is the way out of a scale.
func UnsureAnswer() Answer { return Answer{Unsure: true} }

// Blank reports whether nothing at all was given.
func (a Answer) Blank() bool {
	return a.Text == "" && len(a.List) == 0 && a.Number == nil && !a.Unsure && a.Raw == ""
}

// Has reports whether the option or scale step with this code is chosen: what
// a page needs for "checked" and "selected".
func (a Answer) Has(code string) bool {
	switch {
	case a.Number != nil:
		return a.Input() == code
	case a.Unsure:
		return code == Unsure
	case a.Text != "":
		return a.Text == code
	}
	return slices.Contains(a.List, code)
}

// Input is the answer as the value of a text field: the text, the number with
// a full stop, or the raw input that could not be read.
func (a Answer) Input() string {
	switch {
	case a.Raw != "":
		return a.Raw
	case a.Number != nil:
		return strconv.FormatFloat(*a.Number, 'f', -1, 64)
	}
	return a.Text
}

// Equal compares two answers by value.
func (a Answer) Equal(b Answer) bool {
	if (a.Number == nil) != (b.Number == nil) || (a.Number != nil && *a.Number != *b.Number) {
		return false
	}
	return a.Text == b.Text && slices.Equal(a.List, b.List) && a.Unsure == b.Unsure && a.Raw == b.Raw
}

type special struct {
	Unsure bool   `json:"unsure,omitempty"`
	Raw    string `json:"raw,omitempty"`
}

// MarshalJSON writes the bare value.
func (a Answer) MarshalJSON() ([]byte, error) {
	switch {
	case a.Raw != "":
		return json.Marshal(special{Raw: a.Raw})
	case a.Unsure:
		return json.Marshal(special{Unsure: true})
	case a.Number != nil:
		return json.Marshal(*a.Number)
	case len(a.List) > 0:
		return json.Marshal(a.List)
	case a.Text != "":
		return json.Marshal(a.Text)
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Answer) UnmarshalJSON(data []byte) error {
	*a = Answer{}
	if len(data) == 0 {
		return fmt.Errorf("answer: empty JSON")
	}
	switch data[0] {
	case 'n':
		return nil
	case '"':
		return json.Unmarshal(data, &a.Text)
	case '[':
		return json.Unmarshal(data, &a.List)
	case '{':
		var s special
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		a.Unsure, a.Raw = s.Unsure, s.Raw
		return nil
	}
	return json.Unmarshal(data, &a.Number)
}
