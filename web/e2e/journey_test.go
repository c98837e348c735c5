package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"arengo/process/processtest"
	"arengo/workflow/history"
)

const (
	promoter    = "lucia.ferri@example.org"
	facilitator = "marta.bindi@example.org"
)

// way is how a journey is made: how wide the staff's screens are and those of
// everybody else, and whether pages may run scripts.
type way struct {
	name         string
	staff, guest int64
	scripts      bool
}

// ways together do every step on a phone and at a desk, with scripts and
// without. Every page on the way is looked at in both widths, whoever opens it.
var ways = []way{
	{"StaffAtDesks", desk, phone, true},
	{"StaffOnPhonesWithoutScripts", phone, desk, false},
}

// travels lives a journey in every way, each in a house of its own.
func travels(t *testing.T, journey func(h *house, w way)) {
	t.Helper()
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			journey(open(t), w)
		})
	}
}

// TestAPathFromTemplateToResults lives a process through its pages: a promoter
// sets it up, a facilitator runs its questionnaire, people answer, the timer
// closes it, and the results come out.
func TestAPathFromTemplateToResults(t *testing.T) {
	t.Parallel()
	travels(t, func(h *house, w way) {
		p := h.sit(h.t, w.staff, w.scripts)
		p.enter(promoter)
		slug := p.setsUp()
		questionnaire := p.writesQuestions(slug)
		p.importsContacts(slug)
		p.publishes(slug)
		p.launches(slug, questionnaire)

		f := h.sit(h.t, w.staff, w.scripts)
		f.enter(facilitator)
		f.follows(questionnaire)

		answerers := []string{"anna@example.org", "bruno@example.org", "carla@example.org"}
		for i, email := range answerers {
			h.sit(h.t, w.guest, w.scripts).answers(email, i)
		}
		if n := h.count(`SELECT count(*) FROM response r JOIN activity a ON a.process_id = r.process_id AND a.id = r.activity_id WHERE a.title = 'Muoversi in Val d’Elsa'`); n != len(answerers) {
			h.t.Errorf("%d responses, want %d", n, len(answerers))
		}
		f.reminds(questionnaire)
		f.extends(questionnaire)
		h.sit(h.t, w.guest, w.scripts).unsubscribes(h.letter("dario@example.org", "C’è più tempo").Link("/disiscrivi/"))
		h.closesByItself(f, questionnaire)
		f.publishesResults(questionnaire)
	})
}

// setsUp walks the wizard and gives the slug of the new process.
func (p *person) setsUp() string {
	p.t.Helper()
	p.visit("/gestione/nuovo")
	p.reads("Percorsi di legge", "Modelli leggeri", "Percorso d’area", "6 fasi", "225 giorni in tutto")
	p.press("Percorso d’area")
	p.write("Titolo", "Muoversi in Val d’Elsa")
	p.write("In due frasi", "Come ci si muove senza auto fra i Comuni della Val d’Elsa.")
	p.write("Ente capofila", "Comune di Siena")
	p.write("Primo giorno", day(0, 0))
	p.press("Salva la bozza")
	parts := strings.Split(p.at(), "/")
	if len(parts) < 3 || parts[1] != "gestione" {
		p.fail("the new process is at %s", p.at())
	}
	slug := parts[2]
	base := "/gestione/" + slug

	// What is missing leads to where it is mended.
	p.visit(base + "/pubblica")
	p.reads("Per pubblicare mancano")
	missing := eval[[]string](p, `[...document.querySelectorAll('.ar-gate a[href]')].map(a => a.getAttribute('href'))`)
	if len(missing) < 3 {
		p.fail("what is missing leads to %v", missing)
	}
	for _, to := range missing {
		p.visit(to)
		p.answered(http.StatusOK)
		if anchor := eval[string](p, `location.hash.slice(1)`); anchor != "" && !eval[bool](p, `!!document.getElementById(location.hash.slice(1))`) {
			p.fail("%s leads to no %q", to, anchor)
		}
	}
	// Nothing is lost when the tab is closed in the middle.
	p = p.again(promoter)

	p.visit(base + "/impostazioni")
	p.write("Chi decide alla fine", "La Conferenza dei sindaci")
	p.write("E-mail di riferimento", "mobilita@example.org")
	p.press("Salva")

	p.visit(base + "/ente")
	p.tick("Colle di Val d’Elsa")
	p.tick("Poggibonsi")
	p.press("Salva")

	p.visit(base + "/date")
	p.reads("Da 21 a 60 giorni")
	p.write("Giorni di “Esplorazione”", "40")
	p.press("Ricalcola le date")
	p.reads("Cambiano", "La fine passa da")
	p.write("Giorni di “Esplorazione”", "400")
	p.insists()
	p.press("Ricalcola le date")
	p.reads("Errore")
	p.write("Giorni di “Esplorazione”", "40")
	p.press("Ricalcola le date")
	p.press("Sposta queste date")

	p.visit(base + "/popolazione")
	p.press("Salva")

	p.visit(base + "/persone")
	p.write("E-mail", facilitator)
	p.tick("Facilitatore")
	p.press("Aggiungi la persona")
	p.reads("Marta Bindi")

	p.visit(base + "/documenti/project-sheet")
	p.write("Testo", "## Oggetto\n\nMuoversi senza auto.")
	p.press("Salva e pubblica")
	return slug
}

