package e2e

import (
	"strings"
	"testing"
	"time"

	"arengo/process/processtest"
)

const (
	siena     = "next-generation-siena"
	webinar   = "Il questionario: domande e risposte"
	survey    = "Vivere l’Area vasta"
	mobility  = "Muoversi senza auto in Valdichiana"
	health    = "Salute vicino a casa in Val d’Elsa"
	young     = "Restare o tornare in Val d’Orcia e Amiata"
	assembly  = "Incontro pubblico di governance"
	lab       = "Laboratorio di co-progettazione"
	proposal  = "Autobus a chiamata fino alla stazione"
	testimony = "L’ultimo autobus parte prima che finisca il turno"
)

// TestThePathToItsEnd lives the demonstration process from where it stands to
// its end: a webinar, the results of the questionnaire, three focus groups, an
// assembly, a lab, and a report that says what became of it all.
func TestThePathToItsEnd(t *testing.T) {
	t.Parallel()
	travels(t, func(h *house, w way) {
		f := h.sit(h.t, w.staff, w.scripts)
		f.enter(facilitator)
		visitor := h.sit(h.t, w.guest, w.scripts)

		h.webinarIsHeld(f, visitor)
		h.resultsComeOut(f, visitor)
		guest := h.groupsVerify(f, visitor)
		h.assemblyMeets(f, visitor)
		h.labProposes(f, visitor)
		f.reports()
		p := h.sit(h.t, w.staff, w.scripts)
		p.enter(promoter)
		h.pathCloses(p, visitor, guest)
	})
}

// webinarIsHeld fills the last place, gives it up again, lets the timer end the
// webinar and publishes its recording.
func (h *house) webinarIsHeld(f, visitor *person) {
	h.t.Helper()
	const anna, bruno = "anna.visitatrice@example.org", "bruno.visitatore@example.org"
	f.visit(h.activity(webinar))
	f.write("Posti", "37")
	f.tick("L’incontro può essere registrato")
	f.press("Salva posti e regole")
	f.reads("Impostazioni salvate")

	visitor.visit("/percorsi/" + siena)
	visitor.press(webinar)
	visitor.reads("Resta 1 posto su 37", "L’incontro può essere registrato")
	hers := visitor.registers(anna, "Anna Visitatrice", "Chiedi l’iscrizione", "Iscrizione confermata: "+webinar)
	visitor.visit(h.public(webinar))
	visitor.reads("I posti sono finiti")
	his := visitor.registers(bruno, "Bruno Visitatore", "Chiedi la lista d’attesa", "Sei in lista d’attesa: "+webinar)
	visitor.visit(his)
	visitor.reads("Sei la prossima persona in lista")

	visitor.visit(hers)
	visitor.reads("La tua iscrizione è confermata", "Il collegamento compare qui")
	visitor.readsNot("Entra nel webinar")
	visitor.toggle("Non puoi più partecipare?")
	visitor.press("Annulla l’iscrizione")
	visitor.reads("La tua iscrizione è annullata")
	h.letter(anna, "Iscrizione annullata: "+webinar)
	h.appoints(bruno, "C’è un posto per te: "+webinar)

	h.moveTo(h.begins(webinar).Add(-30 * time.Minute))
	visitor.visit(his)
	visitor.readsNot("Entra nel webinar")
	h.letter(bruno, "Promemoria: "+webinar)
	h.moveTo(h.begins(webinar).Add(-10 * time.Minute))
	visitor.visit(his)
	visitor.reads("Entra nel webinar", "Puoi entrare adesso")
	visitor.visit(hers)
	visitor.readsNot("Entra nel webinar")

	h.moveTo(h.ends(webinar).Add(time.Minute))
	h.timerDoes(webinar, "held")
	f.visit(h.activity(webinar))
	f.reads("Pubblica la registrazione o i materiali")
	f.write("Che cos’è", "Registrazione")
	f.write("Titolo", "Registrazione della serata")
	f.write("Indirizzo", "https://incontri.example.org/ngs-domande/registrazione")
	f.press("Pubblica il materiale")
	f.press("Concludi il webinar")
	f.reads("Concluso")
	h.letter(bruno, "I materiali dell’incontro: "+webinar)
	visitor.visit(his)
	visitor.reads("L’incontro si è svolto", "Registrazione della serata")
}

