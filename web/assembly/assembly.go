// Package assembly serves the pages of public assemblies: date, place and
// agenda before, minutes after. The pages are those of package gathering.
package assembly

import (
	"arengo/web/gathering"
	"arengo/web/site"
)

// Routes are the pages of assemblies.
func Routes(s *site.Site) []site.Route {
	return gathering.Routes(s, gathering.Manner{Kind: "assembly", Agenda: true, Minutes: true})
}
