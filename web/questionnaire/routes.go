// Package questionnaire holds the pages of the questionnaire: those on which
// people answer, and those on which staff write it, follow it and read it.
package questionnaire

import (
	"slices"

	"arengo/process/questionnaire"
	"arengo/web/site"
)

// Routes lists the pages of the questionnaire.
func Routes(s *site.Site) []site.Route {
	service := questionnaire.New(s.Core)
	return slices.Concat(answerRoutes(s, service), staffRoutes(s, service))
}
