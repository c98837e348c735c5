package notify

import "arengo/notify/catalogue"

// What is known of each kind of notice, see package catalogue.
type (
	// Kind describes one kind of notice.
	Kind = catalogue.Kind
	// Category says what a reader may refuse.
	Category = catalogue.Category
	// Calendar says which calendar file a kind carries.
	Calendar = catalogue.Calendar
)

// The categories.
const (
	Transactional = catalogue.Transactional
	Statutory     = catalogue.Statutory
	Participation = catalogue.Participation
)

// The calendar methods of kinds.
const (
	NoCalendar = catalogue.NoCalendar
	Request    = catalogue.Request
	Cancel     = catalogue.Cancel
)

// The kinds of what a definition says in words of its own, see templates.Own:
// to those who take part, who may want none, and to those who work on it, whose
// duties it names.
const (
	Announcement = "announcement"
	StaffNotice  = "staff-notice"
)

// Locales lists the languages in which people can be written to; the first is what
// a reader of another gets.
func Locales() []string { return catalogue.Locales() }

// Kinds lists every kind of notice, in alphabetical order.
func Kinds() []Kind { return catalogue.Kinds() }

// KindNamed finds a kind; ok is false for a word outside the catalogue.
func KindNamed(name string) (k Kind, ok bool) { return catalogue.Named(name) }

// urgently is the priority of what answers somebody.
const urgently = catalogue.Urgent

// urgent names the kinds that are sent before the others.
func urgent() []string {
	var out []string
	for _, k := range catalogue.Kinds() {
		if k.Priority == urgently {
			out = append(out, k.Name)
		}
	}
	return out
}
