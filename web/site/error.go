package site

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"arengo/process/fault"
	"arengo/web/page"
	"arengo/workflow"
)

type errorPage struct {
	page.Base
	Heading string
	Text    string
	Reasons []string
	Request string // the identifier that the log has, for internal faults
	Back    string
	Resend  *resend // the form that was refused, nil when there is none
}

const requestKey = "request_id"

// statusGone is what the log says when the browser went away before the answer.
const statusGone = 499

// Identify gives each request an identifier, which the answer and the log
// carry.
func Identify(c *gin.Context) {
	var raw [8]byte
	rand.Read(raw[:]) // never fails: crypto/rand crashes the program instead
	id := hex.EncodeToString(raw[:])
	c.Set(requestKey, id)
	c.Header("X-Request-ID", id)
	c.Next()
}

// RequestID is the identifier of a request.
func RequestID(c *gin.Context) string { return c.GetString(requestKey) }

// write is the one place that answers with an error.
func (s *Site) write(r *Request, err error) {
	ctx := r.Context()
	status := page.Status(err)
	if status >= http.StatusInternalServerError && errors.Is(ctx.Err(), context.Canceled) {
		// Nobody listens any more. What fails then comes in many forms: a
		// connection that was closed, an answer that did not come.
		status = statusGone
		r.c.Status(status)
		r.c.Abort()
	}
	attrs := []any{"route", r.c.FullPath(), "method", r.c.Request.Method, "status", status, "request_id", RequestID(r.c), "error", err}
	if status >= http.StatusInternalServerError {
		s.Log.ErrorContext(ctx, "request failed", attrs...)
	} else {
		s.Log.InfoContext(ctx, "request refused", attrs...)
	}
	if status == statusGone || r.c.Writer.Written() {
		r.c.Abort()
		return
	}
	if r.program() {
		s.writeProblem(r, status, err)
		return
	}
	if fault.Is(err, fault.Unauthenticated) && r.c.Request.Method == http.MethodGet {
		r.c.Redirect(http.StatusSeeOther, "/accedi?da="+url.QueryEscape(r.Path()))
		return
	}
	if fault.Is(err, fault.TooMany) {
		r.c.Header("Retry-After", "60")
	}
	p := errorPage{
		Base: r.Base(page.T(r.Lang, "fault.title."+title(status), nil)), Text: page.Explain(r.Lang, err),
		Reasons: reasons(r.Lang, err), Back: r.back(),
	}
	if p.Resend = r.resending(err); p.Resend != nil {
		p.Text = page.T(r.Lang, p.Resend.why(), nil)
	}
	p.Heading, p.NoRating, p.NoIndex = p.Title, true, true
	if r.session == "" {
		p.Viewer = nil // the menu's own form needs a session's token
	}
	if status >= http.StatusInternalServerError {
		p.Request = RequestID(r.c)
	}
	if err := s.Renderer.Render(r.c.Writer, status, "site/error", p); err != nil {
		s.Log.ErrorContext(ctx, "error page failed", "request_id", RequestID(r.c), "error", err)
		http.Error(r.c.Writer, p.Text, status)
	}
}

// title names the kind of refusal for the page's heading.
func title(status int) string {
	switch status {
	case http.StatusNotFound:
		return "not_found"
	case http.StatusUnauthorized:
		return "unauthenticated"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusConflict:
		return "conflict"
	case http.StatusTooManyRequests:
		return "too_many"
	case http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return "invalid"
	}
	return "internal"
}

// reasons lists what blocks a transition, or what is wrong in a form.
func reasons(lang string, err error) []string {
	var blocked *workflow.Blocked
	if errors.As(err, &blocked) {
		var out []string
		for _, b := range blocked.Blockers {
			out = append(out, b.Explain.In(lang))
		}
		return out
	}
	var list fault.List
	if errors.As(err, &list) {
		var out []string
		for _, e := range list {
			out = append(out, page.Explain(lang, e))
		}
		return out
	}
	return nil
}

// back is the page that a form was sent from, when it is one of ours.
func (r *Request) back() string {
	ref, err := url.Parse(r.c.Request.Referer())
	if err != nil || ref.Host != r.c.Request.Host || !strings.HasPrefix(ref.Path, "/") {
		return "/"
	}
	return ref.RequestURI()
}

// parseForm reads a form of either encoding; a body over the limit is
// fault.Invalid "form.too_big".
func parseForm(req *http.Request, size int64) error {
	err := req.ParseMultipartForm(size)
	if errors.Is(err, http.ErrNotMultipart) {
		err = req.ParseForm()
	}
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return fault.New(fault.Invalid, "form.too_big", "max", size>>20)
	}
	if err != nil {
		return fault.New(fault.Invalid, "form.unreadable").Because(err)
	}
	return nil
}
