// Package outline lays a rehearsal out for readers: month by month, one line for
// everything that happens, and as plain text for a terminal.
package outline

import (
	"cmp"
	"slices"
	"time"

	"arengo/workflow/rehearse"
)

// Sort says what a line is about.
type Sort string

// The sorts of line, in the order in which they stand at one instant.
const (
	Deadline Sort = "deadline" // the clock does something
	Act      Sort = "act"      // somebody must do something
	Move     Sort = "move"     // a phase or an activity passes to another state
	Message  Sort = "message"  // people are written to
	Incident Sort = "incident" // something is stopped
)

var order = []Sort{Deadline, Act, Move, Incident, Message}

// Line is one thing that happens. Which of the fields are set depends on Sort.
type Line struct {
	At       time.Time
	Sort     Sort
	Text     string
	Activity string
	Who      string    // role of an act; "timer", "system" or a role of a move
	To       string    // the state that a move leads to
	Due      time.Time // of a deadline that fires late, or a message that is sent late
	DueOn    string    // date of an act
	Fix      string    // of an act
	Kind     string    // of a message
	People   int       // of a message
	Late     bool
	Advances bool // an act that is a transition
	Unsent   bool // a message that is pointless
}

// Month is what happens in one.
type Month struct {
	Year  int
	Month time.Month
	Lines []Line
}

// Months sorts everything that happens in a rehearsal, in the process's zone.
func Months(r *rehearse.Report, zone *time.Location) []Month {
	lines := slices.Concat(acts(r, zone), moves(r), deadlines(r), messages(r), incidents(r))
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(slices.Index(order, a.Sort), slices.Index(order, b.Sort)))
	})
	var out []Month
	for _, l := range lines {
		at := l.At.In(zone)
		if n := len(out); n == 0 || out[n-1].Year != at.Year() || out[n-1].Month != at.Month() {
			out = append(out, Month{Year: at.Year(), Month: at.Month()})
		}
		out[len(out)-1].Lines = append(out[len(out)-1].Lines, l)
	}
	return out
}

func acts(r *rehearse.Report, zone *time.Location) []Line {
	var out []Line
	for _, a := range r.Acts {
		out = append(out, Line{
			At: a.At(zone), Sort: Act, Text: a.What, Activity: a.Activity, Who: a.Who, DueOn: a.Due, Fix: a.Fix, Late: a.Late, Advances: a.Advances,
		})
	}
	return out
}

func moves(r *rehearse.Report) []Line {
	var out []Line
	for _, t := range r.Transitions {
		out = append(out, Line{At: t.At, Sort: Move, Text: t.Text, Activity: t.Activity, Who: t.By, To: t.Title, Late: t.Late, Due: t.Counts})
	}
	return out
}

func deadlines(r *rehearse.Report) []Line {
	var out []Line
	for _, d := range r.Deadlines {
		l := Line{At: d.Fired, Sort: Deadline, Text: d.Text, Activity: d.Activity, Late: d.Late}
		if d.Late {
			l.Due = d.Due
		}
		out = append(out, l)
	}
	return out
}

func messages(r *rehearse.Report) []Line {
	var out []Line
	for _, m := range r.Messages {
		out = append(out, Line{
			At: m.At, Sort: Message, Text: cmp.Or(m.Subject, m.Kind), Activity: m.Activity, Kind: m.Kind, People: m.People,
			Late: m.Late, Due: m.Due, Unsent: m.Pointless,
		})
	}
	return out
}

func incidents(r *rehearse.Report) []Line {
	var out []Line
	for _, i := range r.Incidents {
		for _, why := range i.Why {
			out = append(out, Line{At: i.At, Sort: Incident, Text: why, Activity: i.Activity})
		}
	}
	return out
}
