package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"arengo/cmd/arengo/embedded"
)

// services starts a PostgreSQL, a Redis and a mailbox of its own in a temporary
// folder, runs a command that finds them in its environment
// (ARENGO_TEST_DATABASE_URL, ARENGO_TEST_REDIS_URL, ARENGO_TEST_SMTP_URL), and
// stops them. The exit code is the command's. Nothing of theirs survives. With
// --durable they write as carefully as in production, for measurements.
func services(ctx context.Context, args []string, out, errs io.Writer) (code int) {
	durable := len(args) > 0 && args[0] == "--durable"
	if durable {
		args = args[1:]
	}
	if len(args) < 2 || args[0] != "--" {
		usage(errs, "services", language(os.Getenv))
		return 2
	}
	code, err := withServices(ctx, durable, func(environment []string) (int, error) {
		cmd := exec.CommandContext(ctx, args[1], args[2:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, errs
		cmd.Env = append(os.Environ(), environment...)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 30 * time.Second
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return max(exit.ExitCode(), 1), nil
		}
		return 0, err
	})
	if err != nil {
		fmt.Fprintf(errs, "arengo: services: %v\n", explain(err, language(os.Getenv)))
		return max(code, 1)
	}
	return code
}

func withServices(ctx context.Context, durable bool, do func(environment []string) (int, error)) (code int, err error) {
	dir, err := os.MkdirTemp("", "arengo-services-")
	if err != nil {
		return 1, fmt.Errorf("temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// As root the servers run as another user, who must pass through it.
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, fmt.Errorf("temporary folder: %w", err)
	}
	s, err := embedded.Start(ctx, embedded.Options{Dir: dir, Throwaway: !durable})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	box, err := embedded.StartMailbox(filepath.Join(dir, "mail"), "127.0.0.1:0", nil)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, box.Stop()) }()
	return do([]string{
		"ARENGO_TEST_DATABASE_URL=" + s.Postgres.URL(),
		"ARENGO_TEST_REDIS_URL=" + s.Redis.URL(),
		"ARENGO_TEST_SMTP_URL=" + box.URL(),
	})
}

// mailbox takes mail and delivers none of it: each message can be read on a
// page. It stands in for a relay where there is none.
func mailbox(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("arengo mailbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	mail := flags.String("smtp", "127.0.0.1:1025", "")
	pages := flags.String("http", "127.0.0.1:8025", "")
	dir := flags.String("dir", "mail", "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		helpOn(out, "mailbox", language(os.Getenv))
		return 0
	} else if err != nil || flags.NArg() > 0 {
		helpOn(errs, "mailbox", language(os.Getenv))
		return 2
	}
	if err := serveMailbox(ctx, *dir, *mail, *pages, out); err != nil {
		fmt.Fprintf(errs, "arengo: mailbox: %v\n", explain(err, language(os.Getenv)))
		return 1
	}
	return 0
}

func serveMailbox(ctx context.Context, dir, mail, pages string, out io.Writer) (err error) {
	box, err := embedded.StartMailbox(dir, mail, slog.New(slog.NewTextHandler(out, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Stop()) }()
	l, err := net.Listen("tcp", pages)
	if err != nil {
		return fmt.Errorf("listen for the pages: %w", err)
	}
	server := &http.Server{Handler: box.Handler(""), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	fmt.Fprintf(out, "%s\nhttp://%s/\n", box.URL(), l.Addr())
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
