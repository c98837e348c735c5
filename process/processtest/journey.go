package processtest

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"
)

// CountedDatabase is Database for those who care how often they wait for it:
// journeys tells how many times so far something was sent after something had
// been received, on all connections together. A connection's first use of a
// statement costs more than the later ones.
func CountedDatabase(t testing.TB) (db *bun.DB, journeys func() int64) {
	t.Helper()
	address := DatabaseURL(t)
	to, err := pgconn.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	w := &wire{to: to}
	go w.serve(l)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = l.Addr().String(), "sslmode=disable"
	return open(t, u.String()), w.turns.Load
}

// wire passes on what a program and its server say.
type wire struct {
	to    *pgconn.Config
	turns atomic.Int64
}

func (w *wire) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		go w.pass(client)
	}
}

func (w *wire) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	network, address := "tcp", fmt.Sprintf("%s:%d", w.to.Host, w.to.Port)
	if strings.HasPrefix(w.to.Host, "/") {
		network, address = "unix", fmt.Sprintf("%s/.s.PGSQL.%d", w.to.Host, w.to.Port)
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return // the client learns it from its own end
	}
	defer func() { _ = server.Close() }()
	var asking atomic.Bool // the last word was the client's
	go func() {
		defer func() { _ = client.Close() }()
		speak(client, server, func() { asking.Store(false) })
	}()
	speak(server, client, func() {
		if !asking.Swap(true) {
			w.turns.Add(1)
		}
	})
}

// speak copies until an end closes, and tells before each piece.
func speak(to io.Writer, from io.Reader, before func()) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			before()
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
