package editor

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"arengo/process/draft"
	"arengo/process/fault"
	"arengo/web/page"
	"arengo/web/setup/wizard"
	"arengo/web/site"
	"arengo/workflow/civil"
	"arengo/workflow/definition"
	"arengo/workflow/edit"
)

const mostDays = 3650

func text(n int64) string { return strconv.FormatInt(n, 10) }

func field(name, key string, pairs ...any) error { return fault.Field(name, key, pairs...) }

// phasePage changes one phase.
type phasePage struct {
	page.Base
	Frame    wizard.Frame
	Effects  effects
	Action   string
	Back     string
	Phase    string
	Sources  []page.Source
	Words    []page.Field
	Lasts    page.Options
	Length   []page.Field
	Bounds   string // that a law sets
	Law      *page.Source
	Until    string // what the term ends with, where a law keeps it
	End      page.Options
	Needs    []line
	Need     []page.Field
	Remind   []line
	Reminder []page.Field
	To       page.Options
	Timed    bool // it has an end to remind of
	Requires []line
	Conflict *wizard.Conflict
	Stale    string
	Parts    map[string]*part // by their place
}

// part is one form of the page, folded below what it changes: Now is that in
// words, Faults what is wrong with it. Acted is the one that was just sent.
type part struct {
	Title, Now  string
	Faults      []problem
	Open, Acted bool
}

// parts folds the forms but for the one that was asked for, or has a fault.
func (p *phasePage) parts(r *site.Request, d draft.Draft, s definition.State) {
	p.Parts = map[string]*part{
		"parole":     {Title: r.T("editor.phase.words"), Now: s.Purpose.In(r.Lang)},
		"durata":     {Title: r.T("editor.phase.term"), Now: termWords(r, d, s)},
		"attivita":   {Title: r.T("editor.phase.needs")},
		"promemoria": {Title: r.T("editor.phase.reminders")},
		"condizioni": {Title: r.T("editor.phase.requires")},
	}
	for _, x := range d.Problems {
		one := problemOf(r, d, x)
		if part := p.Parts[one.Form]; part != nil && x.State == s.Name {
			part.Faults, part.Open = append(part.Faults, one), true
		}
	}
	if part := p.Parts[r.Query("modulo")]; part != nil {
		part.Open, part.Acted = true, true
	}
}

// line is an entry that a button takes away; Act is "" where a law keeps it.
type line struct {
	Text   string
	Act    string
	Source *page.Source
}

func (a *area) phaseShow(r *site.Request) error {
	d, s, err := a.phase(r)
	if err != nil {
		return err
	}
	p, err := a.phaseView(r, d, s, formOf(s))
	if err != nil {
		return err
	}
	return r.Page("editor/phase", p)
}

// phase is the phase of the path in the draft; fault.NotFound when there is none.
func (a *area) phase(r *site.Request) (draft.Draft, definition.State, error) {
	d, err := a.drafts.Load(r.Context(), r.Gate.Process)
	if err != nil {
		return d, definition.State{}, err
	}
	for _, s := range edit.Phases(d.Definition) {
		if s.Name == r.Param("phase") {
			return d, s, nil
		}
	}
	return d, definition.State{}, fault.New(fault.NotFound, "editor.phase_unknown", "phase", r.Param("phase"))
}

// formOf is a phase as its forms hold it.
func formOf(s definition.State) url.Values {
	v := url.Values{"lasts": {"none"}, "unit": {"d"}, "end": {"hand"}, "days": {"7"}}
	for _, l := range definition.Locales {
		v.Set("title_"+l, s.Title[l])
		v.Set("purpose_"+l, s.Purpose[l])
	}
	if s.AtEnd != "" {
		v.Set("end", "auto")
	}
	if t := s.Term; t != nil {
		v.Set("lasts", "term")
		if t.Until != "" {
			v.Set("lasts", "keep")
		}
		number := func(name string, span civil.Span) {
			written := span.String()
			digits := strings.TrimRight(written, "dwhm")
			v.Set(name, digits)
			if written != "" {
				v.Set("unit", written[len(digits):])
			}
		}
		number("min", t.Min)
		number("max", t.Max)
		number("length", t.Length)
	}
	return v
}

