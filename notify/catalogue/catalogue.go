// Package catalogue is the list of notices: a folder each, which holds what kind
// of notice it is and which values it says (notice.yaml) and its text in every
// language (it.md, en.md …). What all kinds share stands in common.yaml, what
// people set preferences for in topics.yaml.
//
// The files are read once and held against each other: a text that says a value
// which nobody declared, a declared value that no text says, a missing language.
// The package knows neither the rendering (package templates) nor the sending
// (package notify).
package catalogue

import (
	"slices"
	"sync"
	"time"
)

// Category says what a reader may refuse. Transactional mail answers what the
// reader did; statutory mail is owed by law or rules; participation is the
// rest and may always be refused.
type Category string

// The categories.
const (
	Transactional Category = "transactional"
	Statutory     Category = "statutory"
	Participation Category = "participation"
)

// Calendar says which calendar file a kind carries when its facts have a
// meeting with a UID.
type Calendar string

// The calendar methods of kinds, as in RFC 5546.
const (
	NoCalendar Calendar = ""
	Request    Calendar = "REQUEST"
	Cancel     Calendar = "CANCEL"
)

// The priorities: what answers somebody is claimed and sent before what calls
// many.
const (
	Urgent = iota
	InTurn
)

// Kind describes one kind of notice.
type Kind struct {
	Name     string
	Category Category
	Topic    string // of topics.yaml
	// TimeToLive is how long after it was due a message is still worth sending;
	// later it expires unsent.
	TimeToLive time.Duration
	Calendar   Calendar
	Priority   int
	// Deadline is a notice that comes too late when it waits for a digest or for
	// the end of quiet hours.
	Deadline bool
	// Adaptable is a notice whose text a promoter may write anew for a process.
	// One that says several things by its facts is not: a fixed text would leave
	// some of them out.
	Adaptable bool
	// Proof is a notice by whose link its reader proves that the address it went to is
	// theirs: it goes nowhere else.
	Proof bool
	// Account is a notice of no process.
	Account bool
	Why     string   // of why.yaml, "" where it depends on the reader
	Title   Text     // what people call it
	When    Text     // when it goes out, after "It goes out "
	To      Text     // to whom, after "It goes "
	Fields  []Field  // what it says beside the common variables
	Keeps   []string // the variables that an adapted text must say

	common []int // those of the common variables that its texts say
}

// Text is one text by locale.
type Text map[string]string

// In gives the text in a locale, or in the first one.
func (t Text) In(locale string) string {
	if said, ok := t[locale]; ok || len(t) == 0 {
		return said
	}
	return t[locales[0]]
}

// Type says how the value of a field is written down, and so how it is said.
type Type string

// The types. A value of any but List is a string: digits; 2026-11-30; an instant
// as RFC 3339 has it; two of them parted by a slash; an address with its scheme;
// one of the field's own words, or several parted by commas; anything at all for a Flag that is up. A List has
// rows with fields of their own.
const (
	Words  Type = "text"
	Number Type = "number"
	Day    Type = "day"
	Moment Type = "moment"
	Span   Type = "span"
	URL    Type = "url"
	Choice Type = "choice"
	Flag   Type = "flag"
	List   Type = "list"
)

// Field is one value that a notice says.
type Field struct {
	Name        string
	Type        Type
	Required    bool // a message without it is an error
	Description Text
	Preview     Text            // a plausible value by locale, nil where a preview goes without
	Missing     Text            // what an adapted text says when there is no value
	Words       map[string]Text // of a choice: how each value is said
	Fields      []Field         // of the rows of a list
}

// Variable is a value that whoever adapts the text of a notice may put into it,
// as its name in braces: {process}. Preview is by locale and as it is written
// down; templates.Values says it. Missing is what is said when there is no value,
// nil where the reader sees nothing.
type Variable struct {
	Name        string
	Type        Type
	Required    bool // it always has a value
	Kept        bool // an adapted text must say it
	Description Text
	Preview     Text
	Missing     Text
}

// Topic is what a person sets preferences for.
type Topic struct {
	Name        string
	Title       Text
	Description Text
}

// locales are the complete ones; the first is what a reader of another language
// gets.
var locales = []string{"it", "en", "de", "fr"}

// Locales lists the languages that every kind is written in.
func Locales() []string { return slices.Clone(locales) }

// contents is all that the files say.
type contents struct {
	kinds   []Kind
	topics  []Topic
	common  []shared
	why     []why
	sources map[string]string // by kind, a slash and locale
}

// why is an entry of why.yaml.
type why struct {
	Name string
	Text Text
}

var read = sync.OnceValues(func() (contents, error) { return readAll(files) })

// all gives what could be read; Load tells what could not.
func all() contents {
	c, _ := read()
	return c
}

// Load reads the catalogue, once. Its error joins all mistakes, each as
// "file:line: message". A program calls it at its start, see templates.Load.
func Load() error {
	_, err := read()
	return err
}

// Kinds lists every kind of notice, in alphabetical order.
func Kinds() []Kind { return slices.Clone(all().kinds) }

// Named finds a kind; ok is false for a word outside the catalogue.
func Named(name string) (k Kind, ok bool) {
	kinds := all().kinds
	i, ok := slices.BinarySearchFunc(kinds, name, func(k Kind, name string) int { return compare(k.Name, name) })
	if !ok {
		return Kind{}, false
	}
	return kinds[i], true
}

// Topics lists what people set preferences for, in the order of a page.
func Topics() []Topic { return slices.Clone(all().topics) }

// Source gives the text of a kind in a locale, as it stands in its file; "" for
// what there is none of.
func Source(kind, locale string) string { return all().sources[kind+"/"+locale] }

// Why gives the sentence that says why somebody gets a message, nil for an unknown
// word.
func Why(name string) Text {
	for _, w := range all().why {
		if w.Name == name {
			return w.Text
		}
	}
	return nil
}

// Common gives a variable that notices share, zero for an unknown name.
func Common(name string) Variable {
	for _, s := range all().common {
		if s.Name == name {
			return s.variable()
		}
	}
	return Variable{}
}

// Variables lists what may be put into a text of the kind: the common variables
// that its own texts say or that are always there, then its own fields. Flags
// and lists are left out: they choose between sentences and are none. It is nil
// for an unknown kind.
func Variables(kind string) []Variable {
	k, ok := Named(kind)
	if !ok {
		return nil
	}
	return all().variables(k)
}

func (c contents) variables(k Kind) []Variable {
	var out []Variable
	for i, s := range c.common {
		if s.sayable() && !k.has(s.Name) && (s.givenTo(k) || slices.Contains(k.common, i)) {
			out = append(out, s.variable())
		}
	}
	for _, f := range k.Fields {
		if f.sayable() {
			out = append(out, f.variable())
		}
	}
	for i := range out {
		out[i].Kept = slices.Contains(k.Keeps, out[i].Name)
	}
	return out
}

func (k Kind) has(name string) bool {
	return slices.ContainsFunc(k.Fields, func(f Field) bool { return f.Name == name })
}

func (f Field) sayable() bool { return f.Type != Flag && f.Type != List }

func (f Field) variable() Variable {
	return Variable{Name: f.Name, Type: f.Type, Required: f.Required, Description: f.Description, Preview: f.Preview, Missing: f.Missing}
}
