package site

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"arengo/process/fault"
	"arengo/process/token"
)

// PathAPI begins the addresses for other programs. What is answered there is
// JSON, errors included; no cookie is read or set.
const PathAPI = "/api/"

// callSize is the largest body of a call.
const callSize = 64 << 10

// program reports that another program asks, and no browser.
func (r *Request) program() bool { return ForPrograms(r.c.Request.URL.Path) }

// ForPrograms tells whether an address is one for other programs. What is asked
// there carries a secret of its own: it is no form that a page could forge.
func ForPrograms(path string) bool {
	return strings.HasPrefix(path, PathAPI) || strings.HasPrefix(path, PathHooks)
}

// call is the path of every request with a token: limits, token, scope, policy,
// handler. Nothing here reads a cookie, so no page elsewhere can make a browser
// call in the name of somebody who is signed in.
func (s *Site) call(route Route, r *Request) (err error) {
	if !clean(r.c.Request.URL.Path) || !clean(r.c.Request.URL.RawQuery) {
		return fault.New(fault.NotFound, "")
	}
	if err := r.Limited(LimitAPI, ""); err != nil {
		return err
	}
	if r.Now, err = s.Core.Now(r.Context(), s.Core.DB()); err != nil {
		return err
	}
	if err := s.open(r); err != nil {
		return err
	}
	if err := s.budget(r); err != nil {
		return err
	}
	if !r.Grant.May(route.Scope) {
		return fault.New(fault.Forbidden, "api.scope", "scope", route.Scope)
	}
	r.Actor = r.Grant.Actor
	if err := s.permit(route, r); err != nil {
		return err
	}
	return route.Handle(r)
}

// budget takes a call from what the token has, and says what is left.
func (s *Site) budget(r *Request) error {
	now := MachineTime()
	allowed := s.Limits.Own(LimitAPI, r.Grant.ID, now) // the address has paid already
	left, most, full := s.Limits.Left(LimitAPI, r.Grant.ID, now)
	r.SetHeader("X-RateLimit-Limit", strconv.Itoa(most))
	r.SetHeader("X-RateLimit-Remaining", strconv.Itoa(left))
	r.SetHeader("X-RateLimit-Reset", strconv.Itoa(int(full.Seconds())))
	if !allowed {
		return fault.New(fault.TooMany, "limit.wait")
	}
	return nil
}

// open reads the token. Who tries tokens that are not ours has a budget of
// mistakes; when it is spent none of theirs is looked at.
func (s *Site) open(r *Request) error {
	secret, ok := strings.CutPrefix(r.c.GetHeader("Authorization"), "Bearer ")
	if !ok {
		return fault.New(fault.Unauthenticated, "api.token_missing")
	}
	client, now := r.c.ClientIP(), MachineTime()
	if s.Limits.Spent(LimitForgery, client, now) {
		return fault.New(fault.TooMany, "limit.wait")
	}
	grant, err := token.New(s.Core).Open(r.Context(), strings.TrimSpace(secret), r.Now)
	if fault.Is(err, fault.Unauthenticated) {
		s.Limits.Allow(LimitForgery, "", client, now)
	}
	r.Grant = grant
	return err
}

// permit asks the policy. A process that the token's organisation does not lead
// does not exist for it, whatever its person may do there in a browser.
func (s *Site) permit(route Route, r *Request) error {
	if !strings.Contains(route.Path, "/:process") {
		return s.Core.AllowOrganisation(r.Context(), s.Core.DB(), r.Grant.Organisation, r.Actor, route.Act)
	}
	gate, err := s.Core.Enter(r.Context(), r.Param("process"), r.Actor, route.Act)
	if _, refused := fault.As(err); err != nil && !refused {
		return err
	}
	if gate.Process.OrganisationID != r.Grant.Organisation {
		return fault.New(fault.NotFound, "process.not_found")
	}
	r.Gate = gate
	return err
}

// Header is a header of the request.
func (r *Request) Header(name string) string { return strings.TrimSpace(r.c.GetHeader(name)) }

// SetHeader sets a header of the answer.
func (r *Request) SetHeader(name, value string) { r.c.Header(name, value) }

// Decode reads the JSON object of a call into v. Refusals: fault.Invalid
// "api.json_type", "api.json_size" or "api.json_bad"; at a field,
// "api.field_unknown" where v has none of that name, since a word misspelt would
// be passed over, and "api.field_bad" for a value of another type.
func (r *Request) Decode(v any) error {
	kind, _, err := mime.ParseMediaType(r.c.GetHeader("Content-Type"))
	if err != nil || kind != "application/json" {
		return fault.New(fault.Invalid, "api.json_type")
	}
	body, err := io.ReadAll(http.MaxBytesReader(r.c.Writer, r.c.Request.Body, callSize))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return fault.New(fault.Invalid, "api.json_size", "max", callSize>>10)
	}
	if err != nil {
		return fault.New(fault.Invalid, "api.json_bad").Because(err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return undecoded(err).Because(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "api.json_bad")
	}
	return nil
}

// undecoded says what of a body could not be read, as far as the decoder tells:
// it has no type for an unknown field.
func undecoded(err error) *fault.Error {
	var other *json.UnmarshalTypeError
	if quoted, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if name, err := strconv.Unquote(quoted); err == nil {
			return fault.Field(name, "api.field_unknown", "field", name)
		}
	}
	if errors.As(err, &other) && other.Field != "" {
		return fault.Field(other.Field, "api.field_bad", "field", other.Field)
	}
	return fault.New(fault.Invalid, "api.json_bad")
}
