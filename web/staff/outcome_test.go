package staff_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"arengo/process/meeting"
	"arengo/process/outcome"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestOutcomes(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	a := s.NewActivity("webinar", "listening", "Webinar")
	_, err := meeting.New(s.Core).Schedule(t.Context(), s.Process.ID, a.ID, s.Facilitator, meeting.Draft{
		Starts: "2026-03-11T17:30", Ends: "2026-03-11T19:00", Place: "Siena", JoinURL: "https://video.example.org/1",
	})
	s.Must(err)
	list := s.home() + "/esiti"
	if s.get(s.Editor, list).Find("main .ar-task").Length() != 0 {
		t.Error("outcomes out of nothing")
	}
	form := url.Values{"kind": {"need"}, "title": {""}, "body": {"Autobus **serali**"}, "status": {"accepted"}, "answer": {""}}
	doc := s.send(s.Editor, list+"/nuovo", form).Is(http.StatusUnprocessableEntity)
	if doc.Find(".ar-errors li").Length() != 2 || !strings.Contains(doc.Find("textarea[name=body]").Text(), "serali") {
		t.Errorf("%s", doc.Find("main").Text())
	}
	form.Set("title", "Autobus la sera")
	form.Set("answer", "Dal 2027")
	at := s.post(s.Editor, list+"/nuovo", form)
	doc = s.get(s.Editor, at)
	saved := fields(doc.Find("main form").First())
	if saved.Get("title") != "Autobus la sera" || saved.Get("revision") != "1" {
		t.Errorf("%v", saved)
	}
	if to := s.post(s.Editor, at+"/pubblica", url.Values{"public": {"1"}}); to != at {
		t.Error(to)
	}
	public, err := outcome.New(s.Core).List(t.Context(), s.Process.ID, true)
	s.Must(err)
	if len(public) != 1 || public[0].Answer != "Dal 2027" {
		t.Errorf("%+v", public)
	}
	for _, lang := range []string{"it", "en"} {
		s.lang = lang
		if s.get(s.Editor, list).Find("main .ar-task").Length() != 1 || s.get(s.Editor, at).Find("select[name=kind] option[selected]").AttrOr("value", "") != "need" {
			t.Error("the outcome is not listed")
		}
		s.get(s.Editor, list+"/nuovo")
	}
	s.lang = "it"

	form.Set("revision", "1")
	form.Set("title", "Autobus di notte")
	s.post(s.Editor, at, form)
	form.Set("title", "Scritto su una pagina vecchia")
	doc = s.send(s.Editor, at, form).Is(http.StatusConflict)
	if again := fields(doc.Find("main form").First()); again.Get("revision") != "2" || again.Get("title") != "Scritto su una pagina vecchia" {
		t.Errorf("%v", again)
	}
	form.Set("revision", "2")
	form.Set("evidence", a.PublicID+"/no-such-note")
	if w := s.send(s.Editor, at, form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("unknown evidence: %d", w.Code)
	}
	s.post(s.Editor, at+"/pubblica", url.Values{"public": {"0"}})
	if public, err = outcome.New(s.Core).List(t.Context(), s.Process.ID, true); err != nil || len(public) != 0 {
		t.Errorf("%d are public, %v", len(public), err)
	}
	if w := s.as(s.Editor).Get(list + "/no-such"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}
