package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"

	"arengo/process"
)

// TestPagesThatNoLinkReaches looks at what a walk along links does not find:
// refusals, links that are forged, old or used, each sort of question, and what
// is left of a process that was called off.
func TestPagesThatNoLinkReaches(t *testing.T) {
	t.Parallel()
	h := open(t)
	v := h.sit(t, phone, true)
	link := h.invitation(t)
	v.isRefused()
	v.triesLinks()
	v.seesEveryQuestion(link)
	v.subscribes(h)
	v.prints("/percorsi/" + siena + "/report")
	v.prints("/percorsi/" + siena)
	v.inForcedColours(link)

	p := h.sit(t, desk, true)
	p.enter(promoter)
	p.meetsAnotherEditor(h)
	p.inForcedColours("/gestione/" + siena)
	registered := h.registration(t)
	p.callsOff()
	v.visit("/percorsi/" + siena)
	v.reads("Il percorso è stato annullato")
	v.visit(registered)
	v.visit(link)

	v.asksTooOften() // nobody can sign in any more
	v.breaks(h)
}

// status is how the server answered the page.
func (p *person) status() int {
	p.t.Helper()
	return eval[int](p, "performance.getEntriesByType('navigation')[0].responseStatus")
}

// answered fails unless the page came with this status.
func (p *person) answered(status int) {
	p.t.Helper()
	if got := p.status(); got != status {
		p.fail("the page answers %d, want %d", got, status)
	}
}

// isRefused asks for what does not exist.
func (p *person) isRefused() {
	p.t.Helper()
	for _, path := range []string{"/non-esiste", "/percorsi/nessuno", "/percorsi/" + siena + "/documenti/nessuno", "/lingua/xx"} {
		p.visit(path)
		p.answered(http.StatusNotFound)
		p.reads("Pagina non trovata")
	}
	p.visit("/?q=nientecosì&stato=open")
	p.reads("Nessun percorso trovato")
}

// asksTooOften asks for sign-in links until a press of the button is refused.
// The budget fills again in real time, whatever the test's clock says: on a busy
// machine one more may be due between the last refusal and the press, so that
// both are repeated.
func (p *person) asksTooOften() {
	p.t.Helper()
	for range 30 {
		p.visit("/accedi")
		p.write("E-mail", "troppo.spesso@example.org")
		if !eval[bool](p, `(async () => {
			const form = document.querySelector('main form');
			const body = new URLSearchParams(new FormData(form));
			const ask = () => fetch(form.action, {method: 'POST', body});
			for (let n = 0; n < 100; n++) {
				const answers = await Promise.all(Array.from({length: 10}, ask));
				if (answers.some(a => a.status === 429)) return true;
			}
			return false;
		})()`) {
			p.fail("nobody is ever asked to wait")
		}
		p.press("Invia il collegamento")
		if p.status() != http.StatusOK {
			break
		}
	}
	p.answered(http.StatusTooManyRequests)
	p.reads("Troppe richieste")
}

// triesLinks opens links that are forged, used and old.
func (p *person) triesLinks() {
	p.t.Helper()
	forged := strings.Repeat("A", 43)
	for _, path := range []string{
		"/i/questionnaire/", "/i/focusgroup/", "/r/webinar/", "/r/codesign/", "/r/assembly/", "/segui/", "/disiscrivi/", "/accedi/",
	} {
		p.visit(path + forged)
		if status := p.status(); status < 400 || status > 499 {
			p.fail("a forged link answers %d", status)
		}
		p.reads("collegamento")
	}
	ask := func() string {
		sent := len(p.h.mail.To(facilitator))
		p.visit("/accedi")
		p.write("E-mail", facilitator)
		p.press("Invia il collegamento")
		return p.h.link(facilitator, "/accedi/", sent)
	}
	used := ask()
	for range 5 { // mail filters open links, people reload
		p.visit(used)
		p.reads("Entri come Marta Bindi")
	}
	p.press("Entra")
	p.visit(used)
	p.reads("già stato usato", "Sei già dentro")
	p.visit("/gestione/nuovo")
	p.answered(http.StatusForbidden)
	p.visit("/oggi")
	eval[bool](p, `(document.querySelectorAll('[name=csrf]').forEach(e => { e.value = 'forged'; }), true)`)
	p.toggle("Marta Bindi")
	p.press("Esci")
	p.answered(http.StatusForbidden)
	p.visit("/oggi")
	p.toggle("Marta Bindi")
	p.press("Esci")
	p.reads("Sei uscito")
	p.visit(used)
	p.reads("già stato usato")
	old := ask()
	p.h.ahead(31 * time.Minute)
	p.visit(old)
	p.reads("scaduto")
	p.h.ahead(0)
}

