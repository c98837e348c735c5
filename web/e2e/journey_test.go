package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arengo/process/processtest"
)

const (
	promoter    = "lucia.ferri@example.org"
	facilitator = "marta.bindi@example.org"
)

// TestAPathFromTemplateToResults lives a process through its pages: a promoter
// sets it up, a facilitator runs its questionnaire, people answer on a phone,
// the timer closes it, and the results come out.
func TestAPathFromTemplateToResults(t *testing.T) {
	t.Parallel()
	h := open(t, true)
	p := h.sit(t, desk, true)
	p.enter(promoter)
	slug := p.setsUp()
	questionnaire := p.writesQuestions(slug)
	p.importsContacts(slug)
	p.publishes(slug)
	p.launches(slug, questionnaire)

	f := h.sit(t, desk, true)
	f.enter(facilitator)
	f.follows(questionnaire)

	answerers := []string{"anna@example.org", "bruno@example.org", "carla@example.org"}
	for i, email := range answerers {
		width := int64(phone)
		h.sit(t, width, i != 1).answers(h.letter(email, "Muoversi").Link("/i/questionnaire/"), i)
	}
	if n := h.count(`SELECT count(*) FROM response r JOIN activity a ON a.process_id = r.process_id AND a.id = r.activity_id WHERE a.title = 'Muoversi in Val d’Elsa'`); n != len(answerers) {
		t.Errorf("%d responses, want %d", n, len(answerers))
	}
	f.reminds(questionnaire)
	f.extends(questionnaire)
	h.closesByItself(f, questionnaire)
	f.publishesResults(questionnaire)
}

// setsUp walks the wizard and gives the slug of the new process.
func (p *person) setsUp() string {
	p.t.Helper()
	p.visit("/gestione/nuovo")
	p.reads("Percorso d’area")
	p.press("Percorso d’area")
	p.write("Titolo", "Muoversi in Val d’Elsa")
	p.write("In due frasi", "Come ci si muove senza auto fra i Comuni della Val d’Elsa.")
	p.write("Ente capofila", "Comune di Siena")
	p.write("Primo giorno", time.Now().Format(time.DateOnly))
	p.press("Salva la bozza")
	parts := strings.Split(p.at(), "/")
	if len(parts) < 3 || parts[1] != "gestione" {
		p.fail("the new process is at %s", p.at())
	}
	slug := parts[2]
	base := "/gestione/" + slug

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
	p.accessible()
	p.picture("builder")
	p.press("Pubblica le domande")

	p.visit(questionnaire + "/anteprima")
	p.reads("Come ti muovi di solito?", "Anteprima")
	p.accessible()

	p.visit(questionnaire)
	p.write("Ultimo giorno per rispondere", time.Now().AddDate(0, 0, 21).Format(time.DateOnly))
	p.press("Salva il giorno di chiusura")
	p.press("Segna come pronto")
	return questionnaire
}

func (p *person) importsContacts(slug string) {
	p.t.Helper()
	file := filepath.Join(p.t.TempDir(), "contatti.csv")
	csv := "\ufeffnome;cognome;e-mail;comune\r\n" +
		"Anna;Neri;anna@example.org;Colle di Val d'Elsa\r\n" +
		"Bruno;Verdi;bruno@example.org;Poggibonsi\r\n" +
		"Carla;D'Angelo;carla@example.org;Poggibonsi\r\n" +
		"Dario;Muti;dario@example.org;Siena\r\n" +
		"Anna;Neri;ANNA@example.org;Siena\r\n" +
		"Elio;Sbagli;elio(at)example.org;Siena\r\n"
	if err := os.WriteFile(file, []byte(csv), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.visit("/gestione/" + slug + "/contatti/importa")
	p.upload("File CSV", file)
	p.press("Controlla il file")
	p.reads("Si possono caricare 4 righe", "2 righe restano fuori", "elio(at)example.org")
	p.press("Carica 4 contatti")
	p.reads("4 righe sono in elenco")
}

func (p *person) publishes(slug string) {
	p.t.Helper()
	p.visit("/gestione/" + slug + "/pubblica")
	p.press("Pubblica il percorso")
	p.visit("/percorsi/" + slug)
	p.reads("Muoversi in Val d’Elsa", "Conferenza dei sindaci", "Preparazione")
	p.accessible()
}

func (p *person) launches(slug, questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire)
	p.press("Invita tutti i contatti")
	p.visit("/gestione/" + slug)
	p.picture("overview")
	p.accessible()
	p.press("Avvia l’esplorazione")
	p.reads("Esplorazione")
}

func (p *person) follows(questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire)
	p.reads("Invitati")
	p.accessible()
}

// answers takes somebody from the letter to the receipt.
func (p *person) answers(link string, i int) {
	p.t.Helper()
	for range 2 { // mail filters open links too
		p.visit(link)
	}
	p.reads("Come ti muovi di solito?", "Chi chiede")
	if !p.silent {
		p.accessible()
		p.picture("question")
	}
	p.press("Salva e vai avanti")
	p.reads("Errore")
	if i == 0 {
		p.tick("In auto")
		p.press("Salva e vai avanti")
		p.write("Che cosa ti impedisce di lasciare l’auto?", "Non passa l’autobus")
		p.press("Salva e vai avanti")
		// Another day, another device: it resumes where it was.
		p = p.h.sit(p.t, desk, true)
		p.visit(link)
		p.reads("Quanto dista il tuo lavoro")
	} else {
		p.tick("In treno")
		p.press("Salva e vai avanti")
		p.readsNot("lasciare l’auto")
	}
	p.write("Quanto dista il tuo lavoro, in chilometri?", "12")
	p.press("Salva e vai avanti")
	p.reads("Rileggi le tue risposte")
	p.press("Invia le risposte")
	p.reads("Grazie, le tue risposte sono arrivate", "Codice di ricevuta")
	p.picture("receipt")
	p.visit(link)
	p.reads("Codice di ricevuta")
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
	p.write("Nuovo ultimo giorno", time.Now().AddDate(0, 0, 28).Format(time.DateOnly))
	p.write("Motivo", "Le scuole erano chiuse per neve")
	p.press("Vedi che cosa si sposta")
	p.press("Proroga")
	p.h.letter("dario@example.org", "C’è più tempo")
}

// closesByItself moves everybody's clock past the end and its grace.
func (h *house) closesByItself(f *person, questionnaire string) {
	h.t.Helper()
	late := h.letter("dario@example.org", "Manca la tua risposta").Link("/i/questionnaire/")
	h.ahead(29 * 24 * time.Hour)
	processtest.Eventually(h.t, "the timer closes the questionnaire", func() bool {
		return h.count(`SELECT count(*) FROM transition_log l JOIN activity a ON a.process_id = l.process_id AND a.id = l.activity_id
			WHERE a.title = 'Muoversi in Val d’Elsa' AND l.to_state = 'closed' AND l.actor_kind = 'timer'`) == 1
	})
	h.letter(facilitator, "Chiusa")
	h.letter(promoter, "Chiusa")
	p := h.sit(h.t, phone, true)
	p.visit(late)
	p.reads("La raccolta è chiusa")
	p.accessible()
	f.enter(facilitator) // a session does not last a month
	f.visit(questionnaire)
	f.reads("Raccolta chiusa")
}

// publishesResults shows everybody what people said.
func (p *person) publishesResults(questionnaire string) {
	p.t.Helper()
	p.visit(questionnaire + "/risultati")
	p.accessible()
	p.picture("results")
	p.reads("In treno")
}
