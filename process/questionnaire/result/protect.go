package result

import "arengo/process/questionnaire/form"

// suppress decides which counts of a table of strata (rows) by answers
// (columns, the last one being how many answered) may not be shown.
//
// First every count under the minimum. Then, because the sums over all strata
// are published, and because the answers of one stratum add up to those who
// answered (exhaustive, not for multiple choices), every line in which a
// single count is hidden, or hidden counts that together are under the
// minimum, hides its next smallest one too, until nothing changes. A stratum
// whose Answered is hidden shows nothing.
//
// This is the rule of thumb of two per line. It does not solve for cells that
// several lines together would give away.
func suppress(counts [][]int, minCell int, exhaustive bool) [][]bool {
	hidden := make([][]bool, len(counts))
	for r, row := range counts {
		hidden[r] = make([]bool, len(row))
		for c, n := range row {
			hidden[r][c] = n < minCell
		}
	}
	if len(counts) < 2 {
		coverRows(hidden)
		return hidden
	}
	for changed := true; changed; {
		changed = coverRows(hidden)
		for c := range hidden[0] {
			line := line{minCell: minCell}
			for r := range counts {
				line.put(counts[r][c], &hidden[r][c])
			}
			changed = line.cover() || changed
		}
		for r := range counts {
			if !exhaustive {
				break
			}
			line := line{minCell: minCell}
			for c := range len(counts[r]) - 1 {
				line.put(counts[r][c], &hidden[r][c])
			}
			changed = line.cover() || changed
		}
	}
	return hidden
}

// coverRows hides every answer of the strata whose Answered is hidden.
func coverRows(hidden [][]bool) bool {
	changed := false
	for _, row := range hidden {
		if !row[len(row)-1] {
			continue
		}
		for c := range row {
			changed = changed || !row[c]
			row[c] = true
		}
	}
	return changed
}

// line is counts whose sum is published.
type line struct {
	minCell int
	counts  []int
	hidden  []*bool
}

func (l *line) put(n int, hidden *bool) {
	l.counts, l.hidden = append(l.counts, n), append(l.hidden, hidden)
}

// cover hides the smallest count still shown while what is hidden could be had
// by subtraction; it reports whether it hid anything.
func (l *line) cover() bool {
	changed := false
	for {
		number, sum, smallest := 0, 0, -1
		for i, n := range l.counts {
			switch {
			case *l.hidden[i]:
				number++
				sum += n
			case smallest < 0 || n < l.counts[smallest]:
				smallest = i
			}
		}
		if number == 0 || smallest < 0 || (number > 1 && sum >= l.minCell) {
			return changed
		}
		*l.hidden[smallest] = true
		changed = true
	}
}

// protect blanks the figures of one stratum that may not be shown.
func (t *tally) protect(item *Item, stratum, minCell int) {
	hidden := t.hidden[stratum]
	some := false
	for n := range item.Cells {
		if hidden[n] {
			item.Cells[n].Count, item.Cells[n].Share = Count{Protected: true}, 0
			some = true
		}
	}
	if hidden[len(hidden)-1] {
		item.shut()
		return
	}
	// How many left an item blank says nothing of what anybody answered, so
	// these two are hidden by the minimum alone.
	if item.NoAnswer.N < minCell || item.NotShown.N < minCell {
		item.NoAnswer, item.NotShown = Count{Protected: true}, Count{Protected: true}
	}
	if item.Summary == nil {
		return
	}
	// The lowest and the highest value are one person's each. A mean beside a
	// scale with two hidden steps would give both away.
	item.Summary.Min, item.Summary.Max = Figure{Protected: true}, Figure{Protected: true}
	if some && t.page.Item.Type == form.Scale {
		item.Summary.shut()
	}
}

// shut protects every figure of an item.
func (i *Item) shut() {
	none := Count{Protected: true}
	i.Answered, i.NoAnswer, i.NotShown, i.Texts = none, none, none, nil
	for n := range i.Cells {
		i.Cells[n].Count, i.Cells[n].Share = none, 0
	}
	if i.Summary != nil {
		i.Summary.shut()
	}
}

func (s *Summary) shut() {
	none := Figure{Protected: true}
	*s = Summary{Count: Count{Protected: true}, Min: none, Median: none, Mean: none, Max: none, TopTwo: none}
}
