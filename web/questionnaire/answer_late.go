package questionnaire

import (
	"strings"

	"arengo/process/questionnaire/form"
)

// lateAnswer is an answer that nothing could be done with any more, shown to
// who gave it so that they can copy it. Question is "" when the item is not
// known.
type lateAnswer struct {
	Question, Text string
	Rows           int
}

// late gives the answer that the request brought; nil when it brought none.
func (a *answering) late() *lateAnswer {
	code := a.Param("item")
	if code == "" {
		return nil
	}
	var out lateAnswer
	var item *form.Item
	if f := a.visit.Form; f != nil {
		if p, ok := f.Page(code); ok {
			item, out.Question = p.Item, p.Item.Text.In(a.Lang)
		}
	}
	var said []string
	for _, v := range a.Values(code) {
		if v = strings.TrimSpace(v); v != "" {
			said = append(said, spoken(item, v, a.Lang))
		}
	}
	if len(said) == 0 {
		return nil
	}
	out.Text = strings.Join(said, "\n")
	out.Rows = min(2+strings.Count(out.Text, "\n")+len(out.Text)/60, 14)
	return &out
}

// spoken is a posted value in words: what was chosen rather than its code.
func spoken(item *form.Item, value, lang string) string {
	if item == nil {
		return value
	}
	for _, o := range item.Options {
		if o.Code == value {
			return o.Text.In(lang)
		}
	}
	if item.Type == form.Scale && value == form.Unsure {
		return item.Scale.Unsure.In(lang)
	}
	return value
}
