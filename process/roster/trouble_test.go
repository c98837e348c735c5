package roster_test

import (
	"testing"
	"time"

	"arengo/notify"
	"arengo/process"
	"arengo/process/fault"
	"arengo/process/roster"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	for want, list := range map[string][]roster.Trouble{
		"":          {{}},
		"complaint": {{Source: "complaint"}, {Source: "complaint", Code: "5.1.1"}},
		"missing":   {{Source: "report", Code: "5.1.1"}, {Source: "refused", Code: "5.1.3"}},
		"domain":    {{Source: "report", Code: "5.1.2"}, {Source: "report", Code: "5.4.4"}, {Source: "report", Code: "5.1.10"}},
		"disabled":  {{Source: "report", Code: "5.2.1"}},
		"full":      {{Source: "repeated", Code: "5.2.2"}},
		"repeated":  {{Source: "repeated", Code: "5.7.1"}, {Source: "repeated"}},
		"refused":   {{Source: "refused"}, {Source: "report", Code: "5.7.17"}},
	} {
		for _, trouble := range list {
			if got := trouble.Why(); got != want {
				t.Errorf("%+v: %q, want %q", trouble, got, want)
			}
		}
	}
}

// asked invites two people and expands the letter that asks them.
func (b *bundle) asked(t *testing.T) map[string]process.PersonID {
	t.Helper()
	people := b.people(t, "annaS", "brunoS")
	b.domain.allow("edit")
	b.invite(t, roster.Selection{All: true})
	b.domain.allow("respond")
	if err := b.outbox.Add(t.Context(), b.db, notify.Notice{
		ProcessID: int64(b.process), ActivityID: int64(b.activity), Key: "open", Kind: "invitation",
		Audience: "invited", DueAt: morning, CreatedAt: morning,
	}); err != nil {
		t.Fatal(err)
	}
	b.expand(t)
	return people
}

func (b *bundle) expand(t *testing.T) {
	t.Helper()
	if _, _, err := b.outbox.Expand(t.Context(), b.db, b.domain.Time(), 10); err != nil {
		t.Fatal(err)
	}
}

// suppress notes that the address of a person does not work and that the letters
// to it came back.
func (b *bundle) suppress(t *testing.T, who process.PersonID, source, code string, until any) {
	t.Helper()
	b.exec(t, `INSERT INTO suppression (address, source, code, reason, since, until) SELECT email, ?, ?, 'words', ?, ? FROM person WHERE id = ?`,
		source, code, morning, until, who)
	b.exec(t, `UPDATE delivery SET status = 'bounced' WHERE person_id = ?`, who)
}

func (b *bundle) contacts(t *testing.T, state roster.ContactState) []roster.Contact {
	t.Helper()
	page, err := b.Contacts(t.Context(), b.process, roster.ContactFilter{State: state})
	if err != nil {
		t.Fatal(err)
	}
	return page.Contacts
}

func (b *bundle) bounced(t *testing.T) int {
	t.Helper()
	page, err := b.Statuses(t.Context(), b.process, b.activity, roster.StatusFilter{Status: roster.Bounced})
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func TestRetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna := b.asked(t)["anna"]
	link := b.token(t, anna)
	b.suppress(t, anna, "repeated", "5.2.2", morning.Add(30*24*time.Hour))
	list := b.contacts(t, roster.ContactBounced)
	if len(list) != 1 || list[0].Trouble.Why() != "full" || list[0].Trouble.Words != "words" || !list[0].Trouble.Since.Equal(morning) || list[0].Trouble.Until.IsZero() || b.bounced(t) != 1 {
		t.Fatalf("%+v, %d", list, b.bounced(t))
	}
	_, err := b.Retry(t.Context(), b.process, nobody, b.publicID(t, anna))
	wantFault(t, err, fault.NotFound, "process.not_found")
	again, err := b.Retry(t.Context(), b.process, boss, b.publicID(t, anna))
	if again != 1 || err != nil {
		t.Fatalf("%d sent again, %v", again, err)
	}
	b.expand(t)
	if n := b.count(t, `delivery WHERE status = 'queued' AND person_id = (SELECT id FROM person WHERE email = 'anna@example.org')`); n != 1 {
		t.Errorf("%d letters wait", n)
	}
	if b.bounced(t) != 0 || len(b.contacts(t, roster.ContactBounced)) != 0 || b.token(t, anna) != link {
		t.Errorf("%d still bounce, %d in the list, the link is the same: %v", b.bounced(t), len(b.contacts(t, roster.ContactBounced)), b.token(t, anna) == link)
	}
	// Now it works, and there is nothing to try again.
	if again, err := b.Retry(t.Context(), b.process, boss, b.publicID(t, anna)); again != 0 || err != nil {
		t.Errorf("%d sent again, %v", again, err)
	}
	// And if it fails once more it shows once more.
	b.suppress(t, anna, "report", "5.1.1", nil)
	if list := b.contacts(t, roster.ContactBounced); len(list) != 1 || list[0].Trouble.Why() != "missing" || !list[0].Trouble.Until.IsZero() || b.bounced(t) != 1 {
		t.Errorf("%+v, %d", list, b.bounced(t))
	}
	b.domain.Advance(time.Hour)
	if again, err := b.Retry(t.Context(), b.process, boss, b.publicID(t, anna)); again != 1 || err != nil {
		t.Errorf("%d sent a second time, %v", again, err)
	}
}

// Who called a message unwanted has an address that works, and takes it back
// alone: by asking for messages again.
func TestRetryAfterAComplaint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna := b.asked(t)["anna"]
	b.suppress(t, anna, "complaint", "", nil)
	b.exec(t, `UPDATE delivery SET status = 'complained'`)
	_, err := b.Retry(t.Context(), b.process, boss, b.publicID(t, anna))
	wantFault(t, err, fault.Conflict, "roster.contact_complained")
	if list := b.contacts(t, roster.ContactOptedOut); len(list) != 1 || !list[0].OptedOut || list[0].Bounced || !list[0].Trouble.Complained() {
		t.Errorf("%+v", list)
	}
	if n := len(b.contacts(t, roster.ContactBounced)) + b.bounced(t); n != 0 {
		t.Errorf("%d addresses are said not to work", n)
	}
	token := b.links.Token(process.Link{Purpose: process.LinkUnsubscribe, Process: b.process, Subject: int64(anna)})
	if _, err := b.OptIn(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, "suppression"); n != 0 {
		t.Error("the later wish does not count")
	}
}

// An address that is corrected works until we hear otherwise; nobody has the old
// one, so that nothing is kept of it.
func TestCorrectionLifts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	anna := b.asked(t)["anna"]
	b.suppress(t, anna, "report", "5.1.1", nil)
	b.exec(t, `INSERT INTO suppression (address, source, code, reason, since) VALUES ('new@example.org', 'refused', '', 'of long ago', ?)`, morning)
	again, err := b.correct(t, anna, roster.Card{Email: "new@example.org", Name: "Anna", Locale: "it"})
	if again != 1 || err != nil {
		t.Fatalf("%d, %v", again, err)
	}
	if n := b.count(t, "suppression"); n != 0 || b.bounced(t) != 0 {
		t.Errorf("%d suppressions, %d bounce", n, b.bounced(t))
	}
}
