package subscription

import (
	"context"
	"net/url"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/webhook"
	"arengo/process"
)

// Stopped is an address of an organisation that nothing is told any more because
// of what it answered; somebody has to mend it and resume, or take it away.
type Stopped struct {
	Webhook, Organisation string // public identifiers
	Name                  string // of the organisation
	URL                   string
	Why                   string // webhook.Failing or webhook.Gone
	Since                 time.Time
}

// Host is the name of the machine, which tells the address apart for a reader.
func (s Stopped) Host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return s.URL
	}
	return u.Hostname()
}

// Path is the page of the address.
func (s Stopped) Path() string { return "/gestione/ente/" + s.Organisation + "/webhook/" + s.Webhook }

// StoppedOf lists those of the organisations that a person promotes, the oldest
// first.
func StoppedOf(ctx context.Context, db bun.IDB, who process.PersonID) ([]Stopped, error) {
	list, err := webhook.Stopped(ctx, db, int64(who), 0)
	out := make([]Stopped, len(list))
	for i, s := range list {
		out[i] = Stopped(s)
	}
	return out, err
}

// Tell gives what a sender does when it stops telling an address: those who
// promote its organisation are written to, or, where nobody does, those who run
// the platform.
func Tell(core *process.Service) func(ctx context.Context, tx bun.IDB, hook int64) error {
	return func(ctx context.Context, tx bun.IDB, hook int64) error {
		list, err := webhook.Stopped(ctx, tx, 0, hook)
		if err != nil || len(list) == 0 {
			return err
		}
		now, err := core.Now(ctx, tx)
		if err != nil {
			return err
		}
		who, err := webhook.Keepers(ctx, tx, hook)
		if err != nil {
			return err
		}
		s := Stopped(list[0])
		for _, person := range who {
			err := core.Tell(ctx, tx, process.Telling{
				Person: process.PersonID(person), Kind: "webhook-stopped", Now: now,
				Occasion: "webhook-stopped." + s.Webhook + "." + s.Since.UTC().Format("20060102T150405"),
				Payload:  process.Payload{Extra: map[string]string{"organisation": s.Name, "host": s.Host(), process.ExtraPath: s.Path()}},
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}