// writesQuestions makes a questionnaire of three questions, the second of which
// depends on the first, and gives its address.
func (p *person) writesQuestions(slug string) string {
	p.t.Helper()
	p.visit("/gestione/" + slug + "/attivita")
	p.tick("Questionario")
	p.write("In quale fase", "Esplorazione")
	p.write("Titolo dell’attività", "Muoversi in Val d’Elsa")
	p.press("Crea l’attività")
	questionnaire := p.at()

	p.visit(questionnaire + "/domande")
	p.press("Aggiungi una domanda")
	p.write("Testo della domanda", "Come ti muovi di solito?")
	p.write("Tipo di risposta", "Scelta singola")
	p.press("Cambia")
	p.write("Risposta 1", "In auto")
	p.write("Risposta 2", "In treno")
	p.tick("Obbligatoria")
	p.press("Salva la domanda")

	p.press("Aggiungi una domanda qui sotto")
	p.write("Testo della domanda", "Che cosa ti impedisce di lasciare l’auto?")
	p.write("Tipo di risposta", "Testo lungo")
	p.press("Cambia")
	p.press("Aggiungi una condizione")
	p.write("Domanda della condizione 1", "Come ti muovi")
	p.press("Aggiorna")
	p.write("Valore della condizione 1", "In auto")
	p.press("Salva la domanda")
	p.reads("In parole:", "In auto")

	p.press("Aggiungi una domanda qui sotto")
	p.write("Testo della domanda", "Quanto dista il tuo lavoro, in chilometri?")
	p.write("Tipo di risposta", "Numero")
	p.press("Cambia")
	p.press("Salva la domanda")

	p.visit(questionnaire + "/domande")
	p.press("Aggiungi una sezione")
	p.write("Titolo della sezione", "Che cosa cambieresti")
	p.press("Salva la sezione")
	p.press("Aggiungi una domanda")
	p.write("Testo della domanda", "Che cosa useresti al posto dell’auto?")
	p.write("Tipo di risposta", "Scelta multipla")
	p.press("Cambia")
	p.write("Risposta 1", "La bicicletta")
	p.write("Risposta 2", "L’autobus")
	p.press("Salva la domanda")

	p.press("Aggiungi una domanda qui sotto")
	p.write("Testo della domanda", "Quanto ti fidi degli orari?")
	p.write("Tipo di risposta", "Scala")
	p.press("Cambia")
	p.write("Che cosa vuol dire il primo valore", "Per niente")
	p.write("Che cosa vuol dire l’ultimo", "Del tutto")
	p.press("Salva la domanda")

	p.press("Aggiungi una domanda qui sotto")
	p.write("Testo della domanda", "In quale frazione vivi?")
	p.write("Tipo di risposta", "Testo breve")
	p.press("Cambia")
	p.press("Salva la domanda")
	p.reads("Che cosa cambieresti", "Nessun problema impedisce di pubblicare")
	p.press("Pubblica le domande")

	p.visit(questionnaire + "/anteprima")
	p.reads("Come ti muovi di solito?", "Anteprima")

	p.visit(questionnaire)
	p.write("Ultimo giorno per rispondere", day(0, 21))
	p.press("Salva il giorno di chiusura")
	p.press("Segna come pronto")
	return questionnaire
}

// again closes the tab and comes back in another, signed in anew.
func (p *person) again(email string) *person {
	p.t.Helper()
	other := p.h.sit(p.t, p.width, !p.silent)
	other.enter(email)
	return other
}

