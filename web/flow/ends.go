package flow

import (
	"encoding/json"
	"time"

	"arengo/workflow"
)

// Ends are what an entry of the log says about an end that was moved: from and to
// which instant, whether beyond its maximum, and the code of the document by which
// that was decided. A transition may be an exception without moving an end.
type Ends struct {
	Old, New  time.Time
	Exception bool
	Act       string
}

// EndsOf reads them from an entry; zero where it has none.
func EndsOf(e workflow.LogEntry) Ends {
	var out Ends
	if json.Unmarshal(e.Facts, &out) != nil {
		return Ends{}
	}
	return out
}

// Moved reports that an end was moved, and not only let go beyond its maximum.
func (e Ends) Moved() bool { return !e.Old.IsZero() && !e.New.IsZero() && !e.Old.Equal(e.New) }
