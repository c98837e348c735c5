// Package form is the pure core of a questionnaire: its definition, the checks
// before publication, the rule that says which item a person sees, the reading
// and validation of answers, and the walk from one page to the next. It knows
// no database and no HTTP: everything it decides follows from a Definition and
// a set of Answers.
package form

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
)

// Languages are the locales that a questionnaire must be complete in, the
// first being the one that the others fall back to.
var Languages = []string{"it", "en"}

// Text is one text in several languages, by locale code.
type Text map[string]string

// In gives the text in lang, or in Italian when that translation is missing,
// or the empty string when there is neither.
func (t Text) In(lang string) string {
	if s := t[lang]; s != "" {
		return s
	}
	return t[Languages[0]]
}

// Empty reports whether no language holds anything but white space.
func (t Text) Empty() bool {
	for _, s := range t {
		if strings.TrimSpace(s) != "" {
			return false
		}
	}
	return true
}

// Type says how an item is answered.
type Type string

// The item types. A municipality is a choice whose options are the
// municipalities of the process, copied into the definition when it is
// written, so that a published version depends on no other table. A note asks
// nothing.
const (
	ShortText    Type = "short_text"
	LongText     Type = "long_text"
	Number       Type = "number"
	Single       Type = "single"
	Multiple     Type = "multiple"
	Scale        Type = "scale"
	Municipality Type = "municipality"
	Note         Type = "note"
)

// Types lists every item type in the order in which the builder offers them.
func Types() []Type {
	return []Type{Single, Multiple, Scale, ShortText, LongText, Number, Municipality, Note}
}

// Valid reports whether t is one of Types.
func (t Type) Valid() bool {
	for _, other := range Types() {
		if t == other {
			return true
		}
	}
	return false
}

// Choice reports whether an answer is one of, or some of, the item's options.
func (t Type) Choice() bool { return t == Single || t == Multiple || t == Municipality }

// One reports whether an answer is exactly one of the item's options.
func (t Type) One() bool { return t == Single || t == Municipality }

// Numeric reports whether an answer is a number.
func (t Type) Numeric() bool { return t == Number || t == Scale }

// Textual reports whether an answer is free text.
func (t Type) Textual() bool { return t == ShortText || t == LongText }

// Definition is a whole questionnaire, the form in which it is stored,
// exchanged as JSON and written by hand as YAML (the keys are the same).
type Definition struct {
	Title    Text      `json:"title" yaml:"title"`
	Intro    Text      `json:"intro,omitempty" yaml:"intro,omitempty"`
	Sections []Section `json:"sections" yaml:"sections"`
}

// Section is a titled run of items. Its code is unique among sections.
type Section struct {
	Code  string `json:"code" yaml:"code"`
	Title Text   `json:"title" yaml:"title"`
	Items []Item `json:"items" yaml:"items"`
}

// Item is one question, or one note between questions.
type Item struct {
	// Code is unique in the definition, and a CEL identifier: a lower-case
	// letter, then lower-case letters, digits and underscores, 40 at most.
	Code string `json:"code" yaml:"code"`
	Type Type   `json:"type" yaml:"type"`
	Text Text   `json:"text" yaml:"text"`
	// Short names the item in lists and in the review page; Text when empty.
	Short    Text `json:"short,omitempty" yaml:"short,omitempty"`
	Help     Text `json:"help,omitempty" yaml:"help,omitempty"`
	Required bool `json:"required,omitempty" yaml:"required,omitempty"`
	// Options belong to choices and municipalities.
	Options []Option `json:"options,omitempty" yaml:"options,omitempty"`
	// Min and Max bound the value of a number, the count of chosen options of
	// a multiple choice and the characters of a text; nil is no bound.
	Min *float64 `json:"min,omitempty" yaml:"min,omitempty"`
	Max *float64 `json:"max,omitempty" yaml:"max,omitempty"`
	// Decimals is the most digits after the decimal sign of a number, 0–6; 0
	// makes it a whole number.
	Decimals int         `json:"decimals,omitempty" yaml:"decimals,omitempty"`
	Scale    *ScaleRange `json:"scale,omitempty" yaml:"scale,omitempty"`
	// ShowIf says when the item is asked; nil is always.
	ShowIf *Condition `json:"show_if,omitempty" yaml:"show_if,omitempty"`
}

