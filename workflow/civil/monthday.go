package civil

import (
	"slices"
	"strconv"
	"strings"
)

// MonthDays are the days of every year on which a date may fall; without any,
// every day.
type MonthDays []MonthDay

// String is the written form of the days, one after the other.
func (l MonthDays) String() string {
	out := make([]string, len(l))
	for i, y := range l {
		out[i] = y.String()
	}
	return strings.Join(out, ", ")
}

// Has reports that a date may fall on a day.
func (l MonthDays) Has(d Date) bool {
	return len(l) == 0 || slices.Contains(l, MonthDay{d.Month, d.Day})
}

// Next is the first such date that is not before another.
func (l MonthDays) Next(from Date) Date {
	out := from
	for i, y := range l {
		d := Date{from.Year, y.Month, y.Day}
		if d.Before(from) {
			d.Year++
		}
		if i == 0 || d.Before(out) {
			out = d
		}
	}
	return out
}

var months = map[string][12]string{
	"it": {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// Words spells the days in Italian or English: "31 gennaio, 31 maggio o 30
// settembre", "" for none.
func (l MonthDays) Words(locale string) string {
	words := make([]string, len(l))
	for i, y := range l {
		words[i] = y.Words(locale)
	}
	or := " o "
	if locale == "en" {
		or = " or "
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + or + words[last]
	}
	return strings.Join(words, "")
}

// Words spells the day in Italian or English: "31 maggio", "1 April".
func (m MonthDay) Words(locale string) string {
	names, ok := months[locale]
	if !ok {
		locale, names = "it", months["it"]
	}
	day := strconv.Itoa(m.Day)
	if m.Day == 1 && locale == "it" {
		day = "1°" // as pages write it
	}
	return day + " " + names[m.Month-1]
}

// Words spells a date in Italian or English: "31 maggio 2027".
func (d Date) Words(locale string) string {
	return MonthDay{d.Month, d.Day}.Words(locale) + " " + strconv.Itoa(d.Year)
}
