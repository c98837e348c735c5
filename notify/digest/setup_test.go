package digest_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/digest"
	"arengo/notify/pace"
	"arengo/notify/preference"
	"arengo/notify/templates"
	"arengo/process/processtest"
)

// village is a domain of a few people, to all of whom each notice goes.
type village struct {
	mu       sync.Mutex
	verdicts map[string]notify.Verdict // by "key/person"
	panics   map[string]string         // by key: at which question
}

func (v *village) Audience(context.Context, bun.IDB, notify.Notice) (schema.QueryAppender, error) {
	return bun.SafeQuery(`SELECT id AS person_id, email AS address, name, locale FROM person`), nil
}

func (v *village) Check(_ context.Context, _ bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Verdict, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.panics[n.Key] == "check" {
		panic("no answer")
	}
	out := map[int64]notify.Verdict{}
	for _, p := range persons {
		if verdict, ok := v.verdicts[fmt.Sprint(n.Key, "/", p)]; ok {
			out[p] = verdict
		}
	}
	return out, nil
}

func (v *village) Facts(_ context.Context, _ bun.IDB, n notify.Notice, persons []int64) (map[int64]notify.Facts, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.panics[n.Key] == "facts" {
		panic("no words")
	}
	out := map[int64]notify.Facts{}
	for _, p := range persons {
		f := templates.Preview(n.Kind, "it")
		f.Process.ID, f.Process.Title, f.Recipient.Name, f.Recipient.Locale = n.ProcessID, fmt.Sprint("Percorso ", n.ProcessID), "", ""
		f.Deadline, f.Meeting, f.Recipient.Link = templates.Deadline{}, templates.Meeting{}, "https://example.org/"+n.Key
		if n.Kind == preference.Digest {
			f.Process = templates.Process{}
		}
		out[p] = f
	}
	return out, nil
}

// says lets the village answer about one notice and person.
func (v *village) says(key string, person int64, verdict notify.Verdict) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.verdicts[fmt.Sprint(key, "/", person)] = verdict
}

// post is the channel of mail to a box that remembers what arrived.
type post struct {
	email.Reach
	mu      sync.Mutex
	arrived []channel.Letter
	answer  func(channel.Letter) channel.Outcome // nil takes all
}

func (p *post) Open() channel.Session { return session{p} }
func (*post) Close()                  {}

type session struct{ *post }

func (s session) Send(_ context.Context, l channel.Letter) (channel.Result, error) {
	if _, err := templates.Render(l.Kind, l.Facts); err != nil {
		return channel.Result{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := channel.Delivered
	if s.answer != nil {
		out = s.answer(l)
	}
	if out == channel.Delivered || out == channel.Lost {
		s.arrived = append(s.arrived, l)
	}
	return channel.Result{Outcome: out, Reference: fmt.Sprint(l.Key, "/", l.PersonID), AddressGone: out == channel.Bounced}, nil
}

// told are the keys of the notices that a letter tells.
func told(l channel.Letter) []string {
	if l.Kind != preference.Digest {
		return []string{l.Key}
	}
	var keys []string
	for _, row := range l.Facts.Lists["items"] {
		keys = append(keys, strings.TrimPrefix(row["link"], "https://example.org/"))
	}
	return keys
}

// bench is one test's own world.
type bench struct {
	t       testing.TB
	db      *bun.DB
	clock   *processtest.Clock
	village *village
	post    *post
	source  notify.Source
	outbox  *notify.Outbox
	drainer *notify.Drainer
	runner  *digest.Runner
}

// monday is where the clocks begin: in the morning, after the hour of digests.
var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, pace.Rules{}.Location(""))

func setup(t testing.TB, people int, rules pace.Rules) *bench {
	t.Helper()
	b := &bench{
		t: t, db: processtest.Database(t), clock: processtest.NewClock(monday), post: &post{},
		village: &village{verdicts: map[string]notify.Verdict{}, panics: map[string]string{}},
	}
	b.exec(`INSERT INTO person (public_id, email, name, created_at) SELECT 'p' || n, 'p' || n || '@example.net', 'Persona ' || n, ?
		FROM generate_series(1, ?) AS n ORDER BY n`, monday, people)
	log := slog.New(slog.DiscardHandler)
	b.source = digest.Wrap(b.village, b.clock, log)
	b.outbox = notify.NewOutbox(b.source)
	b.outbox.Keep(rules)
	b.runner = &digest.Runner{DB: b.db, Outbox: b.outbox, Clock: b.clock}
	drainer, err := notify.NewDrainer(notify.DrainerConfig{
		DB: b.db, Outbox: b.outbox, Clock: b.clock, Channels: []channel.Channel{b.post}, Log: log, Workers: 2,
	})
	b.must(err)
	b.drainer = drainer
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.db.ExecContext(b.t.Context(), sql, args...)
	b.must(err)
}

func (b *bench) choose(person int64, choice preference.Choice) {
	b.t.Helper()
	_, err := preference.Set(b.t.Context(), b.db, preference.Change{Person: person, Choice: choice, Now: b.clock.Time(), Rules: b.outbox.Rules()})
	b.must(err)
}

// happens writes notices of a kind about a process, due now, by the names of their
// keys.
func (b *bench) happens(process int64, kind string, keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.must(b.outbox.Add(b.t.Context(), b.db, notify.Notice{
			ProcessID: process, Key: key, Kind: kind, Audience: "all", DueAt: b.clock.Time(), CreatedAt: b.clock.Time(),
		}))
	}
	_, _, err := b.outbox.Expand(b.t.Context(), b.db, b.clock.Time(), 100)
	b.must(err)
}

