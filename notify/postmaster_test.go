package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/notify/bounce"
)

// household is a domain in which person n has the address pn@example.net.
type household struct{ refused *[]string }

func (household) Named(_ context.Context, _ bun.IDB, address string) (id int64, err error) {
	if _, err := fmt.Sscanf(address, "p%d@example.net", &id); err != nil {
		return 0, nil //nolint:nilerr // it is nobody's
	}
	return id, nil
}

func (h household) Refuse(_ context.Context, _ bun.IDB, processID, personID int64, now time.Time) error {
	*h.refused = append(*h.refused, fmt.Sprintf("%d/%d %s", processID, personID, now.Format(time.DateOnly)))
	return nil
}

// mailroom is a bench with a postmaster.
type mailroom struct {
	*bench
	postmaster *notify.Postmaster
	refused    []string
}

func openMailroom(t *testing.T, people int) *mailroom {
	t.Helper()
	m := &mailroom{bench: setup(t, people)}
	p, err := notify.NewPostmaster(m.db, m.clock, household{&m.refused}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	m.postmaster = p
	return m
}

// sent writes to everybody and gives the delivery of the first.
func (m *mailroom) sent(key string) notify.Delivery {
	m.t.Helper()
	m.add(reminder(key))
	m.expand()
	m.drain()
	list := m.deliveries()
	for _, d := range slices.Backward(list) {
		if d.PersonID == 1 {
			return d
		}
	}
	m.t.Fatal("nothing was sent")
	return notify.Delivery{}
}

func (m *mailroom) mail(want notify.Taken, reports ...bounce.Report) {
	m.t.Helper()
	if got, err := m.postmaster.Mail(m.t.Context(), reports); err != nil || got != want {
		m.t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

func (m *mailroom) relay(want notify.Taken, reports ...bounce.Report) {
	m.t.Helper()
	if got, err := m.postmaster.Relay(m.t.Context(), reports); err != nil || got != want {
		m.t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

// suppressed lists "address source code forever|days" in order.
func (m *mailroom) suppressed() []string {
	m.t.Helper()
	list := []string{}
	err := m.db.NewRaw(`SELECT concat_ws(' ', address, source, nullif(code, ''), coalesce(round(extract(epoch FROM until - since) / 86400)::text, 'forever'))
		FROM suppression ORDER BY address`).Scan(m.t.Context(), &list)
	if err != nil {
		m.t.Fatal(err)
	}
	return list
}

func (m *mailroom) want(what string, got []string, want ...string) {
	m.t.Helper()
	if !slices.Equal(got, want) {
		m.t.Errorf("%s %q, want %q", what, got, want)
	}
}

// about is a report about a delivery.
func about(d notify.Delivery, r bounce.Report) bounce.Report {
	r.ProcessID, r.DeliveryID = d.ProcessID, d.ID
	return r
}

var (
	unknownUser = bounce.Report{Kind: bounce.Permanent, Recipient: "p1@example.net", Status: "5.1.1", Code: 550, Diagnostic: "550 5.1.1 user unknown", Gone: true}
	mailboxFull = bounce.Report{Kind: bounce.Permanent, Recipient: "p1@example.net", Status: "5.2.2", Code: 552, Diagnostic: "mailbox full"}
	late        = bounce.Report{Kind: bounce.Temporary, Status: "4.4.1", Diagnostic: "connection timed out"}
	complaint   = bounce.Report{Kind: bounce.Complaint, Diagnostic: "abuse"}
	recorded    = notify.Taken{Recorded: 1}
	known       = notify.Taken{Known: 1}
	strange     = notify.Taken{Strange: 1}
)

func TestPermanentReport(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 2)
	d := m.sent("r/1")
	m.mail(recorded, about(d, unknownUser))
	m.mail(known, about(d, unknownUser))
	m.want("events", m.events(), "1 bounced 550 550 5.1.1 user unknown")
	m.want("suppressed", m.suppressed(), "p1@example.net report 5.1.1 forever")
	list := m.deliveries()
	if got := list[0]; got.Status != notify.Bounced || got.SentAt.IsZero() || got.ReplyCode != 550 || list[1].Status != notify.Sent {
		t.Errorf("%+v", list)
	}
	m.add(reminder("r/2"))
	m.expand()
	if tally := m.drain(); tally.Sent != 1 {
		t.Errorf("%+v: nobody writes to who is gone", tally)
	}
}

func TestReportsThatBlameNobody(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 1)
	d := m.sent("r/1")
	m.mail(recorded, about(d, late))
	if m.one().Status != notify.Sent {
		t.Error("what is late is sent")
	}
	forwarded := unknownUser
	forwarded.Recipient = "somebody.else@example.com"
	m.mail(notify.Taken{Recorded: 1, Ignored: 2}, bounce.Report{Kind: bounce.AutoReply}, about(d, bounce.Report{Kind: bounce.Ignored}), about(d, forwarded))
	m.want("events", m.events(), "1 delayed 4.4.1 connection timed out", "1 bounced 550 550 5.1.1 user unknown")
	m.want("suppressed", m.suppressed())
	if m.one().Status != notify.Bounced {
		t.Error("what was passed on did not arrive")
	}
}

// A report can be quicker than the record of the hand-over, or come about one
// whose acknowledgement was lost: the message is not sent again.
func TestReportBeforeTheRecord(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"queued", "deferred", "sending"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			m := openMailroom(t, 1)
			m.add(reminder("r/1"))
			m.expand()
			m.exec(`UPDATE delivery SET status = ?0, lease_until = CASE WHEN ?0 = 'sending' THEN clock_timestamp() END`, status)
			m.mail(recorded, about(m.one(), unknownUser))
			m.due()
			if tally := m.drain(); tally != (notify.Tally{}) || len(m.sink.Messages()) != 0 || m.one().Status != notify.Bounced {
				t.Errorf("%+v, %+v", tally, m.one())
			}
		})
	}
}

