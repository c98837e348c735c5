package cockpit

import (
	"context"

	"arengo/process"
	"arengo/workflow"
)

// Unread is a process of which nothing can be said: its definition, or that of one
// of its activities, cannot be read. Definition and Version name that one.
type Unread struct {
	Process    process.Process
	Definition string
	Version    int
}

// unread logs what only those who run the program can mend.
func (s *Service) unread(ctx context.Context, p process.Process, i workflow.Instance, err error) Unread {
	s.core.Log().ErrorContext(ctx, "a definition cannot be read", "process_id", p.ID, "activity_id", i.ActivityID,
		"definition", i.Definition, "version", i.Version, "error", err)
	return Unread{Process: p, Definition: i.Definition, Version: i.Version}
}

// whole parts the processes that can be spoken of from those of which an activity
// cannot be read: what blocks their transitions is unknown.
func whole(views []*view, left []Unread) (out []*view, all []Unread) {
	for _, v := range views {
		if v.unread != nil {
			left = append(left, *v.unread)
			continue
		}
		out = append(out, v)
	}
	return out, left
}
