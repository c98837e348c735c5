package roster_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/roster"
)

func TestFollowRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := func() {
		t.Helper()
		if err := b.Follow(t.Context(), b.process, roster.Visitor{Email: " Ada@Example.org", Locale: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	mails := func() int { return b.count(t, "notice WHERE kind = 'follow-confirm'") }
	followers := func() int { return b.count(t, "follower WHERE confirmed_at IS NOT NULL") }
	err := b.Follow(t.Context(), b.process, roster.Visitor{Email: "ada"})
	if e := wantFault(t, err, fault.Invalid, "person.email_bad"); e.Field != "email" {
		t.Errorf("at %q", e.Field)
	}
	ask()
	ask()
	if mails() != 1 || followers() != 0 {
		t.Fatalf("%d mails, %d followers before confirming", mails(), followers())
	}
	b.domain.Advance(10 * time.Minute)
	ask()
	if mails() != 2 {
		t.Errorf("%d mails after ten minutes", mails())
	}
	var ada process.PersonID
	b.one(t, &ada, `SELECT id FROM person WHERE email = 'ada@example.org' AND locale = 'en'`)
	token := b.links.Token(process.Link{Purpose: process.LinkFollow, Process: b.process, Subject: int64(ada), Version: 1})
	if _, err := b.Confirm(t.Context(), token); err != nil || followers() != 1 {
		t.Fatalf("confirmed: %v, %d followers", err, followers())
	}
	b.domain.Advance(time.Hour)
	ask()
	if mails() != 2 {
		t.Error("a follower got another mail to confirm")
	}
}

// TestFollowRequestsExpire also floods: requests send few mails and keep the
// link alive.
func TestFollowRequestsExpire(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := func(email string) {
		t.Helper()
		if err := b.Follow(t.Context(), b.process, roster.Visitor{Email: email}); err != nil {
			t.Fatal(err)
		}
	}
	token := func(email string) string {
		var id process.PersonID
		b.one(t, &id, `SELECT id FROM person WHERE email = '`+email+`'`)
		return b.links.Token(process.Link{Purpose: process.LinkFollow, Process: b.process, Subject: int64(id), Version: 1})
	}
	for range 30 { // a request a minute, for half an hour
		ask("ada@example.org")
		b.domain.Advance(time.Minute)
	}
	if n := b.count(t, "notice WHERE kind = 'follow-confirm'"); n != 3 {
		t.Errorf("%d mails in half an hour, want 3", n)
	}
	b.exec(t, `UPDATE person SET name = 'Ada Prova' WHERE email = 'ada@example.org'`)
	b.domain.Advance(24 * time.Hour)
	_, err := b.Confirm(t.Context(), token("ada@example.org"))
	wantFault(t, err, fault.Closed, "roster.follow_expired")
	ask("ada@example.org")
	if _, err := b.Confirm(t.Context(), token("ada@example.org")); err != nil {
		t.Errorf("the link that was sent, after a new request: %v", err)
	}
	if n := b.count(t, "person WHERE name = 'Ada Prova' AND locale = 'it'"); n != 1 {
		t.Error("a request changed a known person")
	}
	ask("bea@example.org")
	b.domain.Advance(8*24*time.Hour + time.Minute)
	ask("carla@example.org")
	if n := b.count(t, "follower"); n != 2 {
		t.Errorf("%d rows kept, want the follower and the new request", n)
	}
}
