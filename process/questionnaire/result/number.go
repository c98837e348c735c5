package result

import (
	"math"
	"strconv"

	"arengo/process/questionnaire/form"
)

// Figure is a number that may be protected, or not exist (nobody answered).
type Figure struct {
	Value     float64
	Exists    bool
	Protected bool
}

// Summary condenses the numeric answers to one item. TopTwo belongs to scales:
// the share, 0–1 of Answered, of the two highest steps.
type Summary struct {
	Count                  Count // answers with a number: without "I cannot say"
	Min, Median, Mean, Max Figure
	TopTwo                 Figure
}

// summarise takes sorted values.
func summarise(values []float64, item Item) *Summary {
	s := &Summary{Count: Count{N: len(values)}}
	if len(values) == 0 {
		return s
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	n := len(values)
	s.Min, s.Max = figure(values[0]), figure(values[n-1])
	s.Mean = figure(sum / float64(n))
	s.Median = figure((values[(n-1)/2] + values[n/2]) / 2)
	if item.Page.Item.Type == form.Scale {
		s.TopTwo = figure(topTwo(item))
	}
	return s
}

func figure(v float64) Figure { return Figure{Value: v, Exists: true} }

func topTwo(item Item) float64 {
	sum := 0
	for _, n := range topSteps(item.Cells) {
		sum += item.Cells[n].Count.N
	}
	return float64(sum) / float64(item.Answered.N)
}

// topSteps gives the places of the two highest steps of a scale.
func topSteps(cells []Cell) []int {
	var steps []int
	for n, c := range cells {
		if c.Step != nil {
			steps = append(steps, n)
		}
	}
	return steps[max(0, len(steps)-2):]
}

// Bin is an interval of values: From is in it, To is not, except in the last.
// A bin of one whole number has Single set.
type Bin struct {
	From, To float64
	Whole    bool
	Single   bool
	Last     bool
}

const maxBins = 12

// Bins cuts the range of values into at most twelve equal intervals whose ends
// are round numbers. Whole numbers in a short range get one bin each.
func Bins(values []float64, whole bool) []Bin {
	if len(values) == 0 {
		return nil
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	if whole && high-low < maxBins {
		var bins []Bin
		for v := low; v <= high; v++ {
			bins = append(bins, Bin{From: v, To: v + 1, Whole: true, Single: true, Last: v == high})
		}
		return bins
	}
	if low == high {
		return []Bin{{From: low, To: high, Single: true, Last: true}}
	}
	width := round((high-low)/8, whole)
	first, last := math.Floor(low/width), math.Floor(high/width)
	if !whole && last*width == high && last > first {
		last-- // the highest value closes the last interval
	}
	var bins []Bin
	for n := first; n <= last; n++ {
		bins = append(bins, Bin{From: tidy(n * width), To: tidy((n + 1) * width), Whole: whole, Last: n == last})
	}
	return bins
}

// round gives the least of 1, 2, 5 times a power of ten that is not less.
func round(width float64, whole bool) float64 {
	if whole && width < 1 {
		width = 1
	}
	power := math.Pow(10, math.Floor(math.Log10(width)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= width {
			return m * power
		}
	}
	return 10 * power
}

// tidy removes what binary arithmetic left behind the twelfth digit.
func tidy(v float64) float64 {
	n, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return n
}

func place(bins []Bin, v float64) int {
	for n, b := range bins {
		if v < b.To || b.Last {
			return n
		}
	}
	return 0
}