// sleep lets time pass, for the processes and for the ledger.
func (b *bench) sleep(d time.Duration) {
	b.t.Helper()
	b.clock.Advance(d)
	b.exec(`UPDATE delivery SET due_at = due_at - ?0::interval, queued_at = queued_at - ?0::interval,
		sent_at = sent_at - ?0::interval, lease_until = lease_until - ?0::interval`, fmt.Sprintf("%f seconds", d.Seconds()))
}

// until sleeps to a time of day, that of the next day when it has passed.
func (b *bench) until(days, hour int) {
	b.t.Helper()
	y, m, d := b.clock.Time().In(monday.Location()).Date()
	b.sleep(time.Date(y, m, d+days, hour, 0, 1, 0, monday.Location()).Sub(b.clock.Time()))
}

// works does what a worker does at every sweep, and gives what arrived.
func (b *bench) works() []channel.Letter {
	b.t.Helper()
	b.must(b.runner.Run(b.t.Context()))
	return b.sends()
}

// sends is works without a look at digests.
func (b *bench) sends() []channel.Letter {
	b.t.Helper()
	b.post.mu.Lock()
	before := len(b.post.arrived)
	b.post.mu.Unlock()
	_, _, err := b.outbox.Expand(b.t.Context(), b.db, b.clock.Time(), 100)
	b.must(err)
	_, err = b.drainer.Drain(b.t.Context())
	b.must(err)
	return b.post.arrived[before:]
}

// arrives fails unless what arrived are digests that tell of these keys, in order,
// one string each: "person: key key".
func (b *bench) arrives(want ...string) {
	b.t.Helper()
	var got []string
	for _, l := range b.works() {
		got = append(got, fmt.Sprint(l.PersonID, ": ", strings.Join(told(l), " ")))
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		b.t.Errorf("at %s arrived %q, want %q", b.clock.Time().In(monday.Location()).Format("Mon 15:04"), got, want)
	}
}

// stands says where the deliveries of a notice stand, by person.
func (b *bench) stands(key string) string {
	b.t.Helper()
	var list []string
	b.must(b.db.NewRaw(`SELECT concat_ws(' ', d.person_id, d.status, d.channel, d.suppressed_why) FROM delivery AS d
		JOIN notice AS n ON n.process_id = d.process_id AND n.id = d.notice_id WHERE n.key = ? ORDER BY d.person_id, d.id`, key).Scan(b.t.Context(), &list))
	return strings.Join(list, ", ")
}

func (b *bench) standsAt(want map[string]string) {
	b.t.Helper()
	b.must(b.runner.Run(b.t.Context())) // settles
	for key, where := range want {
		if got := b.stands(key); got != where {
			b.t.Errorf("%s: %q, want %q", key, got, where)
		}
	}
}
