// Package hook is where services that this deployment uses report to it. So far
// that is one: a mail relay tells what became of messages.
package hook

import (
	"arengo/notify"
	"arengo/notify/bounce/hook"
	"arengo/process/fault"
	"arengo/process/roster"
	"arengo/web/site"
)

// maxBody is the largest report, in bytes.
const maxBody = 1 << 20

// area is what the handlers of this package work with.
type area struct{ site *site.Site }

// Routes are the addresses for services.
func Routes(s *site.Site) []site.Route {
	a := &area{s}
	const pathMail = site.PathHooks + "mail"
	return []site.Route{
		site.Hook(pathMail, a.mailTell),
		site.Hook(pathMail+"/:secret", a.mailTell),
	}
}

// answer says what became of the events of a report.
type answer struct {
	Recorded int `json:"recorded"`
	Known    int `json:"known"`
	Strange  int `json:"strange"`
	Ignored  int `json:"ignored"`
}

// mailTell records what a relay reports, in the form that "relay" of the query
// names, see package hook of notify/bounce. A relay repeats what was not answered
// with success; a repetition has no effect. Refusals: fault.Invalid
// "api.hook_form" and "api.json_size".
func (a *area) mailTell(r *site.Request) error {
	body, err := r.Body(maxBody)
	if err != nil {
		return err
	}
	told, err := hook.Read(r.Query("relay"), a.site.Return, body)
	if err != nil {
		return fault.New(fault.Invalid, "api.hook_form").Because(err)
	}
	if told.Confirm != "" {
		a.site.Log.WarnContext(r.Context(), "the mail relay asks to confirm that it may report: open this address", "url", told.Confirm)
	}
	core := a.site.Core
	post, err := notify.NewPostmaster(core.DB(), core, roster.Readers{}, a.site.Log)
	if err != nil {
		return err
	}
	taken, err := post.Relay(r.Context(), told.Reports)
	if err != nil {
		return err
	}
	return r.JSON(answer(taken))
}
