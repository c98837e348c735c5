package main

import (
	"slices"

	"arengo/web/account"
	"arengo/web/api"
	"arengo/web/assembly"
	"arengo/web/codesign"
	"arengo/web/connect"
	"arengo/web/focusgroup"
	"arengo/web/gathering"
	"arengo/web/hook"
	"arengo/web/inbox"
	"arengo/web/operator"
	"arengo/web/portal"
	"arengo/web/questionnaire"
	"arengo/web/setup"
	"arengo/web/site"
	"arengo/web/staff"
	"arengo/web/staff/ledger"
	"arengo/web/webinar"
)

// routes are the pages, a line an area. What an area needs of the domain it
// makes for itself from the site's Core.
func routes(s *site.Site) []site.Route {
	return slices.Concat[[]site.Route](
		portal.Routes(s),
		api.Routes(s),
		hook.Routes(s),
		account.Routes(s),
		staff.Routes(s),
		ledger.Routes(s),
		setup.Routes(s),
		connect.Routes(s),
		inbox.Routes(s),
		operator.Routes(s),
		questionnaire.Routes(s),
		webinar.Routes(s),
		focusgroup.Routes(s),
		codesign.Routes(s),
		assembly.Routes(s),
		gathering.Confirmation(s),
	)
}
