package questionnaire_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/message"
	"arengo/process/pause"
	"arengo/process/processtest"
)

// post is a relay that takes what waits only when it is told to.
type post struct {
	*world
	sink    *processtest.Sink
	drainer *notify.Drainer
}

func newPost(t *testing.T, people int) post {
	t.Helper()
	w := open(t, people)
	p := post{world: w, sink: processtest.SMTP(t)}
	p.drainer = w.Drainer(p.sink)
	return p
}

// goes sends what waits, some time later, and gives the subjects of what arrived.
func (p post) goes(later time.Duration) []string {
	p.T.Helper()
	before := len(p.sink.Messages())
	p.Clock.Set(p.Clock.Time().Add(later))
	p.Must(p.drainer.Round(p.T.Context()))
	var out []string
	for _, m := range p.sink.Messages()[before:] {
		out = append(out, m.Subject())
	}
	return out
}

func (p post) text() string {
	p.T.Helper()
	all := p.sink.Messages()
	return strings.Join(strings.Fields(all[len(all)-1].Text()), " ")
}

// Invitations that still wait for the relay when a questionnaire is suspended
// go out when it goes on, however long that took; whom they have not reached
// is not told of the suspension.
func TestInvitationsOutlastASuspension(t *testing.T) {
	t.Parallel()
	p := newPost(t, 3)
	rest, request := pause.New(p.Core), pause.Request{Activity: p.activity.ID, Reason: "Un refuso nelle domande"}
	p.Must(rest.Suspend(t.Context(), p.Process.ID, p.Promoter, request))
	if got := p.goes(time.Minute); len(got) != 0 {
		t.Errorf("while it rests: %q", got)
	}
	p.Clock.Set(p.Clock.Time().AddDate(0, 0, 20))
	p.Must(rest.Resume(t.Context(), p.Process.ID, p.Promoter, request))
	got := p.goes(time.Minute)
	if len(got) != 3 {
		t.Errorf("3 invitations are due, sent: %q", got)
	}
	for _, subject := range got {
		if strings.HasPrefix(subject, "Si riprende") {
			t.Errorf("who was never invited is told %q", subject)
		}
	}
	p.Must(rest.Suspend(t.Context(), p.Process.ID, p.Promoter, request))
	if got := p.goes(time.Minute); len(got) != 3 || !strings.HasPrefix(got[0], "Sospeso") {
		t.Errorf("of another suspension the invited are told %q", got)
	}
}

// Whom a questionnaire reminds on a day its process does not remind on the same
// day; on another it does, and whoever the questionnaire does not ask. While the
// questionnaire's reminder is still to come the process's waits, and goes when that
// one is called off.
func TestOneReminderADay(t *testing.T) {
	t.Parallel()
	w := open(t, 3)
	var day time.Time
	w.Must(w.DB.NewRaw(`SELECT due_at FROM deadline WHERE activity_id = ? AND notice = 'last-days'`, w.activity.ID).Scan(t.Context(), &day))
	ids := []int64{int64(w.people[0]), int64(w.people[1]), int64(w.people[2])}
	skipped := func(audience string, due time.Time) map[int64]notify.Verdict {
		t.Helper()
		n := notify.Notice{ProcessID: int64(w.Process.ID), Kind: "reminder", Audience: audience, Key: "nudge", Payload: json.RawMessage(`{}`), DueAt: due}
		skip, err := message.New(w.Core).Check(t.Context(), w.DB, n, ids)
		w.Must(err)
		return skip
	}
	evening := day.Add(9 * time.Hour)
	if skip := skipped("silent", day.Add(-time.Hour)); len(skip) != 3 || skip[ids[0]] != (notify.Verdict{Reason: "asked_later", Until: day.Add(5 * time.Minute)}) {
		t.Errorf("before the questionnaire's: %v", skip)
	}
	w.Clock.Set(day.Add(2 * time.Hour))
	if skip := skipped("silent", evening); len(skip) != 0 {
		t.Errorf("the questionnaire's was not made: %v", skip)
	}
	w.Exec(`UPDATE deadline SET fired_at = now() WHERE activity_id = ? AND notice = 'last-days'`, w.activity.ID)
	if skip := skipped("silent", evening); len(skip) != 3 || skip[ids[0]].Reason != "asked_by_activity" {
		t.Errorf("on one day: %v", skip)
	}
	if skip := skipped("silent", day.AddDate(0, 0, -1)); len(skip) != 0 {
		t.Errorf("on another: %v", skip)
	}
	w.mustSave(w.token(0), "link", "work")
	w.mustSave(w.token(0), "trust", "3")
	_, err := w.service.Submit(t.Context(), w.token(0))
	w.Must(err)
	if skip := skipped("invited", evening); len(skip) != 2 || skip[ids[0]].Reason != "" {
		t.Errorf("who has answered is not asked by the questionnaire: %v", skip)
	}
	w.Exec(`UPDATE deadline SET fired_at = NULL, cancelled_at = now() WHERE activity_id = ?`, w.activity.ID)
	if skip := skipped("silent", evening); len(skip) != 1 || skip[ids[0]].Reason != "left_audience" {
		t.Errorf("the questionnaire reminds nobody: %v", skip)
	}
}

