package message

import (
	"slices"

	"arengo/notify"
	"arengo/workflow/definition"
)

// wordsOf says which phase of the main path a state is, and what it is called.
func wordsOf(def *definition.Compiled, state string) phaseWords {
	path := def.MainPath()
	w := phaseWords{of: len(path), title: map[string]string{}}
	for i, name := range path {
		if name == state {
			w.number = i + 1
		}
	}
	if st, ok := def.State(state); ok {
		w.title, w.purpose = st.Title, st.Purpose
	}
	if w.number == 0 {
		w.of = 0 // ended: there is no bar to show
	}
	return w
}

// nextStep is what the people responsible for a state can do to leave it: the
// words of its first transition that is not for every state.
func nextStep(def *definition.Compiled, state string) map[string]string {
	for _, t := range def.Leaving(state) {
		if !slices.Contains(t.From, "*") && len(t.Title) > 0 {
			return t.Title
		}
	}
	if st, ok := def.State(state); ok {
		return st.Title
	}
	return nil
}

var whyWords = map[string]map[string]string{
	"it": {
		"invited":    "Ricevi questo messaggio perché sei nell’elenco delle persone invitate a questo percorso.",
		"registered": "Ricevi questo messaggio perché ti sei iscritto a questo incontro.",
		"staff":      "Ricevi questo messaggio perché lavori a questo percorso.",
		"following":  "Ricevi questo messaggio perché segui questo percorso o vi hai preso parte.",
		"asked":      "Ricevi questo messaggio perché qualcuno, speriamo tu, ha scritto questo indirizzo sulla pagina del percorso.",
		"account":    "Ricevi questo messaggio perché qualcuno, speriamo tu, ha chiesto di accedere con questo indirizzo.",
		"keeper":     "Ricevi questo messaggio perché ti occupi dei programmi collegati di questo ente.",
	},
	"en": {
		"invited":    "You receive this message because you are on the list of people invited to this process.",
		"registered": "You receive this message because you registered for this meeting.",
		"staff":      "You receive this message because you work on this process.",
		"following":  "You receive this message because you follow this process or took part in it.",
		"asked":      "You receive this message because somebody, we hope you, wrote this address on the page of the process.",
		"account":    "You receive this message because somebody, we hope you, asked to sign in with this address.",
		"keeper":     "You receive this message because you look after the programs connected to this body.",
	},
}

func why(n notify.Notice, row personal) string {
	words, ok := whyWords[row.Locale]
	if !ok {
		words = whyWords["it"]
	}
	switch {
	case n.Kind == "webhook-stopped":
		return words["keeper"]
	case n.ProcessID == notify.Account:
		return words["account"]
	case n.Kind == "follow-confirm" || n.Kind == "registration-confirm":
		return words["asked"]
	case staffNotice(n):
		return words["staff"]
	case row.RegistrationID != 0:
		return words["registered"]
	case row.InvitationID != 0:
		return words["invited"]
	case row.Works:
		return words["staff"]
	}
	return words["following"]
}
