package site

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"arengo/process/fault"
	"arengo/process/wire"
	"arengo/web/page"
	"arengo/workflow"
)

// Blocker is one reason why a transition cannot happen, as other programs are
// told: Code is stable, Href the page that resolves it, absent for what is
// waited for.
type Blocker struct {
	Code    string            `json:"code"`
	Explain map[string]string `json:"explain"`
	Href    string            `json:"href,omitempty"`
}

// Refusal is an error with what a program needs to go on: every blocker with
// the page that resolves it, and where the instance stands now.
type Refusal struct {
	Err      error
	Blockers []Blocker
	Instance *wire.Instance
}

// Error is that of the cause.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap gives the cause.
func (r *Refusal) Unwrap() error { return r.Err }

// problem is an error as a program reads it: a problem of RFC 9457 with all
// that is ours under "error". Key is that of the text, for who keeps texts of
// their own; Message is the text in the language asked for.
type problem struct {
	Type   string        `json:"type"`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Error  problemDetail `json:"error"`
}

type problemDetail struct {
	Code     string         `json:"code"`
	Key      string         `json:"key"`
	Message  string         `json:"message"`
	Field    string         `json:"field,omitempty"`
	Fields   []problemField `json:"fields,omitempty"`
	Blockers []Blocker      `json:"blockers,omitempty"`
	Instance *wire.Instance `json:"instance,omitempty"`
	Request  string         `json:"request_id"`
}

type problemField struct {
	Field   string `json:"field"`
	Key     string `json:"key"`
	Message string `json:"message"`
}

// explain is the text of an error for a program: where that for people speaks of
// the page in front of them, the catalogue has another under "api.".
func explain(lang string, err error) string {
	if f, ok := fault.As(err); ok {
		if key := "api." + cmp.Or(f.Key, "fault.code."+string(f.Code)); page.Texts().Has(key) {
			return page.T(lang, key, f.Args)
		}
	}
	return page.Explain(lang, err)
}

// writeProblem is how write answers programs.
func (s *Site) writeProblem(r *Request, status int, err error) {
	if f, ok := fault.As(err); ok && f.Key == "" && status == http.StatusNotFound {
		err = fault.New(fault.NotFound, "api.not_found").Because(err)
	}
	r.c.Status(status)
	status = r.c.Writer.Status() // another for a method that the address does not know
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Error: problemDetail{
		Code: "internal", Key: "fault.internal", Message: explain(r.Lang, err), Request: RequestID(r.c),
	}}
	if f, ok := fault.As(err); ok {
		p.Error.Code, p.Error.Key, p.Error.Field = string(f.Code), cmp.Or(f.Key, "fault.code."+string(f.Code)), f.Field
	}
	var list fault.List
	if errors.As(err, &list) {
		for _, f := range list {
			p.Error.Fields = append(p.Error.Fields, problemField{f.Field, f.Key, explain(r.Lang, f)})
		}
	}
	p.Error.Blockers = blockers(err)
	var refusal *Refusal
	if errors.As(err, &refusal) {
		p.Error.Blockers, p.Error.Instance = refusal.Blockers, refusal.Instance
	}
	body, failed := json.Marshal(p)
	if failed != nil {
		s.Log.ErrorContext(r.Context(), "problem could not be written", "request_id", RequestID(r.c), "error", failed)
	}
	h := r.c.Writer.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Content-Language", r.Lang)
	h.Set("Cache-Control", "no-store")
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="arengo"`)
	case http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(60))
	}
	_, _ = r.c.Writer.Write(body) // who does not listen any more is not told
}

// blockers are those of a transition that was refused where nobody added the
// pages that resolve them.
func blockers(err error) []Blocker {
	var blocked *workflow.Blocked
	if !errors.As(err, &blocked) {
		return nil
	}
	out := make([]Blocker, len(blocked.Blockers))
	for i, b := range blocked.Blockers {
		out[i] = Blocker{Code: b.Code, Explain: b.Explain}
	}
	return out
}
