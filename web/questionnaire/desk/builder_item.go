package desk

import (
	"slices"
	"strconv"
	"strings"

	"arengo/process/questionnaire/form"
	"arengo/web/page"
)

// previewPath leads from an activity to the preview as participant.
const previewPath = "/anteprima"

// itemForm is the form of one item: every control with its present value.
type itemForm struct {
	Code, Section string
	Number        int // 0 for a note
	Heading       string
	Type          form.Type
	Types         []page.Choice
	Text          pair
	Short, Help   pair
	Required      bool
	English       bool // the English fields are open
	More          bool // so are the rarer ones

	Choice, Municipality, Numeric, Textual, Multiple, Note bool

	Options  []optionRow
	Scale    *scaleForm
	Min, Max string
	Decimals int

	All        bool
	Rules      []ruleRow
	Words      string
	Expression string

	First, Last bool
	Exclusive   bool // some option stands alone
	Delete      bool // ask before deleting
	Dependants  []page.Link
}

type optionRow struct {
	Index     int // of the posted rows, from 0
	Code      string
	IT, EN    string
	Exclusive bool
}

type scaleForm struct {
	Min, Max          int
	Low, High, Unsure pair
}

// ruleRow is a rule in its controls. Values are the answers to choose from;
// with none and Free, the value is typed.
type ruleRow struct {
	Index       int
	Was         string
	Items, Ops  []page.Choice
	Values      []page.Choice
	Free, Known bool
	Value       string
}

// itemPage is the builder on one item, which may differ from the stored one.
func (d desk) itemPage(item form.Item, least rows) builderPage {
	stored := d.q.Definition.Item(item.Code)
	number := numbers(&d.q.Definition)[item.Code]
	p := d.page("", item.Code)
	p.Mark = mark(stored)
	f := d.itemForm(&item, least)
	f.Number = number
	f.Heading = d.r.T("builder.item.question", "number", number)
	if number == 0 {
		f.Heading = d.r.T("builder.item.note")
	}
	p.Base.Title = f.Heading + ", " + p.Heading
	f.English = d.r.Query("inglese") != ""
	f.Delete = d.r.Query("elimina") != "" && !d.locked
	for _, code := range dependants(&d.q.Definition, item.Code) {
		other := d.q.Definition.Item(code)
		f.Dependants = append(f.Dependants, page.Link{Label: d.name(other), Href: d.root + "/domande/" + code + "#quando"})
	}
	p.Item = f
	p.Phone = d.phone(&item, number)
	return p
}

func (d desk) itemForm(item *form.Item, least rows) *itemForm {
	f := &itemForm{
		Code: item.Code, Type: item.Type, Required: item.Required,
		Text: pairOf("text", item.Text), Short: pairOf("short", item.Short), Help: pairOf("help", item.Help),
		Choice: item.Type.Choice(), Municipality: item.Type == form.Municipality, Multiple: item.Type == form.Multiple,
		Numeric: item.Type == form.Number, Textual: item.Type.Textual(), Note: item.Type == form.Note,
		Min: bound(item.Min), Max: bound(item.Max), Decimals: item.Decimals, More: !item.Short.Empty(),
	}
	def := &d.q.Definition
	if s, i, ok := find(def, item.Code); ok {
		f.Section = def.Sections[s].Code
		f.First = s == 0 && i == 0
		f.Last = s == len(def.Sections)-1 && i == len(def.Sections[s].Items)-1
	}
	for _, t := range form.Types() {
		f.Types = append(f.Types, page.Choice{Value: string(t), Label: d.r.T("questionnaire.type." + string(t)), Selected: t == item.Type})
	}
	for n, o := range item.Options {
		f.Options = append(f.Options, optionRow{n, o.Code, o.Text["it"], o.Text["en"], o.Exclusive})
		f.Exclusive = f.Exclusive || o.Exclusive
	}
	if f.Choice && !f.Municipality {
		for n := len(f.Options); n < max(least.options, 2); n++ {
			f.Options = append(f.Options, optionRow{Index: n})
		}
	}
	if s := item.Scale; s != nil {
		f.Scale = &scaleForm{s.Min, s.Max, pairOf("low", s.Low), pairOf("high", s.High), pairOf("unsure", s.Unsure)}
	}
	d.condition(f, item, least.rules)
	return f
}

// condition fills the controls of show-if. Only questions before the item can
// be asked about.
func (d desk) condition(f *itemForm, item *form.Item, least int) {
	f.All = true
	var list []form.Rule
	if item.ShowIf != nil {
		f.All, f.Expression, list = item.ShowIf.All || len(item.ShowIf.Rules) < 2, item.ShowIf.Expr, item.ShowIf.Rules
	}
	f.Words = d.sentence(item)
	for n := range max(len(list), least) {
		rule := form.Rule{}
		if n < len(list) {
			rule = list[n]
		}
		f.Rules = append(f.Rules, d.ruleRow(item, n, rule))
	}
}

