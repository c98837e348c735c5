package templates

import "time"

// Preview gives plausible facts for any kind, so that a source can be looked
// at, and tested, without a process.
func Preview(locale string) Facts {
	f := Facts{
		Process: Process{
			ID: 12, Title: "Next Generation Siena", Promoter: "Comune di Siena e 24 Comuni dell’Area vasta",
			Phase:       Phase{Number: 3, Of: 7, Title: "Ascolto"},
			ContactName: "Marta Bindi, facilitatrice", ContactEmail: "ascolto@example.org",
			ContactPhone: "0577 000 000", ContactHours: "lunedì–venerdì, 9–13",
			URL: "https://partecipa.example.org/percorsi/siena", PrivacyURL: "https://partecipa.example.org/privacy",
			AccessibilityURL: "https://partecipa.example.org/accessibilita", Zone: rome,
		},
		Activity: Activity{
			Title: "Che cosa serve, per primo, dove vivi?", Kind: "questionnaire",
			Intro: "25 Comuni vogliono sapere che cosa serve da chi ci vive, lavora o studia.",
			URL:   "https://partecipa.example.org/percorsi/siena/questionnaire/a1",
		},
		Recipient: Recipient{
			Name: "Miriam", Locale: locale, Link: "https://partecipa.example.org/q/k7Qd2mXw9",
			UnsubscribeURL: "https://partecipa.example.org/no/k7Qd2mXw9",
			Why:            "Sei nell’elenco dei contatti del Comune di Chiusi.",
		},
		Deadline: Deadline{At: time.Date(2026, time.November, 29, 23, 0, 0, 0, time.UTC)},
		Before:   Deadline{At: time.Date(2026, time.November, 22, 23, 0, 0, 0, time.UTC)},
		Meeting: Meeting{
			Title: "Muoversi nell’Area vasta", UID: "a1@partecipa.example.org", Sequence: 1,
			Start: time.Date(2026, time.December, 1, 17, 0, 0, 0, time.UTC),
			End:   time.Date(2026, time.December, 1, 19, 0, 0, 0, time.UTC),
			Place: "Biblioteca comunale degli Intronati, via della Sapienza 5, Siena",
		},
		Starts: []time.Time{time.Date(2026, time.December, 1, 17, 0, 0, 0, time.UTC)},
		Own: Own{
			Subject: map[string]string{"it": "Una proposta da validare: {process}", "en": "A proposal to validate: {process}"},
			Text: map[string]string{
				"it": "{organisation} ha chiuso la fase «{phase}».\n\nLa validazione va fatta entro {due}. Il motivo: {reason}",
				"en": "{organisation} has ended the phase “{phase}”.\n\nThe validation is due by {due}. The reason: {reason}",
			},
			Phase: map[string]string{"it": "Ascolto", "en": "Listening"},
		},
		Extra: map[string]string{
			"items": "20", "minutes": "8", "answered": "412", "invited": "600", "role": "facilitatrice",
			"action": "pubblicare i risultati", "reason": "le scuole erano chiuse per neve.", "position": "3",
			"receipt": "SIENA-4F7K", "seats": "8",
			"outcome": "accolto nella proposta «Un bus ogni mezz’ora»", "organisation": "Comune di Siena", "host": "dati.example.org",
		},
	}
	if locale == "en" {
		f.Process.Phase.Title = "Listening"
		f.Recipient.Why = "You are on the contact list of the municipality of Chiusi."
		f.Extra["role"], f.Extra["action"] = "facilitator", "publish the results"
		f.Extra["reason"] = "the schools were closed because of snow."
		f.Extra["outcome"] = "taken up in the proposal “A bus every half hour”"
	}
	return f
}
