package outcome

import (
	"context"

	"arengo/process"
)

// reserve words the evidence of outcomes for everybody: where the figures of
// an activity are not public, the labels that were kept are not either.
func (s *Service) reserve(ctx context.Context, list []Outcome) error {
	known := map[process.ActivityID]map[string]string{}
	for i := range list {
		var shown []Evidence
		for _, e := range list[i].Evidence {
			labels, ok := known[e.ActivityID]
			if !ok {
				var err error
				if labels, err = s.reserved(ctx, list[i].ProcessID, e); err != nil {
					return err
				}
				known[e.ActivityID] = labels
			}
			if labels != nil {
				if e.Label = labels[e.Ref]; e.Label == "" {
					continue
				}
			}
			shown = append(shown, e)
		}
		list[i].Evidence = shown
	}
	return nil
}

func (s *Service) reserved(ctx context.Context, id process.ID, e Evidence) (map[string]string, error) {
	kind, err := s.core.Kinds().Get(e.ActivityKind)
	if err != nil {
		return nil, err
	}
	r, ok := kind.(process.Reserving)
	if !ok {
		return nil, nil
	}
	return r.Reserved(ctx, s.core.DB(), id, e.ActivityID)
}
