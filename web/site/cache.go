package site

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// answers keeps, for a moment, what anonymous visitors were shown, so that a
// link in the news does not ask the database for each of ten thousand readers.
type answers struct {
	mu   sync.Mutex
	kept map[string]answer
}

type answer struct {
	body   []byte
	header http.Header
	until  time.Time
}

const (
	maxAnswers    = 500
	maxAnswerSize = 512 << 10
)

// recorder copies what a handler writes.
type recorder struct {
	gin.ResponseWriter

	body bytes.Buffer
}

func (w *recorder) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

func (w *recorder) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// repeatable reports whether a request may be answered with what another was
// shown: nobody is signed in and no message waits.
func (s *Site) repeatable(route Route, r *Request) bool {
	return route.Cache > 0 && s.CacheFor > 0 && r.c.Request.Method == http.MethodGet &&
		r.cookie(cookieSession) == "" && r.cookie(cookieFlash) == ""
}

// repeat answers from memory when it can; otherwise it begins to record.
func (s *Site) repeat(route Route, r *Request) bool {
	if !s.repeatable(route, r) {
		return false
	}
	now := time.Now() //nolint:forbidigo // how long a copy is good is real time
	s.cache.mu.Lock()
	a, ok := s.cache.kept[r.Lang+r.Path()]
	s.cache.mu.Unlock()
	if ok && now.Before(a.until) {
		h := r.c.Writer.Header()
		for name, values := range a.header {
			h[name] = values
		}
		r.c.Status(http.StatusOK)
		r.c.Writer.Write(a.body) //nolint:errcheck // the browser went away
		return true
	}
	r.c.Writer = &recorder{ResponseWriter: r.c.Writer}
	return false
}

// keep stores a recorded answer that was a success.
func (s *Site) keep(route Route, r *Request) {
	w, ok := r.c.Writer.(*recorder)
	if !ok || w.Status() != http.StatusOK || w.body.Len() > maxAnswerSize || w.Header().Get("Set-Cookie") != "" {
		return
	}
	now := time.Now() //nolint:forbidigo // how long a copy is good is real time
	header := http.Header{}
	for _, name := range []string{"Content-Type", "Cache-Control", "Vary"} {
		if v := w.Header().Values(name); len(v) > 0 {
			header[name] = v
		}
	}
	life := time.Duration(float64(route.Cache) * s.CacheFor)
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.cache.kept == nil || len(s.cache.kept) >= maxAnswers {
		s.cache.kept = make(map[string]answer, maxAnswers)
	}
	s.cache.kept[r.Lang+r.Path()] = answer{body: w.body.Bytes(), header: header, until: now.Add(life)}
}
