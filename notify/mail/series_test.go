package mail_test

import (
	"bufio"
	"bytes"
	"io"
	"mime/quotedprintable"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"arengo/notify/mail"
)

// TestQuotedPrintable holds our encoder against the standard library's, byte by
// byte.
func TestQuotedPrintable(t *testing.T) {
	t.Parallel()
	part := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("ab =\t.è")), 60, 90, -1),
		rapid.SampledFrom([]string{"\n", " \n", "\t\n", "\n\n", "=", strings.Repeat("x", 74) + " ", strings.Repeat("x", 75) + " ", strings.Repeat("x", 76), "\r\n"}))
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(part, 0, 8).Draw(rt, "parts"), "")
		// The standard library forgets a return that stands before something encoded.
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "")
		var want bytes.Buffer
		w := quotedprintable.NewWriter(&want)
		if _, err := io.WriteString(w, text); err != nil {
			rt.Fatal(err)
		}
		if err := w.Close(); err != nil {
			rt.Fatal(err)
		}
		if got := mail.Quoted(nil, text); !bytes.Equal(got, want.Bytes()) {
			rt.Fatalf("%q became\n%q, want\n%q", text, got, want.Bytes())
		}
		if back, err := io.ReadAll(quotedprintable.NewReader(&want)); err != nil || string(back) != strings.ReplaceAll(text, "\n", "\r\n") {
			rt.Fatalf("%q is read as %q: %v", text, back, err)
		}
	})
}

// TestStuffedDots reads back what goes over the wire with the standard library's
// reader.
func TestStuffedDots(t *testing.T) {
	t.Parallel()
	part := rapid.SampledFrom([]string{".", "..", "\r\n", "\n", ".\r\n", "a", "a.b", "\r\n.\r\n", " ."})
	rapid.Check(t, func(rt *rapid.T) {
		message := strings.Join(rapid.SliceOf(part).Draw(rt, "parts"), "")
		wire := mail.Stuff(nil, []byte(message))
		in := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(wire, "NEXT\r\n"...))))
		got, err := in.ReadDotBytes()
		if err != nil {
			rt.Fatal(err)
		}
		want := strings.ReplaceAll(message, "\r\n", "\n")
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if string(got) != want {
			rt.Fatalf("%q arrives as %q", message, got)
		}
		if next, err := in.ReadLine(); err != nil || next != "NEXT" {
			rt.Fatalf("%q swallows what follows: %q, %v", message, next, err)
		}
	})
}

// TestSeriesWritesWhatGoMailWrites fills personal places and finds each message as
// the library writes it.
func TestSeriesWritesWhatGoMailWrites(t *testing.T) {
	t.Parallel()
	words := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"Miriam", "Anna Maria Luisa de’ Medici", "x\r\nBcc: evil@example.org", `"<evil@example.org>"`, strings.Repeat("lungo ", 40),
		strings.Repeat("è", 300), strings.Repeat("x", 90), "", `a\b`, "a,b",
	}))
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"Ciao,\n\nè qui.\n", ".\n..\n", strings.Repeat("parola ", 100)}))
	rapid.Check(t, func(rt *rapid.T) {
		var s mail.Series
		filled := false
		m := message()
		m.Unsubscribe = rapid.SampledFrom([]string{"", m.Unsubscribe}).Draw(rt, "unsubscribe")
		for range 4 {
			m.To = rapid.SampledFrom([]string{"a@example.net", "persona.00001@bench.example.org", "o'neil+x=y@example.net"}).Draw(rt, "to")
			m.ToName, m.Subject, m.MessageID = words.Draw(rt, "name"), words.Draw(rt, "subject"), words.Draw(rt, "id")
			m.Text = strings.ReplaceAll(text.Draw(rt, "text"), "\r", "")
			m.HTML = strings.ReplaceAll(text.Draw(rt, "html"), "\r", "")
			if m.Unsubscribe != "" {
				m.Unsubscribe = "https://example.org/no/" + rapid.StringMatching(`[A-Za-z0-9_-]{0,90}`).Draw(rt, "link")
			}
			got, how, err := s.Write(m)
			if err != nil {
				rt.Fatal(err)
			}
			filled = how
			if want := written(t, m); canonical(t, got) != canonical(t, want.Raw) {
				rt.Fatalf("filled in %v:\n%s\nwant\n%s", how, got, want.Raw)
			}
		}
		if !filled {
			rt.Fatal("no message was filled in")
		}
	})
}

// TestSeriesEnds writes messages that differ in what is common, one after the other.
func TestSeriesEnds(t *testing.T) {
	t.Parallel()
	var s mail.Series
	a, b := message(), message()
	b.FromName, b.Thread = "Altro", "other@example.org"
	c := a
	c.Calendar = &mail.Calendar{Method: "REQUEST", Data: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")}
	for i, step := range []struct {
		m      mail.Message
		filled bool
	}{{a, false}, {a, true}, {b, false}, {a, false}, {a, true}, {c, false}, {c, false}, {a, false}, {a, true}} {
		got, filled, err := s.Write(step.m)
		if err != nil || filled != step.filled {
			t.Fatalf("message %d: filled in %v, want %v: %v", i, filled, step.filled, err)
		}
		if want := written(t, step.m); canonical(t, got) != canonical(t, want.Raw) {
			t.Errorf("message %d:\n%s\nwant\n%s", i, got, want.Raw)
		}
	}
}

var boundary = regexp.MustCompile(`[0-9a-f]{60}`)

// canonical is a message with its header in order, as go-mail writes some fields in
// any, and without what is random in it.
func canonical(t testing.TB, raw []byte) string {
	t.Helper()
	header, body, ok := strings.Cut(string(raw), "\r\n\r\n")
	if !ok {
		t.Fatalf("no body in %q", raw)
	}
	list := regexp.MustCompile(`\r\n\b`).Split(header, -1)
	if len(list) < 10 {
		t.Fatalf("%d fields in %q", len(list), header)
	}
	slices.Sort(list)
	return boundary.ReplaceAllString(strings.Join(list, "\n")+"\n\n"+body, "BOUNDARY")
}

// BenchmarkSeries writes messages of one series.
func BenchmarkSeries(b *testing.B) {
	m := message()
	m.Text, m.HTML = strings.Repeat("Buongiorno, è qui che si scrive.\n", 40), strings.Repeat("<p style=\"margin:0\">Buongiorno, è qui.</p>\n", 140)
	for _, way := range []string{"filled", "whole"} {
		b.Run(way, func(b *testing.B) {
			var s mail.Series
			b.ReportAllocs()
			for b.Loop() {
				if way == "whole" {
					s = mail.Series{}
				}
				if _, _, err := s.Write(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
