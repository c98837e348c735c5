package templates

import (
	"fmt"

	"arengo/notify/catalogue"
)

// Values gives what each variable of a kind stands for in the reader's language,
// by its name, see catalogue.Variables. One that has no value is said to have
// none, in the words of its declaration, or is "". Every value is one plain line.
// The errors are those of Render.
func Values(kind string, f Facts) (map[string]string, error) {
	k, ok := catalogue.Named(kind)
	if !ok {
		return nil, fmt.Errorf("no message of kind %q", kind)
	}
	if _, err := vocabulary(); err != nil {
		return nil, err
	}
	f = f.clean()
	f.Recipient.Locale = supported(f.Recipient.Locale)
	f, err := f.typed(k)
	if err != nil {
		return nil, fmt.Errorf("values of %s: %w", kind, err)
	}
	return f.values(k), nil
}

// values are those of Values, of facts that were made fit for the kind.
func (f Facts) values(kind catalogue.Kind) map[string]string {
	words, _ := vocabulary() // read when the sources were
	out := map[string]string{}
	for _, v := range catalogue.Variables(kind.Name) {
		said, own := f.Extra[v.Name]
		if say, ok := common[v.Name]; ok && !own {
			said = say(f, words[f.Recipient.Locale])
		}
		if said == "" {
			said = v.Missing.In(f.Recipient.Locale)
		}
		out[v.Name] = said
	}
	return out
}

// common says the variables of common.yaml that can stand in a sentence.
var common = map[string]func(f Facts, words map[string]string) string{
	"process":      func(f Facts, _ map[string]string) string { return f.Process.Title },
	"organisation": func(f Facts, _ map[string]string) string { return f.Process.Promoter },
	"phase":        func(f Facts, _ map[string]string) string { return f.Process.Phase.Title },
	"activity":     func(f Facts, _ map[string]string) string { return f.Activity.Title },
	"intro":        func(f Facts, _ map[string]string) string { return f.Activity.Intro },
	"name":         func(f Facts, _ map[string]string) string { return f.Recipient.Name },
	"link":         func(f Facts, _ map[string]string) string { return f.Recipient.Link },
	"due":          func(f Facts, _ map[string]string) string { return f.until(f.Deadline) },
	"before":       func(f Facts, _ map[string]string) string { return f.until(f.Before) },
	"zone":         func(f Facts, words map[string]string) string { return zoneName(words, f.Deadline.zone(f.Process.Zone)) },
	"meeting":      func(f Facts, _ map[string]string) string { return f.Meeting.Title },
	"place":        func(f Facts, _ map[string]string) string { return f.Meeting.Place },
	"when": func(f Facts, words map[string]string) string {
		if !f.Meeting.Known() {
			return ""
		}
		return span(f.Recipient.Locale, words, f)
	},
}

// until says a deadline, nothing of one that is not known.
func (f Facts) until(d Deadline) string {
	if !d.Known() {
		return ""
	}
	return moment(f.Recipient.Locale, d.end(f.Process.Zone))
}
