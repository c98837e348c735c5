package desk

import (
	"arengo/process/questionnaire/form"
	"arengo/web/page"
)

// phone is the item as a person sees it.
type phone struct {
	Caption string
	Legend  string
	Hint    string
	Options *page.Options
	Scale   *page.Scale
	Field   *page.Field
}

// phone shows the item in the language of the page. Its controls have names
// that no form sends.
func (d desk) phone(item *form.Item, number int) *phone {
	lang := d.r.Lang
	p := &phone{Legend: item.Text.In(lang), Hint: item.Help.In(lang)}
	if s, _, ok := find(&d.q.Definition, item.Code); ok {
		p.Caption = d.sectionName(s)
	}
	if number > 0 {
		p.Caption = d.r.T("builder.phone.caption", "number", number, "total", len(numbers(&d.q.Definition)), "section", p.Caption)
	}
	if p.Legend == "" {
		p.Legend = d.r.T("builder.item.untitled")
	}
	const id = "anteprima-risposta"
	switch {
	case item.Type == form.Note:
	case item.Type == form.Single || item.Type == form.Multiple:
		o := &page.Options{ID: id, Name: id, Legend: p.Legend, Hint: p.Hint, Multiple: item.Type == form.Multiple}
		for _, option := range item.Options {
			o.Choices = append(o.Choices, page.Choice{Value: option.Code, Label: option.Text.In(lang)})
		}
		p.Options = o
	case item.Type == form.Scale && len(item.Steps()) > 0:
		s := &page.Scale{
			ID: id, Name: id, Legend: p.Legend, Hint: p.Hint, Low: item.Scale.Min, High: item.Scale.Max,
			LowText: item.Scale.Low.In(lang), HighText: item.Scale.High.In(lang),
		}
		if u := item.Scale.Unsure.In(lang); u != "" {
			s.None = &page.Choice{Value: form.Unsure, Label: u}
		}
		p.Scale = s
	default:
		f := &page.Field{ID: id, Name: id, Label: p.Legend, Hint: p.Hint, Required: true}
		switch item.Type {
		case form.LongText:
			f.Type, f.Rows = "textarea", 4
		case form.Number:
			f.Mode = "decimal"
		case form.Municipality:
			f.Type, f.Empty = "select", d.r.T("builder.phone.choose")
			for _, option := range item.Options {
				f.Choices = append(f.Choices, page.Choice{Value: option.Code, Label: option.Text.In(lang)})
			}
		}
		p.Field = f
	}
	return p
}
