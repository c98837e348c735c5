package page

import (
	"errors"
	"net/http"

	"arengo/process/fault"
)

// Explain is the text that a person reads for err, in lang: the refusal's own
// key, or the generic text of its code when the key is empty or unknown. An
// internal fault gives the generic text of a 500, never its details.
func Explain(lang string, err error) string {
	e, ok := fault.As(err)
	if !ok {
		return T(lang, "fault.internal", nil)
	}
	if e.Key == "" || !Texts().Has(e.Key) {
		Texts().reportMissing(lang, e.Key)
		return T(lang, "fault.code."+string(e.Code), nil)
	}
	return T(lang, e.Key, e.Args)
}

func (c *Catalogue) reportMissing(lang, key string) {
	if key != "" {
		c.missing(lang, key)
	}
}

// FieldErrors turns a refusal, or a fault.List, into the error summary of a
// form, in order. It is nil when err holds no refusal.
func FieldErrors(lang string, err error) []FieldError {
	var list fault.List
	if errors.As(err, &list) {
		out := make([]FieldError, len(list))
		for i, e := range list {
			out[i] = FieldError{Field: e.Field, Message: Explain(lang, e)}
		}
		return out
	}
	e, ok := fault.As(err)
	if !ok {
		return nil
	}
	return []FieldError{{Field: e.Field, Message: Explain(lang, e)}}
}

// Status is the HTTP status of err: the refusal's, or 500.
func Status(err error) int {
	if e, ok := fault.As(err); ok {
		return e.Status()
	}
	return http.StatusInternalServerError
}
