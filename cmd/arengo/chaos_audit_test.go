package main

import (
	"fmt"
	"time"

	"arengo/process"
	"arengo/process/processtest"
	"arengo/workflow/history"
)

// audit lets the system come to rest and checks what must hold whatever broke.
// It gives the lines of the report.
func (c *chaos) audit(length time.Duration) []string {
	c.t.Helper()
	// What one of the killed had claimed comes free with its lease.
	for range 8 {
		if left, err := c.left(time.Now()); err == nil && left == 0 {
			break
		}
		<-time.After(10 * time.Second)
	}
	processtest.Eventually(c.t, "everything is done", func() bool {
		left, err := c.left(time.Now())
		return err == nil && left == 0
	})
	out := []string{"", fmt.Sprintf("Load of %.0f s, %d faults, %d requests sent again because their answer was lost.\n\n| | Acknowledged or due | Found | Lost | Doubled |\n|---|---|---|---|---|",
		length.Seconds(), c.strikes, c.repeats)}
	out = append(out, c.auditTurns(), c.auditExtensions(), c.auditResponses(), c.auditDeadlines())
	out = append(out, c.auditNotices()...)
	for _, p := range append(append([]process.Process{c.process}, c.turned...), c.timed...) {
		c.must(history.Verify(c.t.Context(), history.In(c.db), int64(p.ID)))
	}
	rows := c.count("SELECT count(*) FROM transition_log")
	return append(out, "", fmt.Sprintf("The logs of %d processes, %d rows, continue without a gap, their hashes hold, and each state is what its log says.",
		1+len(c.turned)+len(c.timed), rows))
}

func (c *chaos) line(what string, due, found, lost, doubled int) string {
	if lost != 0 || doubled != 0 {
		c.t.Errorf("%s: %d acknowledged or due, %d found, %d lost, %d doubled", what, due, found, lost, doubled)
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d |", what, due, found, lost, doubled)
}

// auditTurns looks for each key: one row, no more.
func (c *chaos) auditTurns() string {
	c.t.Helper()
	acked, rows, lost := 0, 0, 0
	for p, keys := range c.acks {
		acked += len(keys)
		for _, key := range keys {
			n := c.count("SELECT count(*) FROM transition_log WHERE process_id = ? AND idempotency_key LIKE ?", p, "%:"+key)
			if n == 0 {
				lost++
			}
		}
		rows += c.count("SELECT count(*) FROM transition_log WHERE process_id = ? AND transition IN ('turn', 'back')", p)
	}
	return c.line("Transitions over the API", acked, rows, lost, rows-acked+lost)
}

// auditExtensions allows one row for each that was asked, and asks one for each
// that was acknowledged.
func (c *chaos) auditExtensions() string {
	c.t.Helper()
	acked, rows, lost, doubled := 0, 0, 0, 0
	for p, n := range c.extended {
		found := c.count("SELECT count(*) FROM transition_log WHERE process_id = ? AND transition = 'extend'", p)
		acked, rows = acked+n, rows+found
		lost += max(0, n-found)
		doubled += max(0, found-c.asked[p])
	}
	return c.line("Extensions, without a key", acked, rows, lost, doubled)
}

func (c *chaos) auditResponses() string {
	c.t.Helper()
	n := c.count("SELECT count(*) FROM response")
	receipts := c.count("SELECT count(DISTINCT person_id) FROM notice WHERE kind = 'receipt'")
	if receipts != n {
		c.t.Errorf("%d responses and %d receipts", n, receipts)
	}
	return c.line("Responses, each with a receipt", c.sent, n, max(0, c.sent-n), max(0, n-c.sent))
}

// auditDeadlines looks for one transition of each process whose end fell due.
func (c *chaos) auditDeadlines() string {
	c.t.Helper()
	due := len(c.timed)
	moved := c.count("SELECT count(DISTINCT process_id) FROM transition_log WHERE transition = 'finish'")
	all := c.count("SELECT count(*) FROM transition_log WHERE transition = 'finish'")
	return c.line("Deadlines", due, all, due-moved, all-moved)
}

// auditNotices compares the ledger with what reached the sink.
func (c *chaos) auditNotices() []string {
	c.t.Helper()
	told := c.count("SELECT count(*) FROM notice WHERE kind = 'phase-opened'")
	over := c.count("SELECT count(DISTINCT process_id) FROM transition_log WHERE transition = 'finish'")
	sent := c.count("SELECT count(*) FROM delivery WHERE status = 'sent'")
	all := c.count("SELECT count(*) FROM delivery WHERE status <> 'suppressed'")
	distinct := len(c.sink.CountByID())
	repeated := len(c.sink.Messages()) - distinct
	if limit := window * c.crashes; repeated > limit {
		c.t.Errorf("%d messages came twice, want at most %d after %d crashes", repeated, limit, c.crashes)
	}
	return []string{
		c.line("Notices of what the timer did", over, told, max(0, over-told), max(0, told-over)),
		c.line("Messages", all, distinct, max(0, all-distinct), max(0, distinct-all)),
		fmt.Sprintf("\n%d messages are marked as sent. Of %d handed over %d came a second time, with the same Message-ID, after %d crashes in whose window they were.",
			sent, len(c.sink.Messages()), repeated, c.crashes),
	}
}
