package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"arengo/process/processtest"
)

// TestAnEndThatChanges lives what happens to a process that does not keep to
// its plan: a questionnaire ends sooner, everything rests and goes on, a
// collection that was over opens again. The pages that say how it was, what may
// change and what would come of it are looked at in both languages.
func TestAnEndThatChanges(t *testing.T) {
	t.Parallel()
	h := open(t)
	link := h.invitation(t)
	v := h.sit(t, phone, true)
	p := h.sit(t, desk, true)
	p.enter(promoter)

	p.shortens(h.activity(survey))
	p.rests(v, link)
	p.goesOn(v, link)
	p.opensAgain(h.activity(survey))
	p.looksAround()
	p.visit("/lingua/en?da=/oggi")
	p.looksAround()
}

// change fills in the form of the card that asks for what, wherever it is on the
// page, and asks to see what would move.
func (p *person) change(what, end, reason string) {
	p.t.Helper()
	if !eval[bool](p, fmt.Sprintf(`(function(what, end, reason) {
		const form = [...document.querySelectorAll('main form')].find(f => [...f.elements].some(e => e.name === 'what' && e.value === what && f.contains(e)) && !f.closest('[hidden]') && f.querySelector('[name=preview]'));
		if (!form) return false;
		const around = form.closest('details');
		if (around) around.open = true;
		if (end) form.elements.end.value = end;
		form.elements.reason.value = reason;
		document.querySelectorAll('[data-e2e]').forEach(e => e.removeAttribute('data-e2e'));
		form.querySelector('button').setAttribute('data-e2e', 'here');
		return true;
	})(%q, %q, %q)`, what, end, reason)) {
		p.fail("nothing here asks for %q", what)
	}
	p.pressHere("preview of " + what)
}

func (p *person) shortens(questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire)
	p.change("shorten", day(0, 2), "Il Consiglio è stato convocato prima")
	p.reads("Che cosa si sposta", "Il Consiglio è stato convocato prima")
	p.pressButton("Anticipa la fine")
	p.answered(http.StatusOK)
	p.visit(p.h.public(survey))
}

// rests suspends the process with all that is open, and reads what staff, the
// public and the invited then see.
func (p *person) rests(v *person, link string) {
	p.t.Helper()
	p.visit("/gestione/" + siena)
	p.change("extend", day(2, 0), "Le scuole erano chiuse per neve")
	p.visit("/gestione/" + siena + "/proroga")
	p.change("suspend", "", "Si vota per il Comune")
	p.reads("Che cosa si ferma", "Sospendi anche")
	p.ticksAll()
	p.pressButton("Sospendi")
	p.answered(http.StatusOK)
	p.reads("Sospeso da")
	p.visit(p.h.activity(survey))
	p.reads("Sospeso da")
	p.visit("/oggi")
	v.visit("/percorsi/" + siena)
	v.reads("Sospeso", "Si vota per il Comune")
	v.visit(link)
	v.visit(p.h.public(survey))
}

// ticksAll chooses every activity that may follow the process.
func (p *person) ticksAll() {
	p.t.Helper()
	if !eval[bool](p, `(function() { const all = [...document.querySelectorAll('main input[type=checkbox]')]; all.forEach(e => { e.checked = true; }); return all.length > 0; })()`) {
		p.fail("nothing may follow")
	}
}

// goesOn ends the rest with all that rests.
func (p *person) goesOn(v *person, link string) {
	p.t.Helper()
	p.visit("/gestione/" + siena)
	p.change("resume", "", "Le elezioni sono passate")
	p.reads("Le nuove date", "Riprendi anche")
	p.ticksAll()
	p.pressButton("Riprendi")
	p.answered(http.StatusOK)
	p.readsNot("Sospeso da")
	v.visit(link)
	v.reads("Salva e vai avanti")
}

// opensAgain lets a collection go on that was over, and tells those who have not
// answered.
func (p *person) opensAgain(questionnaire string) {
	p.t.Helper()
	if _, err := p.h.db.NewRaw("UPDATE workflow_instance SET state = 'closed' WHERE activity_id IN (SELECT id FROM activity WHERE title = ?)", survey).Exec(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.visit(questionnaire)
	p.press("Riapri la raccolta")
	p.reads("Chi vuoi avvisare?")
	p.write("Motivo", "Tre Comuni hanno ricevuto tardi l’invito")
	p.tick("Chi è invitato e non ha risposto")
	p.pressButton("Vedi le nuove date")
	p.reads("Date che cambiano", "Tre Comuni hanno ricevuto tardi l’invito")
	p.pressButton("Riapri la raccolta")
	p.answered(http.StatusOK)
	processtest.Eventually(p.t, "somebody reads that they may answer again, and where", func() bool {
		for _, m := range p.h.mail.Messages() {
			if strings.Contains(m.Subject(), survey) && strings.Contains(m.Text(), "Tre Comuni hanno ricevuto tardi") && m.Link("/i/questionnaire/") != "" {
				return true
			}
		}
		return false
	})
}

// looksAround opens the pages of a process that say how it was, how it may
// change and what would come of it.
func (p *person) looksAround() {
	p.t.Helper()
	home := "/gestione/" + siena
	today := day(0, 0)
	for _, path := range []string{"", "/proroga", "/passato", "/passato?giorno=" + today, "/passato?giorno=2001-01-01", "/versione", "/fasi", "/prova"} {
		p.visit(home + path)
		p.answered(http.StatusOK)
	}
	p.visit(p.h.activity(survey))
	p.answered(http.StatusOK)
	var owner string
	if err := p.h.db.NewRaw("SELECT o.public_id FROM organisation o JOIN process p ON p.organisation_id = o.id WHERE p.slug = ?", siena).Scan(p.t.Context(), &owner); err != nil {
		p.t.Fatal(err)
	}
	p.visit("/gestione/ente/" + owner)
	p.answered(http.StatusOK)
}
