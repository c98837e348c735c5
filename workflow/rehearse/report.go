package rehearse

import (
	"time"

	"arengo/workflow/civil"
	"arengo/workflow/rehearse/scenario"
)

// Report is what a rehearsal found, each list in the order of time. Texts are
// in one language; instants are in UTC, dates civil ones of the process's zone.
type Report struct {
	Definition  string             `json:"definition"`
	Version     int                `json:"version"`
	Title       string             `json:"title"`
	Zone        string             `json:"zone"`
	Start       string             `json:"start"` // date
	Seed        uint64             `json:"seed"`
	People      int                `json:"people"`
	Strata      []scenario.Stratum `json:"strata"`
	Assumed     []string           `json:"assumed"` // what nobody said and the model supposed
	End         End                `json:"end"`
	Warnings    []Warning          `json:"warnings"`
	Phases      []Phase            `json:"phases"`
	Transitions []Transition       `json:"transitions"`
	Deadlines   []Deadline         `json:"deadlines"`
	Messages    []Message          `json:"messages"`
	Acts        []Act              `json:"acts"`
	Incidents   []Incident         `json:"incidents"`
	Activities  []Answers          `json:"activities"`
	Ledger      Ledger             `json:"ledger"`
	Errors      []string           `json:"errors"` // of the engine; there should be none
}

// End says how the rehearsal ended. Reached is false when the process came to
// rest in a state that is not final.
type End struct {
	Reached bool      `json:"reached"`
	State   string    `json:"state"`
	Title   string    `json:"title"`
	At      time.Time `json:"at"`
	Days    int       `json:"days"` // civil days from the start
}

// Failed reports that the rehearsal did not come to an end, or met errors.
func (r *Report) Failed() bool { return !r.End.Reached || len(r.Errors) > 0 }

// Level says how much a warning matters.
type Level string

// The levels: what stops the process or breaks a law, what to look at, what to
// know.
const (
	Severe Level = "severe"
	Look   Level = "look"
	Note   Level = "note"
)

// Warning is something to change or to know before the process begins. Fix is a
// word of definition.Fixes, "" when no page resolves it. Line is that of the
// definition which it is about, 0 when it is about none.
type Warning struct {
	Code     string    `json:"code"`
	Level    Level     `json:"level"`
	At       time.Time `json:"at,omitzero"`
	State    string    `json:"state,omitempty"`
	Activity string    `json:"activity,omitempty"`
	Text     string    `json:"text"`
	Do       string    `json:"do,omitempty"` // what to do about it
	Fix      string    `json:"fix,omitempty"`
	Line     int       `json:"line,omitempty"`
}

// Phase is a state that the process was in. Planned is the end of its plan.
type Phase struct {
	State   string    `json:"state"`
	Title   string    `json:"title"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"`
	Planned time.Time `json:"planned,omitzero"`
	Law     string    `json:"law,omitempty"`
}

// Transition is a move of the process (Activity "") or of an activity. Late is
// one that counts from an instant before it happened.
type Transition struct {
	At       time.Time `json:"at"`
	Counts   time.Time `json:"counts_from,omitzero"` // when that is earlier
	Activity string    `json:"activity,omitempty"`
	ID       string    `json:"id"`
	From     string    `json:"from,omitempty"`
	To       string    `json:"to,omitempty"`
	Title    string    `json:"title,omitempty"` // of To
	Text     string    `json:"text"`
	By       string    `json:"by"` // a role, "timer" or "system"
	Late     bool      `json:"late,omitempty"`
}

// Deadline is one that fired: ID and Generation together fire once. Blocked is
// one that a guard stopped.
type Deadline struct {
	ID         int64     `json:"id"`
	Generation int       `json:"generation"`
	Due        time.Time `json:"due"`
	Fired      time.Time `json:"fired"`
	Activity   string    `json:"activity,omitempty"`
	State      string    `json:"state"`
	Name       string    `json:"name"`
	Text       string    `json:"text"`
	Does       string    `json:"does"` // the event or the notice
	Late       bool      `json:"late,omitempty"`
	Blocked    bool      `json:"blocked,omitempty"`

	ordinary bool // the end of a day term, which falls at midnight by nature
	timed    bool // a reminder, which may name a time of day
}

// Message is one notice with how many people it reaches when it is sent. One
// that is Pointless is not sent: it came too late, or nobody is left to tell.
type Message struct {
	At        time.Time `json:"at"`
	Due       time.Time `json:"due,omitzero"` // when that is earlier
	Kind      string    `json:"kind"`
	Subject   string    `json:"subject"`
	Activity  string    `json:"activity,omitempty"`
	Audience  []string  `json:"audience"`
	People    int       `json:"people"`
	Staff     int       `json:"staff"` // of People, those who work on the process
	Late      bool      `json:"late,omitempty"`
	Pointless bool      `json:"pointless,omitempty"`
}

// Act is what a person must do, on the day that the model does it. Fix is a
// word of definition.Fixes.
type Act struct {
	On       string `json:"on"`            // date
	Due      string `json:"due,omitempty"` // date, the last one that is in time
	Who      string `json:"who"`           // a role
	What     string `json:"what"`
	Fix      string `json:"fix,omitempty"`
	State    string `json:"state"` // of the process
	Activity string `json:"activity,omitempty"`
	Advances bool   `json:"advances,omitempty"` // it is a transition
	Late     bool   `json:"late,omitempty"`

	at time.Time
}

// At is the instant of the act, on its day in a zone.
func (a Act) At(zone *time.Location) time.Time {
	if !a.at.IsZero() {
		return a.at
	}
	d, err := civil.ParseDate(a.On)
	if err != nil {
		return time.Time{}
	}
	return d.At(processHour, 0, zone)
}

// Incident is a transition that guards stopped.
type Incident struct {
	At         time.Time `json:"at"`
	Activity   string    `json:"activity,omitempty"`
	Transition string    `json:"transition"`
	Why        []string  `json:"why"`
}

// Answers is what an activity gathered; ByDay counts answers by date.
type Answers struct {
	Title      string             `json:"title"`
	Kind       string             `json:"kind"`
	Phase      string             `json:"phase"`
	State      string             `json:"state"`
	Invited    int                `json:"invited"`
	Answered   int                `json:"answered"`
	Registered int                `json:"registered"`
	Rates      map[string]float64 `json:"rates,omitempty"`
	ByDay      map[string]int     `json:"by_day,omitempty"`
}

// Ledger is the audit of the rehearsal itself: every deadline that was armed
// fired or was cancelled, or is still open, and the log is whole.
type Ledger struct {
	Armed     int    `json:"armed"`
	Fired     int    `json:"fired"`
	Cancelled int    `json:"cancelled"`
	Open      int    `json:"open"`
	Log       int    `json:"log"` // entries
	Verified  bool   `json:"verified"`
	Head      string `json:"head"` // of the chain, in hexadecimal
}
