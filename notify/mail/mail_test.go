package mail_test

import (
	"bytes"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arengo/notify/mail"
	"arengo/process/processtest"
)

func message() mail.Message {
	return mail.Message{
		From: "partecipa@example.org", FromName: "Percorso “Siena”, oggi", To: "miriam@example.net", ToName: "Miriam",
		ReplyTo: "ascolto@example.org", ReplyToName: "Marta Bindi",
		Subject: "C’è tempo", MessageID: "abc@example.org", Thread: "thread@example.org",
		Date: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), ListID: "p12.example.org", ListName: "Siena",
		Unsubscribe: "https://example.org/no/x?a=1&b=2", Text: "Buongiorno,\nè qui.\n", HTML: "<p>Buongiorno, è qui.</p>",
	}
}

func written(t testing.TB, m mail.Message) *processtest.Message {
	t.Helper()
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return &processtest.Message{Raw: b.Bytes()}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	m := message()
	m.Calendar = &mail.Calendar{Method: "REQUEST", Data: []byte("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")}
	got := written(t, m)
	for header, want := range map[string]string{
		"Subject": "C’è tempo", "Message-ID": "<abc@example.org>", "Date": "Sun, 22 Nov 2026 10:00:00 +0000",
		"Reply-To": `"Marta Bindi" <ascolto@example.org>`, "To": `"Miriam" <miriam@example.net>`,
		"List-Id": `"Siena" <p12.example.org>`, "List-Unsubscribe": "<https://example.org/no/x?a=1&b=2>",
		"Auto-Submitted": "auto-generated", "In-Reply-To": "<thread@example.org>", "References": "<thread@example.org>",
	} {
		if value := got.Header(header); value != want {
			t.Errorf("%s: %q, want %q", header, value, want)
		}
	}
	from, err := netmail.ParseAddress(headerRaw(t, got, "From"))
	if err != nil || from.Name != m.FromName || from.Address != m.From {
		t.Errorf("From %v, %v", from, err)
	}
	if kinds := strings.Join(got.Kinds(), " "); kinds != "text/plain text/html text/calendar text/calendar" {
		t.Errorf("parts %s", kinds)
	}
	if got.Text() != m.Text || got.HTML() != m.HTML {
		t.Errorf("bodies %q %q", got.Text(), got.HTML())
	}
	if ics, method := got.Calendar(); method != "REQUEST" || !strings.Contains(ics, "METHOD:REQUEST") {
		t.Errorf("calendar with method %q: %q", method, ics)
	}
	if raw := string(got.Raw); !strings.Contains(raw, "multipart/mixed") || !strings.Contains(raw, `filename="invito.ics"`) {
		t.Errorf("no attachment:\n%s", raw)
	}
}

func headerRaw(t testing.TB, m *processtest.Message, name string) string {
	t.Helper()
	parsed, err := netmail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Header.Get(name)
}

// TestNobodyInjectsHeaders sends arbitrary names and subjects and finds exactly
// the headers that were meant.
func TestNobodyInjectsHeaders(t *testing.T) {
	t.Parallel()
	allowed := map[string]bool{}
	for _, h := range []string{
		"Auto-Submitted", "Date", "In-Reply-To", "Message-Id", "Mime-Version", "References", "Subject", "List-Id",
		"List-Unsubscribe", "From", "To", "Reply-To", "Content-Type",
	} {
		allowed[h] = true
	}
	nasty := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"x\r\nBcc: evil@example.org", "x\nBcc: evil@example.org", "x\r\n\r\n<html>", "\"<evil@example.org>", "a, b@c.it <d@e.it>",
		"=?utf-8?q?x=0D=0ABcc:_evil@example.org?=", "x\u2028Bcc: y", "x\x00y", strings.Repeat("è", 500),
	}))
	rapid.Check(t, func(rt *rapid.T) {
		m := message()
		m.FromName, m.ToName, m.ReplyToName = nasty.Draw(rt, "from"), nasty.Draw(rt, "to"), nasty.Draw(rt, "reply")
		m.Subject, m.ListName = nasty.Draw(rt, "subject"), nasty.Draw(rt, "list")
		m.MessageID, m.Thread = nasty.Draw(rt, "id"), nasty.Draw(rt, "thread")
		var b bytes.Buffer
		if _, err := m.WriteTo(&b); err != nil {
			rt.Fatal(err)
		}
		parsed, err := netmail.ReadMessage(&b)
		if err != nil {
			rt.Fatal(err)
		}
		for name, values := range parsed.Header {
			if !allowed[name] || len(values) != 1 {
				rt.Fatalf("header %s: %q", name, values)
			}
		}
		for name, want := range map[string]string{"From": m.From, "To": m.To, "Reply-To": m.ReplyTo} {
			list, err := parsed.Header.AddressList(name)
			if err != nil || len(list) != 1 || list[0].Address != want {
				rt.Fatalf("%s: %v %v", name, list, err)
			}
		}
	})
}

