package form

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"arengo/process/fault"
)

// keepMax is the most characters of one answer that a draft keeps. It is far
// above any bound, so that a text that is too long can be mended.
const keepMax = 20_000

// Parse reads the posted values of one item (the field is named by the item's
// code) and reports what is wrong with them, as ValidateItem does. The answer
// always holds what the person typed, so that it can be kept in the draft and
// shown again; blank input gives a blank Answer, which records that the
// question was seen.
func (f *Form) Parse(code string, values url.Values) (Answer, fault.List) {
	page, ok := f.Page(code)
	if !ok {
		return Answer{}, f.ValidateItem(code, Answer{})
	}
	a := read(page.Item, values[code])
	return a, validate(page.Item, a)
}

func read(item *Item, posted []string) Answer {
	var values []string
	for _, v := range posted {
		if v = clean(v, item.Type == LongText); v != "" {
			values = append(values, v)
		}
	}
	if len(values) == 0 || item.Type == Note {
		return Answer{}
	}
	switch item.Type {
	case Multiple:
		return Answer{List: inOrder(item, values)}
	case Number, Scale:
		return readNumber(item, values[0])
	}
	return Answer{Text: values[0]}
}

// inOrder removes repetitions and puts codes in the order of the options, so
// that equal choices have equal JSON; unknown codes stay at the end.
func inOrder(item *Item, codes []string) []string {
	slices.Sort(codes)
	codes = slices.Compact(codes)
	place := func(code string) int {
		for n := range item.Options {
			if item.Options[n].Code == code {
				return n
			}
		}
		return len(item.Options)
	}
	slices.SortStableFunc(codes, func(a, b string) int { return place(a) - place(b) })
	return codes
}

// clean makes typed text storable: valid UTF-8, LF line ends, no control
// characters (PostgreSQL's jsonb refuses NUL), no white space around it.
func clean(s string, lines bool) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == '\t' && lines:
			return r
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if len(s) > keepMax {
		if r := []rune(s); len(r) > keepMax {
			s = string(r[:keepMax])
		}
	}
	return s
}

func readNumber(item *Item, input string) Answer {
	if item.Type == Scale && input == Unsure {
		return UnsureAnswer()
	}
	n, ok := parseNumber(input, whole(item))
	if !ok {
		return Answer{Raw: input}
	}
	return NumberAnswer(n)
}

var (
	signs    = regexp.MustCompile(`^([-−+]?)[ \x{a0}\x{202f}]*([0-9].*)$`)
	spaced   = regexp.MustCompile(`^[0-9]{1,3}([ \x{a0}\x{202f}’'][0-9]{3})+([.,][0-9]+)?$`)
	spaces   = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "’", "", "'", "")
	grouped  = regexp.MustCompile(`^-?[0-9]{1,3}([.,][0-9]{3})+$`)
	decimal  = regexp.MustCompile(`^-?[0-9]{1,15}([.,][0-9]{1,9})?$`)
	mixed    = regexp.MustCompile(`^-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]{1,9}$`)
	mixedEng = regexp.MustCompile(`^-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]{1,9}$`)
)

// parseNumber reads a number as Italians and others write it: 1.234, 1.234,5,
// 1 234, 1’234, 0,5 and 0.5, with one sign before it if any. Where a whole number is asked for, one sign
// before three digits groups thousands; elsewhere it is the decimal sign.
func parseNumber(input string, wholeOnly bool) (float64, bool) {
	m := signs.FindStringSubmatch(input)
	if m == nil {
		return 0, false
	}
	s := m[2]
	if spaced.MatchString(s) {
		s = spaces.Replace(s)
	}
	if m[1] == "-" || m[1] == "−" {
		s = "-" + s
	}
	switch {
	case wholeOnly && grouped.MatchString(s):
		s = strings.NewReplacer(".", "", ",", "").Replace(s)
	case mixed.MatchString(s):
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	case mixedEng.MatchString(s):
		s = strings.ReplaceAll(s, ",", "")
	case strings.Count(s, ",")+strings.Count(s, ".") > 1 && grouped.MatchString(s):
		s = strings.NewReplacer(".", "", ",", "").Replace(s)
	case decimal.MatchString(s):
		s = strings.ReplaceAll(s, ",", ".")
	default:
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n + 0, err == nil // + 0 turns -0 into 0
}
