package subscription_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/notify/webhook"
	"arengo/process"
	"arengo/process/cockpit"
	"arengo/process/cockpit/cockpittest"
	"arengo/process/fault"
	"arengo/process/message"
	"arengo/process/subscription"
)

// world is a process whose organisation has one address, with a server behind.
type world struct {
	*cockpittest.World

	hooks  *subscription.Service
	hook   string
	secret string

	mu  sync.Mutex
	got []subscription.Event
	raw []string
	sig []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: cockpittest.New(t)}
	w.hooks = subscription.New(w.Core)
	server := httptest.NewServer(http.HandlerFunc(w.receive))
	t.Cleanup(server.Close)
	var err error
	w.hook, w.secret, err = w.hooks.Add(t.Context(), w.Org, w.Promoter, subscription.Draft{URL: server.URL, Events: webhook.Events})
	w.Must(err)
	return w
}

func (w *world) receive(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var e subscription.Event
	err := json.Unmarshal(body, &e)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.T.Error(err)
	}
	w.got, w.raw, w.sig = append(w.got, e), append(w.raw, string(body)), append(w.sig, r.Header.Get("Arengo-Signature"))
}

// send delivers what waits.
func (w *world) send() {
	w.T.Helper()
	s, err := webhook.NewSender(webhook.Config{
		DB: w.DB, Stopped: subscription.Tell(w.Core), Secrets: subscription.Secrets(w.Core.Links()), Now: time.Now, Log: slog.New(slog.DiscardHandler), Loopback: true,
	})
	w.Must(err)
	w.Must(s.Round(w.T.Context()))
}

func (w *world) waiting() int {
	w.T.Helper()
	return w.Count(`SELECT count(*) FROM webhook_delivery WHERE status = 'pending'`)
}

func TestToldOfEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.NewActivity("webinar", "listening", "Presentazione") // being made is no event
	if w.waiting() != 0 {
		t.Fatal("told of what nobody asked")
	}
	_, err := w.Core.Advance(t.Context(), w.Process.ID, w.Promoter, process.Move{Activity: a.ID, Event: "cancel", Reason: "Sala chiusa"})
	w.Must(err)
	_, err = w.Core.Extend(t.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: w.Start.AddDate(0, 0, 30), Reason: "Neve"})
	w.Must(err)
	w.Must(w.Advance(process.Activity{}, "cancel", "Ritirato"))
	w.send()
	want := map[string]func(subscription.Event) bool{
		webhook.ActivityTransition: func(e subscription.Event) bool {
			return e.Activity.ID == a.PublicID && e.Transition.Activity == a.PublicID && e.Activity.State.Name == "cancelled" && e.Transition.Reason == "Sala chiusa"
		},
		webhook.DeadlineMoved: func(e subscription.Event) bool {
			return e.Activity == nil && e.Transition.Transition == "extend" && e.Process.DueAt.After(w.Start.AddDate(0, 0, 29))
		},
		webhook.ProcessTransition: func(e subscription.Event) bool {
			return e.Transition.From == "listening" && e.Transition.To == "cancelled" && e.Process.State.Name == "cancelled" && e.Transition.Actor.Office == "promoter"
		},
	}
	if len(w.got) != len(want) {
		t.Fatalf("%d events: %s", len(w.got), w.raw)
	}
	for i, e := range w.got {
		if ok := want[e.Event]; ok == nil || !ok(e) || e.Process.ID != w.Process.Slug || e.Organisation.Name != "Comune di Prova" {
			t.Errorf("%s", w.raw[i])
		}
		for _, word := range []string{w.Promoter.Name, w.Promoter.Email, w.Facilitator.Email, "person"} {
			if strings.Contains(strings.ReplaceAll(w.raw[i], `"kind":"person"`, ""), word) {
				t.Errorf("a body tells %q: %s", word, w.raw[i])
			}
		}
		stamp := strings.TrimPrefix(strings.Split(w.sig[i], ",")[0], "t=")
		at, err := time.ParseDuration(stamp + "s")
		w.Must(err)
		if webhook.Signature([]string{w.secret}, time.Unix(int64(at.Seconds()), 0), w.raw[i]) != w.sig[i] {
			t.Errorf("signature %q is not that of the secret that was shown", w.sig[i])
		}
	}
}

