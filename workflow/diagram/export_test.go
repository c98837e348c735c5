package diagram

// For the tests: how wide a text is at most, how it is broken, and the words.
var (
	Measure = measure
	Wrap    = wrap
	Words   = words
)
