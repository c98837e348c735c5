package strict

// italian are the Italian texts of every format that is said of a file, here and
// in the packages above; words of the file format stay as they are written.
var italian = map[string]string{
	// places
	"definition":                    "definizione",
	"state %s":                      "stato %s",
	"transition":                    "transizione",
	"transition %s":                 "transizione %s",
	"transition %s: requirement %s": "transizione %s: requisito %s",
	"%s: activity":                  "%s: attività",
	"%s: artefact":                  "%s: documento",
	"%s: reminder":                  "%s: promemoria",
	"%s in %q":                      "%s in %q",

	// the shape of the file
	"the file cannot be read as YAML":                       "il file non si legge come YAML",
	"not valid YAML: %s":                                    "YAML non valido: %s",
	"the file must hold one definition, it holds %d":        "il file deve contenere una definizione, ne contiene %d",
	"%s must be a mapping of keys to values":                "%s deve essere un elenco di chiavi, ognuna con il suo valore",
	"%s must be a list":                                     "%s deve essere una lista",
	"%s must be a text":                                     "%s deve essere un testo",
	"%s must be a whole number from 0 to 100000":            "%s deve essere un numero intero da 0 a 100000",
	"%s must be true or false":                              "%s deve essere true o false",
	"%s has an empty entry":                                 "%s contiene una voce vuota",
	"%s: a key must be a plain word":                        "%s: una chiave deve essere una parola semplice",
	"%s: %q is written twice (first on line %d)":            "%s: %q è scritto due volte (la prima alla riga %d)",
	"%s: %q is named twice":                                 "%s: %q è ripetuto",
	"%s: %q has no value":                                   "%s: %q non ha un valore",
	"%s: unknown key %q%s":                                  "%s: chiave sconosciuta %q%s",
	"%s: unknown word %q%s":                                 "%s: parola sconosciuta %q%s",
	" (did you mean %q?)":                                   " (volevi scrivere %q?)",
	" (known: %s)":                                          " (scegli tra: %s)",
	" (none is declared)":                                   " (non ne è dichiarato nessuno)",
	"%s: %q must be lower-case words joined by hyphens":     "%s: scrivi %q come parole minuscole unite da trattini",
	"%s: a name must be lower-case words joined by hyphens": "%s: scrivi il nome come parole minuscole unite da trattini",

	"counts: %q must be a lower-case word (letters, digits, underscores)": "counts: scrivi %q come parola minuscola (lettere, cifre, trattini bassi)",
	"%s has no text in %q": "%s non ha un testo in %q",

	"%s: %q is no length of time: write days as 30d, working days as 20wd, hours as 72h or minutes as 10m": "%s: %q non è una durata: scrivi i giorni come 30d, i giorni lavorativi come 20wd, le ore come 72h, i minuti come 10m",
	"%s: %q is no date: write it as 2026-03-24":                                                            "%s: %q non è una data: scrivila come 2026-03-24",
	"%s: %q is no time of day: write it as \"09:00\"":                                                      "%s: %q non è un’ora del giorno: scrivila come \"09:00\"",

	// the definition as a whole
	"definition: `%s` is missing or zero":                                  "definizione: `%s` manca o vale zero",
	"definition: timezone %q is unknown: write a name such as Europe/Rome": "definizione: il fuso orario %q non esiste: scrivi un nome come Europe/Rome",
	"definition: initial state %q does not exist%s":                        "definizione: lo stato iniziale %q non esiste%s",
	"definition: the initial state %q is final":                            "definizione: lo stato iniziale %q è finale",
	"definition: no state is final, so it never ends":                      "definizione: nessuno stato è finale, quindi il percorso non finisce mai",

	// states
	"%s is empty":           "%s è vuoto",
	"%s has no code":        "%s non ha un codice (code)",
	"%s has no title":       "%s non ha un titolo (title)",
	"state %s has no title": "stato %s: manca il titolo (title)",
	"state %s: artefact %q already stands on line %d":                                "stato %s: il documento %q c’è già alla riga %d",
	"state %s cannot be reached from %s":                                             "stato %s: da %s non ci si arriva",
	"state %s never leads to a final state":                                          "stato %s: da qui non si arriva a uno stato finale",
	"state %s is a dead end: it is not final and no transition of its own leaves it": "stato %s: è un vicolo cieco: non è finale e nessuna transizione, a parte \"*\", ne esce",
	"%s is final and so can have no term, at_end, reminders or overdue":              "%s è finale, quindi non può avere term, at_end, reminders o overdue",
	"%s: the minimum %d is above the maximum %d":                                     "%s: il minimo %d supera il massimo %d",
	"%s needs article, source and confidence (V or R)":                               "%s richiede article, source e confidence (V o R)",
	"%s: confidence V needs the date it was checked":                                 "%s: con confidence V scrivi anche la data del controllo (checked)",

	// terms and what they set off
	"%s needs either length or until":                                                           "%s richiede length oppure until, uno dei due",
	"%s: min and max go with a length, not with until":                                          "%s: min e max vanno con length, non con until",
	"%s: %s %s is above %s %s":                                                                  "%s: %s %s supera %s %s",
	"%s has at_end or overdue but no term that could end":                                       "%s ha at_end o overdue ma nessun termine (term) che possa scadere",
	"%s: the term ends with no event and nobody to tell: add at_end, or a transition by a role": "%s: il termine scade senza un evento e senza nessuno da avvisare: aggiungi at_end, o una transizione di un ruolo",
	"%s: at_end needs an event":                                                                 "%s: at_end richiede un evento (event)",
	"state %s: at_end fires %q, but no transition with that event leaves the state":             "stato %s: at_end fa scattare %q, ma nessuna transizione con quell’evento esce dallo stato",
	"state %s: at_end fires %q, but transition %s is not by timer":                              "stato %s: at_end fa scattare %q, ma la transizione %s non ha timer in by",
	"state %s: at_end fires %q, but transition %s requires a reason":                            "stato %s: at_end fa scattare %q, ma la transizione %s chiede una motivazione",
	"%s needs `after` and `escalate`":                                                           "%s richiede `after` e `escalate`",
	"%s needs either `before` or `after`":                                                       "%s richiede `before` oppure `after`, uno dei due",
	"%s does not say whom to tell (`to`)":                                                       "%s non dice chi avvisare (`to`)",
	"%s: a reminder cannot come before the entry":                                               "%s: un promemoria non può precedere l’ingresso nello stato",
	"%s: a reminder hangs on the end of a term, but there is no term":                           "%s: un promemoria dipende dalla fine di un termine, ma lo stato non ne ha (term)",
	"%s: a reminder %s before the end of a %s term never comes":                                 "%s: un promemoria %s prima della fine di un termine di %s non arriva mai",
	"%s: the same reminder already stands on line %d; name all audiences in one `to`":           "%s: lo stesso promemoria c’è già alla riga %d; scrivi tutti i destinatari in un solo `to`",

	// transitions
	"%s has no `%s`":                                                   "%s: manca `%s`",
	"%s leads to %q, which is no state%s":                              "%s porta a %q, che non è uno stato%s",
	"%s leaves %q, which is no state%s":                                "%s parte da %q, che non è uno stato%s",
	"%s leaves %q, which is final":                                     "%s parte da %q, che è uno stato finale",
	"%s: \"*\" is every state and stands alone":                        "%s: \"*\" vale per ogni stato e sta da solo",
	"%s: the id already stands on line %d":                             "%s: questo id c’è già alla riga %d",
	"%s: the id is the engine's own":                                   "%s: questo id è riservato al programma, scegline un altro",
	"transition %s: event %q already leaves state %s by transition %s": "transizione %s: con l’evento %q dallo stato %s esce già la transizione %s",
	"transition %s is by timer, but no at_end of its states fires %q":  "transizione %s: ha timer in by, ma nessun at_end dei suoi stati fa scattare %q",
	"%s: role %q is not among the definition's roles":                  "%s: il ruolo %q non è tra quelli della definizione (roles)",

	// actions
	"%s: an entry is one of open, close, notice, fire":                     "%s: una voce contiene uno solo tra open, close, notice e fire",
	"%s: `to` goes with a notice":                                          "%s: `to` va insieme a notice",
	"%s: notice %q does not say whom to tell (`to`)":                       "%s: l’avviso %q non dice a chi va (`to`)",
	"%s: notice %q is announced twice; name all its audiences in one `to`": "%s: l’avviso %q compare due volte; scrivi tutti i destinatari in un solo `to`",
	"%s: only a process opens or closes activities":                        "%s: solo un percorso apre o chiude attività",
	"%s: fire reaches the owning process, so only an activity may use it":  "%s: fire si rivolge al percorso dell’attività, quindi può usarlo solo un’attività",

	// requirements and their guards
	"%s: a requirement needs code, guard and explain": "%s: un requisito richiede code, guard ed explain",
	"%s: the code is already taken":                   "%s: questo codice è già usato, scegline un altro",
	"%s: unknown placeholder {%s}%s":                  "%s: segnaposto sconosciuto {%s}%s",
	"%s: {%s} has no value in state %s":               "%s: {%s} non ha un valore nello stato %s",
	"term.%s has no value in state %s":                "term.%s non ha un valore nello stato %s",
	"the expression is not valid: %s":                 "l’espressione non è valida: %s",
	"the expression gives %s, a guard must give bool": "l’espressione dà %s, ma una condizione deve dare bool",
	"unknown %s %q%s":                                 "%s sconosciuto %q%s",
	"count":                                           "conteggio",
	"role":                                            "ruolo",
	"artefact":                                        "documento",
	"kind":                                            "tipo di attività",
}