func TestComplaint(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 1)
	d := m.sent("r/1")
	m.mail(recorded, about(d, complaint))
	m.mail(known, about(d, complaint))
	m.want("suppressed", m.suppressed(), "p1@example.net complaint forever")
	m.want("refused", m.refused, "12/1 2026-11-22")
	if m.one().Status != notify.Complained {
		t.Errorf("%+v", m.one())
	}
	// A later bounce changes neither what was said nor why nothing is sent.
	m.mail(recorded, about(d, unknownUser))
	m.want("suppressed", m.suppressed(), "p1@example.net complaint forever")
	if m.one().Status != notify.Complained {
		t.Errorf("%+v", m.one())
	}
}

// What belongs to no process can be refused by nobody: a link to sign in.
func TestComplaintAboutAnAccount(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 1)
	n := reminder("in/1")
	n.ProcessID, n.ActivityID, n.Kind = notify.Account, 0, "sign-in"
	m.add(n)
	m.expand()
	m.drain()
	m.mail(recorded, about(m.one(), complaint))
	m.want("refused", m.refused)
	m.want("suppressed", m.suppressed(), "p1@example.net complaint forever")
}

func TestMailNamesNobodyWithoutItsAddress(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 1)
	d := m.sent("r/1")
	forged := unknownUser
	forged.MessageID = d.MessageID
	m.mail(strange, forged)
	m.mail(strange, bounce.Report{Kind: bounce.Permanent, ProcessID: process, DeliveryID: 999_999, Gone: true})
	m.want("suppressed", m.suppressed())
	m.want("events", m.events())
}

// A relay that proved who it is names a message by its identifier, or an address.
func TestRelay(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 3)
	d := m.sent("r/1")
	told := unknownUser
	told.MessageID = d.MessageID
	m.relay(recorded, told)
	m.relay(known, told)
	m.want("events", m.events(), "1 bounced 550 550 5.1.1 user unknown")
	other := bounce.Report{Kind: bounce.Permanent, Recipient: "p2@example.net", Status: "5.1.1", Gone: true}
	m.relay(recorded, other)
	m.relay(known, other)
	full := bounce.Report{Kind: bounce.Permanent, Recipient: "p3@example.net", Status: "5.2.2"}
	m.relay(strange, full)
	m.relay(strange, bounce.Report{Kind: bounce.Complaint, Recipient: "nobody@example.com"})
	m.want("suppressed", m.suppressed(), "p1@example.net report 5.1.1 forever", "p2@example.net report 5.1.1 forever")
}

// Five messages that fail one after the other, for whatever reason, leave an
// address in peace for a month; one that arrives between them does not.
func TestRest(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 1)
	fail := func(key string) {
		m.t.Helper()
		d := m.sent(key)
		if d.Status != notify.Sent {
			m.t.Fatalf("%s: %+v", key, d)
		}
		m.mail(recorded, about(d, mailboxFull))
	}
	for i := range 4 {
		fail(fmt.Sprintf("a/%d", i))
	}
	m.sent("arrives")
	for i := range 4 {
		fail(fmt.Sprintf("b/%d", i))
	}
	m.want("suppressed", m.suppressed())
	fail("b/4")
	m.want("suppressed", m.suppressed(), "p1@example.net repeated 5.2.2 30")
	if n, err := m.postmaster.Purge(t.Context(), 10); n != 0 || err != nil {
		t.Errorf("%d, %v: it is not over", n, err)
	}
	m.exec(`UPDATE suppression SET until = clock_timestamp() - interval '1 second'`)
	if n, err := m.postmaster.Purge(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	// Older failures count no more.
	m.exec(`UPDATE delivery SET queued_at = queued_at - interval '31 days'`)
	fail("c/0")
	m.want("suppressed", m.suppressed())
}

// What is refused for good stays so, also where an address rested until now.
func TestRestBecomesForever(t *testing.T) {
	t.Parallel()
	m := openMailroom(t, 1)
	m.exec(`UPDATE crowd SET address = 'P1@example.net'`)
	for i := range 5 {
		m.mail(recorded, about(m.sent(fmt.Sprintf("r/%d", i)), mailboxFull))
	}
	m.want("suppressed", m.suppressed(), "p1@example.net repeated 5.2.2 30")
	m.sink.Answer("p1@example.net", 550)
	n := reminder("in/1")
	n.Kind = "receipt" // it answers something, and goes all the same
	m.add(n)
	m.expand()
	m.drain()
	m.want("suppressed", m.suppressed(), "p1@example.net refused 5.1.1 forever")
}