// resultsComeOut waits for the questionnaire to close by itself, publishes what
// people said and begins the analysis.
func (h *house) resultsComeOut(f, visitor *person) {
	h.t.Helper()
	h.ahead(8*24*time.Hour + 2*time.Hour)
	h.timerDoes(survey, "closed")
	f.visit("/oggi")
	f.reads("i risultati di “" + survey + "”")
	f.visit(h.activity(survey) + "/risultati")
	f.write("Commento", "Chi lavora a turni non ha un autobus per tornare.")
	f.pressButton("Pubblica i risultati")
	f.visit("/percorsi/" + siena)
	f.reads("Risultati: " + survey)
	visitor.visit(h.public(survey))
	visitor.chartsAgree(h.public(survey) + "/tabelle.csv")
	f.advances("Passa all’analisi", "Analisi")
	visitor.visit("/percorsi/" + siena)
	visitor.reads("Da “Esplorazione” a “Analisi”", "Chi facilita")
	// The next phase says what it waits for, before anybody tries.
	f.reads("Passa al confronto pubblico: ora non si può", "Servono i verbali di almeno 3 focus group", "risultati pubblicati")
}

// groupsVerify holds three focus groups; the first has a guest who comes.
func (h *house) groupsVerify(f, visitor *person) string {
	h.t.Helper()
	var guest struct{ Email, Name string }
	if err := h.db.NewRaw(`SELECT p.email, p.name FROM contact c JOIN person p ON p.id = c.person_id
		JOIN invitation i ON i.process_id = c.process_id AND i.person_id = c.person_id
		WHERE i.answered_at IS NOT NULL AND p.locale = 'it' AND (SELECT count(*) FROM person o WHERE o.name = p.name) = 1
			AND (SELECT count(*) FROM invitation o WHERE o.process_id = c.process_id AND o.person_id = c.person_id) = 1
		ORDER BY p.id LIMIT 1`).Scan(h.t.Context(), &guest); err != nil {
		h.t.Fatal(err)
	}
	groups := []string{mobility, health, young}
	for _, group := range groups {
		f.visit(h.activity(group))
		f.write("Cerca nei contatti", guest.Email)
		f.press("Cerca le persone")
		f.tick(guest.Name)
		f.press("Invita le persone scelte")
		f.press("Convoca il focus group")
		f.reads("Convocato")
	}
	visitor.accepts(h.letter(guest.Email, "Ti invitiamo a un focus group: "+mobility).Link("/i/focusgroup/"))
	h.appoints(guest.Email, "Iscrizione confermata: "+mobility)

	h.moveTo(h.ends(young).Add(time.Minute))
	f.enter(facilitator)
	for i, group := range groups {
		h.timerDoes(group, "held")
		f.visit(h.activity(group))
		f.reads("Chiudi con il verbale: ora non si può", "Pubblica il verbale")
		theme := map[string]string{mobility: "Orari e coincidenze", health: "Medici e pediatri", young: "Casa"}[group]
		f.write("Tema", theme)
		if i == 0 {
			f.press("Segna la presenza: " + guest.Name)
			f.write("Tema", theme)
			f.write("Chi ha parlato", "P1")
			f.tick("Citazione: si può pubblicare")
		}
		f.write("Che cosa è stato detto", testimony)
		f.press("Aggiungi l’appunto")
		f.reads("L’appunto è salvato", testimony)
		f.write("Testo del verbale", "## Che cosa è emerso\n\nServono corse dopo le 22.")
		f.write("Quante persone c’erano", "6")
		f.press("Salva il verbale")
		f.pressButton("Pubblica il verbale")
		f.press("Chiudi con il verbale")
		f.reads("Verbale pubblicato")
	}
	visitor.visit(h.public(mobility))
	visitor.reads("Servono corse dopo le 22", "Persone presenti: 6")
	visitor.readsNot(guest.Name)
	f.advances("Passa al confronto pubblico", "Confronto pubblico")
	return guest.Email
}

// accepts answers an invitation and consents, on a phone.
func (p *person) accepts(link string) {
	p.t.Helper()
	p.visit(link)
	p.reads("Vieni?", mobility, "Orari e coincidenze")
	p.press("Accetta l’invito")
	p.reads("Hai accettato: ti aspettiamo")
	p.tick("Acconsento a partecipare")
	p.tick("Acconsento a essere citato")
	p.press("Salva i consensi")
	p.reads("I consensi sono salvati")
}

