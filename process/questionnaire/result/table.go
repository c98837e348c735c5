package result

import (
	"slices"
	"sort"

	"arengo/process/questionnaire/form"
)

// Value is a cell of a table, ready to be read. A protected one reads
// "protetto".
type Value struct {
	Text      string
	Protected bool
}

// Table is figures as text: Head names the columns, the first being that of
// the labels.
type Table struct {
	Caption string
	Head    []string
	Rows    []TableRow
	Foot    []TableRow
}

// TableRow is one line: its label and one value for each further column.
type TableRow struct {
	Label  string
	Values []Value
}

// ordered gives the cells in the order in which they are shown: choices by how
// many chose them, everything else as asked. With a protected figure among
// them, choices stay as asked too, because the order would tell.
func (i Item) ordered() []Cell {
	cells := slices.Clone(i.Cells)
	if i.Page.Item.Type.Choice() && !i.Protected() {
		sort.SliceStable(cells, func(a, b int) bool { return cells[a].Count.N > cells[b].Count.N })
	}
	return cells
}

// Table is the distribution of an item: each answer, people, percent of those
// who answered. It has no rows for texts.
func (w Words) Table(item Item) Table {
	t := Table{
		Caption: w.caption(item),
		Head:    []string{w.text("answer"), w.text("people"), w.text("percent")},
	}
	for _, c := range item.ordered() {
		t.Rows = append(t.Rows, TableRow{Label: w.label(item, c), Values: []Value{w.count(c.Count), w.share(c)}})
	}
	return t
}

func (w Words) caption(item Item) string {
	if item.Answered.Protected {
		return w.protected()
	}
	return w.text("caption", "n", item.Answered.N)
}

// Summary is who answered and who did not, and the measures of a number or a
// scale.
func (w Words) Summary(item Item) Table {
	row := func(key string, v Value) TableRow { return TableRow{Label: w.text(key), Values: []Value{v}} }
	t := Table{
		Caption: item.Page.Item.Label(w.Lang),
		Head:    []string{w.text("measure"), w.text("value")},
		Rows: []TableRow{
			row("answered", w.count(item.Answered)), row("no_answer", w.count(item.NoAnswer)),
			row("not_shown", w.count(item.NotShown)),
		},
	}
	s := item.Summary
	if s == nil {
		return t
	}
	decimals := item.Page.Item.Decimals
	t.Rows = append(t.Rows, row("n", w.count(s.Count)), row("min", w.figure(s.Min, decimals)),
		row("median", w.figure(s.Median, decimals+1)), row("mean", w.figure(s.Mean, decimals+1)),
		row("max", w.figure(s.Max, decimals)))
	if item.Page.Item.Type == form.Scale {
		t.Rows = append(t.Rows, row("top_two", w.topTwo(s.TopTwo)))
	}
	return t
}

func (w Words) topTwo(f Figure) Value {
	if f.Protected || !f.Exists {
		return w.figure(f, 0)
	}
	return Value{Text: w.Percent(f.Value)}
}

// StratumTable is an item by stratum: a row each, a column for every answer
// and one for those who answered, and everybody in the foot. all is the item
// of all respondents, rows those of Results.ByStratum.
func (w Words) StratumTable(all Item, rows []Item) Table {
	t := Table{Caption: all.Page.Item.Label(w.Lang), Head: []string{w.text("stratum")}}
	for _, c := range all.Cells {
		t.Head = append(t.Head, w.label(all, c))
	}
	t.Head = append(t.Head, w.text("answered"))
	for _, item := range rows {
		t.Rows = append(t.Rows, w.stratumRow(item.Stratum.Name, item))
	}
	t.Foot = []TableRow{w.stratumRow(w.text("total"), all)}
	return t
}

func (w Words) stratumRow(label string, item Item) TableRow {
	row := TableRow{Label: label}
	for _, c := range item.Cells {
		row.Values = append(row.Values, w.count(c.Count))
	}
	row.Values = append(row.Values, w.count(item.Answered))
	return row
}
