// Package definition is what the author of a workflow writes: states, terms,
// transitions and guards in YAML; it reads the file, reports every problem by
// its line, and compiles what is right. The language is described for its
// authors in docs/definitions.md.
package definition

import (
	"slices"
	"time"

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

// Words is In, for the catalogues of sentences.
func (t Text) Words(locale string) string { return t.In(locale) }

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
	Summary     Text   // two lines for who chooses a template, nil when there are none
	Law         *Law   // the legal basis of the whole; nil makes it a light kit
	Zone        string // IANA name, for example Europe/Rome
	Calendar    string // of civil.Calendars, "" for none; see Compiled.Civil
	Level       Level
	Roles       []string
	Initial     string
	Counts      []string // names of activity counts that guards may read
	Dates       []Date
	Notices     []Notice
	Signatures  *Signatures
	States      []State
	Transitions []Transition
}

// Date is a civil date of the call, which the promoter fills in. Days are those on
// which it may fall, every year; none is any day. After is the code of a date of the
// call that it must come after, "" for none.
type Date struct {
	Code     string
	Title    Text
	Required bool
	Days     civil.MonthDays
	After    string
	Law      *Law
	Line     int
}

// Untimely is a date of the call that is not after the one that it must follow.
type Untimely struct{ Date, After Date }

// Untimely lists, in file order, the dates that are known, by code and each as its
// first instant, and do not come after the one that they must.
func (d Definition) Untimely(known map[string]time.Time) []Untimely {
	return slices.DeleteFunc(d.coupled(known), func(x Untimely) bool { return known[x.Date.Code].After(known[x.After.Code]) })
}

// coupled are the dates that must follow another, where both are known.
func (d Definition) coupled(known map[string]time.Time) []Untimely {
	var out []Untimely
	for _, x := range d.Dates {
		i := slices.IndexFunc(d.Dates, func(y Date) bool { return y.Code == x.After })
		if i >= 0 && !known[x.Code].IsZero() && !known[x.After].IsZero() {
			out = append(out, Untimely{x, d.Dates[i]})
		}
	}
	return out
}

// Skipping is a date of the call that follows another as it must, but leaves out the
// First of its days to come after it: no breach, and nearly always a slip.
type Skipping struct {
	Date, After Date
	First       civil.Date
}

// Skipping lists, in file order, the dates among those that are known (see Untimely)
// that leave out a day on which they could fall.
func (c *Compiled) Skipping(known map[string]time.Time) []Skipping {
	var out []Skipping
	day := func(code string) civil.Date { return civil.DateOf(known[code], c.Location) }
	for _, x := range c.coupled(known) {
		first := x.Date.Days.Next(day(x.After.Code).Add(1))
		if len(x.Date.Days) > 0 && first.Before(day(x.Date.Code)) {
			out = append(out, Skipping{x.Date, x.After, first})
		}
	}
	return out
}

// Notice is an occasion of the definition's own: plain paragraphs with the
// placeholders of NoticePlaceholders and the dates of the call.
type Notice struct {
	Code          string
	Subject, Text Text
	Line          int
}

// CodeSignatures is the document that holds the number of them.
const CodeSignatures = "signatures"

// Signatures are how many signatures an application needs, by the number of
// residents.
type Signatures struct {
	Title Text
	Law   *Law
	Bands []Band
	Line  int
}

// Band asks, up to UpTo residents (0: without an upper edge), for Base
// signatures and a share of the residents above the band before.
type Band struct {
	UpTo, Base int
	Share      int // in hundredths of a percent of the residents: 0.5 percent is 50
	Line       int
}

// Needed is the number of signatures that so many residents need, rounded up;
// 0 when residents are not positive.
func (s Signatures) Needed(residents int) int {
	below := 0
	for _, b := range s.Bands {
		if b.UpTo == 0 || residents <= b.UpTo {
			const whole = 100 * 100 // hundredths of a percent
			return b.Base + (max(0, residents-below)*b.Share+whole-1)/whole
		}
		below = b.UpTo
	}
	return 0
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
	OnExit     []Action // whichever transition leaves
	Reminders  []Reminder
	Deadlines  []Deadline
	AtEnd      string    // event fired when the term ends; "" makes the state overdue instead
	Overdue    []Overdue // the chain of escalation, soonest first
	Final      bool
	Law        *Law
	Line       int // line in the file
}

// Laws are the sources that the state rests on by itself: its own, those of its term,
// of the extension of it and of its further deadlines. One may come twice.
func (s State) Laws() []*Law {
	all := []*Law{s.Law}
	if s.Term != nil {
		all = append(all, s.Term.Law)
		if s.Term.Extend != nil {
			all = append(all, s.Term.Extend.Law)
		}
	}
	for _, d := range s.Deadlines {
		all = append(all, d.Law)
	}
	return slices.DeleteFunc(all, func(l *Law) bool { return l == nil })
}

// Needs are the activities that a state asks for, and those that it opens by itself as
// it begins: one of each must be there.
func (s State) Needs() []ActivityNeed {
	out := slices.Clone(s.Activities)
	for _, act := range s.OnEnter {
		if act.Open != "" && !slices.ContainsFunc(out, func(n ActivityNeed) bool { return n.Kind == act.Open }) {
			out = append(out, ActivityNeed{Kind: act.Open, Min: 1})
		}
	}
	return out
}

// Law is the source of a statutory term. Confidence is V (read in a source
// text) or R (recalled, to be confirmed by a lawyer).
type Law struct {
	Article, Source string
	Checked         string // date as YYYY-MM-DD, "" when R
	Confidence      string
}

// Artefact is a document that a state asks for. By are the roles that alone write,
// publish and withdraw it; none leaves that to all who write documents.
type Artefact struct {
	Code             string
	Title            Text
	Required, Public bool
	By               []string
	Line             int
}

// ActivityNeed is an activity that a state expects, for the wizard and the
// cockpit; Max 0 is no maximum. By itself a need blocks nothing: AtEntry asks
// that Min of them (1 when that is 0) are ready or open before the state is
// entered, AtExit that as many are over before it is left.
type ActivityNeed struct {
	Kind     string
	Min, Max int
	Sessions int
	AtEntry  string // "ready", "open" or ""
	AtExit   string // "over" or ""
	Note     Text
	Line     int
}

// Action is one consequence of entering or leaving a state or of a transition.
// Exactly one of Open, Close, Notice and Fire is set; To goes with Notice.
type Action struct {
	Open, Close string // activity kind
	Notice      string
	To          []string
	Fire        string // event of the owning process
	Line        int
}

// Transition is one way out of one or more states. ID is unique in the file;
// an event leads out of a state by one transition at most.
type Transition struct {
	ID, Event, To  string
	From           []string // written states; ["*"] is every non-final one
	By             []string // roles, "timer", "system"
	Title          Text     // the button
	ReasonRequired bool
	ReasonAsked    bool     // a reason may be given (always true when required)
	Reopens        bool     // it may leave a final state; notices of entering are not repeated
	Tell           []string // audiences among which who reopens chooses
	Requires       []Guard  // those of the file, then the implied ones
	Then           []Action
	Line           int
}

// Guard is one condition of a transition. Explain says what is missing, with
// placeholders such as {term.min}; Fix names the page that resolves it. An
// Implied one stands in no file: a term or an activity of the state asks for it.
type Guard struct {
	Code, Expr string
	Explain    Text
	Fix        string
	Law        *Law
	Implied    bool
	Line       int
}

// Problem is one fault of a definition file, with its line.
type Problem = strict.Problem

// Problems are all the faults of a file, by line.
type Problems = strict.Problems