func TestBadAddressesAndLinks(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*mail.Message){
		"two recipients":  func(m *mail.Message) { m.To = "a@example.org, b@example.org" },
		"line break":      func(m *mail.Message) { m.To = "a@example.org\r\nBcc: b@example.org" },
		"name in address": func(m *mail.Message) { m.To = "A <a@example.org>" },
		"no address":      func(m *mail.Message) { m.To = "" },
		"sender":          func(m *mail.Message) { m.From = "nobody" },
		"reply":           func(m *mail.Message) { m.ReplyTo = "x\ny@example.org" },
		"link":            func(m *mail.Message) { m.Unsubscribe = "https://example.org/\r\nBcc: b@example.org" },
		"scheme":          func(m *mail.Message) { m.Unsubscribe = "javascript:alert(1)" },
	} {
		m := message()
		spoil(&m)
		if _, err := m.WriteTo(&bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestParseRelay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]mail.Relay{
		"smtp://u:p%40ss@mail.example.org":    {Host: "mail.example.org", Port: 587, User: "u", Password: "p@ss", TLS: mail.StartTLS},
		"smtp://mail.example.org:25?tls=none": {Host: "mail.example.org", Port: 25, TLS: mail.None},
		"smtps://u@mail.example.org":          {Host: "mail.example.org", Port: 465, User: "u", TLS: mail.Implicit},
		"smtp://127.0.0.1:2525":               {Host: "127.0.0.1", Port: 2525, TLS: mail.None},
		"smtp://localhost:2525/?tls=starttls": {Host: "localhost", Port: 2525, TLS: mail.StartTLS},
		"smtp://[::1]:25":                     {Host: "::1", Port: 25, TLS: mail.None},
		"smtp://127.0.0.1.example.org":        {Host: "127.0.0.1.example.org", Port: 587, TLS: mail.StartTLS},
	} {
		if got, err := mail.ParseRelay(in); err != nil || got != want {
			t.Errorf("%s: %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://h:99999", "smtp://h?tls=maybe",
		"smtps://h?tls=none", "smtp://h?ssl=1", "smtp://h/path", "smtp://u:secret@h:x",
	} {
		if _, err := mail.ParseRelay(in); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v", in, err)
		}
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	type script = map[string]string
	for _, c := range []struct {
		name    string
		scripts []script
		want    mail.Result
		gone    bool
		bodies  int // taken, or nobody knows
	}{
		{"accepted", nil, mail.Result{Outcome: mail.Delivered, Code: 250}, false, 1},
		{"recipient for now", []script{{"RCPT": "451 4.7.1 greylisted"}}, mail.Result{Outcome: mail.Deferred, Code: 451}, false, 0},
		{"recipient for good", []script{{"RCPT": "550 5.1.1 unknown user"}}, mail.Result{Outcome: mail.Bounced, Code: 550}, true, 0},
		{"mailbox full", []script{{"RCPT": "552 5.2.2 full"}}, mail.Result{Outcome: mail.Bounced, Code: 552}, false, 0},
		{"policy", []script{{"RCPT": "550 5.7.1 not from you"}}, mail.Result{Outcome: mail.Bounced, Code: 550}, false, 0},
		{"recipient refused, RSET too", []script{{"RCPT": "550 5.1.1 unknown user", "RSET": "502 no"}}, mail.Result{Outcome: mail.Bounced, Code: 550}, true, 0},
		{"recipient refused, DATA asked for", []script{{"RCPT": "550 5.1.1 unknown user", "NODATA": "354 go"}}, mail.Result{Outcome: mail.Bounced, Code: 550}, true, 0},
		{"recipient refused, closing at DATA", []script{{"RCPT": "450 4.2.0 later", "NODATA": "421 bye"}}, mail.Result{Outcome: mail.Deferred, Code: 450}, false, 0},
		{"recipient refused, dropped at DATA", []script{{"RCPT": "550 5.1.1 unknown user", "NODATA": "drop"}}, mail.Result{Outcome: mail.Bounced, Code: 550}, true, 0},
		{"no reply at all", []script{{"RCPT": "hello"}}, mail.Result{Outcome: mail.Deferred}, false, 0},
		{"closing at RCPT", []script{{"RCPT": "421 4.3.2 closing"}}, mail.Result{Outcome: mail.Deferred, Code: 421}, false, 0},
		{"DATA for now", []script{{"DATA": "452 4.3.1 no space"}}, mail.Result{Outcome: mail.Deferred, Code: 452}, false, 0},
		{"content for good", []script{{"DOT": "554 5.6.0 spam"}}, mail.Result{Outcome: mail.Refused, Code: 554}, false, 0},
		{"content for now", []script{{"DOT": "451 4.3.0 later"}}, mail.Result{Outcome: mail.Deferred, Code: 451}, false, 0},
		{"dropped before DATA", []script{{"DATA": "drop"}}, mail.Result{Outcome: mail.Deferred}, false, 0},
		{"dropped at RCPT", []script{{"RCPT": "drop"}}, mail.Result{Outcome: mail.Deferred}, false, 0},
		{"dropped after the dot", []script{{"DOT": "drop"}}, mail.Result{Outcome: mail.Lost}, false, 1},
		{"RSET refused after 250", []script{{"RSET": "421 bye"}}, mail.Result{Outcome: mail.Delivered, Code: 250}, false, 1},
		{"greeted with 421", []script{{"GREET": "421 busy"}}, mail.Result{Outcome: mail.Unavailable, Code: 421}, false, 0},
		{"hung up at once", []script{{"GREET": "drop"}}, mail.Result{Outcome: mail.Unavailable}, false, 0},
		{"sender refused", []script{{"MAIL": "550 5.7.1 who are you"}}, mail.Result{Outcome: mail.Unavailable, Code: 550}, false, 0},
		{"sender for now", []script{{"MAIL": "451 4.3.0 later"}}, mail.Result{Outcome: mail.Deferred, Code: 451}, false, 0},
		{"too big", []script{{"MAIL": "552 5.3.4 too big"}}, mail.Result{Outcome: mail.Refused, Code: 552}, false, 0},
	} {
		for _, pipelining := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, pipelining %v", c.name, pipelining), func(t *testing.T) {
				t.Parallel()
				s, relay := start(t, c.scripts...)
				s.offerPipelining(pipelining)
				conn := mail.NewPool(relay).Get()
				defer conn.Close()
				got := conn.Send(t.Context(), message())
				if got.Outcome != c.want.Outcome || got.Code != c.want.Code || got.AddressGone != c.gone {
					t.Errorf("%+v, want %+v, gone %v", got, c.want, c.gone)
				}
				if got.Outcome == mail.Unavailable && got.Err == nil {
					t.Error("no error says why")
				}
				if strings.Contains(got.Reply, "miriam@") || strings.Contains(got.Reply, "abc@") {
					t.Errorf("reply %q", got.Reply)
				}
				// Whatever happened, the next message goes out whole and once.
				s.script(nil)
				if got := conn.Send(t.Context(), message()); got.Outcome != mail.Delivered {
					t.Errorf("the next message: %+v", got)
				}
				if _, bodies := s.count(); bodies != c.bodies+1 {
					t.Errorf("%d messages arrived, want %d and another", bodies, c.bodies)
				}
			})
		}
	}
}

