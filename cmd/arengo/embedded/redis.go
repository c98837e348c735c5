package embedded

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// Redis is a private server on 127.0.0.1, with a password. A durable one keeps
// an append-only file and refuses to evict.
type Redis struct {
	place    *place
	child    *child
	name     string
	port     int
	password string
}

// StartRedis starts a Redis alone, for a test that kills or flushes its own.
func StartRedis(ctx context.Context, o Options) (*Redis, error) {
	p, err := openPlace(o)
	if err != nil {
		return nil, err
	}
	r, err := startRedis(ctx, p, "redis")
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return r, nil
}

func startRedis(ctx context.Context, p *place, name string) (*Redis, error) {
	r := &Redis{place: p, name: name}
	data, err := p.sub(name)
	if err != nil {
		return nil, err
	}
	if err := quiet(filepath.Join(data, "redis.pid"), data, []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL}, 10*time.Second); err != nil {
		return nil, err
	}
	if r.password, err = p.secret(name + "-password"); err != nil {
		return nil, err
	}
	if r.port, err = p.port(name); err != nil {
		return nil, err
	}
	return r, r.Start(ctx)
}

// Start starts the server again, on the same port and data, after Stop or
// Kill.
func (r *Redis) Start(ctx context.Context) error {
	bin, err := redisBin()
	if err != nil {
		return err
	}
	data := filepath.Join(r.place.dir, r.name)
	conf := filepath.Join(data, "redis.conf")
	if err := r.place.user.write(conf, r.config(data)); err != nil {
		return err
	}
	if r.child, err = r.place.spawn(r.name, []string{bin, conf}, syscall.SIGTERM); err != nil {
		return err
	}
	options, err := redis.ParseURL(r.URL())
	if err != nil {
		return err
	}
	options.MaxRetries = -1
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }() // it was only asked whether it lives
	if err := r.child.wait(func() error { return client.Ping(ctx).Err() }, startPatience); err != nil {
		return errors.Join(err, r.Stop())
	}
	return nil
}

// URL is the server's address, database 0.
func (r *Redis) URL() string {
	return "redis://:" + r.password + "@127.0.0.1:" + strconv.Itoa(r.port) + "/0"
}

// Stop stops the server, which writes what it has.
func (r *Redis) Stop() error { return r.child.stop(syscall.SIGTERM, 20*time.Second) }

// Close stops a server that StartRedis started and gives its folder free.
func (r *Redis) Close() error { return errors.Join(r.Stop(), r.place.close()) }

// Kill ends the server at once, as a crash would.
func (r *Redis) Kill() error { return r.child.stop(syscall.SIGKILL, 20*time.Second) }

func (r *Redis) config(data string) string {
	lines := []string{
		"bind 127.0.0.1",
		"protected-mode yes",
		"port " + strconv.Itoa(r.port),
		"requirepass " + r.password,
		"dir " + strconv.Quote(data),
		"pidfile " + strconv.Quote(filepath.Join(data, "redis.pid")),
		"daemonize no",
		"maxmemory-policy noeviction",
		`save ""`,
	}
	if r.place.Throwaway {
		// A database a test: they are never taken twice.
		lines = append(lines, "appendonly no", "databases 8192")
	} else {
		lines = append(lines, "appendonly yes", "appendfsync everysec")
	}
	return strings.Join(lines, "\n") + "\n"
}

func redisBin() (string, error) {
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", trouble(nil,
		"Redis non è installato: esegui `make deps`, installa il pacchetto redis-server, o imposta ARENGO_REDIS_URL su un tuo server",
		"Redis is not installed: run `make deps`, install the package redis-server, or set ARENGO_REDIS_URL to a server of yours")
}
