package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strings"
)

// Config is what the environment says, read once. DatabaseURL empty asks for
// the embedded default: private servers under DataDir.
type Config struct {
	DatabaseURL    string   // ARENGO_DATABASE_URL
	RedisURL       string   // ARENGO_REDIS_URL
	SMTPURL        string   // ARENGO_SMTP_URL
	BaseURL        string   // ARENGO_BASE_URL, without a trailing slash
	Addr           string   // ARENGO_ADDR, host:port
	DataDir        string   // ARENGO_DATA_DIR
	Secrets        []string // ARENGO_SECRET, by commas: the first signs, all are accepted
	MailFrom       string   // ARENGO_MAIL_FROM
	TrustedProxies []string // ARENGO_TRUSTED_PROXIES, by commas
}

// loadConfig reads the environment by get (os.Getenv) and reports everything
// that is wrong at once. It repeats no value that may hold a password.
func loadConfig(get func(string) string) (Config, error) {
	c := Config{
		DatabaseURL: get("ARENGO_DATABASE_URL"), RedisURL: get("ARENGO_REDIS_URL"), SMTPURL: get("ARENGO_SMTP_URL"),
		BaseURL: strings.TrimRight(get("ARENGO_BASE_URL"), "/"), Addr: or(get("ARENGO_ADDR"), "127.0.0.1:8080"),
		DataDir: or(get("ARENGO_DATA_DIR"), "data"), MailFrom: or(get("ARENGO_MAIL_FROM"), "arengo@example.org"),
		Secrets: list(get("ARENGO_SECRET")), TrustedProxies: list(get("ARENGO_TRUSTED_PROXIES")),
	}
	c.BaseURL = or(c.BaseURL, "http://"+c.Addr)
	var all []error
	want := func(ok bool, format string, args ...any) {
		if !ok {
			all = append(all, fmt.Errorf(format, args...))
		}
	}
	_, _, err := net.SplitHostPort(c.Addr)
	want(err == nil, "ARENGO_ADDR: %q is not host:port, such as 127.0.0.1:8080", c.Addr)
	u, err := url.Parse(c.BaseURL)
	want(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Path == "",
		"ARENGO_BASE_URL: %q is not an address such as https://partecipa.example.it", c.BaseURL)
	from, err := mail.ParseAddress(c.MailFrom)
	want(err == nil && from.Address == c.MailFrom, "ARENGO_MAIL_FROM: %q is not a mail address", c.MailFrom)
	for _, s := range c.Secrets {
		want(len(s) >= 32, "ARENGO_SECRET: a secret needs at least 32 characters, one has %d", len(s))
	}
	if c.DatabaseURL != "" {
		want(c.RedisURL != "", "ARENGO_REDIS_URL is needed beside ARENGO_DATABASE_URL")
		want(c.SMTPURL != "", "ARENGO_SMTP_URL is needed beside ARENGO_DATABASE_URL")
		want(len(c.Secrets) > 0, "ARENGO_SECRET is needed beside ARENGO_DATABASE_URL: at least 32 characters, kept for good")
	}
	return c, errors.Join(all...)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func list(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
