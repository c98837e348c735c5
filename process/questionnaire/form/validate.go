package form

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"arengo/process/fault"
)

// The longest texts accepted where the definition sets no bound, in characters.
const (
	ShortMax = 250
	LongMax  = 4000
)

// MaxLength is the most characters that a text item takes; 0 for other types.
func (i *Item) MaxLength() int {
	switch {
	case !i.Type.Textual():
		return 0
	case i.Max != nil:
		return int(*i.Max)
	case i.Type == ShortText:
		return ShortMax
	}
	return LongMax
}

// fits reports whether the answer is of the sort that the item takes.
func fits(item *Item, a Answer) bool {
	switch {
	case a.Blank():
		return true
	case a.Raw != "":
		return false
	case a.Unsure:
		return item.Type == Scale
	case item.Type == Note:
		return false
	case item.Type == Multiple:
		return len(a.List) > 0
	case item.Type.Numeric():
		return a.Number != nil && !math.IsNaN(*a.Number) && !math.IsInf(*a.Number, 0) &&
			(!whole(item) || (*a.Number == math.Trunc(*a.Number) && math.Abs(*a.Number) <= 1<<53))
	}
	return a.Text != ""
}

// Validate reports every problem of the items that the person sees, in the
// order of the questionnaire; empty means that the answers may be submitted.
// The error is an *EvalError.
func (f *Form) Validate(a Answers) (fault.List, error) {
	shown, err := f.shown(a)
	if err != nil {
		return nil, err
	}
	var list fault.List
	for n, page := range f.pages {
		if shown[n] {
			list = append(list, validate(page.Item, a[page.Item.Code])...)
		}
	}
	return list, nil
}

// ValidateItem reports the problems of one item's answer, whether it is shown
// or not; Field is the item's code.
func (f *Form) ValidateItem(code string, a Answer) fault.List {
	page, ok := f.Page(code)
	if !ok {
		return fault.List{fault.Field(code, "questionnaire.answer.unknown_item")}
	}
	return validate(page.Item, a)
}

func validate(item *Item, a Answer) fault.List {
	if item.Type == Note {
		return nil
	}
	if a.Blank() {
		if item.Required {
			return fault.List{fault.Field(item.Code, "questionnaire.answer.required_"+requiredForm(item.Type))}
		}
		return nil
	}
	if !fits(item, a) {
		return fault.List{unreadable(item, a)}
	}
	if a.Unsure {
		return validateUnsure(item)
	}
	switch item.Type {
	case Single, Municipality:
		return validateOne(item, a.Text)
	case Multiple:
		return validateMultiple(item, a.List)
	case Scale:
		return validateScale(item, *a.Number)
	case Number:
		return validateNumber(item, *a.Number)
	}
	return validateText(item, a.Text)
}

func requiredForm(t Type) string {
	switch t {
	case Single, Scale:
		return "choice"
	case Multiple:
		return "multiple"
	case Municipality:
		return "municipality"
	case Number:
		return "number"
	}
	return "text"
}

func unreadable(item *Item, a Answer) *fault.Error {
	switch {
	case item.Type == Number && whole(item) && a.Number != nil:
		return fault.Field(item.Code, "questionnaire.answer.not_whole")
	case item.Type == Number:
		return fault.Field(item.Code, "questionnaire.answer.not_number", "input", shorten(a.Raw))
	}
	return fault.Field(item.Code, "questionnaire.answer.option_unknown")
}

// shorten keeps what was typed recognisable in a message.
func shorten(s string) string {
	const most = 40
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

func validateUnsure(item *Item) fault.List {
	if item.Scale.Unsure.Empty() {
		return fault.List{fault.Field(item.Code, "questionnaire.answer.option_unknown")}
	}
	return nil
}

func validateOne(item *Item, code string) fault.List {
	if item.Option(code) == nil {
		return fault.List{fault.Field(item.Code, "questionnaire.answer.option_unknown")}
	}
	return nil
}

func validateMultiple(item *Item, codes []string) fault.List {
	var list fault.List
	exclusive := false
	for n, code := range codes {
		option := item.Option(code)
		if option == nil || slices.Contains(codes[:n], code) {
			return fault.List{fault.Field(item.Code, "questionnaire.answer.option_unknown")}
		}
		if option.Exclusive && len(codes) > 1 && !exclusive {
			exclusive = true
			list = append(list, fault.Field(item.Code, "questionnaire.answer.exclusive", "option", code))
		}
	}
	alone := len(codes) == 1 && item.Option(codes[0]).Exclusive
	if item.Min != nil && float64(len(codes)) < *item.Min && !alone {
		list = append(list, fault.Field(item.Code, "questionnaire.answer.too_few", "n", len(codes), "min", int(*item.Min)))
	}
	if item.Max != nil && float64(len(codes)) > *item.Max {
		list = append(list, fault.Field(item.Code, "questionnaire.answer.too_many",
			"n", len(codes)-int(*item.Max), "count", len(codes), "max", int(*item.Max)))
	}
	return list
}

func validateScale(item *Item, n float64) fault.List {
	if n < float64(item.Scale.Min) || n > float64(item.Scale.Max) {
		return fault.List{fault.Field(item.Code, "questionnaire.answer.option_unknown")}
	}
	return nil
}

func validateNumber(item *Item, n float64) fault.List {
	var list fault.List
	if digits := decimals(n); digits > item.Decimals {
		list = append(list, fault.Field(item.Code, "questionnaire.answer.decimals", "n", item.Decimals))
	}
	if item.Min != nil && n < *item.Min {
		list = append(list, fault.Field(item.Code, "questionnaire.answer.below", "min", plain(*item.Min)))
	}
	if item.Max != nil && n > *item.Max {
		list = append(list, fault.Field(item.Code, "questionnaire.answer.above", "max", plain(*item.Max)))
	}
	return list
}

func decimals(n float64) int {
	s := strconv.FormatFloat(n, 'f', -1, 64)
	for i := range len(s) {
		if s[i] == '.' {
			return len(s) - i - 1
		}
	}
	return 0
}

// plain is a bound as an argument of a message: an int when it is whole, so
// that it is written without a decimal sign.
func plain(n float64) any {
	if n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return int(n)
	}
	return n
}

func validateText(item *Item, s string) fault.List {
	count := utf8.RuneCountInString(s)
	if most := item.MaxLength(); count > most {
		return fault.List{fault.Field(item.Code, "questionnaire.answer.too_long",
			"n", count-most, "count", count, "max", most)}
	}
	if item.Min != nil && float64(count) < *item.Min {
		return fault.List{fault.Field(item.Code, "questionnaire.answer.too_short",
			"n", int(*item.Min)-count, "count", count, "min", int(*item.Min))}
	}
	return nil
}
