package staff_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"arengo/process/upgrade"
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
	if text := past(day(noon(20)), ""); !strings.Contains(text, "versione") {
		t.Errorf("today, which has not ended: %q", text)
	}
	if link := s.get(s.Promoter, s.home()).Find("a[href$='/passato']"); link.Length() != 1 {
		t.Error("the overview does not lead there")
	}
	for query, field := range map[string]string{
		"giorno=ieri": "giorno", "giorno=2026-03-10&ora=mezzogiorno": "ora", "giorno=2036-03-10": "giorno",
		"giorno=0001-01-01": "giorno", "giorno=9999-12-31": "giorno",
	} {
		refused := s.as(s.Promoter).Get(s.home() + "/passato?" + query)
		if refused.Code != http.StatusUnprocessableEntity || refused.Find("#"+field+"-e").Length() != 1 {
			t.Errorf("%s: %d", query, refused.Code)
		}
		if form := strings.Contains(refused.Text(".ar-errors"), "Scrivi il giorno"); form != (query == "giorno=ieri") {
			t.Errorf("%s: %s", query, refused.Text(".ar-errors"))
		}
	}
	if got := s.as(s.Stranger).Get(s.home() + "/passato"); got.Code != http.StatusForbidden && got.Code != http.StatusNotFound {
		t.Errorf("a stranger looks back: %d", got.Code)
	}
}

// TestTheLogNamesPhasesByTheirOwnVersion moves to a version in which the first
// phase has another name: what happened before keeps its words.
func TestTheLogNamesPhasesByTheirOwnVersion(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	def, inst, err := s.Core.Definition(t.Context(), s.DB, s.Process)
	s.Must(err)
	first, _ := def.State(inst.State)
	old, title := strconv.Itoa(def.Version), first.Title.In("it")
	source := strings.NewReplacer("version: "+old, "version: 99", "it: "+title+",", "it: Tutt’altro,").Replace(string(def.Source))
	_, err = s.Core.Definitions().Add("other", []byte(source))
	s.Must(err)
	s.Must(upgrade.Do(t.Context(), s.Core, s.Process.ID, s.Promoter, upgrade.Move{
		Target: upgrade.Target{Name: def.Name, Version: 99}, Reason: "Così si capisce",
	}))
	text := s.get(s.Promoter, s.home()).Find("table").Last().Text()
	for _, want := range []string{title, "versione 99", "Così si capisce"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not say %q: %q", want, text)
		}
	}
	s.Must(upgrade.Undo(t.Context(), s.Core, s.Process.ID, s.Promoter, "Meglio prima", 0))
	if text := s.get(s.Promoter, s.home()).Find("table").Last().Text(); !strings.Contains(text, "annullato") || !strings.Contains(text, "versione "+old) {
		t.Errorf("after the return: %q", text)
	}
}
