package operator_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/operator"
	"arengo/process/worldtest"
	"arengo/workflow/store"
)

// world has an administrator and a notice to the promoter that waits.
type world struct {
	*worldtest.World

	desk   *operator.Service
	admin  process.Actor
	notice int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.New(t)}
	w.admin = w.Actor("sistema@comune.example.org", "Ida Sistemista")
	w.admin.Administrator = true
	w.desk = operator.New(w.Core)
	w.notice = w.tell("avviso/1")
	w.Exec(`UPDATE notice SET expanded_at = ? WHERE id <> ? AND expanded_at IS NULL`, w.Start, w.notice)
	return w
}

// tell adds a notice to the promoter that is due.
func (w *world) tell(key string) (id int64) {
	w.T.Helper()
	w.Must(w.Core.Tell(w.T.Context(), w.DB, process.Telling{
		Process: w.Process.ID, Person: w.Promoter.Person, Kind: "role-assigned", Now: w.Start, Occasion: key,
		Payload: process.Payload{Extra: map[string]string{"role": process.RolePromoter}},
	}))
	w.One(&id, `SELECT id FROM notice WHERE starts_with(key, ?)`, key)
	return id
}

func (w *world) refused(err error, code fault.Code, key string) {
	w.T.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != code || e.Key != key {
		w.T.Errorf("%v, want %s %s", err, code, key)
	}
}

func TestPauseNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Must(w.desk.PauseNotice(t.Context(), w.Promoter, w.Process.ID, w.notice, "  Il link è sbagliato  "))
	w.Must(w.desk.PauseNotice(t.Context(), w.admin, w.Process.ID, w.notice, "twice is no error"))
	if n := w.Count(`SELECT count(*) FROM notice_pause WHERE why = 'Il link è sbagliato' AND by_person = ? AND since = ? AND until IS NULL`,
		w.Promoter.Person, w.Start); n != 1 {
		t.Errorf("%d pauses", n)
	}
	w.At(w.Start)
	if n := w.Count(`SELECT count(*) FROM delivery`); n != 0 {
		t.Errorf("%d deliveries of what is paused", n)
	}
	w.Clock.Set(w.Start.Add(time.Hour))
	w.Must(w.desk.ResumeNotice(t.Context(), w.admin, w.Process.ID, w.notice))
	w.Must(w.desk.ResumeNotice(t.Context(), w.admin, w.Process.ID, w.notice))
	if n := w.Count(`SELECT count(*) FROM notice_pause WHERE until = ? AND until_by = ?`, w.Start.Add(time.Hour), w.admin.Person); n != 1 {
		t.Errorf("%d pauses have ended", n)
	}
	if sent := w.Post()(); len(sent) != 1 {
		t.Errorf("%d messages", len(sent))
	}
	w.refused(w.desk.PauseNotice(t.Context(), w.Promoter, w.Process.ID, w.notice, "Troppo tardi"), fault.Conflict, "operator.notice_over")
	w.refused(w.desk.PauseNotice(t.Context(), w.admin, w.Process.ID, 999_999, "Mai stato"), fault.Conflict, "operator.notice_over")
}

func TestPauseIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, id := t.Context(), w.Process.ID
	var e *fault.Error
	for _, why := range []string{" ", strings.Repeat("a", 1001)} {
		if err := w.desk.PauseNotice(ctx, w.Promoter, id, w.notice, why); !errors.As(err, &e) || e.Field != "why" {
			t.Errorf("%v", err)
		}
		if err := w.desk.PauseChannel(ctx, w.admin, "mail", why); !errors.As(err, &e) || e.Field != "why" {
			t.Errorf("%v", err)
		}
	}
	w.refused(w.desk.PauseNotice(ctx, w.Stranger, id, w.notice, "No"), fault.NotFound, "process.not_found")
	w.Publish()
	w.refused(w.desk.PauseNotice(ctx, w.Stranger, id, w.notice, "No"), fault.Forbidden, "policy.role")
	w.refused(w.desk.ResumeNotice(ctx, w.Stranger, id, w.notice), fault.Forbidden, "policy.role")
	w.refused(w.desk.PauseNotice(ctx, w.Promoter, process.ID(notify.Account), 1, "No"), fault.Forbidden, "policy.role")
	w.refused(w.desk.PauseChannel(ctx, w.Promoter, "mail", "No"), fault.Forbidden, "policy.role")
	w.refused(w.desk.ResumeChannel(ctx, w.Promoter, "mail"), fault.Forbidden, "policy.role")
	w.refused(w.desk.PauseChannel(ctx, w.admin, "pigeon", "No"), fault.Invalid, "operator.channel_unknown")
	if n := w.Count(`SELECT (SELECT count(*) FROM notice_pause) + (SELECT count(*) FROM channel_pause)`); n != 0 {
		t.Errorf("%d pauses", n)
	}
}

func TestPauseChannel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	post := w.Post()
	w.Must(w.desk.PauseChannel(t.Context(), w.admin, "mail", "Il relay cambia casa"))
	if sent := post(); len(sent) != 0 {
		t.Errorf("%d messages", len(sent))
	}
	w.Must(w.desk.ResumeChannel(t.Context(), w.admin, "mail"))
	if sent := post(); len(sent) != 1 {
		t.Errorf("%d messages", len(sent))
	}
}

// Who sits at the machine may all, and is nobody in the history.
func TestPauseAtTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	console := operator.Console(w.DB, store.Clock{}, slog.New(slog.DiscardHandler), time.Minute)
	w.Must(console.PauseChannel(t.Context(), process.Actor{}, operator.Webhook, "Manutenzione"))
	w.Must(console.PauseNotice(t.Context(), process.Actor{}, w.Process.ID, w.notice, "Manutenzione"))
	if n := w.Count(`SELECT (SELECT count(*) FROM notice_pause WHERE by_person IS NULL) + (SELECT count(*) FROM channel_pause WHERE by_person IS NULL)`); n != 2 {
		t.Errorf("%d pauses", n)
	}
	w.Must(console.ResumeNotice(t.Context(), process.Actor{}, w.Process.ID, w.notice))
	w.Must(console.ResumeChannel(t.Context(), process.Actor{}, operator.Webhook))
}
