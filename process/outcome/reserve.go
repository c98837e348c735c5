package outcome

import (
	"context"

	"arengo/process"
)

// reserve words the evidence of outcomes for everybody: what an activity keeps
// back by now, the labels that were kept do not tell either.
func (s *Service) reserve(ctx context.Context, list []Outcome) error {
	known := map[process.ActivityID]process.Wording{}
	for i := range list {
		var shown []Evidence
		for _, e := range list[i].Evidence {
			wording, ok := known[e.ActivityID]
			if !ok {
				var err error
				if wording, err = s.reserved(ctx, list[i].ProcessID, e); err != nil {
					return err
				}
				known[e.ActivityID] = wording
			}
			if wording != nil {
				if e.Label = wording(process.Evidence{Ref: e.Ref, Label: e.Label}); e.Label == "" {
					continue
				}
			}
			shown = append(shown, e)
		}
		list[i].Evidence = shown
	}
	return nil
}

func (s *Service) reserved(ctx context.Context, id process.ID, e Evidence) (process.Wording, error) {
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
