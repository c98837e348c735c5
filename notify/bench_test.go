package notify_test

import "testing"

// BenchmarkDrain sends 5 000 deliveries over 8 connections, ledger on, into a
// sink in the same process, and reports mails a second.
func BenchmarkDrain(b *testing.B) {
	const people = 5000
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
