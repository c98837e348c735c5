package desk_test

import (
	"strings"
	"testing"

	"arengo/process/questionnaire/form"
)

func TestBuilderShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.get(w.root + "/domande/q8").want(200).checked()
	page.says("Domanda 8").says("In parole: la vede chi ha risposto al massimo 2 alla domanda 7.").says("Prova come partecipante")
	if n := page.doc.Find(".ar-items li").Length(); n != 21 {
		t.Errorf("%d lines in the list instead of 20 questions and a note", n)
	}
	if n := page.doc.Find(".ar-items li.is-branch").Length(); n == 0 {
		t.Error("no branch is set in")
	}
	for _, path := range []string{"/domande", "/domande/q1", "/domande/q2", "/domande/q3", "/domande/q7", "/domande/q12", "/sezione/you"} {
		w.get(w.root + path).want(200).checked()
	}
	w.get(w.root + "/domande/nessuna").want(404)
	w.get(w.root + "/sezione/nessuna").want(404)
}

func TestItemSave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := w.get(here).fields(here)
	before := *w.stored("q1")
	values.Set("fai", "salva")
	got := w.post(here, values).want(303)
	if got.to != here {
		t.Errorf("went to %s", got.to)
	}
	if after := *w.stored("q1"); strings.Join(labels(after), "|") != strings.Join(labels(before), "|") || after.Required != before.Required {
		t.Errorf("saving what was shown changed it: %+v", after)
	}

	values = w.get(here).fields(here)
	values.Set("text_it", "Dove vivi?")
	values["opt_it"][0] = "Qui"
	values.Set("fai", "opzione")
	if got = w.post(here, values).want(303); got.to != here+"?righe=6#o6" {
		t.Errorf("went to %s", got.to)
	}
	values = w.get(here + "?righe=6").fields(here)
	values["opt_it"][5] = "Altrove"
	values.Set("fai", "alza:5")
	w.post(here, values).want(303)
	item := w.stored("q1")
	if item.Text["it"] != "Dove vivi?" || len(item.Options) != 6 || item.Options[0].Text["it"] != "Qui" || item.Options[4].Text["it"] != "Altrove" {
		t.Errorf("stored %q %v", item.Text["it"], labels(*item))
	}
	values = w.get(here).fields(here)
	values.Set("fai", "togli:0")
	w.post(here, values).want(303)
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
	act := func(code, verb string) reply {
		here := w.root + "/domande/" + code
		values := w.get(here).fields(here)
		values.Set("fai", verb)
		return w.post(here, values).want(303)
	}
	act("q1", "giu")
	if order := w.load().Definition.Sections[0].Items; order[0].Code != "q2" || order[1].Code != "q1" {
		t.Errorf("q1 did not move down")
	}
	copied := strings.TrimPrefix(act("q1", "duplica").to, w.root+"/domande/")
	if w.stored(copied) == nil || copied == "q1" {
		t.Errorf("no copy: %s", copied)
	}
	if got := act(copied, "chiedi"); !strings.HasSuffix(got.to, "?elimina=1") {
		t.Errorf("deleting is not asked about: %s", got.to)
	}
	w.get(w.root + "/domande/q7?elimina=1").want(200).checked().says("si vede secondo la risposta a questa").says("Che cosa te lo impedisce")
	act(copied, "elimina")
	if w.stored(copied) != nil {
		t.Error("the copy is still there")
	}
	added := w.post(w.root+"/nuova-domanda", map[string][]string{"after": {"q1"}}).want(303).to
	w.get(added).want(200).checked().says("Senza testo").says("problemi impediscono di pubblicare")
}

func TestItemTypeAndRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q12"
	values := w.get(here).fields(here)
	values.Set("type", "scale")
	values.Set("fai", "condizione")
	got := w.post(here, values).want(303)
	if got.to != here+"?condizioni=1#quando" {
		t.Errorf("went to %s", got.to)
	}
	values = w.get(here + "?condizioni=1").want(200).checked().fields(here)
	values.Set("rule_item", "q1")
	values.Set("fai", "confronto")
	w.post(here, values).want(303)
	page := w.get(here).want(200).checked()
	page.says("è incompleta")
	values = page.fields(here)
	values.Set("rule_value", "live")
	values.Set("fai", "salva")
	w.post(here, values).want(303)
	item := w.stored("q12")
	if item.Scale == nil || item.ShowIf == nil || item.ShowIf.Rules[0] != (form.Rule{Item: "q1", Op: form.Is, Value: "live"}) {
		t.Errorf("stored %+v", item)
	}
	w.get(here).says("In parole: la vede chi ha risposto “Ci vivo” alla domanda 1.")
	values = w.get(here).fields(here)
	values.Set("fai", "via:0")
	w.post(here, values).want(303)
	if item = w.stored("q12"); item.ShowIf != nil {
		t.Errorf("the condition stayed: %+v", item.ShowIf)
	}
	values = w.get(w.root + "/domande/q3").fields(w.root + "/domande/q3")
	values.Set("min", "molti")
	w.post(w.root+"/domande/q3", values).want(422).says("“molti” non è un numero")
}

func TestItemPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := w.get(here).fields(here)
	values.Set("text_it", "Solo una prova")
	values.Set("fai", "anteprima")
	page := w.post(here, values).want(200).checked()
	if got := page.doc.Find("#anteprima legend").Text(); !strings.Contains(got, "Solo una prova") {
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
	mine, theirs, elsewhere := w.get(here).fields(here), w.get(here).fields(here), w.get(other).fields(other)

	theirs.Set("text_it", "Testo di un’altra persona")
	theirs.Set("fai", "salva")
	w.post(here, theirs).want(303)

	elsewhere.Set("text_it", "Un’altra domanda")
	elsewhere.Set("fai", "salva")
	w.post(other, elsewhere).want(303) // another question is no conflict

	mine.Set("text_it", "Il mio testo")
	mine.Set("fai", "salva")
	page := w.post(here, mine).want(409).checked()
	page.says("Qualcuno ha salvato prima di te").says("Testo di un’altra persona")
	if got := page.doc.Find("#text_it").Text(); got != "Il mio testo" {
		t.Errorf("the form kept %q", got)
	}
	again := page.fields(here)
	again.Set("fai", "salva")
	w.post(here, again).want(303)
	def := w.load().Definition
	if def.Item("q1").Text["it"] != "Il mio testo" || def.Item("q6").Text["it"] != "Un’altra domanda" {
		t.Errorf("stored %q and %q", def.Item("q1").Text["it"], def.Item("q6").Text["it"])
	}

	mine = page.fields(here)
	gone := w.get(here).fields(here)
	gone.Set("fai", "elimina")
	w.post(here, gone).want(303)
	mine.Set("fai", "salva")
	page = w.post(here, mine).want(409).says("La domanda è stata eliminata")
	again = page.fields(here)
	again.Set("fai", "salva")
	w.post(here, again).want(303)
	if w.stored("q1") == nil {
		t.Error("the text was lost")
	}
}

func TestFrameAndSections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande"
	first, second := w.get(here).fields(here), w.get(here).fields(here)
	first.Set("title_it", "Nuovo titolo")
	w.post(here, first).want(303)
	second.Set("title_it", "Altro titolo")
	page := w.post(here, second).want(409).says("Nuovo titolo")
	if got, _ := page.doc.Find("#title_it").Attr("value"); got != "Altro titolo" {
		t.Errorf("the form kept %q", got)
	}
	added := w.post(w.root+"/nuova-sezione", map[string][]string{}).want(303).to
	w.get(added).want(200).checked()
	values := w.get(added).fields(added)
	values.Set("title_it", "In fondo")
	values.Set("fai", "su")
	w.post(added, values).want(303)
	sections := w.load().Definition.Sections
	if n := len(sections); sections[n-2].Title["it"] != "In fondo" {
		t.Errorf("the section did not move: %+v", sections[n-1].Title)
	}
	whole := w.load().Definition
	count := len(whole.Items())
	you := w.root + "/sezione/you"
	values = w.get(you).fields(you)
	values.Set("fai", "elimina")
	w.post(you, values).want(303)
	if def := w.load().Definition; len(def.Items()) != count {
		t.Errorf("%d items are left of %d", len(def.Items()), count)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := w.get(here).fields(here)
	values.Set("text_it", "")
	values.Set("fai", "salva")
	w.post(here, values).want(303)
	page := w.get(w.root + "/domande")
	revision := page.fields(w.root + "/domande").Get("revision")
	w.post(w.root+"/pubblica", map[string][]string{"revision": {revision}}).want(422).checked().says("manca il testo")
	if w.load().Published != nil {
		t.Fatal("a questionnaire with a problem was published")
	}
	values = w.get(here).fields(here)
	values.Set("text_it", "Che legame hai?")
	values.Set("fai", "salva")
	w.post(here, values).want(303)
	page = w.get(w.root + "/domande").says("Nessun problema impedisce di pubblicare")
	w.post(w.root+"/pubblica", page.fields(w.root+"/pubblica")).want(303)
	if w.load().Published == nil {
		t.Error("nothing was published")
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.root + "/domande/q1"
	values := w.get(here).fields(here)
	w.open(3)
	page := w.get(here).want(200).checked().says("Le domande non si possono più cambiare")
	if _, disabled := page.doc.Find("#text_it").Closest("fieldset").Attr("disabled"); !disabled {
		t.Error("the form can still be filled")
	}
	values.Set("fai", "salva")
	w.post(here, values).want(409)
}
