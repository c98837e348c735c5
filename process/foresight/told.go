package foresight

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/process"
	"arengo/process/message"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Notice is one that an act would send: of an action, about a state, at an
// instant. By is who would do it, who is not told.
type Notice struct {
	workflow.Ref
	definition.Action

	State string
	At    time.Time
	By    process.PersonID
}

// Told counts the people to whom a change of the end of the present term, to end,
// would be written: none who know that end already, as where a change that nobody
// was told of yet is taken back.
func (s *Service) Told(ctx context.Context, ref workflow.Ref, by process.Actor, end, now time.Time) (int, error) {
	db := s.core.DB()
	inst, err := s.core.Engine().Instance(ctx, db, ref)
	if err != nil {
		return 0, err
	}
	def, err := s.core.Engine().Definition(ctx, db, inst)
	if err != nil {
		return 0, err
	}
	told := definition.Action{Notice: definition.NoticeExtended, To: def.Concerned(inst.State)}
	who, err := s.audience(ctx, Notice{Ref: ref, Action: told, State: inst.State, At: now, By: by.Person})
	if err != nil || who == nil {
		return 0, err
	}
	persons, err := listReached(ctx, db, who)
	if err != nil {
		return 0, fmt.Errorf("foresight: list who is told: %w", err)
	}
	news, err := message.News(ctx, db, inst, end, persons)
	return len(news), err
}

// Reached asks the notices' own source whom notices of one act would go to, and
// counts those with an address that takes mail, each once.
func (s *Service) Reached(ctx context.Context, notices ...Notice) (int, error) {
	var all []schema.QueryAppender
	for _, n := range notices {
		who, err := s.audience(ctx, n)
		if err != nil {
			return 0, err
		}
		if who != nil {
			all = append(all, who)
		}
	}
	count, err := countReached(ctx, s.core.DB(), all)
	if err != nil {
		return 0, fmt.Errorf("foresight: count who is told: %w", err)
	}
	return count, nil
}

// audience asks for whom a notice would be; nil for nobody.
func (s *Service) audience(ctx context.Context, n Notice) (schema.QueryAppender, error) {
	if len(n.To) == 0 {
		return nil, nil
	}
	payload, err := json.Marshal(process.Payload{State: n.State, By: int64(n.By)})
	if err != nil {
		return nil, err
	}
	return message.New(s.core).Audience(ctx, s.core.DB(), notify.Notice{
		ProcessID: n.ProcessID, ActivityID: n.ActivityID, Key: "preview", Kind: n.Notice,
		Audience: strings.Join(n.To, ","), Payload: payload, DueAt: n.At, CreatedAt: n.At,
	})
}
