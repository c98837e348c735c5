package ledger_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/ledger"
	"arengo/process/worldtest"
)

// bundle is a public process with people on its list.
type bundle struct {
	*worldtest.World

	ledger *ledger.Service
	people []process.PersonID
}

func setup(t *testing.T, people int) *bundle {
	t.Helper()
	b := &bundle{World: worldtest.New(t)}
	b.ledger = ledger.New(b.Core)
	b.Publish()
	b.people = b.People(people)
	for _, p := range b.people {
		b.Exec(`INSERT INTO contact (process_id, person_id, created_at) VALUES (?, ?, ?)`, b.Process.ID, p, b.Start)
	}
	return b
}

// tell writes a notice to the whole list, or to one person, and expands it.
func (b *bundle) tell(key string, person process.PersonID) int64 {
	b.T.Helper()
	b.Must(b.Core.Outbox().Add(b.T.Context(), b.DB, notify.Notice{
		ProcessID: int64(b.Process.ID), Key: key, Kind: "phase-opened", Audience: "participant", PersonID: int64(person),
		Payload: json.RawMessage(`{"state":"running"}`), DueAt: b.Clock.Time(), CreatedAt: b.Clock.Time(),
	}))
	b.At(b.Clock.Time())
	var id int64
	b.One(&id, `SELECT id FROM notice WHERE process_id = ? AND key = ?`, b.Process.ID, key)
	return id
}

// set writes over the delivery of a notice to one person.
func (b *bundle) set(notice int64, person process.PersonID, sql string) {
	b.T.Helper()
	b.Exec(`UPDATE delivery SET `+sql+` WHERE process_id = ? AND notice_id = ? AND person_id = ?`, b.Process.ID, notice, person)
}

func (b *bundle) list(f ledger.Filter) ledger.DeliveryPage {
	b.T.Helper()
	page, err := b.ledger.Deliveries(b.T.Context(), b.Process.ID, f)
	b.Must(err)
	each := 0
	b.Must(b.ledger.Each(b.T.Context(), b.Process.ID, f, func(d ledger.Delivery) error {
		if each < len(page.Deliveries) && d.ID != page.Deliveries[each].ID {
			b.T.Errorf("the file has %+v in the place of %+v", d, page.Deliveries[each])
		}
		each++
		return nil
	}))
	if each != page.Total {
		b.T.Errorf("the file has %d lines of %d", each, page.Total)
	}
	return page
}

