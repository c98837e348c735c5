package main

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	relay "arengo/notify/mail"
	"arengo/notify/pace"
	"arengo/workflow/queue"
)

// Config is what the environment says, read once. DatabaseURL empty asks for
// the embedded default: private servers under DataDir.
type Config struct {
	DatabaseURL        string   // ARENGO_DATABASE_URL
	MigrateDatabaseURL string   // ARENGO_MIGRATE_DATABASE_URL, whose role owns the tables; DatabaseURL when unset
	RedisURL           string   // ARENGO_REDIS_URL
	SMTPURL            string   // ARENGO_SMTP_URL
	BaseURL            string   // ARENGO_BASE_URL, without a trailing slash
	Addr               string   // ARENGO_ADDR, host:port
	DataDir            string   // ARENGO_DATA_DIR
	Secrets            []string // ARENGO_SECRET, by commas: the first signs, all are accepted
	MailFrom           string   // ARENGO_MAIL_FROM
	TrustedProxies     []string // ARENGO_TRUSTED_PROXIES, by commas: addresses or networks
	LogFormat          string   // ARENGO_LOG: text or json
	WebhookLoopback    bool     // ARENGO_WEBHOOK_LOOPBACK: tell programs of this machine too, by http; for development
	Lang               tongue   // ARENGO_LANG, or the terminal's
	Bounce             Bounce
	Site               Owner
	Pace               pace.Rules // ARENGO_QUIET_FROM, ARENGO_QUIET_UNTIL, ARENGO_MAILS_A_DAY
}

// Owner is whose site it is, as its pages say. SourceURL is where this program's
// source is, which its licence wants offered to every reader.
type Owner struct {
	SiteName         string // ARENGO_SITE_NAME, in titles, the header and as the sender of mail
	Name             string // ARENGO_SITE_OWNER, the body that runs the site
	URL              string // ARENGO_SITE_OWNER_URL, its own pages
	Contact          string // ARENGO_SITE_CONTACT, a mail address
	AccessibilityURL string // ARENGO_ACCESSIBILITY_URL, the declaration published on AgID's form
	SourceURL        string // ARENGO_SOURCE_URL
}

// variables are all that the program reads from its environment. A test
// compares the deployment files with them.
var variables = []string{
	"ARENGO_DATABASE_URL", "ARENGO_MIGRATE_DATABASE_URL", "ARENGO_REDIS_URL", "ARENGO_SMTP_URL", "ARENGO_BASE_URL",
	"ARENGO_ADDR", "ARENGO_DATA_DIR", "ARENGO_SECRET", "ARENGO_MAIL_FROM", "ARENGO_TRUSTED_PROXIES", "ARENGO_LOG", "ARENGO_LANG",
	"ARENGO_WEBHOOK_LOOPBACK", "ARENGO_QUIET_FROM", "ARENGO_QUIET_UNTIL", "ARENGO_MAILS_A_DAY",
	"ARENGO_BOUNCE_ADDRESS", "ARENGO_BOUNCE_LISTEN", "ARENGO_BOUNCE_IMAP", "ARENGO_BOUNCE_SECRET",
	"ARENGO_SITE_NAME", "ARENGO_SITE_OWNER", "ARENGO_SITE_OWNER_URL", "ARENGO_SITE_CONTACT", "ARENGO_ACCESSIBILITY_URL", "ARENGO_SOURCE_URL",
}

// minSecret is the length of a secret in characters, 160 bits of base 32.
const minSecret = 32

