// Package api is what other programs call: where processes and activities
// stand, their log, why they cannot move, and their moves. A call goes the way
// of a person's form, by the same use cases and the same policy; web/site keeps
// tokens, limits and errors. The contract is openapi.json, which a test holds
// against the routes and against real answers.
package api

import (
	_ "embed" // the contract
	"encoding/json"
	"net/http"
	"strconv"

	"arengo/process"
	"arengo/process/fault"
	"arengo/process/token"
	"arengo/process/wire"
	"arengo/web/site"
	"arengo/workflow"
)

const (
	base    = site.PathAPI + "v1"
	pathOne = base + "/processes/:process"
)

//go:embed openapi.json
var contract json.RawMessage

// area is what the handlers of this package work with.
type area struct {
	core *process.Service
	wire *wire.Service
}

// Routes are the addresses of the API. Reading asks for what reading the
// process's pages in the workspace asks for; what moves is decided once more
// under the lock.
func Routes(s *site.Site) []site.Route {
	a := &area{core: s.Core, wire: wire.New(s.Core)}
	return []site.Route{
		site.Open(base+"/openapi.json", func(r *site.Request) error { return r.JSON(contract) }),
		site.Open(base+"/status", func(r *site.Request) error { return r.JSON(health{http.StatusOK, "ok"}) }),
		site.Call("GET", base+"/processes", token.Read, process.ActConnect, a.processList),
		site.Call("GET", pathOne, token.Read, process.ActProcessPreview, a.processShow),
		site.Call("GET", pathOne+"/transitions", token.Read, process.ActProcessPreview, a.transitionList),
		site.Call("GET", pathOne+"/can", token.Read, process.ActProcessPreview, a.eventList),
		site.Call("GET", pathOne+"/can/:event", token.Read, process.ActProcessPreview, a.eventCan),
		site.Call("POST", pathOne+"/transitions", token.Advance, process.ActProcessPreview, a.transitionCreate),
	}
}

type health struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
}

// target is what a call is about: the process, or one of its activities.
type target struct {
	activity *process.Activity
	ref      workflow.Ref
	id       process.ActivityID
	public   string
}

// target finds the activity of a public identifier; "" is the process itself.
func (a *area) target(r *site.Request, publicID string) (target, error) {
	if publicID == "" {
		return target{ref: r.Gate.Process.Ref()}, nil
	}
	list, err := a.core.Activities(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return target{}, err
	}
	for i := range list {
		if list[i].PublicID == publicID {
			return target{&list[i], list[i].Ref(), list[i].ID, publicID}, nil
		}
	}
	return target{}, &fault.Error{Code: fault.NotFound, Field: "activity", Key: "api.activity_unknown"}
}

// names are the public identifiers of a process's activities.
func (a *area) names(r *site.Request) (map[int64]string, error) {
	list, err := a.core.Activities(r.Context(), r.Gate.Process.ID)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for _, one := range list {
		names[int64(one.ID)] = one.PublicID
	}
	return names, nil
}

// number reads a whole number of the query between low and high; instead when
// it is absent.
func number(r *site.Request, name string, instead, low, high int64) (int64, error) {
	text := r.Query(name)
	if text == "" {
		return instead, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		return 0, fault.Field(name, "api.number_bad", "low", low, "high", high)
	}
	return n, nil
}

// etag writes a revision as a header.
func etag(revision int64) string { return strconv.Quote(strconv.FormatInt(revision, 10)) }