func (p *person) importsContacts(slug string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "contatti.csv")
	csv := "\ufeffnome;cognome;e-mail;comune\r\n" +
		"Anna;Neri;anna@example.org;Colle di Val d'Elsa\r\n" +
		"Bruno;Verdi;bruno@example.org;Poggibonsi\r\n" +
		"Carla;D’Angelo;carla@example.org;Poggibonsi\r\n" +
		"Dario;Muti;dario@example.org;Siena\r\n" +
		"Anna;Neri;ANNA@example.org;Siena\r\n" +
		"Elio;Sbagli;elio(at)example.org;Siena\r\n"
	if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.visit("/gestione/" + slug + "/contatti/importa")
	p.upload("File CSV", file)
	p.press("Controlla il file")
	p.reads("Ci sono 4 contatti da caricare", "2 righe restano fuori", "elio(at)example.org")
	p.press("Carica 4 contatti")
	p.reads("4 contatti caricati")
}

func (p *person) publishes(slug string) {
	p.t.Helper()
	p.visit("/gestione/" + slug + "/pubblica")
	p.press("Pubblica il percorso")
	p.visit("/percorsi/" + slug)
	p.reads("Muoversi in Val d’Elsa", "Conferenza dei sindaci", "Preparazione")
}

func (p *person) launches(slug, questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire)
	p.press("Invita tutti i contatti")
	p.visit("/gestione/" + slug)
	p.press("Avvia l’esplorazione")
	p.reads("Esplorazione")
}

func (p *person) follows(questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire)
	p.reads("Invitati")
}

// answers takes somebody from the letter to the receipt.
func (p *person) answers(email string, i int) {
	p.t.Helper()
	link := p.h.letter(email, "Muoversi").Link("/i/questionnaire/")
	for range 5 { // mail filters open links too
		p.visit(link)
	}
	p.startsAtOnce()
	const begun = `SELECT count(*) FROM invitation i JOIN person p ON p.id = i.person_id WHERE p.email = ? AND (i.drafted_at IS NOT NULL OR i.answered_at IS NOT NULL)`
	if p.h.count(begun, email) != 0 {
		p.t.Error("opening the link is taken for an answer")
	}
	p.press("Salva e vai avanti")
	p.mendable()
	if i == 0 {
		p.tick("In auto")
		p.press("Salva e vai avanti")
		p.write("Che cosa ti impedisce di lasciare l’auto?", "Non passa l’autobus")
		p.press("Salva e vai avanti")
		// Going back and reloading lose nothing.
		p.goesBack()
		p.do("reload", chromedp.Reload())
		p.reads("Che cosa ti impedisce")
		if kept := eval[string](p, "document.querySelector('main textarea').value"); kept != "Non passa l’autobus" {
			p.fail("going back finds %q", kept)
		}
		// Another day, another device: it resumes where it was.
		p = p.h.sit(p.t, phone+desk-p.width, !p.silent)
		p.visit(link)
		p.reads("Quanto dista il tuo lavoro")
	} else {
		p.tick("In treno")
		p.press("Salva e vai avanti")
		p.readsNot("lasciare l’auto")
	}
	p.write("Quanto dista il tuo lavoro, in chilometri?", "12")
	p.press("Salva e vai avanti")
	p.reads("Che cosa cambieresti")
	p.tick("La bicicletta")
	p.tick("L’autobus")
	p.press("Salva e vai avanti")
	p.tick("4")
	p.press("Salva e vai avanti")
	p.write("In quale frazione vivi?", "Gracciano")
	p.press("Salva e vai avanti")
	p.reads("Rileggi le tue risposte", "12", "La bicicletta", "L’autobus", "Gracciano")
	p.pressLast("Modifica")
	p.write("In quale frazione vivi?", "Campiglia")
	p.press("Salva e torna al riepilogo")
	p.reads("Rileggi le tue risposte", "Campiglia")
	p.pressTwice("Invia le risposte")
	p.visit(link)
	p.reads("Grazie, le tue risposte sono arrivate", "Codice di ricevuta")
	p.visit(link + "/rileggi-e-invia")
	p.do("reload", chromedp.Reload())
	p.reads("Codice di ricevuta")
}