// seesEveryQuestion opens each question of the demonstration and sends nothing,
// or nonsense, wherever an answer is required.
func (p *person) seesEveryQuestion(link string) {
	p.t.Helper()
	var codes []string
	err := p.h.db.NewRaw(`SELECT jsonb_path_query(v.definition, '$.sections[*].items[*].code')#>>'{}' FROM questionnaire_version v
		JOIN process p ON p.id = v.process_id WHERE p.slug = ?`, siena).Scan(p.t.Context(), &codes)
	if err != nil || len(codes) < 20 {
		p.t.Fatalf("%d questions, %v", len(codes), err)
	}
	refused := 0
	for _, code := range codes {
		p.visit(link + "/" + code)
		if !strings.HasSuffix(p.at(), "/"+code) {
			continue // it depends on an earlier answer
		}
		eval[bool](p, `(document.querySelectorAll('main input[type=checkbox]').forEach(e => { e.checked = true; }),
			document.querySelectorAll('main input[inputmode]').forEach(e => { e.value = 'molti'; }), true)`)
		p.press("Salva e vai avanti")
		if p.status() == http.StatusUnprocessableEntity {
			p.mendable()
			refused++
		}
	}
	if refused < 3 {
		p.t.Errorf("only %d questions refused nonsense", refused)
	}
	p.visit(link + "/rileggi-e-invia")
	p.reads("Rileggi le tue risposte", "Prima di inviare mancano")
	p.visit("/lingua/en?da=" + link)
	for _, path := range append(codes, "rileggi-e-invia") {
		p.visit(link + "/" + path)
	}
	p.visit("/lingua/it?da=/")
	p.visit(link + "/non-esiste")
	p.answered(http.StatusNotFound)
}

// mendable fails unless the page says what is wrong the way UX asks: a title
// that begins "Errore", and a focused summary that leads to the fields.
func (p *person) mendable() {
	p.t.Helper()
	type summary struct {
		Title          string
		Focused        bool
		Lines          int
		Links, Missing []string
	}
	ask := func() summary {
		return eval[summary](p, `(function() {
		const box = document.querySelector('.ar-errors');
		const links = box ? [...box.querySelectorAll('a')].map(a => a.getAttribute('href')) : [];
		return {Title: document.title, Focused: !!box && document.activeElement === box, Lines: box ? box.querySelectorAll('li').length : 0,
			Links: links, Missing: links.filter(l => !document.getElementById(decodeURIComponent(l.slice(1))))};
	})()`)
	}
	// The browser gives the focus when it first paints the page.
	s := ask()
	for end := time.Now().Add(patience); s.Lines > 0 && !s.Focused && time.Now().Before(end); s = ask() {
		<-time.After(20 * time.Millisecond)
	}
	switch {
	case !strings.HasPrefix(s.Title, "Errore"):
		p.t.Errorf("%s: the title of a refused form is %q", p.at(), s.Title)
	case s.Lines == 0:
		p.t.Errorf("%s: a refused form has no summary", p.at())
	case !s.Focused:
		p.t.Errorf("%s: the summary of a refused form has not the focus", p.at())
	case len(s.Missing) > 0:
		p.t.Errorf("%s: the summary leads to %v, which the page has not", p.at(), s.Missing)
	}
}

// subscribes begins to follow the process by mail, and ends it.
func (p *person) subscribes(h *house) {
	p.t.Helper()
	const reader = "lettrice@example.org"
	p.visit("/percorsi/" + siena)
	p.write("Il tuo indirizzo e-mail", reader)
	p.pressButton("Segui il percorso")
	p.reads("Controlla la posta")
	link := h.link(reader, "/segui/", 0)
	p.visit(link)
	p.pressButton("Segui il percorso")
	p.reads("ora segui questo percorso")
	p.visit(link)
	p.pressButton("Non seguirlo")
	p.reads("non segui più questo percorso")
}

// prints looks at a page the way a printer does, on A4.
func (p *person) prints(path string) {
	p.t.Helper()
	p.visit(path)
	width := p.width
	p.resize(718)
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	p.inspect()
	if eval[bool](p, `[...document.querySelectorAll('header nav, .ar-footer nav, form')].some(e => e.checkVisibility())`) {
		p.t.Errorf("%s prints its navigation or a form", path)
	}
	p.picture("print-" + strings.Trim(unfit.ReplaceAllString(sort(p.at()), "_"), "_"))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	p.resize(width)
}

