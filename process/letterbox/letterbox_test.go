package letterbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"arengo/notify"
	"arengo/notify/channel/inbox"
	"arengo/process"
	"arengo/process/account"
	"arengo/process/fault"
	"arengo/process/letterbox"
	"arengo/process/processtest"
	"arengo/process/retention"
	"arengo/process/worldtest"
	"arengo/workflow/history"
)

// procedure has a phase with an end that is told of when it moves.
const procedure = `
workflow: procedure
version: 1
title: {it: Percorso, en: Path}
timezone: Europe/Rome
roles: [promoter, facilitator]
initial: apply
states:
  apply: {title: {it: Domanda preliminare, en: Application}, term: {length: 30d}, allows: [extend, shorten, hold]}
  over: {title: {it: Fine, en: Over}, final: true}
transitions:
  - {id: end, event: end, from: [apply], to: over, by: [promoter]}
`

// world has Marta, who works here and has never signed in, and a follower.
type world struct {
	*worldtest.World

	boxes    *letterbox.Service
	marta    process.Actor
	follower process.PersonID
	sent     func() []*processtest.Message
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worldtest.Build(t, worldtest.Config{Template: "procedure", Path: procedure, Inbox: true})}
	w.Settle("lucia@comune.example.org", "Lucia")
	w.boxes, w.marta = letterbox.New(w.Core), w.Actor("marta@example.org", "Marta")
	w.Member(w.marta, process.RoleFacilitator)
	w.follower = w.Person("segue@example.org")
	w.Exec(`INSERT INTO follower (process_id, person_id, requested_at, confirmed_at) VALUES (?, ?, ?, ?)`, w.Process.ID, w.follower, w.Start, w.Start)
	w.Publish()
	w.sent = w.Post()
	w.sent() // the role
	return w
}

// extends moves the end of the phase and lets it be told.
func (w *world) extends(days int) []*processtest.Message {
	w.T.Helper()
	inst, err := w.Core.Engine().Instance(w.T.Context(), w.DB, w.Process.Ref())
	w.Must(err)
	_, err = w.Core.Extend(w.T.Context(), w.Process.ID, w.Promoter, process.NewEnd{End: inst.DueAt.AddDate(0, 0, days), Reason: "Mancano le firme"})
	w.Must(err)
	w.Clock.Advance(history.Grace)
	return w.sent()
}

func (w *world) items(who process.Actor) []inbox.Item {
	w.T.Helper()
	list, total, err := w.boxes.List(w.T.Context(), who, 50, 0)
	w.Must(err)
	if total != len(list) {
		w.T.Errorf("%d items in all, %d listed", total, len(list))
	}
	return list
}

func (w *world) unread(who process.Actor) int {
	w.T.Helper()
	n, err := w.boxes.Unread(w.T.Context(), who)
	w.Must(err)
	return n
}

// What goes by mail stands on the site too, for those with an account; the one does
// not keep the other from being sent.
func TestBothChannelsTellTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mails := w.extends(10)
	var to []string
	for _, m := range mails {
		to = append(to, m.Recipients...)
	}
	if slices.Sort(to); !slices.Equal(to, []string{"marta@example.org", "segue@example.org"}) {
		t.Errorf("mailed to %q", to)
	}
	list := w.items(w.marta)
	if len(list) != 2 || w.unread(w.marta) != 2 {
		t.Fatalf("%d items, %d unread", len(list), w.unread(w.marta))
	}
	i := list[0]
	if !strings.HasPrefix(i.Subject, "La fase finisce più tardi") || !strings.Contains(i.Text, "Mancano le firme") || i.Sender != w.Process.Title || i.Locale != "it" {
		t.Errorf("%+v", i)
	}
	if strings.Contains(i.Text, worldtest.BaseURL) || !strings.Contains(i.Text, ":\n"+inbox.LinkPath(i.Ref)) {
		t.Errorf("its links: %s", i.Text)
	}
	if n := w.Count(`SELECT count(*) FROM inbox_item WHERE person_id = ?`, w.follower); n != 0 {
		t.Errorf("%d items of somebody without an account", n)
	}
	// A second end is told on both again, from the first.
	if again := w.extends(5); len(again) != 2 || len(w.items(w.marta)) != 3 {
		t.Errorf("%d mails, %d items", len(again), len(w.items(w.marta)))
	}
	if n := w.Count(`SELECT count(*) FROM delivery WHERE status <> 'sent'`); n != 0 {
		t.Errorf("%d deliveries were not sent", n)
	}
}

