package setup_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"arengo/fixtures"
	"arengo/process"
	"arengo/process/upgrade"
	"arengo/workflow/definition"
)

// newer adds to the library a version of area-path in which the preparation has
// another name and lasts longer, and a phase is new. It returns the version that
// was the last, to which this one is the next.
func (w *world) newer() int {
	w.T.Helper()
	source, err := fixtures.Template("area-path")
	w.Must(err)
	def, _ := definition.Draft("area-path.yaml", source, nil) // what it says of kinds is not asked
	last, next := fmt.Sprintf("\nversion: %d\n", def.Version), fmt.Sprintf("\nversion: %d\n", def.Version+1)
	changed := strings.NewReplacer(
		last, next, "\n  preparation:\n", "\n  start-up:\n", "initial: preparation", "initial: start-up",
		"from: [preparation]", "from: [start-up]", "it: Preparazione, en: Preparation", "it: Avvio, en: Start-up",
		"term: {length: 30d, max: 90d}", "term: {length: 40d, max: 90d}",
	).Replace(string(source))
	if !strings.Contains(changed, next) || !strings.Contains(changed, "start-up") {
		w.T.Fatal("the template has changed: mend the test")
	}
	_, err = w.Core.Definitions().Add("area-path-next", []byte(changed))
	w.Must(err)
	return def.Version
}

// TestVersionIsChangedAndTakenBack goes to a newer version by the page alone, and
// back.
func TestVersionIsChangedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	b, at := w.lucia, "/gestione/"+p.Slug+"/versione"
	if text := b.Page(at).Find("main").Text(); !strings.Contains(text, "Non ci sono versioni più nuove") {
		t.Fatalf("nothing to move to: %q", text)
	}
	last := w.newer()
	target, next := fmt.Sprintf("area-path@%d", last+1), fmt.Sprintf("versione %d", last+1)
	if b.Page(at).Find("a[href*='"+target+"']").Length() != 1 {
		t.Fatal("the newer version is not offered")
	}
	if first := b.Page(at + "?modello=" + target); first.Find(".ar-errors").Length() != 0 || first.Find("select[name='fase.preparation']").Length() != 1 {
		t.Errorf("the first visit: %q", first.Find("main").Text())
	}
	refused := b.Get(at + "?modello=" + target + "&mostra=1")
	if refused.Code != http.StatusUnprocessableEntity || !strings.Contains(refused.Find(".ar-errors").Text(), "Preparazione") {
		t.Fatalf("a phase without a place: %d %q", refused.Code, refused.Find(".ar-errors").Text())
	}
	shown := b.Page(at + "?modello=" + target + "&fase.preparation=start-up")
	text := shown.Find("section[aria-labelledby=cambia]").Text()
	for _, want := range []string{"“Preparazione” si chiamerà “Avvio”", "Durata: 30 giorni", "Durata: 40 giorni", "Le fasi da qui in poi"} {
		if !strings.Contains(text, want) {
			t.Errorf("the comparison does not say %q: %q", want, text)
		}
	}
	const move, undo = "form:has(input[name=modello])[method=post]", "form[action$=annulla]"
	if again := b.Submit(shown, move, "reason", " "); again.Code != http.StatusUnprocessableEntity || again.Find("#reason-e").Length() != 1 {
		t.Errorf("without a reason: %d", again.Code)
	}
	now := moved(b, b.Submit(shown, move, "reason", "Serve più tempo"), at)
	if text := now.Find("main").Text(); !strings.Contains(text, next) || !strings.Contains(text, "Annulla il cambio") {
		t.Errorf("after the move: %q", text)
	}
	inst, err := w.Core.Engine().Instance(t.Context(), w.DB, p.Ref())
	w.Must(err)
	if inst.State != "start-up" || inst.Version != last+1 {
		t.Errorf("instance %+v", inst)
	}
	now = moved(b, b.Submit(now, undo, "reason", "Era meglio prima"), at)
	if text := now.Find("main").Text(); !strings.Contains(text, fmt.Sprintf("versione %d", last)) || now.Find(undo).Length() != 0 {
		t.Errorf("after the return: %q", text)
	}
	if got := w.nobody.Get(at); got.Code != http.StatusNotFound {
		t.Errorf("somebody else sees the versions: %d", got.Code)
	}
}

// Everybody reads the reason of a change, and of its return: it is bounded, and
// what was typed stays.
func TestReasonOfAVersionIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	b, at := w.lucia, "/gestione/"+p.Slug+"/versione"
	target := fmt.Sprintf("area-path@%d", w.newer()+1)
	const move, undo = "form:has(input[name=modello])[method=post]", "form[action$=annulla]"
	long := strings.Repeat("à", upgrade.MostReason+1)
	shown := b.Page(at + "?modello=" + target + "&fase.preparation=start-up")
	if a := b.Submit(shown, move, "reason", long).Is(http.StatusUnprocessableEntity); a.Find("#reason-e").Length() != 1 || a.Find("#reason").AttrOr("value", "") != long {
		t.Errorf("too long: %s", a.Text(".ar-errors"))
	}
	now := moved(b, b.Submit(shown, move, "reason", long[2:]), at)
	if a := b.Submit(now, undo, "reason", long).Is(http.StatusUnprocessableEntity); a.Find("#undo-reason-e").Length() != 1 {
		t.Errorf("too long to go back: %s", a.Text(".ar-errors"))
	}
}

// Who is overtaken by the end of the process does not lose what they wrote.
func TestVersionOfWhatEndedKeepsTheReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft()
	b, at := w.lucia, "/gestione/"+p.Slug+"/versione"
	target := fmt.Sprintf("area-path@%d", w.newer()+1)
	shown := b.Page(at + "?modello=" + target + "&fase.preparation=start-up")
	_, err := w.Core.Advance(t.Context(), p.ID, w.Promoter, process.Move{Event: "cancel", Reason: "Mancano i fondi"})
	w.Must(err)
	a := b.Submit(shown, "form:has(input[name=modello])[method=post]", "reason", "Lo chiede l’ente").Is(http.StatusConflict)
	if !strings.Contains(a.Text("main"), "Lo chiede l’ente") || a.Find(".ar-errors").Length() != 1 {
		t.Errorf("%q", a.Text("main"))
	}
}
