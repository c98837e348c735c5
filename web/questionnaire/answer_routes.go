package questionnaire

import (
	"arengo/process/questionnaire"
	"arengo/web/site"
)

func answerRoutes(*site.Site, *questionnaire.Service) []site.Route { return nil }
