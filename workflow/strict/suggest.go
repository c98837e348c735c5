package strict

import "strings"

// Suggest is the remedy: the nearest known word, or the whole list. It begins
// with a space.
func Suggest(word string, list []string) Phrase {
	best, distance := "", 4
	for _, w := range list {
		if d := edits(word, w); d < distance && d*2 <= len(w) {
			best, distance = w, d
		}
	}
	if best != "" {
		return Say(" (did you mean %q?)", best)
	}
	if len(list) == 0 {
		return Say(" (none is declared)")
	}
	return Say(" (known: %s)", strings.Join(list, ", "))
}

// edits is the Levenshtein distance of two words.
func edits(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
