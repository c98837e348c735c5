package desk_test

import (
	"slices"
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
	"arengo/web/webtest"
)

func TestBuilderShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.Get(w.root + "/domande/q8").Is(200)
	page.Says("Domanda 8").Says("In parole: la vede chi ha risposto al massimo 2 alla domanda 7.").Says("Prova come partecipante")
	if n := page.Find(".ar-items li").Length(); n != 21 {
		t.Errorf("%d lines in the list instead of 20 questions and a note", n)
	}
	if n := page.Find(".ar-items li.is-branch").Length(); n == 0 {
		t.Error("no branch is set in")
	}
	for _, path := range []string{"/domande", "/domande/q1", "/domande/q2", "/domande/q3", "/domande/q7", "/domande/q12", "/sezione/you"} {
		w.Get(w.root + path).Is(200)
	}
	w.Get(w.root + "/domande/nessuna").Is(404)
	w.Get(w.root + "/sezione/nessuna").Is(404)
}

func TestItemSave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := fields(w.Get(here), here)
	before := *w.stored("q1")
	values.Set("fai", "salva")
	got := w.PostForm(here, values).Is(303)
	if got.Location() != here {
		t.Errorf("went to %s", got.Location())
	}
	if after := *w.stored("q1"); strings.Join(labels(after), "|") != strings.Join(labels(before), "|") || after.Required != before.Required {
		t.Errorf("saving what was shown changed it: %+v", after)
	}

	values = fields(w.Get(here), here)
	values.Set("text_it", "Dove vivi?")
	values["opt_it"][0] = "Qui"
	values.Set("fai", "opzione")
	if got = w.PostForm(here, values).Is(303); got.Location() != here+"?righe=6#o6" {
		t.Errorf("went to %s", got.Location())
	}
	values = fields(w.Get(here+"?righe=6"), here)
	values["opt_it"][5] = "Altrove"
	values.Set("fai", "alza:5")
	w.PostForm(here, values).Is(303)
	item := w.stored("q1")
	if item.Text["it"] != "Dove vivi?" || len(item.Options) != 6 || item.Options[0].Text["it"] != "Qui" || item.Options[4].Text["it"] != "Altrove" {
		t.Errorf("stored %q %v", item.Text["it"], labels(*item))
	}
	values = fields(w.Get(here), here)
	values.Set("fai", "togli:0")
	w.PostForm(here, values).Is(303)
	if item = w.stored("q1"); len(item.Options) != 5 || item.Options[0].Code == "live" {
		t.Errorf("the first option stayed: %v", labels(*item))
	}
}

func labels(item form.Item) []string {
	var out []string
	for _, o := range item.Options {
		out = append(out, o.Code+"="+o.Text["it"]+"/"+o.Text["en"])
	}
	return out
}

func TestItemActs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	act := func(code, verb string) *webtest.Answer {
		here := w.root + "/domande/" + code
		values := fields(w.Get(here), here)
		values.Set("fai", verb)
		return w.PostForm(here, values).Is(303)
	}
	act("q1", "giu")
	if order := w.load().Definition.Sections[0].Items; order[0].Code != "q2" || order[1].Code != "q1" {
		t.Errorf("q1 did not move down")
	}
	copied := strings.TrimPrefix(act("q1", "duplica").Location(), w.root+"/domande/")
	if w.stored(copied) == nil || copied == "q1" {
		t.Errorf("no copy: %s", copied)
	}
	if got := act(copied, "chiedi"); !strings.HasSuffix(got.Location(), "?elimina=1") {
		t.Errorf("deleting is not asked about: %s", got.Location())
	}
	w.Get(w.root + "/domande/q7?elimina=1").Is(200).Says("si vede secondo la risposta a questa").Says("Che cosa te lo impedisce")
	act(copied, "elimina")
	if w.stored(copied) != nil {
		t.Error("the copy is still there")
	}
	added := act("q1", "aggiungi").Location()
	w.Get(added).Is(200).Says("Senza testo").Says("problemi impediscono di pubblicare")
}

func TestItemTypeAndRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q12"
	values := fields(w.Get(here), here)
	values.Set("type", "scale")
	values.Set("fai", "condizione")
	got := w.PostForm(here, values).Is(303)
	if got.Location() != here+"?condizioni=1#quando" {
		t.Errorf("went to %s", got.Location())
	}
	values = fields(w.Get(here+"?condizioni=1").Is(200), here)
	values.Set("rule_item", "q1")
	values.Set("fai", "confronto")
	w.PostForm(here, values).Is(303)
	page := w.Get(here).Is(200)
	page.Says("è incompleta")
	values = fields(page, here)
	values.Set("rule_value", "live")
	values.Set("fai", "salva")
	w.PostForm(here, values).Is(303)
	item := w.stored("q12")
	if item.Scale == nil || item.ShowIf == nil || item.ShowIf.Rules[0] != (form.Rule{Item: "q1", Op: form.Is, Value: "live"}) {
		t.Errorf("stored %+v", item)
	}
	w.Get(here).Says("In parole: la vede chi ha risposto “Ci vivo” alla domanda 1.")
	values = fields(w.Get(here), here)
	values.Set("fai", "via:0")
	w.PostForm(here, values).Is(303)
	if item = w.stored("q12"); item.ShowIf != nil {
		t.Errorf("the condition stayed: %+v", item.ShowIf)
	}
	values = fields(w.Get(w.root+"/domande/q3"), w.root+"/domande/q3")
	values.Set("min", "molti")
	w.PostForm(w.root+"/domande/q3", values).Is(422).Says("“molti” non è un numero")
}

func TestItemPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := fields(w.Get(here), here)
	values.Set("text_it", "Solo una prova")
	values.Set("fai", "anteprima")
	page := w.PostForm(here, values).Is(200)
	if got := page.Find("#anteprima legend").Text(); !strings.Contains(got, "Solo una prova") {
		t.Errorf("the preview shows %q", got)
	}
	if w.stored("q1").Text["it"] == "Solo una prova" {
		t.Error("a preview was saved")
	}
}

func TestItemConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, other := w.root+"/domande/q1", w.root+"/domande/q6"
	mine, theirs, elsewhere := fields(w.Get(here), here), fields(w.Get(here), here), fields(w.Get(other), other)

	theirs.Set("text_it", "Testo di un’altra persona")
	theirs.Set("fai", "salva")
	w.PostForm(here, theirs).Is(303)

	elsewhere.Set("text_it", "Un’altra domanda")
	elsewhere.Set("fai", "salva")
	w.PostForm(other, elsewhere).Is(303) // another question is no conflict

	mine.Set("text_it", "Il mio testo")
	mine.Set("fai", "salva")
	page := w.PostForm(here, mine).Is(409)
	page.Says("Qualcuno ha salvato prima di te").Says("Testo di un’altra persona")
	if got := page.Find("#text_it").Text(); got != "Il mio testo" {
		t.Errorf("the form kept %q", got)
	}
	again := fields(page, here)
	again.Set("fai", "salva")
	w.PostForm(here, again).Is(303)
	def := w.load().Definition
	if def.Item("q1").Text["it"] != "Il mio testo" || def.Item("q6").Text["it"] != "Un’altra domanda" {
		t.Errorf("stored %q and %q", def.Item("q1").Text["it"], def.Item("q6").Text["it"])
	}

	mine = fields(page, here)
	gone := fields(w.Get(here), here)
	gone.Set("fai", "elimina")
	w.PostForm(here, gone).Is(303)
	mine.Set("fai", "salva")
	page = w.PostForm(here, mine).Is(409).Says("La domanda è stata eliminata")
	again = fields(page, here)
	again.Set("fai", "salva")
	w.PostForm(here, again).Is(303)
	if w.stored("q1") == nil {
		t.Error("the text was lost")
	}
}

