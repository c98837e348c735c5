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
	kept map[string]*answer
	size int // of all bodies together, in bytes
}

// answer is one of them. While somebody makes it anew the others are shown what
// is there, for as long again: at its end they must not all ask the database at
// once.
type answer struct {
	body     []byte
	header   http.Header
	until    time.Time
	renewing bool
}

const (
	maxAnswers    = 500
	maxAnswerSize = 512 << 10
	maxSize       = 16 << 20
)

// find gives the answer that a reader may be shown. One reader after its end
// finds nothing, and makes it anew.
func (k *answers) find(key string, now time.Time, life time.Duration) (answer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.kept[key]
	switch {
	case !ok || !now.Before(a.until.Add(life)):
		return answer{}, false
	case now.Before(a.until) || a.renewing:
		return *a, true
	}
	a.renewing = true
	return answer{}, false
}

// release lets another reader make an answer anew, when the one who tried has
// nothing to keep.
func (k *answers) release(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a, ok := k.kept[key]; ok {
		a.renewing = false
	}
}

// put keeps an answer. When there are too many they are all forgotten: they are
// a second's work.
func (k *answers) put(key string, a *answer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if old, ok := k.kept[key]; ok {
		k.size -= len(old.body)
	}
	if k.kept == nil || len(k.kept) >= maxAnswers || k.size+len(a.body) > maxSize {
		k.kept, k.size = make(map[string]*answer, maxAnswers), 0
	}
	k.kept[key] = a
	k.size += len(a.body)
}

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
	now := MachineTime()
	if a, ok := s.cache.find(r.Lang+r.Path(), now, s.life(route)); ok {
		h := r.c.Writer.Header()
		for name, values := range a.header {
			h[name] = values
		}
		r.c.Status(http.StatusOK)
		_, _ = r.c.Writer.Write(a.body) // the browser may have gone away
		return true
	}
	r.c.Writer = &recorder{ResponseWriter: r.c.Writer}
	return false
}

// keep stores a recorded answer that was a success; after any other, and after
// a panic, the next reader tries again.
func (s *Site) keep(route Route, r *Request, done bool) {
	w, ok := r.c.Writer.(*recorder)
	if !ok {
		return
	}
	if !done || w.Status() != http.StatusOK || w.body.Len() > maxAnswerSize || w.Header().Get("Set-Cookie") != "" {
		s.cache.release(r.Lang + r.Path())
		return
	}
	now := MachineTime()
	header := http.Header{}
	for _, name := range []string{"Content-Type", "Cache-Control", "Vary"} {
		if v := w.Header().Values(name); len(v) > 0 {
			header[name] = v
		}
	}
	s.cache.put(r.Lang+r.Path(), &answer{body: w.body.Bytes(), header: header, until: now.Add(s.life(route))})
}

// life is how long an answer of a route is good.
func (s *Site) life(route Route) time.Duration {
	return time.Duration(float64(route.Cache) * s.CacheFor)
}
