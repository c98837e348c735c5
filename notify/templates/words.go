package templates

import (
	"fmt"
	"path"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"arengo/notify/mail"
)

// rome is the zone of processes that name none.
const rome = "Europe/Rome"

// functions are what a source may call, bound to one locale: hello (greet and a
// comma), deadline, zone, meeting, day, at (day and time) and ending (of a deadline); the frame also steps and tel, and a
// definition's own notice those of own.go.
func functions(locale string, words map[string]string) map[string]any {
	return map[string]any{
		"greet":    func(f Facts) string { return greet(words, f) },
		"hello":    func(f Facts) string { return greet(words, f) + "," },
		"deadline": func(f Facts) string { return moment(locale, f.Deadline.end(f.Process.Zone)) },
		"zone":     func(f Facts) string { return zoneName(words, f.Deadline.zone(f.Process.Zone)) },
		"ending":   func(f Facts, d Deadline) string { return moment(locale, d.end(f.Process.Zone)) },
		"at":       func(f Facts, t time.Time) string { return moment(locale, t.In(location(f.Process.Zone))) },
		"each":     func(f Facts, all []time.Time) string { return each(locale, f, all) },
		"meeting":  func(f Facts) string { return span(locale, words, f) },
		"day":      func(f Facts, t time.Time) string { return day(locale, t.In(location(f.Process.Zone))) },
		"steps":    steps,
		"tel":      tel,

		"own_subject": func(f Facts) (string, error) { return ownSubject(locale, f) },
		"own_text":    func(f Facts) ([]string, error) { return ownText(locale, f) },
		"own_due":     func(f Facts) bool { return ownDue(locale, f) },
	}
}

// each lists moments: "A, B and C".
func each(locale string, f Facts, all []time.Time) string {
	said := make([]string, len(all))
	for i, t := range all {
		said[i] = moment(locale, t.In(location(f.Process.Zone)))
	}
	return enumerate(locale, said)
}

// enumerate is "A, B and C".
func enumerate(locale string, said []string) string {
	last := len(said) - 1
	if last < 1 {
		return strings.Join(said, "")
	}
	return strings.Join(said[:last], ", ") + names[locale].and + said[last]
}

func greet(words map[string]string, f Facts) string {
	return strings.TrimSpace(words["hello"] + " " + f.Recipient.Name)
}

// locations keeps what LoadLocation would read from a file for each message.
var locations sync.Map

// location falls back on Rome for a zone that is empty or unknown.
func location(zone string) *time.Location {
	if l, ok := locations.Load(zone); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(zone)
	switch {
	case zone == rome && err != nil:
		return time.UTC // a machine without zone data; the program embeds it
	case zone == "" || err != nil:
		return location(rome)
	}
	locations.Store(zone, l)
	return l
}

func (d Deadline) zone(process string) string {
	if d.Zone != "" {
		return d.Zone
	}
	return process
}

// end is the last minute that still counts: a day's term ends at midnight and
// is told as 23:59 of that day.
func (d Deadline) end(process string) time.Time {
	t := d.At.In(location(d.zone(process)))
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Add(-time.Minute)
	}
	return t
}

// tongue is how a language says days and times.
type tongue struct {
	days, months    []string
	comma           string // between the name of a day and its number
	dot, first      string // after the number of a day, and after that of the first
	at, from, to    string // before a time, the first of a span and the last
	clock, hours    string // a time, and what stands after the last of a sentence
	article, elided string // before the number of a day
	and             string
}

var names = map[string]tongue{
	"it": {
		days:   []string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		months: []string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		comma:  " ", first: "°", at: " alle ", from: ", dalle ", to: " alle ", clock: "15:04", article: "il ", elided: "l’", and: " e ",
	},
	"en": {
		days:   []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		months: []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		comma:  " ", at: " at ", from: ", from ", to: " to ", clock: "15:04", and: " and ",
	},
	"de": {
		days:   []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		months: []string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		comma:  ", ", dot: ".", first: ".", at: " um ", from: ", von ", to: " bis ", clock: "15:04", hours: " Uhr", and: " und ",
	},
	"fr": {
		days:   []string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		months: []string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		comma:  " ", first: "er", at: " à ", from: ", de ", to: " à ", clock: "15\u00a0h\u00a004", and: " et ",
	},
}

// time is "23:59", "23 h 59" or "9 h".
func (n tongue) time(t time.Time) string {
	said := t.Format(n.clock)
	if n.clock == "15:04" {
		return said
	}
	return strings.TrimPrefix(strings.TrimSuffix(said, "\u00a000"), "0")
}

