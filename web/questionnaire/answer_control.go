package questionnaire

import (
	"strconv"
	"strings"

	"arengo/process/questionnaire/form"
	"arengo/web/page"
)

// control is how an item is answered: exactly one of its parts is set.
type control struct {
	Options *page.Options
	Scale   *page.Scale
	Input   *answerInput
	Note    *answerNote
}

// answerInput is a control whose label is the page's heading. Kind is "text",
// "textarea" or "select"; Limit is shown by the counter and enforced by the
// server, so that a text that is too long can be mended, not cut.
type answerInput struct {
	Key, Name, Label, Hint string
	Kind, Value, Mode      string
	Empty                  string
	Choices                []page.Choice
	Limit                  int
	Error                  string
}

// answerNote is an item that asks nothing.
type answerNote struct{ Heading, Text string }

// controlID is the id of an item's control; no other id of a page begins so.
func controlID(code string) string {
	if code == "" {
		return ""
	}
	return "d-" + code
}

func newControl(b page.Base, item *form.Item, a form.Answer) control {
	id, text, hint := controlID(item.Code), item.Text.In(b.Lang), answerHint(b, item)
	switch {
	case item.Type == form.Note:
		return control{Note: &answerNote{Heading: text, Text: item.Help.In(b.Lang)}}
	case item.Type == form.Single || item.Type == form.Multiple:
		return control{Options: &page.Options{
			ID: id, Name: item.Code, Legend: text, Heading: true, Hint: hint,
			Multiple: item.Type == form.Multiple, Choices: answerChoices(b.Lang, item, a),
		}}
	case item.Type == form.Scale:
		return control{Scale: newScale(b.Lang, item, a, hint)}
	}
	in := &answerInput{
		Key: id, Name: item.Code, Label: text, Hint: hint, Kind: "text", Value: a.Input(), Limit: item.MaxLength(),
	}
	switch item.Type {
	case form.LongText:
		in.Kind = "textarea"
	case form.Number:
		in.Mode, in.Value = numberMode(item), localNumber(b, a)
	case form.Municipality:
		in.Kind, in.Empty, in.Choices = "select", b.T("answer.choose"), answerChoices(b.Lang, item, a)
	}
	return control{Input: in}
}

func answerChoices(lang string, item *form.Item, a form.Answer) []page.Choice {
	out := make([]page.Choice, len(item.Options))
	for i, o := range item.Options {
		out[i] = page.Choice{Value: o.Code, Label: o.Text.In(lang), Selected: a.Has(o.Code)}
	}
	return out
}

func newScale(lang string, item *form.Item, a form.Answer, hint string) *page.Scale {
	s := &page.Scale{
		ID: controlID(item.Code), Name: item.Code, Legend: item.Text.In(lang), Heading: true, Hint: hint,
		Low: item.Scale.Min, High: item.Scale.Max, LowText: item.Scale.Low.In(lang), HighText: item.Scale.High.In(lang),
		Value: a.Input(),
	}
	if !item.Scale.Unsure.Empty() {
		s.None = &page.Choice{Value: form.Unsure, Label: item.Scale.Unsure.In(lang), Selected: a.Unsure}
	}
	return s
}

func numberMode(item *form.Item) string {
	if item.Decimals > 0 {
		return "decimal"
	}
	return "numeric"
}

// localNumber writes a number with the reader's decimal sign, and what could
// not be read as it was typed.
func localNumber(b page.Base, a form.Answer) string {
	if a.Number == nil {
		return a.Input()
	}
	return strings.Replace(a.Input(), ".", b.T("page.number.decimal"), 1)
}

// answerHint tells what the item expects: its help, and the bounds that the
// server will hold it to.
func answerHint(b page.Base, item *form.Item) string {
	var parts []string
	if !item.Required {
		parts = append(parts, b.T("answer.hint.optional"))
	}
	if help := item.Help.In(b.Lang); help != "" {
		parts = append(parts, help)
	}
	switch {
	case item.Type.Textual() && item.Max != nil:
		parts = append(parts, b.T("answer.hint.characters", "n", int(*item.Max)))
	case item.Type == form.Multiple && item.Max != nil:
		parts = append(parts, b.T("answer.hint.at_most", "n", int(*item.Max)))
	case item.Type == form.Multiple:
		parts = append(parts, b.T("answer.hint.several"))
	}
	return strings.Join(parts, " ")
}

// answerText is an answer in words, as the review shows it.
func answerText(b page.Base, item *form.Item, a form.Answer) string {
	switch {
	case a.Raw != "":
		return a.Raw
	case a.Unsure && item.Scale != nil:
		return item.Scale.Unsure.In(b.Lang)
	case a.Number != nil && item.Type == form.Scale:
		return b.T("answer.of", "n", strconv.Itoa(int(*a.Number)), "max", item.Scale.Max)
	case a.Number != nil:
		return localNumber(b, a)
	case item.Type.Choice():
		var texts []string
		for _, o := range item.Options {
			if a.Has(o.Code) {
				texts = append(texts, o.Text.In(b.Lang))
			}
		}
		return strings.Join(texts, ", ")
	}
	return a.Text
}
