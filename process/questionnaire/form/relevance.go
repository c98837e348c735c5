package form

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// state is what expressions may see of one person's answers. Items are added
// in the order of the questionnaire; a hidden one is as if never answered.
type state struct {
	form   *Form
	values []ref.Val // nil is unanswered
	given  []status
}

type status uint8

const (
	statusNone status = iota
	statusUnsure
	statusAnswered
)

func newState(f *Form) *state {
	return &state{form: f, values: make([]ref.Val, len(f.pages)), given: make([]status, len(f.pages))}
}

func (s *state) value(code string) ref.Val {
	if v := s.values[s.form.index[code]]; v != nil {
		return v
	}
	return types.NullValue
}

func (s *state) answered(code string) bool { return s.given[s.form.index[code]] != statusNone }

func (s *state) unsure(code string) bool { return s.given[s.form.index[code]] == statusUnsure }

func (s *state) set(n int, a Answer) {
	s.values[n], s.given[n] = valueOf(s.form.pages[n].Item, a)
}

// shown evaluates the condition of page n against the items set so far.
func (s *state) shown(n int) (bool, error) {
	e := s.form.shows[n]
	if e == nil {
		return true, nil
	}
	t, err := e.evaluate(s)
	if err != nil {
		return false, &EvalError{Item: s.form.pages[n].Item.Code, Err: err}
	}
	return t == True, nil
}

// valueOf is an answer as expressions see it. An answer of the wrong sort for
// its item, or one that could not be read, is missing.
func valueOf(item *Item, a Answer) (ref.Val, status) {
	if a.Blank() || !fits(item, a) {
		return nil, statusNone
	}
	switch {
	case a.Unsure:
		return nil, statusUnsure
	case item.Type == Multiple:
		return types.NewStringList(types.DefaultTypeAdapter, a.List), statusAnswered
	case item.Type.Numeric() && whole(item):
		return types.Int(int64(*a.Number)), statusAnswered
	case item.Type.Numeric():
		return types.Double(*a.Number), statusAnswered
	}
	return types.String(a.Text), statusAnswered
}

// shown computes relevance in one pass from the first page to the last, which
// is enough because a condition never looks ahead.
func (f *Form) shown(a Answers) ([]bool, error) {
	s, out := newState(f), make([]bool, len(f.pages))
	for n := range f.pages {
		ok, err := s.shown(n)
		if err != nil {
			return nil, err
		}
		if out[n] = ok; ok && f.needed[n] {
			s.set(n, a[f.pages[n].Item.Code])
		}
	}
	return out, nil
}

// Relevant says, for every item code, whether a person with these answers sees
// the item. The error is an *EvalError: an internal fault of an expression
// (division by zero, overflow, cost), never the person's doing.
func (f *Form) Relevant(a Answers) (map[string]bool, error) {
	shown, err := f.shown(a)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(shown))
	for n, ok := range shown {
		out[f.pages[n].Item.Code] = ok
	}
	return out, nil
}

// Submitted is what may be stored: the readable, non-blank answers of the
// items that the person sees. It does not validate; a draft is left as it is.
func (f *Form) Submitted(a Answers) (Answers, error) {
	shown, err := f.shown(a)
	if err != nil {
		return nil, err
	}
	out := Answers{}
	for n, page := range f.pages {
		answer, ok := a[page.Item.Code]
		if ok && shown[n] && !answer.Blank() && fits(page.Item, answer) {
			out[page.Item.Code] = answer
		}
	}
	return out, nil
}
