package main

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/place"
	"arengo/process/processtest"
	"arengo/process/subscription"
)

// A worker that is killed after an address took a delivery, and before it wrote
// that down, loses nothing: the next one sends what was in hand once more, under
// the same identifier, and the rest once.
func TestWorkerKilledWhileTellingPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	var mu sync.Mutex
	times, hold := map[string]int{}, make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		times[r.Header.Get("Arengo-Delivery")]++
		mu.Unlock()
		<-hold
	}))
	t.Cleanup(server.Close)
	heard := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(times)
	}

	ctx, hooks := t.Context(), subscription.New(w.core)
	list, err := place.Organisations(ctx, w.db, w.who.Person)
	w.must(err)
	org := list[0].ID
	hook, _, err := hooks.Add(ctx, org, w.who, subscription.Draft{URL: server.URL, Events: webhook.Events})
	w.must(err)
	a, err := w.core.CreateActivity(ctx, w.process.ID, w.who, process.NewActivity{Kind: "webinar", Title: "Prova", Phase: "preparation"})
	w.must(err)
	_, err = w.core.Advance(ctx, w.process.ID, w.who, process.Move{Activity: a.ID, Event: "cancel", Reason: "Sala chiusa"})
	w.must(err)
	const tests = 12
	for range tests {
		w.must(hooks.Test(ctx, org, w.who, hook))
	}

	env := append(w.env, "ARENGO_WEBHOOK_LOOPBACK=yes")
	first := start(t, env, "work")
	processtest.Eventually(t, "some are in hand", func() bool { return heard() > 0 })
	first.kill()
	// PostgreSQL ends what the dead worker had asked for.
	processtest.Eventually(t, "nothing is asked for any more", func() bool {
		return w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND state = 'active' AND query LIKE '%webhook_delivery%'`) == 0
	})
	inHand := heard()
	if n := w.count("SELECT count(*) FROM webhook_delivery WHERE status = 'sent'"); n != 0 {
		t.Fatalf("%d were written down", n)
	}
	close(hold)
	// The lease of what was in hand runs out: a minute that we do not wait.
	w.exec("UPDATE webhook_delivery SET lease_until = clock_timestamp() WHERE status = 'claimed'")
	second := start(t, env, "work")
	processtest.Eventually(t, "all are told", func() bool {
		return w.count("SELECT count(*) FROM webhook_delivery WHERE status = 'sent'") == tests+1
	})
	second.stop()
	repeated := 0
	for _, n := range times {
		if n > 1 {
			repeated++
		}
	}
	if len(times) != tests+1 || repeated > inHand || repeated == 0 {
		t.Errorf("%d deliveries arrived, %d twice; %d were in hand", len(times), repeated, inHand)
	}
}
