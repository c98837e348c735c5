package civil

import "time"

// Holiday is a public holiday that comes once a year: on a day of the calendar,
// or so many days after Easter.
type Holiday struct {
	Title map[string]string // by locale: "it", "en"
	On    MonthDay          // zero: counted from Easter
	After int               // days after Easter Sunday, for a zero On
	Since int               // the first year of the holiday, 0 when of old
}

// falls reports whether a date is this holiday.
func (h Holiday) falls(d Date) bool {
	switch {
	case d.Year < h.Since:
		return false
	case h.On == MonthDay{}:
		return Easter(d.Year).Add(h.After) == d
	}
	return h.On == MonthDay{d.Month, d.Day}
}

func fixed(month time.Month, day, since int, it, en string) Holiday {
	return Holiday{Title: map[string]string{"it": it, "en": en}, On: MonthDay{month, day}, Since: since}
}

func movable(after int, it, en string) Holiday {
	return Holiday{Title: map[string]string{"it": it, "en": en}, After: after}
}

// italian are the holidays in force of L. 27 May 1949, n. 260, art. 2, as
// amended. L. 5 March 1977, n. 54, art. 1 took away the Epiphany, St Joseph,
// the Ascension, Corpus Christi and Sts Peter and Paul, and moved 2 June and
// 4 November to Sundays; DPR 28 December 1985, n. 792, art. 1 gave back the
// Epiphany, and Sts Peter and Paul to the municipality of Rome alone: a local
// closed day. These three texts and L. 151/2025 were read on 2026-11-23. That L.
// 336/2000 gave back 2 June is what others say of it: its own text was not read.
// The years before a law came back into force are left out where no term that
// we count can reach them.
var italian = []Holiday{
	fixed(time.January, 1, 0, "Capodanno", "New Year’s Day"),                       // L. 260/1949 art. 2
	fixed(time.January, 6, 1986, "Epifania", "Epiphany"),                           // DPR 28 December 1985, n. 792, art. 1
	movable(0, "Pasqua", "Easter Sunday"),                                          // a Sunday: L. 260/1949 art. 2
	movable(1, "Lunedì dell’Angelo", "Easter Monday"),                              // L. 260/1949 art. 2
	fixed(time.April, 25, 0, "Anniversario della Liberazione", "Liberation Day"),   // L. 260/1949 art. 2
	fixed(time.May, 1, 0, "Festa del lavoro", "Labour Day"),                        // L. 260/1949 art. 2
	fixed(time.June, 2, 2001, "Festa della Repubblica", "Republic Day"),            // L. 20 November 2000, n. 336, art. 1: to be checked
	fixed(time.August, 15, 0, "Assunzione (Ferragosto)", "Assumption"),             // L. 260/1949 art. 2
	fixed(time.October, 4, 2026, "San Francesco d’Assisi", "St Francis of Assisi"), // L. 8 October 2025, n. 151, art. 1, from 1 January 2026
	fixed(time.November, 1, 0, "Ognissanti", "All Saints"),                         // L. 260/1949 art. 2
	fixed(time.December, 8, 0, "Immacolata Concezione", "Immaculate Conception"),   // L. 260/1949 art. 2
	fixed(time.December, 25, 0, "Natale", "Christmas Day"),                         // L. 260/1949 art. 2
	fixed(time.December, 26, 0, "Santo Stefano", "St Stephen’s Day"),               // L. 260/1949 art. 2
}

// ticinese are the fifteen of the Legge concernente i giorni festivi ufficiali
// nel Cantone Ticino of 15 December 2009 (RL 10.1.1.1.2), art. 1, in its order;
// the Sundays come beside them.
var ticinese = []Holiday{
	fixed(time.January, 1, 0, "Capodanno", "New Year’s Day"),
	fixed(time.January, 6, 0, "Epifania", "Epiphany"),
	fixed(time.March, 19, 0, "San Giuseppe", "St Joseph"),
	movable(1, "Lunedì di Pasqua", "Easter Monday"),
	fixed(time.May, 1, 0, "Primo maggio", "Labour Day"),
	movable(39, "Ascensione", "Ascension"),
	movable(50, "Lunedì di Pentecoste", "Whit Monday"),
	movable(60, "Corpus Domini", "Corpus Christi"),
	fixed(time.June, 29, 0, "San Pietro e Paolo", "Sts Peter and Paul"),
	fixed(time.August, 1, 0, "Primo agosto", "Swiss National Day"),
	fixed(time.August, 15, 0, "Assunzione", "Assumption"),
	fixed(time.November, 1, 0, "Ognissanti", "All Saints"),
	fixed(time.December, 8, 0, "Immacolata", "Immaculate Conception"),
	fixed(time.December, 25, 0, "Natale", "Christmas Day"),
	fixed(time.December, 26, 0, "Santo Stefano", "St Stephen’s Day"),
}

// Easter is Easter Sunday of a Gregorian year, by the computus of Meeus, Jones
// and Butcher (J. Meeus, Astronomical Algorithms, ch. 8).
func Easter(year int) Date {
	golden, century, rest := year%19, year/100, year%100
	moon := (19*golden + century - century/4 - (century-(century+8)/25+1)/3 + 15) % 30
	week := (32 + 2*(century%4) + 2*(rest/4) - moon - rest%4) % 7
	late := (golden + 11*moon + 22*week) / 451
	day := moon + week - 7*late + 114
	return Date{year, time.Month(day / 31), day%31 + 1}
}
