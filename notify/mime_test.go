package notify_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"arengo/notify"
)

// remote is what a mail program would fetch from elsewhere.
var remote = regexp.MustCompile(`(?i)<(img|link|script|iframe|object|video|audio)\b|\bsrc\s*=|url\(|@import|srcset`)

// TestEveryKindInEveryLanguageIsParsedBack sends each kind to a reader of each language
// and reads what arrived with the parsers of the standard library.
func TestEveryKindInEveryLanguageIsParsedBack(t *testing.T) {
	t.Parallel()
	locales := notify.Locales()
	b := setup(t, len(locales))
	for i, locale := range locales {
		b.exec(`UPDATE crowd SET locale = ? WHERE person_id = ?`, locale, i+1)
	}
	for _, k := range notify.Kinds() {
		n := reminder(k.Name)
		n.Kind = k.Name
		b.add(n)
	}
	b.expand()
	want := len(notify.Kinds()) * len(locales)
	if tally := b.drain(); tally.Sent != want || want < 160 {
		t.Fatalf("%+v, want %d", tally, want)
	}
	read := map[string]int{}
	for _, m := range b.sink.Messages() {
		parsed, err := mail.ReadMessage(strings.NewReader(string(m.Raw)))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject"))
		if err != nil || subject == "" || strings.ContainsAny(subject, "\r\n") || utf8.RuneCountInString(subject) > 120 {
			t.Errorf("subject %q, %v", subject, err)
		}
		for _, line := range strings.Split(string(m.Raw), "\r\n") {
			if len(line) > 998 {
				t.Errorf("%q has a line of %d bytes", subject, len(line))
			}
		}
		parts := leaves(t, parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body)
		checkParts(t, subject, parts)
		lang := regexp.MustCompile(`<html lang="([a-z]+)"`).FindStringSubmatch(parts["text/html"])
		if lang == nil {
			t.Fatalf("%q names no language", subject)
		}
		read[lang[1]]++
	}
	for _, locale := range locales {
		if read[locale] != len(notify.Kinds()) {
			t.Errorf("%d messages in %s: %v", read[locale], locale, read)
		}
	}
}

func checkParts(t *testing.T, subject string, parts map[string]string) {
	t.Helper()
	text, html := parts["text/plain"], parts["text/html"]
	link := regexp.MustCompile(`https://example\.org/q/\d+`).FindString(text)
	switch {
	case text == "" || html == "" || len(html) > 100_000:
		t.Errorf("%q: %d bytes of text, %d of HTML", subject, len(text), len(html))
	case link == "" || !strings.Contains(html, `href="`+link+`"`):
		t.Errorf("%q: the link %q is not in both parts", subject, link)
	case remote.MatchString(html):
		t.Errorf("%q fetches %q", subject, remote.FindString(html))
	case strings.Contains(html, `href="http:`):
		t.Errorf("%q leads to an open address", subject)
	}
}

// leaves decodes the parts of a message that are no multipart, by their type; each that
// is text says that it is UTF-8, and is.
func leaves(t *testing.T, contentType, encoding string, body io.Reader) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%q: %v", contentType, err)
	}
	out := map[string]string{}
	if !strings.HasPrefix(kind, "multipart/") {
		switch strings.ToLower(encoding) {
		case "quoted-printable":
			body = quotedprintable.NewReader(body)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		raw, err := io.ReadAll(body)
		if err != nil || strings.HasPrefix(kind, "text/") && (!strings.EqualFold(params["charset"], "utf-8") || !utf8.Valid(raw)) {
			t.Errorf("%s in %q: %v", contentType, encoding, err)
		}
		out[kind] = string(raw)
		return out
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		for kind, text := range leaves(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part) {
			out[kind] = text
		}
	}
}
