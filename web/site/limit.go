package site

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is a class of rate limit. Keys are tokens and client addresses; two
// hundred people may sit behind one of the latter. What a visitor types is
// never a key: it would keep out whom it belongs to.
type Limit int

// The classes.
const (
	LimitNone    Limit = iota
	LimitSignIn        // asking for a sign-in link: by address
	LimitToken         // acting with a personal link: by token, then by address
	LimitPublic        // anonymous forms: by address
	LimitMail          // anonymous forms that send mail to an address that anybody may type: by address
	LimitForgery       // wrong tokens: by address
	LimitAPI           // calls of other programs: by token, once it is known to be good, and by address
)

type budget struct {
	every time.Duration // one more each
	burst int
}

var budgets = map[Limit]struct{ own, address budget }{
	LimitSignIn:  {address: budget{2 * time.Second, 400}},
	LimitToken:   {own: budget{500 * time.Millisecond, 60}, address: budget{5 * time.Millisecond, 3000}},
	LimitPublic:  {address: budget{50 * time.Millisecond, 2000}},
	LimitMail:    {address: budget{5 * time.Second, 300}},
	LimitForgery: {address: budget{time.Second, 60}},
	LimitAPI:     {own: budget{200 * time.Millisecond, 300}, address: budget{5 * time.Millisecond, 3000}},
}

// Limits counts, on one node and in memory, how often each key acted. It keeps
// at most limitKeys keys, and forgets those unused for limitIdle.
type Limits struct {
	mu   sync.Mutex
	keys map[limitKey]*limiter
}

type limitKey struct {
	class   Limit
	address bool
	key     string
}

type limiter struct {
	rate *rate.Limiter
	used time.Time
}

const (
	limitKeys = 100_000
	limitIdle = 30 * time.Minute // longer than any budget takes to fill
)

// NewLimits makes an empty count.
func NewLimits() *Limits { return &Limits{keys: map[limitKey]*limiter{}} }

// Allow takes one from the budgets of a class: of own, a token or "",
// and of the address. now is real time.
func (l *Limits) Allow(class Limit, own, address string, now time.Time) bool {
	b, ok := budgets[class]
	if !ok {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.keys) >= limitKeys {
		l.forget(now)
	}
	allowed := own == "" || l.get(limitKey{class, false, own}, b.own, now)
	return l.get(limitKey{class, true, address}, b.address, now) && allowed
}

// Own takes one call from what a key has of a class, whatever its address, and
// reports whether it had one.
func (l *Limits) Own(class Limit, own string, now time.Time) bool {
	b, ok := budgets[class]
	if !ok {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.get(limitKey{class, false, own}, b.own, now)
}

// Left is what one key has left of a class, of how many at most, and how long
// until it has them all again. It takes nothing.
func (l *Limits) Left(class Limit, own string, now time.Time) (left, most int, full time.Duration) {
	b := budgets[class].own
	l.mu.Lock()
	defer l.mu.Unlock()
	lim, ok := l.keys[limitKey{class, false, own}]
	if !ok {
		return b.burst, b.burst, 0
	}
	left = max(0, int(lim.rate.TokensAt(now)))
	return left, b.burst, time.Duration(b.burst-left) * b.every
}

// Spent reports whether an address has nothing left of a class, and takes
// nothing.
func (l *Limits) Spent(class Limit, address string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim, ok := l.keys[limitKey{class, true, address}]
	return ok && lim.rate.TokensAt(now) < 1
}

func (l *Limits) get(k limitKey, b budget, now time.Time) bool {
	lim, ok := l.keys[k]
	if !ok {
		lim = &limiter{rate: rate.NewLimiter(rate.Every(b.every), b.burst)}
		l.keys[k] = lim
	}
	lim.used = now
	return lim.rate.AllowN(now, 1)
}

// forget drops idle keys, and all tokens when that is not enough: a flood of
// made-up tokens must neither fill the memory nor reset what is counted for
// addresses.
func (l *Limits) forget(now time.Time) {
	for k, lim := range l.keys {
		if now.Sub(lim.used) > limitIdle {
			delete(l.keys, k)
		}
	}
	if len(l.keys) < limitKeys {
		return
	}
	for k := range l.keys {
		if k.class == LimitToken && !k.address {
			delete(l.keys, k)
		}
	}
	if len(l.keys) >= limitKeys {
		clear(l.keys)
	}
}
