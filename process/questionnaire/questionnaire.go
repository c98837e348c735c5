// Package questionnaire is the kind of activity that asks: a definition that is
// written, checked and published; an answering that people begin, interrupt and
// send; the figures that come of it. What a definition means stands in package
// form, what answers add up to in package result; this package is where both
// meet the database, the clock and the workflow.
//
// A questionnaire is confidential: answers and identity stand in tables apart
// (response and response_identity) from the first day. Nothing here that reads
// answers in order to analyse them joins the two.
package questionnaire

import (
	"context"
	"io"
	"iter"
	"time"

	"github.com/uptrace/bun"

	"arengo/process"
	"arengo/process/questionnaire/form"
	"arengo/process/questionnaire/result"
	"arengo/process/roster"
)

// Service holds the use cases. Compiled forms and tabulated results are kept in
// memory, so make one a program area; it is safe for concurrent use.
type Service struct {
	core   *process.Service
	roster *roster.Service
	forms  *forms
	tables *tables
}

// New makes the service.
func New(core *process.Service) *Service {
	return &Service{core: core, roster: roster.New(core), forms: newForms(), tables: newTables()}
}

// Questionnaire is the working copy of one questionnaire, with what staff need
// to know of it. Published is nil before the first publication; ClosesAt is the
// chosen end, half-open, nil while nobody chose one.
type Questionnaire struct {
	ProcessID  process.ID
	ActivityID process.ActivityID
	Definition form.Definition
	Revision   int64 // of the working copy: Save and PublishDefinition name it
	UpdatedAt  time.Time

	Published          *Version
	Changed            bool // the working copy differs from the published version
	ClosesAt           *time.Time
	ResultsPublishedAt *time.Time
}

// Version is one published definition. It never changes.
type Version struct {
	Number      int
	Definition  form.Definition
	SHA256      string // of the canonical JSON, lower-case hexadecimal
	PublishedAt time.Time
}

var _ = []any{
	(*Service).Load, (*Service).Save, (*Service).PublishDefinition, (*Service).Version,
	(*Service).SetEnd, (*Service).Results, (*Service).PublishResults, (*Service).WriteAnswers,
}

// Load gives the working copy; fault.NotFound "activity.not_found".
func (s *Service) Load(ctx context.Context, id process.ID, activity process.ActivityID) (Questionnaire, error) {
	panic("to come")
}

// Save writes the working copy: any definition, also one with errors. q is what
// Load gave with Definition changed; the result has the new revision. Refusals:
// fault.Conflict "form.stale" when somebody saved first (load again and show
// both: nothing is lost), fault.Closed "questionnaire.edit_closed" once answers
// are taken, and the policy's (ActActivityEdit).
func (s *Service) Save(ctx context.Context, who process.Actor, q Questionnaire) (Questionnaire, error) {
	panic("to come")
}

// PublishDefinition makes the working copy at that revision the next version;
// one equal to the last version changes nothing. Refusals: a fault.List of
// fault.Invalid, one for each error of form.Check, with the item's code as
// Field; fault.Conflict "form.stale"; fault.Closed "questionnaire.edit_closed";
// the policy's.
func (s *Service) PublishDefinition(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, revision int64) (Version, error) {
	panic("to come")
}

// Version gives a published version; 0 is the latest. fault.NotFound
// "questionnaire.not_published".
func (s *Service) Version(ctx context.Context, id process.ID, activity process.ActivityID, number int) (Version, error) {
	panic("to come")
}

// Form is a published version compiled; 0 is the latest. Errors as Version.
func (s *Service) Form(ctx context.Context, id process.ID, activity process.ActivityID, number int) (*form.Form, error) {
	panic("to come")
}

// SetEnd chooses the last day on which answers are taken, yyyy-mm-dd in the
// process's zone. Refusals: fault.Invalid at "end": "questionnaire.end_bad",
// "questionnaire.end_past", "questionnaire.end_beyond" (args "max", "days");
// fault.Closed "questionnaire.edit_closed" once open (extend it then); the
// policy's (ActActivityEdit).
func (s *Service) SetEnd(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, day string) error {
	panic("to come")
}

// Rows streams the submitted responses without any identity, in no order that
// means anything.
func (s *Service) Rows(ctx context.Context, id process.ID, activity process.ActivityID) iter.Seq2[result.Row, error] {
	panic("to come")
}

// Results are the figures as of now, kept until another response comes in.
// fault.NotFound "questionnaire.not_published" before any version.
func (s *Service) Results(ctx context.Context, id process.ID, activity process.ActivityID) (*result.Results, error) {
	panic("to come")
}

// WriteAnswers writes every response as CSV in the language of words, in
// random order, without identity or stratum. ActResultRead is the route's.
func (s *Service) WriteAnswers(ctx context.Context, to io.Writer, id process.ID, activity process.ActivityID, words result.Words) error {
	panic("to come")
}

// Publication is the document by which results become public. Body is
// Markdown; both are shown on the process's page under the code "results".
type Publication struct {
	Title string
	Body  string
}

// PublishResults makes the results public: it notes the date, and writes and
// publishes the process's document "results", which the workflow of the process
// may ask for. Doing it again replaces the text and keeps the first date.
// Refusals: fault.Closed "questionnaire.results_early" unless the questionnaire
// is closed, fault.Invalid at "title" or "body", and the policy's
// (ActActivityRun).
func (s *Service) PublishResults(ctx context.Context, id process.ID, activity process.ActivityID, who process.Actor, p Publication) error {
	panic("to come")
}

// Kind is the questionnaire as the domain knows it.
type Kind struct{}

var _ bun.IDB = (*bun.DB)(nil)
