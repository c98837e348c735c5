package templates

import (
	"errors"
	"reflect"
	"slices"

	"arengo/notify/mail"
)

// Series renders messages of which many differ only in whom they greet and where
// their links lead. Once a message comes a second time but for these, what it says
// is kept as a form, and only the personal places are filled in: the page is the
// same, byte by byte, as that of Render, and costs a fiftieth. The zero Series is
// ready; it is for one goroutine at a time.
type Series struct {
	known []*shared // the last one first
}

// remembered is how many a series knows: a batch has few notices and languages.
const remembered = 12

// shared is what several messages have in common.
type shared struct {
	kind  string
	facts Facts // without what is personal
	form  *form // once it was worth making, and could be
	whole bool  // it could not be
}

// common leaves out what is personal, but for whether it is there at all: a source
// may ask that.
func (f Facts) common() Facts {
	r := &f.Recipient
	for _, s := range []*string{&r.Name, &r.Link, &r.UnsubscribeURL} {
		if mail.Line(*s) != "" {
			*s = "x"
		} else {
			*s = ""
		}
	}
	return f
}

// Render is the function of that name.
func (s *Series) Render(kind string, f Facts) (Page, error) {
	common := f.common()
	i := slices.IndexFunc(s.known, func(k *shared) bool {
		return k.kind == kind && reflect.DeepEqual(&k.facts, &common) //nolint:govet // what holds errors is the templates of a text of Wordings, and the same text is the same pointer
	})
	if i < 0 {
		s.known = append([]*shared{{kind: kind, facts: common}}, s.known[:min(len(s.known), remembered-1)]...)
		return Render(kind, f)
	}
	k := s.known[i]
	copy(s.known[1:i+1], s.known[:i])
	s.known[0] = k
	if k.form == nil && !k.whole {
		form, page, err := formOf(kind, f)
		if err != nil {
			k.whole = true
			return Render(kind, f)
		}
		k.form = form
		return page, nil
	}
	if k.whole {
		return Render(kind, f)
	}
	return k.form.page(f.Recipient), nil
}

// errForm says that a form does not give what Render gives: a source does more
// with what is personal than to show it.
var errForm = errors.New("the message says what is personal in a way of its own")

// formOf makes the form of a message and its page, after holding both ways of
// rendering against each other.
func formOf(kind string, f Facts) (*form, Page, error) {
	want, err := Render(kind, f)
	if err != nil {
		return nil, Page{}, err
	}
	marked, marks := f.marked()
	raw, err := execute(kind, marked)
	if err != nil {
		return nil, Page{}, err
	}
	form, err := newForm(raw, marks)
	if err != nil {
		return nil, Page{}, err
	}
	if page := form.page(f.Recipient); page != want {
		return nil, Page{}, errForm
	}
	return form, want, nil
}
