package e2e

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
)

// chartsAgree fails unless each chart of the page has a title, a description
// and a table, and unless each number of the tables is in the file.
func (p *person) chartsAgree(file string) {
	p.t.Helper()
	type chart struct {
		Name string
		Said bool // title and description
		Rows [][]string
	}
	charts := eval[[]chart](p, `[...document.querySelectorAll('main section[id]')].filter(s => s.querySelector('figure svg')).map(s => ({
		Name: s.querySelector('h3').innerText,
		Said: [...s.querySelectorAll('figure svg')].every(g => g.getAttribute('role') === 'img' && g.querySelector('title')?.textContent && g.querySelector('desc')?.textContent),
		Rows: [...s.querySelectorAll('table')].slice(0, 1).flatMap(t => [...t.tBodies[0].rows].map(r => [...r.cells].map(c => c.innerText.trim()))),
	}))`)
	if len(charts) < 5 {
		p.fail("only %d charts", len(charts))
	}
	res, err := http.Get(p.h.base + file)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	r := csv.NewReader(res.Body)
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = ';', -1, true
	records, err := r.ReadAll()
	if err != nil || len(records) < 20 {
		p.t.Fatalf("%s: %d rows, %v", file, len(records), err)
	}
	for _, c := range charts {
		if !c.Said || len(c.Rows) == 0 {
			p.t.Errorf("the chart of %q has no title, description or table", c.Name)
		}
		for _, row := range c.Rows {
			if !slices.ContainsFunc(records, func(record []string) bool {
				return slices.Contains(record, row[0]) && slices.Contains(record, strings.ReplaceAll(row[1], ".", ""))
			}) {
				p.t.Errorf("%q: the file has no row with %q", c.Name, row)
			}
		}
	}
}
