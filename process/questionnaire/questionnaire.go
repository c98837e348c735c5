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
	"time"

	"arengo/process"
	"arengo/process/questionnaire/form"
	"arengo/process/roster"
)

// The states of the workflow that the rules of answering speak of.
const (
	stateDraft   = "draft"
	stateReady   = "ready"
	stateOpen    = "open"
	stateClosing = "closing"
	stateClosed  = "closed"
)

// Service holds the use cases. Compiled forms and tabulated results are kept in
// memory, so make one a program area; it is safe for concurrent use.
type Service struct {
	core   *process.Service
	roster *roster.Service
	forms  *cache[formKey, *form.Form]
	tables *cache[tableKey, tabulated]
}

// New makes the service.
func New(core *process.Service) *Service {
	return &Service{
		core: core, roster: roster.New(core),
		forms: newCache[formKey, *form.Form](256), tables: newCache[tableKey, tabulated](64),
	}
}

// Questionnaire is the working copy of one questionnaire, with what staff need
// to know of it. Published is nil before the first publication. ClosesAt is the
// end that somebody chose for the opening, half-open, nil before; once open the
// activity's own DueAt holds, which an extension moves.
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
