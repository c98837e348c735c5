package questionnaire

import (
	"arengo/process"
	"arengo/process/questionnaire"
	"arengo/web/page"
	"arengo/web/questionnaire/desk"
	"arengo/web/site"
	"arengo/workflow/definition"
)

const kind = desk.Kind

// staffRoutes are the builder, the activity page and the results. The preview
// as participant, /gestione/:process/questionnaire/:activity/anteprima, is one
// of answerRoutes.
func staffRoutes(s *site.Site, q *questionnaire.Service) []site.Route { return desk.Routes(s, q) }

func rootOf(r *site.Request, a process.Activity) string { return desk.Root(r, a) }

func phaseSteps(def *definition.Compiled, state, lang string) []page.Step {
	return desk.PhaseSteps(def, state, lang)
}
