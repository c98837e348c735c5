package queue

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// errAddress never repeats the address: it may hold a password.
var errAddress = errors.New("queue: not a Redis address such as redis://:password@host:6379/0")

// settings are what an address may say after "?" beside the database: all that
// the queue hands on.
var settings = []string{"db", "dial_timeout", "read_timeout", "write_timeout", "pool_size"}

// Check refuses an address that the queue could not use: it takes redis, rediss,
// unix, redis-socket and redis-sentinel. It does not connect.
func Check(address string) error {
	_, err := parse(address)
	return err
}

// Probe makes a client for one look at an address that Check takes. It does not
// try again, so that the cause is told and not the end of patience.
func Probe(address string) (redis.UniversalClient, error) {
	options, err := parse(address)
	if err != nil {
		return nil, err
	}
	switch o := options.(type) {
	case asynq.RedisClientOpt:
		return redis.NewClient(&redis.Options{
			Network: o.Network, Addr: o.Addr, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig,
			DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, MaxRetries: -1, DialerRetries: 1,
		}), nil
	case asynq.RedisFailoverClientOpt:
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: o.MasterName, SentinelAddrs: o.SentinelAddrs, SentinelPassword: o.SentinelPassword, MaxRetries: -1, DialerRetries: 1,
		}), nil
	}
	return nil, errAddress
}

// parse is the one reader of Redis addresses.
func parse(address string) (asynq.RedisConnOpt, error) {
	quiet()
	u, err := url.Parse(address)
	if err != nil {
		return nil, errAddress
	}
	switch u.Scheme {
	case "redis-socket":
		options, err := asynq.ParseRedisURI(address)
		if err != nil {
			return nil, errAddress
		}
		return options, nil
	case "redis-sentinel":
		return sentinels(address, u)
	}
	for name := range u.Query() {
		if !slices.Contains(settings, name) {
			return nil, errAddress
		}
	}
	// Unlike asynq's own reader this one knows users, sockets and the usual port.
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, errAddress
	}
	return asynq.RedisClientOpt{
		Network: o.Network, Addr: o.Addr, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig,
		DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout, PoolSize: o.PoolSize,
	}, nil
}

// sentinels reads redis-sentinel://:password@host:26379,host:26379?master=name;
// the password is that of the sentinels.
func sentinels(address string, u *url.URL) (asynq.RedisConnOpt, error) {
	options, err := asynq.ParseRedisURI(address)
	if err != nil || u.Query().Get("master") == "" || strings.Trim(u.Path, "/") != "" {
		return nil, errAddress
	}
	for host := range strings.SplitSeq(u.Host, ",") {
		if name, port, err := net.SplitHostPort(host); err != nil || name == "" || port == "" {
			return nil, errAddress
		}
	}
	return options, nil
}
