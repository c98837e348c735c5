package notify

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify/bounce"
	"arengo/process/pg"
)

// Delayed is the word of an event that is no delivery's status: the other side
// told that it is still trying.
const Delayed Status = "delayed"

// Why nothing is sent to an address: the column source of suppression.
const (
	SourceRefused   = "refused"   // the relay refused it at the hand-over
	SourceReport    = "report"    // a report said so later
	SourceComplaint = "complaint" // its owner called a message unwanted
	SourceRepeated  = "repeated"  // several messages failed one after the other
)

// Readers is what the domain knows of those who are written to.
type Readers interface {
	// Named finds the person whose mail address it is, in lower case; 0 is nobody.
	Named(ctx context.Context, db bun.IDB, address string) (int64, error)
	// Refuse notes that a person wants no more messages of a process.
	Refuse(ctx context.Context, tx bun.IDB, processID, personID int64, now time.Time) error
}

// Postmaster writes down what comes back about mail that was sent.
type Postmaster struct {
	db      *bun.DB
	clock   Clock
	readers Readers
	log     *slog.Logger
}

// NewPostmaster makes a postmaster; the log is slog.Default when nil.
func NewPostmaster(db *bun.DB, clock Clock, readers Readers, log *slog.Logger) (*Postmaster, error) {
	if db == nil || clock == nil || readers == nil {
		return nil, errors.New("postmaster: database, clock and readers are required")
	}
	return &Postmaster{db, clock, readers, cmp.Or(log, slog.Default())}, nil
}

// Taken counts what became of reports. Known ones had been recorded before;
// Strange ones are about nothing that this program sent.
type Taken struct {
	Recorded, Known, Strange, Ignored int
}

// Mail records reports that arrived as mail. Anybody can write mail, so that only
// a genuine return address tells which delivery is meant. After an error the same
// reports may be given again.
func (p *Postmaster) Mail(ctx context.Context, reports []bounce.Report) (Taken, error) {
	return p.take(ctx, reports, false)
}

// Relay records reports of a relay that has proved who it is: it may name a
// message by its Message-ID and recipient, and an address alone.
func (p *Postmaster) Relay(ctx context.Context, reports []bounce.Report) (Taken, error) {
	return p.take(ctx, reports, true)
}

func (p *Postmaster) take(ctx context.Context, reports []bounce.Report, trusted bool) (Taken, error) {
	var t Taken
	for _, r := range reports {
		if !r.Recorded() {
			t.Ignored++
			continue
		}
		what := "recorded"
		err := pg.InTx(ctx, p.db, func(ctx context.Context, tx bun.Tx) (err error) {
			what, err = p.record(ctx, tx, r, trusted)
			return err
		})
		if err != nil {
			return t, err
		}
		switch what {
		case "recorded":
			t.Recorded++
		case "known":
			t.Known++
		default:
			t.Strange++
		}
		p.log.InfoContext(ctx, "mail came back", "kind", r.Kind, "what", what,
			"process_id", r.ProcessID, "delivery_id", r.DeliveryID, "status", r.Status)
	}
	return t, nil
}

// record writes one report down. What was written before has no effect again.
func (p *Postmaster) record(ctx context.Context, tx bun.Tx, r bounce.Report, trusted bool) (string, error) {
	d, found, err := p.find(ctx, tx, r, trusted)
	if err != nil {
		return "", err
	}
	if !found {
		return p.nameless(ctx, tx, r, trusted)
	}
	fresh, err := addEvent(ctx, tx, d, outcomes[r.Kind], r)
	if err != nil || !fresh {
		return "known", err
	}
	if err := comeBack(ctx, tx, d, outcomes[r.Kind], r); err != nil {
		return "", err
	}
	return "recorded", p.consequences(ctx, tx, d, r)
}

// outcomes are the words of the ledger for what reports say.
var outcomes = map[bounce.Kind]Status{bounce.Permanent: Bounced, bounce.Temporary: Delayed, bounce.Complaint: Complained}

// find is the delivery that a report is about.
func (p *Postmaster) find(ctx context.Context, tx bun.Tx, r bounce.Report, trusted bool) (d Delivery, found bool, err error) {
	if r.DeliveryID != 0 {
		return loadDelivery(ctx, tx, r.ProcessID, r.DeliveryID)
	}
	if !trusted || r.MessageID == "" || r.Recipient == "" {
		return d, false, nil
	}
	person, err := p.readers.Named(ctx, tx, r.Recipient)
	if err != nil || person == 0 {
		return d, false, err
	}
	return findDelivery(ctx, tx, person, r.MessageID)
}

// nameless is a report that names no delivery. A relay's word about an address is
// enough where the address is somebody's.
func (p *Postmaster) nameless(ctx context.Context, tx bun.Tx, r bounce.Report, trusted bool) (string, error) {
	blamed := r.Gone || r.Kind == bounce.Complaint
	if !trusted || !blamed || r.Recipient == "" {
		return "strange", nil
	}
	person, err := p.readers.Named(ctx, tx, r.Recipient)
	if err != nil || person == 0 {
		return "strange", err
	}
	fresh, err := suppress(ctx, tx, blame(r.Recipient, r))
	if err == nil && !fresh {
		return "known", nil
	}
	return "recorded", err
}

// consequences keeps us from writing again to who cannot or will not read.
func (p *Postmaster) consequences(ctx context.Context, tx bun.Tx, d Delivery, r bounce.Report) error {
	address := strings.ToLower(d.Address)
	if address == "" { // the names of this process were erased
		return nil
	}
	switch {
	case r.Kind == bounce.Complaint:
		if _, err := suppress(ctx, tx, blame(address, r)); err != nil || d.ProcessID == Account {
			return err
		}
		now, err := p.clock.Now(ctx, tx)
		if err != nil {
			return err
		}
		return p.readers.Refuse(ctx, tx, d.ProcessID, d.PersonID, now)
	case r.Gone && concerns(r.Recipient, address):
		_, err := suppress(ctx, tx, blame(address, r))
		return err
	case r.Kind == bounce.Permanent:
		return rest(ctx, tx, d, address, r)
	}
	return nil
}

// blame is what keeps an address from being written to.
func blame(address string, r bounce.Report) suppression {
	s := suppression{Address: address, Source: SourceReport, Code: r.Status, Reason: words(r)}
	if r.Kind == bounce.Complaint {
		s.Source = SourceComplaint
	}
	return s
}

// concerns tells whether the recipient of a report is the address that we wrote
// to. It is when none is named, or when a provider wrote its domain differently;
// behind another name stands somebody to whom the message was passed on.
func concerns(recipient, address string) bool {
	theirs, _, _ := strings.Cut(recipient, "@")
	ours, _, _ := strings.Cut(address, "@")
	return recipient == "" || strings.EqualFold(theirs, ours)
}

// words are what the ledger keeps of the other side's reply: its own, with the
// status before them unless they say it.
func words(r bounce.Report) string {
	if r.Status != "" && !strings.Contains(r.Diagnostic, r.Status) {
		return plain(strings.TrimSpace(r.Status+" "+r.Diagnostic), 500)
	}
	if r.Diagnostic == "" && r.Code != 0 {
		return strconv.Itoa(r.Code)
	}
	return plain(r.Diagnostic, 500)
}

// Purge ends what was suppressed for a while, at most so many addresses, and
// returns how many.
func (p *Postmaster) Purge(ctx context.Context, limit int) (int, error) {
	return endRests(ctx, p.db, limit)
}