func TestFrameAndSections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande"
	first, second := fields(w.Get(here), here), fields(w.Get(here), here)
	first.Set("title_it", "Nuovo titolo")
	w.PostForm(here, first).Is(303)
	second.Set("title_it", "Altro titolo")
	page := w.PostForm(here, second).Is(409).Says("Nuovo titolo")
	if got, _ := page.Find("#title_it").Attr("value"); got != "Altro titolo" {
		t.Errorf("the form kept %q", got)
	}
	added := w.Submit(w.Get(here), "#editor", "@fai", "sezione").Is(303).Location()
	w.Get(added).Is(200)
	values := fields(w.Get(added), added)
	values.Set("title_it", "In fondo")
	values.Set("fai", "su")
	w.PostForm(added, values).Is(303)
	sections := w.load().Definition.Sections
	if n := len(sections); sections[n-2].Title["it"] != "In fondo" {
		t.Errorf("the section did not move: %+v", sections[n-1].Title)
	}
	whole := w.load().Definition
	count := len(whole.Items())
	you := w.root + "/sezione/you"
	values = fields(w.Get(you), you)
	values.Set("fai", "elimina")
	w.PostForm(you, values).Is(303)
	if def := w.load().Definition; len(def.Items()) != count {
		t.Errorf("%d items are left of %d", len(def.Items()), count)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := fields(w.Get(here), here)
	values.Set("text_it", "")
	values.Set("fai", "salva")
	w.PostForm(here, values).Is(303)
	values = fields(w.Get(w.root+"/domande"), w.root+"/domande")
	values.Set("fai", "pubblica")
	w.PostForm(w.root+"/domande", values).Is(422).Says("Domanda 1, “Legame con l’Area vasta”: manca il testo.").Hides("(q1)")
	if w.load().Published != nil {
		t.Fatal("a questionnaire with a problem was published")
	}
	values = fields(w.Get(here), here)
	note := w.load().Definition.Sections[2].Items[0].Code
	silent := fields(w.Get(w.root+"/domande/"+note), w.root+"/domande/"+note)
	said := silent.Get("text_it")
	silent.Set("text_it", "")
	w.PostForm(w.root+"/domande/"+note, silent).Is(303)
	w.Get(w.root+"/domande").Says("Nota dopo la domanda 9: manca il testo.").Hides("Domanda 0", "("+note+")")
	silent = fields(w.Get(w.root+"/domande/"+note), w.root+"/domande/"+note)
	silent.Set("text_it", said)
	w.PostForm(w.root+"/domande/"+note, silent).Is(303)
	values.Set("text_it", "Che legame hai?")
	values.Set("fai", "salva")
	w.PostForm(here, values).Is(303)
	page := w.Get(w.root + "/domande").Says("Nessun problema impedisce di pubblicare")
	values = fields(w.Get(w.root+"/domande/q2"), w.root+"/domande/q2")
	values.Set("help_it", "Di un’altra persona")
	w.PostForm(w.root+"/domande/q2", values).Is(303)
	w.Submit(page, "#editor", "@fai", "pubblica").Is(409).Says("Nel frattempo qualcun altro ha salvato questa pagina")
	if w.load().Published != nil {
		t.Fatal("what nobody had seen was published")
	}
	w.Submit(w.Get(here), "#editor", "text_it", "Che legame hai con l’area?", "@fai", "pubblica").To(w.root + "#deadline")
	if q := w.load(); q.Published == nil || q.Published.Definition.Item("q1").Text["it"] != "Che legame hai con l’area?" {
		t.Error("what was typed was not published")
	}
}

// TestEveryButtonSaves presses each button of the builder that leads elsewhere
// with something typed in the form.
func TestEveryButtonSaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, form := range []struct {
		path, field string
		stored      func(form.Definition) string
		buttons     []string
	}{
		{
			"/domande/q8", "text_it", func(d form.Definition) string { return d.Item("q8").Text["it"] },
			[]string{"pubblica", "aggiungi", "sezione", "prova", "su", "giu", "duplica", "chiedi"},
		},
		{"/domande", "intro_it", func(d form.Definition) string { return d.Intro["it"] }, []string{"aggiungi", "sezione", "prova"}},
		{
			"/sezione/you", "title_it", func(d form.Definition) string { return d.Sections[sectionAt(d, "you")].Title["it"] },
			[]string{"aggiungi", "sezione", "prova", "giu", "su"},
		},
	} {
		for _, button := range form.buttons {
			here, typed := w.root+form.path, "Scritto prima di "+button
			to := w.Submit(w.Get(here), "#editor", form.field, typed, "@fai", button).Is(303).Location()
			if got := form.stored(w.load().Definition); got != typed {
				t.Errorf("%s of %s went to %s and kept %q", button, form.path, to, got)
			}
		}
	}
	// The Enter key presses the first button of the form on the page.
	if first := w.Get(w.root+"/domande/q8").Find(`button[form="editor"], #editor button`).First().AttrOr("value", ""); first != "salva" {
		t.Errorf("the Enter key does %q", first)
	}
	page := w.Submit(w.Get(w.root+"/domande/q3"), "#editor", "text_it", "Non perdermi", "min", "molti", "@fai", "aggiungi").Is(422)
	if got := page.Find("#text_it").Text(); got != "Non perdermi" {
		t.Errorf("the refused form kept %q", got)
	}
}

func sectionAt(d form.Definition, code string) int {
	return slices.IndexFunc(d.Sections, func(s form.Section) bool { return s.Code == code })
}

func TestLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := fields(w.Get(here), here)
	w.open(3)
	page := w.Get(here).Is(200).Says("Le domande non si possono più cambiare")
	if _, disabled := page.Find("#text_it").Closest("fieldset").Attr("disabled"); !disabled {
		t.Error("the form can still be filled")
	}
	values.Set("fai", "salva")
	w.PostForm(here, values).Is(409)
}
