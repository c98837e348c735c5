package form

import (
	"math"
	"sort"
	"strings"
)

// Severity tells problems that forbid publication from advice.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

const (
	maxScaleSteps = 20  // the longest scale spans this many steps
	longMinutes   = 15  // a questionnaire that takes longer earns advice
	maxItems      = 300 // above this, checking and evaluating would cost too much
	maxDecimals   = 6
)

// Problem is one finding of Check. Item is the code of the item at fault, empty
// for the questionnaire; Section that of the section, set only where the problem
// is not an item's; Number is the question's number as people see it (0 for
// none), After that of the question before it; Field names the part at fault
// ("text", "options", "options.CODE", "min", "show_if", …). Key is the sentence's,
// "questionnaire.check." and Code; Args fill its placeholders: among them "where",
// number and first words of the item, that a reader's language may put better.
type Problem struct {
	Item     string
	Section  string
	Number   int
	After    int
	Field    string
	Code     string
	Key      string
	Args     map[string]any
	Severity Severity
}

// Check reports everything that is wrong with a definition, all at once, in
// the order of the questionnaire.
func Check(def Definition) []Problem {
	d := def.tidy()
	c := &checker{def: &d, seen: map[string]bool{}, index: map[string]int{}, numbers: map[string]int{}, after: map[string]int{}}
	c.outline()
	for s := range d.Sections {
		c.section(&d.Sections[s], s)
	}
	c.conditions()
	sort.SliceStable(c.found, func(i, j int) bool { return c.place(c.found[i]) < c.place(c.found[j]) })
	return c.found
}

// Errors counts the problems that forbid publication.
func Errors(problems []Problem) int {
	n := 0
	for _, p := range problems {
		if p.Severity == SeverityError {
			n++
		}
	}
	return n
}

type checker struct {
	def     *Definition
	found   []Problem
	seen    map[string]bool // item codes met so far
	index   map[string]int  // place of each item
	numbers map[string]int  // the question's number by item code
	after   map[string]int  // how many questions stand before an item
}

// place orders problems: those of the whole first, then by item.
func (c *checker) place(p Problem) int {
	if n, ok := c.index[p.Item]; ok {
		return n + 1
	}
	if p.Item == "" {
		return 0
	}
	return math.MaxInt
}

// add records a finding; the arguments alternate name, value.
func (c *checker) add(severity Severity, at Problem, code string, args ...any) {
	at.Severity, at.Code, at.Key = severity, code, "questionnaire.check."+code
	at.Number = c.numbers[at.Item]
	at.After = c.after[at.Item]
	at.Args = map[string]any{"where": c.where(at)}
	for i := 0; i+1 < len(args); i += 2 {
		at.Args[args[i].(string)] = args[i+1]
	}
	c.found = append(c.found, at)
}

func (c *checker) fail(item *Item, field, code string, args ...any) {
	c.add(SeverityError, Problem{Item: item.Code, Field: field}, code, args...)
}

// outline looks at the whole: title, sections, number of questions, length.
func (c *checker) outline() {
	questions := 0
	for n, item := range c.def.Items() {
		if _, ok := c.index[item.Code]; !ok {
			c.index[item.Code], c.after[item.Code] = n, questions
		}
		if item.Type != Note {
			questions++
			if _, ok := c.numbers[item.Code]; !ok {
				c.numbers[item.Code] = questions
			}
		}
	}
	whole := func(field string) Problem { return Problem{Field: field} }
	if c.def.Title[Languages[0]] == "" {
		c.add(SeverityError, whole("title"), "title_empty")
	}
	c.translated(whole("title"), c.def.Title, c.def.Intro)
	if questions == 0 {
		c.add(SeverityError, whole("sections"), "no_questions")
	}
	if len(c.def.Items()) > maxItems {
		c.add(SeverityError, whole("sections"), "too_many_items", "n", len(c.def.Items()), "max", maxItems)
	}
	if minutes := c.def.Minutes(); minutes > longMinutes {
		c.add(SeverityWarning, whole("sections"), "long", "n", minutes, "max", longMinutes)
	}
	codes := map[string]bool{}
	for _, s := range c.def.Sections {
		if codes[s.Code] {
			c.add(SeverityError, Problem{Section: s.Code, Field: "code"}, "section_duplicate", "section", s.Code)
		}
		codes[s.Code] = true
	}
}

func (c *checker) section(s *Section, place int) {
	at := Problem{Section: s.Code, Field: "title"}
	if !codePattern.MatchString(s.Code) {
		c.add(SeverityError, Problem{Section: s.Code, Field: "code"}, "section_code", "n", place+1, "section", s.Code)
	}
	if s.Title[Languages[0]] == "" {
		c.add(SeverityError, at, "section_title_empty", "n", place+1)
	}
	c.translated(at, s.Title)
	if len(s.Items) == 0 {
		c.add(SeverityWarning, Problem{Section: s.Code, Field: "items"}, "section_empty", "n", place+1)
	}
	for i := range s.Items {
		c.item(&s.Items[i])
	}
}

