package roster_test

import (
	"fmt"
	"strings"
	"testing"

	"arengo/process/roster"
)

func contacts(n int) string {
	places := []string{"Siena", "Colle di Val d'Elsa", "POGGIBONSI"}
	var s strings.Builder
	s.WriteString("nome;cognome;email;comune;lingua\r\n")
	for i := range n {
		fmt.Fprintf(&s, "Anna;Rossi %d;anna.rossi.%d@example.org;%s;it\r\n", i, i, places[i%3])
	}
	return s.String()
}

// BenchmarkImport loads 10 000 contacts into an empty list.
func BenchmarkImport(b *testing.B) {
	f := file(contacts(10_000))
	for b.Loop() {
		b.StopTimer()
		x := setup(b)
		b.StartTimer()
		r, err := x.Import(b.Context(), x.process, boss, f)
		if err != nil || r.Counts[roster.RowNew] != 10_000 {
			b.Fatal(r.Counts, err)
		}
	}
}

// BenchmarkCheck is the dry run of the same file.
func BenchmarkCheck(b *testing.B) {
	x := setup(b)
	f := file(contacts(10_000))
	for b.Loop() {
		if _, err := x.Check(b.Context(), x.process, f); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInvite invites 10 000 contacts.
func BenchmarkInvite(b *testing.B) {
	x := setup(b)
	if _, err := x.Import(b.Context(), x.process, boss, file(contacts(10_000))); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		x.exec(b, `DELETE FROM invitation`)
		b.StartTimer()
		if n := x.invite(b, roster.Selection{All: true}); n != 10_000 {
			b.Fatal(n)
		}
	}
}

// BenchmarkInviteLate invites 10 000 contacts to an activity that is open, each
// of whom is told at once.
func BenchmarkInviteLate(b *testing.B) {
	x := setup(b)
	if _, err := x.Import(b.Context(), x.process, boss, file(contacts(10_000))); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		x.exec(b, `DELETE FROM invitation`)
		x.exec(b, `DELETE FROM notice`)
		b.StartTimer()
		if n := x.invite(b, roster.Selection{All: true, Notice: "invitation"}); n != 10_000 {
			b.Fatal(n)
		}
	}
}

// BenchmarkFunnel counts 50 000 invitations with 100 000 deliveries, and lists
// and counts those who are silent.
func BenchmarkFunnel(b *testing.B) {
	x := setup(b)
	if _, err := x.Import(b.Context(), x.process, boss, file(contacts(50_000))); err != nil {
		b.Fatal(err)
	}
	x.invite(b, roster.Selection{All: true})
	x.exec(b, `UPDATE invitation SET opened_at = now(), answered_at = CASE WHEN id % 4 = 0 THEN now() END WHERE id % 2 = 0`)
	for _, key := range []string{"one", "two"} {
		x.exec(b, `WITH n AS (INSERT INTO notice (process_id, activity_id, key, kind, audience, payload, due_at, expires_at, created_at)
				VALUES (?, ?, ?, 'invitation', 'invited', '{}', now(), now() + interval '1 day', now()) RETURNING process_id, id)
			INSERT INTO delivery (process_id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
			SELECT n.process_id, n.id, i.person_id, 'x', '', 'it', 'mail', 1, CASE WHEN i.id % 50 = 0 THEN 'bounced' ELSE 'sent' END, 1, now(), now(),
				CASE WHEN i.id % 50 <> 0 THEN now() END FROM n JOIN invitation i ON i.process_id = n.process_id`,
			x.process, x.activity, key)
	}
	x.exec(b, `ANALYZE`)
	b.Run("Count", func(b *testing.B) {
		for b.Loop() {
			if f, err := x.Funnel(b.Context(), x.process, x.activity); err != nil || f.Invited != 50_000 {
				b.Fatal(f.Stage, err)
			}
		}
	})
	b.Run("Silent", func(b *testing.B) {
		for b.Loop() {
			if n, err := x.Silent(b.Context(), x.process, x.activity, roster.Scope{}); err != nil || n == 0 {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("Statuses", func(b *testing.B) {
		for b.Loop() {
			if p, err := x.Statuses(b.Context(), x.process, x.activity, roster.StatusFilter{Status: roster.Waiting, Offset: 5000}); err != nil || p.Total == 0 {
				b.Fatal(p.Total, err)
			}
		}
	})
	b.Run("Contacts", func(b *testing.B) {
		for b.Loop() {
			if p, err := x.Contacts(b.Context(), x.process, roster.ContactFilter{Text: "rossi 49"}); err != nil || p.Total == 0 {
				b.Fatal(p.Total, err)
			}
		}
	})
}