// assemblyMeets convenes the public meeting and publishes what was said.
func (h *house) assemblyMeets(f, visitor *person) {
	h.t.Helper()
	f.visit(h.activity(assembly))
	f.press("Convoca l’assemblea")
	f.reads("Convocata")
	visitor.visit(h.public(assembly))
	visitor.reads("Siena, Santa Maria della Scala", "Domande del pubblico ai sindaci", "L’ingresso è libero")
	h.moveTo(h.ends(assembly).Add(time.Minute))
	h.timerDoes(assembly, "held")
	f.enter(facilitator)
	f.visit(h.activity(assembly))
	f.press("Scrivi il verbale")
	f.write("Testo del verbale", "## Domande ai sindaci\n\nI trasporti vengono prima.")
	f.write("Persone presenti", "140")
	f.press("Salva il verbale")
	f.visit(h.activity(assembly))
	f.pressButton("Pubblica il verbale")
	f.visit(h.activity(assembly))
	f.press("Chiudi con il verbale")
	f.reads("Verbale pubblicato")
	visitor.visit(h.public(assembly))
	visitor.reads("I trasporti vengono prima", "140 persone presenti")
	f.advances("Passa alla co-progettazione", "Co-progettazione")
}

const proposer = "chiara.proponente@example.org"

// labProposes takes somebody through the three sessions of the lab, from the
// registration to the vote, and makes the card that won an outcome.
func (h *house) labProposes(f, visitor *person) {
	h.t.Helper()
	f.visit(h.activity(lab))
	f.press("Apri le iscrizioni")
	f.reads("Iscrizioni aperte")
	visitor.visit(h.public(lab))
	visitor.reads("Posti liberi: 45 su 45", "Dalle idee alle proposte")
	hers := visitor.registers(proposer, "Chiara Proponente", "Chiedi l’iscrizione", "Iscrizione confermata: "+lab)
	visitor.visit(hers)
	visitor.reads("Hai un posto nel laboratorio")

	h.moveTo(h.begins(lab).Add(time.Hour))
	h.timerDoes(lab, "running")
	f.enter(facilitator)
	f.visit(h.activity(lab))
	f.reads("Giornate in corso", "Per votare servono almeno due schede")
	f.press("Assegna i tavoli in modo equilibrato")
	f.press("Segna la presenza: Chiara Proponente")
	f.reads("La presenza è segnata")
	for title, kind := range map[string]string{proposal: "Proposta", "Un ambulatorio aperto il sabato": "Idea"} {
		visitor.visit(hers)
		visitor.write("Tipo di scheda", kind)
		visitor.write("Titolo", title)
		visitor.write("Testo", "Prenotato la sera prima, anche da telefono.")
		visitor.press("Aggiungi la scheda")
		visitor.reads("La scheda è salvata")
	}

	h.moveTo(h.ends(lab).Add(time.Minute))
	h.timerDoes(lab, "voting")
	vote := h.letter(proposer, "Si vota: "+lab)
	if vote.Link("/codesign/") == "" {
		h.t.Errorf("the mail about the vote leads to %v", vote.Links())
	}
	visitor.visit(hers)
	visitor.write(proposal, "3 punti")
	visitor.press("Invia il voto")
	visitor.reads("Il tuo voto è salvato")

	h.moveTo(h.ends(lab).Add(8 * 24 * time.Hour))
	h.timerDoes(lab, "concluded")
	visitor.visit(h.public(lab))
	visitor.reads("Come è andato il voto", proposal, "3 punti")
	f.enter(facilitator)
	f.visit(h.activity(lab))
	f.press("Fanne un esito: " + proposal)
	f.reads("È diventata un esito")
	f.advances("Passa al report conclusivo", "Report conclusivo")
}

// reports gives the outcome its evidence and its answer, and publishes it.
func (p *person) reports() {
	p.t.Helper()
	p.visit("/gestione/" + siena + "/esiti")
	p.press("Modifica l’esito: " + proposal)
	p.write("Risposta di chi decide", "Accolto")
	p.press("Salva l’esito")
	p.reads("Errore") // an answer without its reasons is none
	p.write("Ragioni della risposta", "Comincia a settembre, in via sperimentale.")
	p.toggle("Focus group: " + mobility)
	p.tick(testimony)
	p.toggle("Questionario: " + survey)
	p.tick("Domanda 7:")
	p.press("Salva l’esito")
	p.press("Pubblica l’esito")
	p.reads("Questo esito è pubblico")
}

