package processtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"arengo/cmd/arengo/embedded"
)

// Redis is the address of an empty Redis database that only this test uses. It
// is one numbered database of a shared server: a test that flushes everything
// or kills its Redis takes RedisServer.
func Redis(t testing.TB) string {
	t.Helper()
	options, err := redis.ParseURL(addresses(t).RedisURL)
	if err != nil {
		t.Fatalf("test Redis address: %v", err)
	}
	register := redis.NewClient(options)
	t.Cleanup(func() { _ = register.Close() })
	number := takeNumber(t, register)
	mine := *options
	mine.DB = number
	client := redis.NewClient(&mine)
	if err := client.FlushDB(t.Context()).Err(); err != nil {
		t.Fatalf("empty the test's Redis database: %v", err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = client.FlushDB(ctx).Err()
		_ = client.Close()
		_ = register.Del(ctx, lockName(number)).Err()
	})
	return fmt.Sprintf("redis://:%s@%s/%d", options.Password, options.Addr, number)
}

// takeNumber reserves a database number in database 0. The reservation of a
// test that was killed ends by itself.
func takeNumber(t testing.TB, register *redis.Client) int {
	t.Helper()
	ctx := t.Context()
	setting, err := register.ConfigGet(ctx, "databases").Result()
	if err != nil {
		t.Fatalf("test Redis: %v", err)
	}
	count, err := strconv.Atoi(setting["databases"])
	if err != nil || count < 2 {
		t.Fatalf("test Redis: want at least 2 databases, it has %q", setting["databases"])
	}
	taken := 0
	Eventually(t, "a Redis database is free", func() bool {
		next, err := register.Incr(ctx, "processtest:next").Result()
		if err != nil {
			t.Fatalf("test Redis: %v", err)
		}
		taken = 1 + int(next%int64(count-1))
		ok, err := register.SetNX(ctx, lockName(taken), "taken", 15*time.Minute).Result()
		if err != nil {
			t.Fatalf("test Redis: %v", err)
		}
		return ok
	})
	return taken
}

func lockName(number int) string { return "processtest:taken:" + strconv.Itoa(number) }

// RedisServer starts a Redis that only this test uses and that it may Kill,
// Start again and flush. A durable one keeps an append-only file, as in
// production, and finds its data again after Kill.
func RedisServer(t testing.TB, durable bool) *embedded.Redis {
	t.Helper()
	// Not T.TempDir, which the user who runs the server may not enter.
	dir, err := os.MkdirTemp("", "arengo-redis-")
	if err == nil {
		err = os.Chmod(dir, 0o711)
	}
	if err != nil {
		t.Fatalf("folder for a Redis: %v", err)
	}
	r, err := embedded.StartRedis(t.Context(), embedded.Options{Dir: dir, Throwaway: !durable})
	if err != nil {
		t.Fatalf("start a Redis: %v", err)
	}
	t.Cleanup(func() {
		if err := errors.Join(r.Close(), os.RemoveAll(dir)); err != nil {
			t.Errorf("stop the test's Redis: %v", err)
		}
	})
	return r
}
