package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/pace"
	"arengo/notify/preference"
)

// courteous is a bench that keeps to rules, with the people of its crowd known to
// the database, who may choose.
func courteous(t *testing.T, people int, rules pace.Rules) *bench {
	t.Helper()
	b := setup(t, people)
	b.outbox.Keep(rules)
	b.exec(`INSERT INTO person (public_id, email, created_at) SELECT 'p' || n, 'p' || n || '@example.net', ? FROM generate_series(1, ?) AS n ORDER BY n`, day1, people)
	return b
}

// of is a notice of a kind to the whole crowd, due now.
func (b *bench) of(kind, key string) notify.Notice {
	return notify.Notice{
		ProcessID: process, ActivityID: 3, Key: key, Kind: kind, Audience: "silent", DueAt: b.clock.Time(), CreatedAt: b.clock.Time(),
	}
}

// sleep lets time pass, for the process and for the ledger.
func (b *bench) sleep(d time.Duration) {
	b.t.Helper()
	b.clock.Advance(d)
	b.exec(`UPDATE delivery SET due_at = due_at - ?0::interval, sent_at = sent_at - ?0::interval, lease_until = lease_until - ?0::interval`,
		fmt.Sprintf("%f seconds", d.Seconds()))
}

func (b *bench) choose(person int64, choice preference.Choice) {
	b.t.Helper()
	_, err := preference.Set(b.t.Context(), b.db, preference.Change{Person: person, Choice: choice, Now: b.clock.Time(), Rules: b.outbox.Rules()})
	if err != nil {
		b.t.Fatal(err)
	}
}

// stands says where each delivery of a person stands: "kind status channel why".
func (b *bench) stands(person int64) []string {
	b.t.Helper()
	var list []string
	err := b.db.NewRaw(`SELECT concat_ws(' ', n.kind, d.status, d.channel, d.suppressed_why) FROM delivery AS d
		JOIN notice AS n ON n.process_id = d.process_id AND n.id = d.notice_id WHERE d.person_id = ? ORDER BY n.id, d.channel`, person).Scan(b.t.Context(), &list)
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}

func (b *bench) want(person int64, list ...string) {
	b.t.Helper()
	if got := b.stands(person); !slices.Equal(got, list) {
		b.t.Errorf("person %d: %q, want %q", person, got, list)
	}
}

// rome is an instant of the tests' first day.
func rome(clock string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-22 "+clock, pace.Default.Location(""))
	if err != nil {
		panic(err)
	}
	return at
}

// In quiet hours only what cannot wait goes, and what is owed; the rest goes when
// they end, at no cost of an attempt.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	b := courteous(t, 1, pace.Rules{QuietFrom: 21 * time.Hour, QuietUntil: 8 * time.Hour})
	b.clock.Set(rome("22:30"))
	soon := b.of("invitation", "soon")
	soon.ExpiresAt = rome("23:59")
	b.add(b.of("reminder", "r"), b.of("last-days", "l"), b.of("receipt", "c"), b.of("meeting-cancelled", "m"), soon)
	b.expand()
	if tally := b.drain(); tally != (notify.Tally{Sent: 4, Deferred: 1}) {
		t.Errorf("at night: %+v", tally)
	}
	b.want(1, "reminder deferred mail", "last-days sent mail", "receipt sent mail", "meeting-cancelled sent mail", "invitation sent mail")
	if got := b.events(); !slices.Equal(got, []string{"1 deferred quiet_hours"}) {
		t.Errorf("events %q", got)
	}
	b.sleep(9*time.Hour + 29*time.Minute)
	if tally := b.drain(); tally != (notify.Tally{}) {
		t.Errorf("at 7:59: %+v", tally)
	}
	b.sleep(time.Minute)
	if tally := b.drain(); tally != (notify.Tally{Sent: 1}) {
		t.Errorf("at 8: %+v", tally)
	}
	for _, d := range b.deliveries() {
		if d.Attempts != 0 {
			t.Errorf("the night cost %d attempts", d.Attempts)
		}
	}
}

// A call whose end comes in the night is not put off beyond it.
func TestQuietHoursYieldToAnEnd(t *testing.T) {
	t.Parallel()
	b := courteous(t, 1, pace.Default)
	b.clock.Set(rome("22:30").AddDate(0, 0, 7)) // facts tell of an end at midnight
	b.add(b.of("reminder", "r"))
	b.expand()
	if tally := b.drain(); tally.Sent != 1 {
		t.Errorf("%+v", tally)
	}
}

