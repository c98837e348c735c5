package page

import (
	"strings"
	"time"
)

// Field is a labelled control of a form: partial "field". Its error is the
// page's FieldError whose Field is ID (Name when ID is empty).
type Field struct {
	ID, Name string
	Label    string
	Hint     string
	Type     string // text (default), email, date, time, datetime-local, number, tel, url, search, file, textarea, select
	Value    string
	Choices  []Choice // for select
	Empty    string   // first, valueless choice of a select
	Required bool
	Note     string // instead of "(optional)" after the label of a field that may stay empty
	Quiet    bool   // nothing is said of that: every field of a search may
	Rows     int    // of a textarea
	Max      int    // characters, 0 for no limit
	Low      string
	High     string // bounds of a number or a date
	Complete string // autocomplete token: "email", "name"
	Mode     string // inputmode
	Accept   string // of a file
}

// Key is the id of the control.
func (f Field) Key() string { return key(f.ID, f.Name) }

// Choice is an option of a select, a radio or a checkbox.
type Choice struct {
	Value, Label string
	Hint         string
	Selected     bool
	Disabled     bool
}

// Options is a set of full-row radios or checkboxes under one legend: partial
// "options". Heading makes the legend the page's h1, as on a question page.
type Options struct {
	ID, Name string
	Legend   string
	Heading  bool
	Hint     string
	Multiple bool
	Choices  []Choice
	Other    *Field // free text after the last choice
	Required bool
}

// Key is the id of the group; its first control is <id>-1.
func (o Options) Key() string { return key(o.ID, o.Name) }

// Option is one such row by itself: partial "option". Type is "radio" or
// "checkbox".
type Option struct {
	ID, Name, Value string
	Type            string
	Label, Hint     string
	Checked         bool
	Disabled        bool
	Required        bool
	Describes       string // ids for aria-describedby
}

// Scale is a row of numbers from Low to High with words at its ends: partial
// "scale". None, when set, is the answer "Non saprei".
type Scale struct {
	ID, Name          string
	Legend            string
	Heading           bool
	Hint              string
	Low, High         int
	Value             string
	LowText, HighText string
	None              *Choice
	Required          bool
}

// Key is the id of the group.
func (s Scale) Key() string { return key(s.ID, s.Name) }

// Size is how many numbers the row has.
func (s Scale) Size() int { return s.High - s.Low + 1 }

// ErrorSummary is the panel that lists a form's problems: partial "errors".
// The layout shows it from Base.Errors; a page rarely needs it.
type ErrorSummary struct{ Errors []FieldError }

// Saved says that the draft is kept: partial "saved". Text wins over At.
type Saved struct {
	Text string
	At   time.Time
}

func key(id, name string) string {
	if id != "" {
		return id
	}
	return name
}

// Conflict tells a person that somebody else saved while they wrote: what is
// saved now stands beside what they wrote, where they differ. Partial
// "setupconflict".
type Conflict struct{ Rows []ConflictRow }

// ConflictRow is one field of a conflict.
type ConflictRow struct{ Label, Saved, Yours string }

// Compare sets the fields of a form as they are saved beside the same fields as
// they were written.
func Compare(saved, written []Field) *Conflict {
	c := &Conflict{}
	for i, f := range written {
		if was, is := saved[i].words(), f.words(); was != is {
			c.Rows = append(c.Rows, ConflictRow{f.Label, was, is})
		}
	}
	return c
}

// words are what a field holds, as people read it.
func (f Field) words() string {
	text := strings.TrimSpace(strings.ReplaceAll(f.Value, "\r\n", "\n"))
	if at, err := time.Parse("2006-01-02T15:04", text); err == nil && f.Type == "datetime-local" {
		return at.Format("02/01/2006, 15:04")
	}
	return text
}

// Hidden is a value that goes back with a form.
type Hidden struct{ Name, Value string }
