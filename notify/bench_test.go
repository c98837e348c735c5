package notify_test

import (
	"bufio"
	"fmt"
	"net"
	"sync"
	"testing"
)

// people is the size of one bench run.
const people = 5000

// BenchmarkDrain sends 5 000 deliveries over 8 connections, ledger on, into a
// sink in the same process, and reports mails a second.
func BenchmarkDrain(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := setup(b, people)
		w.add(reminder("r/1"))
		w.expand()
		b.StartTimer()
		if tally := w.drain(); tally.Sent != people {
			b.Fatalf("%+v", tally)
		}
	}
	b.ReportMetric(float64(people*b.N)/b.Elapsed().Seconds(), "mails/s")
}

// BenchmarkRaw is the yardstick: one ready-made message, pipelined over 8
// connections into the same sink, no database, nothing rendered.
func BenchmarkRaw(b *testing.B) {
	w := setup(b, 1)
	w.add(reminder("r/1"))
	w.expand()
	w.drain()
	body := w.sink.Messages()[0].Raw
	for b.Loop() {
		b.StopTimer()
		w.sink.Clear()
		b.StartTimer()
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := pipeline(w.sink.Addr(), body, people/8); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		if n := len(w.sink.Messages()); n != people {
			b.Fatalf("%d messages", n)
		}
	}
	b.ReportMetric(float64(people*b.N)/b.Elapsed().Seconds(), "mails/s")
}

// pipeline sends n copies with two round trips each.
func pipeline(address string, body []byte, n int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	replies := func(want ...string) error {
		for _, code := range want {
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return err
				}
				if len(line) < 4 || line[:3] != code {
					return fmt.Errorf("reply %q, want %s", line, code)
				}
				if line[3] == ' ' {
					break
				}
			}
		}
		return nil
	}
	if _, err := fmt.Fprint(conn, "EHLO bench\r\n"); err != nil {
		return err
	}
	if err := replies("220", "250"); err != nil {
		return err
	}
	for range n {
		if _, err := fmt.Fprint(conn, "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"); err != nil {
			return err
		}
		if err := replies("250", "250", "354"); err != nil {
			return err
		}
		if _, err := conn.Write(append(body[:len(body):len(body)], ".\r\n"...)); err != nil {
			return err
		}
		if err := replies("250"); err != nil {
			return err
		}
	}
	return nil
}
