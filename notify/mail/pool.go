package mail

import (
	"sync"
	"time"
)

// idleTimeout is how long an unused connection is kept: shorter than what
// relays grant.
const idleTimeout = 20 * time.Second

// Pool keeps connections to one relay between uses. It does no more than
// that: how many are open at once is for its users to decide.
type Pool struct {
	relay Relay

	mu    sync.Mutex
	idle  []*Conn
	timer *time.Timer
}

// NewPool makes a pool; it does not connect.
func NewPool(r Relay) *Pool { return &Pool{relay: r} }

// Get takes a connection out of the pool, an idle one first. It may be unopened.
func (p *Pool) Get() *Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return c
	}
	return &Conn{relay: p.relay}
}

// Put gives a connection back. All idle ones are closed when nobody has used
// the pool for a while.
func (p *Pool) Put(c *Conn) {
	if c.smtp == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
	if p.timer == nil {
		p.timer = time.AfterFunc(idleTimeout, p.Close)
	} else {
		p.timer.Reset(idleTimeout)
	}
}

// Close hangs up all idle connections. The pool may be used again.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.Close()
	}
}
