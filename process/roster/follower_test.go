package roster_test

import (
	"testing"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/roster"
)

func TestFollowRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := b.Follow(t.Context(), b.process, roster.Visitor{Email: "ada"})
	if e := wantFault(t, err, fault.Invalid, "person.email_bad"); e.Field != "email" {
		t.Errorf("at %q", e.Field)
	}
	b.exec(t, `UPDATE process SET published_at = NULL`)
	wantFault(t, b.Follow(t.Context(), b.process, roster.Visitor{Email: "bea@example.org"}), fault.NotFound, "process.not_found")
	if n := b.count(t, "person WHERE email = 'bea@example.org'"); n != 0 {
		t.Error("a refused request left a person")
	}
}

func TestFollowLinks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	followers := func() int { return b.count(t, "follower WHERE confirmed_at IS NOT NULL") }
	var ada process.PersonID
	b.one(t, &ada, `INSERT INTO person (public_id, email, created_at) VALUES ('ada', 'ada@example.org', now()) RETURNING id`)
	b.exec(t, `INSERT INTO follower VALUES (?, ?, now())`, b.process, ada)
	token := b.links.Token(process.Link{Purpose: process.LinkFollow, Process: b.process, Subject: int64(ada), Version: 1})
	unsubscribe := b.links.Token(process.Link{Purpose: process.LinkUnsubscribe, Process: b.process, Subject: int64(ada), Version: 1})
	if f, err := b.FollowLink(t.Context(), token); err != nil || f.Email != "ada@example.org" || followers() != 0 {
		t.Errorf("reading the link: %+v, %v, %d followers", f, err, followers())
	}
	for _, confirm := range []int{1, 2} {
		if f, err := b.Confirm(t.Context(), token); err != nil || f.Person != ada || f.Process != b.process || followers() != 1 {
			t.Errorf("confirmed %d times: %+v, %v, %d followers", confirm, f, err, followers())
		}
	}
	_, err := b.Confirm(t.Context(), unsubscribe)
	wantFault(t, err, fault.NotFound, "link.bad")
	stranger := b.links.Token(process.Link{Purpose: process.LinkFollow, Process: b.process, Subject: 999, Version: 1})
	_, err = b.Confirm(t.Context(), stranger)
	wantFault(t, err, fault.NotFound, "link.bad")

	if _, err := b.StopFollowing(t.Context(), token); err != nil || followers() != 0 || b.count(t, "optout") != 0 {
		t.Errorf("stopped: %v, %d followers", err, followers())
	}
	if n := b.count(t, "follower"); n != 0 {
		t.Errorf("%d rows of who stopped", n)
	}
	_, err = b.Confirm(t.Context(), token)
	wantFault(t, err, fault.Closed, "roster.follow_expired")
	if err := b.Follow(t.Context(), b.process, roster.Visitor{Email: "ada@example.org"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Confirm(t.Context(), token); err != nil || followers() != 1 {
		t.Errorf("asked again: %v, %d followers", err, followers())
	}
	for range 2 {
		if _, err := b.OptOut(t.Context(), unsubscribe); err != nil {
			t.Fatal(err)
		}
	}
	if followers() != 0 || b.count(t, "optout") != 1 {
		t.Errorf("after opting out %d followers", followers())
	}
	b.load(t, "email\nada@example.org\n")
	if n := b.invite(t, roster.Selection{All: true}); n != 0 {
		t.Errorf("invited %d who opted out", n)
	}
	if f, err := b.UnsubscribeLink(t.Context(), unsubscribe); err != nil || f.Email != "ada@example.org" {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := b.OptIn(t.Context(), unsubscribe); err != nil || b.count(t, "optout") != 0 {
		t.Errorf("opting in: %v", err)
	}
}
