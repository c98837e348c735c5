package roster

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"arengo/process"
)

// Stage counts the invitations of an activity, withdrawn ones apart. Opened
// includes who drafted or answered, and Drafted who answered. Every invitation
// is in exactly one of Answered, Bounced, OptedOut and Silent, so that Silent is
// whom a reminder reaches.
type Stage struct {
	Invited  int
	Opened   int
	Drafted  int
	Answered int
	Bounced  int
	OptedOut int
	Silent   int
}

// Rate is the share of the invited who answered, 0 when nobody is invited.
func (s Stage) Rate() float64 {
	if s.Invited == 0 {
		return 0
	}
	return float64(s.Answered) / float64(s.Invited)
}

// Missing is how many more answers reach a target rate between 0 and 1.
func (s Stage) Missing(target float64) int {
	// The small subtraction keeps 0.4 × 2480, which is 992.0000000000001 in
	// binary, from asking for one answer too many.
	return max(0, int(math.Ceil(target*float64(s.Invited)-1e-9))-s.Answered)
}

func (s *Stage) add(o Stage) {
	s.Invited += o.Invited
	s.Opened += o.Opened
	s.Drafted += o.Drafted
	s.Answered += o.Answered
	s.Bounced += o.Bounced
	s.OptedOut += o.OptedOut
	s.Silent += o.Silent
}

// PlaceStage is the stage of one municipality; Territory 0 are the invited
// without one. Units is the reference population, 0 when unknown.
type PlaceStage struct {
	Stage
	Territory process.TerritoryID
	Code      string
	Name      string
	Zone      string
	Units     int64
}

// ZoneStage is the stage of a zone; Zone is "" for municipalities without one.
type ZoneStage struct {
	Stage
	Zone  string
	Units int64
}

// Funnel is the way from invitation to answer: of everybody, of each
// municipality and of each zone, the lowest rates first.
type Funnel struct {
	Stage
	Places []PlaceStage
	Zones  []ZoneStage
}

// Funnel counts the invitations of an activity as they stand, in one query.
func (s *Service) Funnel(ctx context.Context, id process.ID, activity process.ActivityID) (Funnel, error) {
	places, err := countFunnel(ctx, s.db, id, activity)
	if err != nil {
		return Funnel{}, err
	}
	return newFunnel(places), nil
}

func newFunnel(places []PlaceStage) Funnel {
	f := Funnel{Places: places}
	zones := map[string]*ZoneStage{}
	for _, p := range places {
		f.add(p.Stage)
		z := zones[p.Zone]
		if z == nil {
			z = &ZoneStage{Zone: p.Zone}
			zones[p.Zone] = z
		}
		z.add(p.Stage)
		z.Units += p.Units
	}
	for _, z := range zones {
		f.Zones = append(f.Zones, *z)
	}
	// With one target for all, the farthest below it is the lowest rate.
	slices.SortFunc(f.Places, func(a, b PlaceStage) int {
		return cmp.Or(cmp.Compare(a.Rate(), b.Rate()), strings.Compare(a.Name, b.Name), cmp.Compare(a.Territory, b.Territory))
	})
	slices.SortFunc(f.Zones, func(a, b ZoneStage) int {
		return cmp.Or(cmp.Compare(a.Rate(), b.Rate()), strings.Compare(a.Zone, b.Zone))
	})
	return f
}

// Below splits the municipalities at a target rate between 0 and 1, the
// farthest from it first; the second list has reached it.
func (f Funnel) Below(target float64) (below, reached []PlaceStage) {
	for _, p := range f.Places {
		if p.Missing(target) > 0 {
			below = append(below, p)
		} else {
			reached = append(reached, p)
		}
	}
	return below, reached
}
