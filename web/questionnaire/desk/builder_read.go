package desk

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"arengo/process/questionnaire/form"
)

// readItem reads the item form into a copy of item. Rows of options and rules
// in which nobody wrote anything are dropped; what cannot be a number becomes
// one that the checks refuse by name, so that nothing passes in silence.
func readItem(item form.Item, values url.Values) form.Item {
	text := func(name string) form.Text { return readText(values, name) }
	item.Type = form.Type(values.Get("type"))
	item.Text, item.Short, item.Help = text("text"), text("short"), text("help")
	item.Required = values.Get("required") != ""
	item.Min, item.Max = readBound(values.Get("min")), readBound(values.Get("max"))
	item.Decimals = readInt(values.Get("decimals"), 0)
	if values.Has("opt_code") {
		item.Options = readOptions(values)
	}
	if values.Has("scale_min") {
		item.Scale = &form.ScaleRange{
			Min: readInt(values.Get("scale_min"), 1), Max: readInt(values.Get("scale_max"), 5),
			Low: text("low"), High: text("high"), Unsure: text("unsure"),
		}
	}
	if values.Has("rule_item") {
		item.ShowIf = readCondition(values)
	}
	shape(&item)
	return item
}

// readText reads a text in every language: name_it, name_en. It is never nil.
func readText(values url.Values, name string) form.Text {
	t := form.Text{}
	for _, lang := range form.Languages {
		s := strings.TrimSpace(strings.ReplaceAll(values.Get(name+"_"+lang), "\r\n", "\n"))
		if s != "" {
			t[lang] = s
		}
	}
	return t
}

func readOptions(values url.Values) []form.Option {
	codes := values["opt_code"]
	at := func(name string, n int) string {
		if list := values[name]; n < len(list) {
			return strings.TrimSpace(list[n])
		}
		return ""
	}
	var kept []form.Option
	for n, code := range codes {
		o := form.Option{Code: code, Text: form.Text{}}
		for _, lang := range form.Languages {
			if s := at("opt_"+lang, n); s != "" {
				o.Text[lang] = s
			}
		}
		if o.Text.Empty() {
			continue
		}
		o.Exclusive = code != "" && slices.Contains(values["exclusive"], code)
		kept = append(kept, o)
	}
	for n := range kept {
		if kept[n].Code == "" {
			kept[n].Code = freeOption(kept)
		}
	}
	return kept
}

// readCondition reads the rule rows. A row whose question was changed keeps
// the question and forgets comparison and value, which were another's.
func readCondition(values url.Values) *form.Condition {
	c := &form.Condition{All: values.Get("all") != "any"}
	at := func(name string, n int) string {
		if list := values[name]; n < len(list) {
			return strings.TrimSpace(list[n])
		}
		return ""
	}
	for n, item := range values["rule_item"] {
		if item == "" {
			continue
		}
		rule := form.Rule{Item: item, Op: form.Op(at("rule_op", n)), Value: form.Scalar(at("rule_value", n))}
		if was := at("rule_was", n); was != item {
			rule.Op, rule.Value = "", ""
		}
		if rule.Op == form.Answered {
			rule.Value = ""
		}
		c.Rules = append(c.Rules, rule)
	}
	if c.Empty() {
		return nil
	}
	return c
}

// settle gives each rule a comparison that the type of its question takes.
func settle(d *form.Definition, item *form.Item) {
	if item.ShowIf == nil {
		return
	}
	for n := range item.ShowIf.Rules {
		rule := &item.ShowIf.Rules[n]
		source := d.Item(rule.Item)
		if source == nil {
			continue
		}
		if ops := form.Ops(source.Type); len(ops) > 0 && !slices.Contains(ops, rule.Op) {
			rule.Op = ops[0]
		}
	}
}

// readBound reads an optional number; what is no number becomes NaN, which the
// checks call invalid, but which cannot be stored: see unreadable.
func readBound(s string) *float64 {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", ".")
	if s == "" {
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) {
		v = math.NaN()
	}
	return &v
}

func readInt(s string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return otherwise
	}
	return n
}

// unreadable names the bounds of an item that are not numbers: JSON has no
// word for them, so the form is refused before it reaches the database.
func unreadable(item form.Item) []string {
	var out []string
	if item.Min != nil && math.IsNaN(*item.Min) {
		out = append(out, "min")
	}
	if item.Max != nil && math.IsNaN(*item.Max) {
		out = append(out, "max")
	}
	return out
}
