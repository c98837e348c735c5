package account_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arengo/process"
	"arengo/process/account"
	"arengo/process/fault"
	"arengo/process/meeting/meetingtest"
)

type bundle struct {
	*meetingtest.World

	accounts *account.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	w := meetingtest.New(t)
	return &bundle{World: w, accounts: account.New(w.Core)}
}

func (b *bundle) requests() int {
	b.T.Helper()
	var n int
	b.Must(b.DB.NewRaw(`SELECT count(*) FROM notice WHERE kind = 'sign-in'`).Scan(b.T.Context(), &n))
	return n
}

// token is the newest link of the promoter.
func (b *bundle) token() string {
	b.T.Helper()
	b.Must(b.accounts.Request(b.T.Context(), b.Promoter.Email))
	var id int64
	b.Must(b.DB.NewRaw(`SELECT max(id) FROM sign_in`).Scan(b.T.Context(), &id))
	return b.Core.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: id, Version: 1})
}

func wantKey(t *testing.T, err error, code fault.Code, key string) {
	t.Helper()
	if e, ok := fault.As(err); !ok || e.Code != code || e.Key != key {
		t.Errorf("got %v, want %s %s", err, code, key)
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	t.Run("ErrAddress", func(t *testing.T) {
		wantKey(t, b.accounts.Request(t.Context(), "marta"), fault.Invalid, "person.email_bad")
	})
	t.Run("UnknownLearnsNothing", func(t *testing.T) {
		b.Must(b.accounts.Request(t.Context(), "nobody@example.org"))
		b.Must(b.accounts.Request(t.Context(), b.Stranger.Email))
		if n := b.requests(); n != 0 {
			t.Errorf("%d letters to people without a role", n)
		}
	})
	t.Run("FiveAnHour", func(t *testing.T) {
		for range 9 {
			b.Must(b.accounts.Request(t.Context(), " MARTA@comune.example.org "))
		}
		if n := b.requests(); n != 5 {
			t.Errorf("%d letters in an hour, want 5", n)
		}
		b.Clock.Advance(61 * time.Minute)
		b.Must(b.accounts.Request(t.Context(), b.Promoter.Email))
		if n := b.requests(); n != 6 {
			t.Errorf("%d letters after the hour, want 6", n)
		}
	})
}

func TestEnter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.token()
	for range 5 {
		name, err := b.accounts.Peek(t.Context(), token) // mail filters open links
		b.Must(err)
		if name == "" {
			t.Error("the link does not say whose it is")
		}
	}
	s, err := b.accounts.Enter(t.Context(), token)
	b.Must(err)
	who, err := b.accounts.Actor(t.Context(), s.Token)
	b.Must(err)
	if who.Person != b.Promoter.Person || !who.Promoter {
		t.Errorf("signed in as %+v", who)
	}
	_, err = b.accounts.Enter(t.Context(), token)
	wantKey(t, err, fault.Closed, "signin.link_used")
	_, err = b.accounts.Peek(t.Context(), token)
	wantKey(t, err, fault.Closed, "signin.link_used")

	var stored int
	b.Must(b.DB.NewRaw(`SELECT count(*) FROM session WHERE encode(token_hash, 'escape') LIKE '%' || ? || '%'`, s.Token).Scan(t.Context(), &stored))
	if stored != 0 {
		t.Error("the cookie's value stands in the database")
	}
	b.Must(b.accounts.Leave(t.Context(), s.Token))
	b.Must(b.accounts.Leave(t.Context(), s.Token))
	if who, err := b.accounts.Actor(t.Context(), s.Token); err != nil || who.SignedIn() {
		t.Errorf("still signed in: %+v, %v", who, err)
	}
}

func TestEnterTooLate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.token()
	b.Clock.Advance(account.LinkLife)
	_, err := b.accounts.Enter(t.Context(), token)
	wantKey(t, err, fault.Closed, "signin.link_old")
	_, err = b.accounts.Enter(t.Context(), "forged")
	wantKey(t, err, fault.NotFound, "signin.link_bad")
	unknown := b.Core.Links().Token(process.Link{Purpose: process.LinkSignIn, Subject: 999, Version: 1})
	_, err = b.accounts.Enter(t.Context(), unknown)
	wantKey(t, err, fault.NotFound, "signin.link_bad")
}

func TestEnterOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	token := b.token()
	var in atomic.Int32
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := b.accounts.Enter(t.Context(), token); err == nil {
				in.Add(1)
			}
		})
	}
	wait.Wait()
	if in.Load() != 1 {
		t.Errorf("one link opened %d sessions", in.Load())
	}
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, err := b.accounts.Enter(t.Context(), b.token())
	b.Must(err)
	b.Clock.Advance(account.SessionLife)
	if who, err := b.accounts.Actor(t.Context(), s.Token); err != nil || who.SignedIn() {
		t.Errorf("a session outlived its time: %+v, %v", who, err)
	}
	b.Clock.Advance(25 * time.Hour)
	if n, err := b.accounts.Purge(t.Context(), 100); err != nil || n != 2 {
		t.Errorf("purged %d, %v; want the session and its request", n, err)
	}
}
