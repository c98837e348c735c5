package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/gin-gonic/gin"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
)

// policy is the Content-Security-Policy of every answer: nothing from
// elsewhere, nothing inline.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=(), browsing-topics=()"

// protect sets what every answer carries, before the engine, which makes some
// answers by itself. HSTS is for two years, and only over HTTPS, where it means
// something.
func protect(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
}

// record logs each request by its route's pattern: paths hold tokens.
func (s *Server) record(c *gin.Context) {
	begun := site.MachineTime()
	c.Next()
	route, level := c.FullPath(), slog.LevelInfo
	switch route {
	case "/healthz", "/readyz", page.AssetPrefix + "*file":
		level = slog.LevelDebug
	case "":
		route = "none"
	}
	took := site.MachineTime().Sub(begun)
	s.config.Log.LogAttrs(c.Request.Context(), level, "request",
		slog.String("method", c.Request.Method), slog.String("route", route), slog.Int("status", c.Writer.Status()),
		slog.Duration("took", took), slog.Int("bytes", max(0, c.Writer.Size())),
		slog.String("request_id", site.RequestID(c)))
}

// recover turns a panic into the page of an internal error; the log has the
// stack under the identifier that the page shows. It also refuses forms from
// elsewhere, so that they get a page as well.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(p) // net/http's own way of hanging up
		}
		s.config.Log.ErrorContext(c.Request.Context(), "handler panicked", "request_id", site.RequestID(c),
			"route", c.FullPath(), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		c.Abort()
		s.config.Site.Refuse(c, fmt.Errorf("panic: %v", p))
	}()
	if err, foreign := c.Request.Context().Value(foreignKey{}).(error); foreign && s.oneClick[c.FullPath()] {
		site.FromElsewhere(c) // it may be what a program of mail sends, see site.Route
	} else if foreign {
		c.Abort()
		s.config.Site.Refuse(c, fault.New(fault.Forbidden, "form.token_bad").Because(err))
		return
	}
	c.Next()
}

// methodRefused is a page that says "not found" with the status of a method
// that the address does not know.
type methodRefused struct{ gin.ResponseWriter }

// WriteHeader replaces 404 by 405.
func (w methodRefused) WriteHeader(status int) {
	if status == http.StatusNotFound {
		status = http.StatusMethodNotAllowed
	}
	w.ResponseWriter.WriteHeader(status)
}
