package operator_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/operator"
	"arengo/process/processtest"
	"arengo/process/worldtest"
)

// crowd adds n open deliveries of a notice, whose status and due time are given in
// SQL, to addresses at three domains.
func (w *world) crowd(notice int64, n int, status, due string) {
	w.T.Helper()
	w.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at,
			lease_until, claimed_by, reply_code, reply)
		SELECT ?0, ?1, 1000 + k + (SELECT coalesce(max(id), 0) FROM delivery), 'p' || k || '@d' || k % 3 || '.example.net', 'Persona', 'it', 'mail', 1, ?2, 0,
			clock_timestamp(), ?3::timestamptz, CASE WHEN ?2 = 'sending' THEN clock_timestamp() + interval '40 s' END,
			CASE WHEN ?2 = 'sending' THEN 'w' END, NULL, NULL
		FROM generate_series(1, ?4) AS k`, w.Process.ID, notice, status, due, n)
	w.Exec(`UPDATE notice SET expanded_at = coalesce(expanded_at, ?), deliveries = deliveries + ? WHERE id = ?`, w.Start, n, notice)
}

func (w *world) look() operator.View {
	w.T.Helper()
	v, err := w.desk.Look(w.T.Context(), w.admin)
	w.Must(err)
	return v
}

func (w *world) found(code string) bool {
	w.T.Helper()
	for _, f := range w.look().Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}

func TestLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.crowd(w.notice, 40, "queued", "now")
	w.crowd(w.notice, 7, "sending", "now")
	w.crowd(w.notice, 5, "deferred", "tomorrow")
	paused := w.tell("avviso/2")
	w.crowd(paused, 12, "queued", "now")
	w.Must(w.desk.PauseNotice(t.Context(), w.Promoter, w.Process.ID, paused, "Contiene un errore"))
	small := w.tell("avviso/3")
	w.crowd(small, 3, "queued", "now")
	v := w.look()
	if len(v.Channels) != 2 {
		t.Fatalf("%d channels", len(v.Channels))
	}
	c := v.Channels[0]
	if c.Name != "mail" || c.Queued != 43 || c.Sending != 7 || c.Deferred != 5 || c.Parked != 12 || c.More || c.Late != 0 {
		t.Errorf("%+v", c)
	}
	if c.Oldest.IsZero() || v.At.Sub(c.Oldest) > time.Minute || c.Next.Before(v.At) {
		t.Errorf("oldest %s, next %s at %s", c.Oldest, c.Next, v.At)
	}
	if len(v.Running) != 2 || v.Rest != 3 {
		t.Fatalf("%d notices run, %d of others", len(v.Running), v.Rest)
	}
	if n := v.Running[0]; n.ID != paused || n.Pause == nil || n.Pause.By != w.Promoter.Name || n.Parked != 12 || n.Open() != 12 || n.Deliveries != 12 {
		t.Errorf("%+v", n)
	}
	if n := v.Running[1]; n.ID != w.notice || n.Pause != nil || n.Queued != 40 || n.Sending != 7 || n.Deferred != 5 || n.Title != w.Process.Title {
		t.Errorf("%+v", n)
	}
	if len(v.Pauses) != 1 || v.Pauses[0].Why != "Contiene un errore" || v.Pauses[0].Notice.ID != paused || !v.Pauses[0].Until.IsZero() {
		t.Errorf("%+v", v.Pauses)
	}
	if _, err := w.desk.Look(t.Context(), w.Promoter); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a promoter looks: %v", err)
	}
}

// What was sent, and what was not, is told by reason and domain.
func TestLookAtWhatWentWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sink := processtest.SMTP(t)
	w.Exec(`UPDATE notice SET expanded_at = created_at`)
	for n := range 6 {
		who := w.Actor(fmt.Sprintf("p%d@d%d.example.net", n, n%3), "Persona")
		w.Must(w.Core.TellRole(t.Context(), w.DB, process.RoleGiven{Process: w.Process.ID, Person: who.Person, Role: process.RoleEditor, Now: w.Start}))
	}
	w.At(w.Start)
	v := w.look()
	if len(v.Findings) != 1 || v.Findings[0].Code != operator.FindNoNode {
		t.Errorf("%+v", v.Findings)
	}
	sink.Answer("p1@d1.example.net", 550)
	sink.Answer("p2@d2.example.net", 451)
	sink.Answer("p4@d1.example.net", 550)
	if _, err := w.Drainer(sink).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	v = w.look()
	c := v.Channels[0]
	if c.Hour != 3 || c.Day != 3 || c.Missed != 2 || c.Deferred != 1 || len(c.Nodes) != 1 || c.Nodes[0].Trouble != "" {
		t.Errorf("%+v", c)
	}
	if len(v.Wrong.Reasons) != 2 || v.Wrong.Reasons[0].Status != "bounced" || v.Wrong.Reasons[0].Code != 550 || v.Wrong.Reasons[0].Count != 2 || v.Wrong.Total != 3 {
		t.Errorf("%+v", v.Wrong)
	}
	if len(v.Wrong.Domains) != 2 || v.Wrong.Domains[0] != (operator.Domain{Name: "d1.example.net", Count: 2}) {
		t.Errorf("%+v", v.Wrong.Domains)
	}
	if len(v.Findings) != 0 {
		t.Errorf("%+v", v.Findings)
	}
}

// Every trouble is found by looking at the real tables.
func TestLookFinds(t *testing.T) {
	t.Parallel()
	tests := map[string]func(w *world){
		operator.FindFailing: func(w *world) {
			w.Exec(`UPDATE notice SET failures = 4, retry_at = due_at + interval '1 hour', expanded_at = NULL`)
		},
		operator.FindUnexpand: func(w *world) { w.tell("avviso/9"); w.Clock.Set(w.Start.Add(time.Hour)) },
		operator.FindAside:    func(w *world) { w.deadline(5) },
		operator.FindOverdue:  func(w *world) { w.deadline(0) },
		operator.FindStuck: func(w *world) {
			w.node("")
			w.crowd(w.notice, 3, "queued", "2001-01-01")
		},
		operator.FindSlow: func(w *world) {
			w.node("")
			w.crowd(w.notice, 3, "queued", "2001-01-01")
			w.Exec(`INSERT INTO channel_minute SELECT 'mail', date_trunc('minute', clock_timestamp()) - k * interval '1 minute', 'w', 'sent', 5 FROM generate_series(0, 3) AS k`)
		},
		operator.FindTrouble: func(w *world) { w.node("mail relay: cannot connect") },
		operator.FindHook: func(w *world) {
			w.Exec(`INSERT INTO webhook (public_id, organisation_id, created_by, url, events, created_at, failing_since)
				VALUES ('h', ?, ?, 'https://gestionale.example.it/x?token=1', '{process.transition}', ?, ?)`, w.Org, w.Promoter.Person, w.Start, w.Start)
		},
		operator.FindPaused: func(w *world) { w.Must(w.desk.PauseChannel(w.T.Context(), w.admin, "mail", "x")) },
		operator.FindRejected: func(w *world) {
			w.Exec(`INSERT INTO channel_minute VALUES ('mail', date_trunc('minute', clock_timestamp()), 'w', 'bounced', 30)`)
		},
	}
	for code, make := range tests {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Exec(`UPDATE notice SET expanded_at = created_at WHERE expanded_at IS NULL`)
			if w.found(code) {
				t.Fatal("it is found before it is there")
			}
			if make(w); !w.found(code) {
				t.Errorf("it is not found: %+v", w.look())
			}
		})
	}
}

// node lets somebody have looked after mail just now.
func (w *world) node(trouble string) {
	w.T.Helper()
	w.Exec(`INSERT INTO channel_node VALUES ('mail', 'w', clock_timestamp(), ?0, CASE WHEN ?0 <> '' THEN clock_timestamp() END)`, trouble)
}

// deadline lets one be an hour late that failed so often.
func (w *world) deadline(failures int) {
	w.T.Helper()
	w.Exec(`INSERT INTO deadline (process_id, activity_id, entry, name, generation, wall_time, zone, due_at, action, event, notice, audience, cancelled_why, failures)
		VALUES (?0, 0, 99, 'end', 1, '2026-03-09 08:00', 'Europe/Rome', ?1, 'event', 'end', '', '', '', ?2)`, w.Process.ID, w.Start.Add(-time.Hour), failures)
}

// The parts of an address beyond its host may hold a secret.
func TestLookShowsNoSecretOfHooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(`INSERT INTO webhook (public_id, organisation_id, created_by, url, events, created_at, paused_at, paused_why)
		VALUES ('h', ?, ?, 'https://gestionale.example.it:8443/x?token=1', '{process.transition}', ?, ?, 'gone')`, w.Org, w.Promoter.Person, w.Start, w.Start)
	v := w.look()
	if len(v.Hooks) != 1 || v.Hooks[0].Host != "gestionale.example.it:8443" || v.Hooks[0].Why != "gone" || v.Hooks[0].Name != "Comune di Prova" {
		t.Errorf("%+v", v.Hooks)
	}
}

// BenchmarkLook looks at a ledger of a million deliveries, a quarter of them open:
// ARENGO_ROWS is another number.
func BenchmarkLook(b *testing.B) {
	rows := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("ARENGO_ROWS")); err == nil {
		rows = n
	}
	w := &world{World: worldtest.New(b)}
	w.admin = process.Actor{Person: w.Promoter.Person, Administrator: true}
	w.desk = operator.New(w.Core)
	w.Exec(`INSERT INTO notice (process_id, key, kind, audience, payload, due_at, expires_at, created_at, expanded_at, deliveries)
		SELECT ?0, 'n' || k, 'invitation', 'everyone', '{}', ?1, ?1::timestamptz + interval '7 days', ?1, ?1::timestamptz + k * interval '1 s', ?2 / 400 FROM generate_series(1, 400) AS k`,
		w.Process.ID, w.Start, rows)
	w.Exec(`INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
		SELECT ?0, n.id, k, 'p' || k || '@d' || k % 90 || '.example.net', 'Persona', 'it', 'mail', 1, t.status, 0, t.at,
			CASE WHEN n.n = 400 THEN 'infinity' WHEN t.status = 'deferred' THEN t.at + interval '3 days' ELSE t.at END, CASE WHEN t.status = 'sent' THEN t.at END
		FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM notice WHERE kind = 'invitation') AS n, generate_series(1, ?1 / 400) AS k,
			LATERAL (SELECT CASE WHEN n.n <= 300 THEN 'sent' WHEN n.n <= 350 THEN 'deferred' ELSE 'queued' END AS status,
				clock_timestamp() - interval '1 day' + k * interval '1 s' AS at) AS t`, w.Process.ID, rows)
	w.Exec(`INSERT INTO delivery_event (process_id, delivery_id, at, status, code, reply)
		SELECT process_id, id, clock_timestamp() - random() * interval '20 hours', 'deferred', 451, '451 4.7.1 try again later' FROM delivery WHERE status = 'deferred'`)
	w.Exec(`INSERT INTO notice_pause (process_id, notice_id, since, why) SELECT process_id, max(id), ?, 'x' FROM notice WHERE kind = 'invitation' GROUP BY 1`, w.Start)
	w.Exec(`INSERT INTO channel_minute SELECT 'mail', m, 'n' || k, s, 100
		FROM generate_series(date_trunc('minute', now()) - interval '8 days', now(), '1 minute') AS m, generate_series(1, 4) AS k, unnest(ARRAY['sent', 'deferred', 'bounced']) AS s`)
	w.Exec(`ANALYZE delivery, notice, delivery_event, channel_minute`)
	var v operator.View
	for b.Loop() {
		v = w.look()
	}
	if len(v.Running) < 15 || v.Wrong.Total <= operator.MostEvents || !v.Channels[0].More {
		b.Errorf("%d notices, %d outcomes, %+v", len(v.Running), v.Wrong.Total, v.Channels[0])
	}
}
