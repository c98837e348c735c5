package notify_test

import (
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
				if err := w.sink.Pipeline(body, people/8); err != nil {
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
