package roster_test

import (
	"testing"
	"time"

	"arengo/process"
	"arengo/process/fault"
)

func TestFollowRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := func() {
		t.Helper()
		if err := b.Follow(t.Context(), b.process, process.Person{Email: " Ada@Example.org", Locale: "en"}); err != nil {
			t.Fatal(err)
		}
	}
	mails := func() int { return b.count(t, "notice WHERE kind = 'follow-confirm'") }
	followers := func() int {
		n, err := b.Followers(t.Context(), b.process)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	err := b.Follow(t.Context(), b.process, process.Person{Email: "ada"})
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
