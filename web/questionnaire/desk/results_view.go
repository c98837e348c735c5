package desk

import (
	"strconv"
	"time"

	"arengo/process"
	"arengo/process/document"
	"arengo/process/questionnaire/form"
	"arengo/process/questionnaire/result"
	"arengo/web/page"
	"arengo/web/site"
)

// resultsPage is what people said, how far it can be trusted, and what is
// hidden and why. Staff and public see the same figures; free texts only staff.
type resultsPage struct {
	page.Base
	Heading     string
	Root        string // of this page, for its downloads
	Public      string
	Staff       bool
	Run         bool // the viewer may publish
	Closed      bool
	ClosesAt    *time.Time
	ClosedAt    time.Time
	PublishedAt *time.Time
	Track       page.Track

	Lead      string
	Comment   string // of whoever published them, Markdown
	MinCell   int
	Protected bool // something on the page is hidden
	Stratum   string
	StratumN  string
	Code      string // of the chosen municipality
	Filter    []page.Choice
	Groups    []answerGroup
	Form      *publicationForm
	Answered  bool // somebody did
	Few       bool // too few did to show anything of it
}

// publicationForm writes the text of the results, from the one that stands.
// Theirs is that one, when somebody wrote it while the form was open.
type publicationForm struct {
	Title, Body page.Field
	Revision    int64
	Theirs      *document.Document

	stands document.Document
}

// answerGroup is a section of the questionnaire.
type answerGroup struct {
	Heading   string
	Paper     bool // on the tinted ground, every second one
	Questions []figure
}

// figure is one question with its chart and its tables. Every number in them
// comes from the same result.Item.
type figure struct {
	ID       string
	Number   int
	Text     string
	Base     string // "1.046 risposte, 12 senza risposta, 80 che non l'hanno vista"
	Note     string
	Chart    *page.Figure // without its table
	Table    result.Table
	Measures result.Table
	ByPlace  *page.Table
	Texts    []string
	More     []string // further texts, closed
	Written  string   // how many wrote, where texts are not shown
}

const textsShown = 10

// figures fills a page with the results of the closed questionnaire, of
// everybody or of the municipality that the address names.
func (h *staff) figures(r *site.Request, a process.Activity, p *resultsPage) error {
	res, err := h.q.Results(r.Context(), a.ProcessID, a.ID)
	if err != nil {
		return err
	}
	p.MinCell, p.Code, p.ClosedAt = res.MinCell(), r.Query("comune"), a.EnteredAt
	known := false
	for _, s := range res.Strata() {
		chosen := s.Code == p.Code
		if chosen {
			known, p.Stratum = true, s.Name
		}
		p.Filter = append(p.Filter, page.Choice{Value: s.Code, Label: s.Name, Selected: chosen})
	}
	if !known {
		p.Code = ""
	}
	p.Answered = res.Total() > 0
	p.Lead = r.T("results.lead", "n", res.Total())
	if p.Few = res.Few(); p.Few {
		p.Filter, p.Code, p.Stratum = nil, "", ""
		return nil
	}
	section := ""
	for _, item := range res.Items(p.Code) {
		if item.Page.Section.Code != section || len(p.Groups) == 0 {
			section = item.Page.Section.Code
			p.Groups = append(p.Groups, answerGroup{Heading: item.Page.Section.Title.In(r.Lang), Paper: len(p.Groups)%2 == 1})
		}
		f := h.figure(r, item, p.Staff)
		if p.Code == "" && len(item.Cells) > 0 && item.Page.Item.Type != form.Municipality && !item.Answered.Protected && len(res.Strata()) > 1 {
			rows := res.ByStratum(item.Page.Item.Code)
			f.ByPlace = tableOf(words(r).StratumTable(item, rows), r.T("results.by_place.caption", "min", p.MinCell))
			p.Protected = true
		}
		p.Protected = p.Protected || item.Protected()
		g := &p.Groups[len(p.Groups)-1]
		g.Questions = append(g.Questions, f)
	}
	return nil
}

