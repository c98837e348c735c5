package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/pg"
	"arengo/process/wire"
	"arengo/workflow"
	"arengo/workflow/definition"
)

// Event is the body of a webhook. A test has neither process nor transition;
// Activity is absent where it is about the process itself.
type Event struct {
	Event        string            `json:"event"`
	At           time.Time         `json:"at"`
	Organisation wire.Organisation `json:"organisation"`
	Process      *wire.Head        `json:"process,omitempty"`
	Activity     *wire.Activity    `json:"activity,omitempty"`
	Transition   *wire.Entry       `json:"transition,omitempty"`
}

// acts are the engine's own acts that somebody may want to be told of. A row of
// the log that is neither here nor a transition is told to nobody.
var acts = map[string]string{
	definition.ActExtend:     webhook.DeadlineMoved,
	definition.ActShorten:    webhook.DeadlineMoved,
	definition.ActReschedule: webhook.DeadlineMoved,
	definition.ActSuspend:    webhook.DeadlineMoved,
	definition.ActResume:     webhook.DeadlineMoved,
	definition.ActPublish:    webhook.ProcessPublished,

	definition.ActPublishDocument:  webhook.ProcessDocument,
	definition.ActWithdrawDocument: webhook.ProcessDocument,
}

// eventOf is what a row of the log is told as, "" when it is not. To be moved to
// another version of the definition is a transition: the state may have another
// name there.
func eventOf(e workflow.LogEntry) string {
	if name, ok := acts[e.Transition]; ok && e.Event == "" {
		return name
	}
	switch {
	case e.Event == "" && e.Transition != definition.ActMigrate && e.Transition != definition.ActRevert:
		return ""
	case e.ActivityID != 0:
		return webhook.ActivityTransition
	}
	return webhook.ProcessTransition
}

// Witness writes what is told of each row of the log, in its transaction: one
// delivery for each address that wants it. Nearly always it asks one question
// and writes nothing.
func Witness(core *process.Service) workflow.Witness {
	w := wire.New(core)
	return func(ctx context.Context, tx bun.IDB, e workflow.LogEntry) error {
		name := eventOf(e)
		if name == "" {
			return nil
		}
		hooks, err := webhook.Listeners(ctx, tx, e.ProcessID, name)
		if err != nil || len(hooks) == 0 {
			return err
		}
		event, err := tell(ctx, tx, core, w, e)
		if err != nil {
			return fmt.Errorf("tell webhooks of entry %d of process %d: %w", e.Seq, e.ProcessID, err)
		}
		event.Event = name
		return write(ctx, tx, event, webhook.Telling{ProcessID: e.ProcessID, Seq: e.Seq, Event: name, At: e.At}, hooks...)
	}
}

// Ahead is what the witness asks at every row, as a step to be sent before.
func Ahead(tx pg.Tx, id process.ID) pg.Step { return webhook.Ahead(tx, int64(id)) }

func tell(ctx context.Context, tx bun.IDB, core *process.Service, w *wire.Service, e workflow.LogEntry) (Event, error) {
	p, err := core.LoadProcess(ctx, tx, process.ID(e.ProcessID))
	if err != nil {
		return Event{}, err
	}
	o, err := core.LoadOrganisation(ctx, tx, p.OrganisationID)
	if err != nil {
		return Event{}, err
	}
	head, err := w.Head(ctx, tx, p, o)
	if err != nil {
		return Event{}, err
	}
	out, about := Event{At: e.At, Organisation: head.Organisation, Process: &head}, ""
	if e.ActivityID != 0 {
		a, err := core.LoadActivity(ctx, tx, p.ID, process.ActivityID(e.ActivityID))
		if err != nil {
			return Event{}, err
		}
		one, err := w.Activity(ctx, tx, p, a)
		if err != nil {
			return Event{}, err
		}
		out.Activity, about = &one, a.PublicID
	}
	entry := wire.EntryOf(e, about)
	out.Transition = &entry
	return out, nil
}

func write(ctx context.Context, tx bun.IDB, e Event, t webhook.Telling, hooks ...int64) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	for _, hook := range hooks {
		if err := webhook.Add(ctx, tx, hook, process.PublicID()+process.PublicID(), t, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// Test tells one address that it is being tested.
func (s *Service) Test(ctx context.Context, o process.OrganisationID, who process.Actor, publicID string) error {
	return s.change(ctx, o, who, publicID, func(ctx context.Context, tx bun.IDB, h webhook.Hook, now time.Time) error {
		org, err := s.core.LoadOrganisation(ctx, tx, o)
		if err != nil {
			return err
		}
		e := Event{Event: webhook.Ping, At: now.UTC(), Organisation: wire.Organisation{ID: org.PublicID, Name: org.Name}}
		return write(ctx, tx, e, webhook.Telling{Event: webhook.Ping, At: now}, h.ID)
	})
}
