package codesign_test

import (
	"testing"

	domain "arengo/process/codesign"
	"arengo/process/outcome"
	"arengo/web/codesign"
	"arengo/web/portal"
	"arengo/web/site"
	"arengo/web/webtest"
)

// TestHiddenCardIsNotCited: a card that the staff hide does not show under the
// outcome that stands on it either, and does again when they show it.
func TestHiddenCardIsNotCited(t *testing.T) {
	t.Parallel()
	w := open(t, 1)
	w.Site = webtest.Serve(w.World.World.World, "portal/process portal/report", func(s *site.Site) []site.Route {
		return append(codesign.Routes(s), portal.Routes(s)...)
	})
	w.At(first)
	labs := domain.New(w.Core)
	var cited []outcome.Citation
	var card domain.Card
	for _, title := range []string{"Ambulatorio", "Autobus la sera"} {
		var err error
		card, err = labs.Write(t.Context(), w.people[0], domain.Card{ProcessID: w.a.ProcessID, Activity: w.a.ID, Kind: "idea", Title: title})
		w.Must(err)
		cited = append(cited, outcome.Citation{Activity: w.a.PublicID, Ref: card.Ref()})
	}
	s := outcome.New(w.Core)
	o, err := s.Save(t.Context(), w.Promoter, outcome.Outcome{ProcessID: w.a.ProcessID, Kind: "need", Title: "Servizi"}, cited)
	w.Must(err)
	w.Must(s.Publish(t.Context(), w.Promoter, w.a.ProcessID, o.PublicID, true))
	report := "/percorsi/" + w.Process.Slug + "/report"
	w.Visitor().Get(report).Is(200).Says("Ambulatorio", "Autobus la sera")
	w.Must(labs.Hide(t.Context(), w.Promoter, card, "Offensiva"))
	w.Visitor().Get(report).Is(200).Says("Ambulatorio").Hides("Autobus la sera")
	w.Must(labs.Hide(t.Context(), w.Promoter, card, ""))
	w.Visitor().Get(report).Is(200).Says("Ambulatorio", "Autobus la sera")
}
