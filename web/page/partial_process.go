package page

import (
	"html/template"
	"slices"
	"time"
)

// State is where a phase, a step, a day or a chip stands; templates write the
// word for it as well as the class.
type State string

// The states of the spine. Late is only for days, chips and tasks.
const (
	Done    State = "done"
	Current State = "now"
	Next    State = "next"
	Late    State = "late"
	Stopped State = "stopped" // called off before its end
	Skipped State = "skipped" // never began, and never will
)

// Slot names a template of the page's own file and its data: content that a
// partial places without knowing it. The zero Slot places nothing.
type Slot struct {
	Name string
	Data any
}

// Action is the one button of a task, a gate's reason or a panel. With Post it
// is a form with the token and one submit button, otherwise a link.
type Action struct {
	Label, Href string
	Hidden      string // continues the label for screen readers
	Icon        string // "it-download"; may be empty
	Post        bool
	Name, Value string // of the submit button, when Post
	Primary     bool
	Large       bool
}

// Spine is the vertical timeline of a process: partial "spine".
type Spine struct {
	Phases []Phase
	Wide   bool // dates to the left from 992 px
}

// Phase is one node of a Spine. From and Until are the planned or actual
// dates, Until half-open; When replaces them in words.
type Phase struct {
	Number int // in the node and before the title; 0 for none
	Title  string
	State  State
	From   time.Time
	Until  time.Time
	When   string
	Note   string // under the dates: "prorogata di 7 giorni"
	Body   []Block
	Slot   Slot // after Body
	ID     string
}

// Block is a piece of what hangs from a phase: heading, text, list. With Fold
// it is closed behind that summary.
type Block struct {
	Heading string
	Text    string
	HTML    template.HTML // already safe, for Markdown
	Items   []Item
	Fold    string
}

// Item is a line of a list: a link or a text, with a note below it.
type Item struct {
	Label, Href string
	Note        string
	At          time.Time // written before the label when set
}

// Track is the same timeline laid flat: partial "track".
type Track struct {
	Label  string // for screen readers: "Fasi del percorso"
	Steps  []Step
	Title  Link    // above the caption, on cards
	Unit   string  // "phase" (default) or "step": the word before "3 di 7"
	Strong string  // after the caption: "Domanda 12 di 20"
	Mini   bool    // names hidden, for cards
	Inside bool    // progress inside the current step, for questions
	Share  float64 // of the current step, 0 to 1, with Inside
}

// Step is a segment of a Track; Said stands for the words of its state.
type Step struct {
	Name  string
	State State
	Said  string
}

// Position is the number of the current step, 1 the first; 0 when none is.
func (t Track) Position() int {
	for i, s := range t.Steps {
		if s.State == Current {
			return i + 1
		}
	}
	return 0
}

// CurrentName is the name of the current step, or "".
func (t Track) CurrentName() string {
	if p := t.Position(); p > 0 {
		return t.Steps[p-1].Name
	}
	return ""
}

// Broken reports whether the whole was called off.
func (t Track) Broken() bool {
	return slices.ContainsFunc(t.Steps, func(s Step) bool { return s.State == Stopped })
}

// Finished reports whether no step is left to come.
func (t Track) Finished() bool {
	for _, s := range t.Steps {
		if s.State != Done && s.State != Skipped {
			return false
		}
	}
	return len(t.Steps) > 0
}

// Taken counts the steps that are done.
func (t Track) Taken() int {
	n := 0
	for _, s := range t.Steps {
		if s.State == Done {
			n++
		}
	}
	return n
}

// Now is the panel that says what to do: partial "now". One act, its deadline,
// one primary button.
type Now struct {
	ID       string
	Chip     *Chip
	Heading  string
	Deadline *Deadline
	Text     []string // before the button
	Action   *Action
	Other    []Link   // beside the button
	Then     []string // after the button
	Notes    []string // last, smaller
	Slot     Slot
}

// Deadline is the end of a term in words: partial "deadline". At is half-open,
// so 00:00 shows as 23:59 of the day before.
type Deadline struct {
	Lead string // "Chiude"; begins the sentence when set
	At   time.Time
	Note string
}

// Chip is a state in a word: partial "chip".
type Chip struct {
	State State // Done, Current, Late; "tbc" is dashed; anything else is plain
	Label string
	Icon  string
}

// ToConfirm marks a term whose source nobody has confirmed.
const ToConfirm State = "tbc"

// Source says where a term comes from: partial "source". Kind is "law",
// "template", "own" (of the process) or "tbc" ("Da verificare"); they are never mixed.
type Source struct{ Kind, Text string }

// Card presents a process or a template in a list: partial "card".
type Card struct {
	Link     Link
	Chip     *Chip
	Meta     []string
	Track    *Track
	Strong   string // begins the last line
	Text     string
	Deadline time.Time // "fino a …" after the last line
	Now      bool      // something can be done today
	Slot     Slot
}

// Log is the public register: partial "log", newest first.
type Log struct {
	Caption string
	Entries []LogEntry
}

// LogEntry is a line of the register. An empty Who reads "Automatico".
//
// Number and Hash are the entry's place and fingerprint in the chain, "" and 0
// for what is not of it.
type LogEntry struct {
	Number    int64
	At        time.Time
	What, Who string
	Reason    string
	Hash      string // hexadecimal
	Digest    string // of the document that it tells of, hexadecimal, whole
	Act       Link   // the document by which it was decided; without Href while nobody else may read it
}

// Mark is the beginning of the fingerprint, enough to find it in the file.
func (e LogEntry) Mark() string { return e.Hash[:min(len(e.Hash), 12)] }

// Facts is a list of terms and descriptions: partial "facts".
type Facts struct {
	Tight bool
	Items []Fact
}

// Fact is one line of Facts. HTML, already safe, wins over Text.
type Fact struct {
	Term, Text string
	HTML       template.HTML
	Link       Link // after the text
}