func TestConnectionIsReused(t *testing.T) {
	t.Parallel()
	s, relay := start(t)
	pool := mail.NewPool(relay)
	for range 3 {
		conn := pool.Get()
		for range 100 {
			if r := conn.Send(t.Context(), message()); r.Outcome != mail.Delivered {
				t.Fatalf("%+v", r)
			}
		}
		pool.Put(conn)
	}
	pool.Close()
	if sessions, bodies := s.count(); sessions != 2 || bodies != 300 {
		t.Errorf("%d messages over %d connections, want 300 over 2", bodies, sessions)
	}
}

func TestDeadConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	s, relay := start(t, map[string]string{"DOT": "250 ok"}, nil)
	conn := mail.NewPool(relay).Get()
	defer conn.Close()
	if r := conn.Send(t.Context(), message()); r.Outcome != mail.Delivered {
		t.Fatalf("%+v", r)
	}
	s.mu.Lock()
	s.scripts[0]["MAIL"] = "drop" // as after an idle timeout
	s.mu.Unlock()
	if r := conn.Send(t.Context(), message()); r.Outcome != mail.Delivered {
		t.Fatalf("%+v", r)
	}
	if sessions, bodies := s.count(); sessions != 2 || bodies != 2 {
		t.Errorf("%d messages over %d connections", bodies, sessions)
	}
}

func TestProbe(t *testing.T) {
	t.Parallel()
	relay := func(t *testing.T, address string) mail.Relay {
		t.Helper()
		r, err := mail.ParseRelay(address)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	step := func(t *testing.T, err error, want string) {
		t.Helper()
		var e *mail.Error
		if !errors.As(err, &e) || e.Step != want || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("error %v, want step %s", err, want)
		}
	}
	t.Run("OK", func(t *testing.T) {
		if err := relay(t, processtest.SMTP(t).URL()).Probe(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("signed in", func(t *testing.T) {
		s := processtest.SMTP(t)
		s.RequireAuth("arengo", "s3cret")
		if err := relay(t, "smtp://arengo:s3cret@"+s.Addr()).Probe(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("login refused", func(t *testing.T) {
		s := processtest.SMTP(t)
		s.RefuseAuth()
		step(t, relay(t, "smtp://arengo:s3cret@"+s.Addr()).Probe(t.Context()), "login")
	})
	t.Run("no encryption", func(t *testing.T) {
		step(t, relay(t, processtest.SMTP(t).URL()+"?tls=starttls").Probe(t.Context()), "encrypt")
	})
	t.Run("nobody there", func(t *testing.T) {
		s, r := start(t)
		s.listener.Close()
		step(t, r.Probe(t.Context()), "connect")
	})
	t.Run("TLS spoken to a plain server", func(t *testing.T) {
		step(t, relay(t, "smtps://"+processtest.SMTP(t).Addr()).Probe(t.Context()), "encrypt")
	})
}
