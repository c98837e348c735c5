package edit_test

import (
	"os"
	"strings"
	"testing"

	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// file reads a definition that must be right in itself.
func file(t *testing.T, source string) definition.Definition {
	t.Helper()
	c, problems := definition.Check("mio.yaml", []byte(source), kinds)
	if problems != nil {
		t.Fatal(problems)
	}
	return c.Definition
}

func source(t *testing.T, template string) string {
	t.Helper()
	b, err := os.ReadFile("../../fixtures/templates/" + template + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every phase of law that another file has not is named with its article, in
// the language of who reads.
func TestLossesOfAnotherFile(t *testing.T) {
	t.Parallel()
	was := file(t, source(t, "tuscany-debate"))
	lost := edit.Losses(was, file(t, source(t, "area-path")))
	for _, s := range edit.Phases(was) {
		if len(edit.Laws(was, s.Name)) == 0 || s.Name == "report" { // the other has one of that name
			continue
		}
		it, en := "", ""
		for _, p := range lost {
			it, en = it+p.In("it").Message+"\n", en+p.Message+"\n"
		}
		if !strings.Contains(it, "manca la fase “"+s.Title["it"]+"”") || !strings.Contains(en, "the phase “"+s.Title["en"]+"” is missing") {
			t.Errorf("%s is not named in\n%s", s.Name, it)
		}
	}
	if again := edit.Losses(was, was); again != nil {
		t.Errorf("the same file: %v", again)
	}
	if light := edit.Losses(file(t, source(t, "area-path")), was); light != nil {
		t.Errorf("without a law: %v", light)
	}
}

// What a file changes of what the law protects is refused one by one.
func TestLossesWithin(t *testing.T) {
	t.Parallel()
	text := source(t, "tuscany-debate")
	was := file(t, text)
	for name, c := range map[string]struct {
		change func(d *definition.Definition)
		want   string
	}{
		"longer":   {func(d *definition.Definition) { d.States[3].Term.Max.Days = 120 }, "termine viene dalla legge"},
		"no law":   {func(d *definition.Definition) { d.States[3].Term.Law = nil }, "il termine non nomina più la sua legge"},
		"timeless": {func(d *definition.Definition) { d.States[3].Term = nil }, "termine viene dalla legge"},
		"extended": {func(d *definition.Definition) { d.States[3].Term.Extend = nil }, "di quanto si proroga"},
		"running":  {func(d *definition.Definition) { d.States[3].Term.From = "state:" + d.States[2].Name }, "termine viene dalla legge"},
		"condition": {func(d *definition.Definition) {
			at(t, d, "file").Requires = nil
		}, "viene dalla legge e deve restare"},
		"weaker condition": {func(d *definition.Definition) { at(t, d, "file").Requires[0].Expr = "true" }, "viene dalla legge e deve restare"},
		"another way": {func(d *definition.Definition) {
			way := *at(t, d, "file")
			way.ID, way.Event, way.Requires = "round", "round", nil
			d.Transitions = append(d.Transitions, way)
		}, "viene dalla legge e deve restare"},
		"another writer": {func(d *definition.Definition) { d.States[1].Artefacts[0].By = []string{"promoter"} }, "chi lo scrive e lo pubblica viene dalla legge"},
		"any writer":     {func(d *definition.Definition) { d.States[1].Artefacts[0].By = nil }, "chi lo scrive e lo pubblica viene dalla legge"},
		"passed over": {func(d *definition.Definition) {
			way := *at(t, d, "file")
			way.ID, way.Event, way.To = "round", "round", "position"
			d.Transitions = append(d.Transitions, way)
		}, "si potrebbe saltare"},
	} {
		is := file(t, text)
		c.change(&is)
		lost := edit.Losses(was, is).In("it")
		if len(lost) == 0 || !strings.Contains(lost.Error(), c.want) {
			t.Errorf("%s: %v", name, lost)
		}
	}
	is := file(t, text)
	is.States[3].Term.Length.Days--
	is.States[3].Title = definition.Text{"it": "Altro", "en": "Other"}
	if lost := edit.Losses(was, is); lost != nil {
		t.Errorf("what the editor allows: %v", lost)
	}
}

// Who decides, what may be done to a term, what its days are counted by and that
// it runs once come from the law as well: a file that takes them is told the
// phase, what is taken and the source.
func TestLossesAround(t *testing.T) {
	t.Parallel()
	text := source(t, "tuscany-debate")
	was := file(t, text)
	for name, c := range map[string]struct {
		old, now string
		it, en   []string
	}{
		"the Authority’s decision is the promoter’s": {
			"    from: [examination]\n    to: technical\n    by: [guarantor]", "    from: [examination]\n    to: technical\n    by: [promoter]",
			[]string{"transizione open-debate: il ruolo “promotore” non deve decidere sulla fase “Esame dell’Autorità”", "su “Apri il dibattito pubblico” decide il ruolo “garante”"},
			[]string{"transition open-debate: the role “promoter” must not decide about the phase “Examination by the Autorità”", "“Open the public debate” is decided by the role “guarantor”"},
		},
		"others refuse beside the Authority": {
			"    to: declined\n    by: [guarantor]", "    to: declined\n    by: [guarantor, facilitator]",
			[]string{"il ruolo “facilitatore” non deve decidere sulla fase “Esame dell’Autorità”"},
			[]string{"the role “facilitator” must not decide"},
		},
		"the Authority refuses no more": {
			"  - id: decline\n    event: decline\n    from: [examination]", "  - id: decline\n    event: decline\n    from: [filing]",
			[]string{"su “Non aprire il dibattito” decide il ruolo “garante”"},
			[]string{"“Do not open the debate” is decided by the role “guarantor”"},
		},
		"others leave its phase": {
			"  - id: cancel\n", "  - {id: skip, event: skip, from: [examination], to: technical, by: [promoter], title: {it: Salta, en: Skip},\n     requires: [{code: resolution-public, guard: 'artefacts.published(\"resolution\")', fix: documents, explain: {it: a, en: a}, law: {article: \"artt. 10-12\", source: \"L.R. Toscana 46/2013\", checked: 2026-11-23, confidence: V}}]}\n  - id: cancel\n",
			[]string{"transizione skip: il ruolo “promotore” non deve decidere"},
			[]string{"transition skip: the role “promoter” must not decide"},
		},
		"the debate may be suspended": {
			"discuss, extend, shorten]", "discuss, extend, shorten, hold]",
			[]string{"“Dibattito pubblico” non deve permettere \"hold\""},
			[]string{"“Public debate” must not allow \"hold\""},
		},
		"the proponent takes more time": {
			"    allows: [edit, hold]\n    on_enter: [{notice: position-asked", "    allows: [edit, hold, extend]\n    on_enter: [{notice: position-asked",
			[]string{"“Decisione del proponente” non deve permettere \"extend\""},
			[]string{"“Decision of the proponent” must not allow \"extend\""},
		},
		"the debate ends no more by itself": {
			"    at_end: {event: conclude}\n", "    deadlines: [{code: end, title: {it: Fine, en: End}, after: 200d, of: entry, event: conclude}]\n",
			[]string{"“Dibattito pubblico”: alla fine del termine di legge at_end deve far scattare \"conclude\""},
			[]string{"“Public debate”: at the end of its term of law at_end must fire \"conclude\""},
		},
		"another clock": {
			"timezone: Europe/Rome", "timezone: Pacific/Honolulu",
			[]string{"“Esame dell’Autorità”: il termine di legge si conta nel fuso orario \"Europe/Rome\""},
			[]string{"is counted in the timezone \"Europe/Rome\""},
		},
		"other holidays": {
			"calendar: italy", "calendar: ticino",
			[]string{"si conta con il calendario \"italy\""},
			[]string{"is counted by the calendar \"italy\""},
		},
		"a reopening": {
			"  - id: cancel\n", "  - {id: anew, event: anew, from: [closed], to: debate, by: [promoter], title: {it: Rifai, en: Again}, reopens: true, tell: followers}\n  - id: cancel\n",
			[]string{"“Dibattito pubblico” ricomincerebbe dopo \"conclude\""},
			[]string{"“Public debate” would begin again after \"conclude\""},
		},
		"a loop": {
			"  - id: cancel\n", "  - {id: anew, event: anew, from: [report], to: debate, by: [facilitator], title: {it: Rifai, en: Again}}\n  - id: cancel\n",
			[]string{"“Dibattito pubblico” ricomincerebbe"},
			[]string{"“Public debate” would begin again"},
		},
		"the linked acts go on": {
			"on_enter: [{notice: acts-suspended, to: [deciding-body, promoter]}]", "on_enter: [{notice: acts-suspended, to: [promoter]}]",
			[]string{"“Fase tecnica” non avvisa più il ruolo “ente che decide” con l’avviso \"acts-suspended\""},
			[]string{"“Technical phase” no longer tells the role “deciding body”"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Count(text, c.old) != 1 {
				t.Fatalf("%d times %q", strings.Count(text, c.old), c.old)
			}
			lost := edit.Losses(was, file(t, strings.Replace(text, c.old, c.now, 1)))
			it, en := lost.In("it").Error(), lost.Error()
			for _, want := range append(c.it, "L.R. Toscana 46/2013") {
				if len(lost) == 0 || !strings.Contains(it, want) {
					t.Errorf("no %q in\n%s", want, it)
				}
			}
			for _, want := range c.en {
				if !strings.Contains(en, want) {
					t.Errorf("no %q in\n%s", want, en)
				}
			}
		})
	}
}

// A document stays with its offices by the law of the whole, where its phase has none.
func TestLossOfAWriter(t *testing.T) {
	t.Parallel()
	const by = ", by: [promoter, deciding-body]}"
	text := source(t, "co-programming")
	was := file(t, text)
	for name, now := range map[string]string{"any writer": "}", "another": ", by: [promoter]}"} {
		lost := edit.Losses(was, file(t, strings.Replace(text, by, now, 1)))
		if len(lost) != 1 || !strings.Contains(lost.In("it").Error(), "il documento “Atto degli organi competenti”: chi lo scrive e lo pubblica viene dalla legge (d.lgs. 117/2017 e D.M. 72/2021, art. 55") {
			t.Errorf("%s: %v", name, lost.In("it"))
		}
	}
	light := source(t, "area-path")
	light = strings.Replace(light, "en: Questionnaire results}, required: true", "en: Questionnaire results}, by: [facilitator], required: true", 1)
	if lost := edit.Losses(file(t, light), file(t, source(t, "area-path"))); lost != nil || !strings.Contains(light, "by: [facilitator], req") {
		t.Errorf("without a law: %v", lost)
	}
}

// A date of law keeps the date that it must come after.
func TestLossOfAnOrder(t *testing.T) {
	t.Parallel()
	text := source(t, "tuscany-local")
	lost := edit.Losses(file(t, text), file(t, strings.Replace(text, ", after: evaluation-day", "", 1)))
	if len(lost) != 1 || !strings.Contains(lost.In("it").Error(), "la data “Primo giorno possibile” deve venire dopo \"evaluation-day\", come dice la legge (L.R. Toscana 46/2013, art. 14, comma 3") {
		t.Errorf("%v", lost.In("it"))
	}
}

// lawOfAdmission is the line by which that phase of tuscany-local stands on the law.
const lawOfAdmission = "    law: {article: \"ammissione definitiva\", source: \"L.R. Toscana 46/2013\", checked: 2026-11-23, confidence: V}\n"

// The editor keeps the clock that ends a term of law, and lets no clock decide in
// the place of an authority.
func TestWhatEndsAPhaseOfLaw(t *testing.T) {
	t.Parallel()
	was := file(t, source(t, "tuscany-debate"))
	_, err := edit.SetEnd(was, "debate", false)
	refused(t, err, "end", "editor.law_end")
	_, err = edit.SetEnd(was, "examination", true)
	refused(t, err, "end", "editor.law_by")
	_, err = edit.SetEnd(file(t, strings.Replace(source(t, "tuscany-local"), lawOfAdmission, "", 1)), "admission", true) // in a phase that names no law of its own
	refused(t, err, "end", "editor.law_by")
	if _, err = edit.SetEnd(was, "technical", true); err != nil {
		t.Error(err)
	}
}

// A phase of law that is put where a reopening leads past it begins anew, which
// is said of the draft; taking away the phase that is reopened takes the reopening
// away.
func TestNoTermOfLawTwice(t *testing.T) {
	t.Parallel()
	was := file(t, source(t, "emilia-romagna"))
	moved, err := edit.MoveState(was, "decision", "monitoring")
	if err != nil {
		t.Fatal(err)
	}
	if lost := edit.Losses(was, moved).In("it"); len(lost) != 2 || !strings.Contains(lost.Error(), "“Decisione” ricomincerebbe dopo") {
		t.Error(lost)
	}
	out, err := edit.RemoveState(was, "monitoring")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range out.Transitions {
		if x.Reopens {
			t.Errorf("%s reopens %s", x.ID, x.To)
		}
	}
	if lost := edit.Losses(was, out); lost != nil {
		t.Error(lost)
	}
}

// The order in which the law leads from phase to phase is not swapped, by the
// editor or by a file: those concerned are named, with the source.
func TestOrderOfLawStays(t *testing.T) {
	t.Parallel()
	was := file(t, source(t, "tuscany-local"))
	for name, c := range map[string]struct{ phase, after, it, en string }{
		"evaluation before the application": {
			"evaluation", "",
			"la fase “Valutazione” deve venire dopo “Domanda preliminare”, come vuole la legge (L.R. Toscana 46/2013, art. 14",
			"the phase “Evaluation” must come after “Preliminary application”, as the law has it (L.R. Toscana 46/2013, art. 14",
		},
		"report before the process": {
			"report", "start",
			"la fase “Rapporto finale” deve venire dopo “Processo partecipativo”, come vuole la legge (L.R. Toscana 46/2013",
			"the phase “Final report” must come after “Participatory process”",
		},
		"answer before the report": {
			"answer", "process", "“Risposta dell’ente” deve venire dopo “Rapporto finale”", "must come after “Final report”",
		},
		"start before the admission, which the Authority decides": {
			"start", "evaluation", "“Preparazione” deve venire dopo “Ammissione definitiva”", "must come after “Final admission”",
		},
	} {
		out, err := edit.MoveState(was, c.phase, c.after)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, edit.Ordered(was, out), "phase", "editor.law_order")
		lost := edit.Losses(was, out)
		if it, en := lost.In("it").Error(), lost.Error(); !strings.Contains(it, c.it) || !strings.Contains(en, c.en) {
			t.Errorf("%s: %s\n%s", name, it, en)
		}
		for _, x := range out.Transitions {
			if strings.Contains(x.Title["it"], "Accogli la domanda") && x.By[0] != "guarantor" {
				t.Errorf("%s: %s says “%s” to %v", name, x.ID, x.Title["it"], x.By)
			}
		}
	}
	own, name, err := edit.AddState(was, edit.NewState{Words: edit.Words{Title: it("Mia")}, After: "process"})
	if err != nil {
		t.Fatal(err)
	}
	if own, err = edit.MoveState(own, name, "start"); err != nil || edit.Ordered(was, own) != nil || edit.Losses(was, own) != nil {
		t.Errorf("a phase of one’s own: %v %v", err, edit.Losses(was, own))
	}
}

// An event that was there may not lead past a phase of law, nor an office’s act
// go to others where it decides in a phase that names no law.
func TestEventRepointedPastAPhase(t *testing.T) {
	t.Parallel()
	was, is := file(t, source(t, "tuscany-local")), file(t, source(t, "tuscany-local"))
	at(t, &is, "start").To = "report"
	at(t, &is, "admit").By = []string{"promoter"}
	lost := edit.Losses(was, is)
	for _, want := range []string{"“Admit the process” is decided by the role “guarantor”", "“Participatory process” could be passed over: the end \"closed\"", "“Final report” must come after “Participatory process”"} {
		if !strings.Contains(lost.Error(), want) {
			t.Errorf("no %q in %v", want, lost)
		}
	}
}

// The days on which the law lets a date fall stay those.
func TestLossOfDays(t *testing.T) {
	t.Parallel()
	text := source(t, "tuscany-local")
	was, is := file(t, text), file(t, text)
	is.Dates[0].Days = is.Dates[0].Days[:2]
	if lost := edit.Losses(was, is).In("it"); len(lost) != 1 || !strings.Contains(lost.Error(), "può cadere solo nei giorni che la legge nomina (L.R. Toscana 46/2013") {
		t.Errorf("%v", lost)
	}
}

// countedBare is a file with a phase that names no law, from which one of law
// counts, and a document that an office alone writes in it.
const countedBare = `
workflow: counted
version: 1
title: {it: Contato, en: Counted}
timezone: Europe/Rome
roles: [promoter, guarantor]
initial: filing
states:
  filing: {title: {it: Deposito, en: Filing}, artefacts: [{code: sheet, title: {it: Scheda, en: Sheet}, by: [guarantor]}]}
  debate: {title: {it: Dibattito, en: Debate}, term: {length: 30d, from: "state:filing", law: {article: art. 3, source: L.R. 1/2020, checked: 2026-11-23, confidence: V}}}
  closed: {title: {it: Chiuso, en: Closed}, final: true}
transitions:
  - {id: open, event: open, from: [filing], to: debate, by: [promoter], title: {it: Apri, en: Open}}
  - {id: close, event: close, from: [debate], to: closed, by: [promoter], title: {it: Chiudi, en: Close}}
`

// A phase without a law of its own is held to the one that counts from it.
func TestLossOfAWriterWhereALawCounts(t *testing.T) {
	t.Parallel()
	was := file(t, countedBare)
	for _, by := range []string{", by: [promoter]", ""} {
		lost := edit.Losses(was, file(t, strings.Replace(countedBare, ", by: [guarantor]", by, 1))).In("it")
		if len(lost) != 1 || !strings.Contains(lost.Error(), "chi lo scrive e lo pubblica viene dalla legge (L.R. 1/2020, art. 3)") {
			t.Errorf("%q: %v", by, lost)
		}
	}
}

func at(t *testing.T, d *definition.Definition, id string) *definition.Transition {
	t.Helper()
	for i := range d.Transitions {
		if d.Transitions[i].ID == id {
			return &d.Transitions[i]
		}
	}
	t.Fatalf("no transition %s", id)
	return nil
}
