package guard

import (
	"time"
)

// Facts are what guards may know: counts and states, never personal data. The
// domain fills Process, Activities, Artefacts, Counts and Anchors; the engine
// fills Term and Now.
type Facts struct {
	Process    ProcessFacts           `json:"process"`
	Activities []ActivityFacts        `json:"activities"`
	Artefacts  Artefacts              `json:"artefacts"`
	Counts     map[string]int64       `json:"counts"`  // of this activity; a declared name that is missing counts nothing
	Anchors    map[string][]time.Time `json:"anchors"` // in a stable order, by name
	Term       TermFacts              `json:"term"`
	Now        time.Time              `json:"now"`
}

// ProcessFacts describe the process. A role of the definition that is missing
// in Roles counts nobody.
type ProcessFacts struct {
	State      string               `json:"state" cel:"state"`
	Published  bool                 `json:"published" cel:"published"` // everybody may see its page
	Population Population           `json:"population" cel:"population"`
	Roles      map[string]int64     `json:"roles" cel:"roles"`           // people by role
	Dates      map[string]time.Time `json:"dates,omitempty" cel:"dates"` // first instants of the dates that are filled in, by code
}

// Population is the reference population; Units is its size in people.
type Population struct {
	Units int64 `json:"units" cel:"units"`
}

// ActivityFacts describe one activity of the process. Phase is the state of
// the process that it belongs to.
type ActivityFacts struct {
	ID     string             `json:"id" cel:"id"`
	Kind   string             `json:"kind" cel:"kind"`
	State  string             `json:"state" cel:"state"`
	Phase  string             `json:"phase" cel:"phase"`
	Ready  bool               `json:"ready" cel:"ready"` // prepared: it left its first state and is not final
	Open   bool               `json:"open" cel:"open"`   // its state takes people in
	Over   bool               `json:"over" cel:"over"`   // it ended and was not called off
	Counts map[string]int64   `json:"counts" cel:"counts"`
	Rate   float64            `json:"rate" cel:"rate"`             // answered among invited, 0 when nobody is
	Rates  map[string]float64 `json:"rates,omitempty" cel:"rates"` // the same by stratum
}

// Artefacts are the codes of the documents that exist and of those published.
// A published one need not be repeated in Present.
type Artefacts struct {
	Present   []string `json:"present" cel:"-"`
	Published []string `json:"published" cel:"-"`
}

// TermFacts are the instants of the present state. Zero times are unset; to a
// guard an unset DueAt or MaxAt is the year 9999 and an unset MinAt year 1.
type TermFacts struct {
	EnteredAt   time.Time `json:"entered_at" cel:"entered_at"`
	MinAt       time.Time `json:"min_at" cel:"min_at"`
	DueAt       time.Time `json:"due_at" cel:"due_at"`
	MaxAt       time.Time `json:"max_at" cel:"max_at"`
	ElapsedDays int64     `json:"elapsed_days" cel:"elapsed_days"` // civil days from the entry to now
	LeftDays    int64     `json:"left_days" cel:"left_days"`       // from now to the end, 0 when it is past and 9999 when there is none
}

// Anchor is the instant that ends a term: the first of meeting, the last of
// any other; zero while it is unknown.
func (f Facts) Anchor(name string) time.Time {
	var out time.Time
	for _, t := range f.Anchors[name] {
		if out.IsZero() || (name == "meeting" && t.Before(out)) || (name != "meeting" && t.After(out)) {
			out = t.UTC()
		}
	}
	return out
}
