package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestThePastIsShown asks for days before, during and after a phase.
func TestThePastIsShown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	past := func(day, clock string) string {
		return s.get(s.Promoter, s.home()+"/passato?"+url.Values{"giorno": {day}, "ora": {clock}}.Encode()).Find("main").Text()
	}
	first := s.state()
	def, inst, err := s.Core.Definition(t.Context(), s.DB, s.Process)
	s.Must(err)
	title := func(name string) string {
		st, _ := def.State(name)
		return st.Title.In("it")
	}
	s.At(noon(20))
	day := func(at time.Time) string { return at.In(s.Process.Location()).Format(time.DateOnly) }
	if text := past(day(inst.EnteredAt.AddDate(0, 0, -1)), ""); !strings.Contains(text, "non c’era ancora") {
		t.Errorf("before it was there: %q", text)
	}
	if text := past(day(noon(19)), "08:00"); !strings.Contains(text, title(first)) || !strings.Contains(text, "versione") {
		t.Errorf("in the first phase: %q", text)
	}
	if link := s.get(s.Promoter, s.home()).Find("a[href$='/passato']"); link.Length() != 1 {
		t.Error("the overview does not lead there")
	}
	for query, field := range map[string]string{
		"giorno=ieri": "giorno", "giorno=2026-03-10&ora=mezzogiorno": "ora", "giorno=2036-03-10": "giorno",
	} {
		refused := s.as(s.Promoter).Get(s.home() + "/passato?" + query)
		if refused.Code != http.StatusUnprocessableEntity || refused.Find("#"+field+"-e").Length() != 1 {
			t.Errorf("%s: %d", query, refused.Code)
		}
	}
	if got := s.as(s.Stranger).Get(s.home() + "/passato"); got.Code != http.StatusForbidden && got.Code != http.StatusNotFound {
		t.Errorf("a stranger looks back: %d", got.Code)
	}
}