// A worker that dies between the keeping and its note leaves one message.
func TestKeptOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extends(10)
	before := w.items(w.marta)
	w.Must(w.boxes.Mark(t.Context(), w.marta, before[0].Ref, true))
	w.Exec(`UPDATE delivery SET status = 'sending', claimed_by = 'dead', sent_at = NULL, lease_until = clock_timestamp() - interval '1 second'
		WHERE channel = 'inbox'`)
	w.sent()
	after := w.items(w.marta)
	if len(after) != len(before) || after[0].Unread() || !after[1].Unread() {
		t.Errorf("%d items, %d before: %+v", len(after), len(before), after)
	}
	if n := w.Count(`SELECT count(*) FROM delivery WHERE channel = 'inbox' AND status <> 'sent'`); n != 0 {
		t.Errorf("%d are not noted", n)
	}
}

// Reading is said, not guessed: opening changes nothing, and what came after the list
// was shown stays unread.
func TestReading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extends(10)
	list := w.items(w.marta)
	shown := w.Clock.Time()
	if i, err := w.boxes.Open(t.Context(), w.marta, list[0].Ref); err != nil || !i.Unread() || w.unread(w.marta) != 2 {
		t.Errorf("%+v, %v", i, err)
	}
	w.Must(w.boxes.Mark(t.Context(), w.marta, list[0].Ref, true))
	w.Clock.Advance(time.Hour)
	w.Must(w.boxes.Mark(t.Context(), w.marta, list[0].Ref, true))
	if i, _ := w.boxes.Open(t.Context(), w.marta, list[0].Ref); !i.ReadAt.Equal(shown) || w.unread(w.marta) != 1 {
		t.Errorf("read at %s, first at %s", i.ReadAt, shown)
	}
	w.Must(w.boxes.Mark(t.Context(), w.marta, list[0].Ref, false))
	if w.unread(w.marta) != 2 {
		t.Error("it is not unread again")
	}
	w.extends(5)
	if n, err := w.boxes.MarkAll(t.Context(), w.marta, shown); n != 2 || err != nil || w.unread(w.marta) != 1 {
		t.Errorf("%d marked, %d left, %v", n, w.unread(w.marta), err)
	}
}

// Nobody sees, follows or marks what is another's.
func TestOnlyOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extends(10)
	ref := w.items(w.marta)[0].Ref
	for name, who := range map[string]process.Actor{"promoter": w.Promoter, "stranger": w.Stranger, "visitor": {}} {
		if _, err := w.boxes.Open(t.Context(), who, ref); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s opens it: %v", name, err)
		}
		if _, err := w.boxes.Lead(t.Context(), who, ref); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s follows it: %v", name, err)
		}
		w.Must(w.boxes.Mark(t.Context(), who, ref, true))
	}
	if w.unread(w.marta) != 2 {
		t.Error("somebody else has read it")
	}
}

