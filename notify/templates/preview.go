package templates

import (
	"cmp"
	"time"

	"arengo/notify/catalogue"
)

// Preview gives plausible facts for a kind in a locale, the ones that its
// manifest and common.yaml hold, so that a text can be looked at, and tested,
// without a process.
func Preview(kind, locale string) Facts {
	lang := supported(locale)
	said := func(name string) string { return catalogue.Common(name).Preview.In(lang) }
	at := func(name string) time.Time {
		t, _ := time.Parse(time.RFC3339, said(name)) // a test reads every preview
		return t
	}
	start, end, _ := interval(said("when"))
	k, _ := catalogue.Named(kind)
	f := Facts{
		Process: Process{
			ID: 12, Title: said("process"), Promoter: said("organisation"), Phase: Phase{Number: 3, Of: 7, Title: said("phase")},
			ContactName: "Marta Bindi, facilitatrice", ContactEmail: "ascolto@example.org",
			ContactPhone: "0577 000 000", ContactHours: "lunedì–venerdì, 9–13",
			URL: "https://partecipa.example.org/percorsi/siena", PrivacyURL: "https://partecipa.example.org/privacy",
			AccessibilityURL: "https://partecipa.example.org/accessibilita", Zone: said("zone"),
		},
		Activity: Activity{
			Title: said("activity"), Kind: "questionnaire", Intro: said("intro"),
			URL: "https://partecipa.example.org/percorsi/siena/questionnaire/a1",
		},
		Recipient: Recipient{
			Name: said("name"), Locale: locale, Link: said("link"),
			UnsubscribeURL: "https://partecipa.example.org/no/k7Qd2mXw9", Why: catalogue.Why(cmp.Or(k.Why, "invited")).In(lang),
		},
		Deadline: Deadline{At: at("due")},
		Before:   Deadline{At: at("before")},
		Meeting:  Meeting{Title: said("meeting"), UID: "a1@partecipa.example.org", Sequence: 1, Start: start, End: end, Place: said("place")},
		Starts:   []time.Time{start},
		Own:      previewOwn,
	}
	f.Extra, f.Lists = previewFields(k.Fields, lang)
	if k.Account {
		f.Process, f.Activity, f.Meeting = Process{}, Activity{}, Meeting{}
	}
	if k.Category != catalogue.Participation {
		f.Recipient.UnsubscribeURL = ""
	}
	return f
}

func previewFields(fields []catalogue.Field, locale string) (map[string]string, map[string][]map[string]string) {
	extra, lists := map[string]string{}, map[string][]map[string]string{}
	for _, field := range fields {
		switch {
		case field.Type == catalogue.List:
			row, _ := previewFields(field.Fields, locale)
			lists[field.Name] = []map[string]string{row}
		case field.Preview != nil:
			extra[field.Name] = field.Preview.In(locale)
		}
	}
	return extra, lists
}

var previewOwn = Own{
	Subject: map[string]string{"it": "Una proposta da validare: {process}", "en": "A proposal to validate: {process}"},
	Text: map[string]string{
		"it": "{organisation} ha chiuso la fase «{phase}».\n\nLa validazione va fatta entro {due}. Il motivo: {reason}",
		"en": "{organisation} has ended the phase “{phase}”.\n\nThe validation is due by {due}. The reason: {reason}",
	},
	Phase: map[string]string{"it": "Ascolto", "en": "Listening"},
}
