package editor

import (
	"net/url"

	"arengo/process/draft"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

// addPage asks for another phase.
type addPage struct {
	page.Base
	Frame    wizard.Frame
	Action   string
	Back     string
	Revision string
	Fields   []page.Field
	Lasts    page.Options
	Length   []page.Field
	End      page.Options
	Stale    string
}

func (a *area) phaseNew(r *site.Request) error {
	d, err := a.drafts.Load(r.Context(), r.Gate.Process)
	if err != nil {
		return err
	}
	typed := url.Values{"after": {r.Query("dopo")}, "lasts": {"term"}, "unit": {"d"}, "length": {"30"}, "end": {"hand"}}
	p, err := a.addView(r, d, typed)
	if err != nil {
		return err
	}
	return r.Page("editor/add", p)
}

func (a *area) addView(r *site.Request, d draft.Draft, typed url.Values) (addPage, error) {
	title := r.T("editor.add.title")
	base, f, err := a.frame(r, title, page.Crumb{Label: title})
	at := home(r.Gate.Process)
	p := addPage{Base: base, Frame: f, Action: at + "/nuova", Back: at, Revision: text(d.Revision)}
	after := page.Field{Name: "after", Label: r.T("editor.add.after"), Type: "select", Required: true, Choices: []page.Choice{{Value: "", Label: r.T("editor.add.first")}}}
	for _, s := range edit.Phases(d.Definition) {
		after.Choices = append(after.Choices, page.Choice{Value: s.Name, Label: r.T("editor.add.behind", "phase", s.Title.In(r.Lang)), Selected: s.Name == typed.Get("after")})
	}
	p.Fields = append([]page.Field{after}, wordFields(r, typed)...)
	p.Lasts = lastsOptions(r, "", typed.Get("lasts"))
	p.Length = []page.Field{lengthField(r, typed), unitField(r, d, typed)}
	p.End = endOptions(r, typed.Get("end"))
	return p, err
}

func (a *area) phaseAdd(r *site.Request) error {
	s := edit.NewState{Words: typedWords(r), After: r.Value("after"), Automatic: r.Value("end") == "auto"}
	c := draft.Change{Revision: revision(r.Value("revision")), Act: "add", Subject: r.Value("title_it")}
	name := ""
	c.Do = func(d definition.Definition) (out definition.Definition, err error) {
		if r.Value("lasts") != "none" {
			if s.Length, err = typedSpan(r, "length", true); err != nil {
				return d, err
			}
		}
		out, name, err = edit.AddState(d, s)
		return out, err
	}
	err := a.drafts.Edit(r.Context(), r.Gate.Process.ID, r.Actor, c)
	if err == nil {
		return r.Redirect(home(r.Gate.Process)+"/fase/"+name+opened("durata"), "editor.flash.added")
	}
	if !refused(err) {
		return err
	}
	d, failed := a.drafts.Load(r.Context(), r.Gate.Process)
	if failed != nil {
		return failed
	}
	p, failed := a.addView(r, d, r.Form())
	if failed != nil {
		return failed
	}
	p.Stale, p.Errors = stale(r, d, err), summary(r, err)
	return r.PageStatus(page.Status(err), "editor/add", p)
}

func wordFields(r *site.Request, typed url.Values) []page.Field {
	return []page.Field{
		{Name: "title_it", Label: r.T("editor.field.title_it"), Value: typed.Get("title_it"), Required: true, Max: 120},
		{Name: "title_en", Label: r.T("editor.field.title_en"), Value: typed.Get("title_en"), Hint: r.T("editor.field.en.hint"), Max: 120},
		{Name: "purpose_it", Label: r.T("editor.field.purpose_it"), Value: typed.Get("purpose_it"), Hint: r.T("editor.field.purpose.hint"), Max: 500, Type: "textarea", Rows: 2},
		{Name: "purpose_en", Label: r.T("editor.field.purpose_en"), Value: typed.Get("purpose_en"), Max: 500, Type: "textarea", Rows: 2},
	}
}

func typedWords(r *site.Request) edit.Words {
	return edit.Words{
		Title:   definition.Text{"it": r.Value("title_it"), "en": r.Value("title_en")},
		Purpose: definition.Text{"it": r.Value("purpose_it"), "en": r.Value("purpose_en")},
	}
}

// lastsOptions ask how a phase ends: with what it ends with now, after a length,
// or when it is done.
func lastsOptions(r *site.Request, until, chosen string) page.Options {
	o := page.Options{Name: "lasts", Legend: r.T("editor.lasts"), Required: true}
	if until != "" {
		o.Choices = append(o.Choices, page.Choice{Value: "keep", Label: until, Selected: chosen == "keep"})
	}
	o.Choices = append(o.Choices,
		page.Choice{Value: "term", Label: r.T("editor.lasts.term"), Selected: chosen == "term"},
		page.Choice{Value: "none", Label: r.T("editor.lasts.none"), Selected: chosen == "none"},
	)
	return o
}

func endOptions(r *site.Request, chosen string) page.Options {
	return page.Options{Name: "end", Legend: r.T("editor.end"), Required: true, Choices: []page.Choice{
		{Value: "hand", Label: r.T("editor.end.hand"), Hint: r.T("editor.end.hand.hint"), Selected: chosen != "auto"},
		{Value: "auto", Label: r.T("editor.end.auto"), Hint: r.T("editor.end.auto.hint"), Selected: chosen == "auto"},
	}}
}

func lengthField(r *site.Request, typed url.Values) page.Field {
	return page.Field{Name: "length", Label: r.T("editor.field.length"), Type: "number", Low: "1", High: "3650", Mode: "numeric", Value: typed.Get("length"), Note: r.T("editor.field.length.note")}
}

func unitField(r *site.Request, d draft.Draft, typed url.Values) page.Field {
	f := page.Field{Name: "unit", Label: r.T("editor.field.unit"), Type: "select", Required: true}
	units := []string{"d"}
	if d.Definition.Calendar != "" {
		units = append(units, "wd")
	}
	if typed.Get("unit") == "h" {
		units = append(units, "h")
	}
	for _, u := range units {
		f.Choices = append(f.Choices, page.Choice{Value: u, Label: r.T("editor.unit." + u), Selected: u == typed.Get("unit")})
	}
	return f
}

// typedSpan is the length in a field, in the unit of the form.
func typedSpan(r *site.Request, name string, required bool) (civil.Span, error) {
	n := r.Value(name)
	if n == "" && !required {
		return civil.Span{}, nil
	}
	if n == "" {
		return civil.Span{}, field(name, "form.required")
	}
	span, err := civil.ParseSpan(n + r.Value("unit"))
	if err != nil || span.Days > mostDays || span.WorkDays > mostDays {
		return civil.Span{}, field(name, "editor.days_bad", "value", n, "max", mostDays)
	}
	return span, nil
}
