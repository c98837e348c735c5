package outcome_test

import (
	"testing"

	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/process/meeting/meetingtest"
	"arengo/process/outcome"
	"arengo/process/webinar"
)

func TestOutcomeStandsOnEvidence(t *testing.T) {
	t.Parallel()
	w := meetingtest.New(t, webinar.Kind{})
	s := outcome.New(w.Core)
	a := w.Activity("webinar")
	_, err := w.Meetings.Schedule(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Draft{
		Starts: "2026-03-20T18:00", Ends: "2026-03-20T19:00", JoinURL: "https://meet.example.org/x",
	})
	w.Must(err)
	w.Must(w.Advance(a, "open", ""))
	w.At(meetingtest.Start.AddDate(0, 0, 14))
	_, err = w.Meetings.Publish(t.Context(), w.Process.ID, a.ID, w.Promoter, meeting.Material{
		Kind: "slides", Title: "Le slide", URL: "https://example.org/slide.pdf",
	})
	w.Must(err)
	citable, err := s.Citable(t.Context(), w.Process.ID)
	w.Must(err)
	if len(citable) != 1 || len(citable[0].Evidence) == 0 {
		t.Fatalf("nothing can be cited: %+v", citable)
	}
	cited := outcome.Citation{Activity: a.PublicID, Ref: citable[0].Evidence[0].Ref}

	o, err := s.Save(t.Context(), w.Promoter, outcome.Outcome{ProcessID: w.Process.ID, Kind: "need", Title: "Più corse la sera"},
		[]outcome.Citation{cited, cited})
	w.Must(err)
	got, err := s.Load(t.Context(), w.Process.ID, o.PublicID)
	w.Must(err)
	if len(got.Evidence) != 1 || got.Evidence[0].Label != citable[0].Evidence[0].Label || got.Evidence[0].ActivityRef != a.PublicID {
		t.Errorf("evidence %+v", got.Evidence)
	}

	t.Run("ErrUnknownEvidence", func(t *testing.T) {
		_, err := s.Save(t.Context(), w.Promoter, outcome.Outcome{ProcessID: w.Process.ID, Kind: "need", Title: "X"},
			[]outcome.Citation{{Activity: a.PublicID, Ref: "nothing"}})
		if e, ok := fault.As(err); !ok || e.Key != "outcome.evidence_unknown" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("ErrStale", func(t *testing.T) {
		got.Title = "Ancora più corse"
		_, err := s.Save(t.Context(), w.Promoter, got, nil)
		w.Must(err)
		if _, err := s.Save(t.Context(), w.Promoter, got, nil); !fault.Is(err, fault.Conflict) {
			t.Errorf("the second editor overwrote: %v", err)
		}
	})
	t.Run("ErrAnswer", func(t *testing.T) {
		_, err := s.Save(t.Context(), w.Promoter, outcome.Outcome{ProcessID: w.Process.ID, Kind: "proposal", Title: "X", Status: "rejected"}, nil)
		if e, ok := fault.As(err); !ok || e.Field != "answer" {
			t.Errorf("rejected without a reason: %v", err)
		}
	})
	t.Run("PublicOnlyWhenPublished", func(t *testing.T) {
		if list, err := s.List(t.Context(), w.Process.ID, true); err != nil || len(list) != 0 {
			t.Errorf("%d are public, %v", len(list), err)
		}
		w.Must(s.Publish(t.Context(), w.Promoter, w.Process.ID, o.PublicID, true))
		if list, err := s.List(t.Context(), w.Process.ID, true); err != nil || len(list) != 1 {
			t.Errorf("%d are public, %v", len(list), err)
		}
	})
}