func TestEveryStatusHasItsGroup(t *testing.T) {
	t.Parallel()
	all := map[notify.Status]int{}
	for _, g := range ledger.Groups {
		for _, s := range g.Statuses() {
			all[s]++
			if got := ledger.Chosen(string(s)); !slices.Equal(got, []notify.Status{s}) {
				t.Errorf("%s asks for %v", s, got)
			}
		}
	}
	for _, s := range []notify.Status{
		notify.Queued, notify.Sending, notify.Sent, notify.Deferred, notify.Failed, notify.Bounced, notify.Complained, notify.Suppressed, notify.Expired,
	} {
		if all[s] != 1 {
			t.Errorf("%s is in %d groups", s, all[s])
		}
		if missing := slices.Contains(ledger.Chosen(ledger.Missing), s); missing == (s == notify.Sent || s == notify.Complained) {
			t.Errorf("%s is missing: %t", s, missing)
		}
	}
	if len(all) != 9 || ledger.Chosen("") != nil || ledger.Chosen("nonsense") != nil {
		t.Errorf("%d statuses", len(all))
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	first := b.tell("first", 0)
	b.Clock.Set(b.Start.Add(time.Hour))
	second := b.tell("second", 0)
	b.tell("alone", b.people[0])
	b.tell("alone too", b.people[1])
	b.set(first, b.people[0], "status = 'sent', sent_at = now()")
	b.set(first, b.people[1], "status = 'bounced'")
	page, err := b.ledger.Notices(t.Context(), b.Process.ID, ledger.NoticeFilter{})
	b.Must(err)
	if page.Total != 2 || len(page.Notices) != 2 || page.Notices[0].ID != second || page.Notices[1].ID != first {
		t.Fatalf("%+v", page)
	}
	if got := page.Notices[1].Counts; !maps.Equal(got, ledger.Counts{notify.Sent: 1, notify.Bounced: 1, notify.Queued: 1}) {
		t.Errorf("%v", got)
	}
	if got := page.Notices[0].Counts; got.Of(ledger.Waiting) != 3 || got.Total() != 3 {
		t.Errorf("%v", got)
	}
	if page, err := b.ledger.Notices(t.Context(), b.Process.ID, ledger.NoticeFilter{Limit: 1, Offset: 1}); err != nil || len(page.Notices) != 1 || page.Notices[0].ID != first {
		t.Errorf("%+v, %v", page, err)
	}
	series, err := b.ledger.Series(t.Context(), b.Process.ID)
	b.Must(err)
	if len(series) != 1 || series[0].Kind != "phase-opened" || series[0].Counts.Total() != 2 || !series[0].LastAt.Equal(b.Clock.Time()) {
		t.Errorf("%+v", series)
	}
	if _, err := b.ledger.Notice(t.Context(), b.Process.ID, 987654); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := b.ledger.Notice(t.Context(), b.Process.ID+1, first); !fault.Is(err, fault.NotFound) {
		t.Errorf("the notice of another process: %v", err)
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	b := setup(t, 5)
	notice := b.tell("first", 0)
	b.tell("alone", b.people[0])
	b.set(notice, b.people[0], "status = 'sent', sent_at = now(), name = 'Zoe', address = 'zoe@example.net'")
	b.set(notice, b.people[1], "status = 'bounced', name = '100% Anna', reply_code = 550, reply = '5.1.1 no'")
	b.set(notice, b.people[2], "status = 'suppressed', suppressed_why = 'closed', name = ''")
	b.set(notice, b.people[3], "due_at = 'infinity'")
	b.set(notice, b.people[4], "status = 'failed', name = '', address = ''") // erased
	for name, c := range map[string]struct {
		filter ledger.Filter
		want   int
	}{
		"all":      {ledger.Filter{Notice: notice}, 5},
		"missing":  {ledger.Filter{Notice: notice, Statuses: ledger.Chosen(ledger.Missing)}, 4},
		"returned": {ledger.Filter{Notice: notice, Statuses: ledger.Chosen("returned")}, 2},
		"bounced":  {ledger.Filter{Notice: notice, Statuses: ledger.Chosen("bounced")}, 1},
		"name":     {ledger.Filter{Notice: notice, Text: " anna "}, 1},
		"percent":  {ledger.Filter{Notice: notice, Text: "%"}, 1},
		"address":  {ledger.Filter{Notice: notice, Text: "ZOE@example"}, 1},
		"both":     {ledger.Filter{Notice: notice, Text: "zoe", Statuses: ledger.Chosen(ledger.Missing)}, 0},
		"channel":  {ledger.Filter{Notice: notice, Channel: "mail"}, 5},
		"other":    {ledger.Filter{Notice: notice, Channel: "pigeon"}, 0},
		"series":   {ledger.Filter{Kind: "phase-opened"}, 1},
		"person":   {ledger.Filter{Person: b.people[0]}, 2},
		"whole":    {ledger.Filter{}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			if page := b.list(c.filter); page.Total != c.want || len(page.Deliveries) != c.want {
				t.Errorf("%d of %d, want %d", len(page.Deliveries), page.Total, c.want)
			}
		})
	}
	page := b.list(ledger.Filter{Notice: notice})
	if got := page.Counts.Of(ledger.Returned); got != 2 || !slices.Equal(page.Channels, []string{"mail"}) {
		t.Errorf("%+v", page)
	}
	var names []string
	for _, d := range page.Deliveries {
		names = append(names, d.Called())
		if d.PublicID == "" || d.QueuedAt.IsZero() || d.ChangedAt.Before(d.QueuedAt) || d.DueAt.IsZero() != (d.Person == b.people[3]) {
			t.Errorf("%+v", d)
		}
	}
	if names[len(names)-1] != "" || !slices.Contains(names, "100% Anna") || !slices.Contains(names, "persona002@example.org") {
		t.Errorf("%q", names)
	}
	if last := b.list(ledger.Filter{Person: b.people[0]}).Deliveries[0]; last.Notice == notice {
		t.Errorf("the first of two comes first: %+v", last)
	}
	stop := errors.New("enough")
	if err := b.ledger.Each(t.Context(), b.Process.ID, ledger.Filter{}, func(ledger.Delivery) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	notice := b.tell("first", 0)
	event := func(person process.PersonID, at, status, reply string) {
		b.Exec(`INSERT INTO delivery_event (process_id, delivery_id, at, status, reply)
			SELECT process_id, id, queued_at + ?::interval, ?, ? FROM delivery WHERE notice_id = ? AND person_id = ?`, at, status, reply, notice, person)
	}
	b.set(notice, b.people[0], "status = 'sent', sent_at = queued_at + interval '2 minutes', reply_code = 250, reply = 'ok'")
	event(b.people[0], "1 minute", "deferred", "later")
	b.set(notice, b.people[1], "status = 'bounced', sent_at = queued_at + interval '1 minute'")
	event(b.people[1], "1 hour", "bounced", "5.1.1")
	b.set(notice, b.people[2], "status = 'suppressed', suppressed_why = 'no_address'")
	for i, want := range []string{"queued deferred sent", "queued sent bounced", "queued suppressed", "queued"} {
		var id int64
		b.One(&id, `SELECT id FROM delivery WHERE notice_id = ? AND person_id = ?`, notice, b.people[i])
		d, events, err := b.ledger.History(t.Context(), b.Process.ID, id)
		b.Must(err)
		var words []string
		for j, e := range events {
			words = append(words, string(e.Status))
			if e.At.IsZero() || j > 0 && e.At.Before(events[j-1].At) {
				t.Errorf("%+v", events)
			}
		}
		if got := strings.Join(words, " "); got != want || d.ID != id {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if _, _, err := b.ledger.History(t.Context(), b.Process.ID, 987654); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	b := setup(t, 6)
	notice := b.tell("first", 0)
	for _, p := range b.people[:4] {
		b.set(notice, p, "status = 'failed', reply_code = 554")
	}
	b.set(notice, b.people[4], "status = 'sent', sent_at = now()")
	b.Exec(`INSERT INTO optout VALUES (?, ?, ?)`, b.Process.ID, b.people[3], b.Start)
	all := ledger.Filter{Notice: notice}
	may, err := b.ledger.MayRetry(t.Context(), b.Process.ID, all)
	b.Must(err)
	if may.Ready != 3 || !maps.Equal(may.Not, map[string]int{"left_audience": 1}) || may.Later != 0 {
		t.Fatalf("%+v", may)
	}
	one := all
	b.One(&one.Delivery, `SELECT id FROM delivery WHERE notice_id = ? AND person_id = ?`, notice, b.people[0])
	if may, err := b.ledger.MayRetry(t.Context(), b.Process.ID, one); err != nil || may.Ready != 1 {
		t.Errorf("%+v, %v", may, err)
	}
	wants := func(who process.Actor, r ledger.Retry, key string) {
		t.Helper()
		_, _, err := b.ledger.Retry(t.Context(), b.Process.ID, who, r)
		if e, ok := fault.As(err); !ok || e.Key != key {
			t.Errorf("got %v, want %s", err, key)
		}
	}
	wants(b.Stranger, ledger.Retry{Filter: all, Expected: 3}, "policy.role")
	wants(b.Promoter, ledger.Retry{Filter: all, Expected: 2}, "ledger.retry_more")
	wants(b.Promoter, ledger.Retry{Filter: ledger.Filter{Notice: notice, Statuses: ledger.Chosen("sent")}, Expected: 9}, "ledger.retry_none")
	for i, already := range []bool{false, true} {
		n, was, err := b.ledger.Retry(t.Context(), b.Process.ID, b.Promoter, ledger.Retry{Filter: all, Expected: 3, FormKey: "k"})
		if err != nil || n != 3 || was != already {
			t.Errorf("%d: %d, %v, %v", i, n, was, err)
		}
	}
	wants(b.Promoter, ledger.Retry{Filter: all, Expected: 3, FormKey: "other"}, "ledger.retry_none")
	if got := b.list(all).Counts; got[notify.Queued] != 4 || got[notify.Failed] != 1 || got[notify.Sent] != 1 {
		t.Errorf("%v", got)
	}
	d, events, err := b.ledger.History(t.Context(), b.Process.ID, one.Delivery)
	if last := events[len(events)-1]; err != nil || d.Status != notify.Queued || last.Status != notify.Queued || last.Reply != ledger.Retried {
		t.Errorf("%+v %+v, %v", d, events, err)
	}
}

// What is said to one person at a time has a notice each: a retry looks at so many
// and says what it left.
func TestRetryOfASeries(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	const notices = 205
	for i := range notices {
		b.Must(b.Core.Outbox().Add(t.Context(), b.DB, notify.Notice{
			ProcessID: int64(b.Process.ID), Key: fmt.Sprintf("r/%d", i), Kind: "results-published", PersonID: int64(b.people[0]),
			Payload: json.RawMessage(`{}`), DueAt: b.Start, CreatedAt: b.Start,
		}))
	}
	b.At(b.Start)
	b.Exec(`UPDATE delivery SET status = 'failed'`)
	series := ledger.Filter{Kind: "results-published"}
	may, err := b.ledger.MayRetry(t.Context(), b.Process.ID, series)
	if err != nil || may.Ready != 200 || may.Later != notices-200 {
		t.Errorf("%+v, %v", may, err)
	}
	n, _, err := b.ledger.Retry(t.Context(), b.Process.ID, b.Promoter, ledger.Retry{Filter: series, Expected: 200})
	if err != nil || n != 200 {
		t.Errorf("%d, %v", n, err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code        int
		reply, want string
	}{
		{550, "5.1.1 The email account that you tried to reach does not exist", "no_address 550 5.1.1"},
		{0, "smtp; 550 5.1.1 <x> User unknown", "no_address 5.1.1"},
		{550, "mailbox unavailable", "no_address 550"},
		{452, "4.2.2 over quota", "full 452 4.2.2"},
		{552, "full", "full 552"},
		{451, "4.7.1 Greylisted", "policy 451 4.7.1"},
		{550, "5.7.509 access denied", "policy 550 5.7.509"},
		{421, "try later", "busy 421"},
		{554, "no", "refused 554"},
		{0, "5.9.9 what", "refused 5.9.9"},
		{451, "local error", "deferred 451"},
		{250, "2.0.0 Ok: queued as 12", "taken 250 2.0.0"},
		{0, "the connection broke before the relay answered", "broken "},
		{0, "internal error, see the log", "internal "},
		{0, ledger.Retried, "retry "},
		{0, "", " "},
	} {
		if got := ledger.Read(c.code, c.reply); got.Word+" "+got.Mark != c.want {
			t.Errorf("%d %q: %+v, want %q", c.code, c.reply, got, c.want)
		}
	}
}

// TestAHundredThousand lists and counts what one notice sent to a hundred thousand
// people. A page takes a tenth of a second on a machine that has nothing else to
// do; what is asked here is that nothing is looked at for each of them.
func TestAHundredThousand(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	notice := b.tell("first", 0)
	b.Exec(`DELETE FROM delivery`)
	b.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at, suppressed_why)
		SELECT ?, ?, p, 'persona' || p || '@example.org', md5(p::text) || ' Rossi', 'it', 'mail', 1, s, 0, now(), now(),
			CASE WHEN s = 'sent' THEN now() END, CASE WHEN s = 'suppressed' THEN 'closed' END
		FROM generate_series(1, 100000) p, LATERAL (SELECT (ARRAY['sent', 'sent', 'sent', 'sent', 'bounced', 'suppressed', 'failed', 'queued'])[1 + p % 8] AS s) x`,
		b.Process.ID, notice)
	b.Exec(`ANALYZE delivery`)
	for name, ask := range map[string]func() error{
		"notices": func() error { _, err := b.ledger.Notices(t.Context(), b.Process.ID, ledger.NoticeFilter{}); return err },
		"first": func() error {
			_, err := b.ledger.Deliveries(t.Context(), b.Process.ID, ledger.Filter{Notice: notice})
			return err
		},
		"last": func() error {
			_, err := b.ledger.Deliveries(t.Context(), b.Process.ID, ledger.Filter{Notice: notice, Offset: 99950})
			return err
		},
		"search": func() error {
			_, err := b.ledger.Deliveries(t.Context(), b.Process.ID, ledger.Filter{Notice: notice, Text: "abc", Statuses: ledger.Chosen(ledger.Missing)})
			return err
		},
	} {
		took := time.Hour
		for range 3 {
			begin := time.Now()
			b.Must(ask())
			took = min(took, time.Since(begin))
		}
		t.Logf("%s: %s", name, took)
		if took > 4*time.Second {
			t.Errorf("%s takes %s", name, took)
		}
	}
}
