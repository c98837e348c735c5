package digest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/pace"
	"arengo/notify/preference"
)

// Whatever happens, to whomever, and whichever runs are missed, cut short or
// repeated: each thing is told to each person in one letter and no more, or is left
// out with its reason; nothing waits for ever.
func TestEachThingIsToldOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, people, pace.Default)
	rapid.Check(t, func(t *rapid.T) {
		b.begin()
		l := life{T: t, b: b}
		t.Repeat(map[string]func(*rapid.T){
			"happens": func(*rapid.T) { l.happens() }, "chooses": func(*rapid.T) { l.chooses() },
			"pointless": func(*rapid.T) { l.pointless() }, "sleeps": func(*rapid.T) { l.sleeps() },
			"works": func(*rapid.T) { b.works() }, "sends": func(*rapid.T) { b.sends() },
			"looks":    func(*rapid.T) { b.must(b.runner.Run(b.t.Context())) },
			"dies":     func(*rapid.T) { l.dies() },
			"dropped":  func(*rapid.T) { l.post(channel.Lost) },
			"refused":  func(*rapid.T) { l.post(channel.Refused) },
			"deferred": func(*rapid.T) { l.post(channel.Deferred) },
		})
		l.ends()
		l.check()
	})
}

const people = 3

// begin empties the world, and puts its clock back.
func (b *bench) begin() {
	b.exec(`TRUNCATE notice, delivery, delivery_event, preference CASCADE`)
	b.clock.Set(monday)
	b.post.arrived, b.post.answer = nil, nil
	clear(b.village.verdicts)
}

// life is one random history.
type life struct {
	*rapid.T
	b    *bench
	keys []string
}

var happening = []string{"phase-opened", "invitation", "results-published", "reminder", "last-days", "called-off", "receipt", "what-became-of-it"}

func (l *life) happens() {
	key := fmt.Sprintf("k%d", len(l.keys))
	l.keys = append(l.keys, key)
	l.b.happens(rapid.Int64Range(1, 3).Draw(l.T, "process"), rapid.SampledFrom(happening).Draw(l.T, "kind"), key)
}

func (l *life) person() int64 { return rapid.Int64Range(1, people).Draw(l.T, "person") }

func (l *life) chooses() {
	topic := rapid.SampledFrom(preference.Topics()).Draw(l.T, "topic").Name
	l.b.choose(l.person(), preference.Choice{topic: rapid.SampledFrom(preference.Cadences()).Draw(l.T, "cadence")})
}

func (l *life) pointless() {
	if len(l.keys) == 0 {
		return
	}
	v := notify.Verdict{Reason: "answered"}
	if rapid.Bool().Draw(l.T, "later") {
		v = notify.Verdict{Reason: "not_decided", Until: l.b.clock.Time().Add(time.Duration(rapid.IntRange(1, 50).Draw(l.T, "hours")) * time.Hour)}
	}
	key, person := rapid.SampledFrom(l.keys).Draw(l.T, "key"), l.person()
	if old := l.b.village.verdicts[fmt.Sprint(key, "/", person)]; old.Reason == "answered" {
		return // for good
	}
	l.b.village.says(key, person, v)
}

func (l *life) sleeps() {
	l.b.sleep(time.Duration(rapid.IntRange(1, 30).Draw(l.T, "hours")) * time.Hour)
	for who, v := range l.b.village.verdicts {
		if !v.Until.IsZero() && !v.Until.After(l.b.clock.Time()) {
			delete(l.b.village.verdicts, who) // it is decided: they are told
		}
	}
}

// dies is a worker that claims and asks, and is killed before it sends.
func (l *life) dies() {
	claimed, err := l.b.outbox.Claim(l.b.t.Context(), l.b.db, "mail", "dead", rapid.IntRange(1, 5).Draw(l.T, "claims"))
	l.b.must(err)
	for _, d := range claimed {
		var n notify.Notice
		l.b.must(l.b.db.NewSelect().Model(&n).Where("n.process_id = ? AND n.id = ?", d.ProcessID, d.NoticeID).Scan(l.b.t.Context()))
		_, err := l.b.source.Check(l.b.t.Context(), l.b.db, n, []int64{d.PersonID})
		l.b.must(err)
	}
	l.b.sleep(time.Minute)
}

