// Package site is the frame that every page of Arengo stands in: routes with a
// declared policy, the request as handlers see it, sessions, form tokens, rate
// limits, and the one place that writes errors.
package site

import (
	"time"

	"arengo/process"
)

// Access says who may follow a route.
type Access int

// The kinds of access. Undeclared is refused at start-up, so that no route can
// be left open by forgetting.
const (
	Undeclared Access = iota
	Public            // everybody, without reading a session's roles
	Bearer            // whoever holds the token in the path
	Gated             // decided by process.Allow for the route's Act
	Keyed             // decided so too, for whom an API token acts as; see bearer.go
	Hooked            // a service that shows a secret of the deployment; see hook.go
)

// Route is one address. Under a path with ":process", a Gated route's Act is
// decided on that process, and the handler finds it in Request.Gate; under one
// with ":organisation" on that organisation, in Request.Organisation; elsewhere
// it is decided on the person alone.
type Route struct {
	Method string
	Path   string
	Access Access
	Act    process.Act
	Scope  string        // of the token that a Keyed route asks for
	Limit  Limit         // extra limit on top of the general one
	Size   int64         // largest body in bytes; 1 MiB when 0
	Cache  time.Duration // how long an anonymous answer may be repeated; 0 never
	// OwnClock marks a form whose use case reads the clock under its own lock:
	// Request.Now is then the zero time, and pages read it when they are made.
	OwnClock bool
	// OneClick marks a form that programs send as well, when their reader says so
	// there: a POST as in RFC 8058 carries no form token, and may come from any
	// origin. Only what the bearer of a link may do can be asked for so.
	OneClick bool
	Handle   Handler
}

// Handler answers a request or says why not; errors are written in one place.
type Handler func(r *Request) error

// Get declares a page that a person may read when process.Allow permits act.
func Get(path string, act process.Act, h Handler) Route {
	return Route{Method: "GET", Path: path, Access: Gated, Act: act, Handle: h}
}

// Post declares a form that a person may send when process.Allow permits act.
func Post(path string, act process.Act, h Handler) Route {
	return Route{Method: "POST", Path: path, Access: Gated, Act: act, Handle: h}
}

// Call declares an address of the API, for tokens with a scope whose person may
// do act. It knows no cookie, and answers in JSON, errors included.
func Call(method, path, scope string, act process.Act, h Handler) Route {
	return Route{Method: method, Path: path, Access: Keyed, Scope: scope, Act: act, Handle: h}
}

// Open declares a page for everybody.
func Open(path string, h Handler) Route {
	return Route{Method: "GET", Path: path, Access: Public, Handle: h}
}

// Send declares a form for everybody.
func Send(path string, limit Limit, h Handler) Route {
	return Route{Method: "POST", Path: path, Access: Public, Limit: limit, Handle: h}
}

// Hold declares a page or a form for the bearer of the token in ":token".
func Hold(method, path string, h Handler) Route {
	return Route{Method: method, Path: path, Access: Bearer, Limit: LimitToken, Handle: h}
}
