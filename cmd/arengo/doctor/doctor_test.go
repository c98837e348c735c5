package doctor_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"arengo/cmd/arengo/doctor"
	"arengo/migrations"
	"arengo/process/pg"
	"arengo/process/processtest"
)

func english(_, en string) string { return en }

// healthy are options with which nothing fails.
func healthy(t *testing.T) doctor.Options {
	t.Helper()
	return doctor.Options{
		DatabaseURL: processtest.DatabaseURL(t), RedisURL: processtest.RedisServer(t, true).URL(), SMTPURL: processtest.SMTP(t).URL(),
		DataDir: t.TempDir(), Now: time.Now, Say: english,
		Bounce: doctor.Bounce{
			Address: "bounce@example.org", Listen: strings.Replace(processtest.SMTP(t).URL(), "smtp", "lmtp", 1), MailFrom: "partecipa@example.org",
			LookupMX: func(context.Context, string) ([]*net.MX, error) { return nil, nil },
		},
	}
}

func find(t *testing.T, lines []doctor.Line, check string) doctor.Line {
	t.Helper()
	for _, l := range lines {
		if l.Check == check {
			return l
		}
	}
	t.Fatalf("no line %s in %v", check, lines)
	return doctor.Line{}
}

func TestHealthy(t *testing.T) {
	t.Parallel()
	lines := doctor.Examine(t.Context(), healthy(t))
	want := []string{"database", "schema", "log", "clock", "redis", "smtp", "bounces", "disk"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d: %v", len(lines), len(want), lines)
	}
	for i, l := range lines {
		if l.Check != want[i] || (l.Level != doctor.OK && l.Check != "disk") {
			t.Errorf("line %d: %+v, want %s ok", i, l, want[i])
		}
	}
}

func TestFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	const nowhere = "127.0.0.1:1"
	cases := []struct {
		name, check string
		level       doctor.Level
		text        string
		spoil       func(t *testing.T, o *doctor.Options)
	}{
		{"NoDatabase", "database", doctor.Fail, "ARENGO_DATABASE_URL", func(_ *testing.T, o *doctor.Options) {
			o.DatabaseURL = "postgres://u:secret-word@" + nowhere + "/x"
		}},
		{"OldSchema", "schema", doctor.Fail, "arengo migrate", func(t *testing.T, o *doctor.Options) {
			db, err := pg.Open(o.DatabaseURL, 2)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := migrations.Down(t.Context(), db, 1); err != nil {
				t.Fatal(err)
			}
		}},
		{"ClockWrong", "clock", doctor.Fail, "NTP", func(_ *testing.T, o *doctor.Options) {
			o.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		}},
		{"ClockOff", "clock", doctor.Warn, "NTP", func(_ *testing.T, o *doctor.Options) {
			o.Now = func() time.Time { return time.Now().Add(10 * time.Second) }
		}},
		{"NoRedis", "redis", doctor.Fail, "ARENGO_REDIS_URL", func(_ *testing.T, o *doctor.Options) {
			o.RedisURL = "redis://:secret-word@" + nowhere + "/0"
		}},
		{"RedisEvicts", "redis", doctor.Fail, "noeviction", func(t *testing.T, o *doctor.Options) {
			setRedis(t, o.RedisURL, "maxmemory-policy", "allkeys-lru")
		}},
		{"RedisForgets", "redis", doctor.Warn, "appendonly", func(t *testing.T, o *doctor.Options) {
			setRedis(t, o.RedisURL, "appendonly", "no")
		}},
		{"NoSMTP", "smtp", doctor.Fail, "ARENGO_SMTP_URL", func(_ *testing.T, o *doctor.Options) {
			o.SMTPURL = "smtp://" + nowhere
		}},
		{"NoSTARTTLS", "smtp", doctor.Fail, "tls=none", func(_ *testing.T, o *doctor.Options) {
			o.SMTPURL += "?tls=starttls"
		}},
		{"LoginRefused", "smtp", doctor.Fail, "password", func(t *testing.T, o *doctor.Options) {
			sink := processtest.SMTP(t)
			sink.RefuseAuth()
			o.SMTPURL = "smtp://u:secret-word@" + sink.Addr()
		}},
		{"NobodyReadsReports", "bounces", doctor.Warn, "ARENGO_BOUNCE_ADDRESS", func(_ *testing.T, o *doctor.Options) { o.Bounce = doctor.Bounce{} }},
		{"NobodyListens", "bounces", doctor.Warn, "ARENGO_BOUNCE_LISTEN", func(_ *testing.T, o *doctor.Options) {
			o.Bounce.Listen = "lmtp://" + nowhere
		}},
		{"NoSocket", "bounces", doctor.Warn, "the socket does not exist", func(t *testing.T, o *doctor.Options) {
			o.Bounce.Listen = "lmtp://" + t.TempDir() + "/none.sock"
		}},
		{"NoMailbox", "bounces", doctor.Fail, "ARENGO_BOUNCE_IMAP", func(_ *testing.T, o *doctor.Options) {
			o.Bounce.IMAP = "imap://u:secret-word@" + nowhere + "/INBOX"
		}},
		{"NoMX", "bounces", doctor.Warn, "MX", func(_ *testing.T, o *doctor.Options) {
			o.Bounce.LookupMX = func(_ context.Context, name string) ([]*net.MX, error) {
				return nil, &net.DNSError{Name: name, IsNotFound: true}
			}
		}},
		{"AnotherDomain", "bounces", doctor.Warn, "DMARC", func(_ *testing.T, o *doctor.Options) { o.Bounce.MailFrom = "partecipa@example.com" }},
		{"NoFolder", "disk", doctor.Warn, "ARENGO_DATA_DIR", func(t *testing.T, o *doctor.Options) {
			o.DataDir = t.TempDir() + "/none"
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := healthy(t)
			c.spoil(t, &o)
			lines := doctor.Examine(t.Context(), o)
			got := find(t, lines, c.check)
			if got.Level != c.level || !strings.Contains(got.Text, c.text) {
				t.Errorf("got %+v, want %s with %q", got, c.level, c.text)
			}
			for _, l := range lines {
				if strings.Contains(l.Text, "secret-word") {
					t.Errorf("shows a password: %+v", l)
				}
			}
		})
	}
}

func setRedis(t *testing.T, address, name, value string) {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	defer c.Close()
	if err := c.ConfigSet(t.Context(), name, value).Err(); err != nil {
		t.Fatal(err)
	}
}