// loadConfig reads the environment by get (os.Getenv) and reports everything
// that is wrong at once, a line each with the variable and the remedy, in the
// reader's language. It repeats no value that may hold a password.
func loadConfig(get func(string) string) (Config, error) {
	c := Config{
		DatabaseURL: get("ARENGO_DATABASE_URL"), MigrateDatabaseURL: or(get("ARENGO_MIGRATE_DATABASE_URL"), get("ARENGO_DATABASE_URL")),
		RedisURL: get("ARENGO_REDIS_URL"), SMTPURL: get("ARENGO_SMTP_URL"),
		BaseURL: strings.TrimRight(get("ARENGO_BASE_URL"), "/"), Addr: or(get("ARENGO_ADDR"), "127.0.0.1:8080"),
		DataDir: or(get("ARENGO_DATA_DIR"), "data"), MailFrom: or(get("ARENGO_MAIL_FROM"), "arengo@example.org"),
		Secrets: list(get("ARENGO_SECRET")), TrustedProxies: list(get("ARENGO_TRUSTED_PROXIES")),
		LogFormat: or(get("ARENGO_LOG"), "text"), Lang: language(get), WebhookLoopback: get("ARENGO_WEBHOOK_LOOPBACK") == "yes",
		Bounce: Bounce{
			Address: get("ARENGO_BOUNCE_ADDRESS"), Listen: get("ARENGO_BOUNCE_LISTEN"), IMAP: get("ARENGO_BOUNCE_IMAP"), Secrets: list(get("ARENGO_BOUNCE_SECRET")),
		},
		Site: Owner{
			SiteName: or(strings.TrimSpace(get("ARENGO_SITE_NAME")), "Arengo"), Name: strings.TrimSpace(get("ARENGO_SITE_OWNER")),
			URL: get("ARENGO_SITE_OWNER_URL"), Contact: get("ARENGO_SITE_CONTACT"),
			AccessibilityURL: get("ARENGO_ACCESSIBILITY_URL"), SourceURL: get("ARENGO_SOURCE_URL"),
		},
	}
	c.BaseURL = or(c.BaseURL, "http://"+c.Addr)
	k := &checker{lang: c.Lang}
	k.language(get("ARENGO_LANG"))
	k.site(c)
	k.owner(c)
	k.servers(c)
	c.Pace = k.pace(get)
	k.bounce(c.Bounce)
	k.yesNo("ARENGO_WEBHOOK_LOOPBACK", get("ARENGO_WEBHOOK_LOOPBACK"))
	return c, errors.Join(k.problems...)
}

// checker collects what is wrong.
type checker struct {
	lang     tongue
	problems []error
}

// want records a problem with a variable unless ok. The texts are the remedy.
func (k *checker) want(ok bool, variable, it, en string) {
	if !ok {
		k.problems = append(k.problems, fmt.Errorf("%s: %s", variable, k.lang.say(it, en)))
	}
}

// language takes a name as terminals write it, such as it or en_GB.UTF-8.
func (k *checker) language(name string) {
	word, _, _ := strings.Cut(strings.NewReplacer("_", ".", "-", ".", "@", ".").Replace(strings.ToLower(name)), ".")
	k.want(name == "" || word == "it" || word == "en", "ARENGO_LANG", fmt.Sprintf("%q non esiste; scrivi it o en", name),
		fmt.Sprintf("there is no %q; write it or en", name))
}

func (k *checker) yesNo(variable, word string) {
	k.want(word == "" || word == "yes" || word == "no", variable,
		fmt.Sprintf("%q non esiste; scrivi yes o no", word), fmt.Sprintf("there is no %q; write yes or no", word))
}

func (k *checker) site(c Config) {
	_, port, err := net.SplitHostPort(c.Addr)
	k.want(err == nil && port != "", "ARENGO_ADDR",
		fmt.Sprintf("%q non è host:porta; scrivi per esempio 127.0.0.1:8080", c.Addr),
		fmt.Sprintf("%q is not host:port; write for instance 127.0.0.1:8080", c.Addr))
	u, err := url.Parse(c.BaseURL)
	k.want(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.Path == "" && u.User == nil && u.RawQuery == "",
		"ARENGO_BASE_URL", "non è l’indirizzo di un sito; scrivi per esempio https://partecipa.example.it",
		"is not the address of a site; write for instance https://partecipa.example.it")
	k.mailbox("ARENGO_MAIL_FROM", c.MailFrom)
	for i, s := range c.Secrets {
		k.want(len(s) >= minSecret, "ARENGO_SECRET",
			fmt.Sprintf("il segreto %d ha %d caratteri, ne servono almeno %d; creane uno con: openssl rand -base64 32", i+1, len(s), minSecret),
			fmt.Sprintf("secret %d has %d characters, it needs at least %d; make one with: openssl rand -base64 32", i+1, len(s), minSecret))
	}
	for _, p := range c.TrustedProxies {
		_, addr := netip.ParseAddr(p)
		_, prefix := netip.ParsePrefix(p)
		k.want(addr == nil || prefix == nil, "ARENGO_TRUSTED_PROXIES",
			fmt.Sprintf("%q non è un indirizzo né una rete; scrivi per esempio 10.0.0.0/8", p),
			fmt.Sprintf("%q is neither an address nor a network; write for instance 10.0.0.0/8", p))
	}
	k.want(c.LogFormat == "text" || c.LogFormat == "json", "ARENGO_LOG",
		fmt.Sprintf("%q non esiste; scrivi text o json", c.LogFormat), fmt.Sprintf("there is no %q; write text or json", c.LogFormat))
}

// maxName bounds the names that stand in the header of every page, in
// characters.
const maxName = 120

