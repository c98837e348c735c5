package definition

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/guard"
)

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func placeholders(def *Compiled) []string {
	out := []string{
		"term.length", "term.min", "term.max", "term.entered_at", "term.min_at", "term.due_at", "term.max_at",
		"term.law", "term.elapsed_days", "term.left_days",
		"process.population.units",
	}
	for _, c := range def.Counts {
		out = append(out, "counts."+c)
	}
	for _, r := range def.Roles {
		out = append(out, "process.roles."+r)
	}
	return out
}

func knownPlaceholder(name string, def *Compiled) bool {
	return slices.Contains(placeholders(def), name)
}

// Fill puts the values of a state and its facts into an explanation, in each
// locale.
func (c *Compiled) Fill(explain Text, state string, f guard.Facts) Text {
	out := Text{}
	for locale, text := range explain {
		out[locale] = placeholder.ReplaceAllStringFunc(text, func(m string) string {
			return c.value(state, f, strings.Trim(m, "{}"), locale)
		})
	}
	return out
}

func (c *Compiled) value(state string, f guard.Facts, name, locale string) string {
	var term Term
	if s := c.states[state]; s != nil && s.Term != nil {
		term = *s.Term
	}
	facts := f.Term
	spans := map[string]civil.Span{"term.length": term.Length, "term.min": term.Min, "term.max": term.Max}
	times := map[string]time.Time{
		"term.entered_at": facts.EnteredAt, "term.min_at": facts.MinAt, "term.due_at": facts.DueAt, "term.max_at": facts.MaxAt,
	}
	if s, ok := spans[name]; ok {
		return s.Words(locale)
	}
	if t, ok := times[name]; ok {
		return sayTime(t, c.Location, locale)
	}
	switch name {
	case "term.law":
		return inBrackets(term.Law)
	case "term.elapsed_days":
		return strconv.FormatInt(facts.ElapsedDays, 10)
	case "term.left_days":
		return strconv.FormatInt(facts.LeftDays, 10)
	}
	if count, ok := strings.CutPrefix(name, "counts."); ok {
		return strconv.FormatInt(f.Counts[count], 10)
	}
	if role, ok := strings.CutPrefix(name, "process.roles."); ok {
		return strconv.FormatInt(f.Process.Roles[role], 10)
	}
	return strconv.FormatInt(f.Process.Population.Units, 10)
}

// Unmet is a guard that does not hold. Fault says why it could not be evaluated,
// which is never a "yes"; nil where its answer is no. From is the first instant of
// the day on which it holds by itself, were all else as it is, and there is no Fix;
// zero where no date of the process that lies ahead makes it hold.
type Unmet struct {
	Guard
	Fault error
	From  time.Time
}

// Unmet lists the guards of a transition that do not hold, in file order.
func (c *Compiled) Unmet(t Transition, f guard.Facts) []Unmet {
	var out []Unmet
	facts := guard.Bind(Roles, c.Counts, f)
	for i, p := range c.guards[t.ID] {
		if ok, err := p.Holds(facts); err != nil || !ok {
			u := Unmet{Guard: t.Requires[i], Fault: err}
			if err == nil {
				u.From = c.from(p, f)
			}
			if !u.From.IsZero() {
				u.Fix = "" // the day comes by itself
			}
			out = append(out, u)
		}
	}
	return out
}

// Says explains a guard that does not hold, in each locale, with the day from
// which it holds by itself when there is one: a date, or the end of the minimum.
func (c *Compiled) Says(u Unmet, state string, f guard.Facts) Text {
	out, from := c.Fill(u.Explain, state, f), u.From
	if u.Implied && u.Code == GuardMinTerm && u.Fault == nil {
		from = f.Term.MinAt
	}
	if from.IsZero() {
		return out
	}
	day := civil.DateOf(from, c.Location)
	for locale, form := range map[string]string{"it": "%s. Aspetta il giorno: %s", "en": "%s. Wait for the day: %s"} {
		out[locale] = fmt.Sprintf(form, out.In(locale), day.Words(locale))
	}
	return out
}

// Begins is when a state can be entered from another, no earlier than an instant: a
// guard that looks at nothing but dates of the process and the clock may hold only
// from one of them on. The instant itself where no date makes a difference.
func (c *Compiled) Begins(from, to string, at time.Time, dates map[string]time.Time) time.Time {
	return c.opens(from, at, dates, func(t Transition) bool { return t.To == to })
}

// Lets is Begins for whatever comes next: when a state can be left by an event or,
// with "", by any way on. What calls the whole off is none.
func (c *Compiled) Lets(from, event string, at time.Time, dates map[string]time.Time) time.Time {
	return c.opens(from, at, dates, func(t Transition) bool {
		return t.Event == event || event == "" && t.To != from && !c.CallsOff(t)
	})
}

// opens is when the first of some transitions out of a state can happen.
func (c *Compiled) opens(from string, at time.Time, dates map[string]time.Time, some func(Transition) bool) time.Time {
	first := time.Time{}
	for _, t := range c.Leaving(from) {
		if !some(t) {
			continue
		}
		if day := c.waits(t, at, dates); first.IsZero() || day.Before(first) {
			first = day
		}
	}
	if first.IsZero() {
		return at
	}
	return first
}

