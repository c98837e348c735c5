package roster

// Fold lets tests of the outer package reach it.
func Fold(s string) string { return fold(s) }
