package flow

import (
	"encoding/json"
	"slices"
	"time"

	"arengo/workflow"
	"arengo/workflow/definition"
)

// Ends are what an entry of the log says about an end that was moved: from and to
// which instant, by which ruling, and whether the maximum that an exception goes
// beyond is the definition's alone. A transition may be an exception without moving
// an end.
type Ends struct {
	workflow.Ruling

	Old, New time.Time
	NoLaw    bool `json:"no_law"`
}

// Reopens reports an entry that let go on what was over, by the definition that its
// state was named by.
func Reopens(before *definition.Compiled, e workflow.LogEntry) bool {
	return slices.ContainsFunc(before.Leaving(e.From), func(t definition.Transition) bool { return t.ID == e.Transition && t.Reopens })
}

// EndsOf reads them from an entry; zero where it has none.
func EndsOf(e workflow.LogEntry) Ends {
	var out Ends
	if json.Unmarshal(e.Facts, &out) != nil {
		return Ends{}
	}
	return out
}

// Law is the one that an exception goes beyond, of the state's term; nil for one to
// what the definition alone says.
func (e Ends) Law(st definition.State) *definition.Law {
	if !e.Exception || e.NoLaw {
		return nil
	}
	return st.Term.Bound()
}

// Moved reports that an end was moved, and not only let go beyond its maximum.
func (e Ends) Moved() bool { return !e.Old.IsZero() && !e.New.IsZero() && !e.Old.Equal(e.New) }
