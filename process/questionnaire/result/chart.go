package result

import (
	"slices"
	"strings"

	"arengo/process/questionnaire/form"
)

// Chart is what a bar chart of an item shows. Every number in it is the one in
// the table of the same item.
type Chart struct {
	ID    string // unique in the page; letters, digits, hyphens
	Title string
	Desc  string
	Key   string // what solid and striped bars mean, for the caption
	Bars  []Bar
}

// Bar is one answer. Text is what stands at its end: the percentage, or
// "protetto", and then there is no bar.
type Bar struct {
	Label     string
	Text      string
	Count     int
	Share     float64
	Strong    bool // solid instead of striped
	Protected bool
}

// Chart makes the chart of an item; it has no bars for texts.
func (w Words) Chart(id string, item Item) Chart {
	c := Chart{ID: id, Title: item.Page.Item.Label(w.Lang)}
	cells := item.ordered()
	strong, key := w.strength(item, cells)
	c.Key = w.text(key)
	var spoken []string
	for n, cell := range cells {
		bar := Bar{Label: w.label(item, cell), Count: cell.Count.N, Share: cell.Share, Strong: strong(n)}
		if bar.Text = w.Percent(cell.Share); cell.Count.Protected {
			bar.Text, bar.Strong, bar.Protected = w.protected(), false, true
		}
		spoken = append(spoken, bar.Label+" "+bar.Text)
		c.Bars = append(c.Bars, bar)
	}
	c.Desc = w.text("chart", "base", w.count(item.Answered).Text, "bars", strings.Join(spoken, "; "))
	return c
}

// strength says which bars are solid, and the key of the sentence that says
// so: more than half for multiple choices, the two highest steps of a scale,
// otherwise the most frequent answer. With a protected figure among them only
// "more than half" can be told from what is shown.
func (w Words) strength(item Item, cells []Cell) (func(int) bool, string) {
	most := 0
	for _, c := range cells {
		most = max(most, c.Count.N)
	}
	switch {
	case item.Answered.Protected || most == 0:
		return func(int) bool { return false }, "key_plain"
	case item.Page.Item.Type == form.Scale:
		top := topSteps(cells)
		return func(n int) bool { return slices.Contains(top, n) }, "key_top"
	case item.Page.Item.Type == form.Multiple || item.Protected():
		return func(n int) bool { return cells[n].Share > 0.5 }, "key_half"
	}
	return func(n int) bool { return cells[n].Count.N == most }, "key_most"
}
