package focusgroup_test

import (
	"testing"

	"arengo/process/fault"
	domain "arengo/process/focusgroup"
	"arengo/process/meeting"
	"arengo/process/outcome"
	"arengo/web/focusgroup"
	"arengo/web/portal"
	"arengo/web/site"
	"arengo/web/staff"
	"arengo/web/webtest"
)

// noted is a group under way: the first guest is there and may be quoted.
func noted(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.Site = webtest.Serve(w.World.World.World,
		"focusgroup/desk focusgroup/door portal/process portal/report staff/outcome",
		func(s *site.Site) []site.Route {
			return append(append(focusgroup.Routes(s), portal.Routes(s)...), staff.Routes(s)...)
		})
	w.convene()
	_, err := w.groups().Accept(t.Context(), w.a.ProcessID, w.a.ID, w.people[0])
	w.Must(err)
	w.Must(w.Meetings.Consent(t.Context(), w.a.ProcessID, w.a.ID, w.people[0], meeting.Quotation))
	w.At(starts)
	list, err := w.Meetings.Meetings(t.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	w.Must(w.groups().Arrive(t.Context(), w.a.ProcessID, w.a.ID, w.Promoter, meeting.Presence{Meeting: list[0].ID, Person: w.people[0]}))
	return w
}

func (w *world) groups() *domain.Service { return domain.New(w.Core) }

func (w *world) write(statement string, quote bool) domain.Note {
	w.T.Helper()
	g, err := w.groups().Group(w.T.Context(), w.a.ProcessID, w.a.ID)
	w.Must(err)
	n, err := w.groups().SaveNote(w.T.Context(), w.Promoter, domain.Note{
		ProcessID: w.a.ProcessID, Activity: w.a.ID, Theme: g.Themes[0].ID, Speaker: 1, Statement: statement, Quote: quote,
	})
	w.Must(err)
	return n
}

// cite publishes an outcome that stands on notes.
func (w *world) cite(notes ...domain.Note) string {
	w.T.Helper()
	var cited []outcome.Citation
	for _, n := range notes {
		cited = append(cited, outcome.Citation{Activity: w.a.PublicID, Ref: n.Ref()})
	}
	s := outcome.New(w.Core)
	o, err := s.Save(w.T.Context(), w.Promoter, outcome.Outcome{ProcessID: w.a.ProcessID, Kind: "need", Title: "Pensiline"}, cited)
	w.Must(err)
	w.Must(s.Publish(w.T.Context(), w.Promoter, w.a.ProcessID, o.PublicID, true))
	return o.PublicID
}

// TestWordsNeedConsent prints what somebody said where an outcome stands on it
// only as long as they may be quoted, whatever was kept on the day it was cited.
func TestWordsNeedConsent(t *testing.T) {
	t.Parallel()
	w := noted(t)
	quote, told := w.write("Aspetto un’ora sotto la pioggia", true), w.write("Mio figlio va in auto", false)
	form := "/gestione/" + w.Process.Slug + "/esiti/" + w.cite(quote, told)
	public := []string{"/percorsi/" + w.Process.Slug + "/report", "/percorsi/" + w.Process.Slug + "/esiti"}
	read := func(says string, hides ...string) {
		t.Helper()
		for _, path := range public {
			w.Visitor().Get(path).Is(200).Says(says).Hides(hides...)
		}
		w.SignedIn(w.Promoter).Get(form).Is(200).Says(says).Hides(hides...)
	}
	if kept := w.Count(`SELECT count(*) FROM outcome_evidence WHERE label LIKE '%figlio%'`); kept != 0 {
		t.Error("words that nobody may quote were kept with the outcome")
	}
	read("Orari: Aspetto un’ora sotto la pioggia", "figlio")
	// As releases before kept it.
	w.Exec(`UPDATE outcome_evidence SET label = 'Orari: Mio figlio va in auto' WHERE ref = ?`, told.Ref())
	read("Orari: Aspetto un’ora sotto la pioggia", "figlio")
	w.Must(w.Meetings.Consent(t.Context(), w.a.ProcessID, w.a.ID, w.people[0]))
	read("(senza citazione)", "Aspetto", "figlio")
	w.Must(w.Meetings.Consent(t.Context(), w.a.ProcessID, w.a.ID, w.people[0], meeting.Quotation))
	quote.Statement = "Aspetto"
	quote, err := w.groups().SaveNote(t.Context(), w.Promoter, quote)
	w.Must(err)
	read("Orari: Aspetto", "sotto la pioggia", "figlio")
	if err := w.groups().DeleteNote(t.Context(), w.Promoter, quote); !fault.Is(err, fault.Conflict) {
		t.Errorf("a note that is cited was deleted: %v", err)
	}
}
