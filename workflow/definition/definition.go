// Package definition is what the author of a workflow writes: states, terms,
// transitions and guards in YAML; it reads the file, reports every problem by
// its line, and compiles what is right.
package definition

import (
	"arengo/workflow/civil"
	"arengo/workflow/strict"
)

// Text is a sentence per locale ("it", "en").
type Text map[string]string

// In gives the text in a locale, or the Italian one where it is missing.
func (t Text) In(locale string) string {
	if s, ok := t[locale]; ok {
		return s
	}
	return t[Locales[0]]
}

// Level says what an instance of a definition is.
type Level string

// The two levels: the process itself and the activities inside it.
const (
	LevelProcess  Level = "process"
	LevelActivity Level = "activity"
)

// Definition is a workflow as its author wrote it, in file order. It is
// immutable: a published name and version never change their source.
type Definition struct {
	Name        string
	Version     int
	Title       Text
	Zone        string // IANA name, for example Europe/Rome
	Calendar    string // of civil.Calendars, "" for none; see Compiled.Civil
	Level       Level
	Roles       []string
	Initial     string
	Counts      []string // names of activity counts that guards may read
	States      []State
	Transitions []Transition
}

// State is one phase of a process or one condition of an activity.
type State struct {
	Name       string
	Title      Text
	Purpose    Text
	Term       *Term // nil: the state has no end of its own
	Artefacts  []Artefact
	Activities []ActivityNeed
	Allows     []string // capabilities, words of Capabilities
	OnEnter    []Action
	Reminders  []Reminder
	AtEnd      string // event fired when the term ends; "" makes the state overdue instead
	Overdue    *Overdue
	Final      bool
	Law        *Law
	Line       int // line in the file
}

// Term is how long a state lasts. Length, Min and Max count from entry; Until
// names an anchor instead of a length. Zero spans are unset.
type Term struct {
	Length, Min, Max civil.Span
	Until            string
	Law              *Law
	Line             int
}

// Law is the source of a statutory term. Confidence is V (read in a source
// text) or R (recalled, to be confirmed by a lawyer).
type Law struct {
	Article, Source string
	Checked         string // date as YYYY-MM-DD, "" when R
	Confidence      string
}

// Artefact is a document that a state asks for.
type Artefact struct {
	Code             string
	Title            Text
	Required, Public bool
	Line             int
}

// ActivityNeed is an activity that a state expects, for the wizard and the
// cockpit; Max 0 is no maximum. Guards, not needs, block transitions.
type ActivityNeed struct {
	Kind     string
	Min, Max int
	Sessions int
	Note     Text
	Line     int
}

// Action is one consequence of entering a state or of a transition. Exactly
// one of Open, Close, Notice and Fire is set; To goes with Notice.
type Action struct {
	Open, Close string // activity kind
	Notice      string
	To          []string
	Fire        string // event of the owning process
	Line        int
}

// Reminder is a notice before or after an anchor ("end" of the term unless Of
// names another). Without a notice of its own it is NoticeAction when it goes
// to staff alone, else NoticeReminder. At, when set, moves it back to the last such wall time
// ("09:00") not after the computed instant.
type Reminder struct {
	Before, After civil.Span
	Of            string
	Notice        string
	To            []string
	At            string
	Line          int
}

// Overdue escalates when a term ended and the state is still there.
type Overdue struct {
	After    civil.Span
	Escalate []string
	Line     int
}

// Transition is one way out of one or more states. ID is unique in the file;
// an event leads out of a state by one transition at most.
type Transition struct {
	ID, Event, To  string
	From           []string // written states; ["*"] is every non-final one
	By             []string // roles, "timer", "system"
	Title          Text     // the button
	ReasonRequired bool
	ReasonAsked    bool // a reason may be given (always true when required)
	Requires       []Guard
	Then           []Action
	Line           int
}

// Guard is one condition of a transition. Explain says what is missing, with
// placeholders such as {term.min}; Fix names the page that resolves it.
type Guard struct {
	Code, Expr string
	Explain    Text
	Fix        string
	Line       int
}

// Problem is one fault of a definition file, with its line.
type Problem = strict.Problem

// Problems are all the faults of a file, by line.
type Problems = strict.Problems
