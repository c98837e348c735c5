package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"arengo/notify/pace"
)

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func production() map[string]string {
	return map[string]string{
		"ARENGO_DATABASE_URL": "postgres://app:pw@db/arengo", "ARENGO_REDIS_URL": "redis://queue:6379/0",
		"ARENGO_SMTP_URL": "smtp://u:p@relay.example.it:587", "ARENGO_BASE_URL": "https://partecipa.example.it/",
		"ARENGO_ADDR": ":8080", "ARENGO_SECRET": strings.Repeat("a", 32) + ", " + strings.Repeat("b", 32),
		"ARENGO_MAIL_FROM": "partecipa@example.it", "ARENGO_TRUSTED_PROXIES": "10.0.0.0/8, ::1", "ARENGO_LOG": "json",
		"ARENGO_SITE_OWNER": "Comune di Prova", "ARENGO_BOUNCE_ADDRESS": "bounce@partecipa.example.it",
		"ARENGO_BOUNCE_LISTEN": "lmtp://127.0.0.1:2424", "ARENGO_BOUNCE_IMAP": "imaps://u%40example.it:pw@imap.example.it/INBOX?move=Letti",
		"ARENGO_BOUNCE_SECRET": strings.Repeat("c", 48),
	}
}

func TestLoadConfig(t *testing.T) {
	t.Parallel()
	t.Run("Production", func(t *testing.T) {
		t.Parallel()
		c, err := loadConfig(env(production()))
		if err != nil {
			t.Fatal(err)
		}
		if c.BaseURL != "https://partecipa.example.it" || len(c.Secrets) != 2 || c.Secrets[1][0] != 'b' || len(c.TrustedProxies) != 2 {
			t.Errorf("read %+v", c)
		}
		if c.Pace != pace.Default {
			t.Errorf("people are written to by %v", c.Pace)
		}
		if c.MigrateDatabaseURL != c.DatabaseURL {
			t.Errorf("migrations go to %q", c.MigrateDatabaseURL)
		}
	})
	t.Run("Embedded", func(t *testing.T) {
		t.Parallel()
		c, err := loadConfig(env(nil))
		if c.Pace != (pace.Rules{}) {
			t.Errorf("the trial keeps to %v", c.Pace)
		}
		if err != nil || c.Addr != "127.0.0.1:8080" || c.BaseURL != "http://127.0.0.1:8080" || c.DataDir != "data" {
			t.Errorf("read %+v, %v", c, err)
		}
	})
}

func TestLoadConfigRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"ARENGO_DATABASE_URL":         "postgres://app:secret-word@db:port/x",
		"ARENGO_MIGRATE_DATABASE_URL": "postgres://app:secret-word@db:port/x",
		"ARENGO_REDIS_URL":            "http://:secret-word@queue",
		"ARENGO_SMTP_URL":             "ftp://u:secret-word@host",
		"ARENGO_BASE_URL":             "https://u:secret-word@example.it",
		"ARENGO_ADDR":                 "8080",
		"ARENGO_SECRET":               "secret-word",
		"ARENGO_MAIL_FROM":            "Arengo <a@example.it>",
		"ARENGO_TRUSTED_PROXIES":      "proxy.example.it",
		"ARENGO_LOG":                  "xml",
		"ARENGO_LANG":                 "zz",
		"ARENGO_WEBHOOK_LOOPBACK":     "maybe",
		"ARENGO_QUIET_FROM":           "21",
		"ARENGO_QUIET_UNTIL":          "alle otto",
		"ARENGO_MAILS_A_DAY":          "pochi",
		"ARENGO_SITE_NAME":            strings.Repeat("n", 121),
		"ARENGO_SITE_OWNER":           "Comune\ndi Prova",
		"ARENGO_SITE_OWNER_URL":       "www.example.it",
		"ARENGO_SITE_CONTACT":         "Comune <a@example.it>",
		"ARENGO_ACCESSIBILITY_URL":    "/accessibilita",
		"ARENGO_SOURCE_URL":           "javascript:alert(1)",
	}
	for name, value := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pairs := production()
			pairs[name] = value
			_, err := loadConfig(env(pairs))
			if err == nil {
				t.Fatal("was accepted")
			}
			if strings.Contains(err.Error(), "secret-word") {
				t.Errorf("repeats a secret: %v", err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != 1 || !strings.HasPrefix(lines[0], name+": ") {
				t.Errorf("got %q, want one line that names %s", lines, name)
			}
		})
	}
}

