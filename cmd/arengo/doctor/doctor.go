// Package doctor examines what Arengo needs to run and says what to do about
// what is wrong. It changes nothing.
package doctor

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/uptrace/bun"

	"arengo/migrations"
	"arengo/notify/mail"
	"arengo/process/pg"
	"arengo/workflow/queue"
)

// Level says how a check went.
type Level string

// The levels. Fail means that Arengo does not work as it promises.
const (
	OK   Level = "ok"
	Warn Level = "warn"
	Fail Level = "fail"
)

// Line is the result of one check.
type Line struct {
	Check string `json:"check"`
	Level Level  `json:"level"`
	Text  string `json:"text"` // what was found and, unless OK, what to do
}

// Options say what to examine. All addresses are needed.
type Options struct {
	DatabaseURL string
	RedisURL    string
	// SMTPURL may be "": mail then stays in the embedded mailbox.
	SMTPURL string
	// Bounce says how reports about mail come back.
	Bounce Bounce
	// DataDir is the folder whose disk is examined.
	DataDir string
	// Now reads this machine's clock.
	Now func() time.Time
	// Say chooses between Italian and English.
	Say Say
}

// patience bounds each check.
const patience = 10 * time.Second

// The limits of the checks of clock and disk.
const (
	skewWarn = 2 * time.Second
	skewFail = 5 * time.Minute
	diskWarn = 2 << 30 // bytes
	diskFail = 200 << 20
)

// The oldest servers that Arengo is made for: those of Debian 12. publiccode.yml
// and the remedies say the same.
const (
	OldestPostgres = "15"
	OldestRedis    = "7.0"
)

// Examine runs every check and returns a line for each, always the same ones in
// the same order: database, schema, log, clock, redis, smtp, bounces, disk.
func Examine(ctx context.Context, o Options) []Line {
	e := &examiner{o}
	lines := e.postgres(ctx)
	for _, check := range []func(context.Context) Line{e.redis, e.smtp, e.bounces} {
		ctx, cancel := context.WithTimeout(ctx, patience)
		lines = append(lines, check(ctx))
		cancel()
	}
	return append(lines, e.disk())
}

type examiner struct{ Options }

// postgres returns the lines database, schema, log and clock. Without a
// database the others cannot be told.
func (e *examiner) postgres(ctx context.Context) []Line {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	db, err := pg.Open(e.DatabaseURL, 2)
	if err == nil {
		defer db.Close()
		err = db.PingContext(ctx)
	}
	if err != nil {
		lines := []Line{{"database", Fail, NoDatabase("ARENGO_DATABASE_URL", err, e.Say)}}
		for _, name := range []string{"schema", "log", "clock"} {
			lines = append(lines, Line{name, Fail, e.Say("non si può sapere senza database", "cannot be told without a database")})
		}
		return lines
	}
	return []Line{e.version(ctx, db), e.schema(ctx, db), e.log(ctx, db), e.clock(ctx, db)}
}

func (e *examiner) version(ctx context.Context, db *bun.DB) Line {
	var name string
	if err := db.NewRaw("SELECT current_setting('server_version')").Scan(ctx, &name); err != nil {
		return Line{"database", Fail, err.Error()}
	}
	if older(name, OldestPostgres) {
		return Line{"database", Fail, tooOld("PostgreSQL "+name, OldestPostgres, e.Say)}
	}
	return Line{"database", OK, "PostgreSQL " + name}
}

// older compares versions such as "15.18 (Debian 15.18-0)" by their first two
// numbers; what has none is not called old.
func older(found, oldest string) bool {
	have, want := numbers.FindStringSubmatch(found), numbers.FindStringSubmatch(oldest)
	if have == nil || want == nil {
		return false
	}
	for i := 1; i < len(want); i++ {
		a, _ := strconv.Atoi(have[i]) // "" is 0
		b, _ := strconv.Atoi(want[i])
		if a != b {
			return a < b
		}
	}
	return false
}

var numbers = regexp.MustCompile(`^(\d+)(?:\.(\d+))?`)

func tooOld(found, oldest string, say Say) string {
	return found + say("; serve la "+oldest+" o una successiva", "; version "+oldest+" or later is needed")
}

func (e *examiner) schema(ctx context.Context, db *bun.DB) Line {
	list, err := migrations.Status(ctx, db)
	if err != nil {
		return Line{"schema", Fail, BadSchema(err, e.Say).Error()}
	}
	missing := 0
	for _, m := range list {
		if !m.Applied {
			missing++
		}
	}
	if missing > 0 {
		return Line{"schema", Fail, e.Say(
			fmt.Sprintf("mancano %d migrazioni su %d; esegui: arengo migrate up", missing, len(list)),
			fmt.Sprintf("%d of %d migrations are missing; run: arengo migrate up", missing, len(list)),
		)}
	}
	return Line{"schema", OK, migrations.Latest()}
}