func (c *checker) item(item *Item) {
	switch {
	case !codePattern.MatchString(item.Code) || reserved[item.Code]:
		c.fail(item, "code", "code_invalid", "code", item.Code)
	case c.seen[item.Code]:
		c.fail(item, "code", "code_duplicate", "code", item.Code)
	}
	c.seen[item.Code] = true
	if item.Text[Languages[0]] == "" {
		c.fail(item, "text", "text_empty")
	}
	if !item.Type.Valid() {
		c.fail(item, "type", "type_unknown", "type", string(item.Type))
		return
	}
	texts := []Text{item.Text, item.Short, item.Help}
	if item.Type.Choice() {
		texts = append(texts, c.options(item)...)
	}
	if item.Type == Scale {
		texts = append(texts, c.scale(item)...)
	}
	c.bounds(item)
	c.translated(Problem{Item: item.Code, Field: "text"}, texts...)
}

func (c *checker) options(item *Item) []Text {
	if len(item.Options) == 0 {
		c.fail(item, "options", "no_options")
	} else if len(item.Options) == 1 && item.Type != Municipality {
		c.add(SeverityWarning, Problem{Item: item.Code, Field: "options"}, "one_option")
	}
	var texts []Text
	codes, words := map[string]bool{}, map[string]bool{}
	for n, o := range item.Options {
		field := "options." + o.Code
		switch {
		case !validOption(o.Code):
			c.fail(item, field, "option_code", "n", n+1, "option", o.Code)
		case codes[o.Code]:
			c.fail(item, field, "option_duplicate", "option", o.Code)
		}
		codes[o.Code] = true
		text := o.Text[Languages[0]]
		switch {
		case text == "":
			c.fail(item, field, "option_empty", "n", n+1)
		case words[strings.ToLower(text)]:
			c.fail(item, field, "option_same_text", "option", text)
		}
		words[strings.ToLower(text)] = true
		// A municipality's name is its name in every language.
		if item.Type != Municipality {
			texts = append(texts, o.Text)
		}
	}
	return texts
}

// validOption keeps option codes apart from what forms and rules reserve.
func validOption(code string) bool {
	if code == "" || len(code) > 40 || code == Unsure {
		return false
	}
	for _, r := range code {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-') {
			return false
		}
	}
	return true
}

func (c *checker) scale(item *Item) []Text {
	switch s := item.Scale; {
	case s == nil:
		c.fail(item, "scale", "no_scale")
		return nil
	case s.Min >= s.Max:
		c.fail(item, "scale", "scale_order", "min", s.Min, "max", s.Max)
	case s.Max-s.Min > maxScaleSteps:
		c.fail(item, "scale", "scale_long", "n", s.Max-s.Min+1, "max", maxScaleSteps+1)
	case s.Low.Empty() || s.High.Empty():
		c.add(SeverityWarning, Problem{Item: item.Code, Field: "scale"}, "scale_ends")
	}
	return []Text{item.Scale.Low, item.Scale.High, item.Scale.Unsure}
}

func (c *checker) bounds(item *Item) {
	for _, b := range []*float64{item.Min, item.Max} {
		if b != nil && (math.IsNaN(*b) || math.IsInf(*b, 0) || math.Abs(*b) > 1e15) {
			c.fail(item, "min", "bound_invalid")
			return
		}
	}
	if item.Min != nil && item.Max != nil && *item.Min > *item.Max {
		c.fail(item, "max", "min_over_max", "min", plain(*item.Min), "max", plain(*item.Max))
	}
	if item.Decimals < 0 || item.Decimals > maxDecimals {
		c.fail(item, "decimals", "decimals_range", "max", maxDecimals)
	}
	if item.Type != Multiple && !item.Type.Textual() {
		return
	}
	c.count(item, "min", item.Min, 0)
	c.count(item, "max", item.Max, 1)
	most := len(item.Options)
	if item.Type == Multiple && item.Min != nil && most > 0 && *item.Min > float64(most) {
		c.fail(item, "min", "min_over_options", "min", plain(*item.Min), "n", most)
	}
	if item.Type.Textual() && item.Max != nil && *item.Max > keepMax {
		c.fail(item, "max", "text_max", "max", keepMax)
	}
}

// count refuses a bound of a count that is not a whole number from least up.
func (c *checker) count(item *Item, field string, b *float64, least float64) {
	if b != nil && (*b < least || *b != math.Trunc(*b)) {
		c.fail(item, field, "count_invalid", "value", plain(*b))
	}
}

// translated warns once where a text exists in Italian and not in another
// language; a text that exists in no language is another check's business.
func (c *checker) translated(at Problem, texts ...Text) {
	for _, lang := range Languages[1:] {
		missing := 0
		for _, t := range texts {
			if t[Languages[0]] != "" && t[lang] == "" {
				missing++
			}
		}
		if missing == 0 {
			continue
		}
		code := "untranslated"
		if at.Item == "" {
			code = "untranslated_title"
		}
		c.add(SeverityWarning, at, code, "n", missing, "language", lang, "section", at.Section)
	}
}
