package questionnaire

import (
	"context"
	_ "embed"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"arengo/process"
	"arengo/process/questionnaire/form"
)

//go:embed workflow.yaml
var source []byte

// Kind is the questionnaire as the domain knows it.
type Kind struct{}

// Name is "questionnaire".
func (Kind) Name() string { return "questionnaire" }

// Workflow is the definition: draft, ready, open, closing, closed, cancelled.
func (Kind) Workflow() []byte { return source }

// Create begins with an empty section under the activity's title.
func (Kind) Create(ctx context.Context, tx bun.IDB, a process.Activity) error {
	return insertQuestionnaire(ctx, tx, a, form.Definition{
		Title: form.Text{"it": a.Title, "en": a.Title},
		Sections: []form.Section{
			{Code: "s1", Title: form.Text{"it": "Domande", "en": "Questions"}},
		},
	})
}

// Counts gives "published" (versions), "questions" (of the last version), "ends"
// (1 when a closing day is chosen) and "results_published" (0 or 1).
func (Kind) Counts(ctx context.Context, db bun.IDB, id process.ID, activities []process.ActivityID) (map[process.ActivityID]map[string]int64, error) {
	return countQuestionnaires(ctx, db, id, activities)
}

// Contributors are those who answered.
func (Kind) Contributors(id process.ID) schema.QueryAppender { return contributors(id) }

// Evidence lists the questions with what most people answered, once no more
// answers can come; nothing before. Ref is "item/CODE".
func (Kind) Evidence(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) ([]process.Evidence, error) {
	return evidence(ctx, db, id, activity)
}

// Reserved is the questions without a figure, until the results are published.
func (Kind) Reserved(ctx context.Context, db bun.IDB, id process.ID, activity process.ActivityID) (process.Wording, error) {
	return reserved(ctx, db, id, activity)
}