func (d desk) ruleRow(item *form.Item, n int, rule form.Rule) ruleRow {
	row := ruleRow{Index: n, Was: rule.Item, Value: string(rule.Value)}
	def := &d.q.Definition
	number := numbers(def)
	for _, other := range def.Items() {
		if other.Code == item.Code {
			break
		}
		if other.Type == form.Note {
			continue
		}
		row.Items = append(row.Items, page.Choice{
			Value: other.Code, Label: strconv.Itoa(number[other.Code]) + ". " + d.name(other), Selected: other.Code == rule.Item,
		})
	}
	source := def.Item(rule.Item)
	if source == nil || rule.Item == "" {
		return row
	}
	row.Known = true
	if !slices.ContainsFunc(row.Items, func(c page.Choice) bool { return c.Selected }) {
		// The question moved below this one: it stays in the list, so that
		// saving does not change the rule in silence.
		row.Items = append(row.Items, page.Choice{Value: source.Code, Label: d.name(source), Selected: true})
	}
	for _, op := range form.Ops(source.Type) {
		row.Ops = append(row.Ops, page.Choice{Value: string(op), Label: d.r.T("questionnaire.op." + string(op)), Selected: op == rule.Op})
	}
	if rule.Op == form.Answered {
		return row
	}
	for _, o := range source.Options {
		row.Values = append(row.Values, page.Choice{Value: o.Code, Label: o.Text.In(d.r.Lang), Selected: o.Code == string(rule.Value)})
	}
	for _, step := range source.Steps() {
		v := strconv.Itoa(step)
		row.Values = append(row.Values, page.Choice{Value: v, Label: v, Selected: v == string(rule.Value)})
	}
	if s := source.Scale; s != nil && !s.Unsure.Empty() {
		row.Values = append(row.Values, page.Choice{Value: form.Unsure, Label: s.Unsure.In(d.r.Lang), Selected: rule.Value == form.Unsure})
	}
	row.Free = len(row.Values) == 0
	return row
}

// sentence says in words who sees an item.
func (d desk) sentence(item *form.Item) string {
	c := item.ShowIf
	switch {
	case c.Empty():
		return d.r.T("builder.rule.everyone")
	case len(c.Rules) == 0:
		return d.r.T("builder.rule.expression")
	}
	var parts []string
	for _, rule := range c.Rules {
		parts = append(parts, d.ruleWords(rule, "builder.rule."))
	}
	joint := d.r.T("builder.rule.or")
	if c.All {
		joint = d.r.T("builder.rule.and")
	}
	s := d.r.T("builder.rule.who", "rules", strings.Join(parts, joint))
	if len(c.Rules) > 1 {
		return s
	}
	source := d.q.Definition.Item(c.Rules[0].Item)
	switch rule := c.Rules[0]; {
	case source == nil || rule.Op == form.Answered || rule.Value == form.Unsure:
	case rule.Op == form.IsNot:
		s += " " + d.r.T("builder.rule.blank_sees")
	case source.Scale != nil && !source.Scale.Unsure.Empty():
		s += " " + d.r.T("builder.rule.unsure_not", "unsure", source.Scale.Unsure.In(d.r.Lang))
	default:
		s += " " + d.r.T("builder.rule.blank_not")
	}
	return s
}

// rulesShort is the condition for the list: "7 è al massimo 2".
func (d desk) rulesShort(c *form.Condition) string {
	var parts []string
	for _, rule := range c.Rules {
		parts = append(parts, d.ruleWords(rule, "builder.rule.short."))
	}
	joint := d.r.T("builder.rule.or")
	if c.All {
		joint = d.r.T("builder.rule.and")
	}
	return strings.Join(parts, joint)
}

// ruleWords writes one rule; prefix chooses the long or the short form.
func (d desk) ruleWords(rule form.Rule, prefix string) string {
	def := &d.q.Definition
	source := def.Item(rule.Item)
	if source == nil {
		return d.r.T("builder.rule.unknown")
	}
	value := string(rule.Value)
	switch {
	case value == form.Unsure && source.Scale != nil:
		value = source.Scale.Unsure.In(d.r.Lang)
	case source.Option(value) != nil:
		value = source.Option(value).Text.In(d.r.Lang)
	case value == "":
		value = "…"
	}
	op := rule.Op
	if op == "" {
		op = form.Is
	}
	return d.r.T(prefix+string(op), "number", numbers(def)[rule.Item], "value", value)
}

func bound(v *float64) string {
	if v == nil || *v != *v {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