func (a *area) phaseView(r *site.Request, d draft.Draft, s definition.State, typed url.Values) (phasePage, error) {
	base, f, err := a.frame(r, r.T("editor.phase.title", "phase", s.Title.In(r.Lang)), page.Crumb{Label: s.Title.In(r.Lang)})
	if err != nil {
		return phasePage{}, err
	}
	brings, err := a.effects(r, base, d)
	if err != nil {
		return phasePage{}, err
	}
	at := home(r.Gate.Process)
	p := phasePage{
		Base: base, Frame: f, Effects: brings, Action: at + "/fase/" + s.Name, Back: at, Phase: s.Title.In(r.Lang),
		Sources: sources(edit.Laws(d.Definition, s.Name)), Words: wordFields(r, typed), End: endOptions(r, typed.Get("end")), Timed: s.Term != nil,
	}
	p.termForm(r, d, s, typed)
	p.needForm(r, s, typed, a.core.Kinds().Names())
	p.remindForm(r, d, s, typed)
	for _, t := range d.Definition.Transitions {
		if !slices.Contains(t.From, s.Name) {
			continue
		}
		for _, g := range t.Requires {
			l := line{Text: g.Explain.In(r.Lang), Act: "condizione:" + t.ID + ":" + g.Code}
			if g.Law != nil {
				source := sourceOf(*g.Law)
				l.Source, l.Act = &source, ""
			}
			p.Requires = append(p.Requires, l)
		}
	}
	for i := range p.Requires {
		p.Requires[i].Text = placeholders(r, s, p.Requires[i].Text)
	}
	p.parts(r, d, s)
	return p, nil
}

// placeholders fills in what a condition says of the term.
func placeholders(r *site.Request, s definition.State, words string) string {
	if s.Term == nil {
		return words
	}
	return strings.NewReplacer("{term.min}", s.Term.Min.Words(r.Lang), "{term.max}", s.Term.Max.Words(r.Lang),
		"{term.length}", s.Term.Length.Words(r.Lang), "{term.law}", "").Replace(words)
}

func (p *phasePage) termForm(r *site.Request, d draft.Draft, s definition.State, typed url.Values) {
	until := ""
	if s.Term != nil && s.Term.Until != "" {
		until = untilWords(r, d.Definition, s.Term.Until)
	}
	p.Lasts = lastsOptions(r, until, typed.Get("lasts"))
	least := page.Field{Name: "min", Label: r.T("editor.field.min"), Type: "number", Low: "1", High: "3650", Mode: "numeric", Value: typed.Get("min")}
	most := page.Field{Name: "max", Label: r.T("editor.field.max"), Type: "number", Low: "1", High: "3650", Mode: "numeric", Value: typed.Get("max")}
	p.Length = []page.Field{lengthField(r, typed), unitField(r, d, typed), least, most}
	if s.Term == nil || s.Term.Law == nil {
		return
	}
	source := sourceOf(*s.Term.Law)
	p.Law, p.Lasts = &source, page.Options{}
	if until != "" {
		p.Until, p.Length = until, nil
		return
	}
	p.Length = []page.Field{lengthField(r, typed)}
	if s.Term.Min.IsZero() {
		p.Length = append(p.Length, least)
	} else {
		p.Bounds = r.T("editor.law.min", "span", s.Term.Min.Words(r.Lang))
	}
	if s.Term.Max.IsZero() {
		p.Length = append(p.Length, most)
	} else {
		p.Bounds = strings.TrimSpace(p.Bounds + " " + r.T("editor.law.max", "span", s.Term.Max.Words(r.Lang)))
	}
}

func (p *phasePage) needForm(r *site.Request, s definition.State, typed url.Values, kinds []string) {
	for _, n := range s.Activities {
		p.Needs = append(p.Needs, line{Text: needWords(r, n), Act: "togli:" + n.Kind})
	}
	kind := page.Field{Name: "kind", Label: r.T("editor.field.kind"), Type: "select", Empty: r.T("editor.field.kind.empty"), Required: true}
	for _, k := range kinds {
		kind.Choices = append(kind.Choices, page.Choice{Value: k, Label: r.T(k + ".kind"), Selected: k == typed.Get("kind")})
	}
	choice := func(name string, values ...string) page.Field {
		f := page.Field{Name: name, Label: r.T("editor.field." + name), Type: "select", Required: true}
		for _, v := range values {
			f.Choices = append(f.Choices, page.Choice{Value: v, Label: r.T("editor." + name + "." + v), Selected: v == typed.Get(name)})
		}
		return f
	}
	p.Need = []page.Field{
		kind,
		{Name: "count", Label: r.T("editor.field.count"), Type: "number", Low: "0", High: "99", Mode: "numeric", Value: cmp.Or(typed.Get("count"), "1"), Required: true},
		choice("at_entry", "no", "ready", "open"),
		choice("at_exit", "no", "over"),
	}
}

func (p *phasePage) remindForm(r *site.Request, d draft.Draft, s definition.State, typed url.Values) {
	for _, m := range s.Reminders {
		p.Remind = append(p.Remind, line{Text: reminderWords(r, m), Act: "promemoria:" + m.Name(-1)})
	}
	p.Reminder = []page.Field{{Name: "days", Label: r.T("editor.field.days"), Type: "number", Low: "1", High: "365", Mode: "numeric", Value: typed.Get("days"), Required: true}}
	p.To = page.Options{Name: "to", Legend: r.T("editor.field.to"), Multiple: true}
	for _, to := range edit.Audiences(d.Definition) {
		p.To.Choices = append(p.To.Choices, page.Choice{Value: to, Label: r.T("editor.to." + to), Selected: slices.Contains(typed["to"], to)})
	}
}
