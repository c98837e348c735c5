// Package encode writes a definition as the YAML that its author would: what an
// editor has changed becomes a file like any other.
package encode

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml"

	"arengo/workflow/definition"
)

// YAML writes a definition with its keys in the order of the reference. Checking
// what it gives yields the same definition again; comments and lines are lost,
// implied guards are left to the check.
func YAML(d definition.Definition) ([]byte, error) {
	m := mapping{}
	m.put("workflow", d.Name)
	m.put("version", d.Version)
	m.text("title", d.Title)
	m.text("summary", d.Summary)
	m.law(d.Law)
	m.put("timezone", d.Zone)
	m.put("calendar", d.Calendar)
	m.put("level", string(d.Level))
	m.put("roles", d.Roles)
	m.put("initial", d.Initial)
	m.put("counts", d.Counts)
	m.put("dates", each(d.Dates, func(m *mapping, x definition.Date) {
		m.put("code", x.Code)
		m.text("title", x.Title)
		m.put("required", x.Required)
		days := make([]string, len(x.Days))
		for i, d := range x.Days {
			days[i] = d.String()
		}
		m.put("days", days)
		m.put("after", x.After)
		m.law(x.Law)
	}))
	notices := mapping{}
	for _, n := range d.Notices {
		own := mapping{}
		own.text("subject", n.Subject)
		own.text("text", n.Text)
		notices.put(n.Code, own)
	}
	m.put("notices", notices)
	m.signatures(d.Signatures)
	states := mapping{}
	for _, s := range d.States {
		states.put(s.Name, state(s))
	}
	m.put("states", states)
	m.put("transitions", each(d.Transitions, transition))
	b, err := yaml.MarshalWithOptions(yaml.MapSlice(m), yaml.UseSingleQuote(false), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("encode %s@%d: %w", d.Name, d.Version, err)
	}
	return b, nil
}

// plain are the texts that no reader of YAML takes for anything else; the others
// are quoted here.
var plain = regexp.MustCompile(`^\pL[\pL\pN’., ()/-]*$`)

type quoted string

// MarshalYAML writes the text as JSON does, which is YAML.
func (q quoted) MarshalYAML() ([]byte, error) { return json.Marshal(string(q)) }

// mapping is a YAML mapping in order.
type mapping yaml.MapSlice

// put adds a key, unless its value is the zero one, which stands for nothing.
func (m *mapping) put(key string, value any) {
	switch v := value.(type) {
	case string:
		if v == "" {
			return
		}
		if !plain.MatchString(v) {
			value = quoted(v)
		}
	case int:
		if v == 0 {
			return
		}
	case bool:
		if !v {
			return
		}
	case []string:
		if len(v) == 0 {
			return
		}
	case []mapping:
		if len(v) == 0 {
			return
		}
		list := make([]yaml.MapSlice, len(v))
		for i, x := range v {
			list[i] = yaml.MapSlice(x)
		}
		value = list
	case mapping:
		if len(v) == 0 {
			return
		}
		value = yaml.MapSlice(v)
	case fmt.Stringer: // a span
		if v.String() == "" {
			return
		}
		value = v.String()
	}
	*m = append(*m, yaml.MapItem{Key: key, Value: value})
}

func (m *mapping) text(key string, t definition.Text) {
	texts := mapping{}
	for _, locale := range definition.Locales {
		texts.put(locale, t[locale])
	}
	m.put(key, texts)
}

func (m *mapping) law(l *definition.Law) {
	if l == nil {
		return
	}
	law := mapping{}
	law.put("article", l.Article)
	law.put("source", l.Source)
	law.put("checked", l.Checked)
	law.put("confidence", l.Confidence)
	m.put("law", law)
}

func (m *mapping) signatures(s *definition.Signatures) {
	if s == nil {
		return
	}
	out := mapping{}
	out.text("title", s.Title)
	out.law(s.Law)
	out.put("bands", each(s.Bands, func(m *mapping, b definition.Band) {
		m.put("up_to", b.UpTo)
		m.put("base", b.Base)
		*m = append(*m, yaml.MapItem{Key: "percent", Value: float64(b.Share) / 100})
	}))
	m.put("signatures", out)
}

func each[T any](list []T, write func(*mapping, T)) []mapping {
	out := make([]mapping, len(list))
	for i, x := range list {
		write(&out[i], x)
	}
	return out
}
