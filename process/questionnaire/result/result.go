// Package result turns submitted answers into figures: counts and shares per
// item, summaries of numbers, tables, charts and CSV. Every number that leaves
// it, on whatever medium, comes from the same Item and the same formatting.
//
// Figures obey the minimum cell, whoever reads them: a question that fewer
// answered shows nothing, of everybody neither. In a stratum (a municipality)
// every count under it is protected, together with what would let it be
// recovered by subtraction.
package result

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"sort"

	"arengo/process/questionnaire/form"
)

// The least number of answers that figures may rest on.
const (
	DefaultMinCell = 10
	LowestMinCell  = 3
)

// Row is one submitted response, without any identity: the version of the
// questionnaire that it answered, and the stratum of whoever gave it ("" when
// unknown).
type Row struct {
	Version int
	Stratum string
	Answers form.Answers
}

// Options say how to tabulate.
type Options struct {
	// Versions are the questionnaires that responses may be pinned to, by
	// version; a version that is not here is read as the current one. Items
	// with the same code and type are pooled.
	Versions map[int]*form.Form
	// MinCell is the minimum cell, DefaultMinCell when 0, never under
	// LowestMinCell.
	MinCell int
	// Names are the names of the strata by code; a code without one stands
	// for itself.
	Names map[string]string
	// Rand shuffles texts; nil takes the process's own source.
	Rand *rand.Rand
}

// Results are the figures of one questionnaire. They do not change.
type Results struct {
	form    *form.Form
	minCell int
	total   int
	strata  []Stratum
	tallies map[string]*tally
	order   []string
}

// Stratum is a group of respondents and how many they are.
type Stratum struct {
	Code, Name string
	Count      int
}

// Count is a number of people. A protected one has no number: N is 0.
type Count struct {
	N         int
	Protected bool
}

// Cell is one answer that an item can have, with how many gave it. Share is of
// the item's Answered, 0–1, and 0 when the count is protected.
type Cell struct {
	Code  string
	Label form.Text // of an option or of the way out of a scale
	Step  *int      // of a scale
	Bin   *Bin      // of a number
	Count Count
	Share float64
}

// Item holds the figures of one item, of all respondents or of one stratum.
type Item struct {
	Page    form.Page
	Stratum *Stratum // nil for all respondents
	// Answered is the base of every share. NoAnswer saw the item and left it
	// blank; NotShown never saw it.
	Answered, NoAnswer, NotShown Count
	// Cells are in the order of the questionnaire.
	Cells   []Cell
	Summary *Summary // numbers and scales, nil for the rest
	Texts   []string // free texts in random order
	MinCell int
}

// Protected reports whether any of the item's figures is hidden.
func (i Item) Protected() bool {
	if i.Answered.Protected || i.NoAnswer.Protected || i.NotShown.Protected {
		return true
	}
	return slices.ContainsFunc(i.Cells, func(c Cell) bool { return c.Count.Protected })
}

// Tabulate reads every response once. It fails with the error of the stream,
// or with the fault of a condition.
func Tabulate(f *form.Form, rows iter.Seq2[Row, error], o Options) (*Results, error) {
	if o.MinCell == 0 {
		o.MinCell = DefaultMinCell
	}
	r := &Results{form: f, minCell: max(o.MinCell, LowestMinCell), tallies: map[string]*tally{}}
	for _, page := range f.Pages() {
		if page.Item.Type != form.Note {
			r.tallies[page.Item.Code] = newTally(page, o.Versions)
			r.order = append(r.order, page.Item.Code)
		}
	}
	counts := map[string]int{}
	for row, err := range rows {
		if err != nil {
			return nil, fmt.Errorf("read responses: %w", err)
		}
		if err := r.add(row, o.Versions); err != nil {
			return nil, err
		}
		if row.Stratum != "" {
			counts[row.Stratum]++
		}
	}
	for code, n := range counts {
		name := o.Names[code]
		if name == "" {
			name = code
		}
		r.strata = append(r.strata, Stratum{Code: code, Name: name, Count: n})
	}
	sort.Slice(r.strata, func(i, j int) bool {
		a, b := r.strata[i], r.strata[j]
		return a.Name < b.Name || (a.Name == b.Name && a.Code < b.Code)
	})
	for _, t := range r.tallies {
		t.finish(r.strata, r.minCell, o.Rand)
	}
	return r, nil
}

func (r *Results) add(row Row, versions map[int]*form.Form) error {
	f := versions[row.Version]
	if f == nil {
		f = r.form
	}
	shown, err := f.Relevant(row.Answers)
	if err != nil {
		return fmt.Errorf("tabulate a response to version %d: %w", row.Version, err)
	}
	r.total++
	for _, code := range r.order {
		t := r.tallies[code]
		page, ok := f.Page(code)
		asked := ok && page.Item.Type == t.page.Item.Type && shown[code]
		t.add(row.Stratum, asked, row.Answers[code])
	}
	return nil
}

// Total is the number of responses.
func (r *Results) Total() int { return r.total }

// Few reports whether there are too few responses to show anything of them.
func (r *Results) Few() bool { return r.total < r.minCell }

// MinCell is the minimum cell in force.
func (r *Results) MinCell() int { return r.minCell }

// Strata lists the strata with a response, by name. The counts are of
// responses, not of answers, and are not protected: the page that shows them
// decides.
func (r *Results) Strata() []Stratum { return slices.Clone(r.strata) }

// Items gives every question's figures in order, of one stratum ("" is all
// respondents).
func (r *Results) Items(stratum string) []Item {
	var out []Item
	for _, code := range r.order {
		if item, ok := r.Item(code, stratum); ok {
			out = append(out, item)
		}
	}
	return out
}

// Item gives the figures of one question, of one stratum ("" is all
// respondents); ok is false when either is unknown.
func (r *Results) Item(code, stratum string) (item Item, ok bool) {
	t := r.tallies[code]
	if t == nil {
		return Item{}, false
	}
	if stratum == "" {
		item = t.item(allStrata)
		if item.Answered.N < r.minCell {
			item.shut()
		}
	} else {
		n := slices.IndexFunc(r.strata, func(s Stratum) bool { return s.Code == stratum })
		if n < 0 {
			return Item{}, false
		}
		item = t.item(stratum)
		t.protect(&item, n, r.minCell)
		item.Stratum = &r.strata[n]
	}
	item.MinCell = r.minCell
	return item, true
}

// ByStratum gives one question's figures stratum by stratum, by name.
func (r *Results) ByStratum(code string) []Item {
	var out []Item
	for _, s := range r.strata {
		if item, ok := r.Item(code, s.Code); ok {
			out = append(out, item)
		}
	}
	return out
}
