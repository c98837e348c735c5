package form

import (
	"math"
	"slices"
	"strings"
)

// tidy is a deep copy in canonical form: texts trimmed, empty ones dropped.
func (d Definition) tidy() Definition {
	out := Definition{Title: d.Title.tidy(), Intro: d.Intro.tidy(), Sections: make([]Section, 0, len(d.Sections))}
	if out.Title == nil {
		out.Title = Text{}
	}
	for _, s := range d.Sections {
		out.Sections = append(out.Sections, s.tidy())
	}
	return out
}

func (s Section) tidy() Section {
	items := make([]Item, 0, len(s.Items))
	for _, item := range s.Items {
		items = append(items, item.tidy())
	}
	title := s.Title.tidy()
	if title == nil {
		title = Text{}
	}
	return Section{Code: s.Code, Title: title, Items: items}
}

func (i Item) tidy() Item {
	i.Short, i.Help = i.Short.tidy(), i.Help.tidy()
	if i.Text = i.Text.tidy(); i.Text == nil {
		i.Text = Text{}
	}
	i.Min, i.Max = clone(i.Min), clone(i.Max)
	options := make([]Option, 0, len(i.Options))
	for _, o := range i.Options {
		if o.Text = o.Text.tidy(); o.Text == nil {
			o.Text = Text{}
		}
		options = append(options, o)
	}
	i.Options = options
	if i.Scale = clone(i.Scale); i.Scale != nil {
		i.Scale.Low, i.Scale.High = i.Scale.Low.tidy(), i.Scale.High.tidy()
		i.Scale.Unsure = i.Scale.Unsure.tidy()
	}
	if i.ShowIf = clone(i.ShowIf); i.ShowIf != nil {
		i.ShowIf.Rules = slices.Clone(i.ShowIf.Rules)
		if i.ShowIf.Empty() {
			i.ShowIf = nil
		}
	}
	return i
}

func (t Text) tidy() Text {
	var out Text
	for lang, s := range t {
		if s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")); s != "" {
			if out == nil {
				out = Text{}
			}
			out[lang] = s
		}
	}
	return out
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}

// Minutes is the estimated time to answer everything, rounded up: reading at
// 200 words a minute, and for each item the seconds that its type takes.
func (d *Definition) Minutes() int {
	seconds := 0.0
	for _, item := range d.Items() {
		words := len(strings.Fields(item.Text.In(Languages[0]))) + len(strings.Fields(item.Help.In(Languages[0])))
		if item.Type != Municipality {
			for _, o := range item.Options {
				words += len(strings.Fields(o.Text.In(Languages[0])))
			}
		}
		seconds += answering[item.Type] + float64(words)*60/200
	}
	return int(math.Ceil(seconds / 60))
}

// answering is how many seconds an answer takes beyond the reading.
var answering = map[Type]float64{
	Single: 8, Municipality: 10, Multiple: 15, Scale: 8, Number: 10, ShortText: 20, LongText: 70, Note: 0,
}
