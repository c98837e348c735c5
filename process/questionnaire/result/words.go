package result

import (
	"math"
	"strconv"
	"strings"
)

// Words writes figures in one language. T is the catalogue (page.T): the text
// of a key in a language, its {name} placeholders filled. The keys used are
// questionnaire.result.* and page.number.*.
type Words struct {
	Lang string
	T    func(lang, key string, args map[string]any) string
}

// text looks up questionnaire.result.KEY; the arguments alternate name, value.
func (w Words) text(key string, args ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return w.T(w.Lang, "questionnaire.result."+key, m)
}

// Number writes v rounded half away from zero to at most that many decimals,
// without trailing zeros: 1.046, 2,5.
func (w Words) Number(v float64, decimals int) string {
	s := w.fixed(v, decimals)
	sign := w.T(w.Lang, "page.number.decimal", nil)
	if strings.Contains(s, sign) {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), sign)
	}
	return s
}

func (w Words) fixed(v float64, decimals int) string {
	scale := math.Pow10(decimals)
	v = math.Round(v*scale) / scale
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	digits, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', decimals, 64), ".")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + w.T(w.Lang, "page.number.thousands", nil) + digits[i:]
	}
	if fraction == "" {
		return sign + digits
	}
	return sign + digits + w.T(w.Lang, "page.number.decimal", nil) + fraction
}

// Share writes a share as the digits of a percentage with one decimal: 58,5.
func (w Words) Share(share float64) string { return w.fixed(share*100, 1) }

// Percent is Share with its sign: 58,5 %.
func (w Words) Percent(share float64) string {
	return w.T(w.Lang, "page.number.percent", map[string]any{"n": w.Share(share)})
}

func (w Words) protected() string { return w.text("protected") }

func (w Words) count(c Count) Value {
	if c.Protected {
		return Value{Text: w.protected(), Protected: true}
	}
	return Value{Text: w.Number(float64(c.N), 0)}
}

func (w Words) share(c Cell) Value {
	if c.Count.Protected {
		return Value{Text: w.protected(), Protected: true}
	}
	return Value{Text: w.Share(c.Share)}
}

func (w Words) figure(f Figure, decimals int) Value {
	switch {
	case f.Protected:
		return Value{Text: w.protected(), Protected: true}
	case !f.Exists:
		return Value{Text: "–"}
	}
	return Value{Text: w.Number(f.Value, decimals)}
}

// label names a cell: the option, the step with the word at its end, the bin.
func (w Words) label(item Item, c Cell) string {
	switch {
	case c.Bin != nil:
		return w.bin(*c.Bin, item.Page.Item.Decimals)
	case c.Step == nil:
		return c.Label.In(w.Lang)
	}
	scale, step := item.Page.Item.Scale, strconv.Itoa(*c.Step)
	switch *c.Step {
	case scale.Min:
		if low := scale.Low.In(w.Lang); low != "" {
			return step + ", " + lower(low)
		}
	case scale.Max:
		if high := scale.High.In(w.Lang); high != "" {
			return step + ", " + lower(high)
		}
	}
	return step
}

// lower makes the first letter small, as after a comma.
func lower(s string) string {
	r := []rune(s)
	if len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) && r[1] != ' ' {
		return s // an acronym
	}
	return strings.ToLower(string(r[:1])) + string(r[1:])
}

func (w Words) bin(b Bin, decimals int) string {
	from := w.Number(b.From, decimals)
	switch {
	case b.Single:
		return from
	case b.Whole:
		return from + "–" + w.Number(b.To-1, 0)
	case b.Last:
		return w.text("interval_last", "from", from, "to", w.Number(b.To, decimals))
	}
	return w.text("interval", "from", from, "to", w.Number(b.To, decimals))
}
