package staff_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"arengo/web/staff/gate"
)

// form is the one of the page that asks for what.
func form(doc *goquery.Selection, what string) *goquery.Selection {
	return doc.Find("form").Has(`input[name=what][value=` + what + `]`).First()
}

// A process is suspended and goes on: what rests is listed before, the page and
// the cockpit say it meanwhile, and the log afterwards.
func TestSuspendAndResume(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.Publish()
	s.At(noon(6))
	path := s.home() + "/proroga"
	ask := fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Suspend))
	ask.Set("reason", "")
	doc := s.send(s.Facilitator, path, ask).Is(http.StatusUnprocessableEntity)
	if doc.Find(`.ar-errors a[href="#sospensione-motivo"]`).Length() != 1 {
		t.Errorf("no reason: %s", doc.Find("main").Text())
	}
	ask.Set("reason", "Sciopero dei trasporti")
	for _, s.lang = range []string{"en", "it"} {
		doc = s.send(s.Facilitator, path, ask).Is(http.StatusOK)
	}
	if doc.Find("tbody tr").Length() == 0 || !strings.Contains(doc.Find("main").Text(), "si ferma, finché non si riprende") {
		t.Errorf("preview: %s", doc.Find("main").Text())
	}
	confirm := fields(form(doc.Find("main"), gate.Suspend))
	if confirm.Get("preview") != "" {
		t.Fatalf("%v", confirm)
	}
	if to := s.post(s.Facilitator, path, confirm); to != s.home() {
		t.Error(to)
	}
	s.send(s.Facilitator, path, confirm).Is(http.StatusConflict)
	page := s.get(s.Facilitator, s.home())
	if !strings.Contains(page.Find(".ar-chip--late").Text(), "Sospeso") || !strings.Contains(page.Find("#proroga").Text(), "riprendi o annulla") {
		t.Errorf("held: %s", page.Find("main").Text())
	}
	if !strings.Contains(s.get(s.Facilitator, "/oggi").Find("main").Text(), "in sospeso da") {
		t.Error("the cockpit does not say that it rests")
	}
	s.get(s.Facilitator, path)
	s.At(noon(30))
	if s.state() != "listening" {
		t.Fatal("it moved while it rested")
	}
	ask = fields(form(s.get(s.Facilitator, s.home()).Find("#proroga"), gate.Resume))
	ask.Set("reason", "Lo sciopero è finito")
	doc = s.send(s.Facilitator, path, ask).Is(http.StatusOK)
	s.post(s.Facilitator, path, fields(form(doc.Find("main"), gate.Resume)))
	log := s.get(s.Facilitator, s.home()).Find("#registro ~ table").Text()
	for _, want := range []string{"Sospensione di", "Sciopero dei trasporti", "Ripresa di", "Lo sciopero è finito"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q: %s", want, log)
		}
	}
}
