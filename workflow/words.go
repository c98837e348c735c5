package workflow

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Locales are the languages a definition must speak, the default one first.
var Locales = []string{"it", "en"}

// Capabilities are what a state may allow; policy asks for them by name.
var Capabilities = []string{
	"edit", "invite-staff", "invite", "remind", "respond", "draft", "extend", "hold",
	"code-answers", "run-focusgroup", "register", "withdraw", "convene", "attend", "join", "consent",
	"take-notes", "minute", "propose", "vote", "discuss", "publish",
}

// Roles are the offices a person may hold in a process.
var Roles = []string{"promoter", "facilitator", "editor", "expert", "participant"}

// Audiences are who a notice may go to. They are resolved at sending time:
// silent is the invited who have not answered, contributors those who gave
// something. Every role is an audience too.
var Audiences = append([]string{
	"followers", "silent", "invited", "registered", "waiting", "everyone-involved", "contributors",
}, Roles...)

// Actors are the non-human words that a transition's `by` may name.
var Actors = []string{"timer", "system"}

// Notices are the occasions a definition may announce, each of notify's
// catalogue. The first four are also sent by the engine of its own accord.
var Notices = []string{
	NoticeReminder, NoticeAction, NoticeOverdue, NoticeExtended,
	"last-days", "phase-opened", "activity-opened", "activity-closed", "results-published", "invitation",
	"focusgroup-invitation", "meeting-reminder", "meeting-moved", "meeting-cancelled", "meeting-materials",
	"process-closed", "what-became-of-it",
}

// Notices that the engine sends without being told.
const (
	NoticeReminder = "reminder"          // a reminder to participants that names no notice
	NoticeAction   = "action-needed"     // the same to staff, and a timer that met a guard
	NoticeOverdue  = "action-overdue"    // a term ended and nothing happened, then or still later
	NoticeExtended = "deadline-extended" // an end was moved
)

// Staff are the roles that advance a process; the other audiences take part.
var Staff = []string{"promoter", "facilitator", "editor", "expert"}

// Fixes are the pages that resolve a blocker.
var Fixes = []string{
	"population", "activities", "people", "results", "report", "documents", "project-sheet", "settings", "contacts",
	"questions", "invitations", "registrations", "meeting", "sessions", "agenda", "minutes", "notes", "attendance",
	"cards", "tables", "outcomes", "recording", "consent", "deadline",
}

// Anchors are the instants a term or a reminder may hang on: "end" of the
// term and "entry" into the state are the engine's own, the others come from
// facts. As the end of a term, meeting is the first instant and meeting_end
// the last.
var Anchors = []string{anchorEnd, anchorEntry, "meeting", "meeting_end"}

const (
	anchorEnd   = "end"
	anchorEntry = "entry"
	everyState  = "*"
)

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

func appendNew(list []string, word string) []string {
	if contains(list, word) {
		return list
	}
	return append(list, word)
}

// officeNames are the words for roles and other actors in explanations.
var officeNames = map[string]Text{
	"promoter":    {"it": "promotore", "en": "promoter"},
	"facilitator": {"it": "facilitatore", "en": "facilitator"},
	"editor":      {"it": "redattore", "en": "editor"},
	"expert":      {"it": "esperto", "en": "expert"},
	"participant": {"it": "partecipante", "en": "participant"},
	"timer":       {"it": "la scadenza", "en": "the deadline"},
	"system":      {"it": "il percorso", "en": "the process"},
}

var explainReason = Text{"it": "Scrivi il motivo", "en": "Write the reason"}

func explainEvent(state Text) Text {
	return Text{
		"it": fmt.Sprintf("Non è possibile nello stato “%s”", state.In("it")),
		"en": fmt.Sprintf("This is not possible in the state “%s”", state.In("en")),
	}
}

func explainRole(by []string) Text {
	out := Text{"it": "Può farlo: ", "en": "This can be done by: "}
	for _, locale := range Locales {
		var names []string
		for _, word := range by {
			names = append(names, officeNames[word].In(locale))
		}
		out[locale] += strings.Join(names, ", ")
	}
	return out
}

func placeholders(def *Compiled) []string {
	out := []string{
		"term.length", "term.min", "term.max", "term.entered_at", "term.min_at", "term.due_at", "term.max_at",
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

func knownPlaceholder(name string, def *Compiled) bool { return contains(placeholders(def), name) }

// fill puts values into an explanation, in each locale.
func fill(def *Compiled, in Input, explain Text) Text {
	out := Text{}
	for locale, text := range explain {
		out[locale] = placeholder.ReplaceAllStringFunc(text, func(m string) string {
			return value(def, in, strings.Trim(m, "{}"), locale)
		})
	}
	return out
}

func value(def *Compiled, in Input, name, locale string) string {
	var term Term
	if s := def.states[in.State]; s != nil && s.Term != nil {
		term = *s.Term
	}
	facts := in.Facts.Term
	spans := map[string]Span{"term.length": term.Length, "term.min": term.Min, "term.max": term.Max}
	times := map[string]time.Time{
		"term.entered_at": facts.EnteredAt, "term.min_at": facts.MinAt, "term.due_at": facts.DueAt, "term.max_at": facts.MaxAt,
	}
	if s, ok := spans[name]; ok {
		return s.Words(locale)
	}
	if t, ok := times[name]; ok {
		return sayTime(t, def.Location, locale)
	}
	if count, ok := strings.CutPrefix(name, "counts."); ok {
		return strconv.FormatInt(in.Facts.Counts[count], 10)
	}
	if role, ok := strings.CutPrefix(name, "process.roles."); ok {
		return strconv.FormatInt(in.Facts.Process.Roles[role], 10)
	}
	return strconv.FormatInt(in.Facts.Process.Population.Units, 10)
}

var months = map[string][]string{
	"it": {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// sayTime writes an instant as "22 aprile 2026, ore 00:00" in the zone.
func sayTime(t time.Time, zone *time.Location, locale string) string {
	if t.IsZero() {
		return "–"
	}
	l := t.In(zone)
	hour := map[string]string{"it": "ore", "en": "at"}[locale]
	return fmt.Sprintf("%d %s %d, %s %02d:%02d", l.Day(), months[locale][l.Month()-1], l.Year(), hour, l.Hour(), l.Minute())
}