func (k *checker) owner(c Config) {
	for variable, name := range map[string]string{"ARENGO_SITE_NAME": c.Site.SiteName, "ARENGO_SITE_OWNER": c.Site.Name} {
		k.want(utf8.RuneCountInString(name) <= maxName && !strings.ContainsFunc(name, unicode.IsControl), variable,
			fmt.Sprintf("deve stare su una riga di al massimo %d caratteri", maxName),
			fmt.Sprintf("has to be one line of at most %d characters", maxName))
	}
	for variable, address := range map[string]string{
		"ARENGO_SITE_OWNER_URL": c.Site.URL, "ARENGO_ACCESSIBILITY_URL": c.Site.AccessibilityURL, "ARENGO_SOURCE_URL": c.Site.SourceURL,
	} {
		u, err := url.Parse(address)
		k.want(address == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil, variable,
			"non è l’indirizzo di una pagina; scrivi per esempio https://www.example.it/pagina",
			"is not the address of a page; write for instance https://www.example.it/page")
	}
	if c.Site.Contact != "" {
		k.mailbox("ARENGO_SITE_CONTACT", c.Site.Contact)
	}
	k.want(c.Site.URL == "" || c.Site.Name != "", "ARENGO_SITE_OWNER_URL",
		"non ha effetto senza ARENGO_SITE_OWNER; imposta anche quello, o toglilo", "has no effect without ARENGO_SITE_OWNER; set that too, or unset this")
}

func (k *checker) mailbox(variable, address string) {
	a, err := mail.ParseAddress(address)
	k.want(err == nil && a.Address == address, variable,
		fmt.Sprintf("%q non è un indirizzo e-mail; scrivi per esempio partecipa@example.it", address),
		fmt.Sprintf("%q is not a mail address; write for instance partecipa@example.it", address))
}

func (k *checker) servers(c Config) {
	k.database("ARENGO_DATABASE_URL", c.DatabaseURL)
	if c.MigrateDatabaseURL != c.DatabaseURL {
		k.database("ARENGO_MIGRATE_DATABASE_URL", c.MigrateDatabaseURL)
	}
	if c.RedisURL != "" {
		k.want(queue.Check(c.RedisURL) == nil, "ARENGO_REDIS_URL", "non è un indirizzo; scrivi per esempio redis://:password@host:6379/0",
			"is not an address; write for instance redis://:password@host:6379/0")
	}
	if c.SMTPURL != "" {
		_, err := relay.ParseRelay(c.SMTPURL) // its error holds no password
		k.want(err == nil, "ARENGO_SMTP_URL", fmt.Sprintf("%v; scrivi per esempio smtp://utente:password@host:587", err),
			fmt.Sprintf("%v; write for instance smtp://user:password@host:587", err))
	}
	if c.DatabaseURL == "" {
		const it, en = "non ha effetto senza ARENGO_DATABASE_URL; imposta anche quello, o toglilo", "has no effect without ARENGO_DATABASE_URL; set that too, or unset this"
		k.want(c.RedisURL == "", "ARENGO_REDIS_URL", it, en)
		k.want(c.SMTPURL == "", "ARENGO_SMTP_URL", it, en)
		k.want(c.MigrateDatabaseURL == "", "ARENGO_MIGRATE_DATABASE_URL", it, en)
		return
	}
	const it, en = "serve accanto ad ARENGO_DATABASE_URL; scrivi per esempio ", "is needed beside ARENGO_DATABASE_URL; write for instance "
	k.want(c.RedisURL != "", "ARENGO_REDIS_URL", it+"redis://:password@host:6379/0", en+"redis://:password@host:6379/0")
	k.want(c.SMTPURL != "", "ARENGO_SMTP_URL", it+"smtp://utente:password@host:587", en+"smtp://user:password@host:587")
	k.want(len(c.Secrets) > 0, "ARENGO_SECRET",
		fmt.Sprintf("serve accanto ad ARENGO_DATABASE_URL: almeno %d caratteri, da conservare; creane uno con: openssl rand -base64 32", minSecret),
		fmt.Sprintf("is needed beside ARENGO_DATABASE_URL: at least %d characters, to be kept; make one with: openssl rand -base64 32", minSecret))
}

func (k *checker) database(variable, address string) {
	if address == "" {
		return
	}
	_, err := pgx.ParseConfig(address)
	k.want(err == nil, variable, "non è un indirizzo; scrivi per esempio postgres://utente:password@host:5432/arengo",
		"is not an address; write for instance postgres://user:password@host:5432/arengo")
}

// tongue is the language of what the commands print.
type tongue string

// language reads ARENGO_LANG, then the usual variables of a terminal. It is
// English unless one of them says Italian.
func language(get func(string) string) tongue {
	for _, name := range []string{"ARENGO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := get(name); v != "" {
			if strings.HasPrefix(strings.ToLower(v), "it") {
				return "it"
			}
			return "en"
		}
	}
	return "en"
}

func (t tongue) say(it, en string) string {
	if t == "it" {
		return it
	}
	return en
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
