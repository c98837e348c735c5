package result

import (
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"

	"arengo/process/csvfile"
	"arengo/process/questionnaire/form"
)

// WriteTables writes tables as CSV, as package csvfile does: each table under its caption, an empty line between.
func WriteTables(w io.Writer, tables ...Table) error {
	var lines [][]string
	for n, t := range tables {
		if n > 0 {
			lines = append(lines, []string{""})
		}
		lines = append(lines, []string{t.Caption}, t.Head)
		for _, row := range append(append([]TableRow{}, t.Rows...), t.Foot...) {
			cells := []string{row.Label}
			for _, v := range row.Values {
				cells = append(cells, v.Text)
			}
			lines = append(lines, cells)
		}
	}
	return csvfile.Write(w, lines)
}

// column is one column of the raw answers: an item, or one option of a
// multiple choice.
type column struct {
	item   *form.Item
	option *form.Option
}

// WriteAnswers writes one line a response, in random order and without any
// identity or stratum: a column an item ("q1: its text"), and for multiple
// choices a column an option with 1 or 0, empty where the item was not
// answered. Choices are written as their texts in the language of w.
//
// Every response is held in memory until the last is read, because an order
// that follows the storage would tell who answered when. A nil rng takes the
// process's own source.
func (w Words) WriteAnswers(to io.Writer, f *form.Form, rows iter.Seq2[Row, error], rng *rand.Rand) error {
	var columns []column
	var head []string
	for _, page := range f.Pages() {
		item := page.Item
		name := item.Code + ": " + item.Label(w.Lang)
		switch item.Type {
		case form.Note:
		case form.Multiple:
			for n := range item.Options {
				columns = append(columns, column{item, &item.Options[n]})
				head = append(head, name+": "+item.Options[n].Text.In(w.Lang))
			}
		default:
			columns = append(columns, column{item: item})
			head = append(head, name)
		}
	}
	var lines [][]string
	for row, err := range rows {
		if err != nil {
			return fmt.Errorf("read responses: %w", err)
		}
		line := make([]string, len(columns))
		for n, c := range columns {
			line[n] = w.raw(c, row.Answers[c.item.Code])
		}
		lines = append(lines, line)
	}
	shuffle(rng, lines)
	return csvfile.Write(to, append([][]string{head}, lines...))
}

func (w Words) raw(c column, a form.Answer) string {
	switch {
	case a.Blank():
		return ""
	case c.option != nil:
		if a.Has(c.option.Code) {
			return "1"
		}
		return "0"
	case a.Unsure:
		if c.item.Scale == nil {
			return ""
		}
		return c.item.Scale.Unsure.In(w.Lang)
	case a.Number != nil:
		s := strconv.FormatFloat(*a.Number, 'f', -1, 64)
		return strings.Replace(s, ".", w.T(w.Lang, "page.number.decimal", nil), 1)
	case c.item.Type.One():
		if o := c.item.Option(a.Text); o != nil {
			return o.Text.In(w.Lang)
		}
	}
	return a.Text
}
