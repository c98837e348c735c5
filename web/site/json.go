package site

import (
	"encoding/json"
	"net/http"
)

// JSON answers a script's request with an object.
func (r *Request) JSON(v any) error { return r.JSONStatus(http.StatusOK, v) }

// JSONStatus is JSON with another status.
func (r *Request) JSONStatus(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := r.c.Writer.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	r.c.Status(status)
	_, err = r.c.Writer.Write(body)
	return err
}
