package processtest_test

import (
	"bytes"
	"context"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"arengo/migrations"
	"arengo/process/pg"
	"arengo/process/processtest"
)

func TestDatabaseIsMigratedAndPrivate(t *testing.T) {
	t.Parallel()
	first, second := processtest.Database(t), processtest.Database(t)
	list, err := migrations.Status(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("no migrations")
	}
	for _, one := range list {
		if !one.Applied {
			t.Errorf("%s is not applied", one.Version)
		}
	}
	if _, err := first.ExecContext(t.Context(), "CREATE TABLE mine (id int)"); err != nil {
		t.Fatal(err)
	}
	var found bool
	if err := second.NewRaw("SELECT to_regclass('mine') IS NOT NULL").Scan(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	if found {
		t.Error("a table of one test's database is in another's")
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		db := processtest.Database(t)
		if err := db.NewRaw("SELECT current_database()").Scan(t.Context(), &name); err != nil {
			t.Fatal(err)
		}
	})
	var found bool
	other := processtest.EmptyDatabase(t)
	if err := other.NewRaw("SELECT EXISTS (SELECT FROM pg_database WHERE datname = ?)", name).Scan(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	if name == "" || found {
		t.Errorf("database %q is still there", name)
	}
}

func TestSampleIsFilledOnceAndCopied(t *testing.T) {
	t.Parallel()
	filled := 0
	sample := processtest.Sample{Fill: func(t testing.TB, address string) {
		filled++
		db, err := pg.Open(address, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE sampled AS SELECT 7 AS n"); err != nil {
			t.Fatal(err)
		}
	}}
	for range 2 {
		db, err := pg.Open(sample.URL(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		var n int
		if err := db.NewRaw("UPDATE sampled SET n = n + 1 RETURNING n").Scan(t.Context(), &n); err != nil || n != 8 {
			t.Errorf("a copy holds %d, want 8: %v", n, err)
		}
	}
	if filled != 1 {
		t.Errorf("filled %d times, want once", filled)
	}
	if err := sample.Drop(); err != nil {
		t.Error(err)
	}
}

func TestRedisIsPrivate(t *testing.T) {
	t.Parallel()
	first, second := client(t, processtest.Redis(t)), client(t, processtest.Redis(t))
	if err := first.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if n := second.DBSize(t.Context()).Val(); n != 0 {
		t.Errorf("a second database has %d keys, want 0", n)
	}
	if err := second.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if n := first.DBSize(t.Context()).Val(); n != 1 {
		t.Errorf("the first database has %d keys after the second was flushed, want 1", n)
	}
}

func TestRedisServerSurvivesKill(t *testing.T) {
	t.Parallel()
	server := processtest.RedisServer(t, true)
	c := client(t, server.URL())
	if err := c.Set(t.Context(), "key", "value", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.Get(t.Context(), "key").Val(); got != "value" {
		t.Errorf("after a kill the key is %q, want value", got)
	}
}

func client(t *testing.T, address string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

const letter = "From: a@example.org\r\nSubject: =?utf-8?q?Perch=C3=A9?=\r\nMessage-ID: <1@example.org>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n" +
	"--X\r\nContent-Type: multipart/alternative; boundary=Y\r\n\r\n" +
	"--Y\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncitt=C3=A0 https://example.org/q/abc.\r\n" +
	"--Y\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+Y2l0dMOgPC9wPg==\r\n" +
	"--Y\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n--Y--\r\n--X--\r\n"

func TestSinkReadsMail(t *testing.T) {
	t.Parallel()
	sink := processtest.SMTP(t)
	if err := smtp.SendMail(sink.Addr(), nil, "a@example.org", []string{"B@example.org"}, []byte(letter)); err != nil {
		t.Fatal(err)
	}
	m := sink.Wait(t, 1)[0]
	if got := m.Subject(); got != "Perché" {
		t.Errorf("subject %q", got)
	}
	if got := m.Text(); !strings.HasPrefix(got, "città ") {
		t.Errorf("text %q", got)
	}
	if got := m.Link("/q/"); got != "https://example.org/q/abc" {
		t.Errorf("link %q", got)
	}
	if got := m.HTML(); got != "<p>città</p>" {
		t.Errorf("html %q", got)
	}
	if ics, method := m.Calendar(); method != "REQUEST" || !strings.HasPrefix(ics, "BEGIN:VCALENDAR\n") {
		t.Errorf("calendar %q, method %q", ics, method)
	}
	if n := sink.CountByID()["<1@example.org>"]; n != 1 || len(sink.To("b@example.org")) != 1 {
		t.Errorf("counted %d times, to b %d", n, len(sink.To("b@example.org")))
	}
}

func TestSinkMisbehaves(t *testing.T) {
	t.Parallel()
	send := func(s *processtest.Sink, a smtp.Auth, to string) error {
		return smtp.SendMail(s.Addr(), a, "a@example.org", []string{to}, []byte(letter))
	}
	t.Run("Answer", func(t *testing.T) {
		t.Parallel()
		sink := processtest.SMTP(t)
		sink.Answer("b@example.org", 451)
		if err := send(sink, nil, "B@example.org"); err == nil || !strings.HasPrefix(err.Error(), "451") {
			t.Errorf("got %v, want 451", err)
		}
		if err := send(sink, nil, "c@example.org"); err != nil {
			t.Error(err)
		}
	})
	t.Run("DropAfterData", func(t *testing.T) {
		t.Parallel()
		sink := processtest.SMTP(t)
		sink.DropAfterData(1)
		if err := send(sink, nil, "b@example.org"); err == nil {
			t.Error("a dropped message was acknowledged")
		}
		if err := send(sink, nil, "b@example.org"); err != nil {
			t.Error(err)
		}
		if n := sink.CountByID()["<1@example.org>"]; n != 2 {
			t.Errorf("counted %d, want 2", n)
		}
	})
	t.Run("RefuseAuth", func(t *testing.T) {
		t.Parallel()
		sink := processtest.SMTP(t)
		auth := smtp.PlainAuth("", "u", "p", "127.0.0.1")
		sink.RequireAuth("u", "p")
		if err := send(sink, auth, "b@example.org"); err != nil {
			t.Error(err)
		}
		sink.RefuseAuth()
		if err := send(sink, auth, "b@example.org"); err == nil || !strings.HasPrefix(err.Error(), "535") {
			t.Errorf("got %v, want 535", err)
		}
		if err := send(sink, nil, "b@example.org"); err == nil || !strings.HasPrefix(err.Error(), "530") {
			t.Errorf("got %v, want 530", err)
		}
	})
	t.Run("Delay", func(t *testing.T) {
		t.Parallel()
		sink := processtest.SMTP(t)
		sink.Delay(50 * time.Millisecond)
		begin := time.Now()
		if err := send(sink, nil, "b@example.org"); err != nil {
			t.Error(err)
		}
		if d := time.Since(begin); d < 50*time.Millisecond {
			t.Errorf("acknowledged after %s", d)
		}
	})
}

func TestClock(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 28, 0, 30, 0, 0, time.UTC)
	c := processtest.NewClock(start)
	c.Advance(time.Hour)
	if got, err := c.Now(context.Background(), nil); err != nil || !got.Equal(start.Add(time.Hour)) {
		t.Errorf("after an hour %s, %v", got, err)
	}
	c.Set(start)
	if got := c.Time(); !got.Equal(start) {
		t.Errorf("set back to %s", got)
	}
}

func TestEventuallyWaits(t *testing.T) {
	t.Parallel()
	var calls bytes.Buffer
	processtest.Eventually(t, "three calls", func() bool {
		calls.WriteByte('.')
		return calls.Len() == 3
	})
}