// The link of a message is made when it is followed; a withdrawn notice leads nowhere.
func TestLead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extends(10)
	i := w.items(w.marta)[0]
	if to, err := w.boxes.Lead(t.Context(), w.marta, i.Ref); err != nil || to != "/percorsi/"+w.Process.Slug {
		t.Errorf("leads to %q, %v", to, err)
	}
	role := w.items(w.marta)[1]
	if to, err := w.boxes.Lead(t.Context(), w.marta, role.Ref); err != nil || to != "/oggi" {
		t.Errorf("the role leads to %q, %v", to, err)
	}
	w.Exec(`UPDATE person SET entered_at = ? WHERE id = ?`, w.Start, w.follower)
	w.Must(w.Core.Outbox().Add(t.Context(), w.DB, notify.Notice{
		ProcessID: int64(w.Process.ID), Key: "t1", Kind: "phase-opened", Audience: "followers", DueAt: w.Clock.Time(), CreatedAt: w.Clock.Time(),
	}))
	w.sent()
	who := process.Actor{Person: w.follower}
	if list := w.items(who); len(list) != 1 {
		t.Errorf("%d items of who entered", len(list))
	} else if to, err := w.boxes.Lead(t.Context(), who, list[0].Ref); err != nil || to != "/percorsi/"+w.Process.Slug {
		t.Errorf("leads to %q, %v", to, err)
	}
	w.Exec(`UPDATE inbox_item SET notice_id = 987654 WHERE ref = ?`, i.Ref)
	if to, err := w.boxes.Lead(t.Context(), w.marta, i.Ref); err != nil || to != "" {
		t.Errorf("leads to %q, %v", to, err)
	}
}

// The link to sign in proves whose an address is: it goes there and nowhere else. Who
// uses one has an account from then on.
func TestProofsAndAccounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	accounts := account.New(w.Core)
	w.Must(accounts.Request(t.Context(), w.marta.Email))
	if mails := w.sent(); len(mails) != 1 || len(w.items(w.marta)) != 1 {
		t.Errorf("%d mails, %d items", len(mails), len(w.items(w.marta)))
	}
	var id int64
	w.One(&id, `SELECT max(id) FROM sign_in`)
	token := w.Core.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: id, Version: 1})
	_, err := accounts.Enter(t.Context(), token)
	w.Must(err)
	if n := w.Count(`SELECT count(*) FROM person WHERE id = ? AND entered_at IS NOT NULL`, w.marta.Person); n != 1 {
		t.Error("her first sign-in is not noted")
	}
}

// Messages go with the names of their process, those of no process after a year.
func TestForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extends(10)
	w.Exec(`INSERT INTO notice (process_id, id, key, kind, audience, payload, due_at, expires_at, created_at, expanded_at)
		VALUES (0, 1, 'k', 'webhook-stopped', '', '{}', ?0, ?1, ?0, ?0)`, w.Start, w.Start.Add(time.Hour))
	w.Exec(`INSERT INTO delivery (process_id, id, notice_id, person_id, address, name, locale, channel, priority, status, attempts, queued_at, due_at, sent_at)
		VALUES (0, 1, 1, ?0, '', '', 'it', 'inbox', 1, 'sent', 1, ?1, ?1, ?1)`, w.marta.Person, w.Start)
	w.Exec(`INSERT INTO inbox_item (process_id, delivery_id, notice_id, person_id, ref, locale, sender, subject, preview, body, at)
		VALUES (0, 1, 1, ?, 'x', 'it', '', 's', '', 't', ?)`, w.marta.Person, w.Start)
	w.Must(w.Advance(process.Activity{}, "end", ""))
	w.sent()
	late := w.Clock.Time().AddDate(0, 13, 0)
	w.Clock.Set(late)
	for w.Count(`SELECT count(*) FROM process WHERE erased_at IS NULL`) > 0 {
		if n, err := retention.New(w.Core).Sweep(t.Context(), late); err != nil || n != 1 {
			t.Fatalf("%d erased, %v", n, err)
		}
	}
	if list := w.items(w.marta); len(list) != 1 || list[0].Ref != "x" {
		t.Errorf("%+v is left", list)
	}
	if n, err := w.boxes.Purge(t.Context(), 10); n != 1 || err != nil || len(w.items(w.marta)) != 0 {
		t.Errorf("%d purged, %v", n, err)
	}
}
