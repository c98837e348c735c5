// Package templates writes what people read: the sources of package catalogue,
// one a notice kind and locale, in Markdown with Go template fields, rendered to
// plain text and to the HTML frame that every message of Arengo shares.
//
// The first line of a source is the subject. A level-one heading is the title
// in the message; a block quote is small print; "[[button: label]]" is the
// primary link; "[[preview: text]]" is the line that mail programs show beside
// the subject.
package templates

import "time"

// Facts is all that a source may say. Fields that a kind does not need stay
// zero. Every string is plain text: rendering escapes it.
type Facts struct {
	Kind      string // in whose words it is said, where not in those of the notice's own
	Process   Process
	Activity  Activity
	Recipient Recipient
	Deadline  Deadline
	Before    Deadline // of deadline-extended and -shortened: the end that the reader knew
	Meeting   Meeting
	Starts    []time.Time // of held and resumed: when the meetings still to come begin
	Along     []Along     // of held and resumed
	Own       Own         // of announcement and staff-notice, an error when missing
	// Extra and Lists hold what one kind says of its own, by the names of its
	// notice.yaml and written as its types want it, see catalogue.Type. What the
	// kind does not declare is passed over.
	Extra map[string]string
	Lists map[string][]map[string]string
	// Wordings are texts that stand in the place of the kind's own, nil for none.
	Wordings Wordings
	// Said is what the variables of such a text stand for; rendering fills it.
	Said map[string]string
}

// Process describes the process a message belongs to; zero for account mail.
type Process struct {
	ID               int64
	Title            string // also the name in the From header
	Promoter         string // the header of the message
	Phase            Phase
	ContactName      string // "Marta Bindi, facilitatrice"
	ContactEmail     string // becomes Reply-To
	ContactPhone     string // as printed; linked as tel:
	ContactHours     string
	URL              string // public page
	PrivacyURL       string
	AccessibilityURL string
	Zone             string // IANA name, empty means Europe/Rome
}

// Phase is the step the process is at; Of zero hides the progress bar.
type Phase struct {
	Number int // from 1
	Of     int
	Title  string
}

// Activity is what a message is about inside its process.
type Activity struct {
	Title string
	Intro string // what it is about, in its staff's words
	URL   string
	Kind  string // "questionnaire", "webinar", …
}

// Recipient is the one reader of a message.
type Recipient struct {
	Name           string // as we greet them: "Miriam"
	Locale         string // "it", "en"
	Link           string // the primary button
	Shared         bool   // the link is not theirs alone: they may pass it on
	UnsubscribeURL string // empty when the mail cannot be refused
	Why            string // a whole sentence in the reader's language
}

// Deadline is an exact, half-open end: midnight is shown as 23:59 of the day
// before. Zone is an IANA name; empty means the process's.
type Deadline struct {
	At   time.Time
	Zone string
}

// Meeting is an appointment; a UID asks for a calendar file, and none says that
// the reader gets words only. UID never changes
// in the life of a meeting, Sequence grows with each change of time or status.
type Meeting struct {
	Title     string
	Start     time.Time
	End       time.Time
	Place     string
	URL       string // to join; only for those who attend online
	UID       string
	Sequence  int
	Cancelled bool
}

// Along is an activity that rests, or goes on, together with its process, and when
// its meetings still to come begin.
type Along struct {
	Title    string
	Deadline Deadline
	Starts   []time.Time
}

// Known reports whether there is a deadline to speak of.
func (d Deadline) Known() bool { return !d.At.IsZero() }

// Known reports whether there is a meeting to speak of.
func (m Meeting) Known() bool { return !m.Start.IsZero() }