// Of several changes of an end only the one that holds is told, from the end
// that the reader knew, in the words that are true of it.
func TestOnlyTheEndThatHoldsIsTold(t *testing.T) {
	t.Parallel()
	at := func(days int) process.NewEnd {
		return process.NewEnd{End: end.AddDate(0, 0, days), Reason: "Serve tempo"}
	}
	for name, c := range map[string]struct {
		days    []int // after the first end, in turn
		subject string
		says    []string
	}{
		"later, then less so":   {[]int{9, 5}, "C’è più tempo", []string{"La nuova scadenza è venerdì 3 aprile 2026", "prima era domenica 29 marzo 2026"}},
		"later, then earlier":   {[]int{9, -3}, "C’è meno tempo", []string{"La nuova scadenza è giovedì 26 marzo 2026", "prima era domenica 29 marzo 2026"}},
		"there and back":        {[]int{9, 0}, "", nil},
		"earlier, then earlier": {[]int{-2, -4}, "C’è meno tempo", []string{"prima era domenica 29 marzo 2026"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, 1)
			p.goes(time.Minute)
			before := 0
			for _, days := range c.days {
				x := at(days)
				x.Activity = p.activity.ID
				change := p.Core.Extend
				if days < before {
					change = p.Core.Shorten
				}
				before = days
				_, err := change(t.Context(), p.Process.ID, p.Promoter, x)
				p.Must(err)
				p.Clock.Set(p.Clock.Time().Add(time.Minute))
			}
			got := p.goes(time.Minute)
			if c.subject == "" {
				if len(got) != 0 {
					t.Errorf("nothing has changed, and told %q", got)
				}
				return
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], c.subject) {
				t.Fatalf("told %q", got)
			}
			for _, s := range c.says {
				if !strings.Contains(p.text(), s) {
					t.Errorf("%q is not in: %s", s, p.text())
				}
			}
		})
	}
}

// What is told at once is told from end to end.
func TestEachChangeThatIsSentIsTheNextOnesBefore(t *testing.T) {
	t.Parallel()
	p := newPost(t, 1)
	p.goes(time.Minute)
	for _, c := range []struct {
		days int
		says string
	}{{5, "prima era domenica 29 marzo 2026"}, {9, "prima era venerdì 3 aprile 2026"}} {
		_, err := p.Core.Extend(t.Context(), p.Process.ID, p.Promoter,
			process.NewEnd{Activity: p.activity.ID, End: end.AddDate(0, 0, c.days), Reason: "Serve tempo"})
		p.Must(err)
		if got := p.goes(time.Minute); len(got) != 1 || !strings.Contains(p.text(), c.says) {
			t.Errorf("told %q: %s", got, p.text())
		}
	}
}