// The timer's moves are told as a person's are; each once, however often the
// sweep comes by.
func TestToldOfTheTimer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Write("project-sheet", false)
	w.At(w.Start.AddDate(0, 0, 21))
	w.At(w.Start.AddDate(0, 0, 21))
	w.send()
	if len(w.got) != 1 || w.got[0].Transition.Actor.Kind != "timer" || w.got[0].Transition.To != "analysis" {
		t.Errorf("%s", w.raw)
	}
}

// What is undone is told to nobody: the row is of the transaction of its cause.
func TestUndoneIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Exec(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
		CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON webhook_delivery DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`)
	if err := w.Advance(process.Activity{}, "cancel", "Ritirato"); err == nil {
		t.Fatal("it was committed")
	}
	if n := w.Count(`SELECT count(*) FROM transition_log WHERE transition = 'cancel'`); n != 0 || w.waiting() != 0 {
		t.Errorf("%d entries, %d deliveries", n, w.waiting())
	}
}

func TestOnlyWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	only, _, err := w.hooks.Add(t.Context(), w.Org, w.Promoter, subscription.Draft{URL: "https://comune.example.it/", Events: []string{webhook.DeadlineMoved, "nonsense"}})
	w.Must(err)
	w.Must(w.hooks.Pause(t.Context(), w.Org, w.Promoter, w.hook))
	w.Must(w.Advance(process.Activity{}, "cancel", "Ritirato"))
	if w.waiting() != 0 {
		t.Error("told somebody who is paused, or did not ask")
	}
	w.Must(w.hooks.Test(t.Context(), w.Org, w.Promoter, only))
	h, list, err := w.hooks.Show(t.Context(), w.Org, only)
	w.Must(err)
	if len(h.Events) != 1 || len(list) != 1 || list[0].Event != webhook.Ping || list[0].ProcessID != 0 {
		t.Errorf("%+v %+v", h, list)
	}
}

func TestUseCases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	t.Run("OnlyItsPromoter", func(t *testing.T) {
		for _, who := range []process.Actor{w.Stranger, w.Facilitator, w.Editor} {
			for name, err := range map[string]error{
				"test": w.hooks.Test(ctx, w.Org, who, w.hook), "pause": w.hooks.Pause(ctx, w.Org, who, w.hook),
				"resume": w.hooks.Resume(ctx, w.Org, who, w.hook), "remove": w.hooks.Remove(ctx, w.Org, who, w.hook),
			} {
				if !fault.Is(err, fault.Forbidden) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := w.hooks.Again(ctx, w.Org, who, w.hook, "x"); !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
			if _, err := w.hooks.Rotate(ctx, w.Org, who, w.hook, ""); !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
			if _, _, err := w.hooks.Add(ctx, w.Org, who, subscription.Draft{URL: "https://x.example.it/", Events: webhook.Events}); !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
		}
	})
	t.Run("Refused", func(t *testing.T) {
		_, _, err := w.hooks.Add(ctx, w.Org, w.Promoter, subscription.Draft{URL: "https://10.0.0.1/"})
		var list fault.List
		if !errors.As(err, &list) || len(list) != 2 || list[0].Key != "connect.url_private" || list[1].Key != "connect.events_missing" {
			t.Error(err)
		}
		if _, err := w.hooks.Again(ctx, w.Org, w.Promoter, w.hook, "x"); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
	t.Run("Rotate", func(t *testing.T) {
		secret, err := w.hooks.Rotate(ctx, w.Org, w.Promoter, w.hook, "")
		w.Must(err)
		if secret == w.secret || !strings.HasPrefix(secret, "whsec_") {
			t.Errorf("%q", secret)
		}
		if n := w.Count(`SELECT count(*) FROM webhook w WHERE w::text LIKE '%' || ? || '%'`, strings.TrimPrefix(secret, "whsec_")); n != 0 {
			t.Error("the secret is kept")
		}
	})
	t.Run("Remove", func(t *testing.T) {
		w.Must(w.hooks.Test(ctx, w.Org, w.Promoter, w.hook))
		w.Must(w.hooks.Remove(ctx, w.Org, w.Promoter, w.hook))
		if n := w.Count(`SELECT count(*) FROM webhook_delivery`); n != 0 {
			t.Errorf("%d deliveries are left", n)
		}
	})
}

// TestStopped has an address say that it is gone: those who promote the
// organisation are written to, once, with the page where it is mended, and have
// a task until it is.
func TestStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gone := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusGone) }))
	t.Cleanup(gone.Close)
	hook, _, err := w.hooks.Add(t.Context(), w.Org, w.Promoter, subscription.Draft{URL: gone.URL, Events: webhook.Events})
	w.Must(err)
	board := cockpit.New(w.Core)
	tasks := func(who process.Actor) (n int) {
		t.Helper()
		b, err := board.Today(t.Context(), who, w.Start)
		w.Must(err)
		count, err := board.Count(t.Context(), who, w.Start)
		w.Must(err)
		if b.Open() != count {
			t.Errorf("the board has %d tasks, the header says %d", b.Open(), count)
		}
		return len(b.Stopped)
	}
	notices := func() int { return w.Count(`SELECT count(*) FROM notice WHERE kind = 'webhook-stopped'`) }
	if tasks(w.Promoter) != 0 {
		t.Fatal("a task before anything stopped")
	}
	for range 2 { // the second finds it stopped
		w.Must(w.hooks.Test(t.Context(), w.Org, w.Promoter, hook))
		w.send()
	}
	if n := notices(); n != 1 {
		t.Fatalf("%d people are told, want the one who promotes", n)
	}
	var n notify.Notice
	w.Must(w.DB.NewSelect().Model(&n).Where("kind = 'webhook-stopped'").Scan(t.Context()))
	facts, err := message.New(w.Core).Facts(t.Context(), w.DB, n, []int64{int64(w.Promoter.Person)})
	w.Must(err)
	f := facts[int64(w.Promoter.Person)]
	if !strings.HasSuffix(f.Recipient.Link, "/webhook/"+hook) || !f.Recipient.Shared || f.Extra["host"] != "127.0.0.1" || f.Recipient.Why == "" || strings.Contains(f.Recipient.Why, "entrare") {
		t.Errorf("the message says %+v", f)
	}
	if page, err := templates.Render(n.Kind, f); err != nil || !strings.Contains(page.Text, f.Recipient.Link) {
		t.Errorf("%v: %s", err, page.Text)
	}
	if tasks(w.Promoter) != 1 || tasks(w.Facilitator) != 0 {
		t.Error("the task is not the promoter's alone")
	}
	w.Must(w.hooks.Resume(t.Context(), w.Org, w.Promoter, hook))
	if tasks(w.Promoter) != 0 {
		t.Error("the task outlives its cause")
	}
	w.Must(w.hooks.Pause(t.Context(), w.Org, w.Promoter, hook))
	if tasks(w.Promoter) != 0 || notices() != 1 {
		t.Error("somebody is told of what they did themselves")
	}
}

// Where nobody promotes the organisation any more, those who run the platform
// are told.
func TestStoppedAndNobodyPromotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.Actor("amministra@example.org", "Ada Rossi")
	for _, sql := range []string{`UPDATE person SET administrator = true WHERE email = 'amministra@example.org'`, `DELETE FROM membership`} {
		_, err := w.DB.Exec(sql)
		w.Must(err)
	}
	w.Must(w.Core.InTx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.Exec(`UPDATE webhook SET paused_at = now(), paused_why = 'failing'`)
		w.Must(err)
		var id int64
		w.Must(tx.NewRaw(`SELECT id FROM webhook`).Scan(ctx, &id))
		return subscription.Tell(w.Core)(ctx, tx, id)
	}))
	if n := w.Count(`SELECT count(*) FROM notice WHERE kind = 'webhook-stopped' AND person_id = ?`, admin.Person); n != 1 {
		t.Errorf("%d notices to the administrator", n)
	}
}
