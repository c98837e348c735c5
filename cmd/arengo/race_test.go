package main

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/processtest"
	"arengo/workflow/queue"
)

// TestSixtyFourAndTwoWorkers lets as many people and two worker processes ask
// for the same transition, which is due: one of them makes it, people who come
// later are told which revision stands, and it is told once.
func TestSixtyFourAndTwoWorkers(t *testing.T) {
	t.Parallel()
	const people, rounds = 64, 4
	w := worldOn(t, processtest.DatabaseURL(t), processtest.RedisServer(t, true), paced)
	w.enter()
	client, err := queue.NewClient(w.redis.URL(), slog.New(slog.DiscardHandler))
	w.must(err)
	t.Cleanup(func() { _ = client.Close() })
	one, two := start(t, w.env, "work"), start(t, w.env, "work")
	byPeople := 0
	for round := range rounds {
		p := w.begin("paced")
		w.exec(`WITH d AS (UPDATE deadline SET due_at = clock_timestamp() + interval '20 milliseconds' WHERE process_id = ?0)
			UPDATE workflow_instance SET due_at = clock_timestamp() + interval '20 milliseconds' WHERE process_id = ?0`, p.ID)
		var all sync.WaitGroup
		for range 8 { // each takes a sweep of one of the workers, beside the other's
			all.Go(func() { _ = client.Sweep(t.Context()) })
		}
		// Workers look ten times a second: people are sooner at first, then later.
		<-time.After(time.Duration(round) * 70 * time.Millisecond)
		answers := make(chan error, people)
		for range people {
			all.Go(func() {
				_, err := w.core.Advance(t.Context(), p.ID, w.who, process.Move{Event: "finish", Revision: 1})
				answers <- err
			})
		}
		all.Wait()
		close(answers)
		won := 0
		for err := range answers {
			e, ok := fault.As(err)
			switch {
			case err == nil:
				won++
			case !ok || e.Code != fault.Conflict || e.Key != "workflow.stale" || e.Args["revision"] != int64(2):
				t.Errorf("process %d: refused by %v", p.ID, err)
			}
		}
		byPeople += won
		made := "SELECT count(*) FROM transition_log WHERE process_id = ? AND transition = 'finish'"
		processtest.Eventually(t, "the transition", func() bool { return w.count(made, p.ID) > 0 })
		if n := w.count(made, p.ID); n != 1 || won > 1 {
			t.Errorf("process %d: made %d times, %d people made it", p.ID, n, won)
		}
	}
	one.stop()
	two.stop()
	if n := w.count("SELECT count(*) FROM notice WHERE kind = 'phase-opened'"); n != rounds {
		t.Errorf("%d notices of %d transitions", n, rounds)
	}
	t.Logf("people made %d of %d", byPeople, rounds)
}
