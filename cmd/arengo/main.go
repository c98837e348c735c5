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
	"syscall"
	_ "time/tzdata" // containers often have no time zones

	"github.com/redis/go-redis/v9"
)

// command runs one word of the command line and returns the exit code: 0, 1
// for a failure, 2 for wrong usage.
type command func(ctx context.Context, args []string, out, errs io.Writer) int

var commands = map[string]command{
	"serve":    configured(serve),
	"work":     configured(work),
	"seed":     configured(seedCommand),
	"migrate":  migrate,
	"doctor":   examine,
	"services": services,
	"mailbox":  mailbox,
	"workflow": workflowCommand,
}

func main() {
	redis.SetLogger(silence{})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	if len(args) > 0 {
		if c, ok := commands[args[0]]; ok {
			return c(ctx, args[1:], out, errs)
		}
	}
	lang := language(os.Getenv)
	if len(args) == 1 && (args[0] == "help" || args[0] == "--help" || args[0] == "-h") {
		help(out, lang)
		return 0
	}
	help(errs, lang)
	return 2
}

// configured makes a command without arguments that works with the
// environment's configuration.
func configured(do func(context.Context, Config, *slog.Logger, io.Writer) error) command {
	return func(ctx context.Context, args []string, out, errs io.Writer) int {
		if len(args) > 0 {
			fmt.Fprintf(errs, "arengo: unexpected argument %q\n", args[0])
			return 2
		}
		c, err := loadConfig(os.Getenv)
		if err == nil {
			err = do(ctx, c, c.logger(errs), out)
		}
		if err != nil {
			fmt.Fprintf(errs, "arengo: %v\n", err)
			return 1
		}
		return 0
	}
}

// descriptions say what each command does, in the order of their use.
var descriptions = []struct{ name, it, en string }{
	{"serve", "risponde alle pagine; senza ARENGO_DATABASE_URL accende anche server privati e dimostrazione", "answers pages; without ARENGO_DATABASE_URL it brings private servers and a demonstration"},
	{"work", "fa scattare le scadenze e spedisce i messaggi", "fires deadlines and delivers messages"},
	{"migrate", "aggiorna lo schema del database: up, down N, status", "brings the database's schema up to date: up, down N, status"},
	{"seed", "carica la dimostrazione; una seconda volta non cambia nulla", "loads the demonstration; a second time changes nothing"},
	{"doctor", "controlla database, Redis, posta, orologio e disco e dice che cosa fare", "checks database, Redis, mail, clock and disk and says what to do"},
	{"workflow", "controlla le definizioni dei percorsi: check FILE…", "checks definitions of processes: check FILE…"},
	{"mailbox", "accende una casella di prova che non spedisce nulla", "runs a test mailbox that sends nothing on"},
	{"services", "esegue un comando accanto a server privati e temporanei", "runs a command beside private, temporary servers"},
}

// help prints a line for each command.
func help(w io.Writer, lang tongue) {
	fmt.Fprintf(w, "%s arengo %s\n\n", lang.say("uso:", "usage:"), lang.say("COMANDO [ARGOMENTO …]", "COMMAND [ARGUMENT …]"))
	for _, d := range descriptions {
		fmt.Fprintf(w, "  %-9s %s\n", d.name, lang.say(d.it, d.en))
	}
}
