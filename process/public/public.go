// Package public is what everybody may know across processes: meetings to come,
// what one can take part in now, where processes run and what they came to.
package public

import (
	"context"
	"strings"
	"time"

	"arengo/process"
)

// Service answers for the pages that need no name.
type Service struct{ core *process.Service }

// New makes the lists of a site.
func New(core *process.Service) *Service { return &Service{core} }

// Gathering is a meeting that was not called off, with the activity it belongs
// to and that activity's state.
type Gathering struct {
	ProcessID   process.ID
	ActivityID  process.ActivityID
	Slug        string
	Process     string
	Zone        string
	Kind        string
	PublicID    string
	Activity    string
	Title       string
	StartsAt    time.Time
	EndsAt      time.Time
	Place       string
	Online      bool
	InvitedOnly bool
	Definition  string
	Version     int
	State       string
}

// Call is an activity of a published process in a state that takes people in.
type Call struct {
	ProcessID  process.ID
	Kind       string
	Title      string
	Definition string
	Version    int
	State      string
	DueAt      *time.Time
	MeetsAt    *time.Time
}

// Area is a region or province where processes run.
type Area struct {
	Code      string
	Name      string
	Kind      string
	Processes int
	Running   []int64 `bun:",array"` // their identifiers
}

// Fruit is what a process has come to so far.
type Fruit struct {
	Slug     string
	Title    string
	Outcomes int
	Answered int
	Last     time.Time
}

// Name is the activity's title, with the meeting's own when that says more.
func (g Gathering) Name() string {
	if g.Title == "" || strings.Contains(g.Activity, g.Title) {
		return g.Activity
	}
	return g.Activity + ": " + g.Title
}

// Gatherings lists the meetings of one process that were not called off, by
// start.
func (s *Service) Gatherings(ctx context.Context, id process.ID) ([]Gathering, error) {
	return processGatherings(ctx, s.core.DB(), id)
}

// Coming lists the next meetings of all published processes that are open to
// everybody, at most limit, whatever the state of their activity.
func (s *Service) Coming(ctx context.Context, now time.Time, limit int) ([]Gathering, error) {
	return comingGatherings(ctx, s.core.DB(), now, limit)
}

// Calls gives the activities of published processes whose state is one of
// states ("definition/state") and whose term has not run out, the first to end
// first.
func (s *Service) Calls(ctx context.Context, states []string, now time.Time) ([]Call, error) {
	return listCalls(ctx, s.core.DB(), states, now)
}

// Areas counts the published processes of each region and province.
func (s *Service) Areas(ctx context.Context) ([]Area, error) { return listAreas(ctx, s.core.DB()) }

// Fruits gives the published processes with published outcomes, the latest
// first, at most limit.
func (s *Service) Fruits(ctx context.Context, limit int) ([]Fruit, error) {
	return listFruits(ctx, s.core.DB(), limit)
}

// Owner is the name of the body that leads a process.
func (s *Service) Owner(ctx context.Context, id process.OrganisationID) (string, error) {
	return organisationName(ctx, s.core.DB(), id)
}
