package templates

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	texttemplate "text/template"
	"time"

	"arengo/notify/catalogue"
)

// Draft is a kind's own text as a Wording, for who begins to adapt it: what its
// preview says, with the variables in the place of their values. Where the kind's
// own text chooses between sentences, it has those of the preview.
func Draft(kind, locale string) (Wording, error) {
	words, err := vocabulary()
	if err != nil {
		return Wording{}, err
	}
	locale = supported(locale)
	f := marked(kind, locale)
	said, err := Values(kind, f)
	if err != nil {
		return Wording{}, err
	}
	k, _ := catalogue.Named(kind)
	if f, err = f.clean().typed(k); err != nil {
		return Wording{}, fmt.Errorf("draft of %s: %w", kind, err)
	}
	source := catalogue.Source(kind, locale)
	if button := buttonOf(kind, locale); button != "" {
		source = strings.ReplaceAll(source, button, "{"+Button+"}")
	}
	t, err := texttemplate.New(kind).Option("missingkey=error").Funcs(functions(locale, words[locale])).Parse(source)
	if err != nil {
		return Wording{}, err
	}
	var out strings.Builder
	if err := t.Execute(&out, f); err != nil {
		return Wording{}, fmt.Errorf("draft of %s in %s: %w", kind, locale, err)
	}
	subject, body, _ := strings.Cut(strings.TrimLeft(named(out.String(), said), "\n"), "\n")
	body = manyEmptyLines.ReplaceAllString(directiveLine.ReplaceAllString(body, ""), "\n\n")
	return Wording{Subject: subject, Body: body}.tidy(), nil
}

var (
	directiveLine  = regexp.MustCompile(`(?m)^\[\[.*\]\]$`)
	manyEmptyLines = regexp.MustCompile(`\n(?:[ \t]*\n){2,}`)
)

// named puts the names of variables in the place of what they say, the longest
// first: a moment may hold a zone.
func named(s string, said map[string]string) string {
	names := slices.SortedFunc(maps.Keys(said), func(a, b string) int {
		if d := len(said[b]) - len(said[a]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		if said[name] != "" {
			s = strings.ReplaceAll(s, said[name], "{"+name+"}")
		}
	}
	return s
}

// marked are the facts of a preview in which no two values are alike.
func marked(kind, locale string) Facts {
	f := Preview(kind, locale)
	f.Process.Title, f.Process.Promoter, f.Process.Phase.Title = "{process}", "{organisation}", "{phase}"
	f.Activity.Title, f.Activity.Intro = "{activity}", "{intro}"
	f.Recipient.Name, f.Recipient.Link = "{name}", "https://link.invalid/"
	f.Meeting.Title, f.Meeting.Place = "{meeting}", "{place}"
	k, _ := catalogue.Named(kind)
	for i, field := range k.Fields {
		if _, there := f.Extra[field.Name]; there && distinct[field.Type] != nil {
			f.Extra[field.Name] = distinct[field.Type](field.Name, i)
		}
	}
	return f
}

// distinct makes a value of a type that no other field has.
var distinct = map[catalogue.Type]func(name string, i int) string{
	catalogue.Words:  func(name string, _ int) string { return "{" + name + "}" },
	catalogue.Number: func(_ string, i int) string { return strconv.Itoa(7_000_001 + i) },
	catalogue.Day: func(_ string, i int) string {
		return time.Date(2041, 3, 9+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	},
	catalogue.Moment: func(_ string, i int) string {
		return time.Date(2042, 3, 9+i, 9, 41, 0, 0, time.UTC).Format(time.RFC3339)
	},
	catalogue.URL: func(name string, _ int) string { return "https://" + strings.ReplaceAll(name, "_", "-") + ".invalid/" },
}
