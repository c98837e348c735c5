package cockpit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/process"
	"arengo/process/message"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// anchorEnd is the word for the end of a term in reminders.
const anchorEnd = "end"

// Told counts the people to whom an extension of the present term would be
// written at now: those whom the reminders of its end are for.
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
	words := affected(st)
	if len(words) == 0 {
		return 0, nil
	}
	payload, err := json.Marshal(process.Payload{State: inst.State})
	if err != nil {
		return 0, err
	}
	return s.count(ctx, db, notify.Notice{
		ProcessID: ref.ProcessID, ActivityID: ref.ActivityID, Key: "preview", Kind: definition.NoticeExtended,
		Audience: strings.Join(words, ","), Payload: payload, DueAt: now, CreatedAt: now,
	})
}

// affected are the audiences of the reminders of a term's end, each once.
func affected(st definition.State) []string {
	seen := map[string]bool{}
	var out []string
	for _, m := range st.Reminders {
		for _, word := range m.To {
			if m.Of == anchorEnd && !seen[word] {
				seen[word] = true
				out = append(out, word)
			}
		}
	}
	return out
}

// count asks the notices' own source whom one is for.
func (s *Service) count(ctx context.Context, db bun.IDB, n notify.Notice) (int, error) {
	who, err := message.New(s.core).Audience(ctx, db, n)
	if err != nil || who == nil {
		return 0, err
	}
	total, err := countPeople(ctx, db, who)
	if err != nil {
		return 0, fmt.Errorf("cockpit: count who is told: %w", err)
	}
	return total, nil
}
