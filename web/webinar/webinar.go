// Package webinar serves the pages of webinars: people register, the link to
// join appears near the time to those who have a place, the recording follows.
// The pages are those of package gathering.
package webinar

import (
	"arengo/web/gathering"
	"arengo/web/site"
)

// Routes are the pages of webinars.
func Routes(s *site.Site) []site.Route {
	return gathering.Routes(s, gathering.Manner{Kind: "webinar", Online: true, Names: true})
}
