package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"arengo/notify/webhook"
	"arengo/process/fault"
)

// The few lines that a receiver writes, see docs/api.md.
func good(secret, header, body string, now time.Time) bool {
	stamp, ok := "", false
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			stamp = value
		case "v1":
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write([]byte(stamp + "." + body))
			sum, err := hex.DecodeString(value)
			ok = ok || err == nil && hmac.Equal(sum, mac.Sum(nil))
		}
	}
	at, err := time.Parse("2006", "1970")
	if err != nil {
		return false
	}
	seconds, err := time.ParseDuration(stamp + "s")
	return ok && err == nil && now.Sub(at.Add(seconds)).Abs() < 5*time.Minute
}

func TestSignature(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_774_000_000, 0)
	header := webhook.Signature([]string{"whsec_new", "whsec_old"}, at, `{"a":1}`)
	if want := "t=1774000000,v1="; !strings.HasPrefix(header, want) || strings.Count(header, "v1=") != 2 {
		t.Errorf("header %q", header)
	}
	for name, tt := range map[string]struct {
		secret, body string
		now          time.Time
		want         bool
	}{
		"new":     {"whsec_new", `{"a":1}`, at, true},
		"old":     {"whsec_old", `{"a":1}`, at.Add(time.Minute), true},
		"other":   {"whsec_other", `{"a":1}`, at, false},
		"changed": {"whsec_new", `{"a":2}`, at, false},
		"stale":   {"whsec_new", `{"a":1}`, at.Add(time.Hour), false},
	} {
		if good(tt.secret, header, tt.body, tt.now) != tt.want {
			t.Errorf("%s: want %v", name, tt.want)
		}
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://comune.example.it/arengo":         "",
		"https://comune.example.it:8443/a?b=c":     "",
		"https://93.184.216.34/":                   "",
		"https://[2606:2800:220:1::1]/":            "",
		"http://comune.example.it/":                "connect.url_bad",
		"ftp://comune.example.it/":                 "connect.url_bad",
		"comune.example.it":                        "connect.url_bad",
		"https://":                                 "connect.url_bad",
		"https://a:b@comune.example.it/":           "connect.url_bad",
		"https://comune.example.it/#x":             "connect.url_bad",
		"https://comune.example.it/a b":            "connect.url_bad",
		"https://x.it/" + strings.Repeat("a", 500): "connect.url_bad",
		"https://localhost/":                       "connect.url_private",
		"https://LOCALHOST./":                      "connect.url_private",
		"https://db/":                              "connect.url_private",
		"https://127.0.0.1/":                       "connect.url_private",
		"https://10.1.2.3/":                        "connect.url_private",
		"https://169.254.169.254/latest":           "connect.url_private",
		"https://[::1]/":                           "connect.url_private",
		"https://[::ffff:10.0.0.1]/":               "connect.url_private",
		"https://[fd00::1]/":                       "connect.url_private",
		"http://127.0.0.1:8080/":                   "connect.url_bad",
	} {
		err := webhook.CheckURL(url, false)
		if e, _ := fault.As(err); want == "" && err != nil || want != "" && (e == nil || e.Key != want || e.Field != "url") {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
	}
	for _, url := range []string{"http://127.0.0.1:8080/", "http://localhost/", "https://[::1]/"} {
		if err := webhook.CheckURL(url, true); err != nil {
			t.Errorf("in development %s: %v", url, err)
		}
	}
	if webhook.CheckURL("http://10.0.0.1/", true) == nil || webhook.CheckURL("https://10.0.0.1/", true) == nil {
		t.Error("development opens the whole network")
	}
}
