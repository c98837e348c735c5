package workflow

import "time"

// Span is a length of time: civil days or exact hours, never both. Zero is
// unset.
type Span struct{ Days, Hours int }

// Date is a civil date without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}
