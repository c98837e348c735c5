package site

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"

	"arengo/process/fault"
)

// PathHooks begins the addresses at which services that this deployment uses
// report to it, such as a mail relay. As below PathAPI, what is answered is JSON
// and no cookie is read.
const PathHooks = "/hooks/"

// Hook declares an address for a service that shows a secret of the deployment: in
// ":secret" of the path, or as a bearer's token or a password, which need the
// path without it.
func Hook(path string, h Handler) Route {
	return Route{Method: "POST", Path: path, Access: Hooked, Handle: h}
}

// hooked is the path of every report: limits, secret, handler. Nobody acts in it,
// and no page elsewhere can know the secret.
func (s *Site) hooked(route Route, r *Request) error {
	if !clean(r.c.Request.URL.Path) || !clean(r.c.Request.URL.RawQuery) {
		return fault.New(fault.NotFound, "")
	}
	if err := r.Limited(LimitAPI, ""); err != nil {
		return err
	}
	client, now := r.c.ClientIP(), MachineTime()
	if s.Limits.Spent(LimitForgery, client, now) {
		return fault.New(fault.TooMany, "limit.wait")
	}
	if !s.knows(r.secret()) {
		s.Limits.Allow(LimitForgery, "", client, now)
		return fault.New(fault.Unauthenticated, "api.hook_secret")
	}
	return route.Handle(r)
}

func (r *Request) secret() string {
	if s := r.Param("secret"); s != "" {
		return s
	}
	if _, password, ok := r.c.Request.BasicAuth(); ok {
		return password
	}
	bearer, _ := strings.CutPrefix(r.Header("Authorization"), "Bearer ")
	return strings.TrimSpace(bearer)
}

// knows compares a secret with each of ours in the same time, whatever it is.
func (s *Site) knows(secret string) bool {
	given := sha256.Sum256([]byte(secret))
	found := 0
	for _, one := range s.HookSecrets {
		ours := sha256.Sum256([]byte(one))
		found |= subtle.ConstantTimeCompare(given[:], ours[:])
	}
	return found == 1 && secret != ""
}

// Body reads a request whole; fault.Invalid "api.json_size" when it has more than
// so many bytes.
func (r *Request) Body(most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(r.c.Writer, r.c.Request.Body, most))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, fault.New(fault.Invalid, "api.json_size", "max", most>>10)
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "api.json_bad").Because(err)
	}
	return body, nil
}
