package result

import (
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"

	"arengo/process/questionnaire/form"
)

// allStrata is the key of the sums over everybody; no stratum has it, because
// codes come from territories and are never this character.
const allStrata = "\x00"

// unknown is the stratum of who has none. It is shown nowhere, and is what is
// left of everybody without the strata.
const unknown = ""

// tally collects the answers to one item.
type tally struct {
	page   form.Page
	cells  []Cell         // templates: codes and labels
	place  map[string]int // of a cell, by code
	groups map[string]*group
	hidden [][]bool // by stratum, then cell, the last being Answered
}

// group is the answers of one stratum, or of everybody.
type group struct {
	answered, noAnswer, notShown int
	counts                       []int
	values                       []float64
	texts                        []string
}

func newTally(page form.Page, versions map[int]*form.Form) *tally {
	t := &tally{page: page, place: map[string]int{}, groups: map[string]*group{allStrata: {}}}
	t.declare(page.Item)
	var numbers []int
	for v := range versions {
		numbers = append(numbers, v)
	}
	sort.Ints(numbers)
	for _, v := range numbers {
		if other, ok := versions[v].Page(page.Item.Code); ok && other.Item.Type == page.Item.Type {
			t.declare(other.Item)
		}
	}
	if page.Item.Type == form.Scale {
		t.orderSteps()
	}
	return t
}

// declare adds the cells of an item that are not there yet: an earlier version
// may have had options that the current one dropped.
func (t *tally) declare(item *form.Item) {
	for _, o := range item.Options {
		t.cell(Cell{Code: o.Code, Label: o.Text})
	}
	for _, step := range item.Steps() {
		t.cell(Cell{Code: strconv.Itoa(step), Step: &step})
	}
	if item.Type == form.Scale && !item.Scale.Unsure.Empty() {
		t.cell(Cell{Code: form.Unsure, Label: item.Scale.Unsure})
	}
}

func (t *tally) cell(c Cell) {
	if _, ok := t.place[c.Code]; !ok {
		t.place[c.Code] = len(t.cells)
		t.cells = append(t.cells, c)
	}
}

// orderSteps puts the steps of a scale in order, the way out last.
func (t *tally) orderSteps() {
	sort.SliceStable(t.cells, func(i, j int) bool {
		a, b := t.cells[i].Step, t.cells[j].Step
		return a != nil && (b == nil || *a < *b)
	})
	for n, c := range t.cells {
		t.place[c.Code] = n
	}
}

func (t *tally) add(stratum string, asked bool, a form.Answer) {
	t.groups[allStrata].add(t, asked, a)
	g := t.groups[stratum]
	if g == nil {
		g = &group{}
		t.groups[stratum] = g
	}
	g.add(t, asked, a)
}

func (g *group) add(t *tally, asked bool, a form.Answer) {
	switch {
	case !asked:
		g.notShown++
		return
	case a.Blank() || a.Raw != "":
		g.noAnswer++
		return
	}
	codes, kind := a.List, t.page.Item.Type
	switch {
	case kind.Textual():
		g.texts = append(g.texts, a.Text)
	case kind == form.Number && a.Number != nil:
		g.values = append(g.values, *a.Number)
	case a.Unsure:
		codes = []string{form.Unsure}
	case kind == form.Scale && a.Number != nil:
		g.values = append(g.values, *a.Number)
		codes = []string{a.Input()}
	case kind.One():
		codes = []string{a.Text}
	}
	g.answered++
	for _, code := range codes {
		if n, ok := t.place[code]; ok {
			g.count(n, len(t.cells))
		}
	}
}

func (g *group) count(n, cells int) {
	if g.counts == nil {
		g.counts = make([]int, cells)
	}
	g.counts[n]++
}

// finish sorts what was collected, cuts numbers into bins and decides what is
// protected.
func (t *tally) finish(strata []Stratum, minCell int, rng *rand.Rand) {
	// The ends of the bins are somebody's answers.
	if t.page.Item.Type == form.Number && t.groups[allStrata].answered >= minCell {
		t.cut()
	}
	for _, g := range t.groups {
		if g.counts == nil {
			g.counts = make([]int, len(t.cells))
		}
		sort.Float64s(g.values)
		shuffle(rng, g.texts)
	}
	t.hidden = suppress(t.matrix(strata), minCell, t.page.Item.Type != form.Multiple)
}

func shuffle[T any](rng *rand.Rand, list []T) {
	swap := func(i, j int) { list[i], list[j] = list[j], list[i] }
	if rng == nil {
		rand.Shuffle(len(list), swap)
		return
	}
	rng.Shuffle(len(list), swap)
}

// cut makes the bins from everybody's values, so that the strata have the same.
func (t *tally) cut() {
	bins := Bins(t.groups[allStrata].values, t.page.Item.Decimals == 0)
	t.cells = nil
	for n := range bins {
		t.cells = append(t.cells, Cell{Code: "bin" + strconv.Itoa(n), Bin: &bins[n]})
	}
	for _, g := range t.groups {
		g.counts = make([]int, len(bins))
		for _, v := range g.values {
			g.counts[place(bins, v)]++
		}
	}
}

func (t *tally) item(key string) Item {
	g := t.groups[key]
	item := Item{
		Page: t.page, Answered: Count{N: g.answered}, NoAnswer: Count{N: g.noAnswer}, NotShown: Count{N: g.notShown},
		Texts: slices.Clone(g.texts),
	}
	for n, c := range t.cells {
		c.Count = Count{N: g.counts[n]}
		if g.answered > 0 {
			c.Share = float64(g.counts[n]) / float64(g.answered)
		}
		item.Cells = append(item.Cells, c)
	}
	if t.page.Item.Type.Numeric() {
		item.Summary = summarise(g.values, item)
	}
	return item
}

// matrix is the counts by stratum, those without one last if they answered; the
// last column is how many answered.
func (t *tally) matrix(strata []Stratum) [][]int {
	out := make([][]int, len(strata))
	for n, s := range strata {
		g := t.groups[s.Code]
		out[n] = append(slices.Clone(g.counts), g.answered)
	}
	if g := t.groups[unknown]; g != nil && g.answered > 0 {
		out = append(out, append(slices.Clone(g.counts), g.answered))
	}
	return out
}
