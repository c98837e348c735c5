package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// publicPage is that of the demonstration's process.
const publicPage = "/percorsi/next-generation-siena"

const uncached = 200

// measurePages asks for a public page as fast as one client process can, and
// for the same bytes from a bare handler.
func (h *house) measurePages(t *table) {
	h.b.Helper()
	res, body := h.get(h.base + publicPage)
	bare := h.bare(res.Header, body)
	var ours, theirs series
	for range rounds {
		ours = append(ours, h.wrk(h.base+publicPage))
		theirs = append(theirs, h.wrk(bare+publicPage))
	}
	t.line(fmt.Sprintf("Public page of a process (%.0f kB), pages a second, keep-alive", float64(len(body))/1000),
		fmt.Sprintf("%.0f (%s)", ours.median(), ours.spread("%.0f")),
		fmt.Sprintf("bare gin handler, same bytes: %.0f (%s); ratio **%.0f %%**", theirs.median(), theirs.spread("%.0f"), 100*ours.over(theirs)), "≥ 60 %")
	t.line("The same page made anew, one reader", fmt.Sprintf("%.1f ms", h.uncached().median()), "", "")
}

func (h *house) get(address string) (*http.Response, []byte) {
	h.b.Helper()
	res, err := http.Get(address)
	h.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	h.must(err)
	if res.StatusCode != http.StatusOK {
		h.b.Fatalf("%s: %s\n%.300s", address, res.Status, body)
	}
	return res, body
}

// uncached gives the milliseconds of answers that no memory holds: each address
// is another.
func (h *house) uncached() (ms series) {
	h.b.Helper()
	for i := range uncached {
		begun := time.Now()
		h.get(h.base + publicPage + "?n=" + strconv.Itoa(i))
		ms = append(ms, float64(time.Since(begun))/float64(time.Millisecond))
	}
	return ms
}

// bare serves the same bytes under the same headers, and does nothing else.
func (h *house) bare(header http.Header, body []byte) string {
	h.b.Helper()
	gin.SetMode(gin.ReleaseMode)
	header = header.Clone()
	header.Del("Date") // the server's own
	engine := gin.New()
	engine.GET("/percorsi/:process", func(c *gin.Context) {
		own := c.Writer.Header()
		for name, values := range header {
			own[name] = values
		}
		c.Status(http.StatusOK)
		c.Writer.Write(body)
	})
	l, err := net.Listen("tcp", freeAddress(h.b))
	h.must(err)
	server := &http.Server{Handler: engine, ReadHeaderTimeout: time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = server.Serve(l) }()
	h.b.Cleanup(func() { _ = server.Close() })
	return "http://" + l.Addr().String()
}

var (
	perSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	failures  = regexp.MustCompile(`Non-2xx or 3xx responses: \d+|Socket errors: .*`)
)

// wrk gives the answers a second; one that is no success fails the run.
func (h *house) wrk(address string) float64 {
	h.b.Helper()
	out, err := exec.CommandContext(h.b.Context(), tool(h.b, "wrk"), "-t1", "-c32", "-d6s", address).CombinedOutput()
	if err != nil {
		h.b.Fatalf("wrk: %v\n%s", err, out)
	}
	m := perSecond.FindSubmatch(out)
	if m == nil || failures.Match(out) {
		h.b.Fatalf("wrk %s:\n%s", address, out)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	h.must(err)
	return n
}