// Option is one possible answer of a choice. Its code is unique in the item.
type Option struct {
	Code string `json:"code" yaml:"code"`
	Text Text   `json:"text" yaml:"text"`
	// Exclusive makes the option of a multiple choice stand alone
	// ("none of these").
	Exclusive bool `json:"exclusive,omitempty" yaml:"exclusive,omitempty"`
}

// ScaleRange is the run of whole numbers of a scale, from Min to Max, with the
// words at its ends. Unsure, when not empty, is the text of a way out ("I
// cannot say"): it answers the question, and counts as missing wherever a
// number is compared.
type ScaleRange struct {
	Min    int  `json:"min" yaml:"min"`
	Max    int  `json:"max" yaml:"max"`
	Low    Text `json:"low,omitempty" yaml:"low,omitempty"`
	High   Text `json:"high,omitempty" yaml:"high,omitempty"`
	Unsure Text `json:"unsure,omitempty" yaml:"unsure,omitempty"`
}

// Label is the item's short text in lang, or its text when it has none.
func (i *Item) Label(lang string) string {
	if !i.Short.Empty() {
		return i.Short.In(lang)
	}
	return i.Text.In(lang)
}

// Words are the first words of Label, at most six, to recognise an item by.
func (i *Item) Words(lang string) string {
	const most = 6
	words := strings.Fields(i.Label(lang))
	for n, w := range words {
		words[n] = strings.Trim(w, ".“”")
	}
	if len(words) > most {
		return strings.Join(words[:most], " ") + "…"
	}
	return strings.Join(words, " ")
}

// Option finds an option by its code; nil when there is none.
func (i *Item) Option(code string) *Option {
	for n := range i.Options {
		if i.Options[n].Code == code {
			return &i.Options[n]
		}
	}
	return nil
}

// Steps lists the values of a scale in order; empty for other types.
func (i *Item) Steps() []int {
	if i.Type != Scale || i.Scale == nil || i.Scale.Max < i.Scale.Min || i.Scale.Max-i.Scale.Min > maxScaleSteps {
		return nil
	}
	steps := make([]int, 0, i.Scale.Max-i.Scale.Min+1)
	for v := i.Scale.Min; v <= i.Scale.Max; v++ {
		steps = append(steps, v)
	}
	return steps
}

// Items lists pointers to every item in the order of the questionnaire.
func (d *Definition) Items() []*Item {
	var items []*Item
	for s := range d.Sections {
		for i := range d.Sections[s].Items {
			items = append(items, &d.Sections[s].Items[i])
		}
	}
	return items
}

// Item finds an item by its code; nil when there is none.
func (d *Definition) Item(code string) *Item {
	for _, item := range d.Items() {
		if item.Code == code {
			return item
		}
	}
	return nil
}

// ParseJSON reads a definition, refusing keys that it does not know. It checks
// the shape only; Check looks at the content.
func ParseJSON(data []byte) (Definition, error) {
	var d Definition
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return Definition{}, fmt.Errorf("read questionnaire definition: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Definition{}, errors.New("read questionnaire definition: text after the end of the object")
	}
	return d, nil
}

// ParseYAML reads a definition written by hand, refusing unknown keys; the
// error names the line.
func ParseYAML(data []byte) (Definition, error) {
	var d Definition
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return Definition{}, fmt.Errorf("read questionnaire definition: %w", err)
	}
	return d, nil
}

// Canonical is the definition as the one JSON text that stands for it: keys in
// a fixed order, empty translations left out, surrounding white space trimmed.
// Two definitions that mean the same have the same bytes, whatever a database
// did to the stored JSON.
func (d Definition) Canonical() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d.tidy()); err != nil {
		return nil, fmt.Errorf("write questionnaire definition: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Hash is the SHA-256 of the canonical JSON, in lower-case hexadecimal.
func (d Definition) Hash() (string, error) {
	data, err := d.Canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// Clone is a deep copy, so that an editor can change it without touching d.
func (d Definition) Clone() Definition { return d.tidy() }
