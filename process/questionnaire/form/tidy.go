package form

import (
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
