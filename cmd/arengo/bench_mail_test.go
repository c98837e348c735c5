package main

import (
	"fmt"
	"sync"
	"time"

	"arengo/process"
	"arengo/process/processtest"
)

// measureMail opens questionnaires to ten thousand invited people, lets a
// worker write to them all, and hands the same letters over by a sender that
// does nothing else.
func (h *house) measureMail(t *table) {
	h.b.Helper()
	// What the other measurements left to be told is none of these.
	h.exec("UPDATE notice SET cancelled_at = clock_timestamp() WHERE expanded_at IS NULL")
	h.start("work")
	var invite, open, rate, raw series
	for range mailRounds {
		a := h.questionnaire()
		invite = append(invite, seconds(h.inviteAll(a)))
		h.sink.Clear()
		begun := time.Now()
		h.move(a, "open")
		open = append(open, seconds(h.expanded(a, begun)))
		expanded := time.Now()
		h.sent(a)
		rate = append(rate, crowd/time.Since(expanded).Seconds())
		raw = append(raw, h.raw())
	}
	t.line(fmt.Sprintf("Inviting %d people: invitations, and from the opening to all deliveries in the ledger", crowd),
		fmt.Sprintf("%.2f s + %.2f s = **%.2f s**", invite.median(), open.median(), invite.median()+open.median()), "", "< 2 s")
	t.line("Mails a second into a local sink, the ledger on, 8 connections",
		fmt.Sprintf("%.0f (%s)", rate.median(), rate.spread("%.0f")),
		fmt.Sprintf("raw pipelined sender, 8 connections: %.0f (%s); ratio **%.0f %%**", raw.median(), raw.spread("%.0f"), 100*rate.over(raw)), "")
}

func seconds(d time.Duration) float64 { return d.Seconds() }

// expanded waits until every invited person has a row in the ledger.
func (h *house) expanded(a process.Activity, begun time.Time) time.Duration {
	h.b.Helper()
	processtest.Eventually(h.b, "the ledger has everybody", func() bool {
		return h.count(`SELECT count(*) FROM notice WHERE process_id = ? AND activity_id = ? AND kind = 'invitation'
			AND expanded_at IS NOT NULL`, h.process.ID, a.ID) == 1
	})
	took := time.Since(begun)
	if n := h.ledger(a, "TRUE"); n != crowd {
		h.b.Fatalf("%d deliveries, want %d", n, crowd)
	}
	return took
}

func (h *house) ledger(a process.Activity, where string) int {
	h.b.Helper()
	return h.count(`SELECT count(*) FROM delivery d JOIN notice n ON n.process_id = d.process_id AND n.id = d.notice_id
		WHERE n.process_id = ? AND n.activity_id = ? AND n.kind = 'invitation' AND `+where, h.process.ID, a.ID)
}

// sent waits until the sink has every letter and the ledger says so.
func (h *house) sent(a process.Activity) {
	h.b.Helper()
	h.sink.Wait(h.b, crowd)
	processtest.Eventually(h.b, "the ledger is complete", func() bool { return h.ledger(a, "d.status = 'sent'") == crowd })
}

// raw hands as many copies of one of the letters over by eight connections.
func (h *house) raw() float64 {
	h.b.Helper()
	body := h.sink.Messages()[0].Raw
	h.sink.Clear()
	begun := time.Now()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			if err := h.sink.Pipeline(body, crowd/clients); err != nil {
				h.b.Error(err)
			}
		})
	}
	all.Wait()
	took := time.Since(begun)
	if n := len(h.sink.Messages()); n != crowd {
		h.b.Fatalf("%d messages arrived, want %d", n, crowd)
	}
	return crowd / took.Seconds()
}
