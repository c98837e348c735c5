// Package fault holds the one error type of Arengo: a machine-readable code,
// a locale key for people and the place the problem is at. It imports nothing
// of ours, so that workflow and notify may refuse in the same words.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"sort"
	"strings"
)

// Code classifies a refusal; each has one HTTP status.
type Code string

// The codes. Anything that is not an *Error is an internal fault (500).
const (
	Invalid         Code = "invalid"
	Unauthenticated Code = "unauthenticated"
	Forbidden       Code = "forbidden"
	NotFound        Code = "not_found"
	Conflict        Code = "conflict"
	Closed          Code = "closed"
	TooMany         Code = "too_many"
)

var statuses = map[Code]int{
	Invalid:         http.StatusUnprocessableEntity,
	Unauthenticated: http.StatusUnauthorized,
	Forbidden:       http.StatusForbidden,
	NotFound:        http.StatusNotFound,
	Conflict:        http.StatusConflict,
	Closed:          http.StatusConflict,
	TooMany:         http.StatusTooManyRequests,
}

// Error is a refusal that a person can be told. Key is a locale key, never a
// sentence; Args fill its placeholders; Field names the form field at fault,
// empty when it concerns the whole request.
type Error struct {
	Code  Code
	Field string
	Key   string
	Args  map[string]any
	Err   error // the cause, for the log only
}

// Error renders the refusal for a log: code, key, and of the arguments only the
// numbers and the truths, since texts may be what a person typed.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Code, e.Key)
	if e.Field != "" {
		fmt.Fprintf(&b, " (field %s)", e.Field)
	}
	names := make([]string, 0, len(e.Args))
	for name := range e.Args {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		switch e.Args[name].(type) {
		case int, int32, int64, float64, bool:
			fmt.Fprintf(&b, " %s=%v", name, e.Args[name])
		}
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Status is the HTTP status of the error's code.
func (e *Error) Status() int {
	if s, ok := statuses[e.Code]; ok {
		return s
	}
	return http.StatusInternalServerError
}

// New makes a refusal without a field. The arguments alternate name, value.
func New(code Code, key string, args ...any) *Error {
	return &Error{Code: code, Key: key, Args: pairs(args)}
}

// Field makes an Invalid refusal that points at one form field.
func Field(field, key string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Key: key, Args: pairs(args)}
}

// Because attaches a cause for the log.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// Is reports whether err is, or wraps, a refusal with this code.
func Is(err error, code Code) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// As extracts the refusal from an error chain; ok is false for internal faults.
func As(err error) (e *Error, ok bool) {
	ok = errors.As(err, &e)
	return e, ok
}

// List is several refusals of one form, in the order of the form's fields.
type List []*Error

// Error joins the refusals for a log.
func (l List) Error() string {
	parts := make([]string, len(l))
	for i, e := range l {
		parts[i] = e.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap makes the members visible to errors.Is and errors.As.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// Err is nil for an empty list, so that a validation can end with it.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[fmt.Sprint(args[i])] = args[i+1]
	}
	return m
}
