// Package door takes in reports about mail over SMTP or LMTP. It is a door and no
// mail server: it opens for return addresses that this program made, keeps
// nothing, and answers only when what it was told is written down.
package door

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"arengo/notify"
	"arengo/notify/bounce"
)

// Taker writes reports down: *notify.Postmaster.
type Taker interface {
	Mail(ctx context.Context, reports []bounce.Report) (notify.Taken, error)
}

// Config is what a door works with; all but the two times are required.
type Config struct {
	Place  Place
	Return *bounce.Return
	Taker  Taker
	Log    *slog.Logger

	Timeout time.Duration // for each exchange with a client; a minute when zero
	Again   time.Duration // between attempts to listen; 15 s when zero
}

// The limits of what is let in.
const (
	maxConnections = 50
	maxRecipients  = 5
	maxStrangers   = 5 // wrong recipients of a connection
	maxMessage     = 20 << 20
)

// Door listens. Several nodes may have one, each its own.
type Door struct{ Config }

// New checks the configuration; it does not listen.
func New(c Config) (*Door, error) {
	if c.Return == nil || c.Taker == nil || c.Log == nil || c.Place.Address == "" {
		return nil, errors.New("door: place, return address, taker and log are required")
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Again == 0 {
		c.Again = 15 * time.Second
	}
	return &Door{c}, nil
}

// Run listens until the context ends, then lets the reports in hand be written
// down and returns nil. A place that cannot be had, because another worker of
// this machine has it, is tried again: reports wait at the servers meanwhile.
func (d *Door) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := d.open(ctx)
		if err == nil || ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop
		}
		d.Log.WarnContext(ctx, "reports about mail are not taken in", "place", d.Place.Address, "error", err, "retry_in", d.Again)
		select {
		case <-ctx.Done():
		case <-time.After(d.Again):
		}
	}
	return nil
}

func (d *Door) open(ctx context.Context) error {
	l, err := d.listen(ctx)
	if err != nil {
		return err
	}
	return d.Serve(ctx, l)
}

// listen takes the place. A socket that a killed program left is taken over; one
// that answers is somebody's.
func (d *Door) listen(ctx context.Context) (net.Listener, error) {
	var c net.ListenConfig
	if d.Place.Network != "unix" {
		return c.Listen(ctx, d.Place.Network, d.Place.Address)
	}
	if info, err := os.Lstat(d.Place.Address); err == nil && info.Mode().Type() == fs.ModeSocket {
		var dialer net.Dialer
		if conn, err := dialer.DialContext(ctx, "unix", d.Place.Address); err == nil {
			_ = conn.Close() // it was only to see who is there
			return nil, fmt.Errorf("%s is in use", d.Place.Address)
		}
		if err := os.Remove(d.Place.Address); err != nil {
			return nil, err
		}
	}
	l, err := c.Listen(ctx, "unix", d.Place.Address)
	if err != nil {
		return nil, err
	}
	// The mail server runs under another name; its folder says who may come.
	return l, os.Chmod(d.Place.Address, 0o666) //nolint:gosec // see above
}

// Serve takes reports in at a listener until the context ends, and closes it.
func (d *Door) Serve(ctx context.Context, l net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{door: d, conn: c, ctx: ctx}, nil
	}))
	server.LMTP, server.Domain = d.Place.LMTP, "arengo"
	server.MaxRecipients, server.MaxMessageBytes = maxRecipients, maxMessage
	server.ReadTimeout, server.WriteTimeout = d.Timeout, d.Timeout
	server.EnableSMTPUTF8 = true
	server.ErrorLog = slog.NewLogLogger(d.Log.Handler(), slog.LevelDebug)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
		case <-ended:
			return
		}
		patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if server.Shutdown(patient) != nil {
			_ = server.Close() // who is still talking comes again
		}
	}()
	err := server.Serve(netutil.LimitListener(l, maxConnections))
	_ = l.Close() // closed already, unless the server never began
	if errors.Is(err, smtp.ErrServerClosed) || ctx.Err() != nil {
		return nil // told to stop
	}
	return err
}