// What the queue reads is what is accepted, and the other way round.
func TestLoadConfigTakesTheQueuesAddresses(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{
		"redis-sentinel://a.example.org:26379,b.example.org:26379?master=arengo": true,
		"unix:///run/redis/redis.sock":                                           true,
		"redis-sentinel://a.example.org:26379":                                   false,
		"redis://queue/0?max_retries=3":                                          false,
	} {
		pairs := production()
		pairs["ARENGO_REDIS_URL"] = address
		if _, err := loadConfig(env(pairs)); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestLoadConfigReportsAllAtOnce(t *testing.T) {
	t.Parallel()
	_, err := loadConfig(env(map[string]string{
		"ARENGO_DATABASE_URL": "postgres://db/arengo", "ARENGO_ADDR": "x", "ARENGO_LANG": "it_IT.UTF-8",
		"ARENGO_SITE_CONTACT": "x", "ARENGO_ACCESSIBILITY_URL": "x", "ARENGO_SITE_OWNER_URL": "https://example.it",
	}))
	if err == nil {
		t.Fatal("was accepted")
	}
	for _, want := range []string{
		"ARENGO_ADDR: ", "ARENGO_REDIS_URL: serve accanto", "ARENGO_SMTP_URL: ", "ARENGO_SECRET: ",
		"ARENGO_SITE_CONTACT: \"x\" non è", "ARENGO_ACCESSIBILITY_URL: ", "ARENGO_SITE_OWNER_URL: non ha effetto",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

func TestLoadConfigRefusesHalfAConfiguration(t *testing.T) {
	t.Parallel()
	_, err := loadConfig(env(map[string]string{"ARENGO_REDIS_URL": "redis://queue:6379/0"}))
	if err == nil || !strings.Contains(err.Error(), "ARENGO_REDIS_URL: has no effect without ARENGO_DATABASE_URL") {
		t.Errorf("got %v", err)
	}
}

// An address to which reports return and that nobody reads would hide that mail
// does not arrive.
func TestLoadConfigWantsReportsRead(t *testing.T) {
	t.Parallel()
	for missing, want := range map[string]string{
		"ARENGO_BOUNCE_LISTEN ARENGO_BOUNCE_IMAP ARENGO_BOUNCE_SECRET":  "ARENGO_BOUNCE_ADDRESS: nobody would read",
		"ARENGO_BOUNCE_ADDRESS ARENGO_BOUNCE_IMAP":                      "ARENGO_BOUNCE_LISTEN: has no effect",
		"ARENGO_BOUNCE_ADDRESS ARENGO_BOUNCE_LISTEN":                    "ARENGO_BOUNCE_IMAP: has no effect",
		"ARENGO_BOUNCE_IMAP ARENGO_BOUNCE_LISTEN":                       "",
		"ARENGO_BOUNCE_ADDRESS ARENGO_BOUNCE_IMAP ARENGO_BOUNCE_LISTEN": "",
	} {
		pairs := production()
		for name := range strings.FieldsSeq(missing) {
			delete(pairs, name)
		}
		_, err := loadConfig(env(pairs))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		env  map[string]string
		want tongue
	}{
		{"Nothing", nil, "en"},
		{"Terminal", map[string]string{"LANG": "it_IT.UTF-8"}, "it"},
		{"Own", map[string]string{"ARENGO_LANG": "en", "LANG": "it_IT.UTF-8"}, "en"},
		{"All", map[string]string{"LC_ALL": "C", "LANG": "it_IT.UTF-8"}, "en"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := language(env(c.env)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The list of variables, with which the deployment files are compared, is what
// this package's sources read.
func TestVariablesAreThoseRead(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	call := regexp.MustCompile(`(?:get|Getenv|LookupEnv)\("(ARENGO_[A-Z_]+)"\)|range \[\]string\{"(ARENGO_[A-Z_]+)"`)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(source), -1) {
			read[m[1]+m[2]] = true
		}
	}
	if len(read) != len(variables) {
		t.Errorf("%d variables are read, %d are listed", len(read), len(variables))
	}
	for name := range read {
		if !slices.Contains(variables, name) {
			t.Errorf("%s is read but not listed", name)
		}
	}
}
