package form

import (
	"net/url"

	"arengo/process/fault"
)

// Form is a definition compiled for use: expressions checked, pages counted.
// It never changes after Compile and may be shared by any number of requests.
type Form struct {
	def   Definition
	pages []Page
	index map[string]int
}

// Page is one screen of the questionnaire: one item in its section.
type Page struct {
	Item    *Item
	Section *Section
	// Number counts the questions from 1, as people see them; it never shifts
	// when others are hidden. A note has the number 0.
	Number int
	// Index is the page's place among all pages, notes included, from 0.
	Index int
}

// Compile prepares a definition for use. It fails with a fault.List when Check
// finds an error (warnings pass).
func Compile(def Definition) (*Form, error) { panic("todo") }

// Definition is a copy of what was compiled.
func (f *Form) Definition() Definition { return f.def.tidy() }

// Pages lists every page in order, shown or not.
func (f *Form) Pages() []Page { return f.pages }

// Page finds a page by its item's code.
func (f *Form) Page(code string) (Page, bool) { panic("todo") }

// Questions counts the items that ask something: the "20" of "7 of 20".
func (f *Form) Questions() int { panic("todo") }

// Minutes is the estimated time to answer everything, rounded up.
func (f *Form) Minutes() int { panic("todo") }

// Relevant says, for every item code, whether a person with these answers sees
// the item. The error is an internal fault of an expression (division by zero,
// overflow, cost), never the person's doing.
func (f *Form) Relevant(a Answers) (map[string]bool, error) { panic("todo") }

// Submitted is what may be stored: the readable, non-blank answers of the
// items that the person sees.
func (f *Form) Submitted(a Answers) (Answers, error) { panic("todo") }

// Validate reports every problem of the items that the person sees, in the
// order of the questionnaire; empty means that the answers may be submitted.
func (f *Form) Validate(a Answers) (fault.List, error) { panic("todo") }

// ValidateItem reports the problems of one item's answer, whether it is shown
// or not; Field is the item's code.
func (f *Form) ValidateItem(code string, a Answer) fault.List { panic("todo") }

// Parse reads the posted values of one item (the field is named by the item's
// code) and reports what is wrong with them. The answer always holds what the
// person typed, so that it can be kept in the draft and shown again.
func (f *Form) Parse(code string, values url.Values) (Answer, fault.List) { panic("todo") }

// Next is the first page shown after the item with this code ("" begins); ok
// is false at the end, where the review page follows.
func (f *Form) Next(code string, a Answers) (p Page, ok bool, err error) { panic("todo") }

// Prev is the last page shown before the item with this code ("" is the end);
// ok is false at the beginning.
func (f *Form) Prev(code string, a Answers) (p Page, ok bool, err error) { panic("todo") }

// FirstUnanswered is where somebody resumes: the first question shown that was
// never seen, or that is required and blank, or whose answer has a problem; ok
// is false when only the review page is left.
func (f *Form) FirstUnanswered(a Answers) (p Page, ok bool, err error) { panic("todo") }

// Progress counts how far a person is.
type Progress struct {
	Shown    int // questions shown to this person
	Answered int // of those, answered and readable
	Blank    int // seen and left blank, or not yet seen
	Hidden   int // questions that do not concern this person
	Share    int // Answered of Shown, in whole percent, 100 only when all are
}

// Progress counts how far these answers go.
func (f *Form) Progress(a Answers) (Progress, error) { panic("todo") }