// post lets what a worker sends next come to an outcome.
func (l *life) post(out channel.Outcome) {
	l.b.post.answer = func(channel.Letter) channel.Outcome { return out }
	l.b.works()
	l.b.post.answer = nil
}

// ends lets days pass as they should, until nothing is open.
func (l *life) ends() {
	for range 60 {
		l.b.works()
		l.b.must(l.b.runner.Run(l.b.t.Context()))
		var open int
		l.b.must(l.b.db.NewRaw(`SELECT count(*) FROM delivery WHERE status IN ('queued', 'sending', 'deferred')`).Scan(l.b.t.Context(), &open))
		if open == 0 {
			return
		}
		l.b.until(1, 8)
		for who, v := range l.b.village.verdicts {
			if !v.Until.IsZero() {
				delete(l.b.village.verdicts, who)
			}
		}
	}
	l.Fatalf("something waits for ever:\n%s", l.ledger())
}

// check holds what arrived against the ledger.
func (l *life) check() {
	copies := map[string]map[string]bool{} // by "key/person": the letters that tell it
	shown := map[string][]string{}         // by letter: what its first copy told
	for _, letter := range l.b.post.arrived {
		name := fmt.Sprint(letter.Key, "/", letter.PersonID)
		keys := told(letter)
		if first, again := shown[name]; !again {
			shown[name] = keys
		} else if slices.ContainsFunc(keys, func(k string) bool { return !slices.Contains(first, k) }) {
			l.Fatalf("a letter that went again says more: %q, then %q", first, keys)
		}
		for _, key := range keys {
			what := fmt.Sprint(key, "/", letter.PersonID)
			if copies[what] == nil {
				copies[what] = map[string]bool{}
			}
			copies[what][name] = true
		}
	}
	var rows []struct {
		Key, Status, Why string
		PersonID         int64
		Lost             bool // it may have arrived before it came to nothing
	}
	l.b.must(l.b.db.NewRaw(`SELECT n.key, d.status, coalesce(d.suppressed_why, '') AS why, d.person_id FROM delivery AS d
		JOIN notice AS n ON n.process_id = d.process_id AND n.id = d.notice_id WHERE n.kind <> 'digest'`).Scan(l.b.t.Context(), &rows))
	if len(rows) != len(l.keys)*people {
		l.Fatalf("%d deliveries of %d things to %d people", len(rows), len(l.keys), people)
	}
	for _, r := range rows {
		what := fmt.Sprint(r.Key, "/", r.PersonID)
		letters := len(copies[what])
		switch {
		case letters > 1:
			l.Fatalf("%s was told in %v\n%s", what, copies[what], l.ledger())
		case r.Status == "sent" && letters == 0:
			l.Fatalf("%s is sent, and no letter tells it\n%s", what, l.ledger())
		case r.Status == "suppressed" && r.Why == "":
			l.Fatalf("%s is left out for no reason", what)
		case !slices.Contains([]string{"sent", "suppressed", "failed", "expired"}, r.Status):
			l.Fatalf("%s is %s", what, r.Status)
		}
	}
}

func (l *life) ledger() string {
	var lines []string
	l.b.must(l.b.db.NewRaw(`SELECT concat_ws(' ', d.process_id, d.id, n.key, n.kind, d.person_id, d.channel, d.status, d.suppressed_why, 'digest', d.digest_id, d.due_at::text,
			(SELECT string_agg(concat_ws(' ', e.status, e.reply), ', ' ORDER BY e.id) FROM delivery_event AS e WHERE e.process_id = d.process_id AND e.delivery_id = d.id))
		FROM delivery AS d JOIN notice AS n ON n.process_id = d.process_id AND n.id = d.notice_id ORDER BY d.person_id, d.id`).Scan(l.b.t.Context(), &lines))
	return strings.Join(lines, "\n")
}