func (h *staff) figure(r *site.Request, item result.Item, staff bool) figure {
	w := words(r)
	f := figure{
		ID: "d-" + item.Page.Item.Code, Number: item.Page.Number, Text: item.Page.Item.Text.In(r.Lang), Base: base(r, item),
		Measures: w.Summary(item), Table: w.Table(item),
	}
	if item.Page.Item.Type == form.Multiple {
		f.Note = r.T("results.multiple")
	}
	if item.Page.Item.Type.Textual() {
		f.Table.Rows = nil
		if !staff {
			f.Written = r.T("results.written.public")
			return f
		}
		f.Texts = item.Texts
		if len(f.Texts) > textsShown {
			f.Texts, f.More = f.Texts[:textsShown], f.Texts[textsShown:]
		}
		return f
	}
	if item.Answered.N > 0 {
		f.Chart = drawn(w.Chart(f.ID, item))
	}
	return f
}

// drawn is a chart as the pages draw it; nil without bars.
func drawn(c result.Chart) *page.Figure {
	if len(c.Bars) == 0 {
		return nil
	}
	f := page.Figure{ID: c.ID, Title: c.Title, Desc: c.Desc, Caption: c.Key}
	for _, b := range c.Bars {
		f.Bars = append(f.Bars, page.Bar{Label: b.Label, Count: b.Count, Share: b.Share, Strong: b.Strong, Suppressed: b.Protected})
	}
	return &f
}

// base says on how many answers the figures rest, and how many did not give
// one: those who left it blank and those who never saw it apart.
func base(r *site.Request, item result.Item) string {
	if item.Answered.Protected {
		return r.T("results.base.protected", "min", item.MinCell)
	}
	s := r.T("results.base", "n", item.Answered.N)
	if item.NoAnswer.Protected || item.NotShown.Protected {
		return s
	}
	if item.NoAnswer.N > 0 {
		s += ", " + r.T("results.base.blank", "n", item.NoAnswer.N)
	}
	if item.NotShown.N > 0 {
		s += ", " + r.T("results.base.hidden", "n", item.NotShown.N)
	}
	return s
}

// tableOf is a table of figures as the partial draws it.
func tableOf(t result.Table, caption string) *page.Table {
	out := &page.Table{Caption: caption, Stack: true}
	for n, head := range t.Head {
		out.Heads = append(out.Heads, page.Head{Label: head, Right: n > 0})
	}
	rows := func(list []result.TableRow) []page.Row {
		var rows []page.Row
		for _, row := range list {
			cells := []page.Cell{{Text: row.Label}}
			for _, v := range row.Values {
				cells = append(cells, page.Cell{Text: v.Text, Suppressed: v.Protected})
			}
			rows = append(rows, page.Row{Cells: cells})
		}
		return rows
	}
	out.Rows, out.Foot = rows(t.Rows), rows(t.Foot)
	return out
}

func publishForm(r *site.Request, a process.Activity, d document.Document) *publicationForm {
	title := d.Title
	if d.Revision == 0 {
		title = r.T("results.publish.value", "title", a.Title)
	}
	return &publicationForm{
		Revision: d.Revision, stands: d,
		Title: page.Field{ID: "title", Name: "title", Label: r.T("results.publish.label"), Required: true, Max: 200, Value: title},
		Body: page.Field{
			ID: "body", Name: "body", Type: "textarea", Rows: 6, Required: true, Label: r.T("results.publish.body"),
			Hint: r.T("results.publish.body.hint"), Value: d.Body,
		},
	}
}

// keep puts back what was sent, beside the text that stands if that is newer;
// sending it again writes over it knowingly.
func (f *publicationForm) keep(r *site.Request) {
	f.Title.Value, f.Body.Value = r.Value("title"), r.Value("body")
	if revision(r) != f.Revision {
		f.Theirs = &f.stands
	}
}

// revision is that of the text that the form was made from; 0 when the form
// names none.
func revision(r *site.Request) int64 {
	n, err := strconv.ParseInt(r.Value("revision"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
