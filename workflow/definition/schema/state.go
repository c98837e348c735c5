package schema

import "arengo/workflow/definition"

func state() object {
	return mapping(object{
		"title":   ref("text"),
		"purpose": ref("text"),
		"term":    ref("term"),
		"artefacts": list(mapping(object{
			"code": ref("name"), "title": ref("text"), "required": flag(), "public": flag(), "by": words(definition.Writers),
		}, "code", "title")),
		"activities": list(need()),
		"allows":     words(definition.Capabilities),
		"on_enter":   ref("actions"),
		"on_exit":    ref("actions"),
		"reminders":  list(ref("reminder")),
		"deadlines":  list(ref("deadline")),
		"at_end":     mapping(object{"event": ref("line")}, "event"),
		"overdue":    object{"anyOf": []any{ref("overdue"), list(ref("overdue"))}},
		"final":      flag(),
		"law":        ref("law"),
	}, "title")
}

func need() object {
	return mapping(object{
		"kind":     ref("kind"),
		"count":    mapping(object{"min": number(), "max": number()}),
		"sessions": number(),
		"at_entry": word(definition.NeedReady, definition.NeedOpen),
		"at_exit":  word(definition.NeedOver),
		"note":     ref("text"),
	}, "kind")
}

func term() object {
	return mapping(object{
		"length":     ref("span"),
		"min":        ref("span"),
		"max":        ref("span"),
		"until":      anchors(definition.UntilAnchors),
		"from":       anchors(definition.FromAnchors),
		"extend":     mapping(object{"max": ref("span"), "times": number(), "act": flag(), "law": ref("law")}),
		"on_hold":    word(definition.HoldShift, definition.HoldRun),
		"on_holiday": word(definition.HolidayKeep, definition.HolidayNext),
		"law":        ref("law"),
	})
}

func reminder() object {
	return mapping(object{
		"before": ref("span"), "after": ref("span"), "of": anchors(definition.Anchors), "notice": ref("notice"), "to": ref("audiences"),
		"at": pattern(definition.ClockPattern),
	}, "to")
}

func deadline() object {
	return mapping(object{
		"code": ref("name"), "title": ref("text"), "before": ref("span"), "after": ref("span"), "of": anchors(definition.Anchors),
		"event": ref("name"), "notice": ref("notice"), "to": ref("audiences"), "escalate": ref("audiences"), "law": ref("law"),
	}, "code", "title")
}

func action() object {
	of := mapping(object{"kind": ref("kind")})
	return mapping(object{"open": of, "close": of, "notice": ref("notice"), "to": ref("audiences"), "fire": ref("name")})
}

func transition() object {
	requirement := mapping(object{
		"code": ref("name"), "guard": ref("line"), "explain": ref("text"), "fix": word(definition.Fixes...), "law": ref("law"),
	}, "code", "guard", "explain")
	return mapping(object{
		"id":       ref("name"),
		"event":    ref("name"),
		"from":     oneOrMore(ref("line")),
		"to":       ref("line"),
		"by":       words(append(append([]string{}, definition.Roles...), definition.Actors...)),
		"title":    ref("text"),
		"reason":   word("required", "optional"),
		"reopens":  flag(),
		"tell":     ref("audiences"),
		"requires": list(requirement),
		"then":     ref("actions"),
	}, "id", "event", "from", "to", "by")
}

// mapping has known keys alone, some of which must be there.
func mapping(keys object, required ...string) object {
	m := object{"type": "object", "properties": keys, "additionalProperties": false}
	if len(required) > 0 {
		m["required"] = required
	}
	return m
}

// named has keys of the author's choice.
func named(value object) object {
	return object{"type": "object", "propertyNames": ref("name"), "additionalProperties": value, "minProperties": 1}
}

func ref(name string) object     { return object{"$ref": "#/$defs/" + name} }
func pattern(form string) object { return object{"type": "string", "pattern": form} }
func list(item object) object    { return object{"type": "array", "items": item} }
func flag() object               { return object{"type": "boolean"} }
func number() object             { return object{"type": "integer", "minimum": 0, "maximum": 100_000} }
func word(list ...string) object { return object{"enum": list} }

func words(list []string) object { return oneOrMore(word(list...)) }

// oneOrMore is a value or a list of them, each once.
func oneOrMore(item object) object {
	return object{"anyOf": []any{item, object{"type": "array", "items": item, "uniqueItems": true}}}
}
