package ledger

import (
	"context"
	"slices"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
)

// Filter says which deliveries of a process are meant. First one of three: those of
// a Notice; those of the series of a Kind, about Activity or none; those of a
// Person. Or, with none of them, all. Then, where they are not empty, Delivery is a
// single one, Statuses are those of Chosen, Text is searched in name and address,
// and Channel is one of package channel. Limit is 50 when 0, at most 500.
type Filter struct {
	Notice   int64
	Kind     string
	Activity process.ActivityID
	Person   process.PersonID

	Delivery int64
	Statuses []notify.Status
	Text     string
	Channel  string

	Offset, Limit int
}

// Delivery is one message to one person. ChangedAt is when it came to stand where
// it does. Why is the reason code of one that was not sent. DueAt is the zero time
// while nobody may send it. Name and Address are empty once the person's data were
// erased.
type Delivery struct {
	ID       int64
	Notice   int64
	Kind     string
	Activity process.ActivityID
	Person   process.PersonID
	PublicID string
	Name     string
	Address  string
	Channel  string
	Status   notify.Status
	Attempts int

	QueuedAt, DueAt, SentAt, ChangedAt time.Time
	ExpiresAt                          time.Time // of its notice: later it is not sent

	Code  int
	Reply string
	Why   string
}

// Called is the person's name, or the address of who has none.
func (d Delivery) Called() string {
	if d.Name != "" {
		return d.Name
	}
	return d.Address
}

// DeliveryPage is a part of a list and how long the whole is. Counts are of all
// statuses, of what the rest of the filter leaves; Channels are those that have any;
// Stopped counts those that might be tried once more, see Delivery.Retriable.
type DeliveryPage struct {
	Deliveries []Delivery
	Total      int
	Counts     Counts
	Channels   []string
	Stopped    int
}

// Deliveries lists deliveries: those of a person the last first, others by name.
func (s *Service) Deliveries(ctx context.Context, id process.ID, f Filter) (DeliveryPage, error) {
	page, err := countDeliveries(ctx, s.core.DB(), id, f)
	if err != nil {
		return DeliveryPage{}, err
	}
	if page.Total = page.Counts.in(f.Statuses); page.Total > 0 {
		page.Deliveries, err = listDeliveries(ctx, s.core.DB(), id, f)
	}
	return page, err
}

// Each gives all deliveries of a filter in the order of Deliveries, whatever its
// Offset and Limit, one at a time: there may be a hundred thousand. It ends with
// the first error of do.
func (s *Service) Each(ctx context.Context, id process.ID, f Filter, do func(Delivery) error) error {
	return eachDelivery(ctx, s.core.DB(), id, f, do)
}

// Event is something that happened to a delivery. Code and Reply are the other
// side's; Reply is the reason code of one that was not sent, and Retried of one
// that somebody had tried again.
type Event struct {
	At     time.Time
	Status notify.Status
	Code   int
	Reply  string
}

// History is a delivery and all that happened to it, the first first. Refusal:
// fault.NotFound "ledger.delivery_gone".
func (s *Service) History(ctx context.Context, id process.ID, delivery int64) (Delivery, []Event, error) {
	found, err := listDeliveries(ctx, s.core.DB(), id, Filter{Delivery: delivery})
	if err != nil {
		return Delivery{}, nil, err
	}
	if len(found) == 0 {
		return Delivery{}, nil, fault.New(fault.NotFound, "ledger.delivery_gone")
	}
	events, err := listEvents(ctx, s.core.DB(), id, delivery)
	return found[0], lived(found[0], events), err
}

// lived adds to what was written down of a delivery what its own row tells: that it
// was queued, a plain hand-over, and how it was born when it never waited.
func lived(d Delivery, written []Event) []Event {
	out := append([]Event{{At: d.QueuedAt, Status: notify.Queued}}, written...)
	if !d.SentAt.IsZero() && !slices.ContainsFunc(written, func(e Event) bool { return e.Status == notify.Sent && e.At.Equal(d.SentAt) }) {
		sent := Event{At: d.SentAt, Status: notify.Sent}
		if d.Status == notify.Sent {
			sent.Code, sent.Reply = d.Code, d.Reply
		}
		out = append(out, sent)
	}
	slices.SortStableFunc(out[1:], func(a, b Event) int { return a.At.Compare(b.At) })
	if last := out[len(out)-1]; last.Status != d.Status && d.Status != notify.Queued && d.Status != notify.Sending {
		out = append(out, Event{At: d.ChangedAt, Status: d.Status, Code: d.Code, Reply: d.Why})
	}
	return out
}
