package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"testing"
)

// forms are those of the page that have a field to write in.
const forms = `
	const fields = f => [...f.elements].filter(e => !e.matches(':disabled') && (e.localName === 'input' && !['hidden', 'radio', 'checkbox', 'submit', 'search'].includes(e.type) || e.localName === 'textarea'));
	const button = f => [...f.elements].find(e => e.type === 'submit' && f.contains(e) && !e.matches('.visually-hidden, :disabled'));
	const forms = [...document.querySelectorAll('main form')].filter(f => f.method === 'post' && fields(f).length && button(f));
`

// spoil fills the form with an address with what no field takes, and marks its
// first button: required fields stay empty, numbers and dates hold words, texts
// are too long. It gives a text that must be kept, or nothing when the form is
// no longer there.
const spoil = `(function(action) {` + forms + `
	const form = forms.find(f => (f.getAttribute('action') || location.pathname) === action);
	if (!form) return [];
	form.noValidate = true;
	for (let d = form.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
	let kept = '';
	for (const e of fields(form)) {
		const required = e.required || e.getAttribute('aria-required') === 'true';
		if (e.type === 'file') continue;
		if (['number', 'date', 'time', 'datetime-local', 'email', 'url'].includes(e.type)) { e.type = 'text'; e.value = kept = 'né questo né quello'; }
		else if (required || !(e.maxLength > 0)) e.value = '';
		else e.value = kept = 'troppo lungo '.repeat(e.maxLength / 13 + 1).trim();
	}
	document.querySelectorAll('[data-e2e]').forEach(e => e.removeAttribute('data-e2e'));
	button(form).setAttribute('data-e2e', 'here');
	button(form).scrollIntoView({block: 'center', behavior: 'instant'});
	return [kept];
})(%q)`

// harmless ends the address of a form in which nothing can be wrong: a meeting
// that nobody knows of is called off without a reason, the builder keeps any
// draft and says under "Controlli" what stops it, a search finds nothing.
var harmless = regexp.MustCompile(`/(incontri/\*/disdici|domande|domande/\*|sezione/\*|popolazione|ente)\?$`)

// refusesNonsense sends every form of the pages that were found with fields
// full of nonsense: it is refused, in words, with the way to mend it, and what
// was written is still there. Whoever may do least tries first.
func (h *house) refusesNonsense(t *testing.T, found map[string][]sight) {
	t.Helper()
	tried := map[string]bool{}
	for _, who := range []struct{ name, email string }{{"Visitor", ""}, {"Facilitator", facilitator}, {"Promoter", promoter}} {
		p := h.sit(t, desk, true)
		if who.email != "" {
			p.enter(who.email)
		}
		for _, page := range found[who.name] {
			if slices.ContainsFunc(page.forms, func(action string) bool { return !tried[sort(action)] }) {
				p.sendsNonsense(page.path, tried)
			}
		}
		if who.email == promoter {
			for _, page := range p.draftsQuestions() {
				p.sendsNonsense(page, tried)
			}
		}
	}
	if len(tried) < 25 {
		t.Errorf("only %d forms found", len(tried))
	}
}

// draftsQuestions begins a questionnaire, since the demonstration's own can no
// longer be written, and gives the addresses of its builder.
func (p *person) draftsQuestions() []string {
	p.t.Helper()
	p.visit("/gestione/" + siena + "/attivita")
	p.tick("Questionario")
	p.write("In quale fase", "Esplorazione")
	p.write("Titolo dell’attività", "Un secondo giro")
	p.press("Crea l’attività")
	root := p.at()
	p.visit(root + "/domande")
	p.press("Aggiungi una sezione")
	section := p.at()
	p.visit(root + "/domande")
	p.press("Aggiungi una domanda")
	return []string{root, root + "/domande", section, p.at()}
}

// forms are the addresses of the forms of the page.
func (p *person) forms() []string {
	p.t.Helper()
	return eval[[]string](p, "(function() {"+forms+"return forms.map(f => f.getAttribute('action') || location.pathname); })()")
}

func (p *person) sendsNonsense(page string, tried map[string]bool) {
	p.t.Helper()
	p.visit(page)
	fresh := true
	for _, action := range p.forms() {
		form := sort(action)
		if tried[form] {
			continue
		}
		tried[form] = true
		if !fresh {
			p.visit(page)
		}
		fresh = false
		spoiled := eval[[]string](p, fmt.Sprintf(spoil, action))
		if len(spoiled) == 0 {
			continue
		}
		kept := spoiled[0]
		p.pressHere("send nonsense to " + action)
		// A step that waits for its reason is refused with what blocks it.
		if status := p.status(); status != http.StatusUnprocessableEntity && status != http.StatusConflict {
			if !harmless.MatchString(form) {
				p.t.Errorf("%s, from %s, answers nonsense with %d at %s", action, page, status, p.at())
			}
			continue
		}
		p.mendable()
		if kept != "" && !eval[bool](p, fmt.Sprintf(`[...document.querySelectorAll('main input, main textarea')].some(e => e.value === %q || e.getAttribute('value') === %q || e.type === 'number' || e.type === 'date')`, kept, kept)) {
			p.t.Errorf("%s: what was written in the refused form is lost", action)
		}
	}
}
