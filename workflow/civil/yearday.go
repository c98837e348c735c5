package civil

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// YearDay is a day that comes every year, such as 31 May; 29 February is none.
type YearDay struct {
	Month time.Month
	Day   int
}

// YearDayPattern is the written form of a day of the year.
const YearDayPattern = `^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

// anyYear is one that 29 February is not in.
const anyYear = "2027-"

// ParseYearDay reads "05-31", month first.
func ParseYearDay(s string) (YearDay, error) {
	d, err := ParseDate(anyYear + s)
	if err != nil {
		return YearDay{}, fmt.Errorf("%q is no day of the year: write it as 05-31, month first", s)
	}
	return YearDay{d.Month, d.Day}, nil
}

// String is the written form.
func (y YearDay) String() string { return fmt.Sprintf("%02d-%02d", y.Month, y.Day) }

// In is the day in a year.
func (y YearDay) In(year int) Date { return Date{year, y.Month, y.Day} }

// YearDays are the days on which a date may fall; without any, every day.
type YearDays []YearDay

// String is the written form of the days, one after the other.
func (l YearDays) String() string {
	out := make([]string, len(l))
	for i, y := range l {
		out[i] = y.String()
	}
	return strings.Join(out, ", ")
}

// Has reports that a date may fall on a day.
func (l YearDays) Has(d Date) bool { return len(l) == 0 || slices.Contains(l, YearDay{d.Month, d.Day}) }

// Next is the first such date that is not before another.
func (l YearDays) Next(from Date) Date {
	out := from
	for i, y := range l {
		d := y.In(from.Year)
		if d.Before(from) {
			d = y.In(from.Year + 1)
		}
		if i == 0 || d.Before(out) {
			out = d
		}
	}
	return out
}

var (
	yearMonths = map[string][12]string{
		"it": {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	}
	yearOr = map[string]string{"it": " o ", "en": " or "}
)

// Words spells the days in Italian or English: "31 gennaio, 31 maggio o 30
// settembre", "" for none.
func (l YearDays) Words(locale string) string {
	words := make([]string, len(l))
	for i, y := range l {
		words[i] = y.Words(locale)
	}
	or, ok := yearOr[locale]
	if !ok {
		or = yearOr["it"]
	}
	if last := len(words) - 1; last > 0 {
		return strings.Join(words[:last], ", ") + or + words[last]
	}
	return strings.Join(words, "")
}

// Words spells the day in Italian or English: "31 maggio", "1 April".
func (y YearDay) Words(locale string) string {
	months, ok := yearMonths[locale]
	if !ok {
		locale, months = "it", yearMonths["it"]
	}
	day := strconv.Itoa(y.Day)
	if y.Day == 1 && locale == "it" {
		day = "1°" // as pages write it
	}
	return day + " " + months[y.Month-1]
}

// Words spells a date in Italian or English: "31 maggio 2027".
func (d Date) Words(locale string) string {
	return YearDay{d.Month, d.Day}.Words(locale) + " " + strconv.Itoa(d.Year)
}
