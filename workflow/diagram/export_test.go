package diagram

// For the tests: how wide a text is at most, and how it is broken.
var (
	Measure = measure
	Wrap    = wrap
)
