// Package schema describes the language of definitions as a JSON Schema, for
// editors that know YAML by its schema. It is made of the same lists of words as
// the parser; what needs more than one place of a file only a check can say.
package schema

import (
	"encoding/json"
	"strings"

	"arengo/workflow/civil"
	"arengo/workflow/definition"
)

// ID names the schema.
const ID = "urn:arengo:workflow"

type object = map[string]any

// JSON is the schema, draft 2020-12, indented. kinds are the activity kinds that
// exist; none accepts any name.
func JSON(kinds []string) ([]byte, error) {
	b, err := json.MarshalIndent(Of(kinds), "", "  ")
	return append(b, '\n'), err
}

// Of is the schema as a value of encoding/json.
func Of(kinds []string) map[string]any {
	kind := ref("name")
	if len(kinds) > 0 {
		kind = word(kinds...)
	}
	root := head()
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = ID
	root["title"] = "Arengo workflow"
	root["$defs"] = object{
		"name":      pattern(definition.NamePattern),
		"line":      object{"type": []string{"string", "number", "boolean"}},
		"text":      text(),
		"span":      pattern(civil.SpanPattern),
		"law":       law(),
		"kind":      kind,
		"audiences": words(definition.Audiences),
		// The definition's own stand beside those that every one knows.
		"notice":     object{"anyOf": []any{word(definition.Notices...), ref("name")}},
		"actions":    list(action()),
		"state":      state(),
		"term":       term(),
		"reminder":   reminder(),
		"deadline":   deadline(),
		"overdue":    mapping(object{"after": ref("span"), "escalate": ref("audiences")}, "after", "escalate"),
		"transition": transition(),
	}
	return root
}

func head() object {
	return mapping(object{
		"workflow": ref("name"),
		"version":  object{"type": "integer", "minimum": 1, "maximum": 100_000},
		"title":    ref("text"),
		"summary":  ref("text"),
		"law":      ref("law"),
		"timezone": object{"type": "string"},
		"calendar": word(civil.Calendars...),
		"level":    word(string(definition.LevelProcess), string(definition.LevelActivity)),
		"roles":    words(definition.Roles),
		"initial":  ref("name"),
		"counts":   oneOrMore(pattern(definition.CountPattern)),
		"dates": list(mapping(object{
			"code": ref("name"), "title": ref("text"), "required": flag(), "days": list(pattern(civil.MonthDayPattern)), "after": ref("name"), "law": ref("law"),
		}, "code", "title")),
		"notices":     named(mapping(object{"subject": ref("text"), "text": ref("text")}, "subject", "text")),
		"signatures":  signatures(),
		"states":      named(ref("state")),
		"transitions": list(ref("transition")),
	}, "workflow", "version", "title", "timezone", "roles", "initial", "states", "transitions")
}

func signatures() object {
	band := mapping(object{
		"up_to": number(), "base": number(), "percent": object{"type": "number", "minimum": 0, "maximum": 100},
	}, "percent")
	return mapping(object{"title": ref("text"), "law": ref("law"), "bands": list(band)}, "title", "bands")
}

func law() object {
	return mapping(object{
		"article": ref("line"), "source": ref("line"), "checked": pattern(`^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$`), "confidence": word("V", "R"),
	}, "article", "source", "confidence")
}

func text() object {
	locales := object{}
	for _, l := range definition.Locales {
		locales[l] = ref("line")
	}
	return mapping(locales, definition.Locales...)
}

// anchors are words and, where they end in a colon, words with a name.
func anchors(list []string) object {
	var plain, forms []string
	for _, a := range list {
		if strings.HasSuffix(a, ":") {
			forms = append(forms, a)
		} else {
			plain = append(plain, a)
		}
	}
	any := []any{pattern(`^(` + strings.Join(forms, "|") + `).+$`)}
	if len(plain) > 0 {
		any = append(any, word(plain...))
	}
	return object{"anyOf": any}
}