func (c *Compiled) waits(t Transition, at time.Time, dates map[string]time.Time) time.Time {
	out := at
	for _, p := range c.guards[t.ID] {
		f := guard.Facts{Now: at, Process: guard.ProcessFacts{Dates: dates}}
		if !p.Dated() {
			continue
		}
		if ok, err := p.Holds(guard.Bind(Roles, c.Counts, f)); err != nil || ok {
			continue
		}
		if day := c.from(p, f); day.After(out) {
			out = day.UTC()
		}
	}
	return out
}

// from is the first day ahead on which a guard holds that does not yet, as far as a
// date of the process: that date itself, or a day before it that the guard counts from it.
func (c *Compiled) from(p guard.Program, f guard.Facts) time.Time {
	low := f.Now
	holds := func(at time.Time) bool {
		f.Now = at
		ok, err := p.Holds(guard.Bind(Roles, c.Counts, f))
		return err == nil && ok
	}
	for _, at := range slices.SortedFunc(maps.Values(f.Process.Dates), time.Time.Compare) {
		if !at.After(low) {
			continue
		}
		if !holds(at) {
			low = at
			continue
		}
		first := civil.DateOf(low, c.Location).Add(1)
		day := func(i int) time.Time { return first.Add(i).Start(c.Location) }
		n := civil.DateOf(at, c.Location).Since(first)
		if i := sort.Search(max(0, n), func(i int) bool { return holds(day(i)) }); i < n {
			return day(i)
		}
		return at
	}
	return time.Time{}
}

// inBrackets is the article of a law after a space, "" when there is none.
func inBrackets(law *Law) string {
	if law == nil {
		return ""
	}
	return " (" + law.Article + ")"
}

// sayTime writes an instant as "22 aprile 2026, ore 00:00" in the zone.
func sayTime(t time.Time, zone *time.Location, locale string) string {
	if t.IsZero() {
		return "–"
	}
	l := t.In(zone)
	hour := map[string]string{"it": "ore", "en": "at"}[locale]
	return fmt.Sprintf("%s, %s %02d:%02d", civil.DateOf(t, zone).Words(locale), hour, l.Hour(), l.Minute())
}

// officeNames are the words for roles and other actors in explanations.
var officeNames = map[string]Text{
	"promoter":      {"it": "chi promuove", "en": "the promoter"},
	"facilitator":   {"it": "chi facilita", "en": "the facilitator"},
	"editor":        {"it": "chi cura i testi", "en": "the editor"},
	"expert":        {"it": "chi ha il ruolo di esperto", "en": "the expert"},
	"guarantor":     {"it": "il garante", "en": "the guarantor"},
	"deciding-body": {"it": "l’ente che decide", "en": "the deciding body"},
	"participant":   {"it": "chi partecipa", "en": "a participant"},
	"timer":         {"it": "la scadenza, da sola", "en": "the deadline itself"},
	"system":        {"it": "il percorso, da solo", "en": "the process itself"},
}

// ExplainEvent says that a state knows nothing of what was asked.
func ExplainEvent(state Text) Text {
	return Text{
		"it": fmt.Sprintf("Non è possibile nello stato “%s”", state.In("it")),
		"en": fmt.Sprintf("This is not possible in the state “%s”", state.In("en")),
	}
}

// ExplainHeld says what people must resume first: what calls the whole off they
// may do at any time, and nothing opens in the name of a process that rests.
func ExplainHeld(what [2]string, since time.Time, zone *time.Location) Text {
	day := civil.DateOf(since, zone)
	return Text{
		"it": fmt.Sprintf("%s sospeso dal %s: prima riprendilo", what[0], day.Words("it")),
		"en": fmt.Sprintf("%s has been suspended since %s: resume it first", what[1], day.Words("en")),
	}
}

// ExplainRole says who alone can do it: roles, the timer or the system.
func ExplainRole(by []string) Text {
	out := Text{}
	for locale, form := range map[string][2]string{"it": {"Può farlo solo %s", " o "}, "en": {"Only %s can do this", " or "}} {
		names := make([]string, len(by))
		for i, word := range by {
			names[i] = officeNames[word].In(locale)
		}
		out[locale] = fmt.Sprintf(form[0], strings.Join(names, form[1]))
	}
	return out
}

// ExplainFault says which requirement of the definition has to be corrected: no
// fact that people could change is asked for.
func ExplainFault(g Unmet) Text {
	why := guard.Reason(g.Fault)
	return Text{
		"it": fmt.Sprintf("Il requisito “%s” non si può verificare, va corretto nel file delle fasi: %s", g.Code, why.In("it")),
		"en": fmt.Sprintf("The requirement “%s” cannot be checked and has to be corrected in the file of phases: %s", g.Code, why.In("en")),
	}
}

// Foresees are the facts that say when states will be: dates of the call, and what
// terms hang on.
func (c *Compiled) Foresees() guard.Needs {
	return guard.Needs{Dates: len(c.Dates) > 0, Anchors: c.needs.Anchors}
}
