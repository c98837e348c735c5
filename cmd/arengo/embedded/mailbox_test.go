package embedded_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/cmd/arengo/embedded"
)

func mailbox(t *testing.T) (*embedded.Mailbox, string) {
	t.Helper()
	dir := t.TempDir()
	m, err := embedded.StartMailbox(dir, "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Stop(); err != nil {
			t.Error(err)
		}
	})
	return m, dir
}

func send(t *testing.T, m *embedded.Mailbox, to, body string) {
	t.Helper()
	u, err := url.Parse(m.URL())
	if err != nil {
		t.Fatal(err)
	}
	if err := smtp.SendMail(u.Host, nil, "a@example.org", []string{to}, []byte(body)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, m *embedded.Mailbox, path string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler("/posta").ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Result()
}

func document(t *testing.T, r *http.Response) *goquery.Document {
	t.Helper()
	if r.StatusCode != http.StatusOK {
		t.Fatalf("status %d", r.StatusCode)
	}
	d, err := goquery.NewDocumentFromReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const nasty = "Subject: <script>alert(1)</script>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=X\r\n\r\n" +
	"--X\r\nContent-Type: text/plain\r\n\r\nApri https://example.org/q/abc. <b>no</b> javascript:alert(1)\r\n" +
	"--X\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script><p>Ciao</p>\r\n--X--\r\n"

func TestMailboxShowsMail(t *testing.T) {
	t.Parallel()
	m, _ := mailbox(t)
	send(t, m, "first@example.org", "Subject: uno\r\n\r\n.\r\n")
	send(t, m, "second@example.org", nasty)
	rows := document(t, get(t, m, "/posta/")).Find("tbody tr")
	if rows.Length() != 2 {
		t.Fatalf("%d rows, want 2", rows.Length())
	}
	newest := rows.First().Find("a")
	if newest.Text() != "<script>alert(1)</script>" {
		t.Errorf("newest is %q", newest.Text())
	}
	path := newest.AttrOr("href", "")
	one := document(t, get(t, m, path))
	if got := one.Find(".text a").AttrOr("href", ""); got != "https://example.org/q/abc" || one.Find(".text a").Length() != 1 {
		t.Errorf("links to %q", got)
	}
	if one.Find("script, .text b").Length() > 0 {
		t.Error("a message's own markup reached the page")
	}
	if one.Find("iframe[sandbox]").AttrOr("src", "") != path+"/html" {
		t.Error("no sandboxed frame")
	}
	inner := get(t, m, path+"/html")
	if p := inner.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "sandbox ") || strings.Contains(p, "allow-scripts") || !strings.Contains(p, "default-src 'none'") {
		t.Errorf("the message's own page has policy %q", p)
	}
	if got := document(t, inner).Find("p").Text(); got != "Ciao" {
		t.Errorf("html %q", got)
	}
	if filtered := document(t, get(t, m, "/posta/?to=FIRST")); filtered.Find("tbody tr").Length() != 1 {
		t.Error("the filter by recipient does not hold")
	}
}

func TestMailboxSurvivesRestart(t *testing.T) {
	t.Parallel()
	m, dir := mailbox(t)
	send(t, m, "a@example.org", "Subject: resta\r\n\r\n.\r\n")
	again, err := embedded.StartMailbox(dir, "127.0.0.1:0", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	if got := document(t, get(t, again, "/posta/")).Find("tbody a").Text(); got != "resta" {
		t.Errorf("after a restart: %q", got)
	}
}

func TestMailboxRefuses(t *testing.T) {
	t.Parallel()
	m, dir := mailbox(t)
	if err := os.WriteFile(dir+"/secret.eml", []byte("Subject: x\r\n\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/posta/m/secret", "/posta/m/..%2f..%2fetc%2fpasswd", "/posta/m/20260101T000000.000000-aaaaaaaa", "/altro"} {
		if r := get(t, m, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, r.StatusCode)
		}
	}
	if r := get(t, m, "/posta/"); !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Error("the list has no strict policy")
	}
}

func TestMailboxKeepsOrderInParallel(t *testing.T) {
	t.Parallel()
	m, dir := mailbox(t)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { send(t, m, fmt.Sprintf("p%d@example.org", i), "Subject: s\r\n\r\n.\r\n") })
	}
	wg.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 20 {
		t.Errorf("%d files (%v), want 20", len(entries), err)
	}
}
