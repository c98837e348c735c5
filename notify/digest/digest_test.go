package digest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/pace"
	"arengo/notify/preference"
	"arengo/notify/templates"
)

var daily = preference.Choice{"news": preference.Daily, "invitations": preference.Daily, "results": preference.Daily}

// One mail a person over all processes, in the morning; what is told is told, and
// when there is nothing to say there is no mail.
func TestOneMailInTheMorning(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, pace.Default)
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a")
	b.sleep(time.Hour)
	b.happens(2, "phase-opened", "b")
	b.sleep(time.Hour)
	b.happens(1, "activity-opened", "c")
	b.arrives("2: a", "2: b", "2: c")
	b.until(1, 7)
	b.arrives()
	b.until(0, 8)
	b.arrives("1: a c b") // by process, the one with the latest first
	b.standsAt(map[string]string{
		"a": "1 sent digest, 2 sent mail", "b": "1 sent digest, 2 sent mail", "digest/2026-11-24": "1 sent mail",
	})
	b.arrives()
	b.until(1, 8)
	b.arrives()
	if n := len(b.post.arrived); n != 4 {
		t.Errorf("%d letters in all", n)
	}
}

// A weekly digest comes on Monday; what is wanted daily comes with it.
func TestWeeklyOnMonday(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Default)
	b.choose(1, preference.Choice{"news": preference.Weekly, "results": preference.Daily})
	b.happens(1, "phase-opened", "a")
	b.until(1, 8)
	b.arrives()
	b.until(5, 9) // Sunday
	b.happens(1, "results-published", "r")
	b.arrives()
	b.until(1, 8)
	letters := b.works()
	if len(letters) != 1 || !slices.Equal(told(letters[0]), []string{"a", "r"}) {
		t.Fatalf("%d letters", len(letters))
	}
	if got := letters[0].Facts.Extra; got["period"] != "daily,weekly" || got["count"] != "2" {
		t.Errorf("%v", got)
	}
}

// A run that was missed is made up for: later that day, or with the next.
func TestMissedRuns(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Default)
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a")
	b.until(1, 15)
	b.arrives("1: a")
	b.happens(1, "phase-opened", "b")
	b.until(1, 20) // too late for today
	b.arrives()
	b.sleep(5 * time.Hour)
	b.arrives()
	b.happens(1, "phase-opened", "c")
	b.until(0, 8)
	b.arrives("1: b c")
}

// Far too late is too late: what has been due for longer than it is worth sending
// expires.
func TestOutageOfWeeks(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Default)
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a")      // seven days
	b.happens(1, "results-published", "r") // fourteen
	b.until(9, 8)
	b.arrives("1: r")
	b.standsAt(map[string]string{"a": "1 expired digest", "r": "1 sent digest"})
}

// What became pointless is left out and says why; what is not decided waits.
func TestPointlessThingsAreLeftOut(t *testing.T) {
	t.Parallel()
	b := setup(t, 2, pace.Default)
	b.choose(1, daily)
	b.choose(2, daily)
	b.happens(1, "invitation", "i")
	b.happens(1, "phase-opened", "p", "later")
	b.village.says("i", 1, notify.Verdict{Reason: "answered"})
	b.village.says("p", 2, notify.Verdict{Reason: "left_audience"})
	b.village.says("i", 2, notify.Verdict{Reason: "answered"})
	b.village.says("later", 1, notify.Verdict{Reason: "asked_later", Until: monday.AddDate(0, 0, 2)})
	b.village.says("later", 2, notify.Verdict{Reason: "closed"})
	b.until(1, 8)
	b.arrives("1: p")
	b.standsAt(map[string]string{
		"i": "1 suppressed digest answered, 2 suppressed digest answered", "p": "1 sent digest, 2 suppressed digest left_audience",
		"later": "1 queued digest, 2 suppressed digest closed", "digest/2026-11-24": "1 sent mail, 2 suppressed mail nothing_to_say",
	})
	b.village.says("later", 1, notify.Verdict{})
	delete(b.village.verdicts, "later/1")
	b.until(2, 8)
	b.arrives("1: later")
}

// Between queue and send the later wish counts, up to the last moment.
func TestUnsubscribedBetweenQueueAndSend(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Default)
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a")
	b.happens(1, "results-published", "r")
	b.until(1, 8)
	b.must(b.runner.Run(t.Context()))
	_, _, err := b.outbox.Expand(t.Context(), b.db, b.clock.Time(), 100)
	b.must(err)
	b.choose(1, preference.Choice{"news": preference.None})
	b.arrives("1: r")
	b.standsAt(map[string]string{"a": "1 suppressed digest unsubscribed", "r": "1 sent digest"})
}

