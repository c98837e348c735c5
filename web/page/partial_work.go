package page

import "time"

// Day is a stretch of the cockpit: partial "day". State is Late, Current or
// Next; Node is what its circle shows (the number of tasks when empty).
type Day struct {
	ID      string
	State   State
	Heading string
	Node    string
	Tasks   []Task
	Text    string
	Link    Link
}

// Task is a row of the cockpit: partial "task". Verb and Object make its
// title. Due is half-open; Late says "Scaduto …", Today "Oggi entro le …".
type Task struct {
	Verb, Object string
	Context      string // process · activity
	Due          time.Time
	When         string // replaces the words for Due
	Then         string // after the date: what happens, who waits
	Source       *Source
	Action       Action
	State        State // Late, Current or Next
}

// Gate stands between two phases: partial "gate". With no Reasons it is open
// and shows its Action.
type Gate struct {
	ID      string
	Heading string
	Text    string
	Reasons []Reason
	InOrder []string
	Note    string
	Action  *Action
}

// Reason is something that blocks, with its remedy. Mark is "missing" or
// "wait" or "others".
type Reason struct {
	Mark   string
	Title  string
	Text   string
	Action *Action
}

// Preview is the striped bar; the layout draws it from Base.Preview.

// Items is the list of a questionnaire's questions: partial "items".
type Items struct{ Groups []ItemGroup }

// ItemGroup is a titled stretch of Items.
type ItemGroup struct {
	Heading string
	Items   []Question
}

// Question is a line of Items; Branch sets it in, Current marks the one being
// edited.
type Question struct {
	Number          int // 0 for a note between questions
	Label, Href     string
	Kind            string // "scala 1–5, se 7 è 1 o 2"
	Branch, Current bool
}

// Rule shows a condition in words beside its controls: partial "rule". Slot
// holds the controls.
type Rule struct {
	Words string
	Slot  Slot
}

// Lint is a list of checks: partial "lint".
type Lint struct{ Findings []Finding }

// Finding is one check. Level is "error", "warn" or "ok".
type Finding struct {
	Level  string
	Strong string
	Text   string
	Link   Link
}

// Answers is what someone is about to send, or has sent: partial "answers".
type Answers struct{ Groups []AnswerGroup }

// AnswerGroup is a titled stretch of Answers; Heading may be empty.
type AnswerGroup struct {
	Heading string
	Items   []Answer
}

// Answer is one question with its answer; an empty Text reads "Nessuna
// risposta". Edit is the address of the question, "" when it cannot change.
type Answer struct {
	Number         int
	Question, Text string
	Edit           string
}

// Pagination is the list of pages: partial "pagination". Make it with
// Paginate.
type Pagination struct {
	Prev, Next string // addresses, "" at the ends
	Pages      []PageLink
}

// PageLink is a page of a Pagination; Gap stands for left-out pages.
type PageLink struct {
	Number       int
	Href         string
	Current, Gap bool
}

// Paginate lists the pages around current (1 the first) of total, with the
// first, the last and gaps; href gives a page's address. It has no Pages when
// there is only one.
func Paginate(current, total int, href func(int) string) Pagination {
	var p Pagination
	if total <= 1 {
		return p
	}
	if current > 1 {
		p.Prev = href(current - 1)
	}
	if current < total {
		p.Next = href(current + 1)
	}
	last := 0
	for n := 1; n <= total; n++ {
		if n != 1 && n != total && (n < current-1 || n > current+1) {
			continue
		}
		if n > last+1 {
			p.Pages = append(p.Pages, PageLink{Gap: true})
		}
		p.Pages = append(p.Pages, PageLink{Number: n, Href: href(n), Current: n == current})
		last = n
	}
	return p
}

// Dates are dates of one thing that an act drops, sets or moves: partial "dates".
// Title names the thing, "" where the page does; Caption names the table for
// those who do not see it. Stays says which date holds where none moves, "" where
// there is none to name.
type Dates struct {
	Title, Caption string
	Stays          string
	Rows           []DateRow
}

// DateRow is a date that moves: a zero Old is new, and Said stands for a new one
// that there is not. End marks one that is half-open.
type DateRow struct {
	Name     string
	Old, New time.Time
	End      bool
	Said     string
}
