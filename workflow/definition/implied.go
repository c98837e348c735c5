package definition

import (
	"fmt"
	"slices"
	"strings"
)

// Codes of the implied guards; those of activities end in the kind. A guard of
// the file with the same code takes the place of the implied one.
const (
	GuardMinTerm   = "min-term"
	GuardPublished = "published"
	guardAtEntry   = "at-entry-"
	guardAtExit    = "at-exit-"
)

// imply adds to each transition the guards that terms and activities of the
// states it connects ask for, unless it has one of that code already.
func (c *Compiled) imply() {
	private := c.private()
	for i := range c.Transitions {
		t := &c.Transitions[i]
		var codes []string
		for _, g := range t.Requires {
			codes = append(codes, g.Code)
		}
		implied := c.impliedBy(t)
		if private(t) && !asksPublished(t) && c.reaches(t) {
			implied = append(implied, published())
		}
		for _, g := range implied {
			if !slices.Contains(codes, g.Code) {
				g.Implied, g.Line = true, t.Line
				t.Requires = append(t.Requires, g)
			}
		}
	}
}

// impliedBy lists the guards of a transition: the activities that the state it
// enters wants at its entry, and what the states it leaves by a transition of
// their own want before their end.
func (c *Compiled) impliedBy(t *Transition) []Guard {
	var out []Guard
	if to := c.states[t.To]; to != nil && !slices.Equal(t.From, []string{t.To}) {
		for _, a := range to.Activities {
			if a.AtEntry != "" {
				out = append(out, c.atEntry(to, a))
			}
		}
	}
	minimum := false
	for _, name := range t.From {
		from := c.states[name]
		if from == nil || name == t.To {
			continue
		}
		if from.Term != nil && !from.Term.Min.IsZero() {
			minimum = true
		}
		for _, a := range from.Activities {
			if a.AtExit != "" {
				out = append(out, c.atExit(from, a, len(t.From) > 1))
			}
		}
	}
	if minimum {
		out = append([]Guard{minTerm()}, out...)
	}
	return out
}

// published keeps everything from participants until they can see what it is
// about.
func published() Guard {
	return Guard{Code: GuardPublished, Expr: "process.published", Fix: "publication", Explain: Text{
		"it": "Pubblica il percorso: prima, ai partecipanti non va nulla",
		"en": "Publish the process: before that nothing goes to participants",
	}}
}

func asksPublished(t *Transition) bool {
	return slices.ContainsFunc(t.Requires, func(g Guard) bool { return strings.Contains(g.Expr, "process.published") })
}

// private gives the transitions before which nobody may have asked whether the
// process is published: of an activity all of them, of a process those that
// leave states which are reached without a guard that asks it.
func (c *Compiled) private() func(*Transition) bool {
	if c.Level == LevelActivity {
		return func(*Transition) bool { return true }
	}
	seen := map[string]bool{c.Initial: true}
	for next := []string{c.Initial}; len(next) > 0; next = next[1:] {
		for _, t := range c.leaving[next[0]] {
			if !seen[t.To] && !asksPublished(t) && !c.reaches(t) {
				seen[t.To], next = true, append(next, t.To)
			}
		}
	}
	return func(t *Transition) bool {
		return slices.ContainsFunc(c.States, func(s State) bool { return seen[s.Name] && c.Leaves(t, s.Name) })
	}
}

// reaches reports a transition with which something begins to go to those who
// take part: a state that takes them in or writes to them, activities that open.
// Leaving such a state is for those who were reached before, and an end comes
// whether they were or not.
func (c *Compiled) reaches(t *Transition) bool {
	to := c.states[t.To]
	if to == nil || to.Final || t.Everywhere() || t.Reopens {
		return false
	}
	said := slices.Clone(t.Then)
	for _, from := range t.From {
		if s := c.states[from]; s != nil {
			if c.meets(s) {
				return false
			}
			said = append(said, s.OnExit...)
		}
	}
	return c.meets(to) || slices.ContainsFunc(said, toPublic)
}

// meets reports a state in which participants are let in or written to.
func (c *Compiled) meets(s *State) bool {
	if slices.ContainsFunc(Doors, func(door string) bool { return slices.Contains(s.Allows, door) }) || slices.ContainsFunc(s.OnEnter, toPublic) {
		return true
	}
	return slices.ContainsFunc(s.Reminders, func(m Reminder) bool { return public(m.To) }) ||
		slices.ContainsFunc(s.Deadlines, func(d Deadline) bool { return public(d.To) })
}

