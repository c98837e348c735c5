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
