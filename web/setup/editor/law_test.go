package editor_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"arengo/web/webtest"
	"arengo/workflow/definition"
	"arengo/workflow/definition/encode"
	"arengo/workflow/edit"
)

// file is the one that the page gives for the phases as they stand in the draft.
func (w *world) file(b *webtest.Browser) string {
	w.T.Helper()
	return b.Get(w.at + "/fasi.yaml").Is(http.StatusOK).Body
}

func read(t *testing.T, source string) definition.Definition {
	t.Helper()
	c, problems := definition.Check("fasi.yaml", []byte(source), []string{"questionnaire", "webinar", "focusgroup", "codesign", "assembly"})
	if problems != nil {
		t.Fatal(problems)
	}
	return c.Definition
}

// hands are the roles that each button, by its name, is for.
func hands(d definition.Definition) map[string]string {
	out := map[string]string{}
	for _, t := range d.Transitions {
		out[t.Title["it"]] = strings.Join(t.By, " ")
	}
	return out
}

// A phase of one’s own goes through all the places of a path of law, and no button
// passes into other hands on the way; back where it was, everything is called as it
// was, and so it is once it is taken away.
func TestNoActPassesIntoOtherHands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "tuscany-local")
	b := w.marta
	template := hands(read(t, w.file(b)))
	keeps := func() {
		t.Helper()
		now := hands(read(t, w.file(b)))
		for _, title := range []string{"Accogli la domanda preliminare", "Ammetti il processo", "Non ammettere il processo", "Presenta la domanda all’Autorità", "Passa al rapporto finale", "Registra la risposta"} {
			if now[title] != template[title] || now[title] == "" {
				t.Errorf("“%s” is for %q, and was for %q: %v", title, now[title], template[title], now)
			}
		}
	}
	form := b.Page(b.Page(w.at).Find("#fase-process a[href*=nuova]").AttrOr("href", ""))
	done(b, b.Submit(form, "main form", "title_it", "Ascolto", "length", "10"))
	keeps()
	added := w.file(b)
	const up = 5 // places to the first one
	for _, way := range []string{"su", "giu"} {
		for range up {
			done(b, w.act(b, way+":ascolto"))
			keeps()
		}
		if first := edit.Phases(read(t, w.file(b)))[0].Name == "ascolto"; first != (way == "su") {
			t.Fatalf("%s: first %v", way, first)
		}
	}
	if back := hands(read(t, w.file(b))); !maps.Equal(back, hands(read(t, added))) {
		t.Errorf("there and back: %v", back)
	}
	done(b, w.act(b, "usa"))
	keeps()
	done(b, w.act(b, "togli:ascolto"))
	if gone := hands(read(t, w.file(b))); !maps.Equal(gone, template) {
		t.Errorf("without it: %v", gone)
	}
}

// What the page refuses to swap is not in the draft; made by hand, the file with it
// is refused in the same words, and so is one that gives an office’s act to others.
func TestOrderOfLawIsKeptOfFilesToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "tuscany-local")
	b := w.marta
	before := w.file(b)
	d := read(t, before)
	w.act(b, "su:evaluation").Is(http.StatusUnprocessableEntity).Says("Per la legge la fase “Valutazione” viene dopo “Domanda preliminare”")
	if b.Page(w.at).Find("#bozza").Length() != 0 || w.file(b) != before {
		t.Fatal("what was refused is in the draft")
	}
	written := func(d definition.Definition) string {
		file, err := encode.YAML(d)
		w.Must(err)
		return string(file)
	}
	swap := func(phase, after string) string {
		out, err := edit.MoveState(d, phase, after)
		w.Must(err)
		return written(out)
	}
	given := edit.Written(d)
	i := slices.IndexFunc(given.Transitions, func(t definition.Transition) bool { return t.ID == "accept" })
	given.Transitions[i].By = []string{"promoter"}
	for name, c := range map[string]struct{ file, says string }{
		"evaluation first": {swap("evaluation", ""), "la fase “Valutazione” deve venire dopo “Domanda preliminare”, come vuole la legge"},
		"report first":     {swap("report", "start"), "la fase “Rapporto finale” deve venire dopo “Processo partecipativo”"},
		"by the promoter":  {written(given), "chi decide viene dalla legge"},
	} {
		form := b.Page(w.at + "/importa")
		b.Upload(form, "mio.yaml", []byte(c.file)).Is(http.StatusUnprocessableEntity).Says(c.says)
		if b.Page(w.at).Find("#bozza").Length() != 0 {
			t.Fatalf("%s was taken", name)
		}
	}
}

// Phases of no law that are swapped and put back have the buttons that they had.
func TestSwappedAndPutBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "area-path")
	b := w.marta
	before := hands(read(t, w.file(b)))
	for _, phase := range []string{"exploration", "analysis", "codesign"} {
		done(b, w.act(b, "su:"+phase))
		swapped := hands(read(t, w.file(b)))
		for title, by := range swapped {
			if was, ok := before[title]; ok && slices.ContainsFunc(strings.Fields(by), func(r string) bool { return r != "timer" && !strings.Contains(was, r) }) {
				t.Errorf("with %s up “%s” is for %q, and was for %q", phase, title, by, was)
			}
		}
		done(b, w.act(b, "giu:"+phase))
		if back := hands(read(t, w.file(b))); !maps.Equal(back, before) {
			t.Errorf("%s there and back: %v, was %v", phase, back, before)
		}
	}
}

// A document that an office writes for a law stays that office's: a file without its
// "by" is refused by name, and the version that a process makes for itself keeps it.
func TestWhoWritesADocumentOfLawStays(t *testing.T) {
	t.Parallel()
	for template, want := range map[string]int{"tuscany-local": 3, "tuscany-debate": 1} {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, template)
			b := w.marta
			form := b.Page(w.at + "/importa")
			changed := func(change func(*definition.Definition)) []byte {
				out := edit.Written(read(t, w.file(b)))
				change(&out)
				file, err := encode.YAML(out)
				w.Must(err)
				return file
			}
			owned := map[string]definition.Artefact{}
			for i, s := range read(t, w.file(b)).States {
				for j, a := range s.Artefacts {
					if len(a.By) == 0 {
						continue
					}
					owned[a.Code] = a
					file := changed(func(d *definition.Definition) { d.States[i].Artefacts[j].By = nil })
					b.Upload(form, "mio.yaml", file).Is(http.StatusUnprocessableEntity).
						Says("“"+a.Title["it"]+"”", "chi lo scrive e lo pubblica viene dalla legge")
				}
			}
			if len(owned) != want || b.Page(w.at).Find("#bozza").Length() != 0 {
				t.Fatalf("%d documents of an office, want %d", len(owned), want)
			}
			done(b, b.Upload(form, "mio.yaml", changed(func(d *definition.Definition) { d.States[0].Title = definition.Text{"it": "Inizio", "en": "Begin"} })))
			done(b, w.act(b, "usa"))
			own, _, err := w.Core.Definition(t.Context(), w.DB, w.Process)
			w.Must(err)
			for code, a := range owned {
				if got, ok := own.Artefact(code); !ok || !slices.Equal(got.By, a.By) || own.Name == template {
					t.Errorf("in %s %s is for %v", own.Name, code, got.By)
				}
			}
		})
	}
}
