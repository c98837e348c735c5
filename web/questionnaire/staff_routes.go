package questionnaire

import (
	"arengo/process/questionnaire"
	"arengo/web/site"
)

// staffRoutes are the builder, the activity page and the results. The preview
// as participant, /gestione/:process/questionnaire/:activity/anteprima, is one
// of answerRoutes.
func staffRoutes(*site.Site, *questionnaire.Service) []site.Route { return nil }