func TestFrequencyCap(t *testing.T) {
	t.Parallel()
	b := courteous(t, 2, pace.Rules{PerDay: 3})
	for i := range 5 {
		b.add(b.of("phase-opened", fmt.Sprint("p/", i)))
	}
	b.add(b.of("receipt", "c"), b.of("called-off", "o"))
	b.expand()
	if tally := b.drain(); tally != (notify.Tally{Sent: 2*3 + 2*2, Deferred: 2 * 2}) {
		t.Errorf("on the first day %+v", tally)
	}
	b.add(b.of("activity-opened", "late"), b.of("last-days", "l"))
	b.expand()
	if tally := b.drain(); tally != (notify.Tally{Sent: 2, Deferred: 2}) {
		t.Errorf("later that day %+v", tally)
	}
	want := []string{"1 deferred frequency_cap", "1 deferred frequency_cap", "1 deferred frequency_cap"}
	if got := b.events(); !slices.Equal(got[:3], want) || len(got) != 6 {
		t.Errorf("events %q", got)
	}
	b.sleep(24 * time.Hour)
	if tally := b.drain(); tally != (notify.Tally{Sent: 6}) {
		t.Errorf("on the second day %+v", tally)
	}
}

// However many drain at once, nobody gets more than the limit, and exactly that.
func TestFrequencyCapHoldsAmongMany(t *testing.T) {
	t.Parallel()
	b := courteous(t, 5, pace.Rules{PerDay: 3})
	for i := range 8 {
		b.add(b.of("phase-opened", fmt.Sprint("p/", i)))
	}
	b.expand()
	for b.count(`SELECT count(*) FROM delivery WHERE due_at < clock_timestamp() + interval '3 minutes' AND status <> 'sent'`) > 0 {
		var nodes sync.WaitGroup
		for range 3 {
			d := b.newDrainer(func(c *notify.DrainerConfig) { c.Batch, c.Workers = 3, 2 })
			nodes.Go(func() {
				if _, err := d.Drain(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		// Those that gave way to one in hand come back soon, those over the limit do not.
		b.exec(`UPDATE delivery SET due_at = clock_timestamp() WHERE status = 'deferred' AND random() < 0.3 AND due_at < clock_timestamp() + interval '3 minutes'`)
	}
	got := map[string]int{}
	for _, m := range b.sink.Messages() {
		got[m.Recipients[0]]++
	}
	for who, n := range got {
		if n != 3 {
			t.Errorf("%s got %d", who, n)
		}
	}
	if count := b.counts(); len(got) != 5 || count[notify.Sent] != 15 || count[notify.Deferred] != 25 {
		t.Errorf("%d people, %v", len(got), count)
	}
}

// What somebody chose before a notice is expanded.
func TestPreferencesAtExpansion(t *testing.T) {
	t.Parallel()
	b := courteous(t, 4, pace.Rules{})
	b.choose(2, preference.Choice{"news": preference.Daily})
	b.choose(3, preference.Choice{"news": preference.Weekly, "invitations": preference.None})
	b.choose(4, preference.Nothing())
	b.add(b.of("phase-opened", "p"), b.of("deadline-extended", "d"), b.of("called-off", "o"), b.of("reminder", "r"), b.of("receipt", "c"))
	b.expand()
	b.drain()
	b.want(1, "phase-opened sent mail", "deadline-extended sent mail", "called-off sent mail", "reminder sent mail", "receipt sent mail")
	b.want(2, "phase-opened queued digest", "deadline-extended sent mail", "called-off sent mail", "reminder sent mail", "receipt sent mail")
	b.want(3, "phase-opened queued digest", "deadline-extended sent mail", "called-off sent mail", "reminder suppressed mail unsubscribed", "receipt sent mail")
	b.want(4, "phase-opened suppressed mail unsubscribed", "deadline-extended suppressed mail unsubscribed", "called-off sent mail",
		"reminder suppressed mail unsubscribed", "receipt sent mail")
	for person, want := range map[int64]time.Time{2: pace.Rules{}.Daily(day1), 3: pace.Rules{}.Weekly(day1)} {
		var wait float64
		b.scan(&wait, `SELECT extract(epoch FROM due_at - queued_at) FROM delivery WHERE channel = 'digest' AND person_id = ?`, person)
		if wait != want.Sub(day1).Seconds() {
			t.Errorf("person %d waits %v s, want until %v", person, wait, want)
		}
	}
}

// What would be over before its digest goes at once.
func TestDigestsDoNotMissAnEnd(t *testing.T) {
	t.Parallel()
	b := courteous(t, 2, pace.Rules{})
	b.clock.Set(day1.AddDate(0, 0, 2)) // a Tuesday; the facts tell of an end before the next Monday
	b.choose(1, preference.Choice{"invitations": preference.Daily})
	b.choose(2, preference.Choice{"invitations": preference.Weekly})
	b.add(b.of("invitation", "i"))
	b.expand()
	b.want(1, "invitation queued digest")
	b.want(2, "invitation queued mail")
	if tally := b.drain(); tally.Sent != 1 {
		t.Errorf("%+v", tally)
	}
}

// Between queue and send the later wish counts.
func TestPreferencesChangeInBetween(t *testing.T) {
	t.Parallel()
	const news = "news"
	for name, c := range map[string]struct {
		choices []preference.Choice
		stands  string
	}{
		"Unsubscribed": {[]preference.Choice{{news: preference.None}}, "phase-opened suppressed mail unsubscribed"},
		"SecondTopic":  {[]preference.Choice{{"results": preference.None}}, "phase-opened sent mail"},
		"Collected":    {[]preference.Choice{{news: preference.Daily}}, "phase-opened queued digest"},
		"ThenNot":      {[]preference.Choice{{news: preference.Weekly}, {news: preference.Immediate}}, "phase-opened sent mail"},
		"MindChanged":  {[]preference.Choice{{news: preference.None}, {news: preference.Immediate}}, "phase-opened sent mail"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := courteous(t, 1, pace.Rules{})
			b.add(b.of("phase-opened", "p"))
			b.expand()
			for _, choice := range c.choices {
				b.choose(1, choice)
			}
			b.drain()
			b.want(1, c.stands)
		})
	}
}

// What waits for a digest follows a change: to the next of the new cadence, or out
// at once. A refusal leaves it where it is, in case it is taken back.
func TestWhatWaitsFollowsAChange(t *testing.T) {
	t.Parallel()
	b := courteous(t, 1, pace.Rules{})
	b.clock.Set(day1.AddDate(0, 0, -5))
	b.choose(1, preference.Choice{"news": preference.Weekly})
	b.add(b.of("phase-opened", "p"))
	b.expand()
	waits := func() time.Duration {
		t.Helper()
		var left float64
		b.scan(&left, `SELECT extract(epoch FROM due_at - clock_timestamp()) FROM delivery`)
		return time.Duration(left * float64(time.Second)).Round(time.Minute)
	}
	now := b.clock.Time()
	for _, step := range []struct {
		to   preference.Cadence
		want time.Duration
		way  string
	}{
		{preference.Daily, pace.Rules{}.Daily(now).Sub(now), "digest"},
		{preference.Weekly, pace.Rules{}.Weekly(now).Sub(now), "digest"},
		{preference.None, pace.Rules{}.Weekly(now).Sub(now), "digest"},
		{preference.Immediate, 0, "mail"},
	} {
		b.choose(1, preference.Choice{"news": step.to})
		if got := waits(); got != step.want.Round(time.Minute) {
			t.Errorf("after %s it waits %v, want %v", step.to, got, step.want)
		}
		b.want(1, "phase-opened queued "+step.way)
	}
}

func TestChoicesAreChecked(t *testing.T) {
	t.Parallel()
	b := courteous(t, 1, pace.Rules{})
	for _, bad := range []preference.Choice{{"news": "hourly"}, {"duties": preference.None}, {"nothing": preference.Daily}} {
		_, err := preference.Set(t.Context(), b.db, preference.Change{Person: 1, Choice: bad, Now: day1})
		if err == nil || !strings.Contains(err.Error(), "preference.unknown") {
			t.Errorf("%v: %v", bad, err)
		}
	}
	before, err := preference.Set(t.Context(), b.db, preference.Change{Person: 1, Choice: preference.Nothing(), Now: day1})
	if err != nil || len(before) != 0 {
		t.Errorf("before: %v, %v", before, err)
	}
	if now, err := preference.Read(t.Context(), b.db, 1); err != nil || !now.Silent() || len(now) != len(preference.Topics()) || len(now) < 3 {
		t.Errorf("%v, %v", now, err)
	}
}
