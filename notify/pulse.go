package notify

import (
	"context"
	"sync"
	"time"
)

// signEvery is how often a node that works says so.
const signEvery = 10 * time.Second

// pulse remembers what this node has just said of each channel, so that it says
// the same thing seldom, however often it is woken.
type pulse struct {
	mu   sync.Mutex
	said map[string]string
}

// news reports whether something is to be said: that a channel is in trouble, or
// in none ("").
func (p *pulse) news(channel, trouble string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, fresh := p.said[channel]; fresh && last == trouble {
		return false
	}
	if p.said == nil {
		p.said = map[string]string{}
	}
	p.said[channel] = trouble
	time.AfterFunc(signEvery, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.said, channel)
	})
	return true
}

// alive signs for a channel every now and then, until it is stopped: a drain of a
// million letters takes hours.
func (d *Drainer) alive(ctx context.Context, channel string) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(signEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				d.say(ctx, channel, "", true)
			}
		}
	}()
	return stop
}

// outcome signs at the end of a drain, with what stood in its way.
func (d *Drainer) outcome(ctx context.Context, channel string, err error) {
	trouble := ""
	if err != nil {
		trouble = err.Error()
	}
	if ctx.Err() == nil && d.pulse.news(channel, trouble) {
		d.say(ctx, channel, trouble, false)
	}
}

// say signs. That it fails is no trouble of its own: the drain meets the same.
func (d *Drainer) say(ctx context.Context, channel, trouble string, keep bool) {
	if err := d.Outbox.sign(ctx, d.DB, channel, d.Name, trouble, keep); err != nil && ctx.Err() == nil {
		d.Log.DebugContext(ctx, "a node cannot say that it works", "error", err)
	}
}