// Who wants to hear at once after all gets at once what was waiting.
func TestBackToImmediate(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Default)
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a")
	b.sleep(time.Hour)
	b.choose(1, preference.Choice{"news": preference.Immediate})
	b.arrives("1: a")
	b.until(1, 8)
	b.arrives()
}

// A mail that fails gives back what it would have told, and one whose address is
// gone takes it along.
func TestFailedDigests(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[channel.Outcome]string{channel.Refused: "1 queued digest", channel.Bounced: "1 bounced digest"} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1, pace.Default)
			b.choose(1, daily)
			b.happens(1, "phase-opened", "a")
			b.until(1, 8)
			b.post.answer = func(channel.Letter) channel.Outcome { return outcome }
			b.arrives()
			b.standsAt(map[string]string{"a": want})
			b.post.answer = nil
			b.happens(1, "phase-opened", "b")
			b.until(1, 8)
			if outcome == channel.Refused {
				b.arrives("1: a b")
			} else {
				b.arrives()
			}
		})
	}
}

// A mail whose acknowledgement was lost goes again as it was, under its own name:
// what came due meanwhile waits for the next.
func TestLostAcknowledgement(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Rules{})
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a")
	b.until(1, 8)
	b.post.answer = func(channel.Letter) channel.Outcome { return channel.Lost }
	b.arrives("1: a")
	b.post.answer = nil
	b.happens(1, "phase-opened", "b")
	b.until(1, 7)
	b.exec(`UPDATE delivery SET due_at = clock_timestamp() WHERE channel = 'digest' AND digest_id IS NULL`)
	b.arrives("1: a")
	b.until(0, 8)
	b.arrives("1: b")
}

// A notice that cannot be told of keeps no other back, and is tried again.
func TestOneBrokenNotice(t *testing.T) {
	t.Parallel()
	for _, question := range []string{"check", "facts"} {
		t.Run(question, func(t *testing.T) {
			t.Parallel()
			b := setup(t, 1, pace.Default)
			b.choose(1, daily)
			b.happens(1, "phase-opened", "a", "broken")
			b.village.panics["broken"] = question
			b.until(1, 8)
			b.arrives("1: a")
			b.standsAt(map[string]string{"broken": "1 queued digest"})
			clear(b.village.panics)
			b.until(1, 8)
			b.arrives("1: broken")
		})
	}
}

func TestPausedNoticeWaits(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, pace.Default)
	b.choose(1, daily)
	b.happens(1, "phase-opened", "a", "paused")
	var id int64
	b.must(b.db.NewRaw(`SELECT id FROM notice WHERE key = 'paused'`).Scan(t.Context(), &id))
	_, err := b.outbox.Pause(t.Context(), b.db, 1, id, notify.Stop{Why: "a wrong link", At: b.clock.Time()})
	b.must(err)
	b.until(1, 8)
	b.arrives("1: a")
	_, err = b.outbox.Resume(t.Context(), b.db, 1, id, notify.Stop{At: b.clock.Time()})
	b.must(err)
	b.until(1, 8)
	b.arrives("1: paused")
}

// A digest reads well with one thing and with forty, in every language.
func TestDigestReadsWell(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 5, 40} {
		b := setup(t, 1, pace.Default)
		b.choose(1, daily)
		for i := range n {
			b.happens(int64(i%4+1), []string{"phase-opened", "activity-opened", "results-published"}[i%3], strings.Repeat("k", i+1))
		}
		b.until(1, 8)
		letters := b.works()
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		for _, locale := range templates.Locales() {
			f := letters[0].Facts
			f.Recipient.Locale = locale
			page, err := templates.Render(preference.Digest, f)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.HTML) > 100_000 || len([]rune(page.Subject)) > 80 || len([]rune(page.Preview)) > 200 {
				t.Errorf("%s, %d things: %d bytes, subject %q, preview %q", locale, n, len(page.HTML), page.Subject, page.Preview)
			}
			if got := strings.Count(page.HTML, `href="https://example.org/k`); got != n {
				t.Errorf("%s: %d links of %d", locale, got, n)
			}
		}
	}
}
