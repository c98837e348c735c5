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
}

// Strangers who ask for links in a promoter's name neither flood the mailbox
// nor keep the promoter out.
func TestStrangersAsk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 24 * 60 {
		b.Must(b.accounts.Request(t.Context(), " MARTA@comune.example.org "))
		b.Clock.Advance(time.Minute)
	}
	if n := b.requests(); n < 20 || n > 30 {
		t.Errorf("%d letters in a day of requests, want about one an hour", n)
	}
	// The newest letter may be old, yet the promoter's own request revives it.
	b.Clock.Advance(30 * time.Minute)
	letters := b.requests()
	token := b.token()
	if n := b.requests(); n != letters {
		t.Errorf("another letter within the pause")
	}
	b.Clock.Advance(account.LinkLife - time.Second)
	_, err := b.accounts.Enter(t.Context(), token)
	b.Must(err)
	// Who used a link gets the next at once, and a stranger's follow slowly.
	for range 5 {
		b.Must(b.accounts.Request(t.Context(), b.Promoter.Email))
	}
	if n := b.requests(); n != letters+1 {
		t.Errorf("%d letters after a used link, want 1", n-letters)
	}
	_, err = b.accounts.Enter(t.Context(), token)
	wantKey(t, err, fault.Closed, "signin.link_used")
}

// Links asked for at the same moment make one letter.
func TestAskedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if err := b.accounts.Request(t.Context(), b.Promoter.Email); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := b.requests(); n != 1 {
		t.Errorf("%d letters", n)
	}
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
