package wording_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/templates"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/processtest"
	"arengo/process/wording"
	"arengo/process/worldtest"
)

const kind = "process-closed"

type world struct {
	*worldtest.World

	texts    *wording.Service
	follower process.PersonID
	sent     func() []*processtest.Message
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.New(t)}
	w.texts = wording.New(w.Core)
	w.follower = w.Person("segue@example.org")
	w.Exec(`UPDATE person SET name = '{link} **x**' WHERE id = ?`, w.follower)
	w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)`, w.Process.ID, w.follower, w.Start, w.Start)
	w.Publish()
	w.sent = w.Post()
	w.sent()
	return w
}

func change(subject, body string) wording.Change {
	return wording.Change{Kind: kind, Locale: "it", Words: templates.Wording{Subject: subject, Body: body}}
}

// tell puts a notice to the follower into the outbox and sends it.
func (w *world) tell(key string) *processtest.Message {
	w.T.Helper()
	now := w.Clock.Time()
	w.Must(w.Core.Outbox().Add(w.T.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.Process.ID), Key: key, Kind: kind, Audience: "followers", DueAt: now, CreatedAt: now,
	}))
	mails := w.sent()
	if len(mails) != 1 {
		w.T.Fatalf("%d messages", len(mails))
	}
	return mails[0]
}

func wantKey(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != code || e.Key != key {
		t.Fatalf("got %v, want %s %s", err, code, key)
	}
}

// TestTheAdaptedTextIsSent: what stands when a message is sent is what it says, and
// going back is one act that loses nothing.
func TestTheAdaptedTextIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	own := w.tell("one")
	c := change("Finito: {process}", "Ciao {name},\n\n**grazie** da tutti noi, davvero.")
	w.Must(w.texts.Save(ctx, w.Process.ID, w.Promoter, c))
	adapted := w.tell("two")
	if adapted.Subject() != "Finito: "+w.Process.Title || !strings.Contains(adapted.Text(), "Ciao {link},") ||
		!strings.Contains(adapted.HTML(), ">grazie</strong>") || !strings.Contains(adapted.HTML(), "/percorsi/"+w.Process.Slug) {
		t.Errorf("%s\n%s\n%s", adapted.Subject(), adapted.Text(), adapted.HTML())
	}
	c.Revision, c.Words.Subject = 1, "Fine"
	w.Must(w.texts.Save(ctx, w.Process.ID, w.Promoter, c))
	if again := w.tell("three"); again.Subject() != "Fine" {
		t.Errorf("the text before was sent: %s", again.Subject())
	}
	c.Revision = 2
	w.Must(w.texts.Restore(ctx, w.Process.ID, w.Promoter, c))
	if back := w.tell("four"); back.Subject() != own.Subject() {
		t.Errorf("subject %q, want %q", back.Subject(), own.Subject())
	}
	found, err := w.texts.Find(ctx, w.Process.ID, kind, "it")
	w.Must(err)
	if !found.Current.Standard() || found.Current.Revision != 3 || len(found.Before) != 2 || found.Before[1].Subject != "Finito: {process}" ||
		found.Before[0].Name != w.Promoter.Name || found.Words.Body == "" {
		t.Errorf("%+v", found)
	}
}

// TestABadTextDoesNotStopTheMail: one that the program does not find good any more
// is left out and logged.
func TestABadTextDoesNotStopTheMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := w.tell("one")
	w.Exec(`INSERT INTO notice_text (process_id, kind, locale, revision, subject, body, at, by_person)
		VALUES (?, ?, 'it', 1, 'Segreto', '{vanished}', ?, ?)`, w.Process.ID, kind, w.Start, w.Promoter.Person)
	if m := w.tell("two"); m.Subject() != own.Subject() {
		t.Errorf("subject %q", m.Subject())
	}
	var log bytes.Buffer
	texts, err := wording.NewReader(slog.New(slog.NewTextHandler(&log, nil))).Of(t.Context(), w.DB, int64(w.Process.ID), kind)
	if err != nil || len(texts) != 0 || !strings.Contains(log.String(), "revision=1") || strings.Contains(log.String(), "Segreto") {
		t.Errorf("%v %v %s", texts, err, log.String())
	}
}

func TestTwoPeopleSave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.Must(w.texts.Save(ctx, w.Process.ID, w.Promoter, change("Uno", "Primo testo.")))
	wantKey(t, w.texts.Save(ctx, w.Process.ID, w.Promoter, change("Due", "Secondo testo.")), fault.Conflict, "form.stale")
	c := change("Uno", "Primo testo.")
	c.Revision = 1
	w.Must(w.texts.Save(ctx, w.Process.ID, w.Promoter, c)) // the same once more is no version
	if n := w.Count(`SELECT count(*) FROM notice_text`); n != 1 {
		t.Errorf("%d versions", n)
	}
}

func TestSaveRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	facilitator := w.Actor("facilita@example.org", "Fausto")
	w.Member(facilitator, process.RoleFacilitator)
	wantKey(t, w.texts.Save(ctx, w.Process.ID, facilitator, change("a", "b")), fault.Forbidden, "policy.role")
	wantKey(t, w.texts.Try(ctx, w.Process.ID, facilitator, change("a", "b")), fault.Forbidden, "policy.role")
	wantKey(t, w.texts.Save(ctx, w.Process.ID, w.Promoter, change("{percorso}", "b")), fault.Invalid, "wording.unknown_near")
	signIn := change("a", "b")
	signIn.Kind = "sign-in"
	wantKey(t, w.texts.Save(ctx, w.Process.ID, w.Promoter, signIn), fault.NotFound, "wording.not_found")
	if n := w.Count(`SELECT count(*) FROM notice_text`); n != 0 {
		t.Errorf("%d versions", n)
	}
}

// TestATrialGoesToWhoeverAsks, unsaved as it is, and counts among no process's
// messages.
func TestATrialGoesToWhoeverAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	c := change("Grazie, {name}", "Il percorso {process} è finito.")
	w.Must(w.texts.Try(ctx, w.Process.ID, w.Promoter, c))
	mails := w.sent()
	if len(mails) != 1 || mails[0].Subject() != "[Prova] Grazie, Marta" || !strings.Contains(mails[0].Text(), w.Process.Title) {
		t.Fatalf("%d messages, %v", len(mails), mails)
	}
	if n := w.Count(`SELECT (SELECT count(*) FROM notice_text) + (SELECT count(*) FROM notice WHERE kind = ? AND process_id <> 0)`, wording.Trial); n != 0 {
		t.Errorf("%d traces in the process", n)
	}
	for range 19 {
		w.Must(w.texts.Try(ctx, w.Process.ID, w.Promoter, c))
	}
	wantKey(t, w.texts.Try(ctx, w.Process.ID, w.Promoter, c), fault.TooMany, "wording.trials")
	w.Clock.Set(w.Clock.Time().Add(time.Hour + time.Minute))
	w.Must(w.texts.Try(ctx, w.Process.ID, w.Promoter, c))
}
