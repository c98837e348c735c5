package page

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Rome is the zone of a page that names none.
var Rome = mustZone("Europe/Rome")

func mustZone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

// forms are the date patterns and number signs of one language, taken from
// page.json so that a new language needs no code.
type forms struct {
	months, shortMonths, weekdays, shortWeekdays []string
	patterns                                     map[string]string
	first                                        string
	thousands, decimal, pct                      string
}

func newForms(texts map[string]string) *forms {
	list := func(key string) []string { return strings.Split(texts["page.date."+key], "|") }
	f := &forms{
		months: list("months"), shortMonths: list("shortmonths"),
		weekdays: list("weekdays"), shortWeekdays: list("shortweekdays"),
		patterns: map[string]string{}, first: texts["page.date.first"],
		thousands: texts["page.number.thousands"], decimal: texts["page.number.decimal"],
		pct: texts["page.number.percent"],
	}
	const prefix = "page.date.as."
	for key, text := range texts {
		if strings.HasPrefix(key, prefix) {
			f.patterns[key[len(prefix):]] = text
		}
	}
	return f
}

func pick(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// write fills a pattern with the parts of t, which is already in its zone.
func (f *forms) write(pattern string, t time.Time) string {
	day := strconv.Itoa(t.Day())
	ordinal := day
	if t.Day() == 1 && f.first != "" {
		ordinal = f.first
	}
	return strings.NewReplacer(
		"{weekday}", pick(f.weekdays, int(t.Weekday())),
		"{wd}", pick(f.shortWeekdays, int(t.Weekday())),
		"{ordinal}", ordinal, "{day}", day,
		"{month}", pick(f.months, int(t.Month())-1),
		"{mon}", pick(f.shortMonths, int(t.Month())-1),
		"{year}", strconv.Itoa(t.Year()),
		"{time}", t.Format("15:04"), "{seconds}", t.Format("15:04:05"),
	).Replace(f.patterns[pattern])
}

// num writes v rounded half away from zero to that many decimals.
func (f *forms) num(v float64, decimals int) string {
	sign := ""
	if v < 0 {
		sign, v = "−", -v
	}
	scale := math.Pow10(decimals)
	s := strconv.FormatFloat(math.Round(v*scale)/scale, 'f', decimals, 64)
	whole, frac, _ := strings.Cut(s, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(f.thousands)
		}
		b.WriteRune(r)
	}
	if frac != "" {
		b.WriteString(f.decimal + frac)
	}
	return b.String()
}

func (f *forms) percent(share float64, decimals int) string {
	return strings.Replace(f.pct, "{n}", f.num(share*100, decimals), 1)
}

func float(v any) float64 {
	switch n := v.(type) {
	case float64:
		return n
	case float32:
		return float64(n)
	}
	return math.NaN()
}
