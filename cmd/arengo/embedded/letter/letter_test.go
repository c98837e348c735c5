package letter_test

import (
	"strings"
	"testing"

	"arengo/cmd/arengo/embedded/letter"
)

func TestParse(t *testing.T) {
	t.Parallel()
	l := letter.Parse([]byte("Subject: =?utf-8?q?Perch=C3=A9?=\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n" +
		"--X\r\nContent-Type: multipart/alternative; boundary=Y\r\n\r\n" +
		"--Y\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\ncitt=C3=A0\r\n" +
		"--Y\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+\r\nY2l0dMOgPC9wPg==\r\n--Y--\r\n" +
		"--X\r\nContent-Type: text/calendar; method=CANCEL\r\nContent-Disposition: attachment; filename=invito.ics\r\n\r\nBEGIN\r\n--X--\r\n"))
	if len(l.Parts) != 3 {
		t.Fatalf("%d parts, want 3", len(l.Parts))
	}
	if got := l.Header("subject"); got != "Perché" {
		t.Errorf("subject %q", got)
	}
	if got := l.First("text/plain").Body; got != "città" {
		t.Errorf("text %q", got)
	}
	if got := l.First("text/html").Body; got != "<p>città</p>" {
		t.Errorf("html %q", got)
	}
	if got := l.First("text/calendar"); got.Params["method"] != "CANCEL" || got.Name != "invito.ics" {
		t.Errorf("calendar %+v", got)
	}
	if got := l.First("image/png"); got.Body != "" || got.Kind != "" {
		t.Errorf("an absent part is %+v", got)
	}
}

func TestParseNeverFails(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	for i := range 50 {
		bomb.WriteString("Content-Type: multipart/mixed; boundary=B" + strings.Repeat("x", i) + "\r\n\r\n--B" + strings.Repeat("x", i) + "\r\n")
	}
	cases := []string{"", "no header at all", "A: b", "Content-Type: multipart/mixed\r\n\r\n--\r\n", "Content-Type: ;;\r\n\r\nbody", bomb.String()}
	for _, raw := range cases {
		letter.Parse([]byte(raw))
	}
	if got := letter.Parse([]byte(cases[4])).First("text/plain").Body; got != "body" {
		t.Errorf("an unreadable type hides the body: %q", got)
	}
	if got := letter.Parse(nil).Header("Subject"); got != "" {
		t.Errorf("subject of nothing: %q", got)
	}
}