// log checks that the server does not write failing statements, in which
// people's data stand, to its log.
func (e *examiner) log(ctx context.Context, db *bun.DB) Line {
	var level, statements string
	const query = "SELECT current_setting('log_min_error_statement'), current_setting('log_statement')"
	if err := db.NewRaw(query).Scan(ctx, &level, &statements); err != nil {
		return Line{"log", Fail, err.Error()}
	}
	if level != "panic" || statements == "all" || statements == "mod" {
		found := "log_min_error_statement = " + level + ", log_statement = " + statements
		return Line{"log", Warn, found + e.Say(
			": il log del database può contenere dati personali; imposta panic e none",
			": the database's log may hold personal data; set panic and none",
		)}
	}
	return Line{"log", OK, "log_min_error_statement = panic"}
}

// clock compares this machine's time with the database's, which decides.
func (e *examiner) clock(ctx context.Context, db *bun.DB) Line {
	var theirs time.Time
	before := e.Now()
	if err := db.NewRaw("SELECT clock_timestamp()").Scan(ctx, &theirs); err != nil {
		return Line{"clock", Fail, err.Error()}
	}
	after := e.Now()
	skew := theirs.Sub(before.Add(after.Sub(before) / 2)).Abs().Round(time.Millisecond)
	text := e.Say(fmt.Sprintf("%s di differenza dal database", skew), fmt.Sprintf("%s apart from the database", skew))
	switch {
	case skew > skewFail:
		return Line{"clock", Fail, text + e.Say("; attiva la sincronizzazione dell’ora (NTP)", "; turn time synchronisation (NTP) on")}
	case skew > skewWarn:
		return Line{"clock", Warn, text + e.Say("; attiva la sincronizzazione dell’ora (NTP)", "; turn time synchronisation (NTP) on")}
	default:
		return Line{"clock", OK, text}
	}
}

func (e *examiner) redis(ctx context.Context) Line {
	client, err := queue.Probe(e.RedisURL)
	if err != nil {
		return Line{"redis", Fail, e.Say("ARENGO_REDIS_URL non è un indirizzo", "ARENGO_REDIS_URL is not an address")}
	}
	defer func() { _ = client.Close() }() // nothing was written
	if err := client.Ping(ctx).Err(); err != nil {
		return Line{"redis", Fail, NoRedis(err, e.Say)}
	}
	if version := client.InfoMap(ctx, "server").Item("Server", "redis_version"); older(version, OldestRedis) {
		return Line{"redis", Fail, tooOld("Redis "+version, OldestRedis, e.Say)}
	}
	policy, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil || policy["maxmemory-policy"] == "" {
		return Line{"redis", Warn, e.Say("il server non mostra maxmemory-policy: verifica che sia noeviction", "the server does not show maxmemory-policy: make sure that it is noeviction")}
	}
	if p := policy["maxmemory-policy"]; p != "noeviction" {
		return Line{"redis", Fail, "maxmemory-policy = " + p + e.Say("; imposta noeviction, o Redis butta via i lavori in attesa", "; set noeviction, or Redis throws waiting jobs away")}
	}
	durable, err := client.ConfigGet(ctx, "appendonly").Result()
	if err != nil || durable["appendonly"] != "yes" {
		return Line{"redis", Warn, e.Say("senza appendonly un riavvio di Redis ritarda i lavori; imposta appendonly yes", "without appendonly a restart of Redis delays jobs; set appendonly yes")}
	}
	return Line{"redis", OK, "maxmemory-policy = noeviction"}
}

func (e *examiner) smtp(ctx context.Context) Line {
	if e.SMTPURL == "" {
		return Line{"smtp", OK, e.Say("casella di prova: nessun messaggio viene spedito", "test mailbox: no message is sent")}
	}
	relay, err := mail.ParseRelay(e.SMTPURL)
	if err != nil {
		return Line{"smtp", Fail, err.Error()}
	}
	if err := relay.Probe(ctx); err != nil {
		return Line{"smtp", Fail, NoRelay(err, e.Say)}
	}
	signedIn := ""
	if relay.User != "" {
		signedIn = ", AUTH"
	}
	return Line{"smtp", OK, fmt.Sprintf("%s:%d, tls=%s%s", relay.Host, relay.Port, relay.TLS, signedIn)}
}

func (e *examiner) disk() Line {
	var st syscall.Statfs_t
	if err := syscall.Statfs(e.DataDir, &st); err != nil {
		return Line{"disk", Warn, e.Say(
			fmt.Sprintf("la cartella %s non si legge: %v; controlla ARENGO_DATA_DIR", e.DataDir, err),
			fmt.Sprintf("folder %s cannot be read: %v; check ARENGO_DATA_DIR", e.DataDir, err),
		)}
	}
	free := st.Bavail * uint64(st.Bsize) // a block size is positive
	text := e.Say(fmt.Sprintf("%d MB liberi in %s", free>>20, e.DataDir), fmt.Sprintf("%d MB free in %s", free>>20, e.DataDir))
	switch {
	case free < diskFail:
		return Line{"disk", Fail, text + e.Say("; libera spazio", "; free some space")}
	case free < diskWarn:
		return Line{"disk", Warn, text + e.Say("; libera spazio", "; free some space")}
	default:
		return Line{"disk", OK, text}
	}
}