// pathCloses publishes the final report, ends the process, and looks at what everybody is left with.
func (h *house) pathCloses(p, visitor *person, guest string) {
	h.t.Helper()
	p.visit("/gestione/" + siena)
	p.reads("Concludi il percorso: ora non si può", "Pubblica il report conclusivo")
	p.visit("/gestione/" + siena + "/documenti/final-report")
	p.write("Testo", "## Che cosa succede ora\n\nSei corse a chiamata, da settembre.")
	p.press("Salva e pubblica")
	p.advances("Concludi il percorso", "Percorso concluso, 6 fasi su 6")

	visitor.visit("/percorsi/" + siena)
	visitor.reads("Il percorso è concluso")
	visitor.visit("/percorsi/" + siena + "/report")
	visitor.reads("questo è il report definitivo", "Sei corse a chiamata, da settembre", proposal, "Accolto",
		"Comincia a settembre, in via sperimentale", "Focus group “"+mobility+"”", "Questionario “"+survey+"”")
	for _, email := range []string{guest, proposer} {
		h.letter(email, "Il percorso è concluso: ")
		if m := h.letter(email, "Che fine ha fatto il tuo contributo"); m.Link("/percorsi/"+siena) == "" {
			h.t.Errorf("what became of it leads %s to %v", email, m.Links())
		}
	}
}

// registers asks for a place on the page of an activity and gives the personal
// address that comes by mail.
func (p *person) registers(email, name, button, subject string) string {
	p.t.Helper()
	p.write("E-mail", email)
	p.pressButton(button)
	p.reads("conferma dal messaggio entro 24 ore")
	p.visit(p.h.letter(email, "Confermi l’iscrizione a «"+subject[strings.Index(subject, ": ")+2:]).Link("/conferma/"))
	p.write("Nome e cognome", name)
	if strings.HasPrefix(subject, "Iscrizione confermata") {
		p.pressButton("Conferma l’iscrizione")
	} else {
		p.pressButton("Entra in lista d’attesa")
	}
	if strings.HasPrefix(subject, "Iscrizione confermata") {
		p.h.appoints(email, subject)
	}
	link := p.h.letter(email, subject).Link("/r/")
	if link == "" {
		p.t.Fatalf("the mail %q to %s leads nowhere", subject, email)
	}
	return link
}

// appoints waits for a message that puts the meeting into a calendar.
func (h *house) appoints(to, subject string) {
	h.t.Helper()
	ics, method := h.letter(to, subject).Calendar()
	if method != "REQUEST" || !strings.Contains(ics, "BEGIN:VEVENT") {
		h.t.Errorf("%q to %s carries the calendar %q %q", subject, to, method, ics)
	}
}

// advances moves the process on from its overview.
func (p *person) advances(button, says string) {
	p.t.Helper()
	p.visit("/gestione/" + siena)
	p.pressButton(button)
	p.reads(says)
}

// path is the address of an activity of the demonstration below its process.
func (h *house) path(title string) string {
	h.t.Helper()
	var a struct{ Kind, PublicID string }
	err := h.db.NewRaw(`SELECT a.kind, a.public_id FROM activity a JOIN process p ON p.id = a.process_id
		WHERE p.slug = ? AND a.title = ?`, siena, title).Scan(h.t.Context(), &a)
	if err != nil {
		h.t.Fatalf("activity %q: %v", title, err)
	}
	return siena + "/" + a.Kind + "/" + a.PublicID
}

func (h *house) activity(title string) string { return "/gestione/" + h.path(title) }
func (h *house) public(title string) string   { return "/percorsi/" + h.path(title) }

// begins is when the first meeting of an activity starts.
func (h *house) begins(title string) time.Time { return h.instant("min(m.starts_at)", title) }

// ends is when the last one is over.
func (h *house) ends(title string) time.Time { return h.instant("max(m.ends_at)", title) }

func (h *house) instant(what, title string) time.Time {
	h.t.Helper()
	return time.Unix(int64(h.count(`SELECT extract(epoch FROM `+what+`)::bigint FROM meeting m
		JOIN activity a ON a.process_id = m.process_id AND a.id = m.activity_id WHERE a.title = ?`, title)), 0)
}

func (h *house) moveTo(at time.Time) {
	h.t.Helper()
	h.ahead(time.Until(at))
}

// timerDoes waits until the clock alone has brought an activity to a state.
func (h *house) timerDoes(title, state string) {
	h.t.Helper()
	processtest.Eventually(h.t, "the timer brings "+title+" to "+state, func() bool {
		return h.count(`SELECT count(*) FROM transition_log l JOIN activity a ON a.process_id = l.process_id AND a.id = l.activity_id
			WHERE a.title = ? AND l.to_state = ? AND l.actor_kind = 'timer'`, title, state) == 1
	})
}
