package codesign

import (
	"arengo/process/codesign"
	"arengo/web/page"
	"arengo/web/site"
	"arengo/web/sitting"
)

// cardView is a card as pages show it: its table, never its author.
type cardView struct {
	codesign.Card
	Kind   string // in words
	Name   string // of the field of its dots
	ID     string
	Put    int // dots of the person who looks
	Mine   bool
	Open   bool // its form was sent back
	Form   []page.Field
	Why    page.Field
	Turned string // public identifier of the outcome made from it
	Title  string
}

func viewOf(r *site.Request, c codesign.Card) cardView {
	id := sitting.ID(c.ID)
	return cardView{Card: c, Kind: r.T("codesign.card." + c.Kind), ID: id, Name: "punti-" + id, Title: c.Title}
}

// cardFields is the form of a card; the table is asked of those who have none.
func cardFields(r *site.Request, form string, c codesign.Card, tables []codesign.Table, x *sitting.Refusal) []page.Field {
	var kinds, places []page.Choice
	for _, k := range codesign.CardKinds {
		kinds = append(kinds, page.Choice{Value: k, Label: r.T("codesign.card." + k), Selected: c.Kind == k})
	}
	for _, t := range tables {
		places = append(places, page.Choice{Value: sitting.ID(t.ID), Label: t.Name, Selected: c.Table == t.ID})
	}
	out := []page.Field{
		{Name: "kind", Label: r.T("codesign.card.kind"), Type: "select", Choices: kinds, Required: true},
		{Name: "title", Label: r.T("codesign.card.title"), Value: c.Title, Max: 120, Required: true},
		{Name: "body", Label: r.T("codesign.card.body"), Type: "textarea", Rows: 3, Max: 2000, Value: c.Body},
	}
	if len(places) > 0 {
		out = append(out, page.Field{Name: "table", Label: r.T("codesign.table"), Type: "select", Empty: r.T("codesign.table.choose"), Choices: places})
	}
	return x.Keep(form, out...)
}

func cardOf(r *site.Request) (codesign.Card, error) {
	c := codesign.Card{Kind: r.Value("kind"), Title: r.Value("title"), Body: r.Value("body"), Revision: sitting.Revision(r), FormKey: r.FormKey()}
	table, err := tableOf(r.Value("table"))
	c.Table = table
	if id := r.Param("card"); id != "" && err == nil {
		var n int64
		n, err = sitting.Number(id, "codesign.card_gone")
		c.ID = codesign.CardID(n)
	}
	return c, err
}

func tableOf(text string) (codesign.TableID, error) {
	if text == "" {
		return 0, nil
	}
	n, err := sitting.Number(text, "codesign.table_bad")
	return codesign.TableID(n), err
}

// results draws how many dots each card got, with the same numbers in a table.
func results(r *site.Request, cards []codesign.Card, t codesign.Turnout) *page.Figure {
	if t.Dots == 0 {
		return nil
	}
	f := page.Figure{
		ID: "risultati", Title: r.T("codesign.results"), Desc: r.T("codesign.results.desc", "n", t.Dots, "voters", t.Voters),
		Table:     r.T("codesign.results.table", "n", t.Dots, "voters", t.Voters, "registered", t.Registered),
		LabelHead: r.T("codesign.card.name"), CountHead: r.T("codesign.dots"),
	}
	for i, c := range codesign.Ranked(cards) {
		f.Bars = append(f.Bars, page.Bar{Label: c.Title, Count: c.Dots, Share: float64(c.Dots) / float64(t.Dots), Strong: i == 0})
	}
	return &f
}