// inForcedColours looks at a page with the colours of a person's own choosing:
// it says the same, in the same room. Contrast is theirs to choose, so axe,
// which reads the colours that the sheet asked for, has nothing to say.
func (p *person) inForcedColours(path string) {
	p.t.Helper()
	p.visit(path)
	said := eval[string](p, "document.body.innerText")
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}})
	if now := eval[string](p, "document.body.innerText"); now != said {
		p.t.Errorf("%s says less in forced colours:\n%s", path, now)
	}
	if hidden := eval[int](p, "[...document.querySelectorAll('.ar-track li')].filter(e => getComputedStyle(e, '::before').forcedColorAdjust !== 'none').length"); hidden > 0 {
		p.t.Errorf("%s: %d steps lose their state in forced colours", path, hidden)
	}
	p.fits()
	p.picture("forced-" + strings.Trim(unfit.ReplaceAllString(sort(p.at()), "_"), "_"))
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
}

// meetsAnotherEditor saves what somebody else has changed in the meantime.
func (p *person) meetsAnotherEditor(h *house) {
	p.t.Helper()
	page := "/gestione/" + siena + "/impostazioni"
	other := h.sit(p.t, desk, true)
	other.enter(promoter)
	other.visit(page)
	p.visit(page)
	p.write("Chi decide alla fine", "Il Consiglio comunale")
	p.press("Salva")
	other.write("Chi decide alla fine", "La Conferenza dei sindaci")
	other.press("Salva")
	other.answered(http.StatusConflict)
	other.reads("Nel frattempo qualcuno ha salvato", "Il Consiglio comunale", "non hai perso nulla")
	const kept = `[...document.querySelectorAll('main input, main textarea')].some(e => e.value === 'La Conferenza dei sindaci')`
	if !eval[bool](other, kept) {
		other.fail("what the second editor wrote is lost")
	}
	other.press("Salva il mio testo")
	p.visit(page)
	if !eval[bool](p, kept) {
		p.fail("the second editor's text was not saved")
	}
}

// registration is the personal page of somebody who has a place.
func (h *house) registration(t *testing.T) string {
	t.Helper()
	var row struct {
		ProcessID, ID int64
		Kind          string
	}
	err := h.db.NewRaw(`SELECT r.process_id, r.id, a.kind FROM registration r
		JOIN activity a ON a.process_id = r.process_id AND a.id = r.activity_id
		WHERE r.status = 'registered' AND a.title = ? ORDER BY r.id LIMIT 1`, webinar).Scan(t.Context(), &row)
	if err != nil {
		t.Fatalf("nobody is registered: %v", err)
	}
	return "/r/" + row.Kind + "/" + h.token(t, process.Link{Purpose: process.LinkRegister, Process: process.ID(row.ProcessID), Subject: row.ID, Version: 1})
}

// callsOff ends the process before its time, once nobody is asked anything any
// more; how activities are called off one by one is told elsewhere.
func (p *person) callsOff() {
	p.t.Helper()
	p.visit("/gestione/" + siena)
	p.toggle("Annulla il percorso")
	p.reads("Prima chiudi o annulla le attività aperte")
	if _, err := p.h.db.NewRaw("UPDATE workflow_instance SET state = 'cancelled' WHERE activity_id <> 0").Exec(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	p.visit("/gestione/" + siena)
	p.toggle("Annulla il percorso")
	p.write("Motivo", "Il finanziamento è stato revocato")
	p.pressButton("Annulla il percorso")
	p.visit("/gestione/" + siena)
	p.reads("Annullato")
	p.visit(p.h.activity(survey))
	p.visit(p.h.activity(webinar))
	p.visit("/oggi")
}

// breaks looks at the page of a fault that is ours: it names the request, whose
// number the log has.
func (p *person) breaks(h *house) {
	p.t.Helper()
	if _, err := h.db.Exec("ALTER TABLE activity RENAME TO mislaid"); err != nil {
		p.t.Fatal(err)
	}
	p.visit("/percorsi/" + siena + "/report")
	p.answered(http.StatusInternalServerError)
	p.reads("Qualcosa non ha funzionato")
	id := eval[string](p, `(document.querySelector('main').innerText.match(/[0-9a-f]{16}/) || [''])[0]`)
	if id == "" || !strings.Contains(h.printed("serve"), id) {
		p.t.Errorf("the log does not have the request %q", id)
	}
	if _, err := h.db.Exec("ALTER TABLE mislaid RENAME TO activity"); err != nil {
		p.t.Fatal(err)
	}
}
