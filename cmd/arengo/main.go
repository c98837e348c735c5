// Command arengo is the whole of Arengo in one binary: web server, worker,
// migrations, demonstration and checks.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // containers often have no time zones

	"github.com/redis/go-redis/v9"
)

// command runs one word of the command line and returns the exit code: 0, 1
// for a failure, 2 for wrong usage.
type command func(ctx context.Context, args []string, out, errs io.Writer) int

var commands = map[string]command{
	"serve":    configured("serve", serve),
	"work":     configured("work", work),
	"seed":     configured("seed", seedCommand),
	"migrate":  migrate,
	"doctor":   examine,
	"services": services,
	"mailbox":  mailbox,
	"workflow": workflowCommand,
	"rehearse": rehearseCommand,
	"verify":   verifyCommand,
}

func main() {
	redis.SetLogger(silence{})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	lang := language(os.Getenv)
	if len(args) == 0 {
		help(errs, lang)
		return 2
	}
	if c, ok := commands[args[0]]; ok {
		if len(args) == 2 && asksHelp(args[1]) && helpOn(out, args[0], lang) {
			return 0
		}
		return c(ctx, args[1:], out, errs)
	}
	if len(args) == 1 && asksHelp(args[0]) {
		help(out, lang)
		return 0
	}
	if len(args) == 2 && asksHelp(args[0]) && helpOn(out, args[1], lang) {
		return 0
	}
	fmt.Fprintf(errs, lang.say("arengo: non c’è un comando %q\n\n", "arengo: there is no command %q\n\n"), args[0])
	help(errs, lang)
	return 2
}

func asksHelp(word string) bool { return word == "help" || word == "--help" || word == "-h" }

// configured makes a command without arguments that works with the
// environment's configuration.
func configured(name string, do func(context.Context, Config, *slog.Logger, io.Writer) error) command {
	return func(ctx context.Context, args []string, out, errs io.Writer) int {
		if len(args) > 0 {
			lang := language(os.Getenv)
			fmt.Fprintf(errs, lang.say("arengo: argomento di troppo: %q\n\n", "arengo: unexpected argument %q\n\n"), args[0])
			helpOn(errs, name, lang)
			return 2
		}
		c, err := loadConfig(os.Getenv)
		if err == nil {
			err = do(ctx, c, c.logger(errs), out)
		}
		if err != nil {
			fmt.Fprintf(errs, "arengo: %v\n", explain(err, language(os.Getenv)))
			return 1
		}
		return 0
	}
}

// descriptions say what each command does, in the order of their use.
var descriptions = []struct{ name, args, it, en string }{
	{"serve", "", "risponde alle pagine; senza ARENGO_DATABASE_URL accende anche server privati e dimostrazione", "answers pages; without ARENGO_DATABASE_URL it brings private servers and a demonstration"},
	{"work", "", "fa scattare le scadenze e spedisce i messaggi", "fires deadlines and delivers messages"},
	{"migrate", "[up | down N | status]", "aggiorna lo schema del database: up, down N, status", "brings the database's schema up to date: up, down N, status"},
	{"seed", "", "carica la dimostrazione; una seconda volta non cambia nulla", "loads the demonstration; a second time changes nothing"},
	{"doctor", "[--json]", "controlla database, Redis, posta, orologio e disco e dice che cosa fare", "checks database, Redis, mail, clock and disk and says what to do"},
	{"workflow", "check [--json] FILE… | show FILE [--format text|mermaid|svg] [--lang it|en] | schema", "controlla le definizioni dei percorsi (check FILE…), le mostra come testo o disegno (show FILE) o stampa lo schema JSON della lingua (schema)", "checks definitions of processes (check FILE…), shows one as text or drawing (show FILE), or prints the JSON Schema of the language (schema)"},
	{"verify", "[PROCESS]", "controlla che i registri dei percorsi non siano stati alterati: di tutti, o di uno", "checks that the logs of processes were not tampered with: of all, or of one"},
	{"rehearse", "FILE --start DATE [--population CSV] [--scenario FILE] [--seed N] [--lang it|en] [--json]", "fa la prova generale di un percorso senza database: passaggi, scadenze, messaggi e cose da fare con la loro data", "rehearses a process without a database: moves, deadlines, messages and things to do with their dates"},
	{"mailbox", "[--smtp HOST:PORT] [--http HOST:PORT] [--dir DIR]", "accende una casella di prova che non spedisce nulla: SMTP su 127.0.0.1:1025, pagine su 127.0.0.1:8025, cartella mail", "runs a test mailbox that sends nothing on: SMTP on 127.0.0.1:1025, pages on 127.0.0.1:8025, folder mail"},
	{"services", "[--durable] -- COMMAND [ARGUMENT …]", "esegue un comando accanto a server privati e temporanei", "runs a command beside private, temporary servers"},
}

// help prints a line for each command.
func help(w io.Writer, lang tongue) {
	fmt.Fprintf(w, "%s arengo %s\n\n", lang.say("uso:", "usage:"), lang.say("COMANDO [ARGOMENTO …]", "COMMAND [ARGUMENT …]"))
	for _, d := range descriptions {
		fmt.Fprintf(w, "  %-9s %s\n", d.name, lang.say(d.it, d.en))
	}
}

// helpOn prints how one command is written and what it does. It reports
// whether the command is known.
func helpOn(w io.Writer, name string, lang tongue) bool {
	for _, d := range descriptions {
		if d.name == name {
			usage(w, name, lang)
			fmt.Fprintf(w, "\n  %s\n", lang.say(d.it, d.en))
			return true
		}
	}
	return false
}

// placesInItalian are the words of the descriptions' arguments that stand for a
// value.
var placesInItalian = strings.NewReplacer("COMMAND", "COMANDO", "ARGUMENT", "ARGOMENTO", "PORT", "PORTA", "DIR", "CARTELLA", "PROCESS", "PERCORSO", "DATE", "DATA")

// usage prints how a command is written, in one line.
func usage(w io.Writer, name string, lang tongue) {
	for _, d := range descriptions {
		if d.name == name {
			args := lang.say(placesInItalian.Replace(d.args), d.args)
			fmt.Fprintf(w, "%s %s\n", lang.say("uso:", "usage:"), strings.TrimSpace("arengo "+name+" "+args))
		}
	}
}
