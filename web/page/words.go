package page

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Words writes dates, times and numbers in one language and one time zone,
// relative to one instant. Get it from Base.Words.
type Words struct {
	Lang string
	Zone *time.Location
	Now  time.Time
	cat  *Catalogue
}

func (w Words) in(t time.Time) time.Time {
	if w.Zone == nil {
		return t.In(Rome)
	}
	return t.In(w.Zone)
}

func (w Words) texts() *Catalogue {
	if w.cat == nil {
		return Texts()
	}
	return w.cat
}

func (w Words) forms() *forms { return w.texts().forms[supported(w.Lang)] }

// T is the text of key; pairs alternate name, value.
func (w Words) T(key string, pairs ...any) string {
	return w.texts().T(w.Lang, key, arguments(pairs))
}

// shown is the minute that people are told for the end of a term: ends are
// half-open, so a day term that ends at 00:00 is shown as 23:59 of the day
// before. Any other instant is shown as it is.
func (w Words) shown(end time.Time) time.Time {
	t := w.in(end)
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 {
		return t.Add(-time.Second)
	}
	return t
}

// Within reports an end that is not the end of its day, whose day alone would be
// taken for it.
func (w Words) Within(end time.Time) bool { return w.shown(end).Equal(end) }

// Date is "domenica 29 novembre 2026".
func (w Words) Date(t time.Time) string { return w.forms().write("full", w.in(t)) }

// Day is "29 novembre 2026".
func (w Words) Day(t time.Time) string { return w.forms().write("day", w.in(t)) }

// Short is "gio 1 ott", with the year when it is not the current one.
func (w Words) Short(t time.Time) string {
	t = w.in(t)
	if !w.Now.IsZero() && w.in(w.Now).Year() == t.Year() {
		return w.forms().write("short", t)
	}
	return w.forms().write("shortyear", t)
}

// WeekdayDay is "domenica 29 novembre", for dates whose year is plain.
func (w Words) WeekdayDay(t time.Time) string { return w.forms().write("weekdayday", w.in(t)) }

// Month is "novembre 2026".
func (w Words) Month(t time.Time) string { return w.forms().write("month", w.in(t)) }

// Clock is "9:14", without the leading zero.
func (w Words) Clock(t time.Time) string {
	t = w.in(t)
	return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute())
}

// DateTime is "domenica 29 novembre 2026 alle 17:30".
func (w Words) DateTime(t time.Time) string { return w.forms().write("fulltime", w.in(t)) }

// Meeting is "giovedì 3 dicembre, 17:30", with the year when it is not the
// current one.
func (w Words) Meeting(t time.Time) string {
	t = w.in(t)
	if !w.Now.IsZero() && w.in(w.Now).Year() == t.Year() {
		return w.forms().write("meeting", t)
	}
	return w.forms().write("meetingyear", t)
}

// Stamp is "18 novembre 2026, 11:32:08", for the log.
func (w Words) Stamp(t time.Time) string { return w.forms().write("stamp", w.in(t)) }

// End is the end of a term in words, without its place: "domenica 29 novembre
// 2026 alle 23:59". A half-open end at 00:00 reads 23:59 of the day before.
func (w Words) End(end time.Time) string { return w.forms().write("fulltime", w.shown(end)) }

// EndClock is the end's time of day: "23:59".
func (w Words) EndClock(end time.Time) string { return w.shown(end).Format("15:04") }

// EndDay is the last day of a term, "domenica 29 novembre 2026", and the time of
// one that ends within a day, as one of hours does: "… alle 17:30".
func (w Words) EndDay(end time.Time) string {
	if w.Within(end) {
		return w.forms().write("fulltime", w.in(end))
	}
	return w.forms().write("full", w.shown(end))
}

// EndWeekday is EndDay of a term near enough that its year is plain: "domenica 29
// novembre", "domenica 29 novembre alle 17:30".
func (w Words) EndWeekday(end time.Time) string {
	if w.Within(end) {
		return w.forms().write("weekdaytime", w.in(end))
	}
	return w.forms().write("weekdayday", w.shown(end))
}

// Deadline is End with its place: "…, ora di Roma (CET, UTC+1)".
func (w Words) Deadline(end time.Time) string {
	return w.End(end) + ", " + w.ZoneAt(w.shown(end))
}

