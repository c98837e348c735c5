// Package subscription lets an organisation have other programs told of what
// happens in its processes: it keeps their addresses, and writes what is told
// beside each entry of the transition log. Package notify/webhook sends it.
package subscription

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/once"
)

// secretUse is what the secrets of addresses are derived for.
const secretUse = "webhook"

// shown is how many deliveries of an address a page lists.
const shown = 50

// keep is how long deliveries stay on the list, far beyond the days that they
// are tried.
const keep = 30 * 24 * time.Hour

// Secrets are those of an address, the newest of the site's first.
func Secrets(links *process.Links) func(webhook.Hook) []string {
	return func(h webhook.Hook) []string {
		list := links.Derived(secretUse, h.SecretName())
		for i := range list {
			list[i] = webhook.Secret(list[i])
		}
		return list
	}
}

// Service holds the use cases.
type Service struct {
	core *process.Service
}

// New makes the service.
func New(core *process.Service) *Service { return &Service{core} }

// Draft is what the form says of an address to be.
type Draft struct {
	URL     string
	Events  []string
	FormKey string
}

func (d *Draft) check(loopback bool) error {
	d.URL = strings.TrimSpace(d.URL)
	var bad fault.List
	if d.URL == "" {
		bad = append(bad, fault.Field("url", "form.required"))
	} else if refused, ok := fault.As(webhook.CheckURL(d.URL, loopback)); ok {
		bad = append(bad, refused)
	}
	known := slices.DeleteFunc(slices.Clone(webhook.Events), func(e string) bool { return !slices.Contains(d.Events, e) })
	if d.Events = known; len(known) == 0 {
		bad = append(bad, fault.Field("events", "connect.events_missing"))
	}
	return bad.Err()
}

// Add registers an address and gives its identifier and its secret, which is
// derived and kept nowhere. A form that was sent before gives what it made and
// no secret. Refusals: fault.Invalid at "url" or "events", and those of Allow
// for process.ActConnect.
func (s *Service) Add(ctx context.Context, o process.OrganisationID, who process.Actor, d Draft) (publicID, secret string, err error) {
	if err := d.check(s.core.Loopback()); err != nil {
		return "", "", err
	}
	already := false
	err = s.core.Connect(ctx, o, who, func(ctx context.Context, tx bun.Tx, now time.Time) (err error) {
		form := once.Form{Person: int64(who.Person), Name: "webhook", Key: d.FormKey}
		publicID, already, err = once.Do(ctx, tx, form, now, func() (string, error) {
			h := webhook.Hook{
				PublicID: process.PublicID(), OrganisationID: int64(o), CreatedBy: int64(who.Person), URL: d.URL, Events: d.Events,
				CreatedAt: now,
			}
			return h.PublicID, webhook.Insert(ctx, tx, h)
		})
		return err
	})
	if err != nil || already {
		return publicID, "", err
	}
	return publicID, s.secret(webhook.Hook{PublicID: publicID, Generation: 1}), nil
}

func (s *Service) secret(h webhook.Hook) string { return Secrets(s.core.Links())(h)[0] }

// List gives the addresses of an organisation, the newest first.
func (s *Service) List(ctx context.Context, o process.OrganisationID) ([]webhook.Hook, error) {
	return webhook.List(ctx, s.core.DB(), int64(o))
}

// Show gives one with its newest deliveries; fault.NotFound
// "connect.webhook_unknown" for one of another organisation.
func (s *Service) Show(ctx context.Context, o process.OrganisationID, publicID string) (webhook.Hook, []webhook.Delivery, error) {
	h, err := webhook.Find(ctx, s.core.DB(), int64(o), publicID)
	if err != nil {
		return h, nil, err
	}
	list, err := webhook.Deliveries(ctx, s.core.DB(), h.ID, shown)
	return h, list, err
}

// change is a use case on one address.
func (s *Service) change(ctx context.Context, o process.OrganisationID, who process.Actor, publicID string,
	do func(ctx context.Context, tx bun.IDB, h webhook.Hook, now time.Time) error,
) error {
	return s.core.Connect(ctx, o, who, func(ctx context.Context, tx bun.Tx, now time.Time) error {
		h, err := webhook.Find(ctx, tx, int64(o), publicID)
		if err != nil {
			return err
		}
		return do(ctx, tx, h, now)
	})
}

// Pause stops telling an address: what happens meanwhile is not told later, and
// what waits keeps waiting. Twice is no error. Refusals of this and of those
// below are those of Show and of Allow.
func (s *Service) Pause(ctx context.Context, o process.OrganisationID, who process.Actor, publicID string) error {
	return s.change(ctx, o, who, publicID, func(ctx context.Context, tx bun.IDB, h webhook.Hook, now time.Time) error {
		return webhook.Pause(ctx, tx, h.ID, now)
	})
}

// Resume goes on, beginning with what waits.
func (s *Service) Resume(ctx context.Context, o process.OrganisationID, who process.Actor, publicID string) error {
	return s.change(ctx, o, who, publicID, func(ctx context.Context, tx bun.IDB, h webhook.Hook, _ time.Time) error {
		return webhook.Resume(ctx, tx, h.ID)
	})
}

// Remove forgets an address, with its deliveries.
func (s *Service) Remove(ctx context.Context, o process.OrganisationID, who process.Actor, publicID string) error {
	return s.change(ctx, o, who, publicID, func(ctx context.Context, tx bun.IDB, h webhook.Hook, _ time.Time) error {
		return webhook.Remove(ctx, tx, h.ID)
	})
}

// Rotate gives an address another secret, which holds from the next attempt on.
// A form that was sent before changes nothing and gives none: the secret that it
// made may have been copied already.
func (s *Service) Rotate(ctx context.Context, o process.OrganisationID, who process.Actor, publicID, formKey string) (secret string, err error) {
	err = s.change(ctx, o, who, publicID, func(ctx context.Context, tx bun.IDB, h webhook.Hook, now time.Time) error {
		form := once.Form{Person: int64(who.Person), Name: "webhook-secret", Key: formKey}
		_, already, err := once.Do(ctx, tx, form, now, func() (string, error) { return h.PublicID, webhook.Rotate(ctx, tx, h.ID) })
		if err != nil || already {
			return err
		}
		h, err = webhook.Find(ctx, tx, h.OrganisationID, publicID)
		secret = s.secret(h)
		return err
	})
	return secret, err
}

// Again sends a delivery once more, with its identifier, and reports whether it
// waits because the address is paused; fault.NotFound "connect.delivery_unknown"
// for one of another address.
func (s *Service) Again(ctx context.Context, o process.OrganisationID, who process.Actor, publicID, delivery string) (waits bool, err error) {
	err = s.change(ctx, o, who, publicID, func(ctx context.Context, tx bun.IDB, h webhook.Hook, _ time.Time) error {
		waits = h.PausedAt != nil
		return webhook.Again(ctx, tx, h.ID, delivery)
	})
	return waits, err
}

// Purge forgets deliveries that are a month old, at most limit, and
// returns how many it forgot.
func (s *Service) Purge(ctx context.Context, limit int) (int, error) {
	now, err := s.core.Now(ctx, s.core.DB())
	if err != nil {
		return 0, err
	}
	return webhook.Purge(ctx, s.core.DB(), now.Add(-keep), limit)
}
