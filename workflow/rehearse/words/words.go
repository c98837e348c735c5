// Package words holds what a rehearsal says of its own, in Italian and English.
package words

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// In speaks one language, Italian unless it is "en".
type In string

func (w In) pick(text [2]string) string {
	if w == "en" {
		return text[1]
	}
	return text[0]
}

// Tell fills a sentence: args are names and values in turn.
func (w In) Tell(key string, args ...string) string {
	text, ok := sentences[key]
	if !ok {
		return key
	}
	pairs := make([]string, len(args))
	for i, a := range args {
		if i%2 == 0 {
			a = "{" + a + "}"
		}
		pairs[i] = a
	}
	out := strings.NewReplacer(pairs...).Replace(w.pick(text))
	if w == "en" {
		return out
	}
	return elided(out)
}

// An Italian day wants its article: l’8 and l’11, and the first of the month.
var (
	vowelDay = regexp.MustCompile(`\b([Ii]|[Dd]a|[Aa]|[Dd]e|[Nn]e)l (8|11) (` + strings.Join(months[0], "|") + `)`)
	firstDay = regexp.MustCompile(`\b1 (` + strings.Join(months[0], "|") + `)`)
	articles = map[string]string{"i": "l", "I": "L", "da": "dall", "Da": "Dall", "a": "all", "A": "All", "de": "dell", "De": "Dell", "ne": "nell", "Ne": "Nell"}
)

func elided(text string) string {
	text = vowelDay.ReplaceAllStringFunc(text, func(m string) string {
		parts := vowelDay.FindStringSubmatch(m)
		return articles[parts[1]] + "’" + parts[2] + " " + parts[3]
	})
	return firstDay.ReplaceAllString(text, "1° $1")
}

// Count is Tell with a number {n}; one of something has a sentence of its own.
func (w In) Count(key string, n int, args ...string) string {
	if n == 1 {
		key += ".one"
	}
	return w.Tell(key, append(args, "n", strconv.Itoa(n))...)
}

var months = [2][]string{
	{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// Day writes "22 aprile 2026".
func (w In) Day(d civil.Date) string {
	names := months[0]
	if w == "en" {
		names = months[1]
	}
	return fmt.Sprintf("%d %s %d", d.Day, names[d.Month-1], d.Year)
}

// Moment writes "22 aprile 2026, ore 00:30".
func (w In) Moment(t time.Time, zone *time.Location) string {
	return w.Day(civil.DateOf(t, zone)) + w.pick([2]string{", ore ", ", "}) + t.In(zone).Format("15:04")
}

// End writes the day in which a half-open end still lies.
func (w In) End(t time.Time, zone *time.Location) string {
	return w.Day(civil.DateOf(t.Add(-time.Microsecond), zone))
}

// Act names an act of the engine.
func (w In) Act(id string) string { return w.known("act."+id, id) }

// Refusal says why the engine refused.
func (w In) Refusal(key string) string {
	return w.known(strings.TrimPrefix(key, "workflow."), key)
}

// Notice names a kind of message.
func (w In) Notice(kind string) string { return w.known("notice."+kind, kind) }

func (w In) known(key, other string) string {
	if _, ok := sentences[key]; ok {
		return w.Tell(key)
	}
	return other
}

// Deadline says what one is: the end of a state, a reminder, or the further one
// of that code.
func (w In) Deadline(def *definition.Compiled, state, name string) string {
	s, _ := def.State(state)
	title := s.Title.In(string(w))
	switch {
	case name == "end":
		return w.Tell("end-of", "state", title)
	case strings.HasPrefix(name, "end-unknown"):
		return w.Tell("unknown-of", "state", title)
	case strings.HasPrefix(name, "escalation"):
		return w.Tell("escalation-of", "state", title)
	}
	if i := slices.IndexFunc(s.Deadlines, func(d definition.Deadline) bool {
		return name == d.Name(0) || strings.HasPrefix(name, "deadline."+d.Code)
	}); i >= 0 {
		return s.Deadlines[i].Title.In(string(w))
	}
	for _, m := range s.Reminders {
		if name != m.Name(-1) && !strings.HasPrefix(name, m.Name(-1)+".") {
			continue
		}
		key, span := "reminder-before", m.Before
		if m.Before.IsZero() {
			key, span = "reminder-after", m.After
		}
		anchor, _ := definition.SplitAnchor(m.Of)
		return w.Tell(key, "span", span.Words(string(w)), "anchor", w.known("anchor."+anchor, m.Of), "state", title)
	}
	return name + " (" + title + ")"
}

// Month writes "aprile 2026".
func (w In) Month(m time.Month, year int) string {
	names := months[0]
	if w == "en" {
		names = months[1]
	}
	return fmt.Sprintf("%s %d", names[m-1], year)
}

// Role names who does something: a role, the timer or the process by itself.
func (w In) Role(role string) string {
	if words, ok := definition.RoleWords[role]; ok {
		return words.In(string(w))
	}
	return w.known("role."+role, role)
}