// toPublic reports an effect that participants notice.
func toPublic(a Action) bool { return a.Open != "" || public(a.To) }

// public reports that an audience is not of staff alone.
func public(to []string) bool {
	return slices.ContainsFunc(to, func(word string) bool { return word != AudienceAdministrator && !slices.Contains(Staff, word) })
}

// Concerned are the audiences that wait for the end of a state's term, and are told
// when it moves or rests: those of the state's reminders of its end, or where there
// are none of all its reminders; of a process also the offices that lead it, and its
// followers.
func (c *Compiled) Concerned(state string) []string {
	s, _ := c.State(state)
	var ends, all []string
	for _, m := range s.Reminders {
		if m.Of == AnchorEnd {
			ends = append(ends, m.To...)
		}
		all = append(all, m.To...)
	}
	if len(ends) == 0 {
		ends = all
	}
	if c.Level != LevelActivity {
		for _, office := range Leading {
			if slices.Contains(c.Roles, office) {
				ends = append(ends, office)
			}
		}
		ends = append(ends, AudienceFollowers)
	}
	var out []string
	for _, word := range ends {
		out = appendNew(out, word)
	}
	return out
}

// minTerm holds in a state without a minimum, too, which is why its explanation
// may speak of one.
func minTerm() Guard {
	return Guard{Code: GuardMinTerm, Expr: "now >= term.min_at", Explain: Text{
		"it": "La fase deve durare almeno {term.min}{term.law}",
		"en": "The phase must last at least {term.min}{term.law}",
	}}
}

func (c *Compiled) atEntry(to *State, a ActivityNeed) Guard {
	words := map[string]Text{
		NeedReady: {"it": "Prima di passare a “%s” prepara: %s, almeno %d%s", "en": "Before moving to “%s” prepare: %s, at least %d%s"},
		NeedOpen:  {"it": "Prima di passare a “%s” apri: %s, almeno %d%s", "en": "Before moving to “%s” open: %s, at least %d%s"},
	}[a.AtEntry]
	return Guard{
		Code: guardAtEntry + a.Kind, Expr: c.counted(to, a, a.AtEntry), Explain: need(words, to, a), Fix: "activities", Law: to.Law,
	}
}

func (c *Compiled) atExit(from *State, a ActivityNeed, several bool) Guard {
	expr := c.counted(from, a, a.AtExit)
	if several {
		expr = fmt.Sprintf("process.state != %q || %s", from.Name, expr)
	}
	words := Text{"it": "Prima di lasciare “%s” concludi: %s, almeno %d%s", "en": "Before leaving “%s” conclude: %s, at least %d%s"}
	return Guard{Code: guardAtExit + a.Kind, Expr: expr, Explain: need(words, from, a), Fix: "activities", Law: from.Law}
}

// counted asks for enough activities of a kind. Where several states want the
// kind, only those that belong to the state count.
func (c *Compiled) counted(s *State, a ActivityNeed, condition string) string {
	wanting := 0
	for _, other := range c.States {
		if slices.ContainsFunc(other.Activities, func(b ActivityNeed) bool { return b.Kind == a.Kind }) {
			wanting++
		}
	}
	phase := ""
	if wanting > 1 {
		phase = fmt.Sprintf(" && a.phase == %q", s.Name)
	}
	return fmt.Sprintf("activities.filter(a, a.kind == %q && a.%s%s).size() >= %d", a.Kind, condition, phase, max(1, a.Min))
}

// need is an explanation with the names of a state and of a kind, the number
// and the law in it.
func need(format Text, s *State, a ActivityNeed) Text {
	out := Text{}
	for locale, f := range format {
		text := fmt.Sprintf(f, s.Title.In(locale), kindWord(a.Kind, locale), max(1, a.Min), inBrackets(s.Law))
		out[locale] = strings.NewReplacer("{", "(", "}", ")").Replace(text) // no placeholder comes from a title
	}
	return out
}

// KindWords are the kinds of activity as explanations call them, many of them.
var KindWords = map[string]Text{
	"questionnaire": {"it": "questionari", "en": "questionnaires"},
	"webinar":       {"it": "webinar", "en": "webinars"},
	"focusgroup":    {"it": "focus group", "en": "focus groups"},
	"codesign":      {"it": "laboratori di co-progettazione", "en": "co-design labs"},
	"assembly":      {"it": "incontri pubblici", "en": "public meetings"},
}

// kindWord is the kind itself where it has no words of its own.
func kindWord(kind, locale string) string {
	if words, ok := KindWords[kind]; ok {
		return words.In(locale)
	}
	return kind
}