// ZoneAt is "ora di Roma (CET, UTC+1)" at that instant.
func (w Words) ZoneAt(t time.Time) string {
	t = w.in(t)
	name, offset := t.Zone()
	sign := "+"
	if offset < 0 {
		sign, offset = "−", -offset
	}
	utc := fmt.Sprintf("UTC%s%d", sign, offset/3600)
	if m := offset % 3600 / 60; m != 0 {
		utc += fmt.Sprintf(":%02d", m)
	}
	return w.T("page.date.zone", "city", w.city(), "abbreviation", name, "offset", utc)
}

// ZoneName is "ora di Roma".
func (w Words) ZoneName() string { return w.T("page.date.zonename", "city", w.city()) }

func (w Words) city() string {
	zone := "Europe/Rome"
	if w.Zone != nil {
		zone = w.Zone.String()
	}
	if name, ok := w.texts().texts[supported(w.Lang)]["page.city."+zone]; ok {
		return name
	}
	return strings.ReplaceAll(zone[strings.LastIndexByte(zone, '/')+1:], "_", " ")
}

// Period is "24 settembre – 7 ottobre 2026"; until is half-open, and a zero
// until leaves the end out. Of what lasted nothing it is the day.
func (w Words) Period(from, until time.Time) string {
	f := w.in(from)
	if until.IsZero() {
		return w.T("page.date.from", "date", w.Day(from))
	}
	u := w.shown(until)
	switch {
	case !until.After(from) || f.Year() == u.Year() && f.YearDay() == u.YearDay():
		return w.forms().write("day", f)
	case f.Year() == u.Year() && f.Month() == u.Month():
		return w.forms().write("dayonly", f) + " – " + w.forms().write("day", u)
	case f.Year() == u.Year():
		return w.forms().write("daymonth", f) + " – " + w.forms().write("day", u)
	}
	return w.forms().write("day", f) + " – " + w.forms().write("day", u)
}

// DaysTo counts civil days in the page's zone from today to the day on which
// the term's end is shown; negative when it is past.
func (w Words) DaysTo(end time.Time) int {
	return civil(w.shown(end)) - civil(w.in(w.Now))
}

// Left is "mancano 6 giorni", "domani", "oggi", "ieri" or "3 giorni fa" for
// the end of a term.
func (w Words) Left(end time.Time) string {
	n := w.DaysTo(end)
	if n > 1 {
		return w.T("page.date.left", "n", n)
	}
	return w.relative(n)
}

// Relative is "fra 6 giorni", "domani", "oggi", "ieri" or "3 giorni fa" for
// the end of a term.
func (w Words) Relative(end time.Time) string { return w.relative(w.DaysTo(end)) }

func (w Words) relative(n int) string {
	switch {
	case n == 0:
		return w.T("page.date.today")
	case n == 1:
		return w.T("page.date.tomorrow")
	case n == -1:
		return w.T("page.date.yesterday")
	case n > 0:
		return w.T("page.date.in", "n", n)
	}
	return w.T("page.date.ago", "n", -n)
}

// Num writes a number with the language's separators: 2.480, 0,81. It takes
// any integer or float; decimals applies to floats.
func (w Words) Num(v any, decimals int) string {
	if n, ok := integer(v); ok {
		return w.forms().num(float64(n), 0)
	}
	return w.forms().num(float(v), decimals)
}

// Pct writes a share between 0 and 1 with one decimal: "36,4 %", the space
// being non-breaking.
func (w Words) Pct(share float64) string { return w.forms().percent(share, 1) }

// Cap raises the first letter: sentences begin with a capital also when they
// begin with a weekday.
func Cap(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// Sentence is s with the full stop that it may lack: a purpose, say, which its
// author ended with one or not.
func Sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// civil numbers the calendar days, so that their difference ignores DST.
func civil(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// timeTag wraps words in <time datetime>, whole instants with their offset.
func timeTag(words, stamp string) template.HTML {
	return template.HTML(`<time datetime="` + html.EscapeString(stamp) + `">` + html.EscapeString(words) + `</time>`) // both parts are escaped
}

func (w Words) instant(t time.Time) string { return w.in(t).Format(time.RFC3339) }

func (w Words) endInstant(t time.Time) string { return w.shown(t).Format(time.RFC3339) }

// endStamp is what EndDay says, for a program: the day, or the instant.
func (w Words) endStamp(t time.Time) string {
	if w.Within(t) {
		return w.instant(t)
	}
	return w.shown(t).Format(time.DateOnly)
}
