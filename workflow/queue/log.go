package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/redis/go-redis/v9"
)

// quiet silences the Redis library's own printing to standard error: what it
// says comes back to us as errors.
var quiet = sync.OnceFunc(func() { redis.SetLogger(silence{}) })

type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// outage logs the first of a row of failures and the end of the row, not each.
type outage struct {
	log  *slog.Logger
	what string // completes "cannot …"
	mu   sync.Mutex
	down bool
}

// note takes how an attempt went. A failure because we are stopping is none.
func (o *outage) note(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return
	}
	o.mu.Lock()
	was := o.down
	o.down = err != nil
	o.mu.Unlock()
	switch {
	case err != nil && !was:
		o.log.WarnContext(ctx, "cannot "+o.what+" for now; sweeps go on", "error", err)
	case err == nil && was:
		o.log.InfoContext(ctx, "can "+o.what+" again")
	}
}

// asynqLog passes asynq's complaints on. Nearly all of them are about Redis,
// several a second while it is away, so only the first is a warning.
type asynqLog struct {
	log  *slog.Logger
	away *outage
}

func (l asynqLog) Debug(...any) {}
func (l asynqLog) Info(...any)  {}

func (l asynqLog) Warn(args ...any) { l.complain(args) }

func (l asynqLog) Error(args ...any) { l.complain(args) }

// Fatal does not end the program: sweeps need no Redis.
func (l asynqLog) Fatal(args ...any) { l.complain(args) }

func (l asynqLog) complain(args []any) {
	l.log.Debug("queue", "said", fmt.Sprint(args...))
	l.away.note(context.Background(), fmt.Errorf("queue: %s", fmt.Sprint(args...)))
}