// day is "domenica 29 novembre 2026", "Sunday 29 November 2026", "Sonntag, 29.
// November 2026" or "dimanche 29 novembre 2026".
func day(locale string, t time.Time) string {
	n := names[locale]
	dot := n.dot
	if t.Day() == 1 {
		dot = n.first
	}
	return fmt.Sprintf("%s%s%d%s %s %d", n.days[t.Weekday()], n.comma, t.Day(), dot, n.months[t.Month()-1], t.Year())
}

// date is a day in a sentence, without its name: "il 22 novembre 2026" in Italian,
// which wants its article there, and "22 November 2026".
func date(locale string, t time.Time) string {
	n := names[locale]
	_, said, _ := strings.Cut(day(locale, t), " ")
	switch {
	case n.article == "":
		return said
	case t.Day() == 8 || t.Day() == 11:
		return n.elided + said
	}
	return n.article + said
}

// moment is "domenica 29 novembre 2026 alle 23:59".
func moment(locale string, t time.Time) string {
	n := names[locale]
	return day(locale, t) + n.at + n.time(t) + n.hours
}

// span is "martedì 1° dicembre 2026, dalle 18:00 alle 20:00, ora di Roma".
func span(locale string, words map[string]string, f Facts) string {
	n := names[locale]
	l := location(f.Process.Zone)
	start, end := f.Meeting.Start.In(l), f.Meeting.End.In(l)
	out := day(locale, start) + n.from + n.time(start) + n.to
	if end.YearDay() != start.YearDay() || end.Year() != start.Year() {
		out += day(locale, end) + ", "
	}
	return out + n.time(end) + n.hours + ", " + zoneName(words, f.Process.Zone)
}

// zoneName is "ora di Roma"; cities whose name differs are among the words.
func zoneName(words map[string]string, zone string) string {
	if zone == "" {
		zone = rome
	}
	city, ok := words[zone]
	if !ok {
		city = strings.ReplaceAll(path.Base(zone), "_", " ")
	}
	return strings.ReplaceAll(words["zone"], "{city}", city)
}

// step is one cell of the progress bar.
type step struct {
	Width int    // percent
	State string // "done", "now" or "next"
}

func steps(p Phase) []step {
	if p.Of < 1 || p.Of > 20 {
		return nil
	}
	out := make([]step, p.Of)
	for i := range out {
		out[i] = step{100 / p.Of, "next"}
		switch {
		case i+1 < p.Number:
			out[i].State = "done"
		case i+1 == p.Number:
			out[i].State = "now"
		}
	}
	return out
}

// tel keeps what a tel: link may hold; an Italian number gets its prefix.
func tel(printed string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, printed)
	if strings.HasPrefix(digits, "0") && !strings.HasPrefix(digits, "00") {
		return "+39" + digits
	}
	return digits
}

// width is the longest line of a plain text in characters.
const width = 72

// wrap breaks long lines at spaces and squeezes empty lines; a link is never
// broken.
func wrap(text string) string {
	var out []string
	for _, line := range squeezed(text) {
		out = append(out, wrapLine(line)...)
	}
	return strings.TrimSpace(strings.Join(out, "\n")) + "\n"
}

// squeezed are the lines of a text, no two empty ones after another.
func squeezed(text string) (lines []string) {
	empty := true
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " ")
		if line != "" || !empty {
			lines = append(lines, line)
		}
		empty = line == ""
	}
	return lines
}

func wrapLine(line string) []string {
	if utf8.RuneCountInString(line) <= width {
		return []string{line}
	}
	indent := ""
	if strings.HasPrefix(line, "- ") {
		indent = "  "
	}
	var out []string
	current := ""
	for word := range strings.SplitSeq(line, " ") { // a space that must not break is no end of a word
		switch {
		case word == "":
		case current == "":
			current = word
		case utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) <= width:
			current += " " + word
		default:
			out = append(out, current)
			current = indent + word
		}
	}
	return append(out, current)
}

// clean returns the facts with every string but the kind's own made one harmless
// line, so that a title can neither break a header nor imitate the frame of a plain
// text; typed does the same to those.
func (f Facts) clean() Facts {
	for _, s := range []*string{
		&f.Process.Title, &f.Process.Promoter, &f.Process.Phase.Title, &f.Process.ContactName,
		&f.Process.ContactEmail, &f.Process.ContactPhone, &f.Process.ContactHours, &f.Process.URL,
		&f.Process.PrivacyURL, &f.Process.AccessibilityURL, &f.Activity.Title, &f.Activity.Intro, &f.Activity.URL,
		&f.Recipient.Name, &f.Recipient.Link, &f.Recipient.UnsubscribeURL, &f.Recipient.Why,
		&f.Meeting.Title, &f.Meeting.Place, &f.Meeting.URL,
	} {
		*s = mail.Line(*s)
	}
	return f
}
