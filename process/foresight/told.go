package foresight

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/message"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Told counts the people to whom an extension of the present term would be
// written at now: those whom the reminders of its end are for. It is the same
// after the extension as before.
func (s *Service) Told(ctx context.Context, ref workflow.Ref, now time.Time) (int, error) {
	db := s.core.DB()
	inst, err := s.core.Engine().Instance(ctx, db, ref)
	if err != nil {
		return 0, err
	}
	def, err := s.core.Engine().Definition(ctx, db, inst)
	if err != nil {
		return 0, err
	}
	st, _ := def.State(inst.State)
	return s.Reached(ctx, ref, definition.Action{Notice: definition.NoticeExtended, To: affected(st)}, inst.State, now)
}

// affected are the audiences of the reminders of a term's end, each once.
func affected(st definition.State) []string {
	seen := map[string]bool{}
	var out []string
	for _, m := range st.Reminders {
		for _, word := range m.To {
			if m.Of == definition.AnchorEnd && !seen[word] {
				seen[word] = true
				out = append(out, word)
			}
		}
	}
	return out
}

// Reached asks the notices' own source whom a notice would go to, and counts
// those with an address that takes mail.
func (s *Service) Reached(ctx context.Context, ref workflow.Ref, a definition.Action, state string, now time.Time) (int, error) {
	if len(a.To) == 0 {
		return 0, nil
	}
	payload, err := json.Marshal(process.Payload{State: state})
	if err != nil {
		return 0, err
	}
	who, err := message.New(s.core).Audience(ctx, s.core.DB(), notify.Notice{
		ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, Key: "preview", Kind: a.Notice,
		Audience: strings.Join(a.To, ","), Payload: payload, DueAt: now, CreatedAt: now,
	})
	if err != nil || who == nil {
		return 0, err
	}
	n, err := countReached(ctx, s.core.DB(), who)
	if err != nil {
		return 0, fmt.Errorf("foresight: count who is told: %w", err)
	}
	return n, nil
}
