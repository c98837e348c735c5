// Package web serves the pages: the gin engine with what surrounds every
// request, and the server that starts and ends it. What a page is stands in
// package site, the pages themselves in the packages below this one.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/site"
)

// Config is what a server is made of. Site and Log are required.
type Config struct {
	Site   *site.Site
	Routes []site.Route
	Log    *slog.Logger

	// Origin is the public address, such as https://partecipa.example.it, from
	// which forms are accepted even when a proxy changes the Host.
	Origin string
	// TrustedProxies are the addresses or networks whose X-Forwarded-For tells
	// who asks; none are trusted when empty.
	TrustedProxies []string
	// Ready tells whether requests can be answered; nil is always.
	Ready func(ctx context.Context) error
}

// Unguarded are the routes outside the policy: they show nothing of anybody.
var Unguarded = []string{"/healthz", "/readyz", page.AssetPrefix + "*file"}

// Server answers requests.
type Server struct {
	config Config
	engine *gin.Engine
	http   *http.Server

	oneClick map[string]bool // the paths that take forms from elsewhere
}

// The limits of one request: slow clients must not hold connections for ever,
// nor must a long export be cut.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 2 * time.Minute
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	drainTime     = 20 * time.Second
	readyTimeout  = 2 * time.Second
)

// New builds a server; it fails when a route declares no access, or twice.
func New(c Config) (*Server, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	if err := engine.SetTrustedProxies(c.TrustedProxies); err != nil {
		return nil, fmt.Errorf("trusted proxies: %w", err)
	}
	s := &Server{config: c, engine: engine, oneClick: map[string]bool{}}
	for _, route := range c.Routes {
		s.oneClick[route.Path] = s.oneClick[route.Path] || route.OneClick
	}
	engine.Use(site.Identify, s.record, s.recover)
	engine.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	engine.GET("/readyz", s.ready)
	engine.GET(page.AssetPrefix+"*file", gin.WrapH(c.Site.Renderer.Assets()))
	engine.NoRoute(func(g *gin.Context) { c.Site.Refuse(g, fault.New(fault.NotFound, "")) })
	engine.NoMethod(func(g *gin.Context) {
		g.Writer = methodRefused{g.Writer}
		c.Site.Refuse(g, fault.New(fault.NotFound, ""))
	})
	if err := c.Site.Mount(engine, c.Routes); err != nil {
		return nil, fmt.Errorf("routes: %w", err)
	}
	guarded, err := s.guard()
	if err != nil {
		return nil, err
	}
	s.http = &http.Server{
		Handler: guarded, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Handler is the whole server as a handler, for tests.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Routes lists every route with its method, those outside the policy included.
func (s *Server) Routes() gin.RoutesInfo { return s.engine.Routes() }

// Serve answers on l until the context ends, then finishes the requests in
// hand, for at most twenty seconds, and returns nil.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- s.http.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	err := s.http.Shutdown(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		s.config.Log.Warn("requests were cut off", "after", drainTime)
		err = s.http.Close()
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// guard stands before the engine: forms from other origins are refused, and
// HEAD is answered as GET, whose body the server then leaves out.
func (s *Server) guard() (http.Handler, error) {
	protection := http.NewCrossOriginProtection()
	if s.config.Origin != "" {
		if err := protection.AddTrustedOrigin(s.config.Origin); err != nil {
			return nil, fmt.Errorf("address of the site: %w", err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header(), s.config.Site.Secure)
		if r.Method == http.MethodHead {
			get := *r
			get.Method = http.MethodGet
			r = &get
		}
		// What carries a token of its own is no form that a page could forge.
		if site.ForPrograms(r.URL.Path) {
			s.engine.ServeHTTP(w, r)
			return
		}
		if err := protection.Check(r); err != nil {
			r = r.WithContext(context.WithValue(r.Context(), foreignKey{}, err))
		}
		s.engine.ServeHTTP(w, r)
	}), nil
}

// foreignKey marks a request that comes from another origin; it is refused
// inside the engine, where the page of the refusal has its frame.
type foreignKey struct{}

func (s *Server) ready(c *gin.Context) {
	if s.config.Ready == nil {
		c.String(http.StatusOK, "ready\n")
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
	defer cancel()
	if err := s.config.Ready(ctx); err != nil {
		s.config.Log.WarnContext(ctx, "not ready", "error", err)
		c.String(http.StatusServiceUnavailable, "not ready\n")
		return
	}
	c.String(http.StatusOK, "ready\n")
}