// startsAtOnce holds the page behind the link to what somebody on a phone is
// promised: question 1 on the first screen, who asks and why, nothing chosen
// for them, nothing kept before they answer, no cookie that is not technical.
func (p *person) startsAtOnce() {
	p.t.Helper()
	p.reads("Come ti muovi di solito?", "Chi chiede", "Perché", "Quanto dura", "I tuoi dati")
	if top := eval[float64](p, "document.querySelector('main h1').getBoundingClientRect().bottom + scrollY"); top > 800 {
		p.t.Errorf("the question ends %.0f px down at %d px", top, p.width)
	}
	if eval[bool](p, "!!document.querySelector('main input:checked, dialog[open], [role=dialog], [role=alertdialog]')") {
		p.t.Error("something is chosen already, or in front of the question")
	}
	for _, c := range call(p, network.GetCookies, network.GetCookiesParams{}).Cookies {
		if c.Name != "arengo_lang" && c.Name != "arengo_flash" {
			p.t.Errorf("an anonymous reader gets the cookie %q", c.Name)
		}
	}
}

// reminds writes to the one who has not answered, once.
func (p *person) reminds(questionnaire string) {
	p.t.Helper()
	before := len(p.h.mail.To("anna@example.org"))
	p.visit(questionnaire)
	p.reads("3 risposte su 4 inviti")
	p.press("Leggi e approva")
	p.press("Invia il sollecito a una persona")
	m := p.h.letter("dario@example.org", "Manca la tua risposta")
	if reply := m.Header("Reply-To"); !strings.Contains(reply, "mobilita@example.org") {
		p.t.Errorf("replies go to %q", reply)
	}
	p.h.letter("anna@example.org", "ricev")
	for _, m := range p.h.mail.To("anna@example.org")[before:] {
		if strings.Contains(m.Subject(), "Manca la tua risposta") {
			p.t.Error("who has answered was reminded")
		}
	}
}

// extends moves the end by a week, with a reason that everybody can read.
func (p *person) extends(questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire)
	p.write("Nuovo ultimo giorno", day(0, 28))
	p.write("Motivo", "Le scuole erano chiuse per neve")
	p.press("Vedi che cosa si sposta")
	p.press("Proroga")
	p.h.moveTo(time.Now().Add(2 * history.Grace))
	p.h.letter("dario@example.org", "C’è più tempo")
}

// unsubscribes wants no more messages, and takes it back.
func (p *person) unsubscribes(link string) {
	p.t.Helper()
	p.visit(link)
	p.reads("Non vuoi più messaggi")
	p.press("Non scrivermi più")
	p.reads("non ricevi più messaggi")
	p.visit(link)
	p.press("Torna a scrivermi")
	p.reads("ricevi di nuovo i messaggi")
}

// closesByItself moves everybody's clock past the end and its grace.
func (h *house) closesByItself(f *person, questionnaire string) {
	h.t.Helper()
	late := h.letter("dario@example.org", "Manca la tua risposta").Link("/i/questionnaire/")
	// Somebody who had begun may still send for a moment after the end.
	end := time.Unix(int64(h.count(`SELECT extract(epoch FROM d.due_at)::bigint FROM deadline d
		JOIN activity a ON a.process_id = d.process_id AND a.id = d.activity_id
		WHERE a.title = 'Muoversi in Val d’Elsa' AND d.action = 'event' AND d.fired_at IS NULL AND d.cancelled_at IS NULL ORDER BY d.due_at DESC LIMIT 1`)), 0)
	d := h.sit(h.t, phone, !f.silent)
	d.visit(late)
	d.tick("In treno")
	d.press("Salva e vai avanti")
	h.moveTo(end.Add(2 * time.Minute))
	d.visit(late)
	d.reads("Avevi già cominciato: puoi ancora inviare")
	h.ahead(29 * 24 * time.Hour)
	processtest.Eventually(h.t, "the timer closes the questionnaire", func() bool {
		return h.count(`SELECT count(*) FROM transition_log l JOIN activity a ON a.process_id = l.process_id AND a.id = l.activity_id
			WHERE a.title = 'Muoversi in Val d’Elsa' AND l.to_state = 'closed' AND l.actor_kind = 'timer'`) == 1
	})
	h.letter(facilitator, "chiusa")
	h.letter(promoter, "chiusa")
	p := h.sit(h.t, phone, !f.silent)
	p.visit(late)
	p.reads("La raccolta è chiusa")
	f.enter(facilitator) // a session does not last a month
	f.visit(questionnaire)
	f.reads("Raccolta chiusa")
}

// publishesResults finds that three answers are too few to show.
func (p *person) publishesResults(questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire + "/risultati")
	p.reads("troppo poche per mostrarle")
}
